"""What an order is of: how many units at which price [evidence D6, KEEP-1]."""

from __future__ import annotations

import numpy as np

from sim.policies import relation_prices
from sim.stages.choice import taste, with_relation
from sim.state.arithmetic import exp
from sim.state.compiled import apart, inlined, keep_apart
from sim.state.draws import AMOUNT, ORDER, UNITS, draw, gamma, poisson, under
from sim.state.names import LIST_PRICE
from sim.state.shard import Row

MOST_MEAN = 100.0  # units: what the quantile of the Poisson distribution is good for


@inlined
def purchase_key(merchant: Row, c: Row, n: int) -> np.uint64:
    """The identity of the consumer's n-th purchase at the store."""
    return under(under(under(c.key, ORDER), merchant.key), np.uint64(n))


@inlined
def basket(
    w: Row, merchant: Row, c: Row, r: Row, tastes: np.ndarray, purchase: np.uint64
) -> tuple[int, int, int, int]:  # fmt: skip
    """A purchase: its units, their list price, what each is off it, both in minor units, and the reason why, as in the log.

    `tastes` are those of the day.
    """
    value = float(w.fixed_amount)
    if w.value_shape > 0.0:
        value = gamma(under(purchase, AMOUNT), w.value_shape) / c.value_rate
    listed = max(1, int(value * merchant.amount_scale + 0.5))
    units = 1
    if w.units_more > 0.0:
        units = units_of(w, merchant, c, r, tastes, purchase)
    off, reason = 0, 0
    if merchant.relation_prices == 1:
        price = relation_prices.price_now(merchant, r, w.day)
        if price > 0:
            off, reason = min(int(listed * relation_prices.share_off(merchant, price) + 0.5), listed - 1), LIST_PRICE + price
    return units, listed, off, reason


@apart
def units_of(w: Row, merchant: Row, c: Row, r: Row, tastes: np.ndarray, purchase: np.uint64) -> int:
    """One, and a Poisson number more, whose log-mean is linear in the utility of the store to who is there."""
    keep_apart()
    mean = w.units_more
    if w.units_slope != 0.0:
        u = with_relation(taste(tastes, c, merchant) + merchant.appeal_there, w, c, merchant, r)
        mean = min(mean * exp(w.units_slope * u), MOST_MEAN)
    return 1 + poisson(draw(purchase, UNITS), mean, exp(-mean))
