"""The population: shards of consumers, advanced in parallel, their arrays grown when the kernel asks for it."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import numpy as np

from sim.engine.kernel import advance
from sim.state.names import NEVER, TASK_FIGURES
from sim.state.shard import DONE, LOG_END, NEED_AHEAD, NEED_LOG, NEED_PENDING, NEED_RELATIONS, Shard, Today, as_kernel_reads

Result = TypeVar("Result")


def spread_over_cores(threads: int) -> Callable[[], None]:
    """What each worker thread does first: keep to a core of its own, where the system lets it and there are enough.

    Some schedulers leave threads that wait for one another on one core.
    """
    cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
    if len(cores) < threads:
        return lambda: None
    free = iter(cores)
    return lambda: os.sched_setaffinity(threading.get_native_id(), {next(free)})


class Population:
    """All consumers. `today` of each advance is what the kernel reads."""

    def __init__(self, shards: list[Shard], threads: int) -> None:
        self.shards = [as_kernel_reads(shard) for shard in shards]
        parallel = min(threads, len(shards)) > 1
        self._pool = ThreadPoolExecutor(threads, initializer=spread_over_cores(threads)) if parallel else None

    def __len__(self) -> int:
        return sum(len(shard.consumers) for shard in self.shards)

    def advance(self, today: Today, until: int) -> None:
        """Let everything before `until` (s) happen to every consumer, shard by shard."""
        if self._pool is None:
            for k in range(len(self.shards)):
                self._advance(k, today, until)
        else:
            list(self._pool.map(lambda k: self._advance(k, today, until), range(len(self.shards))))

    def each(self, function: Callable[[Shard], Result]) -> Iterator[Result]:
        """What the function answers for every shard, in their order."""
        return map(function, self.shards) if self._pool is None else self._pool.map(function, self.shards)

    def _advance(self, k: int, today: Today, until: int) -> None:
        with np.errstate(over="ignore"):  # hashes overflow by design, which only the interpreted kernel remarks
            while (need := advance(self.shards[k], today, until)) != DONE:
                self.shards[k] = as_kernel_reads(grown(self.shards[k], need))

    def make_verdict_room(self, tasks: int) -> None:
        """Have a verdict for each of the day's tasks and consumer: none yet."""
        for k, shard in enumerate(self.shards):
            if tasks or len(shard.verdicts):
                self.shards[k] = shard._replace(verdicts=np.zeros((tasks, len(shard.consumers)), np.uint8))

    def make_reason_room(self, reasons: int) -> None:
        """Count refusals for so many reasons of the scenario's own, from now on."""
        for k, shard in enumerate(self.shards):
            tasks = np.zeros((len(shard.tasks), TASK_FIGURES + reasons), np.int64)
            tasks[:, :TASK_FIGURES] = shard.tasks[:, :TASK_FIGURES]
            self.shards[k] = shard._replace(tasks=tasks)

    def make_task_room(self, tasks: int) -> None:
        """Have a row of figures for each task."""
        for k, shard in enumerate(self.shards):
            if tasks > len(shard.tasks):
                rows = np.zeros((max(tasks, 2 * len(shard.tasks)), shard.tasks.shape[1]), np.int64)
                rows[: len(shard.tasks)] = shard.tasks
                self.shards[k] = shard._replace(tasks=rows)

    def make_plan_room(self, fresh: list[int]) -> None:
        """Have rows of whom plans have reached, those named by `fresh` with nobody in them."""
        for k, shard in enumerate(self.shards):
            missing = max(fresh, default=-1) + 1 - len(shard.reached)
            if missing > 0:
                more = np.zeros((missing, len(shard.consumers)), np.uint8)
                self.shards[k] = shard._replace(reached=np.concatenate([shard.reached, more]))
            self.shards[k].reached[fresh] = 0

    def total(self, name: str) -> np.ndarray:
        """The sum over shards of one of their arrays of integers."""
        return np.sum([getattr(shard, name) for shard in self.shards], axis=0)

    def take_log(self) -> Iterator[np.ndarray]:
        """The rows that were logged since the last call, a piece per shard."""
        for shard in self.shards:
            yield shard.log[: shard.ends[LOG_END]].copy()
            shard.ends[LOG_END] = 0

    def close(self) -> None:
        """Let the threads go."""
        if self._pool is not None:
            self._pool.shutdown()


def grown(shard: Shard, need: int) -> Shard:
    """The shard with twice the room where the kernel asked for it, and the same contents."""

    def longer(rows: np.ndarray, room: int, fill: int = 0) -> np.ndarray:
        more = np.full((room, *rows.shape[1:]), fill, rows.dtype) if fill else np.zeros((room, *rows.shape[1:]), rows.dtype)
        more[: len(rows)] = rows
        return more

    if need == NEED_PENDING:
        return shard._replace(pending=longer(shard.pending, 2 * len(shard.pending) + 64))
    if need == NEED_RELATIONS:
        room = 2 * len(shard.relations) + 16
        relations, contacts = longer(shard.relations, room), longer(shard.contacts, room)
        return shard._replace(relations=relations, contacts=contacts, recent=longer(shard.recent, room, NEVER))
    if need == NEED_AHEAD:
        return shard._replace(ahead=longer(shard.ahead, 2 * len(shard.ahead) + 64))
    if need == NEED_LOG:
        return shard._replace(log=longer(shard.log, 2 * len(shard.log) + 64))
    raise AssertionError(f"the kernel asked for what nobody knows: {need}")
