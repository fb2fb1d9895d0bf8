"""Interlock: a visitor follows the store, a fan joins it."""

from __future__ import annotations

import numpy as np

from sim.state.compiled import inlined
from sim.state.draws import FOLLOW, JOIN, draw
from sim.state.names import BY_ZERO_YUAN, FOLLOWS, JOINS, LOG_FOLLOW, LOG_JOIN, NO_CHANNEL, STOCK_FANS, STOCK_MEMBERS
from sim.state.record import record
from sim.state.relations import place_in_crowds
from sim.state.shard import Row, Shard


@inlined
def at_visit(s: Shard, w: Row, c: Row, i: int, r: Row, time: int, visit: np.uint64) -> None:
    """Following [INT-1], or, for a fan who is no member, joining [INT-3]: one step a visit."""
    m = r.merchant
    if r.fan == 0:
        if w.follow > 0.0 and draw(visit, FOLLOW) < w.follow:
            r.fan = 1
            place_in_crowds(r)
            s.figures[m, FOLLOWS] += 1
            s.stocks[m, STOCK_FANS] += 1
            record(s, c, i, time, LOG_FOLLOW, m, NO_CHANNEL, 0, 0, 0)
    elif r.member == 0 and w.join > 0.0 and draw(visit, JOIN) < w.join:
        r.member = 1
        place_in_crowds(r)
        s.figures[m, JOINS] += 1
        s.stocks[m, STOCK_MEMBERS] += 1
        record(s, c, i, time, LOG_JOIN, m, BY_ZERO_YUAN, 0, 0, 0)
