"""Of a store that another beats for sure, the Gumbel draw is not worked out."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sim.stages.choice import PIECES, gumbel, may_exceed
from sim.state.compiled import entry
from sim.state.draws import BITS_11


@entry
def draw_of(key: np.uint64) -> float:
    return gumbel(key)


@entry
def told(u: float, key: np.uint64, least: float) -> bool:
    return may_exceed(u, key, least)


KEYS = st.integers(0, 2**64 - 1)


@settings(deadline=None)
@given(KEYS, st.floats(-20, 20), st.floats(0, 1e-9))
@example(2**64 - 1, 0.0, 0.0)
@example(2**56 - 1, 0.0, 0.0)  # the end of the first piece
@example(0, 0.0, 0.0)
def test_whatever_exceeds_is_told_to_do_so(key: int, u: float, by: float) -> None:
    of_key = np.uint64(key)
    assert told(u, of_key, u + draw_of(of_key) - by - 1e-12)


def test_most_that_do_not_exceed_are_told_apart() -> None:
    """A draw of the middle of each piece against a bar at the 95 % quantile: below it all but the piece before the last few."""
    bar = -math.log(-math.log(0.95))
    keys = [np.uint64(int((k + 0.5) / PIECES * 2**53)) << BITS_11 for k in range(PIECES)]
    may = sum(told(0.0, key, bar) for key in keys)
    assert sum(draw_of(key) > bar for key in keys) <= may <= 0.05 * PIECES + 1
