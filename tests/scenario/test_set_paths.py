"""`--set` changes one value, or says why it cannot."""

import datetime as dt
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reading import leaves, quick, read, trees, wrong

pytestmark = pytest.mark.usefixtures("in_a_folder_of_its_own")


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
