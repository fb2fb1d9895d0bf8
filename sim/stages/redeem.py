"""Benefits are used by an order: who bears them, and what becomes of the coupons [KEEP-1, KEEP-2, INT-4]."""

from __future__ import annotations

import numpy as np

from sim.stages.best_price import COUPON, ROW, WORTH
from sim.stages.coupons import best_appeal, coupon_id, find, push_back, reason_in_log
from sim.state.benefits import (
    GIFT,
    GIFTS,
    MOST_GROUPS,
    NO_BENEFIT,
    NO_COUPON,
    NO_GIFT,
    OFF,
    OFF_MERCHANT,
    OFF_PLATFORM,
    REDEEMED,
    SUCCESSES,
)
from sim.state.compiled import apart, inlined, keep_apart
from sim.state.names import DAY, DISCOUNT_PLATFORM, GIFT_COST, KINDS_A_SECOND, LOG_REDEEM, NO_CHANNEL, REDEMPTIONS
from sim.state.pending import take_away
from sim.state.record import record, write
from sim.state.shard import LOGGING, Row, Shard, Today

SUCCESS_WITHIN = DAY  # s, its end included [INT-4]


@inlined
def use(s: Shard, today: Today, c: Row, i: int, slot: int, time: int, back: int) -> bool:
    """Use what `picks` hold for the order of now, which is refunded at `back`; whether a benefit of members was among them."""
    if s.picks[0, ROW] == NO_BENEFIT:
        return False
    row = c.relation_first + slot
    return use_each(
        today.benefits, s.pending, s.picks, s.loyalty, s.benefits, s.log, s.ends, s.figures, s.relations[row], c, s.first + i,
        row, slot, time, back,
    )  # fmt: skip


@apart
def use_each(
    benefits: np.ndarray, pending: np.ndarray, picks: np.ndarray, loyalty: np.ndarray, tally: np.ndarray,
    log_rows: np.ndarray, ends: np.ndarray, figures: np.ndarray, r: Row, c: Row, consumer: int, row: int, slot: int, time: int,
    back: int,
) -> bool:  # fmt: skip
    """The same. What a discount or a gift costs is the merchant's share, rounded half up, and the rest the platform's."""
    keep_apart()
    of_members = False
    for at in range(2 * MOST_GROUPS):
        k = picks[at, ROW]
        if k == NO_BENEFIT:
            break
        b, off, coupon = benefits[k], picks[at, WORTH], NO_COUPON
        gift = b.gift_cost if b.effect == GIFT else 0
        if picks[at, COUPON] != NO_COUPON:
            held = find(pending, c, picks[at, COUPON])
            coupon = coupon_id(consumer, picks[at, COUPON])
            c.held -= 1
            c.urged -= pending[held].ordinal < 0
            if time < back < pending[held].when // KINDS_A_SECOND:
                e = pending[held]
                e.ordinal = k
                push_back(pending, ends, c, back, e.ref, e.slot, k)
            else:
                take_away(pending, c, held)
        borne = int(b.borne * (off + gift) + 0.5)
        by_platform = off + gift - borne
        tally[k, REDEEMED] += 1
        tally[k, OFF] += off
        tally[k, GIFTS] += gift
        tally[k, OFF_MERCHANT] += borne
        tally[k, OFF_PLATFORM] += by_platform
        figures[r.merchant, REDEMPTIONS] += 1
        figures[r.merchant, GIFT_COST] += gift
        figures[r.merchant, DISCOUNT_PLATFORM] += by_platform
        of_members |= b.is_member_benefit == 1 and r.member == 1
        if ends[LOGGING] == 1:
            write(log_rows, ends, c, consumer, time, LOG_REDEEM, r.merchant, NO_CHANNEL, coupon, off, reason_in_log(b))
    loyalty[row].appeal = best_appeal(pending, benefits, c, slot)
    return of_members


@inlined
def use_price(s: Shard, today: Today, c: Row, i: int, m: int, time: int, off: int) -> None:
    """The order of now is at the store's price for members, which takes so much off: the merchant bears it."""
    k = today.merchants[m].price_row
    s.benefits[k, REDEEMED] += 1
    s.benefits[k, OFF] += off
    s.benefits[k, OFF_MERCHANT] += off
    s.figures[m, REDEMPTIONS] += 1
    record(s, c, i, time, LOG_REDEEM, m, NO_CHANNEL, NO_COUPON, off, reason_in_log(today.benefits[k]))


@inlined
def note_success(s: Shard, today: Today, c: Row, slot: int, time: int) -> None:
    """An order within 24 hours of the claim of the new-member gift makes it a success [INT-4]."""
    mine = s.loyalty[c.relation_first + slot]
    if mine.gift_time + SUCCESS_WITHIN >= time:
        m = s.relations[c.relation_first + slot].merchant
        s.benefits[today.merchants[m].gift_row, SUCCESSES] += 1
    mine.gift_time = NO_GIFT
