"""W1 in other engines: the exact ones count the same, event for event; the day-step keeps the caps and is wrong as it says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from benchmarks import w1, w1_ceiling, w1_numpy, w1_simpy
from benchmarks.rows import Row

CONSUMERS, DAYS = 250, 150
SEEDS = range(24)
OTHER_SEEDS = range(100, 112)
EXACT = ["salabim", "mesa"]
CAP = "refused_stores"


def run_of(engine: str) -> Callable[..., Row]:
    """The version of an engine, if that is installed."""
    pytest.importorskip(engine)
    run: Callable[..., Row] = pytest.importorskip(f"benchmarks.w1_{engine}").run
    return run


def counts_of(run: Callable[..., Row], seeds: range) -> NDArray[np.int64]:
    rows = [run(CONSUMERS, DAYS, seed) for seed in seeds]
    return np.array([[row["counts"][name] for name in w1.COUNTS] for row in rows])


@pytest.fixture(scope="module")
def simpy() -> NDArray[np.int64]:
    return counts_of(w1_simpy.run, SEEDS)


@pytest.mark.parametrize("engine", EXACT)
def test_the_same_draws_give_the_same_events(engine: str) -> None:
    """They draw in the order of events from the same generator: the same counts mean the same order, ties included."""
    run = run_of(engine)
    for seed in (1, 2):
        assert run(400, 60, seed)["counts"] == w1_simpy.run(400, 60, seed)["counts"]


@pytest.mark.parametrize("engine", EXACT)
def test_with_other_draws_they_count_the_same(simpy: NDArray[np.int64], engine: str) -> None:
    """H0: each count has the same mean in both. Welch's t over seeds, Holm over the counts, family error 1 %."""
    p = stats.ttest_ind(simpy, counts_of(run_of(engine), OTHER_SEEDS), equal_var=False).pvalue
    assert holm(p) > 0.01, dict(zip(w1.COUNTS, p))


def test_the_day_step_is_wrong_about_the_store_cap_alone() -> None:
    """Over a year, of which the bare kernel, which others hold against SimPy, gives the exact counts.

    H0 of all counts but one: the same mean (Welch, Holm, family error 1 %). Of the store cap's refusals, one-sided, error .1 %:
    at least 3/4 as many. They are fewer: by lot, the stores of a consumer move apart to days of their own sooner than where the
    one that is first in the day is always served.
    """
    step, exact = (year_of(run) for run in (w1_numpy.run, w1_ceiling.run))
    p = [stats.ttest_ind(step[name], exact[name], equal_var=False).pvalue for name in w1.COUNTS if name != CAP]
    assert holm(np.array(p)) > 0.01, p
    assert stats.ttest_ind(step[CAP], 0.75 * exact[CAP], equal_var=False, alternative="less").pvalue < 0.001


def year_of(run: Callable[..., Row]) -> dict[str, NDArray[np.int64]]:
    """Each count over seeds."""
    rows = [run(4_000, days=365, seed=seed) for seed in OTHER_SEEDS]
    return {name: np.array([row["counts"][name] for row in rows]) for name in w1.COUNTS}


def test_the_day_step_keeps_the_caps() -> None:
    """Asked of what it delivers, day by day: a store once in 7 natural days, two stores a day, on the stores' own days."""
    market = w1_numpy.Market(consumers=300, days=60, seed=1)
    last: dict[int, int] = {}
    most = 0
    for day in range(market.days):
        market.send(day)
        sent = np.flatnonzero(market.sent_day == day)
        assert all(day - last.get(relation, -7) >= 7 for relation in sent)
        assert all(w1.sends_on(store, day) for store in market.store[sent])
        most = max(most, *Counter((sent // w1.STORES_KNOWN).tolist()).values(), 0)
        last |= dict.fromkeys(sent.tolist(), day)
        market.visit(day)
    assert most == w1.STORES_A_DAY
    assert market.counts["refused_stores"] > 0


def test_in_the_day_step_each_consumer_knows_eight_different_stores() -> None:
    known = w1_numpy.Market(consumers=500, days=1, seed=3).store.reshape(-1, w1.STORES_KNOWN)
    assert (np.diff(np.sort(known.astype(int), axis=1), axis=1) > 0).all()
    # H0: all stores alike. Given that a consumer's stores differ, their numbers vary a little less than this assumes.
    assert stats.chisquare(np.bincount(known.ravel(), minlength=w1.STORES)).pvalue > 0.001


def holm(p: NDArray[np.float64]) -> float:
    """The smallest of the p values, adjusted for their number."""
    return float((np.sort(p) * np.arange(len(p), 0, -1)).min())
