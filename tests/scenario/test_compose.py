"""YAML is taken as people mean it, or refused in plain words."""

import tempfile
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from reading import leaves, quick, read, wrong

from sim.scenario import compose
from sim.scenario.source import Place, survey

pytestmark = pytest.mark.usefixtures("in_a_folder_of_its_own")


def test_merge_keys_fill_in_what_the_map_does_not_say():
    tree = read("d: &d {x: 1, y: 2}\ne: {<<: *d, y: 3}\nf: {<<: [*d, {x: 7, z: 1}]}\n'<<': 5\n")
    assert tree.data == {"d": {"x": 1, "y": 2}, "e": {"x": 1, "y": 3}, "f": {"x": 1, "y": 2, "z": 1}, "<<": 5}
    assert tree.place(("e", "x")) == Place("a.yaml", 1, 8)
    assert tree.place(("e", "y")) == Place("a.yaml", 2, 13)


def test_an_alias_is_a_copy_that_keeps_its_own_key():
    tree = read("a: &a [1, {b: 2}]\nc: *a\n", "c.1.b=3")
    assert tree.data == {"a": [1, {"b": 2}], "c": [1, {"b": 3}]}
    assert tree.place(("c",)) == Place("a.yaml", 2, 1)
    assert tree.data["a"] is not tree.data["c"]


COLON = "a ':' cannot stand here: check the indentation, or put a text that contains ': ' in quotes"
STRAY = "this does not fit into the {} that begins at {}: check the indentation and the quotes"


@pytest.mark.parametrize("loader", [pytest.param(compose.LOADER, id="C"), pytest.param(yaml.SafeLoader, id="Python")])
@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: 1\n b: 2\n", f"2:3: {COLON}"),
        ("a: b: c\n", f"1:5: {COLON}"),
        ("a: 1\nb\n", "2:1: a key needs a ':' after it"),
        ("a:\n\tb: 1\n", "2:1: a tab stands here: use spaces"),
        ("a:\n  b: 1\n\tc: 2\n", "3:1: a tab stands here: use spaces"),
        ("a: 'x\nb: 2\n", "1:4: this quote is never closed"),
        ("a: [1,2\nb: 3\n", "2:2: the list that begins at 1:4 needs a ',' or its closing bracket here"),
        ("a: {x: 1\n", "2:1: the map that begins at 1:4 needs a ',' or its closing bracket here"),
        ("a: [1,,2]\n", "1:7: a value is missing before this"),
        ("a: @x\n", "1:4: a value cannot begin with '@': put the text in quotes"),
        ("世界: 1\né: %\n", "2:4: a value cannot begin with '%': put the text in quotes"),
        ("a:\n   b: 1\n  c: 2\n", f"3:3: {STRAY.format('map', '1:1')}"),
        ("a: 'it's'\n", f"1:8: {STRAY.format('map', '1:1')}"),
        ("- a\nb: 1\n", f"2:1: {STRAY.format('list', '1:1')}"),
        ("a: - b\n", "1:4: a '-' cannot stand here: a list begins on a line of its own"),
    ],
)
def test_broken_yaml_in_plain_words_by_either_parser(monkeypatch, loader, text, words):
    monkeypatch.setattr(compose, "LOADER", loader)
    place, _, words = words.partition(" ")
    assert wrong(text) == [f"a.yaml:{place} broken YAML: {words}"]


@quick
@given(st.text("ab:-[]{},&*!|>'\"%@`#?\n\t 19.~<", max_size=25))
def test_no_text_at_all_is_met_with_anything_but_bad_input(text):
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "a.yaml")
        file.write_text(text, encoding="utf-8")
        tree = survey(file)
        assert isinstance(tree.data, dict)
        assert all("\n" not in str(problem) for problem in tree.problems)


@quick
@given(st.binary(max_size=20))
def test_no_bytes_at_all_are_met_with_anything_but_bad_input(data):
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "a.yaml")
        file.write_bytes(data)
        survey(file)


def test_keys_are_text_and_given_once():
    assert wrong("1: a\nno: b\ntrue: c\n2020-01-01: d\n[x]: e\n~: f\ng: {5: 1, 5: 2}\n'5': h\n") == [
        "a.yaml:1:1: the key 1 is not text: put it in quotes",
        "a.yaml:3:1: the key true is not text: put it in quotes",
        "a.yaml:4:1: the key 2020-01-01 is not text: put it in quotes",
        "a.yaml:5:1: a key is a text, not a map or a list",
        "a.yaml:6:1: the key ~ is not text: put it in quotes",
        "a.yaml:7:5: g: the key 5 is not text: put it in quotes",
        "a.yaml:7:11: g: the key 5 is not text: put it in quotes",
        "a.yaml:7:11: g.5: given twice: the first is at a.yaml:7:5",
    ]


def test_tags_and_merge_keys_that_are_not_supported():
    assert wrong("a: !!python/object:os.system 1\nb: !!set {x}\nc: !!int '5'\nd: {<<: 5}\ne: &e {}\nf: {<<: *e, <<: *e}\n") == [
        "a.yaml:1:4: a: the tag !!python/object:os.system is not supported: write the value without it",
        "a.yaml:2:4: b: the tag !!set is not supported: write the value without it",
        "a.yaml:3:4: c: the tag !!int is not supported: write the value without it",
        "a.yaml:4:9: d.<<: '<<' takes an alias of a map, or a list of such aliases",
        "a.yaml:6:13: f.<<: given twice: write '<<: [*one, *two]'",
    ]


def test_aliases_that_lead_nowhere_or_into_themselves():
    assert wrong("a: &a [*a]\nb: *none\nc: &c {d: {e: *c}}\n") == [
        "a.yaml:1:8: a[0]: the alias *a stands inside its own anchor &a",
        "a.yaml:2:4: b: the alias *none has no anchor &none before it",
        "a.yaml:3:15: c.d.e: the alias *c stands inside its own anchor &c",
    ]


def test_an_alias_bomb_is_refused_before_it_goes_off():
    bomb = "a0: &a0 [x, x]\n" + "".join(f"a{i + 1}: &a{i + 1} [{', '.join([f'*a{i}'] * 10)}]\n" for i in range(30))
    assert wrong(bomb) == ["a.yaml:7:20: with its aliases written out this is more than 1,000,000 values"]
    merges = f"a: &a {{{', '.join(f'k{i}: 1' for i in range(1000))}}}\n" + "".join(f"b{i}: {{<<: *a}}\n" for i in range(1500))
    assert "more than 1,000,000 values" in wrong(merges)[0]


def test_depth_has_a_limit_for_brackets_and_for_aliases():
    words = "more than 100 maps and lists inside one another"
    assert wrong(f"a: {'[' * 200_000}") == [f"a.yaml:1:104: {words}"]
    ladder = "a0: &a0 [1]\n" + "".join(f"a{i + 1}: &a{i + 1} [*a{i}]\n" for i in range(5000))
    assert wrong(ladder) == [f"a.yaml:101:7: {words}"]
    assert len(list(leaves(read(f"a: {'[' * 90}{']' * 90}\n").data))) == 90
