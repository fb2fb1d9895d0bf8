"""Where runs are done. An executor takes tasks and gives what came of them as they finish; a cluster plugs in here."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Generator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, wait
from typing import Any, Protocol, TypeVar

from joblib.externals.loky.backend import get_context
from joblib.externals.loky.process_executor import BrokenProcessPool, ProcessPoolExecutor

Task = TypeVar("Task")
Row = TypeVar("Row")

LOOK_EVERY = 0.2  # s, by a process for the one that started it


class Lost(Exception):  # noqa: N818 - says what became of a task
    """The process that did a task died (out of memory?)."""


class Executor(Protocol):
    """Does work on tasks."""

    def run(
        self, work: Callable[[Task], Row], tasks: Mapping[int, Task], begun: Callable[[int], None]
    ) -> Generator[tuple[int, Row | Lost | Exception], None, None]:
        """What `work` gives for every task, by its number, as it finishes; `begun` is called when one is about to start.

        `work` catches its own errors. `Lost` is given for a task whose process died, which costs no other task; any other
        exception for one that cannot be sent to another process. An interrupt of the work is raised here. Closing the
        generator ends what is being done.
        """
        ...


class InThisProcess:
    """One task after another, here."""

    def run(
        self, work: Callable[[Task], Row], tasks: Mapping[int, Task], begun: Callable[[int], None]
    ) -> Generator[tuple[int, Row | Lost | Exception], None, None]:
        """See `Executor`."""
        for number, task in tasks.items():
            begun(number)
            yield number, work(task)


class LocalProcesses:
    """As many tasks at a time as there are `workers`, each in a process of its own that goes on to the next task.

    Each worker is a pool of one process: a process that dies breaks its own pool only.
    """

    def __init__(self, workers: int) -> None:
        self.workers = workers

    def run(
        self, work: Callable[[Task], Row], tasks: Mapping[int, Task], begun: Callable[[int], None]
    ) -> Generator[tuple[int, Row | Lost | Exception], None, None]:
        """See `Executor`."""
        waiting = iter(tasks.items())
        busy: dict[Future[Row], tuple[int, Any]] = {}
        pools = [_one_process() for _ in range(min(self.workers, len(tasks)))]
        idle = list(pools)
        try:
            while True:
                while idle and (given := next(waiting, None)) is not None:
                    number, task = given
                    begun(number)
                    pool = idle.pop()
                    busy[pool.submit(work, task)] = number, pool
                if not busy:
                    return
                for future in wait(busy, return_when=FIRST_COMPLETED).done:
                    number, pool = busy.pop(future)
                    came: Row | Lost | Exception
                    try:
                        came = future.result()
                    except BrokenProcessPool:
                        came = Lost()
                        pools.remove(pool)
                        pool.shutdown(wait=True, kill_workers=True)
                        pool = _one_process()
                        pools.append(pool)
                    except Exception as fault:
                        came = fault
                    idle.append(pool)
                    yield number, came
        finally:
            for pool in pools:
                pool.shutdown(wait=True, kill_workers=bool(busy))


def _one_process() -> Any:
    # A pool of its own: the shared one of joblib must not be used from several threads.
    return ProcessPoolExecutor(max_workers=1, context=get_context("loky"), initializer=_end_with, initargs=(os.getpid(),))


def _end_with(parent: int) -> None:
    """End this process when the one that started it has ended, however: else it would go on with what nobody waits for."""

    def look() -> None:
        while os.getppid() == parent:
            time.sleep(LOOK_EVERY)
        os._exit(1)

    threading.Thread(target=look, daemon=True).start()
