"""Message gates of a scenario's own policies: who is asked what and when, and where the verdicts are kept.

A verdict is given once, at 00:00 of the send day or at the send, and kept per task and consumer until the day ends; the
kernel applies it at the send. A reason is known by a code: the policies' reasons in the order of their names, those of a
simulated past first. So the smallest code is the reason of the first policy, whenever it was given.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from sim.engine.asked import address_of, codes_of, gate_days_of, numbers_of, remembers_of
from sim.engine.crowds import find, find_waiting
from sim.engine.population import Population
from sim.engine.stopwatch import Stopwatch
from sim.engine.tasks import TaskBook
from sim.errors import BadInput
from sim.scenario.load import Scenario
from sim.state.crowd import TaskFacts, crowd_of
from sim.state.draws import Keys
from sim.state.message_gate import GATE
from sim.state.names import DAY, MOST_OWN_REASONS, TASK_FIGURES
from sim.state.policy import Policy
from sim.state.shard import Shard, Today

Found = tuple[np.ndarray, np.ndarray]  # rows of a shard's consumers and of its relations, (n,) int64 each


class Gate(NamedTuple):
    """A policy with a gate of messages."""

    name: str
    policy: Policy
    reasons: tuple[str, ...]
    first_code: int  # of its first reason

    @property
    def first_figure(self) -> int:
        """Where the figures of a task count what it refuses for its first reason."""
        return TASK_FIGURES + self.first_code - 1


class Gates:
    """The message gates of a scenario. `reasons` are the texts of all codes, from 1."""

    def __init__(self, scenario: Scenario, watch: Stopwatch | None = None) -> None:
        self._scenario, self._watch = scenario, watch or Stopwatch()
        self.reasons: list[str] = []
        self.of_past = list(self._take(scenario.past_policies))
        self.of_run = list(self._take(scenario.policies))
        if len(self.reasons) > MOST_OWN_REASONS:
            words = f"the scenario's own policies have {len(self.reasons)} reasons to refuse messages"
            raise BadInput(f"{words}; at most {MOST_OWN_REASONS} can be told apart")
        for gate in (*self.of_past, *self.of_run):  # what cannot be compiled is said before anything is done
            if gate.policy.compiled_gate is not None:
                address_of(gate.policy)

    def _take(self, policies: dict[str, Policy]) -> Iterator[Gate]:
        for name, policy in policies.items():
            if policy.gates_messages:
                reasons = policy.reasons or (name,)
                yield Gate(name, policy, reasons, len(self.reasons) + 1)
                self.reasons += reasons

    def add_reason(self, reason: str) -> int:
        """Enter one more reason of the scenario's own, of what is no gate; its code."""
        self.reasons.append(reason)
        return len(self.reasons)

    def among(self, policies: list[Policy]) -> list[Gate]:
        """The gates of some policies, in the order of names."""
        return [gate for gate in (*self.of_past, *self.of_run) if any(gate.policy is policy for policy in policies)]

    @staticmethod
    def table(gates: list[Gate]) -> tuple[np.ndarray, np.ndarray]:
        """The table of those gates that are compiled, and the numbers of all of them, float64."""
        compiled = [gate for gate in gates if gate.policy.compiled_gate is not None]
        table, numbers = GATE.rows(len(compiled)), np.zeros(0)
        for row, gate in zip(table, compiled):
            own = numbers_of(gate.policy)
            row["address"], row["code"] = address_of(gate.policy), gate.first_code
            row["days"], row["remembers"] = gate_days_of(gate.policy), remembers_of(gate.policy)
            row["first"], row["count"] = len(numbers), len(own)
            numbers = np.append(numbers, own)
        return table, numbers

    @staticmethod
    def times(gates: list[Gate], day: int, today: Today) -> list[int]:
        """The send times of a day at which one of the gates is to be asked; about a message of 00:00 it is there and then."""
        if not any(gate.policy.needs_now for gate in _plain(gates)):
            return []
        return sorted({int(time) for time in today.agenda["time"]} - {day * DAY})

    def at_midnight(self, gates: list[Gate], day: int, today: Today, book: TaskBook, population: Population) -> None:
        """Ask for the verdicts on the day's tasks that are given at 00:00, and forget those of the day before."""
        gates = _plain(gates)
        population.make_verdict_room(len(today.agenda) if gates else 0)
        if not gates:
            return
        early = [gate for gate in gates if not gate.policy.needs_now]
        of_row = [gates if task["time"] == day * DAY else early for task in today.agenda]
        if not any(of_row):
            return
        found = [_find(shard, today) for shard in population.shards]
        for row, asked in enumerate(of_row):
            self._ask(asked, row, [of_shard[row] for of_shard in found], today, book, population)

    def at_send(self, gates: list[Gate], time: int, today: Today, book: TaskBook, population: Population) -> None:
        """Ask for the verdicts that are given at the send, on the tasks that are sent now."""
        late = [gate for gate in _plain(gates) if gate.policy.needs_now]
        for row in np.flatnonzero(today.agenda["time"] == time):
            found = [_find_waiting(shard, int(row), time) for shard in population.shards]
            self._ask(late, int(row), found, today, book, population)

    def _ask(
        self, gates: list[Gate], row: int, found: list[Found], today: Today, book: TaskBook, population: Population
    ) -> None:
        """Ask gates about one task, shard by shard, and keep what they answer."""
        task = book.tasks[int(today.agenda["row"][row])]
        merchant = self._scenario.merchants[task.merchant]
        day = task.message.time // DAY
        facts = TaskFacts(
            merchant=merchant.name,
            industry=merchant.settings.industry,
            plan=task.message.plan,
            channel=task.message.channel,
            crowd=task.message.crowd,
            time=task.message.time,
            day=day,
            weekday=(self._scenario.settings.start + dt.timedelta(days=day)).weekday(),
            second=task.message.time % DAY,
            size=sum(len(who) for who, _ in found),
        )
        key = today.agenda["key"][row]
        for shard, (who, rows) in zip(population.shards, found, strict=True):
            if len(who):
                for gate in gates:
                    with self._watch.on(gate.policy.use):
                        _note(shard.verdicts[row], who, self._codes(gate, shard, who, rows, facts, key))

    def _codes(self, gate: Gate, shard: Shard, who: np.ndarray, rows: np.ndarray, facts: TaskFacts, key: Keys) -> np.ndarray:
        crowd = crowd_of(shard, who, rows, facts.day, gate.name, key, remembers_of(gate.policy))
        codes = codes_of(gate.policy, crowd, facts, gate.reasons)
        return np.where(codes > 0, codes + gate.first_code - 1, 0)


def _plain(gates: list[Gate]) -> list[Gate]:
    """Those in plain Python."""
    return [gate for gate in gates if gate.policy.asks_plainly]


def _note(verdicts: np.ndarray, who: np.ndarray, codes: np.ndarray) -> None:
    """Keep the smallest code of each consumer, 0 being none."""
    known = verdicts[who].astype(np.int64)
    verdicts[who] = np.where((known == 0) | ((codes > 0) & (codes < known)), codes, known)


def _find(shard: Shard, today: Today) -> list[Found]:
    """Whom of a shard each of the day's tasks is for."""
    ends, none = np.zeros(len(today.agenda), np.int64), np.zeros(0, np.int64)
    find(shard, today, ends, none, none)
    ends = np.cumsum(ends)
    who, rows = np.zeros(ends[-1], np.int64), np.zeros(ends[-1], np.int64)
    if len(who):
        find(shard, today, np.concatenate([[0], ends[:-1]]), who, rows)
    return list(zip(np.split(who, ends[:-1]), np.split(rows, ends[:-1])))


def _find_waiting(shard: Shard, row: int, time: int) -> Found:
    """Whom of a shard a task is for that is sent now."""
    none = np.zeros(0, np.int64)
    count = find_waiting(shard, row, time, none, none)
    who, rows = np.zeros(count, np.int64), np.zeros(count, np.int64)
    if count:
        find_waiting(shard, row, time, who, rows)
    return who, rows
