"""Where runs are done. An executor takes tasks and gives what came of them as they finish; a cluster plugs in here."""

from __future__ import annotations

import gc
import importlib
import os
import signal
import threading
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import contextmanager, suppress
from typing import Any, Protocol, Self, TypeVar

import joblib
from joblib.externals.loky.backend import get_context
from joblib.externals.loky.process_executor import BrokenProcessPool, ProcessPoolExecutor

Task = TypeVar("Task")
Row = TypeVar("Row")

LOOK_EVERY = 0.2  # s, by a process for the one that started it
READY = "sim.results.ready"  # the module that a process needs which does runs


def cores() -> int:
    """Those that this process may use."""
    return int(joblib.cpu_count())


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

    Each worker is a pool of one process: a process that dies breaks its own pool only. First of all it imports `module`, which
    its tasks will need. Processes can be started before there are tasks; leaving the context ends those that are still waiting
    for one. `meanwhile` is called once, when all have their first task.
    """

    def __init__(self, workers: int, module: str | None = None, meanwhile: Callable[[], None] | None = None) -> None:
        self.workers, self.module, self.meanwhile = workers, module, meanwhile
        self._ahead: list[Any] = []

    def start(self, processes: int) -> Self:
        """Start so many of the processes at once."""
        self._ahead += [_one_process(self.module) for _ in range(min(processes, self.workers))]
        return self

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        _end(self._ahead)
        self._ahead.clear()

    def run(
        self, work: Callable[[Task], Row], tasks: Mapping[int, Task], begun: Callable[[int], None]
    ) -> Generator[tuple[int, Row | Lost | Exception], None, None]:
        """See `Executor`."""
        waiting = iter(tasks.items())
        busy: dict[Future[Row], tuple[int, Any]] = {}
        pools = [self._ahead.pop() if self._ahead else _one_process(self.module) for _ in range(min(self.workers, len(tasks)))]
        idle = list(pools)
        try:
            while True:
                while idle and (given := next(waiting, None)) is not None:
                    number, task = given
                    begun(number)
                    pool = idle.pop()
                    try:
                        busy[pool.submit(_hearing_interrupts, work, task)] = number, pool
                    except BrokenProcessPool:  # it died before its first task
                        idle.append(self._in_place_of(pool, pools))
                        yield number, Lost()
                if not busy:
                    return
                if self.meanwhile is not None:
                    self.meanwhile()
                    self.meanwhile = None
                for future in wait(busy, return_when=FIRST_COMPLETED).done:
                    number, pool = busy.pop(future)
                    came: Row | Lost | Exception
                    try:
                        came = future.result()
                    except BrokenProcessPool:
                        came = Lost()
                        pool = self._in_place_of(pool, pools)
                    except Exception as fault:
                        came = fault
                    idle.append(pool)
                    yield number, came
        finally:
            _end(pools)

    def _in_place_of(self, broken: Any, pools: list[Any]) -> Any:
        """A new pool, among `pools`, for one whose process has died."""
        pools.remove(broken)
        _end([broken])
        pools.append(_one_process(self.module))
        return pools[-1]


def _one_process(module: str | None) -> Any:
    """A pool of its own, its process started: the shared one of joblib must not be used from several threads.

    Loky ends a process that holds 300 MB more after a task than after its first, for it may leak. So the first is no run but
    this one, and comes after the import.
    """
    pool = ProcessPoolExecutor(max_workers=1, context=get_context("loky"), initializer=_begin, initargs=(os.getpid(), module))
    with _interrupts_held():
        pool.submit(os.getpid)
    return pool


def _end(pools: list[Any]) -> None:
    """End processes, whatever they are doing."""
    for pool in pools:
        pool.shutdown(wait=True, kill_workers=True)


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """A process that is started meanwhile is interrupted only when it lets that happen: not amid its first imports."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _hearing_interrupts(work: Callable[[Task], Row], task: Task) -> Row:
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    return work(task)


def _begin(parent: int, module: str | None) -> None:
    """Have this process end when the one that started it has ended, however: else it would go on with what nobody waits for.

    And import the module, if one is given.
    """

    def look() -> None:
        while os.getppid() == parent:
            time.sleep(LOOK_EVERY)
        os._exit(1)

    threading.Thread(target=look, daemon=True).start()
    if module is not None:
        gc.disable()  # nothing of what is imported is ever garbage, to look for it is a tenth of the time
        with suppress(Exception):  # the task that needs it will say what is wrong
            importlib.import_module(module)
        gc.enable()
