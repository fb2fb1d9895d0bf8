"""From a scenario to what the kernel reads on a day: pure functions of (scenario, seed, day), so that nothing need be kept."""

from __future__ import annotations

import datetime as dt
import math

import numpy as np

from sim.engine.asked import caps_of, remembers_of
from sim.engine.rules import Rules
from sim.scenario.load import Scenario
from sim.state.benefits import CROWD_RELATIONS, MOST_ORDERS, NAMED_CROWD, NO_WINDOW
from sim.state.draws import INVITATION, SESSION, Keys, name_key, number_key, under_each
from sim.state.names import DAY, HOUR, INDUSTRIES, PRICED_RELATIONS
from sim.state.policy import OPTING_OUT, ORDERING, READING
from sim.state.tables import CATEGORY, MERCHANT
from sim.state.world import WORLD

NO_STEP = -1.0
NEVER_FADES = -1
BY_FATIGUE = -1.0
SHARED_WINDOW = 8  # messages
LN2 = 0.6931471805599453
FACTOR_OF = {READING: "read_factor", ORDERING: "order_factor", OPTING_OUT: "opt_out_factor"}


def root_key(seed: int) -> np.uint64:
    """The root of all draws of a run."""
    return np.uint64(under_each(name_key("seed"), np.uint64(seed)))


def world_at_start(scenario: Scenario, log_mode: int) -> np.ndarray:
    """The world (1,) with all that does not depend on the day."""
    behaviour = scenario.settings.behaviour
    stores, needs, visits, orders, reading = (
        behaviour.stores, behaviour.needs, behaviour.visits, behaviour.orders, behaviour.reading,
    )  # fmt: skip
    spend, membership, reference = scenario.gamma_gamma, behaviour.membership, stores.preference.reference
    values = {
        "day": -1,
        "log_mode": log_mode,
        "flat_hours": behaviour.sessions.hours is None,
        "any_known_store": stores.choice == "any_known",
        "compete": stores.choice == "compete",
        "consider": stores.consider,
        "browse": stores.browse,
        "buy_at_need": needs is not None and needs.buying == "at_need",
        "need_phases": 1 if needs is None else needs.regularity,
        "patience": 0.0 if needs is None else needs.patience_days * DAY,
        "pulled_forward": 0.0 if needs is None else needs.pulled_forward,
        "follow": visits.follow,
        "follow_at_cart": visits.follow_at_cart,
        "most_follows": visits.most_follows or 0,
        "join": visits.join,
        "discover": stores.discover,
        "may_wait": stores.preference.wait is not None,
        "wait": stores.preference.wait or 0.0,
        "prefer_price": stores.preference.price,
        "prefer_fan": stores.preference.fan,
        "prefer_member": stores.preference.member * membership.treatment,
        "prefer_satisfaction": stores.preference.satisfaction,
        "prefer_habit": stores.preference.habit,
        "prefer_reference": 0.0 if reference is None else reference.weight,
        "reference_keep": 1.0 if reference is None else reference.keep,
        "habit_decay": LN2 / stores.preference.habit_half_life_days,
        "satisfaction_weight": orders.experience.weight,
        "quality_spread": orders.experience.spread,
        "retain_member": 0.0 if orders.drop_out is None else orders.drop_out.member * membership.treatment,
        "member_frequency": membership.frequency * membership.treatment,
        "fade_from": membership.fade_from_days or 0,
        "fade_until": NEVER_FADES if membership.fade_until_days is None else membership.fade_until_days,
        "retain_satisfaction": 0.0 if orders.drop_out is None else orders.drop_out.satisfaction,
        "follow_at_order": orders.follow,
        "join_at_order": orders.join,
        "abandoned_cart": visits.abandoned_cart,
        "buy_need": orders.with_need,
        "buy_own": orders.own.base,
        "buy_own_fan": orders.own.fan,
        "buy_own_member": orders.own.member * membership.treatment,
        "buy_message": orders.message.base,
        "buy_message_fan": orders.message.fan,
        "buy_message_member": orders.message.member * membership.treatment,
        "value_shape": 0.0 if spend is None else spend.p,
        "fixed_amount": orders.amount,
        "units_more": 0.0 if orders.units is None else orders.units.more,
        "units_slope": 0.0 if orders.units is None else orders.units.slope,
        "ship_delay": NO_STEP if orders.ship_hours is None else orders.ship_hours * HOUR,
        "pickup_delay": NO_STEP if orders.pickup_hours is None else orders.pickup_hours * HOUR,
        "receive_delay": NO_STEP if orders.receive_hours is None else orders.receive_hours * HOUR,
        "refund": 0.0 if orders.refund is None else orders.refund.probability,
        "refund_delay": 0.0 if orders.refund is None else orders.refund.delay_hours * HOUR,
        "read_fixed": BY_FATIGUE if reading.probability is None else reading.probability,
        "read_delay": reading.delay_hours * HOUR,
        "fatigue_weight": reading.fatigue.weight,
        "fatigue_decay": LN2 / (reading.fatigue.half_life_days * DAY),
        "fatigue_reading": reading.fatigue.slope,
        "opt_out": 0.0 if behaviour.opt_out is None else behaviour.opt_out.hazard,
        "fatigue_opt_out": 0.0 if behaviour.opt_out is None else behaviour.opt_out.slope,
        "opt_out_of_all": 0.0 if behaviour.opt_out is None else behaviour.opt_out.all_stores,
        "favourite": visits.favourite,
    }
    world = WORLD.rows(1)
    for name, value in values.items():
        world[name] = value
    return world


def set_rules(world: np.ndarray, merchants: np.ndarray, rules: Rules) -> None:
    """Bring the world and the table of merchants to the rules in force; relation prices are theirs [KEEP-1]."""
    for quantity, factor in rules.factors.items():
        world[FACTOR_OF[quantity]] = factor
    for column, value in rules.of_messages.items():
        world[column] = value
    world["own_gates"] = len(rules.gates) > 0
    for relation, shares in zip(PRICED_RELATIONS, rules.shares_off.T):
        merchants[f"{relation}_off"] = shares
    merchants["keep_fans"] = rules.keep_fans


def streams_of_a_day(root: np.uint64) -> Keys:
    """The keys above those of single days, (2,): of invitations, and of sessions."""
    return under_each(root, np.array([INVITATION, SESSION], np.uint64))


def set_day(
    world: np.ndarray, merchants: np.ndarray, scenario: Scenario, streams: Keys, day: int, rules: Rules
) -> None:  # fmt: skip
    """Bring the world and the table of merchants to a day: its draws' keys, its weight in the week, its festivals [KEEP-3]."""
    world["day"] = day
    world["invitation_key"], world["session_key"] = under_each(streams, number_key(day))
    weekdays = scenario.settings.behaviour.sessions.weekdays
    weekday = (scenario.settings.start.weekday() + day) % 7
    date = scenario.settings.start + dt.timedelta(days=day)
    festivals = scenario.settings.behaviour.festivals_on(date)
    awaited = scenario.settings.behaviour.awaited_on(date)
    world["weekday"] = weekday
    world["live"] = len(rules.rooms[weekday]) > 0
    world["session_weight"] = weekdays[weekday] * 7 / sum(weekdays) * math.prod(f.sessions for f in festivals)
    world[FACTOR_OF[ORDERING]] = rules.factors[ORDERING] * math.prod(f.orders for f in festivals)
    world["order_now"] = math.prod(f.warm_up_orders for f in awaited)
    world["cart_factor"] = math.prod(f.warm_up_carts for f in awaited)
    merchants["festival_off"], merchants["relation_prices"] = 0.0, rules.has_prices
    if any(festival.discount > 0 for festival in festivals):
        offs = ([festival.off(merchant.settings.industry) for festival in festivals] for merchant in scenario.merchants)
        merchants["festival_off"] = [max(of_merchant) for of_merchant in offs]
        merchants["relation_prices"] |= merchants["festival_off"] > 0


def set_invitations(world: np.ndarray, merchants: np.ndarray, scenario: Scenario, day: int, rules: Rules) -> None:
    """Which stores invite whom to join on a day: of several invitations, the greatest probability [INT-3]."""
    world["invites"] = False
    if not rules.invitations:
        merchants["invite_customers"] = merchants["invite_known"] = 0.0
        return
    today = [policy for policy in rules.invitations if policy.is_on(day, scenario.settings.start)]
    for to in ("customers", "known"):
        of_stores = merchants[f"invite_{to}"]
        of_stores[:] = 0.0
        for policy in today:
            if policy.to == to:
                invites = [policy.invites(merchant.name) for merchant in scenario.merchants]
                of_stores[:] = np.maximum(of_stores, np.where(invites, policy.probability, 0.0))
    world["invites"] = merchants["invite_customers"].any() or merchants["invite_known"].any()


def set_exposure(merchants: np.ndarray, exposure: np.ndarray, preference: float) -> None:
    """Bring the table of merchants to what they are today: ln of how visible, (merchants,), of which utility is a part."""
    merchants["exposure"] = exposure
    merchants["appeal"] = merchants["appeal_there"] + preference * merchants["exposure"]


def longest_window(scenario: Scenario) -> int:
    """How many of the last messages to a relation are remembered: as many as any cap or gate of the run looks back on.

    Of a scenario with a past of its own, no fewer than most scenarios need, so that these can share it.
    """
    limits = [row["store_limit"] for policy in scenario.all_policies if (row := caps_of(policy)) is not None]
    limits += [remembers_of(policy) for policy in scenario.all_policies if policy.gates_messages]
    return max([1 if scenario.own_past is None else SHARED_WINDOW, *limits])


def merchants_table(scenario: Scenario) -> np.ndarray:
    """The kernel's table of merchants, with all that does not depend on the day."""
    merchants = MERCHANT.rows(len(scenario.merchants))
    behaviour = scenario.settings.behaviour
    categories = [category["code"] for category in categories_table(scenario)[0]]
    for row, merchant in zip(merchants, scenario.merchants, strict=True):
        settings = merchant.settings
        row["key"] = name_key(merchant.name)
        row["goods_cost"] = settings.goods_cost
        row["awareness"] = settings.awareness
        row["industry"] = INDUSTRIES.index(settings.industry)
        preference, experience, units = behaviour.stores.preference, behaviour.orders.experience, behaviour.orders.units
        row["appeal_there"] = preference.service * settings.service - preference.price * math.log(settings.price_level)
        row["join_orders"], row["join_amount"] = settings.join.orders, settings.join.amount
        row["quality"] = settings.quality + experience.service * settings.service
        row["amount_scale"] = 1.0
        if categories:
            row["category"] = categories.index(INDUSTRIES.index(settings.industry))
            if behaviour.needs is not None and behaviour.stores.choice == "compete":
                row["amount_scale"] = behaviour.needs.rates.of(settings.industry).amount * settings.price_level
                row["amount_scale"] /= 1.0 if units is None else 1.0 + units.more
    return merchants


def categories_table(scenario: Scenario) -> tuple[np.ndarray, np.ndarray]:
    """The kernel's table of categories, (categories,), and its list of stores grouped by them, (merchants,) int32.

    Where nobody has needs there is no category.
    """
    codes = np.array([INDUSTRIES.index(merchant.settings.industry) for merchant in scenario.merchants], np.int64)
    if scenario.settings.behaviour.needs is None:
        return CATEGORY.rows(0), np.zeros(0, np.int32)
    found, count = np.unique(codes, return_counts=True)
    categories = CATEGORY.rows(len(found))
    categories["key"] = [name_key(INDUSTRIES[code]) for code in found]
    categories["code"], categories["count"], categories["first"] = found, count, np.cumsum(count) - count
    return categories, np.argsort(codes, kind="stable").astype(np.int32)


def named_crowds_table(scenario: Scenario) -> np.ndarray:
    """The kernel's table of the crowds that the scenario names, (crowds,) NAMED_CROWD, in its order."""
    crowds = NAMED_CROWD.rows(len(scenario.settings.crowds))
    for row, crowd in zip(crowds, scenario.settings.crowds.values(), strict=True):
        row["relation"] = CROWD_RELATIONS.index(crowd.relation)
        for column in ("visited", "not_visited", "bought", "not_bought"):
            days = getattr(crowd, f"{column}_days")
            row[column] = NO_WINDOW if days is None else days
        row["orders_from"] = crowd.orders_from
        row["orders_to"] = MOST_ORDERS if crowd.orders_to is None else crowd.orders_to
    return crowds


def hours_before(scenario: Scenario) -> np.ndarray:
    """Share of a day's sessions before each hour, (25,), from exactly 0 to exactly 1."""
    weights = np.array(scenario.settings.behaviour.sessions.hours or [1.0] * 24)
    shares = np.concatenate([[0.0], np.cumsum(weights) / weights.sum()])
    shares[-1] = 1.0
    return shares
