"""What the kernel reads and never writes: the behaviour's parameters and the state of the policies in this window.

The host rebuilds it at an instant of the clock; inside a window it is constant.
"""

from __future__ import annotations

from sim.state.columns import Column, Table

WORLD = Table(
    "world",
    "One row: the parameters of behaviour, and what policies make of them now.",
    (
        Column("session_key", "u8", "", "key of (own sessions, day)"),
        Column("invitation_key", "u8", "", "key of (invitations, day)"),
        Column("day", "i4", "day", "the day of this window"),
        Column("period", "i4", "day", "first day of its period of grading"),
        Column("weekday", "i4", "", "its day of the week, 0 is Monday"),
        Column("own_gates", "i4", "0/1", "gates of messages of the scenario's own are in force"),
        Column("asks", "i4", "", "pending kinds, as bits, that may ask in this window for what is shared and may run out"),
        Column("platform_limits", "i4", "rows", "the first so many rows of `coupled` are limits of the platform [MSG-13]"),
        Column("looks", "i4", "0/1", "who chooses among stores sees which are sold out"),
        Column("desks", "i4", "", "most desks of a store, to each of which a visit may make an inquiry"),
        Column("given_back", "i4", "", "most things of a store of which a refunded order gives back what it has taken"),
        Column("claimable", "i4", "", "most coupons of a store: what one visit may claim"),
        Column("groups", "i4", "", "most kinds of groups of a store: what one visit may enter"),
        Column("live", "i4", "0/1", "some live room opens on this day"),
        Column("tasks_a_store", "i4", "", "most tasks that a store has on this day"),
        Column("invites", "i4", "0/1", "some store invites to join on this day"),
        Column("log_mode", "i4", "", "0 none, 1 a sample of consumers, 2 all"),
        Column("session_weight", "f8", "", "weight of this day of the week, mean 1"),
        Column("flat_hours", "i4", "0/1", "all seconds of the day are alike"),
        Column("any_known_store", "i4", "0/1", "a session goes to one of the known stores, all alike"),
        Column("compete", "i4", "0/1", "stores compete for needs"),
        Column("consider", "f8", "", "probability that a session shops for the waiting needs of an industry"),
        Column("browse", "f8", "", "probability that a session which shops for nothing goes to a store"),
        Column("discover", "f8", "", "probability that a browsing session goes to a store that the consumer is not aware of"),
        Column("may_wait", "i4", "0/1", "to wait is an alternative to all stores"),
        Column("wait", "f8", "", "utility of waiting"),
        Column("prefer_price", "f8", "", "what ln of a price takes from utility"),
        Column("prefer_fan", "f8", "", "utility of a store that the consumer follows"),
        Column("prefer_member", "f8", "", "utility of a store that it is a member of"),
        Column("prefer_satisfaction", "f8", "", "utility of one unit of satisfaction"),
        Column("prefer_habit", "f8", "", "utility of one order of the stock of habit"),
        Column("habit_decay", "f8", "1/day", "ln 2 / half-life of the stock of habit"),
        Column(
            "prefer_reference", "f8", "", "what ln of a price over that which one is used to takes; 0: prices are judged alone"
        ),
        Column("reference_keep", "f8", "", "share of the price that one is used to which an order leaves"),
        Column("satisfaction_weight", "f8", "", "weight of the last order in satisfaction; 0: there is none"),
        Column("quality_spread", "f8", "", "standard deviation of satisfaction with an order"),
        Column("retain_member", "f8", "", "share of drop-outs that membership prevents"),
        Column("member_frequency", "f8", "", "share by which membership raises the probability of going to the one store"),
        Column("fade_from", "i4", "days", "what membership does is whole up to so many days after joining or its last use"),
        Column("fade_until", "i4", "days", "and is gone from so many on; negative: it never fades", -1),
        Column("retain_satisfaction", "f8", "", "log-slope by which satisfaction lowers the probability of dropping out"),
        Column("follow_at_order", "f8", "", "probability of following at an order"),
        Column("join_at_order", "f8", "", "probability of joining at an order"),
        Column("buy_at_need", "i4", "0/1", "a need is met at its own time"),
        Column("need_phases", "i4", "", "k of the Erlang distribution of the time between needs"),
        Column("patience", "f8", "s", "mean time that a need waits before it is met elsewhere"),
        Column("pulled_forward", "f8", "", "probability that an order without a need meets the next need ahead"),
        Column("follow", "f8", "", "probability of following at a visit"),
        Column("follow_at_cart", "f8", "", "probability of following at a cart that is left at a visit"),
        Column("most_follows", "i4", "stores", "that a consumer follows; 0: no limit [INT-1]"),
        Column("join", "f8", "", "probability that a fan joins at a visit"),
        Column("abandoned_cart", "f8", "", "probability of a cart without an order at a visit"),
        Column("buy_need", "f8", "", "probability of an order at a visit with a waiting need"),
        Column("buy_own", "f8", "", "probability of an order at an own visit without a need"),
        Column("buy_own_fan", "f8", "", "added for fans"),
        Column("buy_own_member", "f8", "", "added for members"),
        Column("buy_message", "f8", "", "probability of an order at a visit by a message, without a need"),
        Column("buy_message_fan", "f8", "", "added for fans"),
        Column("buy_message_member", "f8", "", "added for members"),
        Column("order_factor", "f8", "", "product of the policies' factors and of festivals on the probability of an order", 1),
        Column("order_now", "f8", "", "share of orders that do not wait for a festival that is near", 1),
        Column("cart_factor", "f8", "", "factor of such festivals on the probability of a cart without an order", 1),
        Column("value_shape", "f8", "", "p of Gamma-Gamma; 0: every order is `fixed_amount`"),
        Column("fixed_amount", "i8", "minor unit", "amount of an order where it is fixed"),
        Column("units_more", "f8", "units", "mean units of an order beyond the first, at utility 0; 0: every order is of one"),
        Column("units_slope", "f8", "", "log-slope of these in the store's utility"),
        Column("ship_delay", "f8", "s", "mean time from order to shipping; negative: no such step"),
        Column("pickup_delay", "f8", "s", "mean time from shipping to pickup; negative: no such step"),
        Column("receive_delay", "f8", "s", "mean time to the receipt; negative: no such step"),
        Column("refund", "f8", "", "probability that an order is returned after its receipt; 0: none is"),
        Column("refund_delay", "f8", "s", "mean time from the receipt to the refund"),
        Column("read_fixed", "f8", "", "probability of reading where it is fixed; negative: by fatigue"),
        Column("read_factor", "f8", "", "product of the policies' factors on the probability of reading", 1),
        Column("read_delay", "f8", "s", "mean time from delivery to reading"),
        Column("fatigue_weight", "f8", "deliveries", "what one delivery adds to the irritation stock"),
        Column("fatigue_decay", "f8", "1/s", "ln 2 / half-life of the irritation stock"),
        Column("fatigue_reading", "f8", "logit", "beta: what one unit of irritation takes from reading"),
        Column("opt_out", "f8", "", "kappa: hazard of opting out at a delivery, at irritation 0"),
        Column("fatigue_opt_out", "f8", "", "eta: log-slope of that hazard in irritation"),
        Column("opt_out_factor", "f8", "", "product of the policies' factors on that hazard", 1),
        Column("opt_out_of_all", "f8", "", "share of opt-outs that are of all stores"),
        Column("favourite", "f8", "", "probability of a favourite at a visit"),
        Column("bought_days", "i4", "days", "an effective old customer bought in so many days; 0: no such rule [MSG-1]"),
        Column("visited_days", "i4", "days", "and visited in so many [MSG-1]"),
        Column("no_overlap", "i4", "0/1", "whom an earlier task of the plan reached is refused [MSG-8]"),
        Column("served_only", "i4", "0/1", "who has confirmed no receipt is refused [MSG-14]"),
        Column("spare_silent", "i4", "0/1", "silent members are in no crowd [GRD-8]"),
        Column("silent_visited_days", "i4", "days", "who has visited in so many is no silent member [GRD-8]"),
        Column("silent_bought_days", "i4", "days", "nor who has bought in so many [GRD-8]"),
    ),
)

CAPS = Table(
    "caps",
    "One row per policy of message caps that is in force.",
    (
        Column("store_limit", "i4", "messages", "old-customer messages of a store per `store_days` [MSG-3]"),
        Column("store_days", "i4", "days", "natural days, the day of sending included [MSG-3]"),
        Column("stores_per_day", "i4", "stores", "distinct stores per natural day [MSG-4]"),
        Column("per_store_per_day", "i4", "messages", "of one store per natural day [MSG-5]"),
        Column("total_per_day", "i4", "messages", "of dedicated service per natural day [MSG-5]"),
    ),
)

FILTER = Table(
    "filter",
    "One row per algorithm filter that is in force [MSG-9].",
    (
        Column("login_days", "i4", "days", "whoever has not logged in within so many days scores 0"),
        Column("visit_days", "i4", "days", "a visit counts for so many days"),
        Column("login_weight", "i4", "", "weight of the login"),
        Column("visit_weight", "i4", "", "weight of the last visit"),
        Column("favourite_weight", "i4", "", "weight of the store being a favourite"),
        Column("read_weight", "i4", "", "weight of the past read rate"),
    ),
)

LIVE_CROWDS = ("stranger", "fan", "member")  # [INT-5]; who is both fan and member is a member
ROOM = Table(
    "room",
    "One row per live room of the day, in the order of policies' names, then of merchants [LEAD-7].",
    (
        Column("merchant", "i4", "", "merchant"),
        Column("opens", "i4", "s", "first second of the day in which it is open"),
        Column("closes", "i4", "s", "first in which it is no longer"),
        Column("orders", "f8", "", "factor on the probability of an order in it"),
        *(
            Column(f"{does}_{crowd}", "f8", "", f"probability that a {crowd} {meaning}")
            for does, meaning in (
                ("watch", "who has a session in that time watches it"),
                ("follow", "who watches follows the store"),
                ("join", "who watches joins it"),
            )
            for crowd in LIVE_CROWDS
        ),
    ),
)
