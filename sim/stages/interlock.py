"""Interlock: who visits, leaves a cart or buys follows the store [INT-1] and joins it [INT-3]."""

from __future__ import annotations

import numpy as np

from sim.stages.follow import follow
from sim.stages.link import enter
from sim.state.compiled import inlined
from sim.state.draws import FOLLOW, FOLLOW_AT_CART, FOLLOW_AT_ORDER, JOIN, JOIN_AT_ORDER, draw
from sim.state.names import (
    BY_ZERO_YUAN,
    INTERLOCK,
    JOINS,
    LOG_JOIN,
    STOCK_MEMBERS,
)
from sim.state.record import record
from sim.state.relations import place_in_crowds
from sim.state.shard import Row, Shard, Today


@inlined
def at_visit(s: Shard, today: Today, c: Row, i: int, row: int, time: int, visit: np.uint64) -> None:
    """Following, or, for a fan who is no member, joining: one step a visit."""
    w, r = today.world[0], s.relations[row]
    if r.fan == 0:
        if w.follow > 0.0 and draw(visit, FOLLOW) < w.follow:
            follow(s, today, c, i, row, time, visit)
    elif r.member == 0 and w.join > 0.0 and draw(visit, JOIN) < w.join:
        join(s, c, i, row, time)


@inlined
def at_cart(s: Shard, today: Today, c: Row, i: int, row: int, time: int, visit: np.uint64) -> None:
    """Whoever leaves a cart at a visit is asked to follow."""
    p = today.world[0].follow_at_cart
    if p > 0.0 and s.relations[row].fan == 0 and draw(visit, FOLLOW_AT_CART) < p:
        follow(s, today, c, i, row, time, visit)


@inlined
def at_order(s: Shard, today: Today, c: Row, i: int, row: int, time: int, purchase: np.uint64) -> None:
    """Whoever buys is asked to follow and to join."""
    w, r = today.world[0], s.relations[row]
    if r.fan == 0 and w.follow_at_order > 0.0 and draw(purchase, FOLLOW_AT_ORDER) < w.follow_at_order:
        follow(s, today, c, i, row, time, purchase)
    if r.member == 0 and w.join_at_order > 0.0 and draw(purchase, JOIN_AT_ORDER) < w.join_at_order:
        join(s, c, i, row, time)


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
