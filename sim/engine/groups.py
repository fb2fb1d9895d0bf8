"""The groups of a run: their table for the kernel, which stores may operate them, and which seat each has got."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from sim.engine.coupling import Coupling
from sim.engine.grading import Grades
from sim.engine.population import Population, sum_of
from sim.policies.groups import (
    ORDERS_OF,
    Groups,
    Operator,
    Place,
    count_buyers,
    count_seats,
    may_operate,
    opens_to_crowd,
    place_of,
)
from sim.scenario.load import Scenario
from sim.stages.groups import NOT_SAMPLED
from sim.state.benefits import ANYONE, FAN, MEMBER, NO_CROWD, OCCASION_BITS
from sim.state.draws import name_key
from sim.state.groups import GROUP, GROUP_BITS, GROUP_KINDS
from sim.state.names import CHANNELS, LOG_GROUP_JOIN, STOCK_GROUP_MEMBERS, STOCK_MEMBERS
from sim.state.shard import Shard

SUBGROUPS = 100  # a place in the log is group * this + subgroup
EVERYBODY = 1.0


class OfStore(NamedTuple):
    """The groups of one kind of one store: a row of the table."""

    name: str
    policy: Groups
    merchant: int


class StoreGroups:
    """All groups of a run; those of a past there are none."""

    def __init__(self, scenario: Scenario, names: Sequence[str]) -> None:
        """`names` are those of benefits and groups in the log."""
        self._scenario = scenario
        policies = {name: policy for name, policy in scenario.policies.items() if isinstance(policy, Groups)}
        self.rows = [
            OfStore(name, policy, m)
            for m, merchant in enumerate(scenario.merchants)
            for name, policy in policies.items()
            if policy.is_of(merchant.name, merchant.settings.industry)
        ]
        self.table = self._table(names)
        self._may = np.zeros(len(self.rows), bool)  # operate: as of the last 00:00
        self.columns = {"groups": 0 if not self.rows else int(np.bincount(self.table["merchant"]).max())}  # of the world

    def __len__(self) -> int:
        return len(self.rows)

    def _table(self, names: Sequence[str]) -> np.ndarray:
        table = GROUP.rows(len(self.rows))
        crowds = list(self._scenario.settings.crowds)
        for row, (name, policy, m) in zip(table, self.rows, strict=True):
            asks = policy.asks_for
            of_members = policy.kind == "member"
            row["key"] = name_key(f"{name}/{self._scenario.merchants[m].name}")
            row["policy"], row["merchant"], row["kind"] = names.index(name), m, GROUP_BITS[policy.kind]
            row["channel"] = CHANNELS.index(f"group.{policy.kind}")
            row["at"], row["enter"] = OCCASION_BITS[policy.at], policy.enter
            row["who"] = MEMBER if of_members else FAN if asks == "follow" else ANYONE
            row["by_itself"] = asks != "crowd"
            row["orders_from"] = ORDERS_OF.get(asks, 0)
            row["paid_from"] = policy.amount or 0
            row["password"] = policy.password if asks == "password" else EVERYBODY
            row["crowd"] = NO_CROWD if policy.crowd is None else crowds.index(policy.crowd)
            row["crowd_open"] = asks == "crowd"
        return table

    def begin_day(self, day: int, population: Population, grades: Grades) -> None:
        """Decide at 00:00, by what stores are then (T+1), which may operate their groups, and let a crowd in [GRP-2, GRP-6]."""
        if not self.rows:
            return
        stocks = population.total("stocks")
        date = self._scenario.settings.start + dt.timedelta(days=day)
        for k, (_, policy, m) in enumerate(self.rows):
            self._may[k] = policy.kind == "ordinary" or (
                grades.may(m, "group_members")
                and may_operate(
                    Operator(
                        self._scenario.merchants[m].settings.type == "tmall",
                        int(stocks[m, STOCK_MEMBERS]),
                        int(stocks[m, STOCK_GROUP_MEMBERS]),
                        grades.is_quality(m),
                    ),
                    date,
                    policy.opened,
                    policy.members_from,
                    policy.group_members_from,
                )
            )
        asked = [k for k, row in enumerate(self.rows) if row.policy.kind == "member" and row.policy.crowd is not None]
        for orders in {ORDERS_OF[self.rows[k].policy.asks_for] for k in asked}:
            buyers = self._buyers(population, orders)
            for k in asked:
                _, policy, m = self.rows[k]
                if ORDERS_OF[policy.asks_for] == orders:
                    self.table["crowd_open"][k] = opens_to_crowd(int(buyers[m]), policy.crowd_above)

    def _buyers(self, population: Population, orders: int) -> np.ndarray:
        """(merchants,) int64: members with so many orders or more."""

        def part(shard: Shard) -> np.ndarray:
            counts = np.zeros(len(self._scenario.merchants), np.int64)
            count_buyers(shard, orders, counts)
            return counts

        return sum_of(population.each(part))

    def turn_to(self, day: int, merchants: np.ndarray, coupling: Coupling) -> None:
        """Bring the tables to a day."""
        start = self._scenario.settings.start
        in_force = np.array([day >= 0 and row.policy.in_force(day, start) for row in self.rows], bool)
        self.table["open"] = in_force & self._may
        for k, row in enumerate(self.rows):
            at = coupling.tables.of_benefit.get((row.name, row.merchant)) if in_force[k] else None
            self.table["claims_first"][k] = at or 0
            self.table["claims_last"][k] = 0 if at is None else at + 1
        merchants["groups_count"] = np.bincount(self.table["merchant"], minlength=len(merchants))
        merchants["groups_first"] = np.cumsum(merchants["groups_count"]) - merchants["groups_count"]
        merchants["groups_at"] = 0
        np.bitwise_or.at(merchants["groups_at"], self.table["merchant"], np.where(self.table["open"], self.table["at"], 0))

    def seats_taken(self, population: Population) -> np.ndarray:
        """(merchants, kinds) int64: seats that are taken now, or were at the end."""
        counts = np.zeros((len(self._scenario.merchants), len(GROUP_KINDS)), np.int64)
        for shard in population.shards:  # one after the other: at the end no threads are left
            count_seats(shard, counts)
        return counts

    def numbered(self, rows: np.ndarray, coupling: Coupling) -> np.ndarray:
        """Rows of the log since they were handed over last, in their order: each seat's place is its `ref` from now on.

        Seats are filled in the order of (time, consumer, seq). Rows of consumers who are not in the sample end here.
        """
        if not self.rows:
            return rows
        joins = np.flatnonzero(rows["kind"] == LOG_GROUP_JOIN)
        for k in range(len(self.rows)):
            name, merchant = self.rows[k].name, self.rows[k].merchant
            of = joins[(rows["merchant"][joins] == merchant) & (rows["reason"][joins] == -1 - self.table["policy"][k])]
            if len(of):
                before = coupling.taken(name, merchant) - len(of)
                rows["ref"][of] = [self._ref(k, before + nth) for nth in range(1, len(of) + 1)]
        return rows[(rows["kind"] != LOG_GROUP_JOIN) | (rows["seq"] != NOT_SAMPLED)]

    def _ref(self, k: int, nth: int) -> int:
        place = place_of(nth, self.rows[k].policy.size)
        assert isinstance(place, Place), f"{self.rows[k].name}: seat {nth} of {self.rows[k].policy.size.seats}"
        return place.group * SUBGROUPS + place.subgroup

    # Snapshots

    def stored(self) -> dict[str, Any]:
        """What was decided at the last 00:00, as JSON."""
        return {"may": self._may.tolist(), "crowd_open": self.table["crowd_open"].tolist()}

    def restore(self, stored: Mapping[str, Any]) -> None:
        """Go on with what was stored; of a past that this run shares, nothing was."""
        if len(stored["may"]) == len(self.rows):
            self._may = np.array(stored["may"], bool)
            self.table["crowd_open"] = np.array(stored["crowd_open"], np.int32)
