"""The book of message tasks: what merchants asked for, and the agenda that it makes of a day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from sim.policies.scenes import OLD_CUSTOMER_SCENES
from sim.state.columns import Column, Table
from sim.state.draws import TASK, name_keys, under_each
from sim.state.names import (
    CROWDS,
    DAY,
    FIRST_OLD_CUSTOMER_SCENE,
    HOUR,
    LAST_OLD_CUSTOMER_SCENE,
    MESSAGE_CHANNELS,
)
from sim.state.policy import Message
from sim.state.tables import AGENDA

TASKS_OF_A_DAY = 100  # of one merchant; part of the form of a task's id
Plan = tuple[int, str]  # a plan is known by merchant and name
NO_PLANS: Mapping[Plan, int] = MappingProxyType({})
CHANNEL_CODES = {name: code for code, name in enumerate(MESSAGE_CHANNELS)}
CROWD_BITS = {name: 1 << code for code, name in enumerate(CROWDS)}
NOT_COUNTED = -1
FACTS = Table(
    "facts",
    "What the host knows of each task, row by row beside what the kernel reads of it.",
    (
        Column("created", "i8", "s", "when it was created"),
        Column("visible", "i8", "s", "when its effect data can be seen [MSG-15]"),
        Column("crowd", "i8", "consumers", "its crowd at 00:00 of the send day, -1: no rule asked", NOT_COUNTED),
    ),
)


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
    """What the platform decided of a whole task, as a snapshot has it."""

    reason: str = ""  # why it is refused, one of TASK_REASONS; empty: it is not
    crowd: int = NOT_COUNTED  # consumers at 00:00 of the send day; -1: no rule asked for the number
    thresholds: tuple[int, ...] = ()  # of the algorithm filters in force on the send day, in the order of their names
    used_up: bool = False  # the merchant's reach frequency


NOT_INVITED = "not_invited"  # of who has no outreach to members, or no part in the plan [GRD-5, MSG-16]
NO_PLAN_ROW = -1


class TaskBook:
    """All tasks of a run, in the order of their creation. A task is known by merchant, name and send time.

    What is asked of many of them at once is kept in columns, by row of the book.
    """

    def __init__(self, names: list[str], root: np.uint64) -> None:
        self._names = names
        self._root = under_each(root, TASK)
        self.merchants = len(names)
        places = {name: place for place, name in enumerate(sorted(names))}
        self._places = np.array([places[name] for name in names], np.int64)  # of merchants, in the order of their names
        self.tasks: list[Task] = []
        self.plans: dict[str, int] = {}  # names of plans, numbered in the order of their first tasks
        self.refused: dict[int, str] = {}  # why, by row: those that are refused as a whole
        self._of_plan: dict[Plan, int] = {}  # row of the plan's first task of old-customer scenes
        self._of_several: dict[Plan, list[int]] = {}  # rows of all of these, where there are more than one
        self._of_day: dict[int, list[int]] = defaultdict(list)  # rows by send day
        self._sorted: dict[int, np.ndarray] = {}  # what `rows_of` has answered, by day
        self._count: dict[int, list[int]] = defaultdict(lambda: [0] * len(names))  # tasks by send day and merchant
        # Of all tasks and some room: what the kernel reads, what else is known, thresholds of filters, (tasks, filters) int32.
        self._table = AGENDA.rows(0)
        self._facts = FACTS.rows(0)
        self._thresholds = np.zeros((0, 0), np.int32)
        self._entered = 0  # tasks in the columns

    def add(self, merchant: int, message: Message, created: int, late: int = 0) -> Task:
        """Enter a task; it must be created before 00:00 of its send day. Its effect data come `late` days late."""
        day, row = message.time // DAY, len(self.tasks)
        if created >= day * DAY:
            raise ValueError(f"a message must be planned before 00:00 of its send day, day {day}, not at {created} s")
        of_day = self._count[day]
        ordinal = of_day[merchant]
        if ordinal >= TASKS_OF_A_DAY:
            raise ValueError(f"{self._names[merchant]}: more than {TASKS_OF_A_DAY} messages on day {day}")
        of_day[merchant] += 1
        id_ = (day * self.merchants + merchant) * TASKS_OF_A_DAY + ordinal
        task = Task(id_, merchant, message, created, visible_from(message.time, late))
        self.plans.setdefault(message.plan, len(self.plans))
        if message.channel in OLD_CUSTOMER_SCENES:
            plan = (merchant, message.plan)
            first = self._of_plan.setdefault(plan, row)
            if first != row:
                self._of_several.setdefault(plan, [first]).append(row)
        self._of_day[day].append(row)
        self.tasks.append(task)
        return task

    def plan_of(self, task: Task) -> Plan | None:
        """The plan whose tasks must not overlap; None: the task is of no old-customer scene [MSG-8]."""
        return (task.merchant, task.message.plan) if task.message.channel in OLD_CUSTOMER_SCENES else None

    def plans_of(self, day: int) -> Iterator[Plan]:
        """The plan of each task of a day that is one of several of its plan, in the order of `rows_of`."""
        for row in self.rows_of(day).tolist() if self._of_several else ():
            plan = self.plan_of(self.tasks[row])
            if plan in self._of_several:
                yield plan

    def span(self, plan: Plan) -> tuple[int, int]:
        """The first and the last send day of the tasks of a plan of several."""
        days = [self.tasks[row].message.time // DAY for row in self._of_several[plan]]
        return min(days), max(days)

    def has_begun(self, plan: Plan, time: int) -> bool:
        """Whether one of the tasks of a plan of several is sent before a time (s)."""
        return any(self.tasks[row].message.time < time for row in self._of_several.get(plan, ()))

    def rows_of(self, day: int) -> np.ndarray:
        """Rows of the tasks to be sent on a day, (tasks,) int64, in the order of (time, creation, merchant's name, id)."""
        rows, known = self._of_day.get(day, ()), self._sorted.get(day)
        if known is None or len(known) != len(rows):
            self._enter()
            found = np.array(rows, np.int64)
            of = self._table[found]
            order = np.lexsort((of["id"], self._places[of["merchant"]], self._facts["created"][found], of["time"]))
            known = self._sorted[day] = found[order]
        return known

    def to_send(self, day: int) -> np.ndarray:
        """Those of `rows_of` that are not refused as a whole."""
        rows = self.rows_of(day)
        if not self.refused:
            return rows
        return rows[[row not in self.refused for row in rows.tolist()]] if len(rows) else rows

    def sent_from(self, time: int) -> np.ndarray:
        """Rows of the tasks to be sent at a time (s) or later, in the order of their creation."""
        self._enter()
        return np.flatnonzero(self._table["time"][: self._entered] >= time)

    def created(self, rows: np.ndarray) -> np.ndarray:
        """When tasks were created (s)."""
        return self._facts["created"][rows]

    def visible(self, rows: np.ndarray) -> np.ndarray:
        """When effect data of tasks can be seen (s)."""
        return self._facts["visible"][rows]

    def crowds(self, rows: np.ndarray) -> np.ndarray:
        """The crowds of tasks at 00:00 of their send days (consumers); NOT_COUNTED where no rule asked for it."""
        return self._facts["crowd"][rows]

    @property
    def keys(self) -> np.ndarray:
        """The key of each task's draws, (tasks,) uint64."""
        self._enter()
        return self._table["key"][: self._entered]

    def told(self, rows: np.ndarray) -> np.ndarray:
        """What the kernel reads of tasks, (tasks,) AGENDA."""
        self._enter()
        return self._table[rows]

    def _enter(self) -> None:
        """Bring the columns up to date with the tasks."""
        new = self.tasks[self._entered :]
        if not new:
            return
        first, self._entered = self._entered, len(self.tasks)
        if self._entered > len(self._table):
            table, facts = AGENDA.rows(2 * self._entered), FACTS.rows(2 * self._entered)
            table[:first], facts[:first] = self._table[:first], self._facts[:first]
            self._table, self._facts = table, facts
            self._make_threshold_room(self._thresholds.shape[1])
        rows, facts = self._table[first : self._entered], self._facts[first : self._entered]
        of = self._names
        rows["key"] = under_each(
            self._root, name_keys([f"{of[merchant]}/{message.known_as}/{message.time}" for _, merchant, message, _, _ in new])
        )
        rows["row"] = np.arange(first, self._entered)
        columns = [
            (id_, merchant, message.time, CHANNEL_CODES[message.channel], CROWD_BITS[message.crowd], created, visible)
            for id_, merchant, message, created, visible in new
        ]
        of_kernel = rows["id"], rows["merchant"], rows["time"], rows["channel"], rows["crowd"]
        for column, values in zip((*of_kernel, facts["created"], facts["visible"]), np.array(columns, np.int64).T):
            column[:] = values

    def agenda(self, day: int, plan_rows: Mapping[Plan, int] = NO_PLANS) -> np.ndarray:
        """The tasks to be sent on a day and not refused as a whole, in the order of `rows_of`.

        `plan_rows` says where it is remembered whom a plan has reached.
        """
        rows = self.to_send(day)
        agenda = self._table[rows]
        if plan_rows:
            plans = (self.plan_of(self.tasks[row]) for row in rows.tolist())
            agenda["plan"] = [NO_PLAN_ROW if plan is None else plan_rows.get(plan, NO_PLAN_ROW) for plan in plans]
        return agenda

    # What was decided of them

    def set_used_up(self, rows: np.ndarray) -> None:
        """The reach frequency of the tasks' merchants is used up [MSG-13]."""
        self._table["used_up"][rows] = 1

    def set_crowds(self, rows: np.ndarray, sizes: np.ndarray, thresholds: np.ndarray) -> None:
        """The crowds of tasks have been counted, (tasks,), and the filters' thresholds found, (tasks, filters)."""
        self._facts["crowd"][rows] = sizes
        filters = thresholds.shape[1]
        if filters > self._thresholds.shape[1]:
            self._make_threshold_room(filters)
        self._thresholds[rows, :filters] = thresholds

    def _make_threshold_room(self, filters: int) -> None:
        thresholds = np.zeros((len(self._table), filters), np.int32)
        thresholds[: len(self._thresholds), : self._thresholds.shape[1]] = self._thresholds
        self._thresholds = thresholds

    def thresholds(self, agenda: np.ndarray, filters: int) -> np.ndarray:
        """The filters' thresholds for the tasks of an agenda, (tasks, filters) int32; 0 where there is none."""
        thresholds = np.zeros((len(agenda), filters), np.int32)
        if filters == 0:
            return thresholds
        known = self._thresholds[agenda["row"], :filters]
        thresholds[:, : known.shape[1]] = known
        return thresholds

    @property
    def verdicts(self) -> dict[int, Verdict]:
        """What was decided so far, by row."""
        self._enter()
        facts, used_up = self._facts[: self._entered], self._table["used_up"][: self._entered]
        decided = set(np.flatnonzero((facts["crowd"] != NOT_COUNTED) | (used_up == 1)).tolist()) | self.refused.keys()
        return {
            row: Verdict(
                self.refused.get(row, ""),
                int(facts["crowd"][row]),
                tuple(threshold for threshold in self._thresholds[row].tolist() if threshold),
                bool(used_up[row]),
            )
            for row in sorted(decided)
        }

    def take_up(self, verdicts: Mapping[int, Verdict]) -> None:
        """Go on with what was decided of tasks that are in the book already."""
        self._enter()
        rows = np.fromiter(verdicts, np.int64, len(verdicts))
        filters = max((len(verdict.thresholds) for verdict in verdicts.values()), default=0)
        thresholds = np.zeros((len(rows), filters), np.int32)
        for k, verdict in enumerate(verdicts.values()):
            thresholds[k, : len(verdict.thresholds)] = verdict.thresholds
        self.set_crowds(rows, np.array([verdict.crowd for verdict in verdicts.values()], np.int64), thresholds)
        self.set_used_up(rows[[verdict.used_up for verdict in verdicts.values()]])
        self.refused |= {row: verdict.reason for row, verdict in verdicts.items() if verdict.reason}


def is_of_old_customers(tasks: np.ndarray) -> np.ndarray:
    """(tasks,) bool: which rows of AGENDA are of old-customer scenes."""
    return (tasks["channel"] >= FIRST_OLD_CUSTOMER_SCENE) & (tasks["channel"] <= LAST_OLD_CUSTOMER_SCENE)


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
