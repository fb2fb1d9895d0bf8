"""Assumption draws on made-up shops: what is varied, how draws are laid over the arms, what the range is."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.errors import BadInput
from sim.experiments.assumptions import Parameter, hypercube, parameters
from sim.experiments.compare import compare
from sim.experiments.differences import differences
from sim.experiments.table import render

NAMES = {"message.base": "base", "merchants.shop.goods_cost": "cost", "message.window": "window"}


@dataclass
class Shop:
    """Each message brings `base` orders a consumer, of which `1 - cost` is profit and each message costs .03."""

    name: str
    sent: int = 0
    base: float = 0.1
    cost: float = 0.5
    window: int = 4
    consumers: int = 1000
    seed: int = 7
    past: Any = "cold"
    called: list = field(default_factory=list, repr=False, compare=False)

    @property
    def resolved(self) -> dict:
        message = {"base": self.base, "sent": self.sent, "window": self.window}
        merchants = {"shop": {"goods_cost": self.cost}}
        return {"consumers": self.consumers, "past": self.past, "message": message, "merchants": merchants}

    @property
    def assumptions(self) -> list[dict]:
        rows = [
            ("message.base", self.base, 0.0, 0.2, "assumed"),
            ("merchants.shop.goods_cost", self.cost, 0.3, 0.9, "assumed"),
            ("message.window", self.window, 2, 9, "assumed"),
            ("message.join", 0.0, 0.0, 0.0, "assumed"),
            ("message.patience", None, 1.0, 2.0, "assumed"),
            ("message.sent", self.sent, 0, 10, "chosen"),
        ]
        return [dict(zip(("path", "value", "low", "high", "kind"), row)) for row in rows]

    def with_values(self, values: dict) -> Shop:
        named = {NAMES.get(path, path): value for path, value in values.items()}
        return replace(self, **named)


def earn(shop: Shop, *, seed: int, out: Path | None, events: str, threads: int) -> SimpleNamespace:
    noise = int(np.random.default_rng(seed).integers(0, 1000))
    shop.called.append((shop.name, seed, out, shop))
    if shop.sent and shop.base > 0.19:
        raise ZeroDivisionError("too many orders")
    orders = noise + shop.sent * shop.base * shop.consumers
    profit = orders * (1 - shop.cost) - 0.03 * shop.sent * shop.consumers
    daily = pd.DataFrame({"merchant": ["a", "b"], "industry": "food", "orders": [round(orders), 1]})
    return SimpleNamespace(summary={"totals": {"orders": orders, "profit": profit, "visits": 5}, "acted": {}}, daily=daily)


def compared(tmp_path: Path, *shops: Shop, **options: Any) -> Any:
    return compare(shops, 2, tmp_path / "c", **{"runner": earn, "jobs": 1, "draws": 12, "progress": False} | options)


def varied(*shops: Shop) -> dict[str, Parameter]:
    changed = {shop.name: differences(shops[0].resolved, shop.resolved) for shop in shops[1:]}
    return {one.path: one for one in parameters(shops, changed)}


# ---- what is varied


def test_assumed_parameters_with_a_range_are_varied() -> None:
    assert set(varied(Shop("a"), Shop("b", 5))) == {"message.base", "merchants.shop.goods_cost", "message.window"}


def test_what_the_arms_change_is_left_as_each_has_it() -> None:
    assert "message.base" not in varied(Shop("a"), Shop("b", base=0.15))


def test_the_range_holds_the_scenarios_own_value() -> None:
    assert varied(Shop("a", cost=0.2))["merchants.shop.goods_cost"][1:3] == (0.2, 0.9)


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"value": 4.0, "low": None, "high": None}, (2.0, 8.0)),
        ({"value": -3.0, "low": None, "high": None}, (-6.0, -1.5)),
        ({"value": 0.8, "low": None, "high": None, "least": 0, "most": 1}, (0.4, 1.0)),
        ({"value": 3, "low": None, "high": None}, (2.0, 6.0)),  # whole numbers from 1.5 to 6
    ],
)
def test_without_a_declared_range_half_to_twice_within_the_fields_bounds(row: dict, expected: tuple) -> None:
    shop = SimpleNamespace(resolved={}, seed=1, consumers=1, assumptions=[{"path": "p", "kind": "assumed"} | row])
    (one,) = parameters([shop], {})
    assert (one.low, one.high) == expected


def test_a_part_that_only_another_arm_has_is_varied_too() -> None:
    base, other = Shop("a"), Shop("b", 3)
    more = {"path": "live.reach", "value": 2.0, "low": 1.0, "high": 3.0, "kind": "assumed"}
    arm = SimpleNamespace(resolved=other.resolved | {"live": {"reach": 2.0}}, assumptions=[*other.assumptions, more])
    changed = {"b": differences(base.resolved, arm.resolved)}
    assert "live.reach" in [one.path for one in parameters([base, arm], changed)]


@given(
    draws=st.integers(1, 40),
    ends=st.lists(st.tuples(st.floats(-50, 50), st.floats(0.01, 100)), min_size=1, max_size=5),
    seed=st.integers(0, 2**63 - 1),
)
def test_each_stratum_of_each_parameter_is_met_once(draws: int, ends: list, seed: int) -> None:
    asked = [Parameter(f"p{k}", low, low + width, low) for k, (low, width) in enumerate(ends)]
    rows = hypercube(asked, draws, seed)
    assert rows == hypercube(asked, draws, seed)
    for one in asked:
        shares = sorted((row[one.path] - one.low) / (one.high - one.low) for row in rows)
        assert all(one.low <= row[one.path] <= one.high for row in rows)
        assert all(k - 1e-9 <= share * draws <= k + 1 + 1e-9 for k, share in enumerate(shares))


def test_other_seeds_give_other_draws_and_whole_numbers_stay_whole() -> None:
    asked = [Parameter("a", 0.0, 1.0, 0.5), Parameter("n", 2.0, 9.0, 4)]
    assert hypercube(asked, 8, 1) != hypercube(asked, 8, 2)
    whole = [row["n"] for row in hypercube(asked, 200, 1)]
    assert {type(value) for value in whole} == {int}
    assert set(whole) == set(range(2, 10))


# ---- how they are laid over the arms


def test_a_draw_lays_the_same_values_over_all_arms_under_one_seed(tmp_path: Path) -> None:
    arms = [Shop("a"), Shop("b", 4), Shop("c", 8, seed=99)]
    for arm in arms[1:]:
        arm.called = arms[0].called
    got = compared(tmp_path, *arms)
    drawn = [call for call in arms[0].called if call[2] is None]
    assert len(drawn) == 3 * 12
    assert {seed for _, seed, _, _ in drawn} == {7}
    for k, values in enumerate(got.assumptions.values):
        trio = [shop for _, _, _, shop in drawn[k::12]]  # arm by arm
        assert [shop.name for shop in trio] == ["a", "b", "c"]
        for path, value in zip([one.path for one in got.assumptions.parameters], values):
            assert [getattr(shop, NAMES[path]) for shop in trio] == [value] * 3
        assert [shop.sent for shop in trio] == [0, 4, 8]


def test_draws_leave_no_run_folder_but_a_table(tmp_path: Path) -> None:
    got = compared(tmp_path, Shop("a"), Shop("b", 4), draws=3)
    assert sorted(path.name for path in got.folder.iterdir()) == ["comparison.json", "draws.parquet"]  # the fake writes none
    table = pd.read_parquet(got.folder / "draws.parquet")
    assert table[["draw", "arm", "seed"]].values.tolist() == [[k, arm, 7] for arm in "ab" for k in range(3)]
    assert {"message.base", "merchants.shop.goods_cost", "message.window", "orders", "profit", "visits"} <= set(table)


def test_the_range_is_the_smallest_and_largest_difference_of_the_draws(tmp_path: Path) -> None:
    got = compared(tmp_path, Shop("a"), Shop("b", 2, base=0.12), Shop("c", 4, base=0.12), draws=30)
    # orders differ by sent * base * 1000, the same in every draw, for the arms set `base` themselves: b has .12 and a .1
    assert [one.path for one in got.assumptions.parameters] == ["merchants.shop.goods_cost", "message.window"]
    for arm, sent in (("b", 2), ("c", 4)):
        one = got.metrics["profit"][arm]
        costs = [values[0] for values in got.assumptions.values]
        expected = [1000 * sent * (0.12 * (1 - cost) - 0.03) for cost in costs]
        assert (one["assumption_low"], one["assumption_high"]) == pytest.approx((min(expected), max(expected)))
        assert got.metrics["orders"][arm]["assumption_low"] == pytest.approx(120 * sent)
        found = got.assumptions.flips["profit"][arm]
        assert found["opposite_draws"] == sum(value < 0 for value in expected) > 0
        assert [one["path"] for one in found["leading"]] == ["merchants.shop.goods_cost"]
        assert found["leading"][0]["correlation"] == pytest.approx(-1)
        assert costs[found["lowest_draw"]] == max(costs)
    assert got.metrics["profit"]["a"]["assumption_low"] is None


def test_draws_on_fewer_consumers_are_scaled_and_say_so(tmp_path: Path) -> None:
    arms = Shop("a", base=0.1), Shop("b", 4, base=0.12)
    all_of, few = compared(tmp_path / "all", *arms), compared(tmp_path / "few", *arms, draws_consumers=50)
    assert (few.assumptions.consumers, few.assumptions.of_consumers, few.assumptions.scale) == (50, 1000, 20.0)
    for end in ("assumption_low", "assumption_high"):
        for metric in ("orders", "profit"):
            assert few.metrics[metric]["b"][end] == pytest.approx(all_of.metrics[metric]["b"][end])
    assert few.by["merchant"]["a"]["orders"]["b"]["assumption_high"] == pytest.approx(480)  # 20 * 4 * .12 * 50
    assert "on 50 of 1,000 consumers, scaled" in render(few)
    assert "on 50 of 1,000 consumers, scaled" in few.verdicts["profit"]["b"].en
    assert "1,000 位消费者中的 50 位" in few.verdicts["profit"]["b"].zh
    assert [warning.kind for warning in few.warnings] == ["draws_scaled"]
    assert "--draws-consumers 50" in few.command
    assert "scaled" not in render(all_of)


@pytest.mark.parametrize(
    ("arms", "wanted", "what"),
    [
        ((Shop("a", past={"customers": "c.csv"}), Shop("b", past={"customers": "c.csv"})), 10, "come from a table"),
        ((Shop("a"), Shop("b", consumers=500)), 10, "differ in their number"),
        ((Shop("a"), Shop("b")), 1001, "from 1 to 1,000"),
        ((Shop("a"), Shop("b")), 0, "from 1 to 1,000"),
    ],
)
def test_consumers_of_draws_that_cannot_be_had_are_refused_before_anything_is_written(
    tmp_path: Path, arms: tuple, wanted: int, what: str
) -> None:
    with pytest.raises(BadInput, match=what):
        compared(tmp_path, *arms, draws_consumers=wanted)
    with pytest.raises(BadInput, match="there are no draws"):
        compared(tmp_path, *arms, draws=0, draws_consumers=wanted)
    assert not (tmp_path / "c").exists()


def test_a_failed_draw_is_a_row_and_a_caution(tmp_path: Path) -> None:
    got = compared(tmp_path, Shop("a"), Shop("b", 4), draws=40)
    failed = [k for k, values in enumerate(got.assumptions.values) if values[0] > 0.19]
    assert len(failed) == 2  # of 40 strata of 0 to .2
    assert [(one["draw"], one["arm"]) for one in got.assumptions.failures] == [(k, "b") for k in failed]
    assert got.assumptions.flips["orders"]["b"]["draws"] == 38
    assert got.failures == []
    (warning,) = got.warnings
    assert warning.kind == "draws_failed"
    assert "ZeroDivisionError: too many orders" in warning.en
    errors = pd.read_parquet(got.folder / "draws.parquet").query("arm == 'b'")["error"]
    assert list(np.flatnonzero(errors.notna())) == failed


def test_the_replications_do_not_depend_on_the_draws(tmp_path: Path) -> None:
    arms = Shop("a"), Shop("b", 4)
    with_draws, without = compared(tmp_path / "1", *arms), compared(tmp_path / "2", *arms, draws=0)
    assert with_draws.values == without.values
    assert without.assumptions is None
    assert (with_draws.draws, without.draws) == (12, 0)
    assert "Assumption range: not computed." in render(without)


def test_the_file_holds_the_assumptions_as_plain_data(tmp_path: Path) -> None:
    got = compared(tmp_path, Shop("a"), Shop("b", 4))
    held = json.loads((got.folder / "comparison.json").read_text(encoding="utf-8"))
    assert held == json.loads(json.dumps(got.to_dict()))
    tried = held["assumptions"]
    assert {"draws", "seed", "consumers", "of_consumers", "scale", "parameters", "failures", "flips"} <= set(tried)
    assert tried["parameters"][0] == {"path": "message.base", "low": 0.0, "high": 0.2, "value": 0.1}
    one = tried["flips"]["profit"]["b"]
    expected = {"low", "high", "range_low", "range_high", "opposite_draws", "leading", "flips", "en", "zh"}
    assert expected <= set(one)
    assert (held["metrics"]["profit"]["b"]["assumption_low"], held["draws"]) == (one["range_low"], 12)
