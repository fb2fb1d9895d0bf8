"""The state of the population: what is stored of a consumer, of a relation, of what is pending."""

from __future__ import annotations

from sim.state.columns import Column, Table
from sim.state.names import NEVER

CONSUMER = Table(
    "consumer",
    "One row per consumer of the shard, in the order of ids; what every window reads comes first, in one cache line.",
    (
        Column("key", "u8", "", "hash of the consumer's identity: root of all its draws"),
        Column("session_rate", "f8", "1/day", "mean own sessions on a day of weight 1"),
        Column("session_none", "f8", "", "probability of no own session on a day of weight 1"),
        Column("pending_first", "i4", "row", "first row of the consumer's block of pending events"),
        Column("pending_count", "i4", "rows", "pending events, latest first"),
        Column("pending_room", "i4", "rows", "size of the block"),
        Column("relation_first", "i4", "row", "first row of the consumer's block of relations"),
        Column("relation_count", "i4", "rows", "relations, in the order of first contact"),
        Column("relation_room", "i4", "rows", "size of the block"),
        Column("day", "i2", "day", "last day that was laid out", NEVER),
        Column("reached_day", "i2", "day", "last day on which a message was delivered", NEVER),
        Column("reached_stores", "i2", "", "distinct stores whose old-customer messages were delivered on that day"),
        Column("reached_messages", "i2", "", "dedicated-service messages delivered on that day"),
        Column("waiting", "i4", "", "needs that wait to be met, of all industries"),
        Column("urged", "i2", "", "of these, those that the next session comes for"),
        Column("held", "i2", "", "coupons held"),
        Column("orders", "i4", "", "own count of orders: makes order ids"),
        Column("inquiries", "i4", "", "own count of inquiries: makes their ids"),
        Column("reading", "f8", "logit", "individual part of the probability of reading a message"),
        Column("fatigue", "f8", "deliveries", "irritation stock at `fatigue_time`"),
        Column("drop_out", "f8", "", "probability of dropping out of a store after a repeat purchase"),
        Column("value_rate", "f8", "1/minor unit", "rate of the Gamma distribution of an order's amount, unscaled"),
        Column("fatigue_time", "i4", "s", "when `fatigue` was last brought up to date"),
        Column("log_time", "i4", "s", "second of the last log row", NEVER),
        Column("log_seq", "i4", "", "log rows of that second so far"),
        Column("session_day", "i2", "day", "last day with an own session", NEVER),
        Column("opted_out", "i2", "0/1", "takes no messages of any store"),
        Column("visits", "i4", "", "visits since the start of the run"),
        Column("bought", "i4", "", "orders since the start of the run"),
        Column("received", "i4", "", "messages delivered since the start of the run"),
        Column("reads", "i4", "", "messages read since the start of the run"),
        Column("opt_outs", "i4", "", "opt-outs since the start of the run"),
        Column("needs", "i4", "", "needs since the start of the run"),
        Column("lapsed", "i4", "", "of these and those before, needs that were met elsewhere since the start of the run"),
        Column("claims", "u8", "", "claims so far of each coupon of several stores, four bits each"),
        Column("coupons", "i4", "", "coupons claimed so far: the next one's number"),
        Column("met_ahead", "i4", "", "needs since the start of the run that an order had met before they came"),
        Column("segment", "u1", "", "segment at the start of the run: a position in engine.segments.SEGMENTS"),
        Column("spent", "i8", "minor unit", "amounts of orders since the start of the run"),
        Column("joining", "f4", "", "factor on the probability of joining a store [selection]", 1),
        Column("member_gain", "f4", "", "factor on what membership does to this consumer", 1),
    ),
)

NEED = Table(
    "need",
    "One row per consumer and industry of the market: the consumer's needs for what its stores sell.",
    (
        Column("rate", "f8", "1/s", "rate of needs"),
        Column("waiting", "i4", "", "needs that wait to be met"),
        Column("ahead", "i4", "", "of the needs to come, how many the next ones are that orders have met already"),
        Column("reference", "f4", "", "share of the list price that the consumer is used to paying", 1.0),
    ),
)

CONTACT = Table(
    "contact",
    "What every night reads of each relation, row by row beside it: as little as can be.",
    (
        Column("merchant", "u2", "", "merchant"),
        Column("crowds", "u1", "", "crowds of the store's tasks that the consumer belongs to, as bits"),
    ),
)

RELATION = Table(
    "relation",
    "One row per consumer-merchant pair that exists, in blocks per consumer.",
    (
        Column("merchant", "u4", "", "merchant"),
        Column("visit_day", "i2", "day", "last day with a visit", NEVER),
        Column("order_day", "i2", "day", "last day with an order", NEVER),
        Column("sent_day", "i2", "day", "last day on which a message was delivered", NEVER),
        Column("old_scene_day", "i2", "day", "last day on which an old-customer message was delivered", NEVER),
        Column("attached_day", "i2", "day", "day of joining, or of the last use of what members have since", NEVER),
        Column("orders", "i2", "", "orders so far, past included"),
        Column("sent_today", "i2", "", "messages delivered on `sent_day`"),
        Column("delivered", "i4", "", "messages of the store delivered so far"),
        Column("read", "i4", "", "of them, those read so far"),
        Column("recent_at", "u1", "", "where the ring of the last old-customer messages' days is written next"),
        Column("fan", "u1", "0/1", "follows the store"),
        Column("member", "u1", "0/1", "is a member of the store"),
        Column("opted_out", "u1", "0/1", "takes no messages of the store"),
        Column("dropped", "u1", "0/1", "has dropped out: buys here no more"),
        Column("favourite", "u1", "0/1", "has the store among its favourites"),
        Column("old", "u1", "0/1", "was an old customer on `order_day`, by its orders of the days before"),
        Column("served", "u1", "0/1", "has confirmed the receipt of an order of the store"),
        Column("bought_period", "i2", "day", "first day of the last period of grading in which it bought as a member", NEVER),
        Column("used_period", "i2", "day", "first day of the last such period in which it used a benefit as a member", NEVER),
        Column("stage", "u1", "", "stage of LINK+ that it has got to: a stage of names.py [LINK-1]"),
        Column("groups", "u1", "", "groups of the store that it is in, as bits of groups.py [GRP-2]"),
        Column("was", "u1", "", "at the 00:00 that `loyalty` knows it of: 1 a fan, 2 a member"),
        Column("satisfaction", "f4", "", "with the orders received so far: an exponentially weighted mean"),
        Column("habit", "f4", "orders", "stock of orders on `order_day`, which decays"),
        Column("paid", "u4", "minor unit", "amounts of the orders so far but for a declared past, and at most names.MOST_PAID"),
    ),
)

PENDING = Table(
    "pending",
    "What is going to happen to a consumer, in blocks per consumer, latest first.",
    (
        Column("when", "i8", "s * 32 + kind", "when, and what within a second: a pending kind of names.py"),
        Column("ref", "i4", "", "which one: agenda row, task, or the consumer's own n-th session, need, order, inquiry"),
        Column("slot", "i2", "", "relation within the consumer's block, -1 none"),
        Column("ordinal", "i2", "", "of an order: the consumer's n-th with the store"),
    ),
)

AGENDA = Table(
    "agenda",
    "The tasks of the day, in the order of their sends.",
    (
        Column("key", "u8", "", "hash of the task's identity"),
        Column("id", "i8", "", "the task's id in log and tables"),
        Column("time", "i4", "s", "when it is sent"),
        Column("merchant", "i4", "", "merchant"),
        Column("row", "i4", "", "row in the book of tasks: what pending reads know it by"),
        Column("tally", "i4", "", "row of the tallies of tasks that are under way"),
        Column("channel", "i2", "", "message channel"),
        Column("crowd", "i2", "", "whom it is for: a bit"),
        Column("plan", "i4", "row", "row of `reached` that knows whom its plan's earlier tasks reached, -1 none [MSG-8]", -1),
        Column("used_up", "i2", "0/1", "the merchant's reach frequency is used up [MSG-13]"),
    ),
)

MERCHANT = Table(
    "merchant",
    "One row per merchant: what the kernel needs to know of it.",
    (
        Column("key", "u8", "", "hash of the name"),
        Column("agenda_first", "i4", "", "first of today's tasks in the list by merchant"),
        Column("agenda_count", "i4", "", "number of today's tasks"),
        Column("category", "i4", "", "row of the table of categories"),
        Column("industry", "i4", "", "position in names.INDUSTRIES"),
        Column("offers_count", "i4", "", "number of its benefits"),
        Column("follow_row", "i4", "", "row of its follow discount, -1 none [INT-2]", -1),
        Column("relation_prices", "i4", "0/1", "some relation [KEEP-1], or at a festival everybody [KEEP-3], pays less today"),
        Column("gift_row", "i4", "", "row of the first part of its new-member gift, -1 none [INT-4]", -1),
        Column("price_row", "i4", "", "row of its own price for members, -1 none [KEEP-1]", -1),
        Column("claimed_at", "i4", "", "occasions on which any of them is claimed, as bits"),
        Column("offers_first", "i4", "", "first of its benefits in the list by merchant"),
        Column("groups_first", "i4", "row", "first of its rows of `group`"),
        Column("groups_count", "i4", "", "how many these are"),
        Column("groups_at", "i4", "", "occasions on which any of them may be entered today, as bits"),
        Column("join_purchased", "i4", "0/1", "its setting of joins: who has bought; else whoever wants to [INT-3]"),
        Column("taste_row", "i4", "", "row of the tables of tastes: by its attraction"),
        Column("join_unserved", "i4", "", "why who has confirmed no receipt cannot join: a row of names.REFUSALS; -1: can", -1),
        Column("join_factor", "f8", "", "factor on the probability of asking to join at a visit", 1),
        Column("amount_scale", "f8", "", "factor on the list prices of units"),
        Column("goods_cost", "f8", "", "cost of goods as a share of their list price"),
        Column("points_rate", "f8", "1/minor unit", "points that members earn by what they pay"),
        Column("awareness", "f8", "", "share of consumers who consider the store without having met it"),
        Column("exposure", "f8", "", "ln of how visible it is today where consumers shop and browse; 0 is usual"),
        Column("appeal", "f8", "", "utility of its prices, its service and its exposure, to who chooses among stores"),
        Column("appeal_there", "f8", "", "utility of its prices and its service, to who is there"),
        Column("member_off", "f8", "", "share off the list price for members"),
        Column("fan_off", "f8", "", "share off the list price for fans"),
        Column("old_customer_off", "f8", "", "share off the list price for old customers"),
        Column("festival_off", "f8", "", "share off the list price for all"),
        Column("keep_fans", "f8", "", "share of its fans whom it keeps when they would replace it [INT-5]"),
        Column("quality", "f8", "", "mean satisfaction with an order"),
        Column("member_appeal", "f8", "", "what its offers to members alone add to utility"),
        Column("fan_appeal", "f8", "", "what its offers to fans alone add"),
        Column("invite_customers", "f8", "", "probability that a customer who is invited today joins; 0: none is"),
        Column("invite_known", "f8", "", "the same of whoever knows the store"),
        Column("join_below", "i4", "", "the same of who has, and is below the threshold", -1),
        Column("join_above", "i4", "", "the same of who has, and is not", -1),
        Column("join_orders", "i4", "orders", "threshold of purchased joins"),
        Column("join_amount", "u4", "minor unit", "another, of what was paid"),
    ),
)

CATEGORY = Table(
    "category",
    "One row per industry of the market, in the order of names.INDUSTRIES: what needs are for.",
    (
        Column("key", "u8", "", "hash of the industry's name"),
        Column("code", "i4", "", "position in INDUSTRIES"),
        Column("first", "i4", "", "first of its stores in the list by category"),
        Column("count", "i4", "", "number of its stores"),
    ),
)

LOG = Table(
    "log",
    "Rows of the event log as the kernel writes them.",
    (
        Column("time", "i8", "s", "when"),
        Column("consumer", "i8", "", "consumer, -1 none"),
        Column("ref", "i8", "", "what it refers to"),
        Column("amount", "i8", "minor unit", "money"),
        Column("seq", "i4", "", "order within one consumer and second"),
        Column("merchant", "i4", "", "merchant, -1 none or all"),
        Column("kind", "i2", "", "kind of names.py"),
        Column("channel", "i2", "", "channel of names.py"),
        Column("reason", "i4", "", "reason of names.py; beyond them, of a task, its plan"),
    ),
)
