"""Interlock: a visitor or a buyer follows the store [INT-1] and joins it [INT-3]."""

from __future__ import annotations

import numpy as np

from sim.stages.link import enter
from sim.state.compiled import inlined
from sim.state.draws import FOLLOW, FOLLOW_AT_ORDER, JOIN, JOIN_AT_ORDER, draw
from sim.state.names import (
    BY_ZERO_YUAN,
    FOLLOWS,
    INTERLOCK,
    JOINS,
    LOG_FOLLOW,
    LOG_JOIN,
    NO_CHANNEL,
    STOCK_FANS,
    STOCK_MEMBERS,
)
from sim.state.record import record
from sim.state.relations import place_in_crowds
from sim.state.shard import Row, Shard


@inlined
def at_visit(s: Shard, w: Row, c: Row, i: int, row: int, time: int, visit: np.uint64) -> None:
    """Following, or, for a fan who is no member, joining: one step a visit."""
    r = s.relations[row]
    if r.fan == 0:
        if w.follow > 0.0 and draw(visit, FOLLOW) < w.follow:
            follow(s, c, i, row, time)
    elif r.member == 0 and w.join > 0.0 and draw(visit, JOIN) < w.join:
        join(s, c, i, row, time)


@inlined
def at_order(s: Shard, w: Row, c: Row, i: int, row: int, time: int, purchase: np.uint64) -> None:
    """Whoever buys is asked to follow and to join."""
    r = s.relations[row]
    if r.fan == 0 and w.follow_at_order > 0.0 and draw(purchase, FOLLOW_AT_ORDER) < w.follow_at_order:
        follow(s, c, i, row, time)
    if r.member == 0 and w.join_at_order > 0.0 and draw(purchase, JOIN_AT_ORDER) < w.join_at_order:
        join(s, c, i, row, time)


@inlined
def follow(s: Shard, c: Row, i: int, row: int, time: int) -> None:
    """The consumer is a fan from now on."""
    r = s.relations[row]
    m = r.merchant
    r.fan = 1
    place_in_crowds(s, row)
    s.figures[m, FOLLOWS] += 1
    s.stocks[m, STOCK_FANS] += 1
    record(s, c, i, time, LOG_FOLLOW, m, NO_CHANNEL, 0, 0, 0)
    enter(s, r, INTERLOCK)


@inlined
def join(s: Shard, c: Row, i: int, row: int, time: int) -> None:
    """The consumer is a member from now on, without a threshold."""
    r = s.relations[row]
    m = r.merchant
    r.member = 1
    place_in_crowds(s, row)
    s.figures[m, JOINS] += 1
    s.stocks[m, STOCK_MEMBERS] += 1
    record(s, c, i, time, LOG_JOIN, m, BY_ZERO_YUAN, 0, 0, 0)
    enter(s, r, INTERLOCK)
