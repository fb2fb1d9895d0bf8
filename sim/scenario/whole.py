"""What only a whole scenario can tell of itself: parts that do not go together, and what could never act."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import NamedTuple

from sim.policies.benefit import Benefit
from sim.policies.groups import Groups
from sim.policies.invitation import Invitation
from sim.policies.live_rooms import LiveRooms
from sim.policies.programme import Programme
from sim.policies.relation_prices import RelationPrices
from sim.scenario import benefits, crowds, grading, groups
from sim.scenario.model import Merchant, Past, ScenarioFile
from sim.scenario.near_names import no_such
from sim.scenario.node import Keys
from sim.state.policy import Policy


class Fault(NamedTuple):
    """What is wrong, and where: at a key, or at its value."""

    path: Keys
    words: str
    of_value: bool = False


def faults(settings: ScenarioFile, policies: Mapping[str, Policy], past_policies: Mapping[str, Policy]) -> Iterator[Fault]:
    """All of it."""
    yield from _together(settings)
    stores = [
        benefits.Store(full, merchant.industry)
        for name, merchant in settings.merchants.items()
        for full in names_of(name, merchant)
    ]
    names = [store.name for store in stores]
    for at, found in (
        (("policies",), _of_some_stores(policies, settings, names)),
        (("past", "policies"), _of_some_stores(past_policies, settings, names)),
        (("policies",), benefits.faults(policies, settings, stores)),
        (("past", "policies"), benefits.faults(past_policies, settings, stores)),
        (("policies",), benefits.too_many_coupons(policies, past_policies, stores)),
        (("policies",), crowds.faults(policies, settings.crowds)),
        (("past", "policies"), crowds.faults(past_policies, settings.crowds)),
        (("policies",), groups.faults(policies, settings, stores)),
        (("past", "policies"), groups.of_the_past(past_policies)),
        (("policies",), grading.faults(policies, settings, names)),
        (("past", "policies"), grading.faults(past_policies, settings, names)),
        (("merchants",), grading.never_served(settings.merchants, settings)),
    ):
        yield from (Fault((*at, *path), words) for path, words in found)


def names_of(name: str, merchant: Merchant) -> list[str]:
    """The names of the merchants that are declared together."""
    return [name] if merchant.count == 1 else [f"{name}-{index:03d}" for index in range(merchant.count)]


def _together(settings: ScenarioFile) -> Iterator[Fault]:
    """Parts that do not go together."""
    names = [(full, name) for name, merchant in settings.merchants.items() for full in names_of(name, merchant)]
    for (one, _), (other, name) in pairwise(sorted(names)):
        if one == other:
            yield Fault(
                ("merchants", name), f"there would be two merchants called {one!r} (several alike are NAME-000, NAME-001, ...)"
            )
    past, behaviour = settings.past, settings.behaviour
    merchants = sum(merchant.count for merchant in settings.merchants.values())
    if isinstance(past, Past) and merchants != 1:
        yield Fault(("past",), f"a declared past is that of one store, but there are {merchants} merchants")
    stores = behaviour.stores
    if stores.choice == "compete":
        if isinstance(past, Past):
            yield Fault(
                ("past",),
                "a declared past is that of one store; with it, 'behaviour.stores.choice: by_need'",
            )
        if stores.known is not None:
            words = "where stores compete, consumers consider those that they are aware of; leave it out"
            yield Fault(("behaviour", "stores", "known"), words, of_value=True)
        if behaviour.needs is None:
            yield Fault(("behaviour", "needs"), "stores compete for needs: they must not be null")
    else:
        with_discount = [("festivals", name) for name, festival in behaviour.festivals.items() if festival.discount > 0]
        for at in [*with_discount, *([("calendar",)] if behaviour.calendar else [])]:
            words = "a discount is for stores that compete, where consumers choose by price: 'behaviour.stores.choice: compete'"
            yield Fault(("behaviour", *at), words)
        if stores.preference.reference is not None:
            words = "prices are judged where stores compete: leave it null, or 'behaviour.stores.choice: compete'"
            yield Fault(("behaviour", "stores", "preference", "reference"), words)
        for path, given in (
            (("behaviour", "orders", "units"), behaviour.orders.units),
            (("behaviour", "stores", "popularity"), stores.popularity),
        ):
            if given is not None:
                words = "is for stores that compete (amounts of one store's log are of whole orders): leave it null, or"
                yield Fault(path, f"{words} 'behaviour.stores.choice: compete'")
        if not isinstance(past, Past) and stores.known is None and merchants > 1:
            words = f"'known' is needed, with {merchants} merchants: how many stores each consumer knows; or 'choice: compete'"
            yield Fault(("behaviour", "stores"), words)
        if behaviour.needs is not None and merchants > 1:
            yield Fault(("behaviour", "needs"), "with several merchants, 'needs: null', or 'behaviour.stores.choice: compete'")
    if behaviour.membership.selection > 0 and (behaviour.needs is None or (isinstance(past, Past) and past.bg_nbd is None)):
        yield Fault(
            ("behaviour", "membership", "selection"),
            "selects by the rate of needs, but nobody has any: leave it at 0",
            of_value=True,
        )
    if (
        behaviour.needs is not None
        and behaviour.needs.buying == "at_visit"
        and isinstance(past, Past)
        and past.bg_nbd is not None
    ):
        for path, value in (
            (("behaviour", "sessions", "per_day"), behaviour.sessions.per_day),
            (("behaviour", "stores", "consider"), behaviour.stores.consider),
        ):
            if value <= 0:
                yield Fault(
                    path, f"must be above 0 where needs wait for visits: else none is met; given {value:g}", of_value=True
                )


def _of_some_stores(policies: Mapping[str, Policy], settings: ScenarioFile, names: list[str]) -> Iterator[tuple[Keys, str]]:
    """Policies of some stores are of merchants that there are, prices for relations where consumers choose by them."""
    for name, policy in policies.items():
        if not isinstance(policy, RelationPrices | Invitation | LiveRooms | Benefit | Groups | Programme):
            continue
        if isinstance(policy, RelationPrices) and settings.behaviour.stores.choice != "compete":
            yield (
                (name,),
                "nobody would come for a price where stores do not compete: 'behaviour.stores.choice: compete' is needed",
            )
        for k, merchant in enumerate(policy.merchants):
            if merchant not in names:
                yield (name, "merchants", k), no_such("merchant", merchant, names)


def never_in_force(settings: ScenarioFile, policies: Mapping[str, Policy]) -> Iterator[str]:
    """Of each policy that begins when the run is over: no fault, for `days` may be few for a first look, but worth a word."""
    for name, policy in policies.items():
        begins, _ = policy.span(settings.start)
        if begins >= settings.days:
            yield f"policies.{name} is never in force: it begins on day {begins}, and the run has {settings.days} days"
