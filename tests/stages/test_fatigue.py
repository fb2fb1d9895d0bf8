"""Reading falls with the cadence of messages and recovers: the irritation stock of evidence D2 (b).

F is multiplied by 2^(-dt / half-life) in time dt and rises by w at each delivery; P(read) = sigmoid(theta - beta F), F being
what the deliveries before have left (theta is the log-odds of reading without irritation).
"""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import special, stats
from worlds_of_stages import World, quiet_market, run_world

Floats = NDArray[np.float64]

CONSUMERS = 20_000
THETA, BETA, HALF_LIFE, WEIGHT = -0.7, 0.35, 6.0, 1.3
LEVEL = 0.01 / 12


def reads_by_task(world: World, cycle: int, days: int) -> tuple[Floats, Floats]:
    """Deliveries and reads, in all, of each task of a store that sends every `cycle` days."""
    plan = {"use": "plan", "cycle": cycle, "crowd": "all"}
    world |= {"days": days, "consumers": CONSUMERS, "merchants": {"store": {"strategy": plan}}}
    table = run_world(world, events="none").messages
    last = table["time"].max()
    by_task = table[table["time"] < last - 3 * 86_400].pivot_table(
        index="time", columns="outcome", values="count", aggfunc="sum"
    )
    by_task = by_task[by_task["sent"] > 0]
    return by_task["sent"].to_numpy(float), by_task["read"].to_numpy(float)


def market(spread: float = 0.0, **fatigue: float) -> World:
    given = {"half_life_days": HALF_LIFE, "weight": WEIGHT, "slope": BETA} | fatigue
    return quiet_market(1, reading={"intercept": THETA, "spread": spread, "delay_hours": 1.0, "fatigue": given})


def irritation(cycle: int, count: int) -> Floats:
    """F before the n-th of `count` deliveries, n from 0, in closed form: w (q + q^2 + ... + q^n)."""
    q = 2 ** (-cycle / HALF_LIFE)
    return WEIGHT * q * (1 - q ** np.arange(count)) / (1 - q)


def p_value(reads: Floats, sent: Floats, p: Floats) -> float:
    """Chi-square of independent binomials."""
    z = (reads - sent * p) / np.sqrt(sent * p * (1 - p))
    return float(stats.chi2.sf((z**2).sum(), len(z)))


@pytest.mark.parametrize("cycle", [1, 2, 7])
def test_reads_follow_the_recursion(cycle: int) -> None:
    """Null: the closed form at every task, consumers all alike. Chi-square over tasks of 20,000 deliveries each."""
    sent, reads = reads_by_task(market(), cycle, days=30)
    assert len(sent) >= 3
    assert (sent == CONSUMERS).all()
    assert p_value(reads, sent, special.expit(THETA - BETA * irritation(cycle, len(sent)))) > LEVEL


def test_reads_of_consumers_who_differ() -> None:
    """Null: the closed form averaged over normal log-odds, at each task. z-tests, Bonferroni over tasks."""
    spread = 0.9
    sent, reads = reads_by_task(market(spread), cycle=2, days=24)
    points, weights = np.polynomial.hermite_e.hermegauss(60)
    each = special.expit(THETA + spread * points[:, None] - BETA * irritation(2, len(sent)))
    p = weights @ each / weights.sum()
    z = (reads - sent * p) / np.sqrt(sent * p * (1 - p))
    assert len(z) * 2 * stats.norm.sf(np.abs(z).max()) > LEVEL


def test_a_closer_cadence_is_read_less_and_a_longer_one_as_if_new() -> None:
    """Shares of reads at the last tasks: daily < weekly, and after two months of rest as at the first."""
    daily, weekly, rare = (reads_by_task(market(), cycle, days) for cycle, days in ((1, 30), (7, 45), (60, 190)))
    share = [float(reads[-1] / sent[-1]) for sent, reads in (daily, weekly, rare)]
    assert share[0] < share[1] < share[2]
    assert stats.binomtest(int(rare[1][-1]), CONSUMERS, special.expit(THETA)).pvalue > LEVEL


@pytest.mark.parametrize("change", [{"slope": 0.0}, {"weight": 0.0}])
def test_without_irritation_every_task_is_read_alike(change: dict[str, float]) -> None:
    """Null: sigmoid(theta) at every task."""
    sent, reads = reads_by_task(market(**change), cycle=1, days=20)
    assert p_value(reads, sent, np.full(len(sent), special.expit(THETA))) > LEVEL


def test_the_test_tells_other_parameters_apart() -> None:
    """Power: with the slope off by 10 %, the test of the recursion rejects."""
    sent, reads = reads_by_task(market(slope=BETA * 1.1), cycle=1, days=30)
    assert p_value(reads, sent, special.expit(THETA - BETA * irritation(1, len(sent)))) < LEVEL
