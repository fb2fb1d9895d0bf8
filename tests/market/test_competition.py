"""Stores compete for needs: what one wins, others lose; and no need is lost or met twice."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from competing import Told, merged, plain
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy import stats
from test_shopping import SENDS

LEVEL = 0.01 / 7
EXAMPLES = settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
SEEDS = range(1, 7)

BEHAVIOUR = {
    "sessions": {"per_day": 0.5},
    "stores": {"consider": 0.3, "preference": {"wait": 0.0}},
    "needs": {"buying": "at_visit", "patience_days": 15, "rates": {"food": {"per_year": 15}, "health": {"per_year": 15}}},
    "reading": {"probability": 0.3, "delay_hours": 4},
}
STORES: dict[str, dict[str, Any]] = {
    "loud": {},
    "other": {"attraction": 0.8},
    "third": {"attraction": 0.8},
    "elsewhere": {"industry": "health"},
}


def orders(stores: dict[str, dict[str, Any]]) -> np.ndarray:
    """Orders, (seeds, stores in the order of names), and orders of all."""
    world = plain(stores, BEHAVIOUR, consumers=2_000, days=90)
    found = [Told(world, seed, events="none").daily.groupby("merchant")["orders"].sum() for seed in SEEDS]
    return np.array([of[sorted(stores)].to_numpy() for of in found], np.float64)


def test_messages_of_a_store_take_needs_from_its_rivals_and_win_some_that_would_have_lapsed() -> None:
    """Paired one-sided t-tests over seeds, a family of 1 %: the sender's orders rise, its rivals' fall, their sum rises less.

    A store of another industry loses no need: its orders are the same, one by one.
    """
    silent = orders(STORES)
    sending = orders(merged(STORES, {"loud": {"strategy": {"use": SENDS}}}))
    elsewhere, loud, *rivals = range(4)
    gain = sending - silent
    of_rivals = gain[:, rivals].sum(axis=1)

    def p(greater: np.ndarray) -> float:
        return float(stats.ttest_1samp(greater, 0, alternative="greater").pvalue)

    assert p(gain[:, loud]) < LEVEL
    assert p(-of_rivals) < LEVEL
    assert p(gain[:, loud] + of_rivals) < LEVEL
    assert not gain[:, elsewhere].any()


@pytest.mark.parametrize("store", ["cheap", "dear"])
def test_a_lower_price_takes_orders_from_the_other_store(store: str) -> None:
    """With taste that hardly differs (alpha 100), shares are those of exp(-1.5 ln price). Binomial over first orders."""
    levels = {"cheap": 0.8, "dear": 1.25}
    stores = {name: {"attraction": 100, "price_level": level} for name, level in levels.items()}
    behaviour = {"stores": {"preference": {"price": 1.5}}, "needs": {"rates": {"food": {"per_year": 60}}}}
    told = Told(plain(stores, behaviour, consumers=8_000, days=20))
    first = told.events[told.events["kind"] == "order"].drop_duplicates("consumer")
    share = stats.beta(100, 100)  # of a store in the taste for both
    of_cheap, of_dear = (level**-1.5 for level in levels.values())
    cheap = share.expect(lambda taste: taste * of_cheap / (taste * of_cheap + (1 - taste) * of_dear))
    expected = cheap if store == "cheap" else 1 - cheap
    seen = int((first["merchant"] == told.names.index(store)).sum())
    assert stats.binomtest(seen, len(first), expected).pvalue > LEVEL
    assert stats.binomtest(seen, len(first), 0.5).pvalue < LEVEL


def test_amounts_are_gamma_gamma_about_the_industrys_mean_at_the_stores_price_level() -> None:
    """Null: a consumer's first amount over the scale is v * BetaPrime(p, q) with mean 1. Kolmogorov-Smirnov, by store."""
    p, q, mean = 6.25, 3.74, 20_000
    levels = {"a": 0.8, "b": 1.5}
    behaviour = {"needs": {"rates": {"food": {"per_year": 30, "amount": mean}}}, "orders": {"spread": {"p": p, "q": q}}}
    told = Told(plain({name: {"price_level": level} for name, level in levels.items()}, behaviour, consumers=6_000, days=60))
    first = told.events[told.events["kind"] == "order"].drop_duplicates("consumer")
    for m, level in enumerate(levels.values()):
        amounts = first.loc[first["merchant"] == m, "amount"] / (mean * level)
        assert len(amounts) > 2_000
        assert stats.kstest(amounts, stats.betaprime(p, q, scale=(q - 1) / p).cdf).pvalue > LEVEL


# Needs are conserved


@st.composite
def markets(draw: st.DrawFn) -> dict[str, Any]:
    """Markets whose orders are all for needs."""
    rates = {name: {"per_year": draw(st.sampled_from([5, 150]))} for name in ("food", "health")}
    behaviour = {
        "sessions": {"per_day": draw(st.sampled_from([0.0, 0.4, 3.0]))},
        "stores": {
            "consider": draw(st.sampled_from([0.2, 1.0])),
            "browse": draw(st.sampled_from([0.0, 0.5])),
            "preference": {"wait": draw(st.sampled_from([None, -1.0, 1.0])), "habit": 0.3, "fan": 0.3},
        },
        "needs": {
            "buying": draw(st.sampled_from(["at_visit", "at_need"])),
            "regularity": draw(st.integers(1, 3)),
            "patience_days": draw(st.sampled_from([0.3, 10])),
            "rates": rates,
        },
        "orders": {
            "with_need": draw(st.sampled_from([0.4, 1.0])),
            "follow": 0.2,
            "receive_hours": 20,
            "drop_out": draw(st.sampled_from([None, {"mean": 0.4}])),
        },
        "reading": {"probability": 0.5},
        "visits": {"follow": 0.2},
    }
    stores = {
        name: {"industry": industry, "awareness": draw(st.sampled_from([0.4, 1.0])), "strategy": {"use": SENDS}}
        for name, industry in (("a", "food"), ("b", "food"), ("c", "health"))
    }
    run = {"days": draw(st.integers(1, 25)), "consumers": draw(st.integers(1, 30)), "seed": draw(st.integers(0, 2**40))}
    return merged(plain(stores, behaviour), run)


@EXAMPLES
@given(markets())
def test_every_need_is_met_once_or_lapses_or_waits(world: dict[str, Any]) -> None:
    """For each consumer: needs that waited at the start and arose since = orders + lapses + needs that wait at the end."""
    begin, end = Told(world, world["seed"], until=0), Told(world, world["seed"])
    events, count = end.events, world["consumers"]
    needs, orders = (events[events["kind"] == kind].groupby("consumer").size() for kind in ("need", "order"))
    needs, orders = (of.reindex(range(count), fill_value=0).to_numpy() for of in (needs, orders))
    state = end.consumers("lapsed", "waiting", "needs", "bought")
    assert (begin.waiting().sum(axis=1) + needs == orders + state["lapsed"] + state["waiting"]).all()
    assert (end.waiting().sum(axis=1) == state["waiting"]).all()
    assert (end.waiting() >= 0).all()
    assert (state["needs"] == needs).all()
    assert (state["bought"] == orders).all()
