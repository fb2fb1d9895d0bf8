"""Tastes for stores: ln of Gamma(attraction, 1) draws, so that choice among stores is Dirichlet over consumers [D14]."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import special

from sim.scenario.load import Scenario
from sim.state.quantiles import NODES, nodes

TINY = -30.0  # ln of a Gamma draw below which its distribution is that of a power, to the last bit


def taste_tables(scenario: Scenario) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """A table for each distinct attraction, and the row of each store's, (stores,); no table where stores do not compete."""
    competing = scenario.settings.behaviour.stores.choice == "compete"
    attractions = [merchant.settings.attraction if competing else 0.0 for merchant in scenario.merchants]
    shapes, rows = np.unique(attractions, return_inverse=True)
    return log_gamma_quantiles(shapes[shapes > 0]), rows


def log_gamma_quantiles(shapes: NDArray[np.float64]) -> NDArray[np.float32]:
    """Tables of quantiles of ln of Gamma(shape, 1), (shapes, 2 * NODES).

    Set-up may use SciPy: what differs in its last bits between machines is rounded away.
    """
    tables = np.empty((len(shapes), 2 * NODES), np.float32)
    p = nodes()
    for table, shape in zip(tables, shapes):
        low = (np.log(p) + special.gammaln(shape + 1)) / shape
        usual = low > TINY
        low[usual] = np.log(special.gammaincinv(shape, p[usual]))
        table[:NODES], table[NODES:] = low, np.log(special.gammainccinv(shape, p))
    return tables
