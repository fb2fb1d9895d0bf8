"""What only a whole scenario can tell of the crowds that it names: who names which, and that each can be met where it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sim.policies.benefit import Benefit
from sim.policies.groups import Groups
from sim.policies.named_crowds import NamedCrowd
from sim.scenario.near_names import no_such
from sim.scenario.node import Keys
from sim.state.policy import Policy


def crowds_of(policies: Mapping[str, Policy]) -> Iterator[str]:
    """The names of the crowds that policies name."""
    yield from (crowd for _, crowd in _named(policies))


def _named(policies: Mapping[str, Policy]) -> Iterator[tuple[Keys, str]]:
    """Where, below these policies, a crowd is named, and which."""
    for name, policy in policies.items():
        if isinstance(policy, Benefit) and policy.who.crowd is not None:
            yield (name, "who", "crowd"), policy.who.crowd
        if isinstance(policy, Groups) and policy.crowd is not None:
            yield (name, "crowd"), policy.crowd


def faults(policies: Mapping[str, Policy], crowds: Mapping[str, NamedCrowd]) -> Iterator[tuple[Keys, str]]:
    """Crowds that are named and not there, or in which nobody could ever be on the occasion."""
    for path, crowd in _named(policies):
        if crowd not in crowds:
            allowed = f"allowed: {', '.join(crowds)}" if crowds else "none is: name it under 'crowds'"
            yield path, f"{no_such('crowd', crowd, crowds)} ({allowed})"
            continue
        policy = policies[str(path[0])]
        words = _never(policy, crowds[crowd])
        if words:
            yield path, f"it could never apply: {words}"


def _never(policy: Policy, crowd: NamedCrowd) -> str:
    """Why nobody of a crowd, which is of 00:00, could ever have a benefit or enter a group now."""
    occasion = policy.at if isinstance(policy, Groups) else policy.occasion if isinstance(policy, Benefit) else None
    if crowd.relation == "member" and occasion == "join":
        return "who joins was no member at 00:00, and this crowd is of members"
    return _never_has(policy, crowd) if isinstance(policy, Benefit) else ""


def _never_has(benefit: Benefit, crowd: NamedCrowd) -> str:
    """The same of a benefit, by what else it says of whom it is for."""
    if benefit.relation == "stranger" and (crowd.relation == "member" or crowd.has_ordered):
        return "a stranger is no member and has not ordered, and all of this crowd are or have"
    if benefit.who.orders_to is not None and benefit.who.orders_to < crowd.orders_from:
        return f"orders_to is {benefit.who.orders_to}, and all of this crowd have {crowd.orders_from} orders or more"
    return ""


def unused(crowds: Mapping[str, NamedCrowd], *policies: Mapping[str, Policy]) -> Iterator[str]:
    """Of each crowd that nobody names: no fault, for a what-if may have taken its policy away, but worth a word."""
    named = {crowd for of in policies for crowd in crowds_of(of)}
    yield from (f"crowds.{name} is of no use: no policy names it" for name in crowds if name not in named)
