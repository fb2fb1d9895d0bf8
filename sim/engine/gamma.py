"""Gamma distributions by their quantiles: tastes for stores, and rates that differ between consumers.

Set-up may use SciPy: what differs in its last bits between machines is rounded away.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy import special

from sim.scenario.load import Scenario
from sim.state.quantiles import NODES, nodes

TINY = -30.0  # ln of a Gamma draw below which its distribution is that of a power, to the last bit

Floats = NDArray[np.float64]


def taste_tables(scenario: Scenario) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """A table for each distinct attraction, and the row of each store's, (stores,); no table where stores do not compete.

    Tastes are ln of Gamma(attraction, 1) draws, so that choice among stores is Dirichlet over consumers [D14].
    """
    competing = scenario.settings.behaviour.stores.choice == "compete"
    attractions = [merchant.settings.attraction if competing else 0.0 for merchant in scenario.merchants]
    shapes, rows = np.unique(attractions, return_inverse=True)
    return log_gamma_quantiles(shapes[shapes > 0]), rows


def log_gamma_quantiles(shapes: Floats) -> NDArray[np.float32]:
    """Tables of quantiles of ln of Gamma(shape, 1), (shapes, 2 * NODES)."""
    return np.array([_log_gamma_quantiles(shape) for shape in shapes.tolist()], np.float32).reshape(len(shapes), 2 * NODES)


@lru_cache
def _log_gamma_quantiles(shape: float) -> NDArray[np.float32]:
    """One table. Runs of one process mostly share theirs."""
    p = nodes()
    low = (np.log(p) + special.gammaln(shape + 1)) / shape
    usual = low > TINY
    low[usual] = np.log(special.gammaincinv(shape, p[usual]))
    return np.concatenate([low, np.log(special.gammainccinv(shape, p))]).astype(np.float32)


def gamma_quantile(shape: float, u: Floats) -> Floats:
    """The u-quantiles of Gamma(shape, 1), between those of a table: SciPy's own take ten times as long."""
    table = log_gamma_quantiles(np.array([shape]))[0].astype(np.float64)
    p = nodes()
    return np.exp(np.interp(u, np.append(p, 1 - p[-2::-1]), np.append(table[:NODES], table[: NODES - 1 : -1][1:])))
