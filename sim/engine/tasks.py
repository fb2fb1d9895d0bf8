"""The book of message tasks: what merchants asked for, and the agenda that it makes of a day."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

import numpy as np

from sim.state.draws import TASK, name_key, under_each
from sim.state.names import CROWDS, DAY, HOUR, MESSAGE_CHANNELS
from sim.state.policy import Message
from sim.state.tables import AGENDA

TASKS_OF_A_DAY = 100  # of one merchant; part of the form of a task's id


class Task(NamedTuple):
    """One task: a message asked for by a merchant."""

    id: int
    merchant: int
    message: Message
    created: int  # s

    @property
    def visible(self) -> int:
        """When its effect data can be seen: the later of send + 24 h and 12:00 of the next day [MSG-15]."""
        return max(self.message.time + DAY, (self.message.time // DAY + 1) * DAY + 12 * HOUR)


class TaskBook:
    """All tasks of a run, in the order of their creation. A task is known by merchant, plan and send time."""

    def __init__(self, names: list[str], root: np.uint64) -> None:
        self._names = names
        self._root = under_each(root, TASK)
        self.tasks: list[Task] = []
        self.plans: dict[str, int] = {}  # names of plans, numbered in the order of their first tasks
        self._of_day: dict[int, list[int]] = {}  # rows by send day
        self._count: Counter[tuple[int, int]] = Counter()  # tasks by send day and merchant
        self.keys = np.zeros(0, np.uint64)
        self.seen = np.zeros(0, np.int32)
        self.channels = np.zeros(0, np.int16)
        self.ids = np.zeros(0, np.int64)

    def add(self, merchant: int, message: Message, created: int) -> Task:
        """Enter a task; it must be created before 00:00 of its send day."""
        day = message.time // DAY
        if created >= day * DAY:
            raise ValueError(f"a message must be planned before 00:00 of its send day, day {day}, not at {created} s")
        rows = self._of_day.setdefault(day, [])
        ordinal = self._count[day, merchant]
        if ordinal >= TASKS_OF_A_DAY:
            raise ValueError(f"{self._names[merchant]}: more than {TASKS_OF_A_DAY} messages on day {day}")
        task = Task((day * len(self._names) + merchant) * TASKS_OF_A_DAY + ordinal, merchant, message, created)
        self._count[day, merchant] += 1
        self.plans.setdefault(message.plan, len(self.plans))
        rows.append(len(self.tasks))
        self.tasks.append(task)
        return task

    def make_arrays(self) -> None:
        """Bring the arrays that the kernel reads up to date with the tasks."""
        new = self.tasks[len(self.keys) :]
        if not new:
            return
        keys = [name_key(f"{self._names[t.merchant]}/{t.message.plan}/{t.message.time}") for t in new]
        channels = [MESSAGE_CHANNELS.index(t.message.channel) for t in new]
        self.keys = np.append(self.keys, under_each(self._root, np.array(keys, np.uint64)))
        self.seen = np.append(self.seen, np.array([t.visible for t in new], np.int32))
        self.channels = np.append(self.channels, np.array(channels, np.int16))
        self.ids = np.append(self.ids, np.array([t.id for t in new], np.int64))

    def agenda(self, day: int) -> np.ndarray:
        """The tasks to be sent on a day, in the order of (time, creation, merchant's name, id)."""
        rows = self._of_day.get(day, [])

        def order(row: int) -> tuple[int, int, str, int]:
            task = self.tasks[row]
            return task.message.time, task.created, self._names[task.merchant], task.id

        found = []
        for row in sorted(rows, key=order):
            task = self.tasks[row]
            crowd = 1 << CROWDS.index(task.message.crowd)
            found.append((self.keys[row], task.id, task.message.time, task.merchant, row, self.channels[row], crowd))
        return np.array(found, AGENDA.dtype)


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
