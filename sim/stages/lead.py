"""Lead: a consumer comes to a store."""

from __future__ import annotations

import numpy as np

from sim.stages import benefits, desk, favourites, interlock, keep, membership
from sim.stages.choice import rather_than_wait
from sim.stages.link import enter
from sim.state.benefits import AT_FOLLOW, AT_JOIN, AT_VISIT, NO_BENEFIT, NO_COUPON
from sim.state.compiled import inlined
from sim.state.draws import BUY, CART, draw, under
from sim.state.names import (
    ENGAGE,
    FROM_MESSAGE,
    FROM_RECOMMEND,
    INTERLOCK,
    LEAD,
    LOG_VISIT,
    SOURCE_VISITS,
    VISITORS,
    VISITS,
)
from sim.state.pending import take_waiting_need
from sim.state.record import record
from sim.state.shard import Row, Shard, Today


@inlined
def visit(
    s: Shard, today: Today, c: Row, i: int, slot: int, time: int, source: int, cause: np.uint64, wanted: int
) -> None:  # fmt: skip
    """A visit, known by its cause (that session, that task): follow or join, claim coupons, then cart and order.

    Who orders meets all waiting needs for what the store sells, each by an order, the one that has waited longest first.
    Who came to shop has chosen the store already; who was brought by something else buys only if the store is better than
    to wait. Who came for a coupon (`wanted`, its number, or NO_COUPON) orders if the goods are worth it. Without a need, own
    visits and those that a message brought have probabilities of their own (for a log of purchases, own visits have none:
    its rate holds them already).
    """
    w = today.world[0]
    row = c.relation_first + slot
    r = s.relations[row]
    m = r.merchant
    s.figures[m, VISITS] += 1
    s.sources[m, source, SOURCE_VISITS] += 1
    c.visits += 1
    visit_day = r.visit_day
    enter(s, r, LEAD)
    if r.visit_day != w.day:
        if r.stage == INTERLOCK:
            enter(s, r, ENGAGE)
        r.visit_day = w.day
        s.figures[m, VISITORS] += 1
    record(s, c, i, time, LOG_VISIT, m, source, 0, 0, 0)
    visit = under(cause, today.merchants[m].key)
    was_fan, was_member = r.fan, r.member
    interlock.at_visit(s, w, today.merchants[m], c, i, row, time, visit)
    benefits.offer(
        s, today, c, i, slot, time, AT_VISIT + AT_FOLLOW * (r.fan - was_fan) + AT_JOIN * (r.member - was_member), visit
    )
    favourites.at_visit(s, w, c, i, r, time, visit)
    if w.desks > 0:
        desk.at_visit(s, today, c, i, slot, time, visit)
    if r.dropped == 1:
        return
    category = today.merchants[m].category
    needed = c.waiting > 0 and s.needs[i, category].waiting > 0
    if needed and w.compete == 1 and (source in (FROM_MESSAGE, FROM_RECOMMEND)):
        needed = rather_than_wait(s, today, c, i, m, slot, visit)
    if needed:
        p = w.buy_need
    elif source == FROM_MESSAGE:
        p = w.buy_message + w.buy_message_fan * r.fan + w.buy_message_member * membership.effect(w, c, r, w.day)
    else:
        p = w.buy_own + w.buy_own_fan * r.fan + w.buy_own_member * membership.effect(w, c, r, w.day)
    shown = NO_BENEFIT
    if today.merchants[m].follow_row != NO_BENEFIT and r.fan == 0:
        shown = keep.follow_discount(s, today, c, i, slot, time, visit_day)
        if shown != NO_BENEFIT:
            p *= 1.0 + today.benefits[shown].conversion
    if wanted != NO_COUPON and keep.is_worth(s, today, c, i, slot, time, wanted):
        buys = True
    else:
        buys = p > 0.0 and draw(visit, BUY) < p * w.order_factor
    reason = keep.shortage(s, today, c, i, slot, time, shown) if buys else 0
    if buys or (w.abandoned_cart > 0.0 and draw(visit, CART) < w.abandoned_cart):
        keep.cart(s, c, i, m, time, reason)
    while buys and reason == 0:
        if needed:
            take_waiting_need(s, c, i, category)
        keep.order(s, today, c, i, slot, time, source, shown)
        shown = NO_BENEFIT
        needed = needed and s.needs[i, category].waiting > 0 and r.dropped == 0
        if not needed:
            return
        reason = keep.shortage(s, today, c, i, slot, time, shown)
        if reason != 0:
            keep.cart(s, c, i, m, time, reason)
