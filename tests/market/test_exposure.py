"""How visible a store is: in the choice among stores, to who browses, and what visits make of it [LEAD-1, LEAD-2].

A family error of 1 % for the file. Its coefficient in the choice is tested with the others, in test_utility_of_stores.py.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from competing import DAY, Told, merged, plain
from scipy import stats

LEVEL = 0.01 / 8
KEEP, POWER = 0.9, 0.7
SHOPPING: dict[str, Any] = {
    "sessions": {"per_day": 1},
    "stores": {"browse": 0.3, "preference": {"exposure": 1.0, "wait": 0.0}},
    "needs": {"buying": "at_visit", "rates": {"food": {"per_year": 40}, "health": {"per_year": 40}}},
}
STORES: dict[str, dict[str, Any]] = {
    "a": {"attraction": 1.5},
    "b": {"exposure": 2.0},
    "c": {"industry": "health"},
    "d": {"industry": "health", "attraction": 0.2},
    "e": {"industry": "health", "exposure": 0.5},
}
POPULAR = {"stores": {"popularity": {"keep": KEEP, "power": POWER}}}


def visits_by_day(told: Told) -> np.ndarray:
    """(days, stores), by the log."""
    visits = told.events[told.events["kind"] == "visit"]
    return pd.crosstab(visits["time"] // DAY, visits["merchant"]).reindex(range(told.days), fill_value=0).to_numpy()


def test_exposure_follows_the_stock_of_visits_up_to_yesterday() -> None:
    """By the log's visits: C <- .9 C + visits per 1,000 consumers; exposure is as declared times (1 + C) ** .7, over the mean
    of that in the industry. Compared on the last of each number of days."""
    industries = np.array([store.get("industry", "food") for store in STORES.values()])
    declared = np.array([store.get("exposure", 1.0) for store in STORES.values()])
    for days in (1, 2, 25):
        told = Told(plain(STORES, merged(SHOPPING, POPULAR), consumers=400, days=days))
        stock = np.zeros(len(STORES))
        for visits in visits_by_day(told)[:-1]:
            stock = KEEP * stock + visits / 0.4
        factor = (1 + stock) ** POWER
        mean = np.array([factor[industries == industry].mean() for industry in industries])
        np.testing.assert_allclose(told.exposure(), np.log(declared * factor / mean), rtol=0, atol=1e-12)
        assert days == 1 or np.ptp(stock) > 10


@pytest.mark.parametrize("changes", [{"popularity": {"power": 0}}, {"preference": {"exposure": 0}, "popularity": {}}], ids=str)
def test_popularity_without_a_power_or_a_preference_changes_nothing(changes: dict[str, Any]) -> None:
    """Bit for bit, but for no power: exposures are those that were declared, up to rounding."""
    base = merged(SHOPPING, {"stores": {"preference": changes.get("preference", {})}})
    without = Told(plain(STORES, base, consumers=300, days=30))
    with_it = Told(plain(STORES, merged(base, {"stores": changes}), consumers=300, days=30))
    assert without.events.equals(with_it.events)


def test_without_a_preference_exposure_changes_nothing() -> None:
    """Bit for bit."""
    base = merged(SHOPPING, {"stores": {"preference": {"exposure": 0}}})
    alike = {name: {**store, "exposure": 1.0} for name, store in STORES.items()}
    one, other = (Told(plain(stores, base, consumers=300, days=30)) for stores in (STORES, alike))
    assert one.events.equals(other.events)


def visits(stores: dict[str, dict[str, Any]], behaviour: dict[str, Any]) -> np.ndarray:
    """Visits of each store, (seeds, stores in the order of names)."""
    world = plain(stores, merged(SHOPPING, behaviour), consumers=600, days=60)
    return np.array([visits_by_day(Told(world, seed)).sum(axis=0) for seed in range(1, 7)], float)


def test_lead_1_a_store_that_is_shown_more_is_visited_more_at_the_cost_of_others() -> None:
    """Paired t-tests over seeds: twice the exposure brings visits, and takes them from the industry's other store."""
    gain = visits(merged(STORES, {"a": {"exposure": 2.0}}), {}) - visits(STORES, {})
    assert stats.ttest_1samp(gain[:, 0], 0, alternative="greater").pvalue < LEVEL
    assert stats.ttest_1samp(gain[:, 1], 0, alternative="less").pvalue < LEVEL


def test_where_traffic_begets_traffic_the_rich_get_richer() -> None:
    """Paired t-tests over seeds: the largest store of each industry has a larger share of its industry's visits."""
    plainly, popular = visits(STORES, {}), visits(STORES, POPULAR)
    for industry in (slice(0, 2), slice(2, 5)):
        largest = plainly[:, industry].mean(axis=0).argmax()
        before, after = (found[:, industry][:, largest] / found[:, industry].sum(axis=1) for found in (plainly, popular))
        assert stats.ttest_rel(after, before, alternative="greater").pvalue < LEVEL


BROWSING: dict[str, Any] = {
    "sessions": {"per_day": 2},
    "stores": {"browse": 0.5, "discover": 0.4},
    "needs": {"rates": {"food": {"per_year": 0}, "health": {"per_year": 0}}},
}


def test_lead_2_who_browses_discovers_unknown_stores_in_proportion_to_exposure() -> None:
    """Nobody is aware of any store: first visits are discoveries, of store j with exposure_j over the sum. Chi-square.

    Null of how many browsing sessions of who knows some stores, and not all, find a new one: binomial with .4.
    """
    exposures = np.array([1.0, 3.0, 0.5, 2.0])
    stores = {f"s{k}": {"awareness": 0, "exposure": exposure} for k, exposure in enumerate(exposures)}
    told = Told(plain(stores, BROWSING, consumers=6_000, days=10))
    visits = told.events[told.events["kind"] == "visit"]
    first = visits.drop_duplicates("consumer")
    seen = first["merchant"].value_counts().sort_index().to_numpy()
    assert seen.sum() > 5_000
    assert stats.chisquare(seen, exposures / exposures.sum() * seen.sum()).pvalue > LEVEL
    assert set(visits["channel"]) == {"recommend"}
    fresh = ~visits.duplicated(["consumer", "merchant"])
    known = fresh.groupby(visits["consumer"]).cumsum() - fresh
    chances = (known > 0) & (known < len(stores))
    assert stats.binomtest(int(fresh[chances].sum()), int(chances.sum()), 0.4).pvalue > LEVEL
    assert not fresh[known == len(stores)].any()


def test_what_was_discovered_is_considered_from_then_on() -> None:
    """A store of which nobody is aware sells nothing without discoveries; with them, only to who has discovered it before."""
    stores = {"known": {}, "unknown": {"awareness": 0, "attraction": 2.0}}
    needs = {"buying": "at_visit", "rates": {"food": {"per_year": 60}}}
    for discover in (0.0, 0.2):
        behaviour = {
            "sessions": {"per_day": 1},
            "stores": {"consider": 0.5, "browse": 0.3, "discover": discover},
            "needs": needs,
        }
        events = Told(plain(stores, behaviour, days=40)).events
        of = events[(events["merchant"] == 1) & events["kind"].isin(["visit", "order"])]
        assert (len(of) > 500) == (discover > 0)
        shopping = of[(of["kind"] == "visit") & (of["channel"] != "recommend")]
        since = of.drop_duplicates("consumer").set_index("consumer")
        assert (since["channel"] == "recommend").all()
        assert (shopping["time"] > shopping["consumer"].map(since["time"])).all()
        assert (len(shopping) > 300) == (discover > 0)
