"""Keep: orders, their fulfilment, and the drop-out that may follow a purchase."""

from __future__ import annotations

import numpy as np

from sim.policies.old_customers import is_old
from sim.stages import interlock
from sim.stages.basket import basket, purchase_key
from sim.stages.choice import habit_now
from sim.stages.link import enter, leave
from sim.state.arithmetic import exp, exponential, normal_quantile
from sim.state.compiled import apart, inlined, keep_apart
from sim.state.coupling import ORDER, claimed
from sim.state.draws import DROP_OUT, EXPERIENCE, PICKUP, PULLED_FORWARD, RECEIVE, SHIP, TO_UNIT, draw
from sim.state.names import (
    BUYERS,
    CARTS,
    DISCOUNT,
    GMV,
    GMV_FAN,
    GMV_MEMBER,
    GMV_OLD,
    GMV_RELATION,
    GOODS_COST,
    INTERLOCK,
    KEEP,
    LEAD,
    LOG_CART,
    LOG_ORDER,
    LOG_PICKUP,
    LOG_RECEIVE,
    LOG_SHIP,
    NO_CHANNEL,
    OLD_CUSTOMER_DAYS,
    ORDERS,
    REPEAT_ORDERS,
    SOURCE_GMV,
    SOURCE_ORDERS,
    STOCK_OLD,
    UNITS,
)
from sim.state.names import PICKUP as PICKUP_EVENT
from sim.state.names import RECEIVE as RECEIVE_EVENT
from sim.state.names import SHIP as SHIP_EVENT
from sim.state.pending import push
from sim.state.record import reason_in_log, record
from sim.state.relations import place_in_crowds
from sim.state.shard import Row, Shard, Today

ORDERS_OF_A_CONSUMER = 1_000_000  # an order's id is consumer * this + the consumer's own count


@inlined
def purchase(s: Shard, today: Today, c: Row, i: int, slot: int, time: int, source: int) -> bool:
    """An order, if the store has what it takes; else a cart is left behind with the reason."""
    m = s.relations[c.relation_first + slot].merchant
    reason = shortage(s, today, c, i, slot)
    if reason != 0:
        cart(s, c, i, m, time, reason)
        return False
    order(s, today, c, i, slot, time, source)
    return True


@inlined
def cart(s: Shard, c: Row, i: int, m: int, time: int, reason: int) -> None:
    """Something is put into the cart; `reason` says why it stays there, if that is for want of something, else 0."""
    s.figures[m, CARTS] += 1
    record(s, c, i, time, LOG_CART, m, NO_CHANNEL, 0, 0, reason_in_log(reason))


@inlined
def shortage(s: Shard, today: Today, c: Row, i: int, slot: int) -> int:
    """Take what the next order at the store needs: 0, or the reason of what has run out, and nothing is taken."""
    r = s.relations[c.relation_first + slot]
    first, last = today.claims_at[ORDER, r.merchant], today.claims_at[ORDER, r.merchant + 1]
    if first == last:
        return 0
    told = today.coupled, today.steps, today.claims, s.asks.requests, s.ends, s.taken
    return claimed_by_order(*told, first, last, s.first + i, today.world[0], today.merchants[r.merchant], c, r, s.taste[i])


@apart
def claimed_by_order(
    coupled: np.ndarray, steps: np.ndarray, claims: np.ndarray, requests: np.ndarray, ends: np.ndarray, taken: np.ndarray,
    first: int, last: int, consumer: int, w: Row, merchant: Row, c: Row, r: Row, taste: np.ndarray,
) -> int:  # fmt: skip
    """The same where there are such things: those in a part of the list of claims."""
    keep_apart()
    units, listed, off, _ = basket(w, merchant, c, r, taste, purchase_key(merchant, c, r.orders))
    return claimed(coupled, steps, claims, requests, ends, taken, first, last, consumer, units, units * (listed - off))


@inlined
def order(s: Shard, today: Today, c: Row, i: int, slot: int, time: int, source: int) -> None:
    """One purchase: money, relation, fulfilment, and drop-out after a repeat purchase (BG/NBD: not after the first).

    Its amount is what is paid: units at the list price, less the share off that the relation is entitled to [KEEP-1].
    An old customer has bought on one of the 365 days before [MSG-1]: who buys twice on its first day is still a new one.
    Membership and satisfaction lower the probability of dropping out [evidence D8].
    """
    w = today.world[0]
    row = c.relation_first + slot
    r = s.relations[row]
    m = r.merchant
    merchant = today.merchants[m]
    day = w.day
    purchase = purchase_key(merchant, c, r.orders)
    units, listed, off, reason = basket(w, merchant, c, r, s.taste[i], purchase)
    amount = units * (listed - off)
    c.bought += 1
    c.spent += amount
    if w.prefer_reference > 0.0:
        get_used_to(s, w, i, merchant.category, amount / (units * listed))
    figures = s.figures[m]
    figures[ORDERS] += 1
    figures[UNITS] += units
    figures[GMV] += amount
    figures[DISCOUNT] += units * off
    figures[GOODS_COST] += int(units * listed * merchant.goods_cost + 0.5)
    if r.fan == 1:
        figures[GMV_FAN] += amount
    if r.member == 1:
        figures[GMV_MEMBER] += amount
    s.sources[m, source, SOURCE_ORDERS] += 1
    s.sources[m, source, SOURCE_GMV] += amount
    if r.order_day != day:
        figures[BUYERS] += 1
        r.old = is_old(r, day)
    if r.old == 1:
        figures[GMV_OLD] += amount
    if r.old == 1 or r.fan == 1 or r.member == 1:
        figures[GMV_RELATION] += amount
    if r.order_day > day - OLD_CUSTOMER_DAYS:
        s.old_expiry[m, r.order_day % OLD_CUSTOMER_DAYS] -= 1
    else:
        s.stocks[m, STOCK_OLD] += 1
    s.old_expiry[m, day % OLD_CUSTOMER_DAYS] += 1
    r.habit = habit_now(w, r, day) + 1.0
    r.order_day = day
    number = c.orders
    c.orders += 1
    record(s, c, i, time, LOG_ORDER, m, source, order_id(s, i, number), amount, reason)
    enter(s, r, LEAD)
    interlock.at_order(s, today, c, i, row, time, purchase)
    if r.orders == 0:
        enter(s, r, INTERLOCK)
    else:
        enter(s, r, KEEP)
        figures[REPEAT_ORDERS] += 1
        if c.drop_out > 0.0 and draw(purchase, DROP_OUT) < drop_out_now(w, c, r) and r.dropped == 0:
            leave(s, r)
    fulfil(s, w, c, slot, time, SHIP_EVENT, number, r.orders, purchase)
    r.orders += 1
    place_in_crowds(s, row)


@inlined
def pull_forward(s: Shard, today: Today, c: Row, i: int, slot: int) -> None:
    """Maybe the next order at the store, for which no need waits, meets the next need of its industry ahead [KEEP-3]."""
    r = s.relations[c.relation_first + slot]
    merchant = today.merchants[r.merchant]
    if draw(purchase_key(merchant, c, r.orders), PULLED_FORWARD) < today.world[0].pulled_forward:
        s.needs[i, merchant.category].ahead += 1


@inlined
def get_used_to(s: Shard, w: Row, i: int, category: int, paid: float) -> None:
    """An order at this share of the list price moves what the consumer is used to paying in the industry [evidence D7]."""
    of = s.needs[i, category]
    of.reference = w.reference_keep * np.float64(of.reference) + (1.0 - w.reference_keep) * paid


@inlined
def order_id(s: Shard, i: int, number: int) -> int:
    """The id of a consumer's order, in all the market, by the consumer's own number of it."""
    return (s.first + i) * ORDERS_OF_A_CONSUMER + number


@inlined
def drop_out_now(w: Row, c: Row, r: Row) -> float:
    """The probability of dropping out of the store after this purchase."""
    p = c.drop_out * (1.0 - w.retain_member * r.member)
    return p * exp(-w.retain_satisfaction * np.float64(r.satisfaction)) if w.retain_satisfaction > 0.0 else p


@inlined
def fulfil(s: Shard, w: Row, c: Row, slot: int, time: int, step: int, number: int, ordinal: int, purchase: np.uint64) -> None:
    """Schedule the next step of an order, `step` or, where the scenario has no such step, the one after it [SRV-2]."""
    if step == SHIP_EVENT and w.ship_delay < 0.0:
        step = PICKUP_EVENT
    if step == PICKUP_EVENT and w.pickup_delay < 0.0:
        step = RECEIVE_EVENT
    mean, stream = w.receive_delay, RECEIVE
    if step == SHIP_EVENT:
        mean, stream = w.ship_delay, SHIP
    elif step == PICKUP_EVENT:
        mean, stream = w.pickup_delay, PICKUP
    if mean >= 0.0:
        push(s, c, later(time, draw(purchase, stream), mean), step, number, slot, ordinal)


@inlined
def later(time: int, u: float, mean: float) -> int:
    """A time at least a second later, after an exponential delay of the given mean (s)."""
    return time + 1 + int(exponential(u, mean))


@inlined
def fulfilment_step(s: Shard, today: Today, c: Row, i: int, slot: int, time: int, step: int, number: int, n: int) -> None:
    """An order was shipped, picked up by the carrier, or its receipt confirmed."""
    r = s.relations[c.relation_first + slot]
    kind = LOG_SHIP if step == SHIP_EVENT else (LOG_PICKUP if step == PICKUP_EVENT else LOG_RECEIVE)
    record(s, c, i, time, kind, r.merchant, NO_CHANNEL, order_id(s, i, number), 0, 0)
    if step == RECEIVE_EVENT:
        r.served = 1
    w = today.world[0]
    merchant = today.merchants[r.merchant]
    purchase = purchase_key(merchant, c, n)
    if step != RECEIVE_EVENT:
        fulfil(s, w, c, slot, time, step + 1, number, n, purchase)
    elif w.satisfaction_weight > 0.0:
        experience = merchant.quality + w.quality_spread * normal_quantile(draw(purchase, EXPERIENCE) + TO_UNIT / 2)
        before = np.float64(r.satisfaction)
        r.satisfaction = before + w.satisfaction_weight * (experience - before)
