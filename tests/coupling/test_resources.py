"""What a resource grants, to whom, and what it leaves alone."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from sharing import events, known_stores, of_kind, senders, shares, shops
from worlds import Trace, assert_same

DAY = 86_400
LOOSE = {"store_limit": None, "stores_per_day": None, "per_store_per_day": None, "total_per_day": None}


def without(world: dict[str, Any]) -> dict[str, Any]:
    """The world in which nothing runs out."""
    return copy.deepcopy(world) | {"policies": {}}


@pytest.mark.parametrize("stock", [1, 7, 60, 10_000])
def test_unit_claims_grant_the_earliest_as_many_as_there_are(stock: int) -> None:
    """Granted = min(stock, demand), and the set is the earliest of those who want."""
    world = shops(40, 3, 4, 1.5, {"stock": {"use": "stock", "units": stock}})
    wanted = of_kind(events(without(world)), "order")
    granted = of_kind(events(world, shards=3, threads=2), "order")
    for merchant, demand in wanted.groupby("merchant"):
        orders = granted[granted["merchant"] == merchant]
        assert len(orders) == min(stock, len(demand))
        columns = ["time", "consumer", "ref"]
        pd.testing.assert_frame_equal(
            orders[columns].reset_index(drop=True), demand[columns].head(len(orders)).reset_index(drop=True)
        )


def test_who_is_refused_leaves_a_cart_with_the_reason_and_every_want_is_one_or_the_other() -> None:
    world = shops(40, 3, 4, 1.5, {"stock": {"use": "stock", "units": 9}})
    log = events(world)
    carts = of_kind(log, "cart")
    assert set(carts["reason"]) == {"", "sold_out"}
    assert (carts["reason"] == "").sum() == len(of_kind(log, "order")) == 27
    assert len(carts) == len(of_kind(events(without(world)), "order"))


def test_a_stock_is_filled_up_on_its_days() -> None:
    """Every third day from the first: never more than the stock in between, and as much as is wanted up to it."""
    world = shops(60, 1, 9, 1.0, {"stock": {"use": "stock", "units": 25, "refill_days": 3}})
    days = of_kind(events(world), "order")["time"] // DAY
    wanted = of_kind(events(without(world)), "order")["time"] // DAY
    assert (wanted // 3).value_counts().min() > 25
    assert (days // 3).value_counts().to_dict() == {0: 25, 1: 25, 2: 25}


@pytest.mark.parametrize("refill_days", [1, 2])
def test_what_refunded_orders_had_taken_is_there_from_the_next_refill_on(refill_days: int) -> None:
    """More is wanted than there is: in each period as much is sold as is filled up and was refunded in the one before."""
    stock = {"use": "stock", "units": 10, "refill_days": refill_days, "returns": True}
    world = shops(80, 1, 8, 2.0, {"stock": stock})
    world["behaviour"]["orders"] |= {"receive_hours": 3, "refund": {"probability": 0.5, "delay_hours": 20}}
    log = events(world)
    periods = range(8 // refill_days)
    sold, back = (
        (of_kind(log, kind)["time"] // (DAY * refill_days)).value_counts().reindex(periods, fill_value=0).tolist()
        for kind in ("order", "refund")
    )
    assert sum(back[:-1]) > 10
    assert sold == [10, *(10 + units for units in back[:-1])]
    kept = events(world | {"policies": {"stock": stock | {"returns": False}}})
    assert (of_kind(kept, "order")["time"] // (DAY * refill_days)).value_counts().unique().tolist() == [10]


def test_what_is_left_is_carried_over_if_it_is_declared() -> None:
    """Ten messages a day of a budget of 14: without carrying 10, 10, 10; with, as many, and more is left for the fourth."""
    amounts = {}
    for carry_over in (False, True):
        budget = {"use": "budget", "amount": 14, "per_message": 1, "carry_over": carry_over}
        world = senders(10, 2, 4, {"caps": LOOSE, "budget": budget | {"merchants": ["store-001"]}})
        world["behaviour"]["stores"]["known"] = 2
        sent = of_kind(events(world), "message_sent")
        amounts[carry_over] = len(sent[sent["merchant"] == 1])
    assert amounts == {False: 40, True: 40}


def granted_one_by_one(wants: pd.DataFrame, amounts: pd.DataFrame, budget: int, short: str) -> list[tuple[int, int]]:
    """Who is granted what when the wants of a day are met one after the other: (time, amount)."""
    granted, count = [], dict.fromkeys(wants["consumer"], 0)
    for _, of_day in wants.groupby(wants["time"] // DAY):
        left, closed = budget, False
        for time, consumer in zip(of_day["time"], of_day["consumer"]):
            amount = amounts[amounts["consumer"] == consumer]["amount"].iloc[count[consumer]]
            if not closed and amount <= left:
                left -= amount
                count[consumer] += 1
                granted.append((time, amount))
            elif short == "close":
                closed = True
    return granted


@pytest.mark.parametrize("short", ["close", "skip"])
def test_claims_of_different_amounts(short: str) -> None:
    """A daily budget of money for orders: the first that is more than is left closes it, or is skipped."""
    budget = 60_000
    rates = {"buying": "at_need", "rates": {"apparel": {"per_year": 300}}}
    world = shops(30, 1, 12, 0, {"budget": shares(amount=budget, claimed_by="order", takes="amount", short=short)})
    world["merchants"] = {"store": {"industry": "apparel", "awareness": 1.0}}
    world["behaviour"] |= {"stores": {"choice": "compete", "preference": {"wait": None}}, "needs": rates}
    wants = of_kind(events(without(world)), "order")
    orders = of_kind(events(world, shards=3), "order")
    expected = granted_one_by_one(wants, wants, budget, short)
    assert list(zip(orders["time"], orders["amount"])) == expected
    assert 20 < len(expected) < len(wants) - 20
    assert (orders["amount"].groupby(orders["time"] // DAY).sum() <= budget).all()


def test_several_resources_are_claimed_all_or_none_and_the_first_in_declared_order_is_named() -> None:
    """8 units of one, 5 of the other: five messages take both, nothing is taken of the first by who lacks the second."""
    policies = {
        "caps": LOOSE,
        "a": shares(amount=8, claimed_by="delivery", name="x", refill_days=None, reason="first"),
        "b": shares(amount=5, claimed_by="delivery", refill_days=1, reason="second"),
    }
    policies["a"]["of"][0].pop("name")
    log = events(senders(20, 1, 3, policies))
    sent = of_kind(log, "message_sent")
    refused = of_kind(log, "message_blocked")
    by_day = lambda rows: (rows["time"] // DAY).value_counts(sort=False).sort_index().to_dict()  # noqa: E731
    assert by_day(sent) == {0: 5, 1: 3}
    assert by_day(refused[refused["reason"] == "second"]) == {0: 15}
    assert by_day(refused[refused["reason"] == "first"]) == {1: 17, 2: 20}


def test_nothing_changes_for_who_never_asked() -> None:
    """Consumers of stores without a limit live as they would."""
    world = shops(300, 6, 6, 1.5, {"stock": {"use": "stock", "units": 5, "merchants": ["store-002"]}})
    base, arm = events(without(world)), events(world, shards=4, threads=2)
    concerned = base["consumer"][base["merchant"] == 2].unique()
    assert 20 < len(concerned) < 100
    alone = lambda log: log[~log["consumer"].isin([*concerned, -1])].reset_index(drop=True)  # noqa: E731
    pd.testing.assert_frame_equal(alone(base), alone(arm), check_exact=True)
    assert len(base) != len(arm)


@pytest.mark.parametrize("amount", [10**15, 3_000])
def test_a_resource_too_large_to_run_out_leaves_no_trace(amount: int) -> None:
    """Whether that is certain from the start or only at the end; beside one that does run out."""
    scarce = {"caps": LOOSE | {"platform_per_day": 500}, "stock": {"use": "stock", "units": 3, "refill_days": 1}}
    plan = {"use": "plan", "cycle": 1, "crowd": "all", "at": "09:00", "scenes": ["cs.custom", "cs.promotion"]}
    world = shops(200, 4, 5, 1.0, scarce) | {"merchants": {"store": {"count": 4, "strategy": plan}}}
    world["behaviour"]["stores"]["known"] = 3
    large = {
        "a large": shares(amount=amount, claimed_by="delivery"),
        "large": shares(amount=amount, claimed_by="order", visible=True),
        "huge": shares(amount=10**15, claimed_by="order", takes="amount", short="skip"),
    }
    base = Trace(world).contents
    assert_same(base, Trace(world | {"policies": scarce | large}, shards=3).contents)
    assert {"platform_limit", "sold_out"} <= set(base["events"]["reason"])


def test_never_oversold() -> None:
    """An audit of the log alone: a spending budget of orders, a stock, a limit of the platform, a budget of messages."""
    plan = {"use": "plan", "cycle": 1, "crowd": "all", "at": "09:00", "scenes": ["cs.custom", "cs.promotion"]}
    policies = {
        "caps": LOOSE | {"platform_per_day": 120},
        "budget": {"use": "budget", "amount": 100, "per_message": 3},
        "stock": {"use": "stock", "units": 15, "refill_days": 2},
        "subsidy": shares(amount=120_000, claimed_by="order", takes="amount", share=0.5, reason="subsidy"),
    }
    world = shops(150, 4, 6, 1.5, policies) | {"merchants": {"store": {"count": 4, "strategy": plan}}}
    world["behaviour"]["orders"] |= {"amount": 9_001}
    log = events(world, shards=5, threads=2)
    day = log["time"] // DAY
    sent, orders = log["kind"] == "message_sent", log["kind"] == "order"
    assert day[sent].value_counts().max() <= 120
    assert log[sent].groupby([day, "merchant"]).size().max() == 33
    assert log[orders].groupby([day // 2, "merchant"]).size().max() <= 15
    assert (log["amount"][orders] // 2 + 1).groupby(day[orders]).sum().max() <= 120_000
    exhausted = log[log["kind"] == "resource_exhausted"]
    assert set(exhausted["reason"]) == {"platform_limit", "budget_spent", "sold_out", "subsidy"}
    assert not exhausted.duplicated(["reason", "merchant", "time"]).any()


def test_ties_are_fair_across_cohorts() -> None:
    """Messages to 4,000 at once, half of which are granted, on 12 days: quarters of the ids fare alike.

    Chi-square of a draw without replacement, 3 degrees of freedom a day; error rate 0.001.
    """
    consumers, granted, days, cohorts = 4_000, 2_000, 12, 4
    log = events(senders(consumers, 1, days, {"caps": LOOSE | {"platform_per_day": granted}}), shards=3)
    sent = of_kind(log, "message_sent")
    counts = np.zeros((days, cohorts))
    np.add.at(counts, (sent["time"] // DAY, sent["consumer"] * cohorts // consumers), 1)
    assert (counts.sum(axis=1) == granted).all()
    expected = granted / cohorts
    statistic = ((counts - expected) ** 2 / expected).sum() * (consumers - 1) / (consumers - granted)
    assert statistic < stats.chi2.ppf(0.999, days * (cohorts - 1))
    twice = np.isin(np.arange(consumers), sent["consumer"][sent["time"] < DAY])
    again = np.isin(np.arange(consumers), sent["consumer"][sent["time"] // DAY == 1])
    table = [[(twice & again).sum(), (twice & ~again).sum()], [(~twice & again).sum(), (~twice & ~again).sum()]]
    assert stats.chi2_contingency(table).pvalue > 0.001, "who was lucky on one day is no more lucky on the next"


def test_exhaustion_of_k_units_under_poisson_demand_is_erlang_k() -> None:
    """300 stores with 12 units each, every session an order: time times rate is Gamma(12). KS, 300 stores, error rate 0.001."""
    k, per_day = 12, 1.0
    world = shops(12_000, 300, 4, per_day, {"stock": {"use": "stock", "units": k}})
    gone = of_kind(events(world, shards=2), "resource_exhausted")
    assert len(gone) == 300
    rate = known_stores(without(world) | {"days": 1})[gone["merchant"]] * per_day / DAY
    assert stats.kstest((gone["time"] + 0.5) * rate, stats.gamma(k).cdf).pvalue > 0.001
