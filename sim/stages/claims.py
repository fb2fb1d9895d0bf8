"""Coupons are claimed on an occasion, or not for the first reason that holds [KEEP-1, INT-4, evidence D7]."""

from __future__ import annotations

import numpy as np

from sim.stages.coupons import NO_SLOT, coupon_id, reason_in_log
from sim.stages.entitled import is_entitled
from sim.stages.groups import offer_seats
from sim.state.arithmetic import exp, exponential, log
from sim.state.benefits import CLAIM_REFUSED, CLAIMED, NO_POINTS, NOT_ENTITLED, NOT_ONLINE, OUT_OF_STOCK, PER_PERSON, TOO_LATE
from sim.state.compiled import apart, inlined, keep_apart
from sim.state.coupling import claimed as claimed_things
from sim.state.draws import CLAIM as CLAIM_STREAM
from sim.state.draws import CLAIM_DELAY, REDEEM, draw, under
from sim.state.names import CLAIM, CLAIMS, DAY, EXPIRE, KINDS_A_SECOND, LOG_CLAIM, NO_CHANNEL, URGE
from sim.state.pending import push_to
from sim.state.record import write
from sim.state.shard import LOGGING, Row, Shard, Today

HALVINGS = 50
COUNT = np.uint64(15)
ONE = np.uint64(1)


@inlined
def offer(s: Shard, today: Today, c: Row, i: int, slot: int, time: int, occasions: int, occasion: np.uint64) -> None:
    """Whoever may take a seat in a group, and claim a benefit, of the store on these occasions; `occasion` is their key."""
    offer_seats(s, today, c, i, slot, time, occasions, occasion)
    merchant = today.merchants[s.relations[c.relation_first + slot].merchant]
    if merchant.offers_count > 0 and merchant.claimed_at & occasions:
        offer_each(
            today.benefits, today.offers, today.named_crowds, today.coupled, today.steps, today.claims, s.asks.requests,
            s.ends, s.taken, s.pending, s.loyalty, s.benefits, s.log, s.figures, s.relations[c.relation_first + slot],
            merchant, c, s.first + i, c.relation_first + slot, slot, time, occasions, occasion,
        )  # fmt: skip


@apart
def offer_each(
    benefits: np.ndarray, offers: np.ndarray, named: np.ndarray, coupled: np.ndarray, steps: np.ndarray, claims: np.ndarray,
    requests: np.ndarray, ends: np.ndarray, taken: np.ndarray, pending: np.ndarray, loyalty: np.ndarray, tally: np.ndarray,
    log_rows: np.ndarray, figures: np.ndarray, r: Row, merchant: Row, c: Row, consumer: int, row: int, slot: int, time: int,
    occasions: int, occasion: np.uint64,
) -> None:  # fmt: skip
    """The same, where the store has some. It is shown to whom it is for while it is online, and not again to who has had it."""
    keep_apart()
    day = time // DAY
    for j in range(merchant.offers_first, merchant.offers_first + merchant.offers_count):
        k = offers[j]
        b, mine = benefits[k], loyalty[row]
        if b.at & occasions and b.online == 1 and is_entitled(b, r, mine, named, day) and had(c, mine, b) < b.per_person:
            key = under(under(occasion, CLAIM_STREAM), b.key)
            if draw(key, CLAIM_STREAM) < b.probability:
                if b.delay > 0.0:
                    delay = b.delay if b.fixed_delay == 1 else exponential(draw(key, CLAIM_DELAY), b.delay)
                    at = time + 1 + int(delay) if b.fixed_delay == 0 else time + max(1, int(delay + 0.5))
                    push_to(pending, ends, c, at * KINDS_A_SECOND + CLAIM, time, slot, k)
                else:
                    claim_now(
                        benefits, named, coupled, steps, claims, requests, ends, taken, pending, loyalty, tally, log_rows,
                        figures, r, c, consumer, row, slot, time, k, time,
                    )  # fmt: skip


@inlined
def claim_later(s: Shard, today: Today, c: Row, i: int, slot: int, time: int, k: int, since: int) -> None:
    """A claim that was put off on an occasion, `since` when it may have become impossible."""
    claim_now(
        today.benefits, today.named_crowds, today.coupled, today.steps, today.claims, s.asks.requests, s.ends, s.taken,
        s.pending, s.loyalty, s.benefits, s.log, s.figures, s.relations[c.relation_first + slot], c, s.first + i,
        c.relation_first + slot, slot, time, k, since,
    )  # fmt: skip


@apart
def claim_now(
    benefits: np.ndarray, named: np.ndarray, coupled: np.ndarray, steps: np.ndarray, claims: np.ndarray, requests: np.ndarray,
    ends: np.ndarray, taken: np.ndarray, pending: np.ndarray, loyalty: np.ndarray, tally: np.ndarray, log_rows: np.ndarray,
    figures: np.ndarray, r: Row, c: Row, consumer: int, row: int, slot: int, time: int, k: int, since: int,
) -> None:  # fmt: skip
    """Claim a coupon, or be refused for the first reason that holds; `since` is when the occasion was."""
    keep_apart()
    b = benefits[k]
    mine = loyalty[row]
    reason = 0
    if b.online == 0:
        reason = NOT_ONLINE
    elif not is_entitled(b, r, mine, named, time // DAY):
        reason = NOT_ENTITLED
    elif b.within > 0 and time - since > b.within:
        reason = TOO_LATE
    elif had(c, mine, b) >= b.per_person:
        reason = PER_PERSON
    elif mine.points < b.points:
        reason = NO_POINTS
    elif b.claims_last > b.claims_first:
        first, last = b.claims_first, b.claims_last
        if claimed_things(coupled, steps, claims, requests, ends, taken, first, last, consumer, 1, 0) != 0:
            reason = OUT_OF_STOCK
    if reason != 0:
        tally[k, CLAIM_REFUSED + reason] += 1
        return
    number = c.coupons
    c.coupons += 1
    c.held += 1
    if b.merchant < 0:
        c.claims += ONE << b.shift
    else:
        mine.claims += ONE << b.shift
    mine.points -= b.points
    if b.is_new_member_gift == 1:
        mine.gift_time = time
    tally[k, CLAIMED] += 1
    figures[r.merchant, CLAIMS] += 1
    if ends[LOGGING] == 1:
        coupon = coupon_id(consumer, number)
        write(log_rows, ends, c, consumer, time, LOG_CLAIM, r.merchant, NO_CHANNEL, coupon, 0, reason_in_log(b))
    end = expiry(b, time)
    good_at = slot if b.merchant >= 0 else NO_SLOT
    push_to(pending, ends, c, end * KINDS_A_SECOND + EXPIRE, number, good_at, k)
    if b.merchant >= 0:
        mine.appeal = max(mine.appeal, np.float32(b.appeal))
        after = redemption(b, end - time, draw(under(under(c.key, REDEEM), b.key), np.uint64(time)))
        if time + after < end:
            push_to(pending, ends, c, (time + after) * KINDS_A_SECOND + URGE, number, slot, k)


@inlined
def had(c: Row, mine: Row, b: Row) -> int:
    """How often the consumer has claimed it."""
    claims = c.claims if b.merchant < 0 else mine.claims
    return int((claims >> b.shift) & COUNT)


@inlined
def expiry(b: Row, time: int) -> int:
    """The first second at which a coupon that is claimed now cannot be used any more."""
    return time + b.valid_for + 1 if b.valid_for > 0 else max(b.valid_until, time + 1)


@inlined
def redemption(b: Row, valid: int, u: float) -> int:
    """Seconds from the claim until the holder comes to use it, by inversion; no sooner than 1, and `valid` or more: never.

    The hazard is h0 exp(-kappa t) + h1 exp(-omega (valid - t)): it falls after the claim and rises to the end [evidence D7].
    """
    target = -log(1.0 - u)
    if target >= cumulated(b, valid, float(valid)):
        return valid
    low, high = 0.0, float(valid)
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        if cumulated(b, valid, middle) < target:
            low = middle
        else:
            high = middle
    return max(1, int(high))


@inlined
def cumulated(b: Row, valid: int, t: float) -> float:
    """The integral of the hazard of redemption up to `t` (s)."""
    early = b.early / b.early_decay * (1.0 - exp(-b.early_decay * t)) if b.early_decay > 0.0 else b.early * t
    if b.late_rise <= 0.0:
        return early + b.late * t
    return early + b.late / b.late_rise * (exp(-b.late_rise * (valid - t)) - exp(-b.late_rise * valid))
