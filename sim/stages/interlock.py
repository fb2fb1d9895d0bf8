"""Interlock: a visitor or a buyer follows the store [INT-1] and joins it [INT-3]."""

from __future__ import annotations

import numpy as np

from sim.stages.link import enter
from sim.state.compiled import inlined
from sim.state.draws import FOLLOW, FOLLOW_AT_ORDER, JOIN, JOIN_AT_ORDER, draw
from sim.state.names import (
    ACCEPTED,
    BY_PURCHASED,
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
def at_visit(s: Shard, w: Row, merchant: Row, c: Row, i: int, row: int, time: int, visit: np.uint64) -> None:
    """Following, or, for a fan who is no member, asking to join: one step a visit."""
    r = s.relations[row]
    if r.fan == 0:
        if w.follow > 0.0 and draw(visit, FOLLOW) < w.follow:
            follow(s, c, i, row, time)
    elif r.member == 0 and w.join > 0.0 and draw(visit, JOIN) < w.join * merchant.join_factor:
        ask_to_join(s, merchant, c, i, row, time)


@inlined
def at_order(s: Shard, w: Row, merchant: Row, c: Row, i: int, row: int, time: int, purchase: np.uint64) -> None:
    """Whoever buys is asked to follow, and to join; where who has bought can join, that is asked at the receipt."""
    r = s.relations[row]
    if r.fan == 0 and w.follow_at_order > 0.0 and draw(purchase, FOLLOW_AT_ORDER) < w.follow_at_order:
        follow(s, c, i, row, time)
    if merchant.join_purchased == 0:
        asked_as_buyer(s, w, merchant, c, i, row, time, purchase)


@inlined
def at_receipt(s: Shard, w: Row, merchant: Row, c: Row, i: int, row: int, time: int, purchase: np.uint64) -> None:
    """Whoever confirms a receipt is asked to join where who has bought can [INT-3]."""
    if merchant.join_purchased == 1:
        asked_as_buyer(s, w, merchant, c, i, row, time, purchase)


@inlined
def asked_as_buyer(s: Shard, w: Row, merchant: Row, c: Row, i: int, row: int, time: int, purchase: np.uint64) -> None:
    """One draw of a purchase, whenever it is asked for."""
    if s.relations[row].member == 0 and w.join_at_order > 0.0 and draw(purchase, JOIN_AT_ORDER) < w.join_at_order:
        ask_to_join(s, merchant, c, i, row, time)


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
def ask_to_join(s: Shard, merchant: Row, c: Row, i: int, row: int, time: int) -> None:
    """Join, if the merchant takes the consumer in; else the refusal is counted by its reason [GRD-7, INT-3]."""
    r = s.relations[row]
    refusal = merchant.join_unserved
    if r.served == 1:
        is_above = r.orders >= merchant.join_orders and r.paid >= merchant.join_amount
        refusal = merchant.join_above if is_above else merchant.join_below
    if refusal == ACCEPTED:
        join(s, c, i, row, time, BY_PURCHASED if merchant.join_purchased == 1 else BY_ZERO_YUAN)
    else:
        s.refusals[r.merchant, refusal] += 1


@inlined
def join(s: Shard, c: Row, i: int, row: int, time: int, channel: int) -> None:
    """The consumer is a member from now on."""
    r = s.relations[row]
    m = r.merchant
    r.member = 1
    place_in_crowds(s, row)
    s.figures[m, JOINS] += 1
    s.stocks[m, STOCK_MEMBERS] += 1
    record(s, c, i, time, LOG_JOIN, m, channel, 0, 0, 0)
    enter(s, r, INTERLOCK)
