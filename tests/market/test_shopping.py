"""When consumers shop, for what, and what they know: sessions, awareness, waiting needs, visits that something brought.

Each file-wide family of tests has an error of 1 %, shared by Bonferroni among the tests of the file.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from competing import DAY, Told, plain
from scipy import stats

LEVEL = 0.01 / 22
SENDS = f"{Path(__file__).with_name('daily_plugin.py')}:Daily"
AT_VISIT = {"buying": "at_visit", "patience_days": 100_000}
RATE = {"per_year": 100, "shape": 8}


def z_test(seen: Iterable[float], expected: np.ndarray) -> float:
    """p-value of so many successes where each trial has a probability of its own."""
    z = (np.sum(list(seen)) - expected.sum()) / np.sqrt((expected * (1 - expected)).sum())
    return float(2 * stats.norm.sf(abs(z)))


def test_first_visits_are_shared_as_the_mean_of_the_dirichlet() -> None:
    """Null: where needs wait for sessions, a consumer's first visit is to store j with alpha_j / S. Chi-square."""
    alphas = {"a": 1.0, "b": 0.6, "c": 0.4}
    behaviour = {"sessions": {"per_day": 1}, "needs": AT_VISIT | {"rates": {"food": RATE}}}
    told = Told(plain({k: {"attraction": alpha} for k, alpha in alphas.items()}, behaviour, consumers=8_000, days=8))
    visits = told.events[told.events["kind"] == "visit"]
    first = visits.drop_duplicates("consumer")
    assert set(first["channel"]) == {"search"}, "a store that was never met is found by search"
    again = visits[visits.duplicated(["consumer", "merchant"])]
    assert set(again["channel"]) == {"direct"}
    seen = first["merchant"].value_counts().sort_index().to_numpy()
    assert seen.sum() > 6_000
    expected = np.array(list(alphas.values())) / sum(alphas.values()) * seen.sum()
    assert stats.chisquare(seen, expected).pvalue > LEVEL


@pytest.mark.parametrize("share", [0.0, 0.35, 1.0])
def test_awareness_is_the_share_of_consumers_who_consider_a_store_they_never_met(share: float) -> None:
    """Null: binomial. Whoever is aware is so at every need: of the only store, such consumers lose no need, others all."""
    behaviour = {"needs": {"rates": {"food": RATE}}}
    told = Told(plain({"a": {"awareness": share}}, behaviour, consumers=4_000, days=60))
    counts = told.events.groupby(["consumer", "kind"]).size().unstack(fill_value=0)
    needs, orders = counts["need"], counts.get("order", pd.Series(0, counts.index))
    assert ((orders == 0) | (orders == needs)).all()
    assert stats.binomtest(int((orders > 0).sum()), int((needs > 0).sum()), share).pvalue > LEVEL


def test_a_store_of_which_nobody_is_aware_gets_nothing_but_from_those_who_met_it() -> None:
    """It has no visits at all, though consumers browse; another store of the same taste has them."""
    behaviour = {"sessions": {"per_day": 2}, "stores": {"browse": 0.5}, "needs": AT_VISIT | {"rates": {"food": RATE}}}
    told = Told(plain({"known": {}, "unknown": {"awareness": 0}}, behaviour, days=30))
    visits = told.events.loc[told.events["kind"] == "visit", "merchant"].value_counts()
    assert visits.index.tolist() == [told.names.index("known")]
    assert visits.iloc[0] > 10_000


def test_a_session_shops_for_each_waiting_industry_with_probability_consider() -> None:
    """Null: the first session of a day shops for food and health, if a need waits, independently with .35. Binomial tests.

    That a need waits is read from the state at 00:00; nothing lapses, and who gets a need that day is left out.
    """
    consider, day = 0.35, 6
    stores = {"a": {"industry": "food"}, "b": {"industry": "health"}}
    rates = {"food": RATE, "health": RATE}
    behaviour = {"sessions": {"per_day": 0.5}, "stores": {"consider": consider}, "needs": AT_VISIT | {"rates": rates}}
    world = plain(stores, behaviour, consumers=16_000, days=day + 1)
    waiting = Told(world, until=day * DAY).waiting() > 0
    events = Told(world).events
    today = events[events["time"] >= day * DAY]
    sessions = today[today["kind"] == "session"].drop_duplicates("consumer")
    sessions = sessions[~sessions["consumer"].isin(today.loc[today["kind"] == "need", "consumer"])]
    visits = today[today["kind"] == "visit"].set_index(["consumer", "time", "merchant"]).index
    at = list(zip(sessions["consumer"], sessions["time"]))
    came = np.array([[(*one, m) in visits for m in range(2)] for one in at])
    waits = waiting[sessions["consumer"]]
    assert not (came & ~waits).any(), "nobody shops for nothing"
    for m in range(2):
        assert stats.binomtest(int(came[waits[:, m], m].sum()), int(waits[:, m].sum()), consider).pvalue > LEVEL
    both = waits.all(axis=1)
    assert both.sum() > 1_200
    assert stats.binomtest(int(came[both].all(axis=1).sum()), int(both.sum()), consider**2).pvalue > LEVEL


def test_waiting_needs_lapse_after_an_exponential_patience() -> None:
    """Nobody comes: of the needs of the run, each still waits at its end with exp(-age / patience); then as long again.

    Null: a z-test of how many wait, and Kolmogorov-Smirnov of how long those have left, who are without memory.
    """
    patience, days = 9.0, 30
    needs = {"buying": "at_visit", "patience_days": patience, "rates": {"food": {"per_year": 60, "shape": 3}}}
    told = Told(plain({"a": {}}, {"needs": needs}, consumers=3_000, days=days))
    age = days * DAY - told.events.loc[told.events["kind"] == "need", "time"].to_numpy()
    left, of_run = lapses_ahead(told)
    assert left.size == told.waiting().sum()
    assert left.size == told.consumers("waiting")["waiting"].sum()
    still = np.exp(-age / (patience * DAY))
    assert z_test([of_run.sum()], still) > LEVEL
    assert z_test([of_run.sum()], np.exp(-age / (1.1 * patience * DAY))) < LEVEL, "10 % more would be found"
    assert stats.kstest(left / (patience * DAY), "expon").pvalue > LEVEL


def lapses_ahead(told: Told) -> tuple[np.ndarray, np.ndarray]:
    """Of each need that waits at the end of the run: seconds until it lapses, and whether it arose in the run."""
    lapse, kinds = 6, 32  # of the table `pending`: when = s * 32 + kind
    left, of_run = [], []
    for shard in told.simulation.population.shards:
        for c in np.asarray(shard.consumers):
            rows = np.asarray(shard.pending)[c["pending_first"] : c["pending_first"] + c["pending_count"]]
            rows = rows[rows["when"] % kinds == lapse]
            left.append(rows["when"] // kinds - told.days * DAY)
            of_run.append(rows["ref"] >= 0)
    return np.concatenate(left), np.concatenate(of_run)


def test_browsing_goes_to_any_industry_by_the_logit_without_waiting() -> None:
    """Null: a browsing session goes to store j of all with exp(taste - price) over the sum. Score tests of the scales of both.

    Visits leave nothing behind here, so that all of a consumer's are alike; scales a fifth too high are rejected.
    """
    levels = {"a": 0.7, "b": 1.0, "c": 1.6}
    stores = {name: {"price_level": level, "attraction": 2} for name, level in levels.items()}
    stores["b"]["industry"] = "health"
    behaviour = {
        "sessions": {"per_day": 2},
        "stores": {"browse": 0.5, "preference": {"price": 1.5, "wait": 9.0}},
        "needs": {"rates": {"food": {"per_year": 0}, "health": {"per_year": 0}}},
    }
    told = Told(plain(stores, behaviour, consumers=3_000, days=20))
    visits = told.events[told.events["kind"] == "visit"]
    assert set(visits["channel"]) == {"recommend"}
    assert stats.binomtest(len(visits), int((told.events["kind"] == "session").sum()), 0.5).pvalue > LEVEL
    who, chosen = visits["consumer"].to_numpy(), visits["merchant"].to_numpy()
    taste, prices = told.taste()[who], -np.log(list(levels.values()))

    def z(x: np.ndarray, of_taste: float, of_price: float) -> float:
        p = np.exp(of_taste * taste + of_price * prices)
        p /= p.sum(axis=1, keepdims=True)
        mean = (p * x).sum(axis=1)
        return float((x[np.arange(len(x)), chosen] - mean).sum() / np.sqrt(((p * x**2).sum(axis=1) - mean**2).sum()))

    of_prices = np.broadcast_to(prices, taste.shape)
    critical = stats.norm.isf(LEVEL / 2)
    assert abs(z(taste, 1, 1.5)) < critical
    assert abs(z(of_prices, 1, 1.5)) < critical
    assert abs(z(taste, 1.2, 1.5)) > critical
    assert abs(z(of_prices, 1, 1.8)) > critical


@pytest.mark.parametrize("brought_by", ["message", "recommend"])
def test_who_was_brought_buys_for_a_need_only_if_the_store_beats_waiting(brought_by: str) -> None:
    """Null: up to its first order, each such visit orders with .7 / (1 + exp(wait - utility)), the utility that of taste and
    price. A z-test of how many do, and one of whether they are those who have the taste for it.

    So many needs wait from the start that one always does; own sessions shop for none.
    """
    wait, with_need, price, level = 1.0, 0.7, 2.0, 1.3
    preference = {"wait": wait, "price": price}
    browse = 1.0 if brought_by == "recommend" else 0.3
    needs = {"buying": "at_visit", "patience_days": 150, "rates": {"food": {"per_year": 120, "shape": 50}}}
    behaviour = {
        "sessions": {"per_day": 0.3 if brought_by == "message" else 0.6},
        "stores": {"consider": 0, "browse": browse, "preference": preference},
        "needs": needs,
        "orders": {"with_need": with_need},
        "reading": {"probability": 0.6, "delay_hours": 1},
    }
    stores = {
        "a": {"attraction": 1.5, "price_level": level, "strategy": {"use": SENDS}},
        "b": {"attraction": 3.0, "price_level": level, "strategy": {"use": SENDS}},
    }
    told = Told(plain(stores, behaviour, consumers=1_500, days=12))
    events, taste = told.events, told.taste()
    ordered = events[events["kind"] == "order"].drop_duplicates("consumer").set_index("consumer")["time"]
    visits = events[(events["kind"] == "visit") & (events["channel"] == brought_by)]
    visits = visits[~(visits["time"] > visits["consumer"].map(ordered))]  # of one second: only one visit
    buys = (visits["time"] == visits["consumer"].map(ordered)).to_numpy()
    liking = taste[visits["consumer"], visits["merchant"]] - price * np.log(level)
    p = with_need / (1 + np.exp(wait - liking))
    assert len(p) > 1_500
    assert z_test(buys, p) > LEVEL
    variance = p * (1 - p)
    z = ((buys - p) * liking).sum() / np.sqrt((variance * liking**2).sum())
    assert 2 * stats.norm.sf(abs(z)) > LEVEL
    assert z_test(buys, np.full(len(p), with_need)) < LEVEL, "they weigh it"


@pytest.mark.parametrize("brought_by", ["message", "recommend"])
def test_orders_without_a_need_have_the_stated_probabilities(brought_by: str) -> None:
    """Null: base, plus what fans and members add, by the log's follows and joins up to the visit. Binomial tests."""
    stated = {"base": 0.05, "fan": 0.1, "member": 0.2}
    other = {"base": 0, "fan": 0, "member": 0}
    own, by_message = (other, stated) if brought_by == "message" else (stated, other)
    behaviour = {
        "sessions": {"per_day": 1},
        "stores": {"browse": 0.7},
        "needs": {"buying": "at_visit", "rates": {"food": {"per_year": 0}}},
        "visits": {"follow": 0.1, "join": 0.1},
        "orders": {"own": own, "message": by_message},
        "reading": {"probability": 0.7},
    }
    stores = {name: {"strategy": {"use": SENDS}} for name in "ab"}
    events = Told(plain(stores, behaviour, consumers=1_500, days=15)).events
    orders = events[events["kind"] == "order"]
    assert set(orders["channel"]) == {brought_by}
    visits = relation_at_visits(events)
    of = visits[visits["channel"] == brought_by]
    keys = ["consumer", "merchant", "time"]
    buys = of.set_index(keys).index.isin(orders.set_index(keys).index)
    for fan, member, p in ((False, False, 0.05), (True, False, 0.15), (True, True, 0.35)):
        trials = ((of["fan"] == fan) & (of["member"] == member)).to_numpy()
        assert trials.sum() > 1_000
        assert stats.binomtest(int(buys[trials].sum()), int(trials.sum()), p).pvalue > LEVEL


def relation_at_visits(events: pd.DataFrame) -> pd.DataFrame:
    """The visits, with `fan` and `member` as they are after what the visit itself brought."""
    keys = ["consumer", "merchant"]
    visits = events[events["kind"] == "visit"]
    for kind, name in (("follow", "fan"), ("join", "member")):
        since = events[events["kind"] == kind].set_index(keys)["time"]
        visits = visits.assign(**{name: visits["time"] >= since.reindex(pd.MultiIndex.from_frame(visits[keys])).to_numpy()})
    return visits
