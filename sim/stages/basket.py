"""How many units an order is of [evidence D6]."""

from __future__ import annotations

import numpy as np

from sim.stages.choice import with_relation
from sim.state.arithmetic import exp
from sim.state.compiled import apart, keep_apart
from sim.state.draws import UNITS, draw, poisson
from sim.state.shard import Row

MOST_MEAN = 100.0  # units: what the quantile of the Poisson distribution is good for


@apart
def units_of(w: Row, merchant: Row, r: Row, taste: float, purchase: np.uint64) -> int:
    """One, and a Poisson number more, whose log-mean is linear in the utility of the store to who is there."""
    keep_apart()
    mean = w.units_more
    if w.units_slope != 0.0:
        u = with_relation(taste + merchant.appeal_there, w, merchant, r)
        mean = min(mean * exp(w.units_slope * u), MOST_MEAN)
    return 1 + poisson(draw(purchase, UNITS), mean, exp(-mean))
