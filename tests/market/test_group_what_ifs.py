"""The what-ifs of groups, each of which must bind: what it asks about moves as it should.

Few consumers, and so few seats; the rest is as shipped. One-sided exact Wilcoxon tests of the paired differences over seeds,
of 1 % each.
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


@cache
def runs(name: str, consumers: int, people: int) -> list[sim.Run]:
    """Sixty days from September on, with subgroups of so many people: 6 of a store as shipped."""
    few = shipped(consumers, days=60, past={"days": 240, "short": True}, policies={"member_group": {"people": people}})
    scenario = load(few | {"extends": str(MARKET.with_name(f"{name}.yaml"))})
    return [sim.run(scenario, seed=seed, events="none", threads=2) for seed in SEEDS]


def total(of: sim.Run, column: str) -> float:
    return float(of.daily[column].sum())


def full(of: sim.Run) -> int:
    """Entries that were refused for want of a seat."""
    table = of.refusals
    return int(table[(table["what"] == "group") & (table["reason"] == "full")]["count"].sum())


WHAT_IFS: dict[str, tuple[int, int, list[Any]]] = {
    "groups_half_the_seats": (800, 4, [lambda of: -total(of, "group_joins"), full, lambda of: -total(of, "claims")]),
    "groups_no_coupon": (3_200, 100, [lambda of: -total(of, "redemptions"), lambda of: -total(of, "visits")]),
}


@pytest.mark.parametrize("name", ["groups_half_the_seats", pytest.param("groups_no_coupon", marks=pytest.mark.slow)])
def test_a_what_if_of_groups_binds(name: str) -> None:
    *size, figures = WHAT_IFS[name]
    arm, base = runs(name, *size), runs("groups", *size)
    for figure in figures:
        paired = [figure(one) - figure(other) for one, other in zip(arm, base, strict=True)]
        found = stats.wilcoxon(np.array(paired), alternative="greater", method="exact")
        assert found.pvalue < LEVEL, paired


def test_every_what_if_of_groups_is_asked_here() -> None:
    files = sorted(MARKET.parent.glob("groups_*.yaml"))
    assert [file.stem for file in files] == sorted(WHAT_IFS)
