"""The market's what-ifs of choice, each of which must bind: what it asks about moves, in the direction that it should.

Few consumers, from cold: whether it binds does not need more. One-sided exact Wilcoxon tests of the paired
differences over seeds, of 1 % each: amounts have heavy tails.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest
from competing import MARKET, Told, shipped
from scipy import stats

SEEDS = range(1, 9)


@cache
def runs(name: str) -> list[Told]:
    world = shipped(1_400, days=90, past="cold") | {"extends": str(MARKET.with_name(f"{name}.yaml"))}
    return [Told(world, seed, events="none") for seed in SEEDS]


def total(daily: pd.DataFrame, column: str, **of: str) -> float:
    """The sum of a column, of the rows with this merchant or industry."""
    for key, value in of.items():
        daily = daily[daily[key] == value]
    return float(daily[column].sum())


def share_of_largest(daily: pd.DataFrame) -> float:
    """Of the visits to each industry's stores, the mean share of the store that has most."""
    visits = daily.groupby(["industry", "merchant"])["visits"].sum()
    return float((visits.groupby("industry").max() / visits.groupby("industry").sum()).mean())


WHAT_IFS: dict[str, list[Any]] = {
    "market_member_price": [
        lambda of: total(of, "discount"),
        lambda of: total(of, "gmv_member") + total(of, "discount"),  # at list prices
    ],
    "market_exposure": [
        lambda of: total(of, "visits", merchant="orchard"),
        lambda of: -total(of, "visits", merchant="harvest"),
    ],
    "market_popularity": [share_of_largest],
    "market_discovery": [lambda of: total(of, "lead_entered")],
    "market_service": [
        lambda of: total(of, "orders", merchant="noodlery"),
        lambda of: -total(of, "orders", merchant="harvest"),
    ],
    "market_promotion": [
        lambda of: total(of, "discount"),
        lambda of: total(of, "carts") - total(of, "orders"),
    ],
    "market_live": [
        lambda of: total(of, "follows", industry="beauty"),
        lambda of: total(of, "visits", industry="apparel"),
    ],
    "market_follow_limit": [lambda of: total(of, "unfollows"), lambda of: total(of, "follows")],
    "market_units": [lambda of: total(of, "units") / total(of, "orders")],
}
LEVEL = 0.01


@pytest.mark.parametrize("name", WHAT_IFS)
def test_a_what_if_binds(name: str) -> None:
    base, arm = ([run.daily for run in runs(of)] for of in ("market", name))
    for figure in WHAT_IFS[name]:
        gain = np.array([figure(one) for one in arm]) - [figure(one) for one in base]
        assert stats.wilcoxon(gain, alternative="greater", method="exact").pvalue < LEVEL, gain


def test_only_members_of_the_three_industries_pay_less() -> None:
    for run in runs("market_member_price"):
        given = run.daily.groupby("industry")["discount"].sum()
        assert set(given[given > 0].index) == {"fast_moving", "food", "beauty"}
