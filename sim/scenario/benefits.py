"""What only a whole scenario can tell of its benefits: that they are some store's, and that they can ever apply."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from sim.policies.benefit import Benefit
from sim.policies.invitation import Invitation
from sim.policies.live_rooms import LiveRooms
from sim.policies.programme import BASE_LEVEL, Programme
from sim.scenario.model import ScenarioFile
from sim.scenario.node import Keys
from sim.state.benefits import MOST_COUPONS, MOST_GIFT_COUPONS, MOST_GIFTS, MOST_GROUPS
from sim.state.policy import Policy, day_number

JOINS = (
    "'behaviour.visits.join' or 'behaviour.orders.join' above 0, or a policy 'use: invitation' or 'use: live_rooms', is needed"
)
FOLLOWS = (
    "'behaviour.visits.follow' or 'behaviour.orders.follow' above 0, a benefit 'kind: follow_discount', or a policy "
    "'use: live_rooms', is needed"
)


class Store(NamedTuple):
    """A merchant as benefits know it."""

    name: str
    industry: str


def faults(policies: Mapping[str, Policy], settings: ScenarioFile, stores: list[Store]) -> Iterator[tuple[Keys, str]]:
    """What is wrong with the benefits and programmes among some policies: where, below these, and why."""
    benefits = {name: policy for name, policy in policies.items() if isinstance(policy, Benefit)}
    programmes = {name: policy for name, policy in policies.items() if isinstance(policy, Programme)}
    for name, benefit in benefits.items():
        for path, words in (*_never(benefit, policies, settings), *_nowhere(benefit, policies, stores)):
            yield (name, *path), f"it could never apply: {words}"
        yield from (((name, *path), words) for path, words in _without_programme(benefit, programmes, stores))
    groups = sorted({benefit.group for benefit in benefits.values()})
    if len(groups) > MOST_GROUPS:
        yield (), f"benefits have {len(groups)} stacking groups, {', '.join(groups)}; at most {MOST_GROUPS} are known"
    yield from _too_many_gifts(benefits, settings, stores)


def never_on(
    occasion: str | None, relation: str, policies: Mapping[str, Policy], settings: ScenarioFile
) -> Iterator[tuple[Keys, str]]:  # fmt: skip
    """Why an occasion never comes to anybody of a relation: where, of a benefit that is claimed then, and why."""
    behaviour = settings.behaviour
    joins = behaviour.visits.join > 0 or behaviour.orders.join > 0
    joins = joins or any(isinstance(policy, Invitation | LiveRooms) for policy in policies.values())
    follows = behaviour.visits.follow > 0 or behaviour.visits.follow_at_cart > 0 or behaviour.orders.follow > 0
    follows = follows or any(isinstance(policy, LiveRooms) for policy in policies.values())
    follows = follows or any(isinstance(policy, Benefit) and policy.kind == "follow_discount" for policy in policies.values())
    if not joins and (occasion == "join" or relation == "member"):
        yield (), f"nobody joins a store: {JOINS}"
    if not follows and (occasion == "follow" or relation == "fan"):
        yield (), f"nobody follows a store: {FOLLOWS}"
    if occasion == "receipt" and behaviour.orders.receive_hours is None:
        yield ("claim", "at"), "no receipt is ever confirmed: 'behaviour.orders.receive_hours' is needed"


def has_rooms(policies: Mapping[str, Policy], stores: list[Store]) -> bool:
    """Whether one of some stores goes live."""
    return any(policy.has(*store) for policy in policies.values() if isinstance(policy, LiveRooms) for store in stores)


def _never(benefit: Benefit, policies: Mapping[str, Policy], settings: ScenarioFile) -> Iterator[tuple[Keys, str]]:
    """Why nobody could ever claim or use a benefit."""
    yield from never_on(benefit.occasion, benefit.relation, policies, settings)
    behaviour = settings.behaviour
    if benefit.stock == 0:
        yield ("stock",), "there is none of it: give 1 or more, or null for no limit"
    first, last = benefit.span(settings.start)
    ends = None if benefit.valid.until is None else day_number(benefit.valid.until, settings.start)
    if ends is not None and ends <= first:
        words = f"it ends on day {ends}, and is claimed from day {first} on: end it later, or give it earlier ('from')"
        yield ("valid", "until"), words
    begins = 0 if benefit.valid.from_ is None else day_number(benefit.valid.from_, settings.start)
    if ends is None and begins > min(last, settings.days) + (benefit.valid.days or 30):
        yield ("valid", "from"), f"every coupon has ended before day {begins}: begin earlier, or give more 'days'"
    if ends is not None and benefit.valid.from_ is not None and begins >= ends:
        yield ("valid", "from"), f"it begins on day {begins} and ends on day {ends}: it must end later than it begins"
    alike = behaviour.stores.choice != "compete" and getattr(settings.past, "gamma_gamma", None) is None
    if alike and benefit.threshold > behaviour.orders.amount:
        words = f"every order is of {behaviour.orders.amount} ('behaviour.orders.amount'): the threshold must not be above that"
        yield ("threshold",), words


def _nowhere(benefit: Benefit, policies: Mapping[str, Policy], stores: list[Store]) -> Iterator[tuple[Keys, str]]:
    """Why no store could ever give a benefit."""
    givers = [store for store in stores if benefit.is_of(*store)]
    if not givers and stores and not benefit.merchants:  # who names a store that is not there is told so already
        industries = ", ".join(dict.fromkeys(store.industry for store in stores))
        yield ("industries",), f"no store is of {', '.join(benefit.industries)}; there are stores of {industries}"
    if givers and benefit.occasion == "live" and not has_rooms(policies, givers):
        yield ("claim", "at"), "no store that gives it goes live: a policy 'use: live_rooms' of one of them is needed"


def too_many_coupons(
    policies: Mapping[str, Policy], past_policies: Mapping[str, Policy], stores: list[Store]
) -> Iterator[tuple[Keys, str]]:
    """A relation counts the coupons of its store, of the run and of its past, in four bits each: so many have room."""
    given = [policy for of in (past_policies, policies) for policy in of.values() if isinstance(policy, Benefit)]
    coupons = [policy for policy in given if policy.occasion is not None]
    industries = {store.industry for store in stores}
    counts = {f"{store.name!r}": sum(one.scope == "store" and one.is_of(*store) for one in coupons) for store in stores}
    counts["those good in whole industries"] = sum(
        one.scope == "category" and any(one.is_of(*store) for store in stores if store.industry == industry)
        for one in coupons
        for industry in industries
    )
    where, most = max(counts.items(), key=lambda one: one[1])
    if most > MOST_COUPONS:
        allowed = f"a store can have at most {MOST_COUPONS} coupons in a run and its past, and so can all industries together"
        yield (), f"{allowed}; {where}: {most}; give some in other stores, or as offers that need no claim"


def _without_programme(
    benefit: Benefit, programmes: Mapping[str, Programme], stores: list[Store]
) -> Iterator[tuple[Keys, str]]:
    """Levels and points are of a store's programme for its members [GRD-13]."""
    for store in stores if benefit.points or benefit.who.level > BASE_LEVEL else ():
        if benefit.is_of(*store):
            programme = next((policy for policy in programmes.values() if policy.is_of(*store)), None)
            if benefit.points and (programme is None or programme.points_per_hundred == 0):
                words = f"{store.name!r} gives no points: it needs a policy 'use: programme' with points_per_hundred above 0"
                yield ("points",), words
                return
            level = benefit.who.level
            if level > BASE_LEVEL and (programme is None or programme.amount_of(level) is None):
                words = f"{store.name!r} has no level {level}: it needs a policy 'use: programme' with {level - 1} 'levels'"
                yield ("who", "level"), words
                return


def _too_many_gifts(benefits: Mapping[str, Benefit], settings: ScenarioFile, stores: list[Store]) -> Iterator[tuple[Keys, str]]:
    """A new-member gift has at most 3 coupons and 1 gift at a time [INT-4]."""
    parts = {name: benefit for name, benefit in benefits.items() if benefit.is_new_member_gift and benefit.online_at_start}
    for name, benefit in parts.items():
        day, end = benefit.span(settings.start)
        most = MOST_GIFTS if benefit.is_gift else MOST_GIFT_COUPONS
        for store in stores:
            alike = [
                other
                for other, policy in parts.items()
                if policy.is_gift == benefit.is_gift and policy.is_of(*store) and policy.in_force(day, settings.start)
            ]
            if benefit.is_of(*store) and day < end and len(alike) > most:
                others = ", ".join(alike)
                words = (
                    f"a new-member gift has at most {MOST_GIFT_COUPONS} coupons and {MOST_GIFTS} gift, and {store.name!r} gives"
                )
                yield (name,), f"{words} {others} on day {day}: take one away, or let it begin when another ends (from, until)"
                return
