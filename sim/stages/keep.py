"""Keep: orders, their fulfilment, and the drop-out that may follow a purchase."""

from __future__ import annotations

import numpy as np

from sim.policies.old_customers import is_old
from sim.stages import best_price, coupons, interlock, membership, redeem
from sim.stages.basket import basket, purchase_key
from sim.stages.choice import habit_now
from sim.stages.claims import offer
from sim.stages.follow import follow
from sim.stages.link import enter, leave
from sim.state.arithmetic import exp, exponential, normal_quantile
from sim.state.benefits import AT_FOLLOW, AT_JOIN, AT_ORDER, AT_RECEIPT, NO_BENEFIT
from sim.state.compiled import apart, inlined, keep_apart
from sim.state.coupling import ORDER, claimed, note_units
from sim.state.draws import (
    DROP_OUT,
    EXPERIENCE,
    FOLLOW_DISCOUNT,
    PICKUP,
    PULLED_FORWARD,
    RECEIVE,
    REFUND_DELAY,
    SHIP,
    TO_UNIT,
    draw,
)
from sim.state.draws import REFUND as REFUND_STREAM
from sim.state.names import (
    BUYERS,
    CARTS,
    DISCOUNT,
    DISCOUNT_PLATFORM,
    GMV,
    GMV_FAN,
    GMV_MEMBER,
    GMV_OLD,
    GMV_RELATION,
    GOODS_COST,
    INTERLOCK,
    KEEP,
    KINDS_A_SECOND,
    LEAD,
    LIST_PRICE,
    LOG_CART,
    LOG_ORDER,
    LOG_PICKUP,
    LOG_RECEIVE,
    LOG_REFUND,
    LOG_SHIP,
    MEMBER_PRICE,
    MOST_PAID,
    NO_CHANNEL,
    OLD_CUSTOMER_DAYS,
    ORDERS,
    PAID_BACK,
    REFUNDS,
    REPEAT_ORDERS,
    SOURCE_GMV,
    SOURCE_ORDERS,
    STOCK_OLD,
    SUBSIDY_BACK,
    UNITS,
)
from sim.state.names import PICKUP as PICKUP_EVENT
from sim.state.names import RECEIVE as RECEIVE_EVENT
from sim.state.names import REFUND as REFUND_EVENT
from sim.state.names import SHIP as SHIP_EVENT
from sim.state.pending import push, take_away
from sim.state.record import reason_in_log, record
from sim.state.relations import place_in_crowds
from sim.state.shard import Row, Shard, Today
from sim.state.yesterday import keep_yesterday

MOST_BACK = 2**31 - 1  # minor units that an event can hold
KEPT = -(2**40)  # s: no time of a refund
ORDERS_OF_A_CONSUMER = 1_000_000  # an order's id is consumer * this + the consumer's own count


@inlined
def cart(s: Shard, c: Row, i: int, m: int, time: int, reason: int) -> None:
    """Something is put into the cart; `reason` says why it stays there, if that is for want of something, else 0."""
    s.figures[m, CARTS] += 1
    record(s, c, i, time, LOG_CART, m, NO_CHANNEL, 0, 0, reason_in_log(reason))


@inlined
def shortage(s: Shard, today: Today, c: Row, i: int, slot: int, time: int, shown: int) -> int:
    """Take what the next order at the store needs: 0, or the reason of what has run out, and nothing is taken.

    `shown` is the row of a follow discount that is shown for it, or NO_BENEFIT.
    """
    r = s.relations[c.relation_first + slot]
    first, last = today.claims_at[ORDER, r.merchant], today.claims_at[ORDER, r.merchant + 1]
    if first == last:
        return 0
    return claimed_by_order(
        today.coupled, today.steps, today.claims, s.asks.requests, s.ends, s.taken, today.benefits, today.offers,
        today.named_crowds, s.loyalty, s.pending, s.picks, first, last, s.first + i, today.world[0],
        today.merchants[r.merchant], c, r, today.tastes, slot, time, shown,
    )  # fmt: skip


@apart
def claimed_by_order(
    coupled: np.ndarray, steps: np.ndarray, claims: np.ndarray, requests: np.ndarray, ends: np.ndarray, taken: np.ndarray,
    table: np.ndarray, offers: np.ndarray, named: np.ndarray, loyalty: np.ndarray, pending: np.ndarray, picks: np.ndarray,
    first: int, last: int, consumer: int, w: Row, merchant: Row, c: Row, r: Row, tastes: np.ndarray, slot: int, time: int,
    shown: int,
) -> int:  # fmt: skip
    """The same where there are such things: those in a part of the list of claims."""
    keep_apart()
    purchase = purchase_key(merchant, c, r.orders)
    units, listed, off, _ = basket(w, merchant, c, r, tastes, purchase)
    followed = shown if takes_follow_discount(table, shown, purchase) else NO_BENEFIT
    told = table, offers, named, loyalty, pending, picks, merchant
    amount = best_price.price_of(*told, c, r, slot, time, units * (listed - off), purchase, followed)
    return claimed(coupled, steps, claims, requests, ends, taken, first, last, consumer, units, amount)


@apart
def listed_price(w: Row, merchant: Row, c: Row, r: Row, tastes: np.ndarray, purchase: np.uint64) -> tuple[int, int]:
    """Units of a purchase, and the price of the goods to this relation, before coupons."""
    keep_apart()
    units, listed, off, _ = basket(w, merchant, c, r, tastes, purchase)
    return units, units * (listed - off)


@inlined
def takes_follow_discount(table: np.ndarray, shown: int, purchase: np.uint64) -> bool:
    """Whether the buyer takes the follow discount of a row that is shown, if one is [INT-2]."""
    return shown != NO_BENEFIT and draw(purchase, FOLLOW_DISCOUNT) < table[shown].taken


@inlined
def follow_discount(s: Shard, today: Today, c: Row, i: int, slot: int, time: int, visit_day: int) -> int:
    """The row of the follow discount that is shown to who last came on `visit_day`, or NO_BENEFIT [INT-2]."""
    r = s.relations[c.relation_first + slot]
    m = r.merchant
    merchant = today.merchants[m]
    if today.world[0].day - visit_day > today.benefits[merchant.follow_row].potential:
        return NO_BENEFIT
    purchase = purchase_key(merchant, c, r.orders)
    _, amount = listed_price(today.world[0], merchant, c, r, today.tastes, purchase)
    told = today.benefits, today.offers, today.named_crowds, s.loyalty, s.pending, s.picks, merchant
    return best_price.shown_on_following(*told, m, c, r, slot, time, amount, purchase)


@inlined
def is_worth(s: Shard, today: Today, c: Row, i: int, slot: int, time: int, coupon: int) -> bool:
    """Whether a coupon, by its number, is held and would be good for the next order at the store."""
    r = s.relations[c.relation_first + slot]
    merchant = today.merchants[r.merchant]
    purchase = purchase_key(merchant, c, r.orders)
    _, amount = listed_price(today.world[0], merchant, c, r, today.tastes, purchase)
    return coupons.is_worth(s.pending, today.benefits, c, coupon, amount, time)


@inlined
def order(s: Shard, today: Today, c: Row, i: int, slot: int, time: int, source: int, shown: int) -> None:
    """One purchase: money, relation, fulfilment, and drop-out after a repeat purchase (BG/NBD: not after the first).

    Its amount is what is paid: units at the list price, less the share off that the relation is entitled to [KEEP-1] and what
    benefits take off; `shown` is the row of a follow discount that the buyer is shown, or NO_BENEFIT [INT-2].
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
    units, listed, off, reason = basket(w, merchant, c, r, today.tastes, purchase)
    goods = units * (listed - off)
    keep_yesterday(s.loyalty, r, row, day)
    was_fan, was_member = r.fan, r.member
    followed = NO_BENEFIT
    if takes_follow_discount(today.benefits, shown, purchase):
        followed = shown
        follow(s, today, c, i, row, time, purchase)
    told = today.benefits, today.offers, today.named_crowds, s.loyalty, s.pending, s.picks, merchant
    amount = best_price.price_of(*told, c, r, slot, time, goods, purchase, followed)
    c.bought += 1
    c.spent += amount
    if w.prefer_reference > 0.0:
        get_used_to(s, w, i, merchant.category, amount / (units * listed))
    figures = s.figures[m]
    figures[ORDERS] += 1
    figures[UNITS] += units
    figures[GMV] += amount
    figures[DISCOUNT] += units * listed - amount
    figures[GOODS_COST] += int(units * listed * merchant.goods_cost + 0.5)
    if r.fan == 1:
        figures[GMV_FAN] += amount
    if r.member == 1:
        figures[GMV_MEMBER] += amount
        membership.buys_as_member(s, w, r, m)
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
    r.paid = min(np.int64(r.paid) + amount, MOST_PAID)
    r.order_day = day
    number = c.orders
    c.orders += 1
    record(s, c, i, time, LOG_ORDER, m, source, order_id(s, i, number), amount, reason)
    back = refund_time(w, purchase, time)
    platform_before = figures[DISCOUNT_PLATFORM]
    uses = redeem.use(s, today, c, i, slot, time, back)
    if back != KEPT:
        will_be_refunded(s, c, slot, back, number, r.orders, amount, figures[DISCOUNT_PLATFORM] - platform_before)
        if w.given_back > 0:
            first, last = today.claims_at[ORDER, m], today.claims_at[ORDER, m + 1]
            note_units(today.coupled, today.claims, s.pending, s.ends, c, first, last, back, units, amount)
    if reason == LIST_PRICE + MEMBER_PRICE:
        uses = True
        if merchant.price_row != NO_BENEFIT:
            redeem.use_price(s, today, c, i, m, time, units * off)
    if uses:
        membership.uses_benefit(s, w, r, m)
        membership.attach(r, day)
    if merchant.gift_row != NO_BENEFIT:
        redeem.note_success(s, today, c, slot, time)
    if merchant.points_rate > 0.0 and r.member == 1:
        s.loyalty[row].points += int(amount * merchant.points_rate)
    enter(s, r, LEAD)
    interlock.at_order(s, today, c, i, row, time, purchase)
    if r.orders == 0:
        enter(s, r, INTERLOCK)
    else:
        enter(s, r, KEEP)
        figures[REPEAT_ORDERS] += 1
        if c.drop_out > 0.0 and draw(purchase, DROP_OUT) < drop_out_now(w, c, r, day) and r.dropped == 0:
            leave(s, r)
    fulfil(s, w, c, slot, time, SHIP_EVENT, number, r.orders, purchase)
    r.orders += 1
    place_in_crowds(s, row)
    occasions = AT_ORDER + AT_FOLLOW * (r.fan - was_fan) + AT_JOIN * (r.member - was_member)
    offer(s, today, c, i, slot, time, occasions, purchase)


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
def drop_out_now(w: Row, c: Row, r: Row, day: int) -> float:
    """The probability of dropping out of the store after this purchase."""
    p = c.drop_out * (1.0 - membership.retained(w, c, r, day))
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
def refund_time(w: Row, purchase: np.uint64, time: int) -> int:
    """When an order of now will be refunded, some time after its receipt; KEPT: it will not be [SRV-2]."""
    if w.refund <= 0.0 or draw(purchase, REFUND_STREAM) >= w.refund:
        return KEPT
    at = time
    if w.ship_delay >= 0.0:
        at = later(at, draw(purchase, SHIP), w.ship_delay)
    if w.pickup_delay >= 0.0:
        at = later(at, draw(purchase, PICKUP), w.pickup_delay)
    if w.receive_delay >= 0.0:
        at = later(at, draw(purchase, RECEIVE), w.receive_delay)
    return later(at, draw(purchase, REFUND_DELAY), w.refund_delay)


@inlined
def will_be_refunded(s: Shard, c: Row, slot: int, back: int, number: int, n: int, amount: int, by_platform: int) -> None:
    """Note that an order will be refunded, and what: an event holds one number, so each sum has one of its own."""
    push(s, c, back, REFUND_EVENT, number, slot, n)
    if amount > 0:
        push(s, c, back, PAID_BACK, min(amount, MOST_BACK), slot, n)
    if by_platform > 0:
        push(s, c, back, SUBSIDY_BACK, min(by_platform, MOST_BACK), slot, n)


@inlined
def refund(s: Shard, c: Row, i: int, slot: int, time: int, number: int, n: int) -> None:
    """An order is refunded: the buyer has back what it paid, the platform its share of the discount."""
    m = s.relations[c.relation_first + slot].merchant
    amount = take_sum(s, c, PAID_BACK, slot, n)
    s.figures[m, REFUNDS] += amount
    s.figures[m, DISCOUNT_PLATFORM] -= take_sum(s, c, SUBSIDY_BACK, slot, n)
    record(s, c, i, time, LOG_REFUND, m, NO_CHANNEL, order_id(s, i, number), amount, 0)


@inlined
def take_sum(s: Shard, c: Row, kind: int, slot: int, n: int) -> int:
    """The sum that was noted for the n-th order at a store; it is noted no more."""
    for at in range(c.pending_first, c.pending_first + c.pending_count):
        e = s.pending[at]
        if e.when % KINDS_A_SECOND == kind and e.slot == slot and e.ordinal == n:
            found = e.ref
            take_away(s.pending, c, at)
            return found
    return 0


@inlined
def fulfilment_step(s: Shard, today: Today, c: Row, i: int, slot: int, time: int, step: int, number: int, n: int) -> None:
    """An order was shipped, picked up by the carrier, or its receipt confirmed."""
    row = c.relation_first + slot
    r = s.relations[row]
    kind = LOG_SHIP if step == SHIP_EVENT else (LOG_PICKUP if step == PICKUP_EVENT else LOG_RECEIVE)
    record(s, c, i, time, kind, r.merchant, NO_CHANNEL, order_id(s, i, number), 0, 0)
    w = today.world[0]
    merchant = today.merchants[r.merchant]
    purchase = purchase_key(merchant, c, n)
    if step != RECEIVE_EVENT:
        fulfil(s, w, c, slot, time, step + 1, number, n, purchase)
        return
    r.served = 1
    if w.satisfaction_weight > 0.0:
        experience = merchant.quality + w.quality_spread * normal_quantile(draw(purchase, EXPERIENCE) + TO_UNIT / 2)
        before = np.float64(r.satisfaction)
        r.satisfaction = before + w.satisfaction_weight * (experience - before)
    was_member = r.member
    interlock.at_receipt(s, w, merchant, c, i, row, time, purchase)
    offer(s, today, c, i, slot, time, AT_RECEIPT + AT_JOIN * (r.member - was_member), purchase)
