"""What a grid varies, in whatever way it is given, and what is wrong with it told before anything runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import sim
from sim.errors import BadInput
from sim.experiments.grid import factors, points
from sim.scenario.load import Scenario, load

SCENARIOS = Path(__file__).parents[2] / "scenarios"


@pytest.fixture(scope="module")
def market() -> Scenario:
    return load(SCENARIOS / "market.yaml")


def levels(grid: Any) -> dict[str, list[Any]]:
    return {factor.path: [level.value for level in factor.levels] for factor in factors(grid)}


def problems(market: Scenario, grid: Any) -> list[str]:
    with pytest.raises(BadInput) as told:
        points(market, factors(grid))
    return list(map(str, told.value.problems))


@pytest.mark.parametrize(
    ("text", "path", "values"),
    [
        ("policies.caps.store_days=1,3, 7", "policies.caps.store_days", [1, 3, 7]),
        ("behaviour.stores.browse=1e-2,.5", "behaviour.stores.browse", [0.01, 0.5]),
        ("policies.caps.from=2023-10-01,2023-11-01", "policies.caps.from", ["2023-10-01", "2023-11-01"]),
        ('merchants."a.b".count=1,2', 'merchants."a.b".count', [1, 2]),
        ("a.days=[0, 2],[1]", "a.days", ["[0, 2]", "[1]"]),
        ("policies.caps={store_days: 3, store_limit: 1},null", "policies.caps", ["{store_days: 3, store_limit: 1}", "null"]),
        ("a.b='x, y',\"z\"", "a.b", ["x, y", "z"]),
        ("a.b=it's,so", "a.b", ["it's", "so"]),
    ],
)
def test_values_stand_between_commas_that_are_in_no_bracket_and_no_quotes(text: str, path: str, values: list[Any]) -> None:
    assert levels([text]) == {path: values}


def test_options_a_map_and_a_file_say_the_same(tmp_path: Path) -> None:
    expected = {"policies.caps.store_days": [1, 3], "start": ["2023-09-01", "2023-10-01"]}
    file = tmp_path / "grid.yaml"
    file.write_text("policies.caps.store_days: [1, 3]\nstart: [2023-09-01, 2023-10-01]\n")
    assert levels(["policies.caps.store_days=1,3", "start=2023-09-01,2023-10-01"]) == expected
    assert levels(expected) == expected
    assert levels([str(file)]) == expected


def test_points_are_all_combinations_each_the_scenario_that_set_would_make(market: Scenario) -> None:
    found = points(market, factors({"policies.caps.store_days": [1, 7], "consumers": [10, 20, 30]}))
    assert [point.levels for point in found] == [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2)]
    assert len({point.name for point in found}) == 6
    made = load(SCENARIOS / "market.yaml", sets=["policies.caps.store_days=1", "consumers=30"])
    assert found[2].hash == made.hash == market.with_values(found[2].changed).hash
    assert dict(found[2].changed) == {"policies.caps.store_days": 1, "consumers": 30}


def test_a_policy_that_the_scenario_does_not_have_can_be_varied() -> None:
    store = load(SCENARIOS / "store.yaml")
    (first, second) = points(store, factors({"policies.caps.store_days": [1, 3]}))
    assert "caps" not in store.policies
    assert store.with_values(second.changed).resolved["policies"]["caps"]["store_days"] == 3
    assert first.hash != second.hash


def test_every_wrong_value_is_told_with_its_path_what_is_allowed_and_the_nearest_name(market: Scenario) -> None:
    told = problems(market, ["policies.caps.store_days=0,3,x", "consumrs=5"])
    assert [line.split(": ")[0] for line in told] == [
        "--grid policies.caps.store_days=0",
        "--grid policies.caps.store_days=x",
        "--grid consumrs=5",
    ]
    assert "must be a whole number from 1" in told[0]
    assert told[0].endswith("given 0")
    assert "did you mean 'consumers'?" in told[2]


def test_the_words_are_those_of_set(market: Scenario) -> None:
    with pytest.raises(BadInput) as of_set:
        load(SCENARIOS / "market.yaml", sets=["policies.caps.store_days=0"])
    (line,) = problems(market, ["policies.caps.store_days=0"])
    assert line == str(of_set.value).replace("--set", "--grid")


def test_combinations_are_checked_too(market: Scenario) -> None:
    """Each value is allowed by itself, but a policy must end after it begins."""
    told = problems(market, {"policies.caps.from": [10, 50], "policies.caps.until": [30, 60]})
    assert len(told) == 1
    assert "until=30" in told[0]
    assert "must be after 'from' (50)" in told[0]


@pytest.mark.parametrize(
    ("grid", "words"),
    [
        ([], "nothing is varied"),
        (["seed=1,2"], "not varied by a grid but by replications"),
        (["consumers=5,6,5"], "5 is given twice"),
        (["consumers=50,5e1"], "5e1: says the same as 50"),
        (["consumers=5", "consumers=6"], "given twice"),
        (["policies.caps.store_days=1,2", "policies.caps=null"], "lies in one line with policies.caps.store_days"),
        (["consumers"], "no values"),
        (["consumers="], "no values"),
        (["nowhere.yaml"], "nowhere.yaml: there is no such file"),
        ({"consumers": 5}, "must be a list of values; given 5"),
        ({"consumers": []}, "no values"),
        ({"days": range(1, 400), "consumers": range(1, 400)}, "159,201 points; at most 10,000"),
    ],
)
def test_what_is_no_grid(market: Scenario, grid: Any, words: str) -> None:
    assert any(words in line for line in problems(market, grid))


def test_a_wrong_file_is_told_with_the_place(market: Scenario, tmp_path: Path) -> None:
    file = tmp_path / "grid.yaml"
    file.write_text("consumers: [5, 6]\ndays: 3\n")
    (line,) = problems(market, [str(file)])
    assert line == f"{file}:2:7: days: must be a list of values; given 3"


def test_nothing_runs_and_no_folder_is_made_where_a_value_is_wrong(market: Scenario, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="store_days"):
        sim.sweep(market, {"policies.caps.store_days": [3, 0]}, out=tmp_path / "out")
    assert not (tmp_path / "out").exists()
