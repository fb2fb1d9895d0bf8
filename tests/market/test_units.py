"""How many units an order is of: one and a Poisson number more [evidence D6]. A family error of 1 % for the file."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from competing import Told, merged, plain
from scipy import stats

LEVEL = 0.01 / 5
MORE, AMOUNT, LEVELS = 0.6, 12_000, {"a": 0.8, "b": 1.3}
NEARLY_FIXED = {"p": 1e8, "q": 1e8}  # units are what is paid over the price of one
STORES: dict[str, dict[str, Any]] = {name: {"price_level": level} for name, level in LEVELS.items()}


def world(orders: dict[str, Any], **rate: Any) -> dict[str, Any]:
    rates = {"food": {"per_year": 30, "shape": 5, "amount": AMOUNT, **rate}}
    return plain(STORES, {"needs": {"rates": rates}, "orders": orders}, consumers=4_000)


@pytest.fixture(scope="module")
def told() -> Told:
    return Told(world({"units": {"more": MORE}, "spread": NEARLY_FIXED}))


def units(told: Told) -> np.ndarray:
    """Of each order of the log."""
    orders = told.events[told.events["kind"] == "order"]
    found = orders["amount"] / (AMOUNT / (1 + MORE) * np.array(list(LEVELS.values()))[orders["merchant"]])
    assert np.abs(found - np.rint(found)).max() < 0.01
    return np.rint(found).to_numpy().astype(np.int64)


def test_units_beyond_the_first_are_poisson(told: Told) -> None:
    """Null: Poisson with the stated mean. Chi-square over 0, 1, 2, 3, more; a mean a tenth higher is rejected."""
    more = units(told) - 1
    seen = np.bincount(np.minimum(more, 4), minlength=5)
    assert seen.sum() > 15_000

    def p_value(mean: float) -> float:
        shares = stats.poisson.pmf(range(4), mean)
        return float(stats.chisquare(seen, [*shares * seen.sum(), (1 - shares.sum()) * seen.sum()]).pvalue)

    assert p_value(MORE) > LEVEL
    assert p_value(1.1 * MORE) < LEVEL


def test_units_of_one_order_say_nothing_of_those_of_the_next(told: Told) -> None:
    """Null: of a consumer's orders at a store, units of one and the next are uncorrelated. Pearson."""
    orders = told.events[told.events["kind"] == "order"].assign(units=units(told))
    after = orders.groupby(["consumer", "merchant"])["units"].shift(-1)
    both = after.notna()
    assert both.sum() > 5_000
    assert stats.pearsonr(orders["units"][both], after[both]).pvalue > LEVEL


def test_the_daily_table_counts_them(told: Told) -> None:
    """By store, for all days together and day by day."""
    orders = told.events[told.events["kind"] == "order"].assign(units=units(told))
    expected = orders.groupby([orders["time"] // 86_400, "merchant"])["units"].sum().unstack(fill_value=0)
    found = told.daily.assign(merchant=told.daily["merchant"].map(told.names.index))
    assert (found.set_index(["day", "merchant"])["units"].unstack() == expected).all(axis=None)


def test_the_amount_of_an_industry_stays_the_mean_of_an_order() -> None:
    """Null: first orders, at price level 1, have the declared mean, with units and without. One-sample t-tests."""
    for orders in ({"units": {"more": MORE}}, {"units": None}):
        told = Told(world({**orders, "spread": {"p": 10, "q": 20}}))
        first = told.events[told.events["kind"] == "order"].drop_duplicates("consumer")
        listed = first["amount"] / np.array(list(LEVELS.values()))[first["merchant"]]
        assert stats.ttest_1samp(listed, AMOUNT).pvalue > LEVEL


def test_an_order_is_of_whole_units_at_one_price_to_the_fen() -> None:
    """On days of a store with a single order, its amount is a multiple of its units; without `units` each order is of one.

    Nothing else changes: who buys where and when is the same.
    """
    market = merged(world({}, per_year=2, amount=997), {"consumers": 60, "days": 200})
    several, single = (Told(merged(market, {"behaviour": {"orders": {"units": of}}})) for of in ({"more": 2.0}, None))
    alone = several.daily[several.daily["orders"] == 1]
    assert (alone["units"] > 1).sum() > 30
    assert (alone["gmv"] % alone["units"] == 0).all()
    assert (single.daily["units"] == single.daily["orders"]).all()
    keys = ["time", "kind", "consumer", "merchant", "ref"]
    assert several.events[keys].equals(single.events[keys])
