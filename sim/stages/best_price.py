"""The best price of an order: which benefits apply to it, and which of them take most off [KEEP-1, INT-2]."""

from __future__ import annotations

import numpy as np

from sim.stages.coupons import NO_SLOT, row_of
from sim.stages.entitled import is_entitled
from sim.state.benefits import AMOUNT_OFF, GIFT, MOST_GROUPS, NO_BENEFIT, NO_COUPON, SHARE_OFF
from sim.state.compiled import apart, inlined, keep_apart
from sim.state.draws import GOODS, draw, under
from sim.state.names import DAY, EXPIRE, KINDS_A_SECOND
from sim.state.shard import Row

# Columns of `picks`: a benefit of an order, the coupon used, what it takes off. Two rows a group while the best price is
# looked for: the largest amount, the largest share.
ROW, COUPON, WORTH = range(3)


@apart
def best_price(
    benefits: np.ndarray, offers: np.ndarray, named: np.ndarray, loyalty: np.ndarray, pending: np.ndarray, picks: np.ndarray,
    merchant: Row, m: int, c: Row, r: Row, slot: int, time: int, amount: int, purchase: np.uint64, followed: int,
) -> int:  # fmt: skip
    """What is paid for goods of a price; in `picks`, from row 0 on, what is used: a benefit, the coupon, what it takes off.

    `followed` is the row of a follow discount that is taken, which is used instead of the others of its group.
    """
    keep_apart()
    candidates(benefits, offers, named, loyalty, pending, picks, merchant, m, c, r, slot, time, amount, purchase)
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
    benefits: np.ndarray, offers: np.ndarray, named: np.ndarray, loyalty: np.ndarray, pending: np.ndarray, picks: np.ndarray,
    merchant: Row, m: int, c: Row, r: Row, slot: int, time: int, amount: int, purchase: np.uint64,
) -> None:  # fmt: skip
    """Of each group the largest amount (or gift) and the largest share: offers before coupons, of these the first to expire."""
    day, mine = time // DAY, loyalty[c.relation_first + slot]
    for g in range(2 * MOST_GROUPS):
        picks[g, ROW] = NO_BENEFIT
    for j in range(merchant.offers_first, merchant.offers_first + merchant.offers_count):
        b = benefits[offers[j]]
        if b.at == 0 and b.on_following == 0 and b.online == 1 and is_entitled(b, r, mine, named, day):
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
    benefits: np.ndarray, offers: np.ndarray, named: np.ndarray, loyalty: np.ndarray, pending: np.ndarray, picks: np.ndarray,
    merchant: Row, c: Row, r: Row, slot: int, time: int, amount: int, purchase: np.uint64, followed: int,
) -> int:  # fmt: skip
    """What the consumer pays for goods of a price, at most that; what it uses is in `picks`."""
    if merchant.offers_count == 0 and c.held == 0:
        picks[0, ROW] = NO_BENEFIT
        return amount
    return best_price(
        benefits, offers, named, loyalty, pending, picks, merchant, r.merchant, c, r, slot, time, amount, purchase, followed
    )


@apart
def shown_on_following(
    benefits: np.ndarray, offers: np.ndarray, named: np.ndarray, loyalty: np.ndarray, pending: np.ndarray, picks: np.ndarray,
    merchant: Row, m: int, c: Row, r: Row, slot: int, time: int, amount: int, purchase: np.uint64,
) -> int:  # fmt: skip
    """The row of the follow discount that is shown for an order of this price; NO_BENEFIT: none is [INT-2].

    It is hidden where another of its group is strictly better for the very order.
    """
    keep_apart()
    k = merchant.follow_row
    b = benefits[k]
    if b.online == 0 or amount < b.threshold or not is_entitled(b, r, loyalty[c.relation_first + slot], named, time // DAY):
        return NO_BENEFIT
    candidates(benefits, offers, named, loyalty, pending, picks, merchant, m, c, r, slot, time, amount, purchase)
    best = 0
    if picks[2 * b.stack, ROW] != NO_BENEFIT:
        best = picks[2 * b.stack, WORTH]
    if picks[2 * b.stack + 1, ROW] != NO_BENEFIT:
        best = max(best, share_of(benefits[picks[2 * b.stack + 1, ROW]], amount))
    return NO_BENEFIT if best > b.amount else k
