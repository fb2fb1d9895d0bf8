"""Prices for members, fans and old customers: what they cost to the fen, and what they bring [KEEP-1]."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from competing import DAY, Told, merged, plain
from scipy import stats

from sim.errors import BadInput
from sim.results.tables import acted

LEVEL = 0.01 / 4
OFF = {"member": 0.15, "fan": 0.2, "old_customer": 0.15}
GOODS_COST, MESSAGE_COST = 0.55, 2
STORES: dict[str, dict[str, Any]] = {
    name: {"attraction": 0.8, "goods_cost": GOODS_COST, "message_cost": MESSAGE_COST} for name in ("giving", "rival")
}
BEHAVIOUR: dict[str, Any] = {
    "stores": {"preference": {"wait": 0.0, "price": 1.5}},
    "needs": {"rates": {"food": {"per_year": 40, "shape": 3, "amount": 6_001}}},
    "orders": {"units": {"more": 0.7}, "follow": 0.2, "join": 0.1},
}
UNMOVED = {"stores": {"preference": {"price": 0.0}}}  # consumers to whom prices are all one


def told(*policies: dict[str, Any], seed: int = 1, behaviour: dict[str, Any] | None = None, **top: Any) -> Told:
    prices = {f"prices {k}": {"use": "relation_prices", "merchants": ["giving"], **policy} for k, policy in enumerate(policies)}
    changed = merged(BEHAVIOUR, behaviour or {})
    return Told(plain(STORES, changed, policies=prices, **{"consumers": 800, "days": 120, **top}), seed)


def entitled(events: pd.DataFrame) -> pd.DataFrame:
    """The orders, and what each consumer was to the store before it: by the rows of the log up to it."""
    rows = events[events["kind"].isin(["order", "follow", "join"])].reset_index(drop=True)
    pairs = [rows["consumer"], rows["merchant"]]
    found = {name: (rows["kind"] == kind).groupby(pairs).cumsum() > 0 for name, kind in (("fan", "follow"), ("member", "join"))}
    orders = rows.assign(**found)[rows["kind"] == "order"]
    day = orders["time"] // DAY
    first = day.groupby([orders["consumer"], orders["merchant"]]).transform("min")
    return orders.assign(day=day, old_customer=first < day)  # of a run of less than a year


def test_keep_1_what_is_paid_and_given_is_right_to_the_fen() -> None:
    """Beside a run of the same orders without discounts: each order's price, and each day's money at each store.

    The share off each unit is rounded; the lowest price counts, and of equal ones that of members before old customers.
    """
    plainly, less = told(behaviour=UNMOVED), told(OFF, behaviour=UNMOVED)
    gross, orders = plainly.events[plainly.events["kind"] == "order"]["amount"].to_numpy(), entitled(less.events)
    keys = ["time", "kind", "consumer", "merchant", "ref"]
    lives = [run.events[run.events["consumer"] >= 0][keys].reset_index(drop=True) for run in (plainly, less)]
    assert lives[0].equals(lives[1]), "what stores have online is the platform's row"
    gives = (orders["merchant"] == less.names.index("giving")).to_numpy()
    price = np.select(
        [orders[name] & gives for name in ("fan", "member", "old_customer")], ["fan", "member", "old_customer"], ""
    )
    assert orders["reason"].tolist() == [name and f"{name}_price" for name in price.tolist()]
    assert min(pd.Series(price).value_counts()) > 100
    given = gross - orders["amount"].to_numpy()
    assert not given[price == ""].any()
    by_day = orders.assign(gross=gross, given=given).groupby(["day", "merchant"])
    days = less.daily.assign(merchant=less.daily["merchant"].map(less.names.index)).set_index(["day", "merchant"])
    sums = by_day[["amount", "given", "gross"]].sum().reindex(days.index, fill_value=0)
    assert (days["gmv"] == sums["amount"]).all()
    assert (days["discount"] == sums["given"]).all()
    before = plainly.daily.set_index(days.index)
    assert (days["gmv"] + days["discount"] == before["gmv"]).all()
    assert (days["goods_cost"] == before["goods_cost"]).all(), "goods are as dear as before"
    assert (days["units"] == before["units"]).all()
    assert (days["profit"] == days["gmv"] - days["goods_cost"] - days["message_cost"]).all()
    assert (before["profit"] - days["profit"] == days["discount"]).all()
    one = by_day["amount"].size().reindex(days.index) == 1
    unit = before["gmv"][one] // days["units"][one]
    off = np.array([OFF.get(name, 0.0) for name in price])[
        np.isin(pd.MultiIndex.from_frame(orders[["day", "merchant"]]), one[one].index)
    ]
    assert (days["discount"][one] == days["units"][one] * np.floor(unit * off + 0.5)).all()


def test_keep_1_of_several_policies_the_largest_share_counts() -> None:
    """Three policies are the one that has the largest share of each relation."""
    several = told({"member": 0.15, "fan": 0.01}, {"fan": 0.2}, {"old_customer": 0.15, "member": 0.1})
    whole = told(OFF)
    assert several.events.equals(whole.events)
    assert several.daily.equals(whole.daily)


def test_keep_1_prices_of_no_discount_change_nothing_and_others_nothing_before_they_begin() -> None:
    """Bit for bit; stores are named, or all of an industry, or all."""
    none, nothing = told(), told({"member": 0.0}, {"industries": ["health"], "merchants": [], "member": 0.5})
    assert none.events.equals(nothing.events)
    assert none.daily.equals(nothing.daily)
    later = told({**OFF, "from": 60, "until": 90})
    for name, column, unit in (("events", "time", DAY), ("daily", "day", 1)):
        one, other = getattr(none, name), getattr(later, name)
        cut = 60 * unit
        assert one[one[column] < cut].reset_index(drop=True).equals(other[other[column] < cut].reset_index(drop=True))
    given = later.daily.groupby("day")["discount"].sum()
    assert (given.loc[60:89] > 0).all()
    assert not given.drop(range(60, 90)).any()
    everywhere = told({"merchants": [], "member": 0.1}).daily.groupby("merchant")["discount"].sum()
    assert (everywhere > 0).all()


def test_keep_1_a_members_price_wins_orders_from_the_rival_and_costs_by_the_order() -> None:
    """Paired t-tests over seeds, a family of 1 %: members buy more, the rival sells less, and the mean order is worth less."""

    def outcome(*policies: dict[str, Any]) -> np.ndarray:
        found = []
        for seed in range(1, 7):
            of = told(*policies, seed=seed).daily.groupby("merchant").sum(numeric_only=True)
            giving = of.loc["giving"]
            found.append(
                [giving["gmv_member"] + giving["discount"], of.loc["rival", "orders"], giving["gmv"] / giving["units"]]
            )
        return np.array(found)

    gain = outcome({"member": 0.3}) - outcome()
    p = stats.ttest_1samp(gain, 0, axis=0, alternative="two-sided").pvalue
    assert (p < LEVEL).all()
    assert (np.sign(gain.mean(axis=0)) == [1, -1, -1]).all()


def test_keep_1_relation_prices_act_and_say_so() -> None:
    """What a policy did is counted: days of stores on which it gave something."""
    run = told(OFF, {"merchants": [], "industries": ["health"], "member": 0.1})
    days = int((run.daily["discount"] > 0).sum())
    assert days > 100
    assert acted(run.simulation) == {"policies.prices 0": days, "policies.prices 1": 0}


@pytest.mark.parametrize(
    ("policy", "behaviour", "words"),
    [
        ({"merchants": ["givin"]}, {}, "there is no merchant 'givin' - did you mean 'giving'?"),
        ({"member": 1.0}, {}, "must be a number of at least 0 and below 1"),
        ({}, {"stores": {"choice": "by_need"}}, "nobody would come for a price where stores do not compete"),
    ],
)
def test_prices_that_cannot_be_are_refused(policy: dict[str, Any], behaviour: dict[str, Any], words: str) -> None:
    with pytest.raises(BadInput) as error:
        told({"member": 0.1, **policy}, behaviour=behaviour)
    assert any(words in problem.message for problem in error.value.problems), error.value.problems
