"""Lead: a consumer comes to a store."""

from __future__ import annotations

import numpy as np

from sim.stages import desk, favourites, interlock, keep, live
from sim.stages.choice import is_too_dear, over_waiting
from sim.stages.link import enter
from sim.state.compiled import inlined
from sim.state.draws import BUY, CART, draw, under
from sim.state.names import (
    ENGAGE,
    FROM_LIVE,
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
def visit(s: Shard, today: Today, c: Row, i: int, slot: int, time: int, source: int, cause: np.uint64) -> None:
    """A visit, known by its cause (that session, that task, that watching): follow or join, then cart and order.

    Who orders meets all waiting needs for what the store sells, each by an order, the one that has waited longest first.
    Who came to shop has chosen the store already; who was brought by something else buys only if the store is better than
    to wait. Without a need, own visits and those that a message brought have probabilities of their own (for a log of
    purchases, own visits have none: its rate holds them already). Who would order but waits for a festival that is near, or
    for the price that it is used to, leaves a cart [KEEP-3].
    """
    w = today.world[0]
    row = c.relation_first + slot
    r = s.relations[row]
    m = r.merchant
    s.figures[m, VISITS] += 1
    s.sources[m, source, SOURCE_VISITS] += 1
    c.visits += 1
    enter(s, r, LEAD)
    if r.visit_day != w.day:
        if r.stage == INTERLOCK:
            enter(s, r, ENGAGE)
        r.visit_day = w.day
        s.figures[m, VISITORS] += 1
    record(s, c, i, time, LOG_VISIT, m, source, 0, 0, 0)
    visit = under(cause, today.merchants[m].key)
    factor = w.order_factor
    if source == FROM_LIVE:
        factor *= live.at_live(s, today, c, i, row, time, visit)
    else:
        interlock.at_visit(s, today, c, i, row, time, visit)
    favourites.at_visit(s, w, c, i, r, time, visit)
    if w.desks > 0:
        desk.at_visit(s, today, c, i, slot, time, visit)
    if r.dropped == 1:
        return
    category = today.merchants[m].category
    needed = c.waiting > 0 and s.needs[i, category].waiting > 0
    came_upon = source in (FROM_MESSAGE, FROM_RECOMMEND, FROM_LIVE)
    puts_off = False
    if needed and w.compete == 1 and (came_upon or w.prefer_reference > 0.0):
        appeal = today.merchants[m].appeal_there if came_upon else today.merchants[m].appeal
        over = over_waiting(s, today, c, i, m, slot, appeal, visit if came_upon else cause)
        needed = over > 0.0 or not came_upon
        puts_off = w.prefer_reference > 0.0 and is_too_dear(w, s.needs[i, category], over)
    if needed:
        p = w.buy_need
    elif source == FROM_MESSAGE:
        p = w.buy_message + w.buy_message_fan * r.fan + w.buy_message_member * r.member
    else:
        p = w.buy_own + w.buy_own_fan * r.fan + w.buy_own_member * r.member
    wants = p > 0.0 and draw(visit, BUY) < p * factor
    buys = wants and not puts_off and (w.order_now >= 1.0 or draw(visit, BUY) < p * factor * w.order_now)
    reason = keep.shortage(s, today, c, i, slot) if buys else 0
    if wants or (w.abandoned_cart > 0.0 and draw(visit, CART) < w.abandoned_cart * w.cart_factor):
        keep.cart(s, c, i, m, time, reason)
        interlock.at_cart(s, today, c, i, row, time, visit)
    while buys and reason == 0:
        if needed:
            take_waiting_need(s, c, i, category)
        elif w.pulled_forward > 0.0 and s.needs[i, category].waiting == 0:
            keep.pull_forward(s, today, c, i, slot)
        keep.order(s, today, c, i, slot, time, source)
        needed = needed and s.needs[i, category].waiting > 0 and r.dropped == 0
        if not needed:
            return
        reason = keep.shortage(s, today, c, i, slot)
        if reason != 0:
            keep.cart(s, c, i, m, time, reason)
