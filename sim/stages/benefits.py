"""Coupons and benefits: claimed on an occasion, held, used at the best price, or expired [KEEP-1, KEEP-2, INT-4, evidence D7].

A coupon that is held is the pending event of its expiry: `ref` the consumer's own number of it, `slot` the store, `ordinal` the
row of `benefit`, or -1 less that row while its holder is about to come for it.
"""

from __future__ import annotations

import numpy as np

from sim.policies.member_tiers import Windows, tier
from sim.policies.old_customers import is_old
from sim.state.arithmetic import exp, exponential, log
from sim.state.benefits import (
    AMOUNT_OFF,
    CLAIM_REFUSED,
    CLAIMED,
    COUPONS_OF_A_CONSUMER,
    EXPIRED,
    FAN,
    GIFT,
    GIFTS,
    MEMBER,
    MOST_GROUPS,
    NO_BENEFIT,
    NO_COUPON,
    NO_GIFT,
    NO_POINTS,
    NOT_ENTITLED,
    NOT_ONLINE,
    OFF,
    OFF_MERCHANT,
    OFF_PLATFORM,
    OLD_CUSTOMER,
    OUT_OF_STOCK,
    PER_PERSON,
    REDEEMED,
    RETURNED,
    SHARE_OFF,
    STRANGER,
    SUCCESSES,
    TOO_LATE,
)
from sim.state.compiled import apart, inlined, keep_apart
from sim.state.coupling import claimed as claimed_things
from sim.state.draws import CLAIM as CLAIM_STREAM
from sim.state.draws import CLAIM_DELAY, GOODS, REDEEM, draw, under
from sim.state.names import (
    CLAIM,
    CLAIMS,
    COUPON_BACK,
    DAY,
    DISCOUNT_PLATFORM,
    EXPIRE,
    GIFT_COST,
    KINDS_A_SECOND,
    LOG_CLAIM,
    LOG_EXPIRE,
    LOG_REDEEM,
    NO_CHANNEL,
    REDEMPTIONS,
    URGE,
)
from sim.state.pending import insert, take_away
from sim.state.record import record, write
from sim.state.shard import LOGGING, Row, Shard, Today

NO_SLOT = -1
ASIDE = -3  # and less: less the slot of a coupon whose order will be refunded before it ends
SUCCESS_WITHIN = DAY  # s, its end included [INT-4]
COUNT = np.uint64(15)
ONE = np.uint64(1)
HALVINGS = 50
NOBODY = -1

# Columns of `picks`: a benefit of an order, the coupon used, what it takes off. Two rows a group while the best price is
# looked for: the largest amount, the largest share.
ROW, COUPON, WORTH = range(3)


@inlined
def is_entitled(b: Row, r: Row, day: int) -> bool:
    """Whether the benefit is for a relation as it is now."""
    if r.orders < b.orders_from or r.orders > b.orders_to or r.paid < b.paid_from:
        return False
    if b.who == STRANGER:
        return r.fan == 0 and r.member == 0 and r.orders == 0
    if b.who == FAN:
        return r.fan == 1
    if b.who == MEMBER:
        return r.member == 1 and (b.tiers == 0 or b.tiers >> tier(r, windows_of(b), day) & 1 == 1)
    return b.who != OLD_CUSTOMER or is_old(r, day)


@inlined
def windows_of(b: Row) -> Windows:
    """The windows of the platform's tiers of members."""
    return Windows(b.quality_visited, b.quality_bought, b.potential_visited, b.potential_bought)


@inlined
def reason_in_log(b: Row) -> int:
    """The log's code of the benefit's name."""
    return -1 - b.policy


# Claims


@inlined
def offer(s: Shard, today: Today, c: Row, i: int, slot: int, time: int, occasions: int, occasion: np.uint64) -> None:
    """Whoever is for a benefit of the store may claim it on these occasions, known by the key of `occasion`."""
    merchant = today.merchants[s.relations[c.relation_first + slot].merchant]
    if merchant.offers_count > 0 and merchant.claimed_at & occasions:
        offer_each(
            today.benefits, today.offers, today.coupled, today.steps, today.claims, s.asks.requests, s.ends, s.taken,
            s.pending, s.loyalty, s.benefits, s.log, s.figures, s.relations[c.relation_first + slot], merchant, c,
            s.first + i, c.relation_first + slot, slot, time, occasions, occasion,
        )  # fmt: skip


@apart
def offer_each(
    benefits: np.ndarray, offers: np.ndarray, coupled: np.ndarray, steps: np.ndarray, claims: np.ndarray,
    requests: np.ndarray, ends: np.ndarray, taken: np.ndarray, pending: np.ndarray, loyalty: np.ndarray, tally: np.ndarray,
    log_rows: np.ndarray, figures: np.ndarray, r: Row, merchant: Row, c: Row, consumer: int, row: int, slot: int, time: int,
    occasions: int, occasion: np.uint64,
) -> None:  # fmt: skip
    """The same, where the store has some. It is shown to whom it is for while it is online, and not again to who has had it."""
    keep_apart()
    day = time // DAY
    for j in range(merchant.offers_first, merchant.offers_first + merchant.offers_count):
        k = offers[j]
        b = benefits[k]
        if b.at & occasions and b.online == 1 and is_entitled(b, r, day) and had(c, loyalty[row], b) < b.per_person:
            key = under(under(occasion, CLAIM_STREAM), b.key)
            if draw(key, CLAIM_STREAM) < b.probability:
                if b.delay > 0.0:
                    delay = b.delay if b.fixed_delay == 1 else exponential(draw(key, CLAIM_DELAY), b.delay)
                    at = time + 1 + int(delay) if b.fixed_delay == 0 else time + max(1, int(delay + 0.5))
                    insert(pending, c.pending_first, c.pending_count, at * KINDS_A_SECOND + CLAIM, time, slot, k)
                    c.pending_count += 1
                else:
                    claim_now(
                        benefits, coupled, steps, claims, requests, ends, taken, pending, loyalty, tally, log_rows, figures,
                        r, c, consumer, row, slot, time, k, time,
                    )  # fmt: skip


@inlined
def claim_later(s: Shard, today: Today, c: Row, i: int, slot: int, time: int, k: int, since: int) -> None:
    """A claim that was put off on an occasion, `since` when it may have become impossible."""
    claim_now(
        today.benefits, today.coupled, today.steps, today.claims, s.asks.requests, s.ends, s.taken, s.pending, s.loyalty,
        s.benefits, s.log, s.figures, s.relations[c.relation_first + slot], c, s.first + i, c.relation_first + slot, slot,
        time, k, since,
    )  # fmt: skip


@apart
def claim_now(
    benefits: np.ndarray, coupled: np.ndarray, steps: np.ndarray, claims: np.ndarray, requests: np.ndarray,
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
    elif not is_entitled(b, r, time // DAY):
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
    insert(pending, c.pending_first, c.pending_count, end * KINDS_A_SECOND + EXPIRE, number, good_at, k)
    c.pending_count += 1
    if b.merchant >= 0:
        mine.appeal = max(mine.appeal, np.float32(b.appeal))
        after = redemption(b, end - time, draw(under(under(c.key, REDEEM), b.key), np.uint64(time)))
        if time + after < end:
            insert(pending, c.pending_first, c.pending_count, (time + after) * KINDS_A_SECOND + URGE, number, slot, k)
            c.pending_count += 1


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
def coupon_id(consumer: int, number: int) -> int:
    """The id of a coupon, in all the market, by the consumer's own number of it."""
    return consumer * COUPONS_OF_A_CONSUMER + number


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


# What is held


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


# The best price


@apart
def best_price(
    benefits: np.ndarray, offers: np.ndarray, pending: np.ndarray, picks: np.ndarray, merchant: Row, m: int, c: Row, r: Row,
    slot: int, time: int, amount: int, purchase: np.uint64, followed: int,
) -> int:  # fmt: skip
    """What is paid for goods of a price; in `picks`, from row 0 on, what is used: a benefit, the coupon, what it takes off.

    `followed` is the row of a follow discount that is taken, which is used instead of the others of its group.
    """
    keep_apart()
    candidates(benefits, offers, pending, picks, merchant, m, c, r, slot, time, amount, purchase)
    if followed != NO_BENEFIT:
        stack = benefits[followed].stack
        picks[2 * stack + 1, ROW] = NO_BENEFIT
        picks[2 * stack, ROW], picks[2 * stack, COUPON] = followed, NO_COUPON
        picks[2 * stack, WORTH] = benefits[followed].amount
    both = 0
    for g in range(MOST_GROUPS):
        if picks[2 * g, ROW] != NO_BENEFIT and picks[2 * g + 1, ROW] != NO_BENEFIT:
            both += 1
    best, lowest = 0, amount + 1
    for choice in range(1 << both):
        price = priced(benefits, picks, amount, choice)
        if price < lowest:
            best, lowest = choice, price
    keep_chosen(benefits, picks, amount, best)
    return lowest


@inlined
def candidates(
    benefits: np.ndarray, offers: np.ndarray, pending: np.ndarray, picks: np.ndarray, merchant: Row, m: int, c: Row, r: Row,
    slot: int, time: int, amount: int, purchase: np.uint64,
) -> None:  # fmt: skip
    """Of each group the largest amount (or gift) and the largest share: offers before coupons, of these the first to expire."""
    day = time // DAY
    for g in range(2 * MOST_GROUPS):
        picks[g, ROW] = NO_BENEFIT
    for j in range(merchant.offers_first, merchant.offers_first + merchant.offers_count):
        b = benefits[offers[j]]
        if b.at == 0 and b.on_following == 0 and b.online == 1 and is_entitled(b, r, day):
            weigh(picks, b, offers[j], NO_COUPON, amount, purchase)
    if c.held > 0:
        for back in range(1, c.pending_count + 1):
            e = pending[c.pending_first + c.pending_count - back]
            if e.when % KINDS_A_SECOND == EXPIRE and (e.slot == slot or e.slot == NO_SLOT):
                k = row_of(e.ordinal)
                b = benefits[k]
                good = b.merchant == m or (b.merchant < 0 and b.industry == merchant.industry)
                if good and time >= b.valid_from and e.when // KINDS_A_SECOND > time:
                    weigh(picks, b, k, e.ref, amount, purchase)


@inlined
def weigh(picks: np.ndarray, b: Row, k: int, number: int, amount: int, purchase: np.uint64) -> None:
    """Take a benefit that applies as the best of its kind in its group, if it is."""
    if amount < b.threshold or (b.goods < 1.0 and draw(under(purchase, GOODS), b.key) >= b.goods):
        return
    at = 2 * b.stack + (b.effect == SHARE_OFF)
    worth = b.amount
    if b.effect == SHARE_OFF:
        worth = int(b.share * 1.0e9)
    elif b.effect == GIFT:
        worth = b.gift_cost
    if picks[at, ROW] == NO_BENEFIT or worth > picks[at, WORTH]:
        picks[at, ROW], picks[at, COUPON], picks[at, WORTH] = k, number, worth


@inlined
def takes_share(picks: np.ndarray, g: int, choice: int, both: int) -> bool:
    """Whether of a group its share is taken: it is its only one, or the `both`-th bit of the choice says so."""
    if picks[2 * g, ROW] == NO_BENEFIT:
        return picks[2 * g + 1, ROW] != NO_BENEFIT
    return picks[2 * g + 1, ROW] != NO_BENEFIT and choice >> both & 1 == 1


@inlined
def share_of(b: Row, price: int) -> int:
    """What a share takes off a price, rounded half up to the minor unit."""
    return int(b.share * price + 0.5)


@inlined
def priced(benefits: np.ndarray, picks: np.ndarray, amount: int, choice: int) -> int:
    """The price by one choice between amount and share in the groups that have both: shares first, then amounts."""
    both = 0
    price = amount
    taken = 0
    for g in range(MOST_GROUPS):
        if takes_share(picks, g, choice, both):
            price -= share_of(benefits[picks[2 * g + 1, ROW]], price)
        elif picks[2 * g, ROW] != NO_BENEFIT and benefits[picks[2 * g, ROW]].effect == AMOUNT_OFF:
            taken += picks[2 * g, WORTH]
        both += picks[2 * g, ROW] != NO_BENEFIT and picks[2 * g + 1, ROW] != NO_BENEFIT
    return max(price - taken, 0)


@inlined
def keep_chosen(benefits: np.ndarray, picks: np.ndarray, amount: int, choice: int) -> None:
    """Leave in `picks` what a choice uses, one after the other from row 0 on, and what each takes off; then NO_BENEFIT."""
    both = 0
    price = amount
    for g in range(MOST_GROUPS):  # shares come first: what they take off does not depend on amounts
        has_both = picks[2 * g, ROW] != NO_BENEFIT and picks[2 * g + 1, ROW] != NO_BENEFIT
        if takes_share(picks, g, choice, both):
            off = share_of(benefits[picks[2 * g + 1, ROW]], price)
            price -= off
            picks[2 * g + 1, WORTH] = off
            picks[2 * g, ROW] = NO_BENEFIT
        else:
            picks[2 * g + 1, ROW] = NO_BENEFIT
        both += has_both
    end = 0
    for at in range(2 * MOST_GROUPS):
        k = picks[at, ROW]
        if k != NO_BENEFIT:
            off = picks[at, WORTH]
            if at % 2 == 0:
                off = min(off, price) if benefits[k].effect == AMOUNT_OFF else 0
                price -= off
            number = picks[at, COUPON]
            picks[end, ROW], picks[end, COUPON], picks[end, WORTH] = k, number, off
            end += 1
    if end < 2 * MOST_GROUPS:
        picks[end, ROW] = NO_BENEFIT


@inlined
def price_of(
    benefits: np.ndarray, offers: np.ndarray, pending: np.ndarray, picks: np.ndarray, merchant: Row, c: Row, r: Row, slot: int,
    time: int, amount: int, purchase: np.uint64, followed: int,
) -> int:  # fmt: skip
    """What the consumer pays for goods of a price, at most that; what it uses is in `picks`."""
    if merchant.offers_count == 0 and c.held == 0:
        picks[0, ROW] = NO_BENEFIT
        return amount
    return best_price(benefits, offers, pending, picks, merchant, r.merchant, c, r, slot, time, amount, purchase, followed)


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
                insert_back(pending, c, back, e.ref, e.slot, k)
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
def insert_back(pending: np.ndarray, c: Row, back: int, number: int, slot: int, k: int) -> None:
    """Put a coupon aside whose order will be refunded at `back`, before it ends: until then it is of no use."""
    pending[find(pending, c, number)].slot = ASIDE - slot
    insert(pending, c.pending_first, c.pending_count, back * KINDS_A_SECOND + COUPON_BACK, number, slot, k)
    c.pending_count += 1


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


# Follow discount


@apart
def shown_on_following(
    benefits: np.ndarray, offers: np.ndarray, pending: np.ndarray, picks: np.ndarray, merchant: Row, m: int, c: Row, r: Row,
    slot: int, time: int, amount: int, purchase: np.uint64,
) -> int:  # fmt: skip
    """The row of the follow discount that is shown for an order of this price; NO_BENEFIT: none is [INT-2].

    It is hidden where another of its group is strictly better for the very order.
    """
    keep_apart()
    k = merchant.follow_row
    b = benefits[k]
    if b.online == 0 or amount < b.threshold or not is_entitled(b, r, time // DAY):
        return NO_BENEFIT
    candidates(benefits, offers, pending, picks, merchant, m, c, r, slot, time, amount, purchase)
    best = 0
    if picks[2 * b.stack, ROW] != NO_BENEFIT:
        best = picks[2 * b.stack, WORTH]
    if picks[2 * b.stack + 1, ROW] != NO_BENEFIT:
        best = max(best, share_of(benefits[picks[2 * b.stack + 1, ROW]], amount))
    return NO_BENEFIT if best > b.amount else k
