"""The figures of tasks: tallied by the shards as long as a task is under way, and kept here once it no longer is.

A task is under way from its send day until that is over and whoever will read its message has read it. Then its row of the
tallies is another's: the shards have a few days' tasks at a time, however long a run is.
"""

from __future__ import annotations

import numpy as np

from sim.engine.population import Population, sum_of
from sim.engine.tasks import TaskBook
from sim.state.names import TASK_FIGURES, TASK_READ, TASK_READ_SEEN, TASK_SENT, TASK_TO_READ

NOWHERE = -1
LOOKED_AT = max(TASK_SENT, TASK_TO_READ, TASK_READ, TASK_READ_SEEN) + 1  # the first so many figures


class Tallies:
    """Where tasks are tallied, what is known of them by then, and their figures.

    `figures`: (tasks, figures) int64 with room at the end, up to the last 00:00: of a task that is no longer under way, and of
    all at the end, all of them; of one that is, the first LOOKED_AT, by which merchants and rules act.
    """

    def __init__(self, book: TaskBook) -> None:
        self._book = book
        # The tasks under way, by row of the book, and where each is tallied.
        self._tasks, self._rows = np.zeros(0, np.int64), np.zeros(0, np.int64)
        self._free = np.zeros(0, np.int64)  # in their order: which rows are used depends on nothing but the tasks
        self.figures = np.zeros((0, TASK_FIGURES), np.int64)
        # What the kernel reads: by row of the book, then by row of the tallies.
        self.of_tasks = np.zeros(0, np.int32)
        self.keys = np.zeros(0, np.uint64)
        self.seen = np.zeros(0, np.int32)
        self.channels = np.zeros(0, np.int16)
        self.ids = np.zeros(0, np.int64)

    @property
    def rows(self) -> dict[int, int]:
        """Of the tasks under way, by row of the book, the rows of the tallies."""
        return dict(zip(self._tasks.tolist(), self._rows.tolist()))

    def take_up(self, rows: dict[int, int], figures: np.ndarray) -> None:
        """Go on with what a snapshot has; the book has its tasks already."""
        self.figures = figures
        self.of_tasks = _longer(self.of_tasks, len(self._book.tasks), NOWHERE)
        self._make_room(1 + max(rows.values(), default=-1))
        tasks, tallies = (np.array(list(those), np.int64) for those in (rows, rows.values()))
        self._free = np.setdiff1d(self._free, tallies)
        self._begin(tasks, tallies)

    def make_reason_room(self, reasons: int) -> None:
        """Have a figure for each of so many reasons of the scenario's own, none counted so far."""
        figures = np.zeros((len(self.figures), TASK_FIGURES + reasons), np.int64)
        figures[:, :TASK_FIGURES] = self.figures[:, :TASK_FIGURES]
        self.figures = figures

    def begin_day(self, day: int, population: Population) -> None:
        """Give a row to each task that is sent on the day."""
        self.of_tasks = _longer(self.of_tasks, len(self._book.tasks), NOWHERE)
        self.figures = _longer(self.figures, len(self._book.tasks))
        new = self._book.to_send(day)
        self._make_room(len(self._rows) + len(new))
        rows, self._free = self._free[: len(new)], self._free[len(new) :]
        self._begin(new, rows)
        population.make_task_room(len(self.keys))

    def end_day(self, population: Population) -> None:
        """Look at what was tallied by the end of the day; the rows of tasks that are no longer under way are free."""
        if not len(self._rows):
            return
        counts = sum_of(shard.tasks[:, :LOOKED_AT][self._rows] for shard in population.shards)
        self.figures[self._tasks, :LOOKED_AT] = counts
        over = counts[:, TASK_READ] == counts[:, TASK_TO_READ]
        if not over.any():
            return
        tasks, rows = self._tasks[over], self._rows[over]
        self._take(tasks, rows, population)
        for shard in population.shards:
            shard.tasks[rows] = 0
        self.of_tasks[tasks] = NOWHERE
        self._tasks, self._rows = self._tasks[~over], self._rows[~over]
        self._free = np.sort(np.concatenate([self._free, rows]))

    def close(self, population: Population) -> None:
        """The run is over: all figures of those that are still under way."""
        self._take(self._tasks, self._rows, population)

    def _take(self, tasks: np.ndarray, rows: np.ndarray, population: Population) -> None:
        self.figures[tasks] = sum_of(shard.tasks[rows] for shard in population.shards)

    def _begin(self, tasks: np.ndarray, rows: np.ndarray) -> None:
        self._tasks, self._rows = np.concatenate([self._tasks, tasks]), np.concatenate([self._rows, rows])
        told = self._book.told(tasks)
        self.of_tasks[tasks] = rows
        self.seen[rows] = self._book.visible(tasks)
        self.keys[rows], self.ids[rows], self.channels[rows] = told["key"], told["id"], told["channel"]

    def _make_room(self, rows: int) -> None:
        room = len(self.keys)
        if rows <= room:
            return
        for name in ("keys", "seen", "channels", "ids"):
            setattr(self, name, _longer(getattr(self, name), rows))
        self._free = np.concatenate([self._free, np.arange(room, len(self.keys))])


def _longer(rows: np.ndarray, least: int, fill: int = 0) -> np.ndarray:
    """The same rows, with room for at least so many."""
    if least <= len(rows):
        return rows
    more = np.full((max(least, 2 * len(rows)), *rows.shape[1:]), fill, rows.dtype)
    more[: len(rows)] = rows
    return more
