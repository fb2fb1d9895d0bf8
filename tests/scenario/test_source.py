"""Scenario files are read with their places, and refused in words that say where and why."""

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from reading import leaves, quick, read, refused, trees, write, wrong

from sim.scenario.source import Place, dotted, read_scenario, survey

pytestmark = pytest.mark.usefixtures("in_a_folder_of_its_own")


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
