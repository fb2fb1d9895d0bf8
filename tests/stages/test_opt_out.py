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
    world = quiet_market(STORES, opt_out={"hazard": hazard, "slope": slope}, reading={"intercept": -2.0, "fatigue": fatigue})
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


def test_msg_14_who_has_opted_out_is_in_no_crowd(log: pd.DataFrame) -> None:
    """From the next 00:00 on there is no outcome of any kind, refusals included."""
    left = first_opt_outs(log)
    for row in log[log["kind"].isin(["message_sent", "message_blocked"])].itertuples():
        if (row.consumer, row.merchant) in left:
            assert row.time // DAY <= left[row.consumer, row.merchant][0] // DAY


def test_msg_14_other_stores_go_on(log: pd.DataFrame) -> None:
    """Who has opted out of one store hears from each other store on every day until it opts out there too."""
    left = first_opt_outs(log)
    sent = Counter(zip(*(log[log["kind"] == "message_sent"][name] for name in ("consumer", "merchant"))))
    first_day = log[log["kind"] == "message_sent"]["time"].min() // DAY
    for consumer in range(400):
        for merchant in range(STORES):
            last = left.get((consumer, merchant), ((DAYS - 1) * DAY, 0))[0] // DAY
            assert sent[consumer, merchant] == last - first_day + 1


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
