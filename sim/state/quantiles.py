"""A distribution as a table of its quantiles, read between them: a draw takes a hash and a look, and need not be kept.

Quantiles stand close where probabilities are small, on both sides: each half of what is left is cut into as many pieces.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sim.state.compiled import inlined
from sim.state.draws import BITS_11, TO_UNIT

HALVINGS = 32  # of one half: beyond 2**-33 the quantile is that of 2**-33
PIECE_BITS = 5  # pieces of each halving: ln of a probability is bent by less than 2**-13 within one
NODES = HALVINGS * 2**PIECE_BITS + 1  # of one side

LEAST = 2.0 ** -(HALVINGS + 1)
REST_BITS = 52 - PIECE_BITS  # of a double's fraction
REST = (1 << REST_BITS) - 1
TO_REST = 2.0**-REST_BITS
FIRST = int(np.float64(LEAST).view(np.int64)) >> REST_BITS
ONE = np.uint64(1)


def nodes() -> NDArray[np.float64]:
    """The probabilities whose quantiles a table holds, (NODES,), from LEAST to 1/2; and 1 less those, behind them."""
    pieces = np.arange(NODES)
    return LEAST * 2.0 ** (pieces >> PIECE_BITS) * (1 + (pieces % 2**PIECE_BITS) / 2**PIECE_BITS)


@inlined
def tabulated(tables: np.ndarray, row: int, key: np.uint64) -> float:
    """The draw of a key by the quantiles of a row of `tables`, (distributions, 2 * NODES) float32: straight between nodes."""
    bits = key >> BITS_11
    p = max((np.float64(bits >> ONE) + 0.5) * TO_UNIT, LEAST)
    of_p = np.float64(p).view(np.int64)
    at = (of_p >> REST_BITS) - FIRST + NODES * np.int64(bits & ONE)
    low = np.float64(tables[row, at])
    return low + (np.float64(tables[row, at + 1]) - low) * ((of_p & REST) * TO_REST)
