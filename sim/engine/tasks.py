"""The book of message tasks: what merchants asked for, and the agenda that it makes of a day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from sim.policies.scenes import OLD_CUSTOMER_SCENES
from sim.state.draws import TASK, name_key, under_each
from sim.state.names import CROWDS, DAY, HOUR, MESSAGE_CHANNELS
from sim.state.policy import Message
from sim.state.tables import AGENDA

TASKS_OF_A_DAY = 100  # of one merchant; part of the form of a task's id
Plan = tuple[int, str]  # a plan is known by merchant and name
NO_PLANS: Mapping[Plan, int] = MappingProxyType({})


class Task(NamedTuple):
    """One task: a message asked for by a merchant."""

    id: int
    merchant: int
    message: Message
    created: int  # s
    visible: int  # s: when its effect data can be seen

    @property
    def is_late(self) -> bool:
        """Whether that is later than on other days [MSG-15]."""
        return self.visible > visible_from(self.message.time)


def visible_from(sent: int, late: int = 0) -> int:
    """When effect data are made: 24 h after the send and not before 12:00 of the next day, or `late` days later [MSG-15]."""
    return max(sent + DAY, (sent // DAY + 1) * DAY + 12 * HOUR) + late * DAY


class Verdict(NamedTuple):
    """What the platform decided of a whole task."""

    reason: str = ""  # why it is refused, one of TASK_REASONS; empty: it is not
    crowd: int = -1  # consumers at 00:00 of the send day; -1: no rule asked for the number
    thresholds: tuple[int, ...] = ()  # of the algorithm filters in force on the send day, in the order of their names
    used_up: bool = False  # the merchant's reach frequency


NO_VERDICT = Verdict()
NOT_INVITED = Verdict("not_invited")  # of who has no outreach to members, or no part in the plan [GRD-5, MSG-16]
NO_PLAN_ROW = -1


class TaskBook:
    """All tasks of a run, in the order of their creation. A task is known by merchant, name and send time."""

    def __init__(self, names: list[str], root: np.uint64) -> None:
        self._names = names
        self._root = under_each(root, TASK)
        self.tasks: list[Task] = []
        self.plans: dict[str, int] = {}  # names of plans, numbered in the order of their first tasks
        self.verdicts: dict[int, Verdict] = {}  # by row
        self._of_plan: dict[Plan, list[int]] = defaultdict(list)  # rows of the plan's tasks of old-customer scenes
        self._of_day: dict[int, list[int]] = defaultdict(list)  # rows by send day
        self._sorted: dict[int, list[int]] = {}  # what `rows_of` has answered last, by day
        self._count: dict[int, int] = {}  # tasks by send day and merchant
        self._table = AGENDA.rows(0)  # of all tasks and some room: the columns that are theirs for good
        self._entered = 0  # tasks in the table

    def add(self, merchant: int, message: Message, created: int, late: int = 0) -> Task:
        """Enter a task; it must be created before 00:00 of its send day. Its effect data come `late` days late."""
        day = message.time // DAY
        if created >= day * DAY:
            raise ValueError(f"a message must be planned before 00:00 of its send day, day {day}, not at {created} s")
        of_day = day * len(self._names) + merchant
        ordinal = self._count.get(of_day, 0)
        if ordinal >= TASKS_OF_A_DAY:
            raise ValueError(f"{self._names[merchant]}: more than {TASKS_OF_A_DAY} messages on day {day}")
        self._count[of_day] = ordinal + 1
        task = Task(of_day * TASKS_OF_A_DAY + ordinal, merchant, message, created, visible_from(message.time, late))
        row = len(self.tasks)
        if message.plan not in self.plans:
            self.plans[message.plan] = len(self.plans)
        if message.channel in OLD_CUSTOMER_SCENES:
            self._of_plan[merchant, message.plan].append(row)
        self._of_day[day].append(row)
        self.tasks.append(task)
        return task

    def plan_of(self, task: Task) -> Plan | None:
        """The plan whose tasks must not overlap; None: the task is of no old-customer scene [MSG-8]."""
        return (task.merchant, task.message.plan) if task.message.channel in OLD_CUSTOMER_SCENES else None

    def plans_of(self, day: int) -> Iterator[Plan]:
        """The plan of each task of a day that has one, in the order of `rows_of`."""
        for row in self.rows_of(day):
            plan = self.plan_of(self.tasks[row])
            if plan is not None:
                yield plan

    def size(self, plan: Plan) -> int:
        """How many tasks of old-customer scenes a plan has so far."""
        return len(self._of_plan[plan])

    def span(self, plan: Plan) -> tuple[int, int]:
        """The first and the last send day of these tasks."""
        days = [self.tasks[row].message.time // DAY for row in self._of_plan[plan]]
        return min(days), max(days)

    def has_begun(self, plan: Plan, time: int) -> bool:
        """Whether one of these tasks is sent before a time (s)."""
        return any(self.tasks[row].message.time < time for row in self._of_plan.get(plan, ()))

    def rows_of(self, day: int) -> list[int]:
        """Rows of the tasks to be sent on a day, in the order of (time, creation, merchant's name, id)."""
        rows = self._of_day.get(day, [])
        known = self._sorted.get(day)
        if known is not None and len(known) == len(rows):
            return known

        def order(row: int) -> tuple[int, int, str, int]:
            task = self.tasks[row]
            return task.message.time, task.created, self._names[task.merchant], task.id

        self._sorted = {day: sorted(rows, key=order)}
        return self._sorted[day]

    def is_refused(self, row: int) -> bool:
        """Whether a task was refused as a whole."""
        return self.verdicts.get(row, NO_VERDICT).reason != ""

    @property
    def keys(self) -> np.ndarray:
        """The key of each task's draws, (tasks,) uint64."""
        self._enter()
        return self._table["key"][: self._entered]

    def facts(self, rows: list[int]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Keys, ids and channels of some tasks, as the kernel reads them."""
        self._enter()
        found = self._table[rows]
        return found["key"], found["id"], found["channel"]

    def _enter(self) -> None:
        """Bring the table up to date with the tasks."""
        new = self.tasks[self._entered :]
        if not new:
            return
        first, self._entered = self._entered, len(self.tasks)
        if self._entered > len(self._table):
            table = AGENDA.rows(2 * self._entered)
            table[:first] = self._table[:first]
            self._table = table
        rows = self._table[first : self._entered]
        names = [name_key(f"{self._names[t.merchant]}/{t.message.known_as}/{t.message.time}") for t in new]
        rows["key"] = under_each(self._root, np.array(names, np.uint64))
        rows["id"] = [task.id for task in new]
        rows["time"] = [task.message.time for task in new]
        rows["merchant"] = [task.merchant for task in new]
        rows["row"] = np.arange(first, self._entered)
        rows["channel"] = [MESSAGE_CHANNELS.index(task.message.channel) for task in new]
        rows["crowd"] = [1 << CROWDS.index(task.message.crowd) for task in new]

    def agenda(self, day: int, plan_rows: Mapping[Plan, int] = NO_PLANS) -> np.ndarray:
        """The tasks to be sent on a day and not refused as a whole, in the order of `rows_of`.

        `plan_rows` says where it is remembered whom a plan has reached.
        """
        self._enter()
        rows = [row for row in self.rows_of(day) if not self.is_refused(row)]
        agenda = self._table[rows]
        if plan_rows:
            for task, row in zip(agenda, rows, strict=True):
                plan = self.plan_of(self.tasks[row])
                task["plan"] = NO_PLAN_ROW if plan is None else plan_rows.get(plan, NO_PLAN_ROW)
        if self.verdicts:
            agenda["used_up"] = [self.verdicts.get(row, NO_VERDICT).used_up for row in rows]
        return agenda

    def thresholds(self, agenda: np.ndarray, filters: int) -> np.ndarray:
        """The filters' thresholds for the tasks of an agenda, (tasks, filters) int32; 0 where there is none."""
        thresholds = np.zeros((len(agenda), filters), np.int32)
        if filters == 0:
            return thresholds
        for k, row in enumerate(agenda["row"]):
            known = self.verdicts.get(int(row), NO_VERDICT).thresholds
            thresholds[k, : len(known)] = known
        return thresholds


def group_by_merchant(agenda: np.ndarray, merchants: np.ndarray) -> np.ndarray:
    """Rows of the agenda grouped by merchant, (tasks,) int32; where each group lies is set in `merchants`."""
    by_merchant = np.argsort(agenda["merchant"], kind="stable").astype(np.int32)
    count = np.bincount(agenda["merchant"], minlength=len(merchants))
    merchants["agenda_count"] = count
    merchants["agenda_first"] = np.cumsum(count) - count
    return by_merchant


def crowds_by_merchant(agenda: np.ndarray, merchants: int) -> np.ndarray:
    """Crowds of each merchant's tasks of the day, as bits, (merchants,) uint8."""
    crowds = np.zeros(merchants, np.uint8)
    np.bitwise_or.at(crowds, agenda["merchant"], agenda["crowd"].astype(np.uint8))
    return crowds
