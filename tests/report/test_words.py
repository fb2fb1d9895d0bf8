"""Both languages say everything, with the same figures in it."""

import re
from pathlib import Path
from string import Formatter

import pytest

import sim.report
from sim.report.words import METRICS, TEXT, Words, joined, metric, phrase, say

CHINESE = re.compile("[一-鿿]")
PUNCTUATION = re.compile(
    r"[\W\d_]*|.*\{low\} 至 \{high\}|.*\{base\}：\{value\}|.*\{arm\}（\{value\}）|\{metric\}.*|\{words\} \{code\}"
)


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize(("key", "words"), [*TEXT.items(), *METRICS.items()])
def test_every_key_has_both_languages_with_the_same_fields(key, words):
    assert words.en
    assert words.zh or not words.en.strip(), key
    assert fields(words.en) == fields(words.zh)
    assert not CHINESE.search(words.en)
    assert CHINESE.search(words.zh) or PUNCTUATION.fullmatch(words.zh), key


def test_no_text_is_left_over():
    folder = Path(sim.report.__file__).parent
    files = [path for path in folder.rglob("*") if path.suffix in {".py", ".j2"} and path.parent.name != "words"]
    sources = "".join(path.read_text(encoding="utf-8") for path in files)
    composed = tuple(re.findall(r"f[\"']([a-z]+_)\{", sources))
    unused = [key for key in TEXT if f'"{key}"' not in sources and f"'{key}'" not in sources and not key.startswith(composed)]
    assert unused == []


def test_values_are_escaped_and_go_into_both_sides():
    assert say("money_base", base="<b>", value=3) == ('<span lang="en">&lt;b&gt;: 3</span><span lang="zh">&lt;b&gt;：3</span>')


def test_parts_are_joined_in_each_language():
    both = joined("list", [Words("a", "甲"), "b"])
    assert both == Words("a, b", "甲、b")
    assert phrase("is_higher", arms=both) == Words("higher with a, b", "甲、b更高")


def test_an_unknown_metric_keeps_its_own_name():
    assert metric("my_own_count") == Words("my own count", "my own count")
