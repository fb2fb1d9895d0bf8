"""Scenario files are read with their places, laid over one another, and refused in words that say where and why."""

import datetime as dt
import json
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from yaml.reader import Reader

from sim.errors import BadInput
from sim.scenario import compose
from sim.scenario.source import Place, Tree, dotted, read_scenario, survey

quick = settings(max_examples=60, deadline=None)


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def write(name: str, content: str | bytes) -> str:
    file = Path(name)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return name


def read(text: str | bytes, *sets: str) -> Tree:
    return read_scenario(write("a.yaml", text), sets=sets)


def refused(path: str = "a.yaml", overlays: tuple[str, ...] = (), sets: tuple[str, ...] = ()) -> list[str]:
    with pytest.raises(BadInput) as error:
        read_scenario(path, overlays, sets)
    return [str(problem) for problem in error.value.problems]


def wrong(text: str | bytes, *sets: str) -> list[str]:
    write("a.yaml", text)
    return refused(sets=sets)


# ---- scalars


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("5", 5),
        ("+5", 5),
        ("-5", -5),
        ("50_000_000", 50_000_000),
        ("18446744073709551615", 2**64 - 1),
        ("1e-3", 0.001),
        ("1E5", 100_000.0),
        (".5", 0.5),
        ("-.5", -0.5),
        ("5.", 5.0),
        ("1_000.25", 1000.25),
        (".inf", float("inf")),
        ("-.inf", float("-inf")),
        ("true", True),
        ("False", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("no", "no"),
        ("yes", "yes"),
        ("on", "on"),
        ("off", "off"),
        ("y", "y"),
        ("007", "007"),
        ("00.5", "00.5"),
        ("12:30:00", "12:30:00"),
        ("09:00", "09:00"),
        ("2023-09-01", dt.date(2023, 9, 1)),
        ("2023-9-1", "2023-9-1"),
        ("2021-11-01T00:00:00", "2021-11-01T00:00:00"),
        ("0x1F", "0x1F"),
        ("1,000", "1,000"),
        ("1.2.3", "1.2.3"),
        ("nan", "nan"),
        ("٣", "٣"),  # a digit to Unicode, not to a scenario
        ("=", "="),
        ("'5'", "5"),
        ('"true"', "true"),
        ("!!str 5", "5"),
        ("! 5", "5"),
    ],
)
def test_yaml_means_what_people_mean(written, meant):
    value = read(f"a: {written}\n").data["a"]
    assert value == meant
    assert type(value) is type(meant)


def test_a_number_too_large_and_a_day_in_no_calendar_are_said_to_be_so():
    assert wrong("a: 1e400\nb: 18446744073709551616\nc: 2023-02-30\n") == [
        "a.yaml:1:4: a: 1e400 is too large: numbers go up to about 1.8e308",
        "a.yaml:2:4: b: 18446744073709551616 is too large: whole numbers are below 2 to the power of 64",
        "a.yaml:3:4: c: 2023-02-30 is not a day of the calendar (a date is YYYY-MM-DD; a text is put in quotes)",
    ]
    assert len(wrong(f"a: {'9' * 10_000}\n")) == 1


# Characters that YAML takes for line breaks are folded, and some may not stand in it at all.
any_text = st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp")), max_size=30).filter(
    lambda text: not Reader.NON_PRINTABLE.search(text) and "\ufeff" not in text
)
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**64) + 1, 2**64 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    st.dates(),
    any_text,
)


def as_yaml(value: object) -> str:
    return value.isoformat() if isinstance(value, dt.date) else json.dumps(value, ensure_ascii=False)


@quick
@given(scalars)
def test_scalars_come_back_as_they_were_written(value):
    back = read(f"a: {as_yaml(value)}\n").data["a"]
    assert (type(back), back) == (type(value), value)


@quick
@given(scalars)
def test_a_scalar_by_set_is_the_scalar_in_a_file(value):
    assert read("a: 1\n", f"a={as_yaml(value)}").data["a"] == value


# ---- places


def leaves(data: object, path: tuple = ()) -> Iterator[tuple[tuple, object]]:
    """Every path of a tree with its value, the inner ones included."""
    if path:
        yield path, data
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for part, below in items:
        yield from leaves(below, (*path, part))


keys = st.text("abcdefgh世é", min_size=1, max_size=6)
trees = st.dictionaries(
    keys,
    st.recursive(
        st.integers(0, 999), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3), max_leaves=8
    ),
    min_size=1,
    max_size=4,
)


@quick
@given(trees, st.sampled_from([None, False, True]), st.sampled_from(["", "\ufeff", "# a comment\n\n"]), st.booleans())
def test_a_place_points_at_the_text_of_its_key(data, flow, before, crlf):
    text = before + yaml.safe_dump(data, default_flow_style=flow, allow_unicode=True, width=10**6)
    tree = read(text.replace("\n", "\r\n") if crlf else text)
    lines = text.removeprefix("\ufeff").split("\n")
    assert tree.data == data
    for path, value in leaves(data):
        _, line, column = tree.place(path)
        if isinstance(path[-1], str):
            assert lines[line - 1][column - 1 :].startswith(path[-1])
        if isinstance(value, int):
            _, line, column = tree.value_place(path)
            assert lines[line - 1][column - 1 :].startswith(str(value))


def test_a_place_that_is_not_there_is_that_of_its_nearest_ancestor():
    tree = read("a:\n  b: 1\n  c: [x, {d: 2}]\n")
    assert tree.place(("a", "b", "nothing")) == Place("a.yaml", 2, 3)
    assert tree.place(("a", "nothing", 3)) == Place("a.yaml", 1, 1)
    assert tree.place(("a", "c", 1)) == Place("a.yaml", 3, 10)
    assert tree.place(("a", "c", 1, "d")) == Place("a.yaml", 3, 11)
    assert tree.keys_place(("a", "c", 1), "d") == Place("a.yaml", 3, 11)
    assert tree.value_place(("a", "c", 1, "d")) == Place("a.yaml", 3, 14)
    assert str(tree.place(("a", "c", 7))) == "a.yaml:3:3"


def test_places_and_folders_are_kept_through_extends_overlays_and_sets():
    write("base/base.yaml", "log: base.csv\nshop:\n  price: 1\n  cost: 1\n")
    write("top.yaml", "extends: base/base.yaml\nshop:\n  price: 2\n")
    write("over/over.yaml", "extra: over.csv\n")
    tree = read_scenario("top.yaml", ["over/over.yaml"], ["shop.rate=3", "new.file=x.csv"])
    assert tree.data == {
        "log": "base.csv",
        "shop": {"price": 2, "cost": 1, "rate": 3},
        "extra": "over.csv",
        "new": {"file": "x.csv"},
    }
    assert tree.place(("shop", "cost")) == Place("base/base.yaml", 4, 3)
    assert tree.place(("shop", "price")) == Place("top.yaml", 3, 3)
    assert tree.place(("shop",)) == Place("top.yaml", 2, 1)
    assert tree.place(()) == Place("top.yaml", 1, 1)
    assert str(tree.place(("shop", "rate"))) == "--set shop.rate=3"
    assert str(tree.place(("new",))) == "--set new.file=x.csv"
    assert tree.base(("log",)) == Path("base")
    assert tree.base(("shop", "price")) == Path()
    assert tree.base(("extra",)) == Path("over")
    assert tree.base(("new", "file")) == Path()
    assert [(file.file, len(file.sha256)) for file in tree.files] == [
        ("top.yaml", 64),
        ("base/base.yaml", 64),
        ("over/over.yaml", 64),
    ]


def test_a_path_is_written_on_one_line():
    assert dotted(("merchants", "shop", "tags", 2, "a")) == "merchants.shop.tags[2].a"
    assert dotted(("a\nb", "", "cs.service")) == "'a\\nb'.''.cs.service"


# ---- files over files

# Keys m* always hold maps and s* never do: a scalar that replaces a map in between would cut off what lies below it.
shaped = st.recursive(
    st.dictionaries(
        st.sampled_from(["s1", "s2", "s3"]), st.integers(0, 9) | st.lists(st.integers(0, 9), max_size=2), max_size=2
    ),
    lambda inner: st.builds(
        lambda maps, plain: plain | maps,
        st.dictionaries(st.sampled_from(["m1", "m2"]), inner, max_size=2),
        st.dictionaries(st.sampled_from(["s1", "s2", "s3"]), st.integers(0, 9), max_size=2),
    ),
    max_leaves=5,
)


def laid_over(under: dict, over: dict) -> dict:
    """The rule, written once more as simply as it goes."""
    both = [k for k in under if k in over and isinstance(under[k], dict) and isinstance(over[k], dict)]
    return under | over | {k: laid_over(under[k], over[k]) for k in both}


def read_files(files: dict[str, dict], main: str, *overlays: str) -> dict:
    with tempfile.TemporaryDirectory() as folder:
        for name, content in files.items():
            Path(folder, name).write_text(json.dumps(content), encoding="utf-8")
        return read_scenario(os.path.join(folder, main), [os.path.join(folder, name) for name in overlays]).data


@quick
@given(shaped, shaped, shaped)
def test_later_files_win_and_the_file_itself_wins_over_all_that_it_extends(a, b, c):
    files = {"a": a, "b": b, "c": {"extends": ["a", "b"]} | c}
    assert read_files(files, "c") == laid_over(laid_over(a, b), c)


@quick
@given(shaped, shaped, shaped)
def test_merging_is_associative(a, b, c):
    files = {
        "a": a,
        "b": b,
        "c": c,
        "ab": {"extends": ["a", "b"]},
        "bc": {"extends": ["b", "c"]},
        "left": {"extends": ["ab", "c"]},
        "right": {"extends": ["a", "bc"]},
    }
    assert read_files(files, "left") == read_files(files, "right") == read_files(files, "a", "b", "c")


@quick
@given(shaped)
def test_a_file_over_itself_changes_nothing(a):
    assert read_files({"a": a, "same": a}, "a", "same", "a") == a


def test_lists_and_scalars_replace_and_cut_off_what_lies_below():
    files = {"a": {"m": {"x": 1}, "l": [1, 2]}, "b": {"m": 5, "l": [3]}, "c": {"m": {"y": 2}}}
    assert read_files(files, "a", "b") == {"m": 5, "l": [3]}
    assert read_files(files, "a", "b", "c") == {"m": {"y": 2}, "l": [3]}


def test_of_two_files_with_the_same_base_the_second_does_not_undo_the_first():
    files = {
        "base": {"price": 1, "fee": 1},
        "dear": {"extends": "base", "price": 2},
        "fees": {"extends": "base", "fee": 3},
        "both": {"extends": ["dear", "fees"]},
    }
    assert read_files(files, "both") == {"price": 2, "fee": 3}
    assert read_files(files, "dear", "fees") == {"price": 2, "fee": 3}


def test_a_file_is_read_once_and_is_named_as_it_was_first_asked_for():
    write("base.yaml", "a: 1\n")
    write("in/x.yaml", "extends: ../base.yaml\n")
    write("in/y.yaml", "extends: ../base.yaml\n")
    write("main.yaml", "extends: [in/x.yaml, in/y.yaml]\n")
    assert [file.file for file in read_scenario("main.yaml").files] == ["main.yaml", "in/x.yaml", "base.yaml", "in/y.yaml"]


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


# ---- --set


@quick
@given(trees, st.data())
def test_a_set_changes_its_own_value_and_nothing_else(data, draw):
    def named(path: tuple) -> str:
        return ".".join(map(str, path))

    path = draw.draw(st.sampled_from([path for path, _ in leaves(data)]))
    tree = read(json.dumps(data), f"{named(path)}='new'")
    expected = dict(leaves(data))
    for where, value in leaves(tree.data):
        if where == path:
            assert value == "new"
        elif where != path[: len(where)]:
            assert value == expected[where]
    assert str(tree.place(path)) == f"--set {named(path)}='new'"


def test_sets_take_yaml_quoted_keys_positions_and_make_maps():
    tree = read("a: {b: [1, 2]}\nn:\n", "a.b.1=[3]", 'c."cs.service".rate=1e-1', "n.x=on", "e=", "a={d: 2023-09-01}", "u=a=b")
    assert tree.data == {
        "a": {"b": [1, [3]], "d": dt.date(2023, 9, 1)},
        "n": {"x": "on"},
        "c": {"cs.service": {"rate": 0.1}},
        "e": None,
        "u": "a=b",
    }


def test_sets_that_cannot_be_laid_are_all_refused():
    form = "must be KEY=VALUE, with dots between the keys: --set policies.caps.store_days=3"
    sets = ("days", "=3", "a..b=1", "a.=1", "a.b.c=1", "l.2=1", "l.-1=1", "l.x=1", "l.9999999999999999999999=1", "q={", "k=1\0")
    assert wrong("a: {b: 1}\nl: [1, 2]\n", *sets, "extends=b.yaml", ".".join("a" * 2000) + "=1")[:12] == [
        f"--set days: {form}",
        f"--set =3: {form}",
        f"--set a..b=1: {form}",
        f"--set a.=1: {form}",
        "--set a.b.c=1: a.b is no map, it is 1 (a.yaml:1:5)",
        "--set l.2=1: l is a list: '2' is not one of its positions (0 to 1)",
        "--set l.-1=1: l is a list: '-1' is not one of its positions (0 to 1)",
        "--set l.x=1: l is a list: 'x' is not one of its positions (0 to 1)",
        "--set l.9999999999999999999999=1: l is a list: '9999999999999999999999' is not one of its positions (0 to 1)",
        "--set q={: broken YAML: a value is missing before this",
        "--set 'k=1\\x00': broken YAML: the character U+0000 cannot stand in a scenario",
        "--set extends=b.yaml: 'extends' can only be given in a file",
    ]


# ---- mistakes


def test_every_mistake_of_every_file_is_told_at_once_in_reading_order():
    write("main.yaml", "extends: [other.yaml, othr.yaml, folder, 5]\nb: {x: 1, x: 2}\n")
    write("other.yaml", "b: 1\nb: 2\nextends: main.yaml\n")
    write("folder/file", "")
    write("broken.yaml", "a: [1\n")
    assert refused("main.yaml", ("missing.yaml", "broken.yaml"), ("days",)) == [
        "missing.yaml: there is no such file",
        "main.yaml:1:23: extends: othr.yaml: there is no such file - did you mean 'other.yaml'?",
        "main.yaml:1:34: extends: folder: is a folder: name a file in it",
        "main.yaml:1:42: extends[3]: must be the name of a file, or a list of such names",
        "main.yaml:2:11: b.x: given twice: the first is at main.yaml:2:5",
        "other.yaml:2:1: b: given twice: the first is at other.yaml:1:1",
        "other.yaml:3:10: extends: a circle: main.yaml -> other.yaml -> main.yaml",
        "broken.yaml:2:1: broken YAML: the list that begins at 1:4 needs a ',' or its closing bracket here",
        "--set days: must be KEY=VALUE, with dots between the keys: --set policies.caps.store_days=3",
    ]


def test_what_could_be_read_is_kept_beside_the_mistakes():
    write("a.yaml", "extends: nowhere.yaml\nb: 1\nb: 2\nc: 3\n")
    tree = survey("a.yaml")
    assert tree.data == {"b": 1, "c": 3}
    assert len(tree.problems) == 2
    assert not tree.complete
    write("b.yaml", "b: 1\nb: 2\n")
    assert survey("b.yaml").complete


def test_a_circle_names_its_ring_only():
    write("a.yaml", "extends: b.yaml\n")
    write("b.yaml", "x: 1\nextends:\n  - c.yaml\n")
    write("c.yaml", "extends: b.yaml\n")
    write("own.yaml", "extends: own.yaml\n")
    assert refused() == ["c.yaml:1:10: extends: a circle: b.yaml -> c.yaml -> b.yaml"]
    assert refused("own.yaml") == ["own.yaml:1:10: extends: a circle: own.yaml -> own.yaml"]


def test_a_chain_of_files_has_an_end():
    for i in range(200):
        write(f"{i}.yaml", f"extends: {i + 1}.yaml\n")
    assert refused("0.yaml") == ["49.yaml:1:10: extends: more than 50 files extend one another"]


def test_a_missing_scenario_a_folder_and_what_is_no_file_name():
    Path("folder").mkdir()
    write("scenario.yaml", "a: 1\n")
    assert refused("scenaro.yaml") == ["scenaro.yaml: there is no such file - did you mean 'scenario.yaml'?"]
    assert refused("folder") == ["folder: is a folder: name a file in it"]
    assert refused("scenario.yaml/x") == ["scenario.yaml/x: there is no such file"]
    words = "must be the name of a file, or a list of such names"
    assert wrong("extends:\n") == [f"a.yaml:1:9: extends: {words}"]
    assert wrong('extends: "a\\0b"\n') == [f"a.yaml:1:10: extends: {words}"]
    assert wrong("extends: {a: b}\n") == [f"a.yaml:1:10: extends: {words}"]
    assert len(wrong(f"extends: {'x' * 5000}\n")) == 1


def test_a_file_that_may_not_be_read(monkeypatch):
    def refuse(_: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    write("a.yaml", "a: 1\n")
    monkeypatch.setattr(Path, "read_bytes", refuse)
    assert refused() == ["a.yaml: cannot be read: Permission denied"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "1:1: the file is empty: a scenario is a map of keys and values"),
        (b"# only a comment\n", "1:1: the file is empty: a scenario is a map of keys and values"),
        (b"---\n", "1:1: the file is empty: a scenario is a map of keys and values"),
        (b"\xef\xbb\xbf", "1:1: the file is empty: a scenario is a map of keys and values"),
        (b"- a\n", "1:1: the file holds a list: a scenario is a map of keys and values ('key: value')"),
        (b"\n abc\n", "2:2: the file holds a single value: a scenario is a map of keys and values ('key: value')"),
        (b"a: 1\nb: caf\xe9\n", "2:7: not UTF-8 text: byte 0xe9 at offset 11; save the file as UTF-8"),
        (b"\xef\xbb\xbfa: \xff", "1:4: not UTF-8 text: byte 0xff at offset 6; save the file as UTF-8"),
        ("a: 1\n".encode("utf-16"), "1:1: not UTF-8 text: byte 0xff at offset 0; save the file as UTF-8"),
        (b"a: 1\nb: \x07\n", "2:4: broken YAML: the character U+0007 cannot stand in a scenario"),
        (b"a: 1\n---\nb: 2\n", "2:1: a second document begins here ('---'): a file holds one"),
    ],
)
def test_files_that_hold_no_scenario(content, words):
    assert wrong(content) == [f"a.yaml:{words}"]


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


def test_another_plug_in_inherits_no_parameters(tmp_path: Path) -> None:
    (tmp_path / "base.yaml").write_text("p: {use: caps, limit: 3}\nq: {use: caps, limit: 3}\n", encoding="utf-8")
    (tmp_path / "a.yaml").write_text("extends: base.yaml\np: {use: other}\nq: {use: caps, days: 2}\n", encoding="utf-8")
    data = read_scenario(tmp_path / "a.yaml").data
    assert data == {"p": {"use": "other"}, "q": {"use": "caps", "limit": 3, "days": 2}}
