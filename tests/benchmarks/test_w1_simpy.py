"""The versions of W1: they keep the rules, and count the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from benchmarks import w1, w1_ceiling, w1_sim, w1_simpy
from benchmarks.rows import Row
from sim.engine import kernel, population
from sim.results.run import run
from sim.scenario.load import load

DAYS = 40
CONSUMERS, LONG, SEEDS = 250, 150, range(24)


class Delivery(NamedTuple):
    time: int
    consumer: w1_simpy.Consumer
    store: int


class WatchedMarket(w1_simpy.Market):
    """A market that keeps a log of what it delivers."""

    def __init__(self, consumers: int, days: int, seed: int) -> None:
        super().__init__(consumers, days, seed)
        self.deliveries: list[Delivery] = []

    def deliver(self, relation: w1_simpy.Relation, day: int) -> None:
        self.deliveries.append(Delivery(int(self.env.now), relation.consumer, relation.store))
        super().deliver(relation, day)


@pytest.fixture(scope="module")
def market() -> WatchedMarket:
    market = WatchedMarket(consumers=300, days=DAYS, seed=1)
    market.run()
    return market


def test_a_store_delivers_to_a_consumer_once_in_seven_natural_days(market: WatchedMarket) -> None:
    days: dict[tuple[w1_simpy.Consumer, int], list[int]] = {}
    for delivery in market.deliveries:
        days.setdefault((delivery.consumer, delivery.store), []).append(delivery.time // w1.DAY)
    gaps = [later - earlier for delivered in days.values() for earlier, later in pairwise(delivered)]
    assert min(gaps) == 7  # also: the seventh day after is allowed


def test_at_most_two_stores_a_day_deliver_to_a_consumer(market: WatchedMarket) -> None:
    stores = Counter((delivery.consumer, delivery.time // w1.DAY) for delivery in market.deliveries)
    assert max(stores.values()) == 2


def test_stores_deliver_on_their_own_days_at_their_own_time(market: WatchedMarket) -> None:
    for time, _, store in market.deliveries:
        day, second = divmod(time, 86_400)
        assert day % 7 in {store % 7, (store + 3) % 7}
        assert second == 9 * 3_600 + store * 60


def test_sends_and_refusals_are_those_of_a_ledger_kept_by_hand(market: WatchedMarket) -> None:
    """Ask both caps again, in time order, of everybody who was a fan at 00:00, from nothing but who followed when."""
    sent: list[Delivery] = []
    refused_window = refused_stores = 0
    for day in range(DAYS):
        for store in range(w1.STORES):
            if day % 7 not in {store % 7, (store + 3) % 7}:
                continue
            for relation, since in zip(market.fans[store], market.fans_since[store]):
                if since >= day * 86_400:
                    continue
                own = [past for past in sent if past.consumer is relation.consumer]
                if any(past.store == store and past.time // 86_400 > day - 7 for past in own):
                    refused_window += 1
                elif sum(past.time // 86_400 == day for past in own) == 2:
                    refused_stores += 1
                else:
                    sent.append(Delivery(day * 86_400 + 9 * 3_600 + store * 60, relation.consumer, store))
    assert sent == market.deliveries
    assert (len(sent), refused_window, refused_stores) == (
        market.counts.sends,
        market.counts.refused_window,
        market.counts.refused_stores,
    )
    assert refused_stores > 0


def test_each_consumer_knows_eight_different_stores() -> None:
    consumers = w1_ceiling.strangers(500)
    w1_ceiling.settle(consumers, np.uint64(3))
    assert (np.diff(consumers.store.astype(int), axis=1) > 0).all()
    known = np.bincount(consumers.store.ravel(), minlength=100)
    assert len(known) == 100
    # H0: all stores alike. Given that a consumer's stores differ, their numbers vary a little less than this assumes.
    assert stats.chisquare(known).pvalue > 0.001


def test_threads_do_not_change_what_the_bare_kernel_counts() -> None:
    alone, split = (w1_ceiling.run(301, threads, DAYS)["counts"] for threads in (1, 2))
    assert alone == split


@pytest.mark.parametrize("version", [w1_ceiling.run, w1_sim.run], ids=["bare kernel", "production kernel"])
def test_every_version_counts_the_same_as_simpy(simpy: NDArray[np.int64], version: Callable[..., Row]) -> None:
    """H0: each count has the same mean in both. Welch's t over seeds, Holm over the counts, family error 1 %."""
    compiled = counts_by_seed([version(CONSUMERS, 1, LONG, seed) for seed in SEEDS])
    p = stats.ttest_ind(simpy, compiled, equal_var=False).pvalue
    steps = np.sort(p) * np.arange(len(p), 0, -1)
    assert steps.min() > 0.01, dict(zip(w1.COUNTS, p))


@pytest.fixture(scope="module")
def simpy() -> NDArray[np.int64]:
    return counts_by_seed([w1_simpy.run(CONSUMERS, LONG, seed) for seed in SEEDS])


def test_sim_run_takes_w1_through_the_production_kernel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The scenario of the benchmark, as `sim run` runs it, is advanced by the one kernel, and counts what the row says."""
    calls = []

    def watched(*given: Any) -> int:
        calls.append(given)
        return kernel.advance(*given)

    monkeypatch.setattr(population, "advance", watched)
    ran = run(load(w1_sim.SCENARIO, consumers=300, days=30), seed=5, out=tmp_path / "w1", threads=1)
    assert len(calls) >= 30
    assert w1_sim.counts(ran.summary) == w1_sim.run(300, 1, 30, 5)["counts"]
    assert ran.summary["events"] == sum(w1_sim.counts(ran.summary)[name] for name in w1.EVENTS)


def counts_by_seed(rows: list[Row]) -> NDArray[np.int64]:
    return np.array([[row["counts"][name] for name in w1.COUNTS] for row in rows])


def test_a_row_says_what_was_run_and_where() -> None:
    row = w1_simpy.run(consumers=10, days=5, seed=2)
    assert (row["workload"], row["implementation"], row["consumers"], row["threads"], row["days"]) == (
        "W1",
        "simpy",
        10,
        1,
        5,
    )
    assert set(row["counts"]) == set(w1.COUNTS)
    assert row["events"] == sum(row["counts"][name] for name in ("sessions", "reads", "receipts", "sends"))
    assert row["seconds"] > 0
    assert row["peak_bytes"] > 1_000_000
    assert row["machine"]["cores"] >= 1
    assert row["versions"]["simpy"] != "absent"
