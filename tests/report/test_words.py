"""Both languages say everything, with the same figures in it."""

import re
from pathlib import Path
from string import Formatter
from typing import get_args

import pytest
from pydantic import BaseModel

import sim.report
from sim.engine.segments import SEGMENTS
from sim.experiments import units
from sim.experiments.groups import METRICS as METRICS_OF_GROUPS
from sim.policies.benefit import Claim, Validity, Who
from sim.report.words import METRICS, TEXT, UNITS, Words, joined, metric, phrase, say
from sim.report.words.groups import INDUSTRIES
from sim.report.words.groups import SEGMENTS as SEGMENT_WORDS
from sim.report.words.meanings import MEANINGS, OF_NAMES, POLICIES, meaning, of_policy
from sim.report.words.reasons import REASONS
from sim.report.words.terms import TERMS
from sim.results.tables import DAILY, MONEY
from sim.scenario.behaviour import (
    Behaviour,
    DropOut,
    Festival,
    Needs,
    OptOut,
    Orders,
    Popularity,
    Preference,
    Reference,
    Refund,
    Stores,
    Units,
)
from sim.scenario.model import Merchant
from sim.scenario.parameters import declared
from sim.scenario.plugins import POLICIES as POLICIES_THAT_SHIP
from sim.state import names
from sim.state.benefits import CLAIM_REASONS

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


PENDING: frozenset[str] = frozenset()
"""Declared parameters without a Chinese meaning: only what is really missing may stand here, and it should be nothing."""


def declared_paths() -> set[str]:
    """Of all that a scenario can declare, the parts that are off by default too; names and industries as `*`."""
    orders = Orders(drop_out=DropOut(), units=Units(), refund=Refund())
    stores = Stores(popularity=Popularity(), preference=Preference(reference=Reference()))
    behaviour = Behaviour(orders=orders, stores=stores, needs=Needs(), opt_out=OptOut(), festivals={"any": Festival()})
    rows = [*declared(behaviour, "behaviour"), *declared(Festival(), "behaviour.festivals.any")]
    rows += declared(Merchant(), "merchants.any")
    for policy in POLICIES_THAT_SHIP.values():
        rows += declared(policy.model_construct(), "policies.any")
    return {OF_NAMES.sub(r"\1.*.", row["path"]) for row in rows}


def optional_parts(model: type[BaseModel], seen: set[type[BaseModel]]) -> set[type[BaseModel]]:
    """All models of parameters below a model, whether they are on or off by default."""
    seen.add(model)
    for field in model.model_fields.values():
        for part in (field.annotation, *get_args(field.annotation)):
            if isinstance(part, type) and issubclass(part, BaseModel) and part not in seen:
                optional_parts(part, seen)
    return seen


def test_every_declared_parameter_has_a_chinese_meaning():
    missing = declared_paths() - set(MEANINGS)
    assert missing - PENDING == set(), "in sim/report/words/meanings.py a Chinese meaning is missing of: " + ", ".join(
        sorted(missing - PENDING)
    )
    assert PENDING - missing == set(), "no longer missing, take them out of PENDING: " + ", ".join(sorted(PENDING - missing))


def test_no_part_of_behaviour_escapes_that_test():
    """Every parameter of every module is among the paths, by its own name."""
    names = {path.rsplit(".", 1)[-1] for path in declared_paths()}
    for model in optional_parts(Behaviour, set()):
        for name, field in model.model_fields.items():
            if isinstance(field.json_schema_extra, dict) and "kind" in field.json_schema_extra:
                assert name in names, f"{model.__name__}.{name}"


def test_no_meaning_is_left_over():
    of_past = {path for path in MEANINGS if path.startswith("past.")}
    assert set(MEANINGS) - declared_paths() - of_past == set()


def test_every_parameter_of_a_policy_that_ships_has_its_words():
    own = {"use", "from", "until", "from_", "use_"}
    expected = {
        f"{name}.{field.alias or parameter}"
        for name, policy in POLICIES_THAT_SHIP.items()
        for parameter, field in policy.model_fields.items()
        if (field.alias or parameter) not in own
    }
    expected |= {
        f"benefit.{part}.{field.alias or parameter}"
        for part, model in (("who", Who), ("claim", Claim), ("valid", Validity))
        for parameter, field in model.model_fields.items()
    }
    assert expected - set(POLICIES) == set(), "missing in sim/report/words/meanings.py: POLICIES"
    assert {key for key in POLICIES if not key.startswith("*")} - expected == set()


def test_every_reason_has_its_words():
    reasons = {*names.REASONS, *names.TASK_REASONS, names.NOT_EFFECTIVE, *names.SHORT_REASONS, *CLAIM_REASONS} - {""}
    assert set(REASONS) == reasons | {"out_of_stock", "group_full"}


def test_every_column_industry_and_segment_has_its_words():
    assert set(DAILY) <= set(METRICS)
    assert set(METRICS_OF_GROUPS) <= set(METRICS)
    assert set(INDUSTRIES) == set(names.INDUSTRIES)
    assert set(SEGMENT_WORDS) == set(SEGMENTS)


def test_what_tables_keep_in_minor_units_is_written_as_money():
    assert {name for name in DAILY if units.is_money(name)} == set(MONEY) & set(DAILY)


def test_what_stands_below_a_parameter_of_a_policy_has_its_meaning_or_the_parameters():
    assert of_policy("benefit", "who.level") == POLICIES["benefit.who.level"]
    assert of_policy("grading", "lines.food.quality.scale") == POLICIES["grading.lines"]
    assert of_policy("own", "who.level") is None


@pytest.mark.parametrize("table", [REASONS, INDUSTRIES, SEGMENT_WORDS, POLICIES, UNITS])
def test_every_name_is_in_both_languages(table):
    for key, words in table.items():
        assert words.en, key
        assert not CHINESE.search(words.en), key
        assert CHINESE.search(words.zh), key


def test_the_glossary_explains_its_terms_in_both_languages():
    for term, means in TERMS:
        assert CHINESE.search(term.zh)
        assert CHINESE.search(means.zh)
        assert means.en.endswith(".")
        assert means.zh.endswith("。")


def test_a_parameter_of_a_merchant_is_known_by_any_name():
    assert meaning("merchants.my-shop.goods_cost", "cost of goods").zh == "商品成本占标价的比例"
    assert meaning("merchants.my-shop.own", "my own") == Words("my own", "my own")
