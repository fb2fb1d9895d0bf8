"""Interlock: a visitor or a buyer follows the store [INT-1] and joins it [INT-3], or joins when invited.

Who joins is selected twice: by what it did, and, as far as the dial says, by its rate of needs (`joining`) [evidence D8].
"""

from __future__ import annotations

import numpy as np

from sim.stages.link import enter
from sim.stages.membership import attach
from sim.state.compiled import inlined
from sim.state.draws import FOLLOW, FOLLOW_AT_ORDER, JOIN, JOIN_AT_ORDER, draw, under, unit
from sim.state.names import (
    BY_ZERO_YUAN,
    DAY,
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
from sim.state.shard import Row, Shard, Today


@inlined
def at_visit(s: Shard, w: Row, c: Row, i: int, row: int, time: int, visit: np.uint64) -> None:
    """Following, or, for a fan who is no member, joining: one step a visit."""
    r = s.relations[row]
    if r.fan == 0:
        if w.follow > 0.0 and draw(visit, FOLLOW) < w.follow:
            follow(s, c, i, row, time)
    elif r.member == 0 and w.join > 0.0 and draw(visit, JOIN) < w.join * c.joining:
        join(s, c, i, row, time)


@inlined
def at_order(s: Shard, w: Row, c: Row, i: int, row: int, time: int, purchase: np.uint64) -> None:
    """Whoever buys is asked to follow and to join."""
    r = s.relations[row]
    if r.fan == 0 and w.follow_at_order > 0.0 and draw(purchase, FOLLOW_AT_ORDER) < w.follow_at_order:
        follow(s, c, i, row, time)
    if r.member == 0 and w.join_at_order > 0.0 and draw(purchase, JOIN_AT_ORDER) < w.join_at_order * c.joining:
        join(s, c, i, row, time)


@inlined
def at_midnight(s: Shard, today: Today, c: Row, i: int) -> None:
    """The stores that the consumer knows may have invited it: the draw of (day, consumer, store) itself."""
    w = today.world[0]
    for row in range(c.relation_first, c.relation_first + c.relation_count):
        r = s.relations[row]
        merchant = today.merchants[r.merchant]
        p = merchant.invite_known
        if r.orders > 0:
            p = max(p, merchant.invite_customers)
        if r.member == 0 and p > 0.0 and unit(under(under(w.invitation_key, c.key), merchant.key)) < p * c.joining:
            join(s, c, i, row, int(w.day) * DAY)


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
    attach(r, time // DAY)
    place_in_crowds(s, row)
    s.figures[m, JOINS] += 1
    s.stocks[m, STOCK_MEMBERS] += 1
    record(s, c, i, time, LOG_JOIN, m, BY_ZERO_YUAN, 0, 0, 0)
    enter(s, r, INTERLOCK)
