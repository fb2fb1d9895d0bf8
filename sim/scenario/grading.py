"""What only a whole scenario can tell of its rules of grading."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations

from sim.policies.grading.policy import MerchantGrading
from sim.policies.grading.rules import DEFAULT
from sim.scenario.model import Merchant, ScenarioFile
from sim.scenario.near_names import no_such
from sim.scenario.node import Keys
from sim.state.names import INDUSTRIES
from sim.state.policy import Policy


def faults(policies: Mapping[str, Policy], settings: ScenarioFile, merchants: Sequence[str]) -> Iterator[tuple[Keys, str]]:
    """What is wrong with the gradings among some policies: where, below these, and why; `merchants` are all names."""
    gradings = {name: policy for name, policy in policies.items() if isinstance(policy, MerchantGrading)}
    for name, policy in gradings.items():
        for merchant in policy.merchants:
            if merchant not in merchants:
                yield (name, "merchants", merchant), no_such("merchant", merchant, merchants)
        for industry in policy.lines:
            if industry not in (DEFAULT, *INDUSTRIES):
                words = no_such("industry", industry, INDUSTRIES)
                yield (name, "lines", industry), f"{words}; its lines are those of 'default' or of {', '.join(INDUSTRIES)}"
    for (_, one), (name, other) in combinations(gradings.items(), 2):
        (begins, ends), (begins_too, ends_too) = one.span(settings.start), other.span(settings.start)
        if begins < ends_too and begins_too < ends:
            yield (name,), "two gradings are in force on the same days; give them days that follow one another (from, until)"


def never_served(merchants: Mapping[str, Merchant], settings: ScenarioFile) -> Iterator[tuple[Keys, str]]:
    """Merchants whose members must have confirmed a receipt, where none is ever confirmed [INT-3]."""
    if settings.behaviour.orders.receive_hours is not None:
        return
    for name, merchant in merchants.items():
        if merchant.join.setting == "purchased":
            words = "nobody could join, for no receipt is ever confirmed: 'behaviour.orders.receive_hours' is needed"
            yield (name, "join", "setting"), words
