"""The vocabulary that state, results and users share: kinds of events, channels, reasons, figures. Codes are positions.

Names and their order are those of the event log's contract; the kernel works with the codes.
"""

from __future__ import annotations

DAY = 86_400  # seconds
WEEK = 7 * DAY
HOUR = 3_600
IS_CUSTOMER = -1  # in place of the day of a first purchase inside the run: it was before
NEVER = -30_000  # a day so long ago that no window reaches it; days are 16-bit numbers

# What can be pending for a consumer, in the order in which it happens within one second: what ends, then the agenda.
EXPIRE, INVITED, MESSAGE, ENTER, SESSION, NEED, LAPSE, SHIP, PICKUP, RECEIVE, READ, ANSWER, URGE, CLAIM = range(14)
REFUND, PAID_BACK, SUBSIDY_BACK, COUPON_BACK, UNITS_BACK = range(14, 19)
KINDS_A_SECOND = 32  # room for the kinds in `when` = time * KINDS_A_SECOND + kind

KINDS = (
    "session", "need", "task", "exposure", "visit", "follow", "unfollow", "join", "leave", "favourite", "cart", "order",
    "ship", "pickup", "receive", "refund", "inquiry", "answer", "claim", "redeem", "expire", "message_sent",
    "message_blocked", "message_read", "opt_out", "opt_in", "group_join", "group_leave", "live_view", "charge", "setting",
    "benefit_on", "benefit_off", "grade", "privilege", "admission", "resource_exhausted",
)  # fmt: skip
(
    LOG_SESSION, LOG_NEED, LOG_TASK, LOG_EXPOSURE, LOG_VISIT, LOG_FOLLOW, LOG_UNFOLLOW, LOG_JOIN, LOG_LEAVE, LOG_FAVOURITE,
    LOG_CART, LOG_ORDER, LOG_SHIP, LOG_PICKUP, LOG_RECEIVE, LOG_REFUND, LOG_INQUIRY, LOG_ANSWER, LOG_CLAIM, LOG_REDEEM,
    LOG_EXPIRE, LOG_MESSAGE_SENT, LOG_MESSAGE_BLOCKED, LOG_MESSAGE_READ, LOG_OPT_OUT,
) = range(25)  # fmt: skip
LOG_LIVE_VIEW = KINDS.index("live_view")
LOG_GROUP_JOIN = KINDS.index("group_join")
LOG_EXHAUSTED = KINDS.index("resource_exhausted")
LOG_BENEFIT_ON, LOG_BENEFIT_OFF = KINDS.index("benefit_on"), KINDS.index("benefit_off")
VOID = -1  # in place of the kind of a row that was taken back

MESSAGE_CHANNELS = (
    "cs.service", "cs.custom", "cs.new_arrival", "cs.follow_gift", "cs.repurchase_coupon", "cs.promotion", "cs.member_day",
    "group.member", "group.ordinary", "feed",
)  # fmt: skip
FIRST_OLD_CUSTOMER_SCENE, LAST_OLD_CUSTOMER_SCENE = 1, 6  # cs.custom .. cs.member_day
LAST_DEDICATED_SERVICE = 6  # cs.*
SOURCES = (
    "search", "recommend", "paid", "super_entry", "offsite.link", "offsite.password", "offsite.surprise_code",
    "offsite.secret_code", "offline", "live", "member_fast", "alliance", "venue", "juliang", "message", "group", "feed",
    "direct",
)  # fmt: skip
JOIN_SOURCES = ("zero_yuan", "purchased")
JOIN_SETTINGS = ("zero", "purchased")  # a merchant's threshold of joining [INT-3]
CHANNELS = ("", *MESSAGE_CHANNELS, *(s for s in SOURCES if s not in MESSAGE_CHANNELS), *JOIN_SOURCES)
NO_CHANNEL = 0
FIRST_MESSAGE_CHANNEL = 1  # a channel's code is its message channel's position + 1
FROM_MESSAGE = CHANNELS.index("message")
FROM_DIRECT = CHANNELS.index("direct")
FROM_SEARCH = CHANNELS.index("search")
FROM_LIVE = CHANNELS.index("live")
FROM_RECOMMEND = CHANNELS.index("recommend")
BY_ZERO_YUAN, BY_PURCHASED = (CHANNELS.index(source) for source in JOIN_SOURCES)

# Why a message did not reach a consumer, in the order in which checks are made at the send.
REASONS = (
    "", "algorithm_filter", "overlap", "opted_out", "no_dedicated_relation", "benefit_used_up", "store_window",
    "store_per_day", "stores_per_day", "total_per_day", "reach_frequency", "platform_limit",
)  # fmt: skip
NOT_EFFECTIVE = "not_effective"  # in the crowd that the merchant named, and no effective old customer: counted, not logged
# Why a task is refused as a whole, in the order in which checks are made.
TASK_REASONS = ("not_invited", "image_late", "outside_window", "coupon_not_valid", "text_refused", "crowd_too_small")
DECLARED_PAST = "declared_past"  # of an order: known to have been, not simulated
# Who a relation-exclusive price is for [KEEP-1]; of equal prices the first is paid. An order's reason says which was paid.
PRICED_RELATIONS = ("member", "fan", "old_customer")
MEMBER_PRICE, FAN_PRICE, OLD_CUSTOMER_PRICE, FESTIVAL_PRICE = range(1, 5)  # the last is for all [KEEP-3]
PRICE_REASONS = (*(f"{relation}_price" for relation in PRICED_RELATIONS), "festival_price")
# Grades, what becomes of a privilege, and a merchant's setting of joins: reasons of rows that are merchants' own [GRD-7].
GRADE_REASONS = ("quality", "potential", "improving", "noncompliant")
PRIVILEGE_REASONS = ("granted", "withdrawn")
SETTING_REASONS = JOIN_SETTINGS
LOG_REASONS = (  # codes of the log's reasons
    *REASONS, DECLARED_PAST, *TASK_REASONS, *PRICE_REASONS, *GRADE_REASONS, *PRIVILEGE_REASONS, *SETTING_REASONS,
)  # fmt: skip
LIST_PRICE = LOG_REASONS.index(PRICE_REASONS[0]) - 1  # from a code of a relation's price to that in the log
NOT_REFUSED = 0
PLATFORM_REASONS = len(REASONS) - 1  # codes beyond are the reasons of a scenario's own gates
MOST_OWN_REASONS = 255  # a verdict is one byte
OWN_REASONS_IN_LOG = len(LOG_REASONS) - PLATFORM_REASONS - 1  # from a code of theirs to that in the log
ALGORITHM_FILTER = REASONS.index("algorithm_filter")
OVERLAP = REASONS.index("overlap")
OPTED_OUT = REASONS.index("opted_out")
NO_DEDICATED_RELATION = REASONS.index("no_dedicated_relation")
STORE_WINDOW = REASONS.index("store_window")
STORE_PER_DAY = REASONS.index("store_per_day")
STORES_PER_DAY = REASONS.index("stores_per_day")
TOTAL_PER_DAY = REASONS.index("total_per_day")
REACH_FREQUENCY = REASONS.index("reach_frequency")
PLATFORM_LIMIT = REASONS.index("platform_limit")
SHORT_REASONS = ("sold_out", "budget_spent")  # by the built-in policies of what may run out, unless they are told another
RULE_OF_REASON = {
    "algorithm_filter": "MSG-9", "overlap": "MSG-8", "opted_out": "MSG-14", "no_dedicated_relation": "MSG-14",
    "benefit_used_up": "MSG-13", "store_window": "MSG-3", "store_per_day": "MSG-5", "stores_per_day": "MSG-4",
    "total_per_day": "MSG-5", "reach_frequency": "MSG-13", "platform_limit": "MSG-13",
    "not_invited": "MSG-16", "image_late": "MSG-10", "outside_window": "MSG-11", "coupon_not_valid": "MSG-12",
    "text_refused": "MSG-18", "crowd_too_small": "MSG-6", **dict.fromkeys(PRICE_REASONS, "KEEP-1"),
    **dict.fromkeys(GRADE_REASONS, "GRD-4"), **dict.fromkeys(PRIVILEGE_REASONS, "GRD-5"),
    **dict.fromkeys(SETTING_REASONS, "GRD-7"),
    "festival_price": "KEEP-3",
}  # fmt: skip

# Why a join, or a merchant's setting of joins, is refused: the first of these that applies [GRD-7]. Their places among all
# that is refused to consumers or merchants, counted by merchant and day: (what, reason).
JOIN_REASONS = ("noncompliant", "improving", "locked", "no_right", "no_receipt", "threshold")
SETTING_REFUSALS = ("noncompliant", "no_right")
BENEFIT_REFUSALS = ("noncompliant", "gift_limit")  # of switching a benefit [GRD-5, INT-4]
GROUP_REFUSALS = ("full",)  # of taking a seat in a group [GRP-1]
REFUSALS = tuple(
    (what, reason)
    for what, reasons in (
        ("join", JOIN_REASONS),
        ("setting", SETTING_REFUSALS),
        ("benefit", BENEFIT_REFUSALS),
        ("group", GROUP_REFUSALS),
    )
    for reason in reasons
)
GROUP_IS_FULL = REFUSALS.index(("group", "full"))
ACCEPTED = -1  # in place of a row of REFUSALS
MOST_PAID = 2**32 - 1  # minor units, that are remembered of a relation: more than any threshold

# Who a task is for, decided at 00:00 of the send day (MSG-7).
CROWDS = ("customers", "fans", "members", "all")
CROWD_CUSTOMERS, CROWD_FANS, CROWD_MEMBERS, CROWD_ALL = 1, 2, 4, 8  # bits, in the order of the names

# Tiers of members, of the platform [GRD-8].
MEMBER_TIERS = ("quality", "potential", "silent")

# Industries are what needs are for: stores of one industry compete for them.
INDUSTRIES = ("fast_moving", "apparel", "beauty", "food", "sports", "health", "media", "other")

# The figures of one merchant and day; the names are columns of daily.parquet. The stocks come last.
FIGURES = (
    "visitors", "visits", "follows", "unfollows", "joins", "leaves", "carts", "orders", "repeat_orders", "buyers", "units",
    "gmv", "gmv_fan", "gmv_member", "gmv_old", "discount", "goods_cost", "ad_cost", "commission", "refunds",
    "messages_sent", "messages_read", "messages_refused", "opt_outs", "gmv_relation",
    "lead_entered", "interlock_entered", "engage_entered", "keep_entered", "left", "claims", "redemptions",
    "discount_platform", "gift_cost", "member_buyers", "benefit_users", "benefit_days", "group_joins",
)  # fmt: skip
(
    VISITORS, VISITS, FOLLOWS, UNFOLLOWS, JOINS, LEAVES, CARTS, ORDERS, REPEAT_ORDERS, BUYERS, UNITS,
    GMV, GMV_FAN, GMV_MEMBER, GMV_OLD, DISCOUNT, GOODS_COST, AD_COST, COMMISSION, REFUNDS,
    MESSAGES_SENT, MESSAGES_READ, MESSAGES_REFUSED, OPT_OUTS, GMV_RELATION,
    LEAD_ENTERED, INTERLOCK_ENTERED, ENGAGE_ENTERED, KEEP_ENTERED, LEFT, CLAIMS, REDEMPTIONS,
    DISCOUNT_PLATFORM, GIFT_COST, MEMBER_BUYERS, BENEFIT_USERS, BENEFIT_DAYS, GROUP_JOINS,
) = range(len(FIGURES))  # fmt: skip
STOCKS = ("fans", "members", "old_customers", "lead", "interlock", "engage", "keep", "group_members")
(
    STOCK_FANS, STOCK_MEMBERS, STOCK_OLD, STOCK_LEAD, STOCK_INTERLOCK, STOCK_ENGAGE, STOCK_KEEP, STOCK_GROUP_MEMBERS,
) = range(len(STOCKS))  # fmt: skip
# The stage of LINK+ that a relation has got to [LINK-1]; stage k enters figure LEAD_ENTERED + k - 1, stock STOCK_LEAD + k - 1.
NO_STAGE, LEAD, INTERLOCK, ENGAGE, KEEP, GONE = range(6)
OLD_CUSTOMER_DAYS = 365  # natural days [MSG-1]

SOURCE_FIGURES = ("visits", "orders", "gmv")
SOURCE_VISITS, SOURCE_ORDERS, SOURCE_GMV = range(len(SOURCE_FIGURES))

# What happened to consumers as such, whatever the merchant. Events of a run are counted by kind of pending event.
PENDING_NAMES = (
    "expiries", "invitations", "messages", "enters", "sessions", "needs", "lapses", "ships", "pickups", "receipts", "reads",
    "answers", "urges", "claims", "refunds", "sums_paid_back", "subsidies_back", "coupons_back", "units_back",
)  # fmt: skip

# What is known of one task: deliveries, those that will be read and were read, reads while the merchant looked (MSG-15), who of
# the named crowd is no effective old customer (MSG-1), refusals by reason.
TASK_SENT, TASK_TO_READ, TASK_READ, TASK_READ_SEEN, TASK_NOT_EFFECTIVE, TASK_REFUSED = range(6)
TASK_FIGURES = TASK_REFUSED + len(REASONS)
