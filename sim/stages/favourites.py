"""Favourites: a visitor marks the store; a sign of interest that the platform's filter of messages reads [MSG-9]."""

from __future__ import annotations

import numpy as np

from sim.state.compiled import inlined
from sim.state.draws import FAVOURITE, draw
from sim.state.names import LOG_FAVOURITE, NO_CHANNEL
from sim.state.record import record
from sim.state.shard import Row, Shard


@inlined
def at_visit(s: Shard, w: Row, c: Row, i: int, r: Row, time: int, visit: np.uint64) -> None:
    """Make the store a favourite; once it is one, it stays."""
    if w.favourite > 0.0 and r.favourite == 0 and draw(visit, FAVOURITE) < w.favourite:
        r.favourite = 1
        record(s, c, i, time, LOG_FAVOURITE, r.merchant, NO_CHANNEL, 0, 0, 0)
