"""The figures of tasks: tallied by the shards as long as a task is under way, and kept here, once for all of them.

A task is under way from its send day until that is over and whoever will read its message has read it. Then its row of the
tallies is another's: the shards have a few days' tasks at a time, however long a run is.
"""

from __future__ import annotations

import heapq

import numpy as np

from sim.engine.population import Population
from sim.engine.tasks import TaskBook
from sim.state.names import TASK_FIGURES, TASK_READ, TASK_TO_READ

NOWHERE = -1


class Tallies:
    """Where tasks are tallied, what is known of them by then, and their figures up to the last 00:00.

    `rows`: of the tasks under way, by row of the book. `figures`: (tasks, figures) int64 with room at the end.
    """

    def __init__(self, book: TaskBook) -> None:
        self._book = book
        self.rows: dict[int, int] = {}
        self._free: list[int] = []  # a heap: which rows are used depends on nothing but the tasks
        self.figures = np.zeros((0, TASK_FIGURES), np.int64)
        # What the kernel reads: by row of the book, then by row of the tallies.
        self.of_tasks = np.zeros(0, np.int32)
        self.keys = np.zeros(0, np.uint64)
        self.seen = np.zeros(0, np.int32)
        self.channels = np.zeros(0, np.int16)
        self.ids = np.zeros(0, np.int64)

    def take_up(self, rows: dict[int, int], figures: np.ndarray) -> None:
        """Go on with what a snapshot has; the book has its tasks already."""
        self.figures = figures
        self.of_tasks = _longer(self.of_tasks, len(self._book.tasks), NOWHERE)
        self._make_room(1 + max(rows.values(), default=-1))
        self._free = sorted(set(self._free) - set(rows.values()))
        self._begin(list(rows), list(rows.values()))

    def make_reason_room(self, reasons: int) -> None:
        """Have a figure for each of so many reasons of the scenario's own, none counted so far."""
        figures = np.zeros((len(self.figures), TASK_FIGURES + reasons), np.int64)
        figures[:, :TASK_FIGURES] = self.figures[:, :TASK_FIGURES]
        self.figures = figures

    def begin_day(self, day: int, population: Population) -> None:
        """Give a row to each task that is sent on the day."""
        self.of_tasks = _longer(self.of_tasks, len(self._book.tasks), NOWHERE)
        self.figures = _longer(self.figures, len(self._book.tasks))
        new = [row for row in self._book.rows_of(day) if not self._book.is_refused(row)]
        self._make_room(len(self.rows) + len(new))
        self._begin(new, [heapq.heappop(self._free) for _ in new])
        population.make_task_room(len(self.keys))

    def end_day(self, population: Population) -> None:
        """Take what was tallied on the day that ends; the rows of tasks that are no longer under way are free."""
        if not self.rows:
            return
        tasks, tallies = np.array(list(self.rows)), np.array(list(self.rows.values()))
        self.figures[tasks] += population.total("tasks")[tallies]
        for shard in population.shards:
            shard.tasks[:] = 0
        read = self.figures[tasks, TASK_READ] == self.figures[tasks, TASK_TO_READ]
        for row in tasks[read].tolist():
            heapq.heappush(self._free, self.rows.pop(row))
            self.of_tasks[row] = NOWHERE

    def _begin(self, rows: list[int], tallies: list[int]) -> None:
        if rows:
            self.rows |= zip(rows, tallies)
            self.of_tasks[rows] = tallies
            self.seen[tallies] = [self._book.tasks[row].visible for row in rows]
            self.keys[tallies], self.ids[tallies], self.channels[tallies] = self._book.facts(rows)

    def _make_room(self, rows: int) -> None:
        room = len(self.keys)
        for name in ("keys", "seen", "channels", "ids"):
            setattr(self, name, _longer(getattr(self, name), rows))
        for free in range(room, len(self.keys)):
            heapq.heappush(self._free, free)


def _longer(rows: np.ndarray, least: int, fill: int = 0) -> np.ndarray:
    """The same rows, with room for at least so many."""
    if least <= len(rows):
        return rows
    more = np.full((max(least, 2 * len(rows)), *rows.shape[1:]), fill, rows.dtype)
    more[: len(rows)] = rows
    return more
