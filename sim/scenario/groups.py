"""What only a whole scenario can tell of its groups: that stores have them once, and that somebody could ever enter."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations

from sim.policies.benefit import Benefit
from sim.policies.groups import Groups
from sim.scenario.benefits import Store, has_rooms, never_on
from sim.scenario.model import ScenarioFile
from sim.scenario.node import Keys
from sim.state.policy import Policy


def faults(policies: Mapping[str, Policy], settings: ScenarioFile, stores: list[Store]) -> Iterator[tuple[Keys, str]]:
    """What is wrong with the groups among some policies: where, below these, and why."""
    groups = {name: policy for name, policy in policies.items() if isinstance(policy, Groups)}
    for name, policy in groups.items():
        relation = "member" if policy.kind == "member" else "fan" if policy.asks_for == "follow" else "anyone"
        for path, words in never_on(policy.at, relation, policies, settings):
            yield (name, *(path and ("at",))), f"nobody could ever enter: {words}"
        owners = [store for store in stores if policy.is_of(*store)]
        if not owners and stores and not policy.merchants:
            yield (name, "industries"), f"no store is of {', '.join(policy.industries)}"
        if owners and policy.at == "live" and not has_rooms(policies, owners):
            words = "no store that has them goes live: a policy 'use: live_rooms' of one of them is needed"
            yield (name, "at"), f"nobody could ever enter: {words}"
    for (one, policy), (name, other) in combinations(groups.items(), 2):
        both = [store.name for store in stores if policy.is_of(*store) and other.is_of(*store)]
        if policy.kind == other.kind and both:
            yield (name,), f"{both[0]!r} has {policy.kind} groups by {one!r} already: a store has them by one policy"
    for name, benefit in policies.items():
        if isinstance(benefit, Benefit) and benefit.who.group is not None:
            owns = [
                store
                for store in stores
                if benefit.is_of(*store)
                and any(policy.kind == benefit.who.group and policy.is_of(*store) for policy in groups.values())
            ]
            if not owns:
                kind = benefit.who.group
                words = f"no store that gives it has {kind} groups: a policy 'use: groups' of kind {kind} is needed"
                yield (name, "who", "group"), f"it could never apply: {words}"


def of_the_past(policies: Mapping[str, Policy]) -> Iterator[tuple[Keys, str]]:
    """Groups are of the run: nobody has a seat when it begins."""
    for name, policy in policies.items():
        if isinstance(policy, Groups):
            yield (name,), "groups begin with the run: name them under 'policies'"
