"""Lead: a consumer comes to a store."""

from __future__ import annotations

import numpy as np

from sim.stages import desk, favourites, interlock, keep, live, membership
from sim.stages.choice import is_too_dear, over_waiting
from sim.stages.claims import offer
from sim.stages.link import enter
from sim.state.benefits import AT_FOLLOW, AT_JOIN, AT_LIVE, AT_VISIT, NO_BENEFIT, NO_COUPON
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
from sim.state.yesterday import keep_yesterday


@inlined
def visit(
    s: Shard, today: Today, c: Row, i: int, slot: int, time: int, source: int, cause: np.uint64, wanted: int, at_once: bool
) -> bool:  # fmt: skip
    """A visit, known by its cause (that session, that task), or a purchase `at_once`; whether anything was bought.

    Who orders meets all waiting needs for what the store sells, each by an order, the one that has waited longest first.
    A store that lacks what an order takes leaves a cart behind, with the reason.
    """
    w = today.world[0]
    r = s.relations[c.relation_first + slot]
    m = r.merchant
    category = today.merchants[m].category
    visit = under(cause, today.merchants[m].key)
    wants, buys, needed, shown = True, True, False, NO_BENEFIT
    if not at_once:
        wants, buys, needed, shown = come_in(s, today, c, i, slot, time, source, cause, visit, wanted)
    reason = keep.shortage(s, today, c, i, slot, time, shown) if buys else 0
    if reason != 0 or (wants and not at_once):
        keep.cart(s, c, i, m, time, reason)
        if w.follow_at_cart > 0.0 and r.fan == 0 and shown == NO_BENEFIT and not at_once:
            interlock.at_cart(s, today, c, i, c.relation_first + slot, time, visit)
            offer(s, today, c, i, slot, time, AT_FOLLOW * r.fan, visit)
    bought = False
    while buys and reason == 0:
        if needed:
            take_waiting_need(s, c, i, category)
        elif w.pulled_forward > 0.0 and not at_once and s.needs[i, category].waiting == 0:
            keep.pull_forward(s, today, c, i, slot)
        keep.order(s, today, c, i, slot, time, source, shown)
        bought = True
        shown = NO_BENEFIT
        needed = needed and s.needs[i, category].waiting > 0 and r.dropped == 0
        if not needed:
            return bought
        reason = keep.shortage(s, today, c, i, slot, time, shown)
        if reason != 0:
            keep.cart(s, c, i, m, time, reason)
    return bought


@inlined
def come_in(
    s: Shard, today: Today, c: Row, i: int, slot: int, time: int, source: int, cause: np.uint64, visit: np.uint64, wanted: int
) -> tuple[bool, bool, bool, int]:  # fmt: skip
    """Follow or join, claim coupons, and make up one's mind: whether it wants to buy (or leaves a cart all the same), does so,
    needs what the store sells; and the row of the follow discount that it is shown.

    Who came to shop has chosen the store already; who was brought by something else buys only if the store is better than
    to wait. Who came for a coupon (`wanted`, its number, or NO_COUPON) orders if the goods are worth it. Without a need, own
    visits and those that a message brought have probabilities of their own (for a log of purchases, own visits have none:
    its rate holds them already). Who would order but waits for a festival that is near, or for the price that it is used
    to, leaves a cart [KEEP-3].
    """
    w = today.world[0]
    row = c.relation_first + slot
    r = s.relations[row]
    m = r.merchant
    s.figures[m, VISITS] += 1
    s.sources[m, source, SOURCE_VISITS] += 1
    c.visits += 1
    visit_day = r.visit_day
    keep_yesterday(s.loyalty, r, row, w.day)
    enter(s, r, LEAD)
    if r.visit_day != w.day:
        if r.stage == INTERLOCK:
            enter(s, r, ENGAGE)
        r.visit_day = w.day
        s.figures[m, VISITORS] += 1
    record(s, c, i, time, LOG_VISIT, m, source, 0, 0, 0)
    was_fan, was_member = r.fan, r.member
    factor, occasions = w.order_factor, AT_VISIT
    if source == FROM_LIVE:
        offer(s, today, c, i, slot, time, AT_LIVE, visit)  # by the crowd that it is in when it comes
        factor *= live.at_live(s, today, c, i, row, time, visit)
    else:
        interlock.at_visit(s, today, c, i, row, time, visit)
    occasions += AT_FOLLOW * (r.fan - was_fan) + AT_JOIN * (r.member - was_member)
    offer(s, today, c, i, slot, time, occasions, visit)
    favourites.at_visit(s, w, c, i, r, time, visit)
    if w.desks > 0:
        desk.at_visit(s, today, c, i, slot, time, visit)
    if r.dropped == 1:
        return False, False, False, NO_BENEFIT
    category = today.merchants[m].category
    needed = c.waiting > 0 and s.needs[i, category].waiting > 0
    came_upon = source in (FROM_MESSAGE, FROM_RECOMMEND, FROM_LIVE)
    puts_off = False
    if needed and w.compete == 1 and (came_upon or w.prefer_reference > 0.0):
        appeal = today.merchants[m].appeal_there if came_upon else today.merchants[m].appeal
        over = over_waiting(s, today, c, m, slot, appeal, visit if came_upon else cause)
        needed = over > 0.0 or not came_upon
        puts_off = w.prefer_reference > 0.0 and is_too_dear(w, s.needs[i, category], over)
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
    wants = p > 0.0 and draw(visit, BUY) < p * factor
    buys = wants and not puts_off and (w.order_now >= 1.0 or draw(visit, BUY) < p * factor * w.order_now)
    if wanted != NO_COUPON and keep.is_worth(s, today, c, i, slot, time, wanted):
        wants = buys = True
    wants = wants or (w.abandoned_cart > 0.0 and draw(visit, CART) < w.abandoned_cart * w.cart_factor)
    return wants, buys, needed, shown
