"""Files are laid over one another, in the order of what they extend."""

import json
import os
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reading import quick, refused, write

from sim.scenario.source import read_scenario

pytestmark = pytest.mark.usefixtures("in_a_folder_of_its_own")


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


def test_another_plug_in_inherits_no_parameters(tmp_path: Path) -> None:
    (tmp_path / "base.yaml").write_text("p: {use: caps, limit: 3}\nq: {use: caps, limit: 3}\n", encoding="utf-8")
    (tmp_path / "a.yaml").write_text("extends: base.yaml\np: {use: other}\nq: {use: caps, days: 2}\n", encoding="utf-8")
    data = read_scenario(tmp_path / "a.yaml").data
    assert data == {"p": {"use": "other"}, "q": {"use": "caps", "limit": 3, "days": 2}}
