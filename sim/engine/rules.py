"""The rules in force: what the policies make of a day, looked up once for all days on which they are the same."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np

from sim.engine.asked import caps_of, discounts_of, factors_of
from sim.engine.gates import Gate, Gates
from sim.policies.algorithm_filter import AlgorithmFilter
from sim.policies.dedicated_service import DedicatedService
from sim.policies.effect_data import EffectData
from sim.policies.invitation import Invitation
from sim.policies.live_rooms import LiveRooms, rooms_of
from sim.policies.min_crowd import MinCrowd
from sim.policies.old_customers import OldCustomers
from sim.policies.overlap import Overlap
from sim.policies.reach_frequency import ReachFrequency
from sim.scenario.load import MerchantOf, Scenario
from sim.state.names import DAY, PRICED_RELATIONS
from sim.state.policy import QUANTITIES, Policy
from sim.state.world import CAPS, FILTER


@dataclass(frozen=True)
class Rules:
    """What the policies in force make of a day: nothing here depends on the day itself."""

    factors: dict[str, float]  # on quantities
    shares_off: np.ndarray  # (merchants, PRICED_RELATIONS) float64: off list prices
    has_prices: np.ndarray  # (merchants,) bool: where any of these is
    of_messages: dict[str, int]  # columns of the kernel's world
    caps: np.ndarray  # (policies of caps,) CAPS
    filters: np.ndarray  # (algorithm filters,) FILTER
    gates: list[Gate]  # of messages, in the order of names
    gate_table: np.ndarray  # (compiled ones,) GATE
    gate_numbers: np.ndarray  # (numbers of all of them,) float64
    task_gates: list[Policy]
    algorithm_filters: list[AlgorithmFilter]
    min_crowds: list[MinCrowd]
    reach_frequencies: list[ReachFrequency]
    effect_data: list[EffectData]
    invitations: list[Invitation]
    rooms: tuple[np.ndarray, ...]  # live rooms of Monday to Sunday, (rooms,) ROOM each
    keep_fans: np.ndarray  # (merchants,) float64: share of fans whom live rooms keep


class RulesInForce:
    """The rules of each day of a scenario. A policy's hooks are functions of its parameters: they are asked once."""

    def __init__(self, scenario: Scenario, gates: Gates) -> None:
        self._scenario, self._gates = scenario, gates
        self._of_day: dict[int, Rules] = {}
        self._of_policies: dict[tuple[int, ...], Rules] = {}
        self._days_late: dict[int, int] = {}
        self._at_creation: dict[tuple[int, int], list[Policy]] = {}

    def on(self, day: int) -> Rules:
        """The rules in force on a day."""
        rules = self._of_day.get(day)
        if rules is None:
            policies = self._scenario.policies_in_force(day)
            key = tuple(map(id, policies))
            if key not in self._of_policies:
                self._of_policies[key] = _rules(policies, self._gates, self._scenario.merchants)
            rules = self._of_day[day] = self._of_policies[key]
        return rules

    def members_priced(self, day: int) -> np.ndarray:
        """(merchants,) bool: which have a price for members on a day [GRD-3]."""
        priced: np.ndarray = self.on(day).shares_off[:, PRICED_RELATIONS.index("member")] > 0
        return priced

    def task_gates(self, created: int, sent: int) -> list[Policy]:
        """The gates of whole tasks in force both on the day of a task's creation and on its send day."""
        gates = self._at_creation.get((created, sent))
        if gates is None:
            now = self.on(created).task_gates
            gates = [policy for policy in self.on(sent).task_gates if any(policy is other for other in now)]
            self._at_creation[created, sent] = gates
        return gates

    def task_gates_since(self, created: int, sent: int) -> list[Policy]:
        """The other gates in force on its send day: they have not been asked about the task yet."""
        asked = self.task_gates(created, sent)
        return [policy for policy in self.on(sent).task_gates if not any(policy is other for other in asked)]

    def days_late(self, time: int) -> int:
        """By how many days the effect data of a task that is sent then (s) are late [MSG-15]."""
        day = time // DAY
        late = self._days_late.get(day)
        if late is None:
            date = self._scenario.settings.start + dt.timedelta(days=day)
            late = self._days_late[day] = int(any(date in policy.promotions for policy in self.on(day).effect_data))
        return late


def _rules(policies: list[Policy], gates: Gates, merchants: tuple[MerchantOf, ...]) -> Rules:
    in_force = gates.among(policies)
    table, numbers = gates.table(in_force)
    filters = [policy for policy in policies if isinstance(policy, AlgorithmFilter)]
    off = shares_off(policies, merchants)
    return Rules(
        factors_on_quantities(policies),
        off,
        (off > 0).max(axis=1, initial=False),
        message_rules(policies),
        caps_table(policies),
        filters_table(filters),
        in_force,
        table,
        numbers,
        [policy for policy in policies if type(policy).gate_task is not Policy.gate_task],
        filters,
        [policy for policy in policies if isinstance(policy, MinCrowd)],
        [policy for policy in policies if isinstance(policy, ReachFrequency)],
        [policy for policy in policies if isinstance(policy, EffectData)],
        [policy for policy in policies if isinstance(policy, Invitation)],
        *live_rooms([policy for policy in policies if isinstance(policy, LiveRooms)], merchants),
    )


def factors_on_quantities(policies: list[Policy]) -> dict[str, float]:
    """The product of the policies' factors on each quantity, in their order."""
    product = dict.fromkeys(QUANTITIES, 1.0)
    for policy in policies:
        for quantity, factor in factors_of(policy).items():
            product[quantity] *= factor
    return product


def shares_off(policies: list[Policy], merchants: tuple[MerchantOf, ...]) -> np.ndarray:
    """The shares off list prices by merchant and relation: of several policies, the largest [KEEP-1]."""
    most = np.zeros((len(merchants), len(PRICED_RELATIONS)))
    for policy in policies:
        if policy.gives_discounts:
            given = [discounts_of(policy, merchant.name, merchant.settings.industry) for merchant in merchants]
            most = np.maximum(most, [[shares.get(relation, 0.0) for relation in PRICED_RELATIONS] for shares in given])
    return most


def live_rooms(policies: list[LiveRooms], merchants: tuple[MerchantOf, ...]) -> tuple[tuple[np.ndarray, ...], np.ndarray]:
    """The live rooms of each day of the week, and the share of its fans that each merchant keeps by them [INT-5]."""
    stores = [(merchant.name, merchant.settings.industry) for merchant in merchants]
    kept = [max((policy.keep_fans for policy in policies if policy.has(*store)), default=0.0) for store in stores]
    return tuple(rooms_of(policies, stores, weekday) for weekday in range(7)), np.array(kept)


def message_rules(policies: list[Policy]) -> dict[str, int]:
    """What the policies say of every message; of several of a kind, the strictest."""
    old = [policy for policy in policies if isinstance(policy, OldCustomers)]
    return {
        "bought_days": min((policy.bought_days for policy in old), default=0),
        "visited_days": min((policy.visited_days for policy in old), default=0),
        "no_overlap": any(isinstance(policy, Overlap) for policy in policies),
        "served_only": any(isinstance(policy, DedicatedService) for policy in policies),
    }


def filters_table(policies: list[AlgorithmFilter]) -> np.ndarray:
    """The table of algorithm filters."""
    filters = FILTER.rows(len(policies))
    for at, policy in enumerate(policies):
        for name, value in policy.row.items():
            filters[name][at] = value
    return filters


def caps_table(policies: list[Policy]) -> np.ndarray:
    """The table of message caps."""
    rows = [row for policy in policies if (row := caps_of(policy)) is not None]
    caps = CAPS.rows(len(rows))
    for at, row in enumerate(rows):
        for name, value in row.items():
            caps[name][at] = value
    return caps
