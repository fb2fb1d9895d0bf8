"""Coupons and benefits as the kernel knows them: what each is, and what each relation has of them [KEEP-1, INT-2, INT-4]."""

from __future__ import annotations

from sim.state.columns import Column, Table
from sim.state.names import NEVER

# On what occasion a benefit is claimed, as bits; none: it needs no claim.
AT_VISIT, AT_FOLLOW, AT_JOIN, AT_ORDER, AT_RECEIPT, AT_LIVE = (1 << k for k in range(6))
OCCASION_BITS = {
    "visit": AT_VISIT, "follow": AT_FOLLOW, "join": AT_JOIN, "order": AT_ORDER, "receipt": AT_RECEIPT, "live": AT_LIVE,
}  # fmt: skip
# What it does to an order.
AMOUNT_OFF, SHARE_OFF, GIFT, PRIORITY = range(4)
# Whom it is for.
WHO = ("anyone", "stranger", "fan", "member", "old_customer")
ANYONE, STRANGER, FAN, MEMBER, OLD_CUSTOMER = range(len(WHO))
CROWD_RELATIONS = ("any", "fan", "member", "old_customer")  # of crowds by name: any is a fan, a member or who has bought
ANY_RELATION, FANS, MEMBERS, OLD_CUSTOMERS = range(len(CROWD_RELATIONS))

MOST_GROUPS = 8  # stacking groups of a scenario
MOST_COUPONS = 16  # of a store: each relation counts each in four bits
MOST_PER_PERSON = 15
MOST_GIFT_COUPONS, MOST_GIFTS = 3, 1  # of a new-member gift [INT-4]
COUPONS_OF_A_CONSUMER = 1_000_000  # a coupon's id is consumer * this + the consumer's own count
NO_COUPON = -1
NO_BENEFIT = -1
NO_GIFT = -(2**31)  # s
NO_CROWD = -1
NO_WINDOW = -1  # days
MOST_ORDERS = 32_767  # that a relation counts

# Why a claim is refused, in the order in which checks are made; then, of a stock that is gone, what it says.
CLAIM_REASONS = ("not_online", "not_entitled", "too_late", "per_person", "no_points")
NOT_ONLINE, NOT_ENTITLED, TOO_LATE, PER_PERSON, NO_POINTS = range(1, 6)
OUT_OF_STOCK = 6
# What became of a benefit, by row: columns of the tally.
BENEFIT_FIGURES = (
    "claimed", "redeemed", "expired", "returned", "discount", "discount_merchant", "discount_platform", "gift_cost",
    "successes", *(f"refused_{reason}" for reason in (*CLAIM_REASONS, "out_of_stock")),
)  # fmt: skip
(
    CLAIMED, REDEEMED, EXPIRED, RETURNED, OFF, OFF_MERCHANT, OFF_PLATFORM, GIFTS, SUCCESSES,
) = range(9)  # fmt: skip
CLAIM_REFUSED = 8  # and the code of the reason

BENEFIT = Table(
    "benefit",
    "One row per benefit and store that gives it, or industry where it is good at all its stores.",
    (
        Column("key", "u8", "", "hash of its policy's name and the store's or industry's"),
        Column("merchant", "i4", "", "store; -1: all those of its industry"),
        Column("industry", "i4", "", "where it is good at several stores, theirs: a position in names.INDUSTRIES"),
        Column("policy", "i4", "", "position among the names of benefits"),
        Column("online", "i4", "0/1", "can be claimed, or is offered, today"),
        Column("at", "i4", "", "occasions of claiming, as bits; 0: it needs no claim"),
        Column("probability", "f8", "", "that who may claim it does, on one occasion"),
        Column("delay", "f8", "s", "mean time from the occasion to the claim; 0: at once"),
        Column("fixed_delay", "i4", "0/1", "that time is always the same"),
        Column("within", "i8", "s", "a claim later than this after the occasion is refused; 0: none is"),
        Column("who", "i4", "", "relation that it is for: a position in WHO"),
        Column("orders_from", "i4", "", "fewest orders at the store so far"),
        Column("orders_to", "i4", "", "most orders at the store so far"),
        Column("tiers", "i4", "", "tiers of members that it is for, as of 00:00, as bits; 0: all"),
        Column("crowd", "i4", "row", "row of `named_crowd` that it is for, as of 00:00; -1: none", NO_CROWD),
        Column("groups", "i4", "", "kinds of the store's groups that it is for, as bits of groups.py; 0: whoever else fits"),
        Column("paid_from", "i8", "minor unit", "least amount paid at the store in all: a member level of the store's"),
        Column("quality_visited", "i4", "days", "window of a quality member's visits [GRD-8]"),
        Column("quality_bought", "i4", "days", "and purchases"),
        Column("potential_visited", "i4", "days", "window of the visits of a member who is not silent"),
        Column("potential_bought", "i4", "days", "or purchases"),
        Column("shift", "u8", "bits", "where `claims` counts it"),
        Column("per_person", "i4", "", "most that one consumer may claim"),
        Column("points", "i8", "points", "price of a claim"),
        Column("claims_first", "i4", "row", "where what a claim takes begins in the list of claims"),
        Column("claims_last", "i4", "row", "and ends"),
        Column("valid_for", "i8", "s", "after the claim; 0: it has an end of its own"),
        Column("valid_from", "i8", "s", "not before"),
        Column("valid_until", "i8", "s", "and before"),
        Column("early", "f8", "1/s", "h0: hazard of redemption just after the claim"),
        Column("early_decay", "f8", "1/s", "kappa: its decay"),
        Column("late", "f8", "1/s", "h1: hazard of redemption just before the end"),
        Column("late_rise", "f8", "1/s", "omega: its rise"),
        Column("next_session", "i4", "0/1", "its holder comes for it at the first session after that time"),
        Column("threshold", "i8", "minor unit", "least price of the goods"),
        Column("goods", "f8", "", "share of orders that are of goods which it is for"),
        Column("stack", "i4", "", "stacking group: of each, one applies to an order"),
        Column("effect", "i4", "", "0 an amount off, 1 a share off, 2 a gift, 3 priority"),
        Column("amount", "i8", "minor unit", "off"),
        Column("share", "f8", "", "off"),
        Column("gift_cost", "i8", "minor unit", "what the gift costs who bears it"),
        Column("borne", "f8", "", "share that the merchant bears; the platform bears the rest"),
        Column("is_member_benefit", "i4", "0/1", "counts to benefit penetration [GRD-3]"),
        Column("is_new_member_gift", "i4", "0/1", "an order within 24 h of its claim is a success [INT-4]"),
        Column("on_following", "i4", "0/1", "is had by following in the buying step [INT-2]"),
        Column("conversion", "f8", "", "what being shown it adds to the probability of an order, as a share of it [INT-2]"),
        Column("taken", "f8", "", "share of buyers who take it when it is shown [INT-2]"),
        Column("potential", "i4", "days", "it is shown to who has visited within so many days before [INT-2]"),
        Column("appeal", "f8", "", "-ln of the price that it makes of the store's mean order, as a share of it"),
    ),
)

NAMED_CROWD = Table(
    "named_crowd",
    "The crowds that a scenario names: selections of a store's relations, as of 00:00.",
    (
        Column("relation", "i4", "", "to the store: a position in CROWD_RELATIONS"),
        Column("visited", "i4", "days", "came on one of so many days before; -1: whenever", NO_WINDOW),
        Column("not_visited", "i4", "days", "and on none of so many; -1: whatever", NO_WINDOW),
        Column("bought", "i4", "days", "bought on one of so many days before; -1: whenever", NO_WINDOW),
        Column("not_bought", "i4", "days", "and on none of so many; -1: whatever", NO_WINDOW),
        Column("orders_from", "i4", "", "fewest orders at the store"),
        Column("orders_to", "i4", "", "most orders at the store"),
    ),
)

LOYALTY = Table(
    "loyalty",
    "What a relation has of the store's benefits, row by row beside it; no rows where a scenario has none.",
    (
        Column("claims", "u8", "", "claims so far of each coupon of the store, four bits each"),
        Column("points", "i8", "points", "not spent yet"),
        Column("gift_time", "i4", "s", "when the new-member gift was claimed, until it is a success", NO_GIFT),
        Column("appeal", "f4", "", "that of the best coupon held"),
        Column("as_of", "i2", "day", "the last day that has changed the relation, at whose 00:00 it was as follows", NEVER),
        Column("visit_before", "i2", "day", "last day with a visit", NEVER),
        Column("order_before", "i2", "day", "last day with an order", NEVER),
        Column("orders_before", "i2", "", "orders so far"),
    ),
)
