"""Opting out of a store's messages [MSG-14], and how often it happens."""

from __future__ import annotations

from collections import Counter
from itertools import accumulate
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from worlds_of_stages import DAY, World, quiet_market, run_world

SENDS = f"{Path(__file__).parents[1] / 'policies' / 'sends_plugin.py'}:Sends"
STORES, DAYS = 3, 20
LEVEL = 0.01 / 4


def market(consumers: int, hazard: float, slope: float, fatigue: World, days: int = DAYS) -> World:
    """Stores that send every day, two of them in the morning."""
    plan = {"use": "plan", "cycle": 1, "crowd": "all", "staggered": True}
    world = quiet_market(
        STORES, opt_out={"hazard": hazard, "slope": slope, "all_stores": 0}, reading={"intercept": -2.0, "fatigue": fatigue}
    )
    merchants = {"early": {"count": 2, "strategy": plan | {"at": "09:00"}}, "late": {"strategy": plan | {"at": "23:00"}}}
    return world | {"days": days, "consumers": consumers, "merchants": merchants}


@pytest.fixture(scope="module")
def log() -> pd.DataFrame:
    return run_world(market(400, hazard=0.05, slope=0.0, fatigue={"weight": 0.0})).events


def first_opt_outs(log: pd.DataFrame) -> dict[tuple[int, int], tuple[int, int]]:
    """(consumer, merchant) -> (time, seq)."""
    rows = log[log["kind"] == "opt_out"]
    return {(row.consumer, row.merchant): (row.time, row.seq) for row in rows.itertuples()}


def test_msg_14_no_message_after_an_opt_out(log: pd.DataFrame) -> None:
    left = first_opt_outs(log)
    assert len(left) > 300
    for row in log[log["kind"] == "message_sent"].itertuples():
        assert (row.time, row.seq) < left.get((row.consumer, row.merchant), (DAYS * DAY, 0))


def test_msg_14_who_has_opted_out_stays_in_the_crowd_and_is_refused(log: pd.DataFrame) -> None:
    """Whatever the store sends after the opt-out has one outcome: opted_out."""
    left = first_opt_outs(log)
    outcomes = log[log["kind"].isin(["message_sent", "message_blocked"])]
    assert (outcomes.groupby("ref").size() == 400).all(), "everyone is in the crowd of every task"
    refused = 0
    for row in outcomes.itertuples():
        after = (row.time, row.seq) > left.get((row.consumer, row.merchant), (DAYS * DAY, 0))
        assert (row.reason == "opted_out") == after
        refused += int(after)
    assert refused > 300


def test_msg_14_other_stores_go_on(log: pd.DataFrame) -> None:
    """Who has opted out of one store hears from each other store on every day until it opts out there too."""
    left = first_opt_outs(log)
    messages = log[log["kind"] == "message_sent"]
    sent = Counter(zip(messages["consumer"], messages["merchant"]))
    first_days = messages.groupby("merchant")["time"].min() // DAY
    for consumer in range(400):
        for merchant in range(STORES):
            last = left.get((consumer, merchant), ((DAYS - 1) * DAY, 0))[0] // DAY
            assert sent[consumer, merchant] == last - first_days[merchant] + 1


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_msg_14_share_of_opt_outs_that_are_of_all_stores(share: float) -> None:
    """Null: `all_stores`; binomial over the first opt-outs of 4,000 consumers, who receive one message each."""
    world = quiet_market(1, opt_out={"hazard": 1_000.0, "all_stores": share})
    merchants = {"store": {"strategy": {"use": SENDS, "sends": ["2 09:00:00 cs.custom all"]}}}
    log = run_world(world | {"days": 3, "consumers": 4_000, "merchants": merchants}).events
    left = log[log["kind"] == "opt_out"]
    assert len(left) == 4_000
    assert stats.binomtest(int((left["merchant"] == -1).sum()), 4_000, share).pvalue > LEVEL


def test_msg_14_an_opt_out_of_all_stores_is_of_all() -> None:
    """Everyone opts out of all stores at the first message; the other store's is refused, on that day and on the next."""
    merchants = {
        name: {"strategy": {"use": SENDS, "sends": sends}}
        for name, sends in (
            ("a", ["2 09:00:00 cs.custom all"]),
            ("b", ["2 09:00:01 cs.custom all", "3 09:00:00 feed all"]),
        )
    }
    world = quiet_market(2, opt_out={"hazard": 1_000.0, "all_stores": 1})
    log = run_world(world | {"days": 4, "consumers": 20, "merchants": merchants}).events
    outcomes = log[log["kind"].isin(["message_sent", "message_blocked"])]
    assert outcomes.groupby(["merchant", "reason"], observed=True).size().to_dict() == {(0, ""): 20, (1, "opted_out"): 40}


@pytest.mark.parametrize("shards", [1, 3])
def test_msg_14_messages_that_are_switched_off(shards: int) -> None:
    """Null: a share `switched_on` has them on; the others are refused all, and the log says so before the start."""
    world = quiet_market(1, reading={"switched_on": 0.7, "probability": 0.0})
    merchants = {"store": {"strategy": {"use": SENDS, "sends": ["1 09:00:00 cs.custom all", "2 09:00:00 feed all"]}}}
    log = run_world(world | {"days": 3, "consumers": 3_000, "merchants": merchants}, shards=shards).events
    off = log[log["kind"] == "opt_out"]
    assert (off["time"] < 0).all()
    assert (off["merchant"] == -1).all()
    assert stats.binomtest(len(off), 3_000, 0.3).pvalue > LEVEL
    for ref, rows in log[log["kind"].isin(["message_sent", "message_blocked"])].groupby("ref"):
        assert set(rows["consumer"][rows["reason"] == "opted_out"]) == set(off["consumer"]), ref
        assert len(rows) == 3_000


def test_msg_14_refused_if_it_happens_between_midnight_and_the_send() -> None:
    """A store with two messages a day: at the first everyone opts out, so that the second is refused, once."""
    sends = ["2 09:00:00 cs.custom all", "2 18:00:00 cs.custom all"]
    merchants = {"store": {"strategy": {"use": SENDS, "sends": sends}}}
    world = quiet_market(1, opt_out={"hazard": 1_000.0})
    log = run_world(world | {"days": 4, "consumers": 50, "merchants": merchants}).events
    blocked = log[log["kind"] == "message_blocked"]
    assert set(blocked["reason"]) == {"opted_out"}
    assert set(blocked["rule"]) == {"MSG-14"}
    assert blocked["consumer"].tolist() == list(range(50))
    assert (blocked["time"] == 2 * DAY + 18 * 3_600).all()


def test_share_of_deliveries_that_end_in_an_opt_out() -> None:
    """Null: 1 - exp(-kappa) at each delivery, without irritation. Binomial, about 50,000 deliveries."""
    run = run_world(market(2_000, hazard=0.03, slope=0.7, fatigue={"weight": 0.0}))
    deliveries, opt_outs = (int(run.daily[name].sum()) for name in ("messages_sent", "opt_outs"))
    assert deliveries > 30_000
    assert stats.binomtest(opt_outs, deliveries, 1 - np.exp(-0.03)).pvalue > LEVEL


@pytest.mark.parametrize(("slope", "reading"), [(0.0, {}), (0.25, {}), (0.25, {"probability": 0.1})])
def test_opting_out_rises_with_irritation(slope: float, reading: World) -> None:
    """Null: 1 - exp(-kappa exp(eta F)) at the n-th delivery, F halved every 2 days and 1 more by each delivery [D2 (b)].

    One store, one message a day, so that F at the n-th delivery is known, whether reading follows it or is fixed.
    Chi-square over 10 days of survivors.
    """
    kappa, days, consumers = 0.02, 11, 20_000
    world = quiet_market(
        1,
        opt_out={"hazard": kappa, "slope": slope},
        reading=reading | {"fatigue": {"half_life_days": 2.0, "weight": 1.0}},
    )
    plan = {"use": "plan", "cycle": 1, "crowd": "all"}
    world |= {"days": days, "consumers": consumers, "merchants": {"store": {"strategy": plan}}}
    daily = run_world(world, events="none").daily
    daily = daily[daily["messages_sent"] > 0]
    irritation = np.array(list(accumulate([1.0] * len(daily), lambda stock, more: stock * 2 ** (-1 / 2) + more)))
    share = 1 - np.exp(-kappa * np.exp(slope * irritation))
    deliveries = daily["messages_sent"].to_numpy()
    z = (daily["opt_outs"].to_numpy() - deliveries * share) / np.sqrt(deliveries * share * (1 - share))
    assert stats.chi2.sf((z**2).sum(), len(z)) > LEVEL
    assert deliveries[1:].tolist() == (deliveries - daily["opt_outs"].to_numpy())[:-1].tolist()
