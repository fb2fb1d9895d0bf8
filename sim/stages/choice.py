"""A consumer chooses among the stores that it considers: multinomial logit by keyed Gumbel draws [evidence D6, D14].

A store is considered if the consumer has met it, or is aware of it, and has not dropped out of it. Its utility is the
consumer's own taste for it, the store's prices, service and exposure, and what is between the two of them: following,
membership, satisfaction, habit, the price of a relation. To wait is an alternative like a store. That relation users come and
buy more [LINK-4] follows from these utilities and from who becomes one.

Exposure [LEAD-1, LEAD-2] is for who looks for a store among others; who is at one already sees no others.
"""

from __future__ import annotations

import math

import numpy as np

from sim.policies import relation_prices
from sim.stages import membership
from sim.state.arithmetic import exp, log
from sim.state.compiled import apart, inlined, keep_apart
from sim.state.coupling import is_seen_open
from sim.state.draws import AWARE, CHOICE, DISCOVER, TASTE, TO_UNIT, WAIT, draw, under, unit
from sim.state.quantiles import tabulated
from sim.state.relations import NOT_MET, bit_of, bits_of_met, slot_to
from sim.state.shard import Row, Shard, Today

NO_STORE = -1
WHOLE_MARKET = -1  # no category

PIECES = 256
# No draw of a piece of (0, 1) is larger: its upper end's, and more than rounding can add. The last piece has no end.
AT_MOST = np.array([-math.log(-math.log((k + 1) / PIECES)) for k in range(PIECES - 1)] + [math.inf]) + 1e-9


@inlined
def gumbel(key: np.uint64) -> float:
    """A standard Gumbel draw."""
    return -log(-log(unit(key) + TO_UNIT / 2))


@inlined
def may_exceed(u: float, key: np.uint64, least: float) -> bool:
    """Whether a utility and the Gumbel draw of a key may be more than `least`: of most that are not, it tells without a log."""
    return u + AT_MOST[int(unit(key) * PIECES)] > least


@inlined
def considers(s: Shard, today: Today, c: Row, i: int, m: int, slot: int) -> bool:
    """Whether the store is among those that the consumer chooses from: who is interested looks whether it is sold out.

    `slot` is that of the relation to the store, here and below, or NOT_MET.
    """
    if slot != NOT_MET:
        interested = s.relations[c.relation_first + slot].dropped == 0
    else:
        interested = is_aware(c.key, today.merchants[m])
    if interested and today.world[0].looks == 1:
        return is_seen_open(s, today, i, m)
    return interested


@inlined
def is_aware(consumer: np.uint64, merchant: Row) -> bool:
    """Whether a consumer, known by its key, is aware of a store that it has not met."""
    return merchant.awareness >= 1.0 or draw(under(consumer, AWARE), merchant.key) < merchant.awareness


@inlined
def taste(tastes: np.ndarray, c: Row, merchant: Row) -> float:
    """The consumer's own taste for a store: the draw of the two of them, the same for ever [D14]."""
    return float(tabulated(tastes, merchant.taste_row, under(under(c.key, TASTE), merchant.key)))


@inlined
def utility(s: Shard, today: Today, c: Row, m: int, slot: int, appeal: float) -> float:
    """The store's utility to the consumer, but for the draw of the occasion; `appeal` is what it is to anybody."""
    w, merchant = today.world[0], today.merchants[m]
    u = taste(today.tastes, c, merchant) + appeal
    if slot != NOT_MET:
        u = with_relation(u, w, c, merchant, s.relations[c.relation_first + slot])
        if len(s.loyalty) > 0:
            u += price_weight(w) * np.float64(s.loyalty[c.relation_first + slot].appeal)
    elif merchant.festival_off > 0.0:
        u -= price_weight(w) * log_of_share(merchant.festival_off)
    return u


@inlined
def with_relation(u: float, w: Row, c: Row, merchant: Row, r: Row) -> float:
    """A utility, and that of what is between the consumer and the store."""
    member = membership.effect(w, c, r, w.day)
    u += w.prefer_fan * r.fan + w.prefer_member * member + w.prefer_satisfaction * np.float64(r.satisfaction)
    if w.prefer_habit > 0.0:
        u += w.prefer_habit * habit_now(w, r, w.day)
    u += merchant.member_appeal * r.member + merchant.fan_appeal * r.fan
    if merchant.relation_prices == 1:
        u -= price_weight(w) * relation_prices.log_of_price(merchant, r, w.day)
    return u


@inlined
def price_weight(w: Row) -> float:
    """What ln of the share of the list price that is paid takes from utility: as a price, and against what one is used to."""
    return w.prefer_price + w.prefer_reference


@apart
def log_of_share(off: float) -> float:
    """ln of what is paid, as a share of the list price."""
    keep_apart()
    return log(1.0 - off)


@inlined
def habit_now(w: Row, r: Row, day: int) -> float:
    """The stock of habit: one for each order, decaying since [state: `habit` is that of the day of the last order]."""
    if r.habit == 0.0:
        return 0.0
    return np.float64(r.habit) * exp(-w.habit_decay * (day - r.order_day))


@inlined
def utility_now(s: Shard, today: Today, c: Row, m: int, slot: int, appeal: float, occasion: np.uint64) -> float:
    """The store's utility with the draw of the occasion."""
    return utility(s, today, c, m, slot, appeal) + gumbel(choice_key(today, m, occasion))


@inlined
def choice_key(today: Today, m: int, occasion: np.uint64) -> np.uint64:
    """The identity of what a store is worth on an occasion."""
    return under(under(occasion, CHOICE), today.merchants[m].key)


@inlined
def choose(s: Shard, today: Today, c: Row, i: int, category: int, occasion: np.uint64) -> int:
    """The merchant of the greatest utility among the considered stores of a category; NO_STORE: there is none, or it waits.

    In the WHOLE_MARKET nobody waits: who browses has no need in mind.
    """
    w = today.world[0]
    best = NO_STORE
    greatest = -1.0e300
    first, count = 0, len(today.merchants)
    if category != WHOLE_MARKET:
        first, count = today.categories[category].first, today.categories[category].count
        if w.may_wait == 1:
            greatest = w.wait + gumbel(under(occasion, WAIT))
    met = bits_of_met(s.contacts, c)
    for k in range(first, first + count):
        m = k if category == WHOLE_MARKET else int(today.stores[k])
        slot = slot_to(s.contacts, c, m) if met & bit_of(m) else NOT_MET
        if considers(s, today, c, i, m, slot):
            u = utility(s, today, c, m, slot, today.merchants[m].appeal)
            key = choice_key(today, m, occasion)
            if may_exceed(u, key, greatest):
                u += gumbel(key)
                if u > greatest:
                    greatest = u
                    best = m
    return best


@apart
def discover(contacts: np.ndarray, merchants: np.ndarray, c: Row, occasion: np.uint64) -> int:
    """A store of the whole market that the consumer does not know yet, drawn in proportion to exposure; NO_STORE: it knows all.

    What a feed shows is no matter of taste: that speaks when the consumer is there.
    """
    keep_apart()
    best = NO_STORE
    greatest = -1.0e300
    for m in range(len(merchants)):
        merchant = merchants[m]
        if not is_aware(c.key, merchant):
            key = under(under(occasion, DISCOVER), merchant.key)
            if may_exceed(merchant.exposure, key, greatest):
                u = merchant.exposure + gumbel(key)
                if u > greatest and slot_to(contacts, c, m) == NOT_MET:
                    greatest = u
                    best = m
    return best


@inlined
def over_waiting(s: Shard, today: Today, c: Row, m: int, slot: int, appeal: float, occasion: np.uint64) -> float:
    """By how much a store is better than to wait; positive, where to wait is no alternative."""
    w = today.world[0]
    if w.may_wait == 0:
        return 1.0
    return utility_now(s, today, c, m, slot, appeal, occasion) - (w.wait + gumbel(under(occasion, WAIT)))


@apart
def is_too_dear(w: Row, of: Row, over: float) -> bool:
    """Whether only what the consumer is used to paying for needs like this keeps it from buying now [KEEP-3, evidence D7].

    `over` is by how much the store is better than to wait, its price being judged against the list price. What one is used to
    is the same for all stores: it says whether to buy, not where.
    """
    keep_apart()
    return over > 0.0 and over + w.prefer_reference * log(np.float64(of.reference)) <= 0.0
