"""Winners and losers with a known answer, and none where nothing changes."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from sim.experiments.compare import compare
from sim.experiments.groups import sums_of
from sim.experiments.runs import Row
from sim.experiments.table import render
from sim.experiments.winners import HEADLINE, by_group, tally

ARMS = ["base", "weekly", "daily"]
NOISE = 100.0


def row(arm: str, k: int, groups: dict, error: str | None = None) -> Row:
    return Row(arm, k, 10 + k, groups={} if error else groups, error=error)


def by_merchant(effects: dict[str, dict[str, float]], replications: int = 8, seed: int = 0) -> list[Row]:
    """Profit of merchants: noise that a replication's arms share, noise that they do not, and `effects[arm][merchant]`."""
    generator = np.random.default_rng(seed)
    merchants = sorted({name for of in effects.values() for name in of})
    rows = []
    for k in range(replications):
        shared = 10 * NOISE * generator.standard_normal(len(merchants))
        for arm in ARMS:
            own = shared + NOISE * generator.standard_normal(len(merchants))
            profit = {m: {"profit": effects.get(arm, {}).get(m, 0.0) + own[i]} for i, m in enumerate(merchants)}
            rows.append(row(arm, k, {"merchant": profit}))
    return rows


# ---- sums of a run


def daily() -> pd.DataFrame:
    merchants = pd.DataFrame({"merchant": ["a", "b", "c"], "industry": ["food", "food", "beauty"], "gmv": [10, 20, 40]})
    return pd.concat([merchants.assign(day=day, orders=[1, 2, 4], profit=[-1, 5, 7]) for day in range(3)])


def test_sums_by_merchant_and_industry_are_those_of_all_days() -> None:
    got = sums_of(SimpleNamespace(daily=daily()))
    assert got["merchant"] == {
        "a": {"gmv": 30, "profit": -3, "orders": 3},
        "b": {"gmv": 60, "profit": 15, "orders": 6},
        "c": {"gmv": 120, "profit": 21, "orders": 12},
    }
    assert got["industry"]["food"] == {"gmv": 90, "profit": 12, "orders": 9}
    assert "segment" not in got


def test_segments_come_from_the_run_folder_with_the_needs_that_were_met(tmp_path: Path) -> None:
    daily().to_parquet(tmp_path / "daily.parquet")
    segments = {"segment": ["rare", "often"], "consumers": [90, 10], "visits": [50, 70], "orders": [5, 9], "gmv": [500, 900]}
    segments |= {
        "messages_sent": [9, 9],
        "messages_read": [1, 3],
        "opt_outs": [2, 0],
        "needs": [20, 12],
        "needs_lapsed": [14, 3],
    }
    pd.DataFrame(segments).to_parquet(tmp_path / "segments.parquet")
    got = sums_of(SimpleNamespace(summary={}), tmp_path)
    assert got["merchant"]["c"]["gmv"] == 120
    assert {name: (one["needs_met"], one["opt_outs"]) for name, one in got["segment"].items()} == {
        "rare": (6, 2),
        "often": (9, 0),
    }


def test_a_run_without_tables_has_no_groups(tmp_path: Path) -> None:
    assert sums_of(SimpleNamespace(summary={}), tmp_path) == sums_of(SimpleNamespace(summary={}), None) == {}


# ---- who wins


def test_winners_and_losers_are_told_apart_by_profit() -> None:
    effects = {"weekly": {"a": 40 * NOISE, "b": -40 * NOISE, "c": 0.0, "d": 90 * NOISE}, "daily": {"a": -40 * NOISE}}
    groups = by_group(by_merchant(effects), ARMS, 8, [], 0, 1.0)["merchant"]
    verdicts = {name: (one["profit"]["weekly"]["verdict"], one["profit"]["daily"]["verdict"]) for name, one in groups.items()}
    assert verdicts == {
        "a": ("wins", "loses"),
        "b": ("loses", "unclear"),
        "c": ("unclear", "unclear"),
        "d": ("wins", "unclear"),
    }
    assert groups["a"]["profit"]["base"]["verdict"] is None
    assert tally(groups, "profit", "weekly") == {"wins": ["d", "a"], "loses": ["b"], "unclear": ["c"], "equal": []}


def test_intervals_are_paired_and_simultaneous_over_groups_and_arms() -> None:
    rows = by_merchant({"weekly": {"a": 5.0, "b": 7.0, "c": 9.0}})
    one = by_group(rows, ARMS, 8, [], 0, 1.0)["merchant"]["b"]["profit"]["weekly"]
    of = {arm: np.array([r.groups["merchant"]["b"]["profit"] for r in rows if r.arm == arm]) for arm in ARMS}
    differences = of["weekly"] - of["base"]
    half = stats.t.ppf(1 - 0.05 / (2 * 3 * 2), 7) * differences.std(ddof=1) / np.sqrt(8)
    assert one["difference"] == pytest.approx(differences.mean())
    assert (one["low"], one["high"]) == pytest.approx((differences.mean() - half, differences.mean() + half))
    assert one["relative"] == pytest.approx(differences.mean() / abs(of["base"].mean()))


def test_where_nothing_changes_a_family_names_anybody_in_at_most_5_percent() -> None:
    """H0: no merchant's profit changes. 20 merchants, 2 arms, 8 replications; the bound is exceeded with p < .001."""
    families, level = 300, 0.05
    named = 0
    for seed in range(families):
        nothing = {"weekly": dict.fromkeys([f"m{i:02d}" for i in range(20)], 0.0)}
        groups = by_group(by_merchant(nothing, seed=seed), ARMS, 8, [], 0, 1.0)["merchant"]
        named += any(one["profit"][arm]["verdict"] in ("wins", "loses") for one in groups.values() for arm in ARMS[1:])
    assert named <= stats.binom.ppf(0.999, families, level)


def test_for_segments_fewer_opt_outs_win_and_more_messages_are_neither() -> None:
    rows = []
    for k in range(4):
        rows.append(row("base", k, {"segment": {"rare": {"needs_met": 50 + k, "opt_outs": 20 + k, "messages_sent": 5}}}))
        better = {"needs_met": 60 + k + k % 2, "opt_outs": 10 + k + k % 2, "messages_sent": 9}
        rows.append(row("weekly", k, {"segment": {"rare": better}}))
    one = by_group(rows, ARMS[:2], 4, [], 0, 1.0)["segment"]["rare"]
    assert HEADLINE["segment"] == ["needs_met", "opt_outs"]
    assert {metric: arms["weekly"]["verdict"] for metric, arms in one.items()} == {
        "needs_met": "wins",
        "opt_outs": "wins",
        "messages_sent": "higher",
    }


def test_what_is_equal_in_every_replication_is_neither_won_nor_lost() -> None:
    rows = [row(arm, k, {"merchant": {"a": {"profit": 100 * k}}}) for k in range(3) for arm in ARMS]
    one = by_group(rows, ARMS, 3, [], 0, 1.0)["merchant"]["a"]["profit"]["daily"]
    assert (one["verdict"], one["difference"], one["low"], one["high"]) == ("equal", 0, 0, 0)


def test_failed_runs_are_left_out_and_one_replication_is_never_sure() -> None:
    rows = [row("base", 0, {"merchant": {"a": {"profit": 1}}}), row("weekly", 0, {"merchant": {"a": {"profit": 9}}})]
    rows += [row("base", 1, {"merchant": {"a": {"profit": 2}}}), row("weekly", 1, {}, error="no")]
    one = by_group(rows, ARMS[:2], 2, [], 0, 1.0)["merchant"]["a"]["profit"]
    assert (one["weekly"]["difference"], one["weekly"]["low"], one["weekly"]["verdict"]) == (8, None, "unclear")
    assert one["base"]["mean"] == 1.5


def test_a_merchant_that_only_one_arm_has_earned_nothing_in_the_other() -> None:
    rows = [row("base", k, {"merchant": {"a": {"profit": 5}}}) for k in range(2)]
    rows += [row("weekly", k, {"merchant": {"a": {"profit": 5}, "new": {"profit": 30 + k}}}) for k in range(2)]
    groups = by_group(rows, ARMS[:2], 2, [], 0, 1.0)["merchant"]
    assert groups["new"]["profit"]["weekly"]["difference"] == 30.5
    assert groups["new"]["profit"]["weekly"]["relative"] is None
    assert groups["a"]["profit"]["weekly"]["verdict"] == "equal"


def test_the_assumption_range_of_a_group_is_that_of_its_draws_scaled() -> None:
    rows = by_merchant({"weekly": {"a": 1.0, "b": 2.0}}, replications=2)
    drawn = [
        row(arm, k, {"merchant": {"a": {"profit": effect * (k - 1)}, "b": {"profit": 3}}})
        for k in range(4)
        for arm, effect in zip(ARMS, (0, 10, 20))
        if (arm, k) != ("daily", 3)
    ]
    drawn.append(row("daily", 3, {}, error="no"))
    groups = by_group(rows, ARMS, 2, drawn, 4, 5.0)["merchant"]
    ends = {arm: (one["assumption_low"], one["assumption_high"]) for arm, one in groups["a"]["profit"].items()}
    assert ends == {"base": (None, None), "weekly": (-50, 100), "daily": (-100, 100)}
    assert groups["b"]["profit"]["daily"]["assumption_high"] == 0


# ---- in a comparison


def market(scenario: SimpleNamespace, *, seed: int, out: Path | None, events: str, threads: int) -> SimpleNamespace:
    """Six merchants; with a plan the first two gain 900 and 300, the third loses 500 times what a message costs."""
    noise = np.random.default_rng(seed).integers(-5, 6, 6)
    own = np.random.default_rng([seed, scenario.plan]).integers(-5, 6, 6)
    profit = 10_000 + noise + own + scenario.plan * np.array([900, 300, -500 * scenario.cost, 0, 0, 0]).astype(int)
    daily = pd.DataFrame({"merchant": list("abcdef"), "industry": ["food"] * 3 + ["beauty"] * 3, "profit": profit})
    return SimpleNamespace(summary={"totals": {"profit": int(profit.sum())}, "acted": {}}, daily=daily)


def arm(name: str, plan: int, cost: float = 1.0) -> SimpleNamespace:
    cost_row = {"path": "cost", "value": cost, "low": -1.0, "high": 2.0, "kind": "assumed"}
    scenario = SimpleNamespace(name=name, plan=plan, cost=cost, seed=3, consumers=10, assumptions=[cost_row])
    scenario.resolved = {"plan": plan, "cost": cost}
    scenario.with_values = lambda values: arm(name, plan, **values)
    return scenario


def test_the_console_counts_winners_and_losers_and_names_the_largest(tmp_path: Path) -> None:
    got = compare([arm("none", 0), arm("plan", 1)], 8, tmp_path / "c", draws=10, runner=market, jobs=1, progress=False)
    lines = render(got).splitlines()
    start = lines.index("Merchants by profit (intervals: 95% for all merchants and arms together)")
    assert lines[start + 1] == (
        "  plan: 2 win, 1 lose, 3 unclear; 2 of the 3 winners and losers are so in all 10 assumption draws"
    )
    money = r"CNY ([-+]\d\.\d\d) \(CNY \S+ to CNY \S+\)"
    won = re.fullmatch(f"    win most: a {money}; b {money}", lines[start + 2])
    lost = re.fullmatch(f"    lose most: c {money}", lines[start + 3])
    assert won is not None
    assert lost is not None
    assert [float(one) for one in won.groups() + lost.groups()] == pytest.approx([9, 3, -5], abs=0.1)
    assert got.headline == {"merchant": ["profit"], "industry": ["profit"]}
    assert got.by["industry"]["food"]["profit"]["plan"]["verdict"] == "wins"
    assert got.by["industry"]["beauty"]["profit"]["plan"]["verdict"] == "unclear"
    loser = got.by["merchant"]["c"]["profit"]["plan"]
    assert loser["assumption_low"] < -800 < 0 < loser["assumption_high"]
