"""The what-ifs of members, benefits and grades, each of which must bind: what it asks about moves as it should.

Few consumers, scale lines that they can reach, and the other lines as shipped. One-sided exact Wilcoxon tests of the paired
differences over seeds, of 1 % each.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest
from competing import MARKET, load, shipped
from scipy import stats

import sim

SEEDS = range(1, 8)  # the fewest of whom a test of 1 % can tell anything
LEVEL = 0.01
FEW_MEMBERS = {"quality": {"scale": 5}}
LINES = {industry: FEW_MEMBERS for industry in ("default", "fast_moving", "food", "beauty", "apparel")}
PAST = {"days": 240, "short": True}


@cache
def runs(name: str) -> list[sim.Run]:
    """Five refreshes, from September on, and 11.11."""
    few = shipped(800, days=77, past=PAST, policies={"grading": {"lines": LINES}})
    scenario = load(few | {"extends": str(MARKET.with_name(f"{name}.yaml"))})
    return [sim.run(scenario, seed=seed, events="none", threads=1) for seed in SEEDS]


def total(of: sim.Run, column: str) -> float:
    return float(of.daily[column].sum())


def refreshes(of: sim.Run, **such: str) -> int:
    """How many refreshes of stores ended so."""
    table = of.grades
    for column, value in such.items():
        table = table[table[column] == value]
    return len(table)


def lines_reached(of: sim.Run, industry: str) -> int:
    """How many of the quality lines of ratios were reached, over stores and refreshes."""
    table = of.grades[of.grades["industry"] == industry]
    return sum(int(table[f"{ratio}_met"].sum()) for ratio in ("gmv_share", "quality_ratio", "penetration"))


def moves(of: sim.Run) -> int:
    """How often a store's grade was another one than after the refresh before."""
    grades = of.grades.sort_values(["merchant", "time"])
    same_store = grades["merchant"] == grades["merchant"].shift()
    return int((same_store & (grades["grade"] != grades["grade"].shift())).sum())


def benefits(of: sim.Run, column: str, *names: str) -> float:
    return float(of.benefits[of.benefits["benefit"].isin(names)][column].sum())


WHAT_IFS: dict[str, list[Any]] = {
    "members_big_gift": [lambda of: benefits(of, "discount", "gift_big", "gift_small")],
    "members_lines_down": [lambda of: lines_reached(of, "beauty")],
    "members_lines_up": [lambda of: -lines_reached(of, "food")],
    "members_monthly": [lambda of: -moves(of)],
    "members_no_buffer": [lambda of: -refreshes(of, register_join="buffer"), lambda of: -total(of, "joins")],
    "members_no_follow_discount": [lambda of: -total(of, "follows")],
    "members_no_stacking": [lambda of: -benefits(of, "redeemed", "gift_present", "member_gift", "red_packet")],
    "members_unbundled": [lambda of: total(of, "visits")],
}


FAST = ("members_big_gift", "members_no_buffer", "members_no_stacking")  # the others, seconds each, are in the slow suite


@pytest.mark.parametrize("name", [name if name in FAST else pytest.param(name, marks=pytest.mark.slow) for name in WHAT_IFS])
def test_a_what_if_binds(name: str) -> None:
    for figure in WHAT_IFS[name]:
        gain = np.array([figure(one) for one in runs(name)]) - [figure(one) for one in runs("members")]
        assert stats.wilcoxon(gain, alternative="greater", method="exact").pvalue < LEVEL, gain


@pytest.mark.slow
def test_other_lines_make_other_grades() -> None:
    """Over all seeds, for a store's grade takes all lines together."""
    for name, industry, sign in (("members_lines_down", "beauty", 1), ("members_lines_up", "food", -1)):
        before, after = (
            sum(refreshes(one, industry=industry, grade="quality") for one in runs(of)) for of in ("members", name)
        )
        assert sign * (after - before) > 0


def test_every_what_if_of_members_is_here_and_says_what_it_asks() -> None:
    files = sorted(MARKET.parent.glob("members_*.yaml"))
    assert [file.stem for file in files] == sorted(WHAT_IFS)
    for file in files:
        question = file.read_text(encoding="utf-8").partition("\n")[0]
        assert (question[:10], question[-1]) == ("# What if ", "?"), file.name


def test_in_the_market_of_members_grades_differ_and_move_and_every_rule_acts() -> None:
    for run in runs("members"):
        assert {"quality", "potential", "improving"} <= set(run.grades["grade"])
        assert moves(run) >= 16, "of the 80 times that they can"
    counts = [run.summary["acted"] for run in runs("members")]
    own = ("gift_", "member_", "second_", "points_", "follow_", "red_packet", "grading")
    for name in (name for name in counts[0] if name.startswith(tuple(f"policies.{of}" for of in own))):
        assert all(acted[name] > 0 for acted in counts), name
