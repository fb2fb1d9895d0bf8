"""Coupons that are held, until they are used or expire.

Such a coupon is the pending event of its expiry: `ref` is the consumer's own number of it, `slot` the store, `ordinal` the row
of `benefit`, or -1 less that row while its holder is about to come for it.
"""

from __future__ import annotations

import numpy as np

from sim.state.benefits import COUPONS_OF_A_CONSUMER, EXPIRED, NO_COUPON, RETURNED
from sim.state.compiled import apart, inlined, keep_apart
from sim.state.names import COUPON_BACK, EXPIRE, KINDS_A_SECOND, LOG_EXPIRE, NO_CHANNEL
from sim.state.pending import push_to
from sim.state.record import record
from sim.state.shard import Row, Shard, Today

NO_SLOT = -1
ASIDE = -3  # and less: less the slot of a coupon whose order will be refunded before it ends
NOBODY = -1


@inlined
def coupon_id(consumer: int, number: int) -> int:
    """The id of a coupon, in all the market, by the consumer's own number of it."""
    return consumer * COUPONS_OF_A_CONSUMER + number


@inlined
def reason_in_log(b: Row) -> int:
    """The log's code of the benefit's name."""
    return -1 - b.policy


@inlined
def find(pending: np.ndarray, c: Row, number: int) -> int:
    """Where a coupon is held, a row of `pending`; NOBODY: it is not any more."""
    for at in range(c.pending_first, c.pending_first + c.pending_count):
        e = pending[at]
        if e.ref == number and e.when % KINDS_A_SECOND == EXPIRE and e.slot > ASIDE + 1:
            return at
    return NOBODY


@inlined
def row_of(ordinal: int) -> int:
    """The row of `benefit` of a coupon that is held."""
    return ordinal if ordinal >= 0 else -1 - ordinal


@inlined
def expire(s: Shard, today: Today, c: Row, i: int, slot: int, time: int, number: int, ordinal: int) -> None:
    """A coupon that was held can be used no more."""
    b = today.benefits[row_of(ordinal)]
    c.held -= 1
    c.urged -= ordinal < 0
    s.benefits[row_of(ordinal), EXPIRED] += 1
    m = b.merchant
    if slot != NO_SLOT:
        s.loyalty[c.relation_first + slot].appeal = best_appeal(s.pending, today.benefits, c, slot)
    record(s, c, i, time, LOG_EXPIRE, m, NO_CHANNEL, coupon_id(s.first + i, number), 0, reason_in_log(b))


@apart
def best_appeal(pending: np.ndarray, benefits: np.ndarray, c: Row, slot: int) -> float:
    """That of the best coupon held of a store."""
    keep_apart()
    best = 0.0
    for at in range(c.pending_first, c.pending_first + c.pending_count):
        e = pending[at]
        if e.when % KINDS_A_SECOND == EXPIRE and e.slot == slot:
            best = max(best, benefits[row_of(e.ordinal)].appeal)
    return best


@inlined
def comes_for(s: Shard, today: Today, c: Row, number: int, k: int) -> bool:
    """The time has come to use a coupon: now (True), or at the next session, if it is held still."""
    at = find(s.pending, c, number)
    if at == NOBODY:
        return False
    if today.benefits[k].next_session == 0:
        return True
    s.pending[at].ordinal = -1 - k
    c.urged += 1
    return False


@inlined
def next_wanted(s: Shard, c: Row) -> tuple[int, int]:
    """Of the coupons that the consumer is about to come for, that which ends first: (slot, number); it is so no more."""
    for back in range(1, c.pending_count + 1):
        e = s.pending[c.pending_first + c.pending_count - back]
        if e.when % KINDS_A_SECOND == EXPIRE and e.ordinal < 0:
            e.ordinal = -1 - e.ordinal
            c.urged -= 1
            return e.slot, e.ref
    return NO_SLOT, NO_COUPON


@inlined
def is_worth(pending: np.ndarray, benefits: np.ndarray, c: Row, number: int, amount: int, time: int) -> bool:
    """Whether a coupon is held and goods of this price are enough for it."""
    at = find(pending, c, number)
    if at == NOBODY:
        return False
    b = benefits[row_of(pending[at].ordinal)]
    return amount >= b.threshold and time >= b.valid_from


@inlined
def push_back(pending: np.ndarray, ends: np.ndarray, c: Row, back: int, number: int, slot: int, k: int) -> None:
    """Put a coupon aside whose order will be refunded at `back`, before it ends: until then it is of no use."""
    pending[find(pending, c, number)].slot = ASIDE - slot
    push_to(pending, ends, c, back * KINDS_A_SECOND + COUPON_BACK, number, slot, k)


@inlined
def come_back(s: Shard, today: Today, c: Row, slot: int, number: int, k: int) -> None:
    """The order of a coupon was refunded: it is held again, until its end."""
    for at in range(c.pending_first, c.pending_first + c.pending_count):
        e = s.pending[at]
        if e.ref == number and e.when % KINDS_A_SECOND == EXPIRE and e.slot == ASIDE - slot:
            e.slot = slot
            c.held += 1
            s.benefits[k, RETURNED] += 1
    if slot != NO_SLOT:
        s.loyalty[c.relation_first + slot].appeal = best_appeal(s.pending, today.benefits, c, slot)
