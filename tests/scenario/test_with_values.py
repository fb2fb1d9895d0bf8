"""A scenario with other values at dotted paths."""

from __future__ import annotations

from pathlib import Path

import pytest

from sim.errors import BadInput
from sim.experiments.differences import differences
from sim.scenario.load import load
from sim.scenario.source import undotted

SCENARIOS = Path(__file__).parents[2] / "scenarios"


def test_only_the_given_values_differ() -> None:
    before = load(SCENARIOS / "store_weekly.yaml")
    after = before.with_values({"behaviour.stores.consider": 0.25, "merchants.store.goods_cost": 0.6, "consumers": 50})
    assert {change.path: change.arm for change in differences(before.resolved, after.resolved)} == {
        "behaviour.stores.consider": 0.25,
        "merchants.store.goods_cost": 0.6,
        "consumers": 50,
    }
    assert (after.name, after.files) == (before.name, before.files)
    assert before.with_values({}).hash == before.hash
    assert before.settings.behaviour.stores.consider == 0.3


def test_values_are_checked_like_a_files_and_no_place_is_made_up() -> None:
    scenario = load(SCENARIOS / "store.yaml")
    with pytest.raises(BadInput, match=r"\Astore: behaviour.stores.consider: must be a number from 0 to 1 .* given 2\Z"):
        scenario.with_values({"behaviour.stores.consider": 2})
    with pytest.raises(BadInput, match=r"behaviour.stores.considr: no setting of store"):
        scenario.with_values({"behaviour.stores.considr": 0.2})


def test_tables_and_names_with_dots_stay_what_they_are(tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text("customer,x,t_x,T,value,n_value\nann,1,2.0,9.0,500,1\n")
    (tmp_path / "a.yaml").write_text(
        "merchants: {a.b: {goods_cost: 0.6}}\npast: {customers: c.csv, bg_nbd: {r: 1.0, alpha: 4.0, a: 0.5, b: 2.0}}\n"
    )
    scenario = load(tmp_path / "a.yaml").with_values({"merchants.a.b.goods_cost": 0.7})
    assert scenario.consumers == 1
    assert scenario.settings.merchants["a.b"].goods_cost == 0.7


@pytest.mark.parametrize(
    ("path", "keys"),
    [
        ("a.b", ("a.b",)),
        ("a.c", ("a", "c")),
        ("a.d.e", ("a.d", "e")),
        ("a.d", ("a.d",)),
        ("a.x", None),
        ("b", None),
        ("", None),
    ],
)
def test_dotted_paths_are_found_among_keys_that_hold_dots(path: str, keys: tuple | None) -> None:
    assert undotted({"a": {"c": 1}, "a.b": 2, "a.d": {"e": 3}}, path) == keys
