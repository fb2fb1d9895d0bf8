"""What an order leaves behind: satisfaction, dropping out, following and joining. Family error 1 % for the file."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from competing import Told, plain
from scipy import stats

LEVEL = 0.01 / 16
OFTEN = {"rates": {"food": {"per_year": 80, "shape": 5}}}
KEYS = ["consumer", "merchant"]


def z_p(seen: np.ndarray, expected: np.ndarray, variance: np.ndarray) -> float:
    """p-value of a z-test of a sum."""
    return float(2 * stats.norm.sf(abs((seen.sum() - expected.sum()) / np.sqrt(variance.sum()))))


@pytest.mark.parametrize(("weight", "spread", "quality", "service"), [(0.3, 1.0, 0.2, 0.5), (0.8, 0.5, -0.4, 0.0)])
def test_satisfaction_is_the_exponentially_weighted_mean_of_receipts(
    weight: float, spread: float, quality: float, service: float
) -> None:
    """Null: after k receipts normal, with mean q (1 - (1 - w)^k), variance s^2 w (1 - (1 - w)^2k) / (2 - w), q that of goods
    and service.

    Kolmogorov-Smirnov over all pairs with a receipt; and correlated with that after one receipt less as it should be.
    """
    experience = {"weight": weight, "spread": spread, "service": 0.6}
    behaviour = {"needs": OFTEN, "orders": {"experience": experience, "receive_hours": 40}}
    store = {"quality": quality, "service": service}
    told = Told(plain({"a": store, "b": store}, behaviour, consumers=3_000))
    quality += 0.6 * service
    events = told.events
    received = events[events["kind"] == "receive"].groupby(KEYS).size()
    pairs = told.relations().set_index(KEYS)
    assert (pairs["satisfaction"][~pairs.index.isin(received.index)] == 0).all(), "not before a receipt"
    k = received.reindex(pairs.index).dropna()
    of_one = 1 - (1 - weight) ** k
    deviation = spread * np.sqrt(weight * (1 - (1 - weight) ** (2 * k)) / (2 - weight))
    z = (pairs["satisfaction"].reindex(k.index) - quality * of_one) / deviation
    assert len(z) > 4_000
    assert stats.kstest(z, "norm").pvalue > LEVEL
    assert stats.kstest(z[k >= 4], "norm").pvalue > LEVEL
    several = k[k >= 2]
    assert stats.kstest(z[several.index] * deviation[several.index] / spread, "norm").pvalue < LEVEL, "it is a mean"


class Repeats:
    """All repeat purchases of a market with drop-out, with the probability that the model gives to dropping out at each."""

    def __init__(self, members_stay: float, satisfaction: float, join: float) -> None:
        drop_out = {"mean": 0.15, "concentration": 3, "member": members_stay, "satisfaction": satisfaction}
        experience = {"weight": 0.5, "spread": 0}
        quality = {"a": 1.0, "b": -0.5}
        behaviour = {
            "needs": OFTEN,
            "orders": {"drop_out": drop_out, "experience": experience, "join": join, "receive_hours": 5},
        }
        stores = {name: {"attraction": 3, "quality": value} for name, value in quality.items()}
        told = Told(plain(stores, behaviour, consumers=3_000, days=120))
        self.drop_out = told.consumers("drop_out")["drop_out"].to_numpy()
        pairs = told.relations().set_index(KEYS)
        self.pairs = pairs
        events = told.events
        orders = events[events["kind"] == "order"].reset_index(drop=True)
        orders["n"] = orders.groupby(KEYS).cumcount()
        joined = events[events["kind"] == "join"].set_index(KEYS)["time"]
        at = pd.MultiIndex.from_frame(orders[KEYS])
        member = (orders["time"] >= joined.reindex(at).to_numpy()).to_numpy()  # who joins at this order is one already
        marks = events[events["kind"].isin(["order", "receive"])].assign(got=lambda rows: rows["kind"] == "receive")
        receipts = marks.groupby(KEYS)["got"].cumsum()[(marks["kind"] == "order").to_numpy()].to_numpy()
        happy = np.array([quality[told.names[m]] for m in orders["merchant"]]) * (1 - 0.5**receipts)
        p = self.drop_out[orders["consumer"]] * (1 - members_stay * member) * np.exp(-satisfaction * happy)
        last = ~orders.duplicated(KEYS, keep="last").to_numpy()
        left = last & (pairs["dropped"].reindex(at) == 1).to_numpy()
        self.left_at_first = int((left & (orders["n"] == 0)).sum())
        repeat = (orders["n"] > 0).to_numpy()
        self.left, self.p, self.member, self.happy = left[repeat], p[repeat], member[repeat], happy[repeat]
        self.figures = told.daily["left"].sum()

    def p_value(self, of: np.ndarray, factor: float = 1.0) -> float:
        p = self.p[of] * factor
        return z_p(self.left[of], p, p * (1 - p))


@pytest.fixture(scope="module")
def repeats() -> Repeats:
    return Repeats(members_stay=0.6, satisfaction=0.7, join=0.2)


def test_dropping_out_follows_a_repeat_purchase_and_ends_all_purchases(repeats: Repeats) -> None:
    """Whoever has dropped out did so at its last order there, which was not the first."""
    assert repeats.left_at_first == 0
    dropped = repeats.pairs[repeats.pairs["dropped"] == 1]
    assert len(dropped) == repeats.figures == repeats.left.sum() > 500
    assert (dropped["orders"] >= 2).all()


def test_drop_out_has_the_consumers_own_probability_lowered_by_membership_and_satisfaction(repeats: Repeats) -> None:
    """Null: p (1 - share of members) exp(-slope * satisfaction) after each repeat purchase. z-tests, of members and others,
    of the satisfied and others. Probabilities that leave out one of the two are rejected."""
    everybody = np.ones(len(repeats.p), bool)
    of_members, others = repeats.member, ~repeats.member
    assert of_members.sum() > 1_000
    for of in (of_members, others, repeats.happy > 0.5, repeats.happy < 0):
        assert repeats.p_value(of) > LEVEL
    assert repeats.p_value(of_members, 1 / (1 - 0.6)) < LEVEL
    flat = repeats.p * np.exp(0.7 * repeats.happy)
    assert z_p(repeats.left, flat, flat * (1 - flat)) < LEVEL
    assert repeats.p_value(everybody, 1.15) < LEVEL


def test_own_probabilities_of_dropping_out_are_beta(repeats: Repeats) -> None:
    """Null: Beta with mean .15 and a + b = 3. Kolmogorov-Smirnov."""
    assert stats.kstest(repeats.drop_out, stats.beta(0.45, 2.55).cdf).pvalue > LEVEL


# Following and joining


def acts(events: pd.DataFrame, kind: str) -> pd.DataFrame:
    """Visits or orders in time, with what the consumer was before and what it became there."""
    marked = events[events["kind"].isin([kind, "follow", "join"])]
    for name, of in (("fan", "follow"), ("member", "join")):
        is_one = marked["kind"] == of
        marked = marked.assign(**{name: is_one.groupby([marked["consumer"], marked["merchant"]]).cumsum() > is_one})
    rows = marked[marked["kind"] == kind]
    keys = [*KEYS, "time"]
    at = rows.set_index(keys).index
    for name, of in (("follows", "follow"), ("joins", "join")):
        rows = rows.assign(**{name: at.isin(events[events["kind"] == of].set_index(keys).index)})
    return rows


def log_of(behaviour: dict[str, Any], stores: int = 2) -> pd.DataFrame:
    return Told(plain({f"s{k}": {} for k in range(stores)}, behaviour, consumers=1_500, days=20)).events


def test_int_1_a_visitor_follows_with_the_stated_probability() -> None:
    """Null: .12 at each visit of who is no fan yet; nobody follows elsewhere or twice. Binomial."""
    browsing = {"sessions": {"per_day": 1}, "stores": {"browse": 1}, "needs": {"rates": {"food": {"per_year": 0}}}}
    events = log_of(browsing | {"visits": {"follow": 0.12}})
    visits = acts(events, "visit")
    chances = visits[~visits["fan"]]
    assert stats.binomtest(int(chances["follows"].sum()), len(chances), 0.12).pvalue > LEVEL
    assert visits["follows"].sum() == (events["kind"] == "follow").sum() > 500
    assert not visits.loc[visits["fan"], "follows"].any()


def test_int_1_a_buyer_follows_with_the_stated_probability() -> None:
    """Null: .25 at each order of who is no fan yet, where visits bring no fans. Binomial."""
    events = log_of({"needs": OFTEN, "orders": {"follow": 0.25}})
    orders = acts(events, "order")
    chances = orders[~orders["fan"]]
    assert stats.binomtest(int(chances["follows"].sum()), len(chances), 0.25).pvalue > LEVEL
    assert orders["follows"].sum() == (events["kind"] == "follow").sum() > 500


def test_int_3_a_fan_joins_without_a_threshold_at_a_later_visit() -> None:
    """Null: .2 at each visit of a fan who is no member; nobody else joins, and all joins are by `zero_yuan`. Binomial."""
    browsing = {"sessions": {"per_day": 1}, "stores": {"browse": 1}, "needs": {"rates": {"food": {"per_year": 0}}}}
    events = log_of(browsing | {"visits": {"follow": 0.2, "join": 0.2}})
    visits = acts(events, "visit")
    chances = visits[visits["fan"] & ~visits["member"]]
    assert stats.binomtest(int(chances["joins"].sum()), len(chances), 0.2).pvalue > LEVEL
    joins = events[events["kind"] == "join"]
    assert len(joins) == chances["joins"].sum() > 500
    assert set(joins["channel"]) == {"zero_yuan"}
    assert not events["kind"].eq("order").any(), "no order is asked for"


def test_int_3_a_buyer_joins_with_the_stated_probability() -> None:
    """Null: .15 at each order of who is no member, fan or not. Binomial."""
    events = log_of({"needs": OFTEN, "orders": {"follow": 0.3, "join": 0.15}})
    orders = acts(events, "order")
    for fan in (False, True):
        chances = orders[~orders["member"] & (orders["fan"] == fan)]
        assert stats.binomtest(int(chances["joins"].sum()), len(chances), 0.15).pvalue > LEVEL
    assert set(events.loc[events["kind"] == "join", "channel"]) == {"zero_yuan"}
