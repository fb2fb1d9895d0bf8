"""Where runs are done. An executor takes tasks and gives what came of them as they finish; a cluster plugs in here."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager, suppress
from multiprocessing.connection import Pipe, wait
from typing import Any, Protocol, Self, TypeVar

import cloudpickle

from sim.experiments.worker import Fault

Task = TypeVar("Task")
Row = TypeVar("Row")


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

    Processes can be started before there are tasks; leaving the context ends those that are still waiting for one.
    `meanwhile` is called once, when all have their first task.
    """

    def __init__(self, workers: int, meanwhile: Callable[[], None] | None = None) -> None:
        self.workers, self.meanwhile = workers, meanwhile
        self._ahead: list[_Worker] = []

    def start(self, processes: int, module: str) -> Self:
        """Start so many of the processes at once, and let them import the module that their tasks will need."""
        self._ahead += [_Worker(module) for _ in range(min(processes, self.workers))]
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
        idle = [self._ahead.pop() if self._ahead else _Worker() for _ in range(min(self.workers, len(tasks)))]
        busy: dict[int, _Worker] = {}
        try:
            while True:
                while idle and (given := next(waiting, None)) is not None:
                    number, task = given
                    begun(number)
                    try:
                        message = cloudpickle.dumps((work, task))
                    except Exception as fault:
                        yield number, fault
                        continue
                    busy[number] = idle.pop()
                    busy[number].give(message)
                if not busy:
                    return
                if self.meanwhile is not None:
                    self.meanwhile()
                    self.meanwhile = None
                ready = wait([worker.pipe for worker in busy.values()])
                for number in [number for number, worker in busy.items() if worker.pipe in ready]:
                    came: Row | Lost | Exception = busy[number].answer()
                    worker = busy.pop(number)
                    if isinstance(came, Lost):
                        _end([worker])
                        worker = _Worker()
                    idle.append(worker)
                    yield number, came
        finally:
            _end([*idle, *busy.values()])


class _Worker:
    """A process that does one task after another, and this end of the socket between us."""

    def __init__(self, ahead: str | None = None) -> None:
        self.pipe, other = Pipe()
        as_here = f"import sys; sys.path, sys.argv = {list(map(str, sys.path))}, {sys.argv}"
        serve = f"from sim.experiments.worker import serve; serve({other.fileno()}, {ahead!r})"
        command = [sys.executable, "-X", "faulthandler", "-c", f"{as_here}; {serve}"]
        with other, _interrupts_held():
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, pass_fds=[other.fileno()])

    def give(self, message: bytes) -> None:
        with suppress(OSError):  # it has died, which its answer says
            self.pipe.send_bytes(message)

    def answer(self) -> Any:
        """What came of the task. Raises what was raised there if that is no `Exception`, as an interrupt."""
        try:
            came = cloudpickle.loads(self.pipe.recv_bytes())
        except (EOFError, OSError):
            return Lost()
        except Exception as fault:
            return fault
        if not isinstance(came, Fault):
            return came
        if not isinstance(came.raised, Exception):
            raise came.raised
        return came.raised


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """A process that is started meanwhile is interrupted only when it lets that happen: not amid its first imports."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _end(workers: list[_Worker]) -> None:
    """End processes, whatever they are doing: they do when they find themselves alone."""
    for worker in workers:
        worker.pipe.close()
    for worker in workers:
        worker.process.wait()
