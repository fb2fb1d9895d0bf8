"""The population: shards of consumers, advanced in parallel, their arrays grown when the kernel asks for it."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from typing import TypeVar

import numpy as np

from sim.engine.asks import begin_window, no_asks
from sim.engine.growing import close_up, grow
from sim.engine.heap import give_back_large_blocks
from sim.engine.kernel import advance
from sim.engine.recut import POOLS, TALLIES, joined_rows
from sim.policies.overlap import PLANS_A_WORD
from sim.state.benefits import BENEFIT_FIGURES, LOYALTY
from sim.state.coupling import TALLIED
from sim.state.names import TASK_FIGURES, VOID
from sim.state.shard import (
    BACK,
    CURSOR,
    DONE,
    INTERPRETED,
    LOG_END,
    REQUEST_END,
    Shard,
    Today,
    as_kernel_reads,
)

Result = TypeVar("Result")
EVERYONE = np.zeros(0, np.int64)


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
        give_back_large_blocks()
        self.shards = [as_kernel_reads(shard) for shard in shards]
        self._growing = threading.Lock()
        parallel = min(threads, len(shards)) > 1
        self._pool = ThreadPoolExecutor(threads, initializer=spread_over_cores(threads)) if parallel else None

    def __len__(self) -> int:
        return sum(len(shard.consumers) for shard in self.shards)

    def compile(self, today: Today) -> None:
        """Have the kernel compiled, or loaded, if it is not yet: nothing happens to anybody."""
        if not getattr(advance, "signatures", True):  # of the interpreted kernel there are none
            shard = self.shards[0]
            cursor, shard.ends[CURSOR] = shard.ends[CURSOR], len(shard.consumers)
            advance(shard, today, 0, EVERYONE)
            shard.ends[CURSOR] = cursor

    def advance(self, today: Today, until: int) -> None:
        """Let everything before `until` (s) happen to every consumer, shard by shard."""
        self._each_position(lambda k: self._advance(k, today, until, EVERYONE), range(len(self.shards)))

    def live_again(self, before: Today, today: Today, until: int, lives: list[np.ndarray]) -> None:
        """Take lives back, rows of `undo` by shard, that were lived under `before`, and let them be lived under `today`."""

        def again(k: int) -> None:
            self._take_back(k, before, until, lives[k])
            self._advance(k, today, until, lives[k])

        self._each_position(again, [k for k, of_shard in enumerate(lives) if len(of_shard)])

    def _each_position(self, do: Callable[[int], None], positions: Sequence[int]) -> None:
        """Do something to every shard of these positions."""
        if self._pool is None or len(positions) < 2:
            for k in positions:
                do(k)
        else:
            list(self._pool.map(do, positions))

    def each(self, function: Callable[[Shard], Result]) -> Iterator[Result]:
        """What the function answers for every shard, in their order."""
        return map(function, self.shards) if self._pool is None else self._pool.map(function, self.shards)

    def _advance(self, k: int, today: Today, until: int, lives: np.ndarray) -> None:
        # Hashes overflow by design, which only the interpreted kernel remarks.
        with np.errstate(over="ignore") if INTERPRETED else nullcontext():
            while (need := advance(self.shards[k], today, until, lives)) != DONE:
                with self._growing:  # a shard at a time: what grows is in memory twice
                    grow(self.shards, k, need)

    def _take_back(self, k: int, today: Today, until: int, lives: np.ndarray) -> None:
        """Live once more as it was, and subtract: the tallies are as if it had not been."""
        tallies = {name: getattr(self.shards[k], name) for name in TALLIES}
        taken_back = {name: np.zeros_like(tally) for name, tally in tallies.items()}
        self.shards[k].ends[BACK] = 1
        self.shards[k] = self.shards[k]._replace(**taken_back)
        self._advance(k, today, until, lives)
        self.shards[k].ends[BACK] = 0
        self.shards[k] = self.shards[k]._replace(**tallies)
        for name, tally in tallies.items():
            tally -= taken_back[name]

    def close_up(self) -> None:
        """Leave no holes in the pools."""

        def close(k: int) -> None:
            for pool in POOLS:
                close_up(self.shards, k, pool)

        self._each_position(close, range(len(self.shards)))

    # What is kept of those who ask for what is shared

    def begin_window(self) -> None:
        """Nobody has asked yet."""
        self.shards = [begin_window(shard) for shard in self.shards]

    def requests(self) -> tuple[np.ndarray, Callable[[np.ndarray], Iterator[tuple[np.ndarray, np.ndarray]]]]:
        """All requests of the window, and how to cut an array beside them into those of the shards, each with its requests.

        Those of lives that were taken back are still among them, void.
        """
        pieces = [np.asarray(shard.asks.requests[: shard.ends[REQUEST_END]]) for shard in self.shards]
        cuts = np.cumsum([len(piece) for piece in pieces])[:-1]
        return pieces[0] if len(pieces) == 1 else joined_rows(pieces), lambda beside: zip(pieces, np.split(beside, cuts))

    def take_tally(self, name: str) -> np.ndarray:
        """The sum over shards of a tally, which begins anew."""
        total = self.total(name)
        for shard in self.shards:
            getattr(shard, name)[...] = 0
        return total

    def make_taken_room(self, things: int) -> None:
        """Have a row of what is taken of each thing."""
        for k, shard in enumerate(self.shards):
            if len(shard.taken) != things:
                self.shards[k] = shard._replace(taken=np.zeros((things, TALLIED), np.int64))

    def make_benefit_room(self, benefits: int, groups: int) -> None:
        """Have a row of what became of each benefit, and of what each relation has of them, or was when groups ask."""
        for k, shard in enumerate(self.shards):
            tally = np.zeros((benefits, len(BENEFIT_FIGURES)), np.int64)
            of_past = min(benefits, len(shard.benefits))  # those of another run that had the same past are none of ours
            tally[:of_past] = shard.benefits[:of_past]
            least = max(
                len(shard.relations), len(shard.loyalty), 1
            )  # so that, where there are no relations yet, it is kept too
            loyalty = LOYALTY.rows(least if benefits or groups else 0)
            if len(loyalty):
                loyalty[: len(shard.loyalty)] = shard.loyalty
            self.shards[k] = as_kernel_reads(shard._replace(benefits=tally, loyalty=loyalty))

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
        """Have a row of figures for so many tasks that are under way."""
        for k, shard in enumerate(self.shards):
            if tasks > len(shard.tasks):
                rows = np.zeros((tasks, shard.tasks.shape[1]), np.int64)
                rows[: len(shard.tasks)] = shard.tasks
                self.shards[k] = shard._replace(tasks=rows)

    def make_plan_room(self, fresh: list[int]) -> None:
        """Have bits for whom plans have reached, those named by `fresh` with nobody in them."""
        if not fresh:
            return
        words = max(fresh) // PLANS_A_WORD + 1
        others = np.full(words, ~np.uint64(0))
        for plan in fresh:
            others[plan // PLANS_A_WORD] &= ~np.uint64(1 << plan % PLANS_A_WORD)
        for k, shard in enumerate(self.shards):
            missing = words - len(shard.reached)
            if missing > 0:
                more = np.zeros((missing, len(shard.consumers)), np.uint64)
                self.shards[k] = shard._replace(reached=np.concatenate([shard.reached, more]))
            self.shards[k].reached[:words] &= others[:, np.newaxis]

    def total(self, name: str) -> np.ndarray:
        """The sum over shards of one of their arrays of integers."""
        return sum_of(getattr(shard, name) for shard in self.shards)

    def take_log(self) -> Iterator[np.ndarray]:
        """The rows that were logged since the last call, a piece per shard."""
        for shard in self.shards:
            rows = shard.log[: shard.ends[LOG_END]]
            yield rows[rows["kind"] != VOID]
            shard.ends[LOG_END] = 0

    def close(self) -> None:
        """Let the threads go, and the room for copies of who asks."""
        self.shards = [as_kernel_reads(shard._replace(asks=no_asks(shard._asdict()))) for shard in self.shards]
        if self._pool is not None:
            self._pool.shutdown()


def sum_of(arrays: Iterable[np.ndarray]) -> np.ndarray:
    """The sum of arrays of one shape, at least one, as a new array."""
    first, *others = arrays
    total = np.array(first)
    for array in others:
        total += array
    return total
