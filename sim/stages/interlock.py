"""Interlock: who visits, leaves a cart or buys follows the store [INT-1] and joins it [INT-3], or joins when invited.

Who joins is selected twice: by what it did, and, as far as the dial says, by its rate of needs (`joining`) [evidence D8].
"""

from __future__ import annotations

import numpy as np

from sim.stages.claims import offer
from sim.stages.follow import follow
from sim.stages.link import enter
from sim.stages.membership import attach
from sim.state.benefits import AT_JOIN
from sim.state.compiled import inlined
from sim.state.draws import FOLLOW, FOLLOW_AT_CART, FOLLOW_AT_ORDER, JOIN, JOIN_AT_ORDER, draw, under, unit
from sim.state.names import (
    ACCEPTED,
    BY_PURCHASED,
    BY_ZERO_YUAN,
    DAY,
    INTERLOCK,
    INVITED,
    JOINS,
    LOG_JOIN,
    STOCK_MEMBERS,
)
from sim.state.pending import lay_ahead
from sim.state.record import record
from sim.state.relations import place_in_crowds
from sim.state.shard import Row, Shard, Today
from sim.state.yesterday import keep_yesterday


@inlined
def at_visit(s: Shard, today: Today, c: Row, i: int, row: int, time: int, visit: np.uint64) -> None:
    """Following, or, for a fan who is no member, asking to join: one step a visit."""
    w, r = today.world[0], s.relations[row]
    merchant = today.merchants[r.merchant]
    if r.fan == 0:
        if w.follow > 0.0 and draw(visit, FOLLOW) < w.follow:
            follow(s, today, c, i, row, time, visit)
    elif r.member == 0 and w.join > 0.0 and draw(visit, JOIN) < w.join * c.joining * merchant.join_factor:
        ask_to_join(s, merchant, c, i, row, time)


@inlined
def at_order(s: Shard, today: Today, c: Row, i: int, row: int, time: int, purchase: np.uint64) -> None:
    """Whoever buys is asked to follow, and to join; where who has bought can join, that is asked at the receipt."""
    w, r = today.world[0], s.relations[row]
    merchant = today.merchants[r.merchant]
    if r.fan == 0 and w.follow_at_order > 0.0 and draw(purchase, FOLLOW_AT_ORDER) < w.follow_at_order:
        follow(s, today, c, i, row, time, purchase)
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
    p = w.join_at_order * c.joining
    if s.relations[row].member == 0 and p > 0.0 and draw(purchase, JOIN_AT_ORDER) < p:
        ask_to_join(s, merchant, c, i, row, time)


@inlined
def lay_out_invitations(s: Shard, today: Today, c: Row) -> None:
    """The stores that the consumer knows may have invited it today: the draw of (day, consumer, store) says where it joins."""
    w = today.world[0]
    for slot in range(c.relation_count):
        r = s.relations[c.relation_first + slot]
        merchant = today.merchants[r.merchant]
        p = merchant.invite_known
        if r.orders > 0:
            p = max(p, merchant.invite_customers)
        if r.member == 0 and p > 0.0 and unit(invitation_key(w, merchant, c)) < p * c.joining:
            lay_ahead(s, int(w.day) * DAY, INVITED, 0, slot, 0)


@inlined
def invitation_key(w: Row, merchant: Row, c: Row) -> np.uint64:
    """The identity of a store's invitation of the day to a consumer."""
    return under(under(w.invitation_key, c.key), merchant.key)


@inlined
def invited(s: Shard, today: Today, c: Row, i: int, slot: int, time: int) -> None:
    """Who has taken an invitation of the day joins, if the store takes it in."""
    r = s.relations[c.relation_first + slot]
    if r.member == 0:
        merchant = today.merchants[r.merchant]
        ask_to_join(s, merchant, c, i, c.relation_first + slot, time)
        if r.member == 1:
            offer(s, today, c, i, slot, time, AT_JOIN, invitation_key(today.world[0], merchant, c))


@inlined
def at_cart(s: Shard, today: Today, c: Row, i: int, row: int, time: int, visit: np.uint64) -> None:
    """Whoever leaves a cart at a visit, and is no fan, is asked to follow, unless a discount asks it already [INT-2]."""
    if draw(visit, FOLLOW_AT_CART) < today.world[0].follow_at_cart:
        follow(s, today, c, i, row, time, visit)


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
    keep_yesterday(s.loyalty, r, row, time // DAY)
    r.member = 1
    attach(r, time // DAY)
    place_in_crowds(s, row)
    s.figures[m, JOINS] += 1
    s.stocks[m, STOCK_MEMBERS] += 1
    record(s, c, i, time, LOG_JOIN, m, channel, 0, 0, 0)
    enter(s, r, INTERLOCK)
