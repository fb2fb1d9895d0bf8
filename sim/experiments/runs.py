"""Many runs on the cores of this machine: each is a task, each gives a row, and what goes wrong stays in its row."""

from __future__ import annotations

import json
import shutil
import sys
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from functools import partial
from numbers import Integral, Real
from pathlib import Path
from typing import Any, Protocol

from tqdm import tqdm

from sim import cache
from sim.errors import BadInput
from sim.experiments.executor import READY, Executor, InThisProcess, LocalProcesses, Lost
from sim.experiments.groups import Sums, sums_of
from sim.results.peak import forget_peak, peak_bytes

PLAIN_LINE_EVERY = 20.0
"""Seconds between lines of progress where there is no terminal to draw a bar on."""


class Interrupted(KeyboardInterrupt):
    """Many runs were interrupted; their folder holds what finished, and they can be resumed."""


class HasSummary(Protocol):
    """What is needed of a run."""

    @property
    def summary(self) -> Mapping[str, Any]: ...


Runner = Callable[..., HasSummary]
"""Called as `runner(scenario, seed=int, out=Path | None, events=str, threads=int)`."""


@dataclass(frozen=True)
class Task:
    """`replication` is the number of a replication or of an assumption draw.

    A draw's `values` are laid over the scenario, and without a `folder` nothing but the row is left of a run.
    """

    arm: str
    replication: int
    scenario: Any
    seed: int
    folder: Path | None
    events: str = "none"
    threads: int = 1
    values: Mapping[str, Any] | None = None

    @property
    def whole_scenario(self) -> Any:
        """The scenario with the values laid over it."""
        return self.scenario if self.values is None else self.scenario.with_values(self.values)


@dataclass(frozen=True)
class Row:
    """What came of a task. `bad_input`: the fault lies in what the person gave, not in the program.

    `totals` are those of the run's summary, `groups` the same by merchant, industry and segment. `peak_bytes` is the most
    memory that its process held meanwhile (where the system cannot tell: ever), `place` where an `error` lies.
    """

    arm: str
    replication: int
    seed: int
    totals: dict[str, int | float] = field(default_factory=dict)
    acted: dict[str, int] = field(default_factory=dict)
    groups: Sums = field(default_factory=dict)
    seconds: float = 0.0
    peak_bytes: int = 0
    error: str | None = None
    place: str = ""
    trace: str = ""
    bad_input: bool = False


def run_all(
    tasks: Sequence[Task],
    runner: Runner | None = None,
    jobs: int = 1,
    progress: bool = True,
    keep: Callable[[Task, Row], None] | None = None,
    *,
    begun: Callable[[Task], None] | None = None,
    executor: Executor | None = None,
    name: str = "compare",
) -> list[Row]:
    """One row per task, in the order of the tasks. `runner` defaults to `sim.results.run.run`.

    `begun` is called with each task that is about to start, `keep` with each and its row as it comes. A folder that holds
    the same run, finished or not, is gone on with. By default `jobs` local processes are the `executor`.
    """
    executor = executor or (InThisProcess() if jobs == 1 else LocalProcesses(jobs, READY))
    rows: dict[int, Row] = {}
    lost: dict[int, Task] = {}
    with _Progress(len(tasks), progress, name) as bar:

        def note(number: int, row: Row) -> None:
            rows[number] = row
            if keep is not None:
                keep(tasks[number], row)
            bar.step()

        def do(some: Mapping[int, Task]) -> None:
            with closing(executor.run(partial(_run, runner=runner), some, begin)) as finished:
                for number, came in finished:
                    if isinstance(came, Lost):
                        lost[number] = tasks[number]
                    else:
                        note(number, _failed(tasks[number], came) if isinstance(came, Exception) else came)

        def begin(number: int) -> None:
            if begun is not None:
                begun(tasks[number])

        cold = runner is None and not cache.is_warm()
        if cold and progress:
            print(cache.COMPILING, file=sys.stderr, flush=True)
        left = dict(enumerate(tasks))
        if cold and left:  # one process compiles for all
            do({0: left.pop(0)})
        do(left)
        again, lost = lost, {}
        for number, task in again.items():  # by itself: memory that others held is free, and it is seen whose fault it was
            _remove(task)
            do({number: task})
        for number, task in lost.items():
            _remove(task)
            note(number, Row(task.arm, task.replication, task.seed, error="its process died (out of memory?)"))
    return [rows[number] for number in range(len(tasks))]


def check_memory(scenarios: Sequence[Any], jobs: int, threads: int, events: str) -> None:
    """Refuse, by BadInput, so many runs at a time of these scenarios where they do not fit into memory."""
    from sim.results import memory

    sizes = [memory.needed(scenario, threads, None, events) for scenario in scenarios]
    memory.check(sizes * jobs, jobs)


def _remove(task: Task) -> None:
    """What a process had written that died."""
    if task.folder is not None:
        shutil.rmtree(task.folder, ignore_errors=True)


def _run(task: Task, runner: Runner | None) -> Row:
    """Never raises, so that one bad run costs no other."""
    started = time.perf_counter()
    forget_peak()
    try:
        run_one = runner or _resuming
        run = run_one(task.whole_scenario, seed=task.seed, out=task.folder, events=task.events, threads=task.threads)
        return Row(
            task.arm,
            task.replication,
            task.seed,
            totals={name: _plain(value) for name, value in run.summary["totals"].items() if _is_number(value)},
            acted=dict(run.summary.get("acted", {})),
            groups=sums_of(run, task.folder),
            seconds=time.perf_counter() - started,
            peak_bytes=peak_bytes(),
        )
    except Exception as fault:
        if _is_interrupt(fault):
            raise KeyboardInterrupt from fault
        return replace(_failed(task, fault), seconds=time.perf_counter() - started, peak_bytes=peak_bytes())


def _failed(task: Task, fault: Exception) -> Row:
    bad_input = isinstance(fault, BadInput)
    return Row(
        task.arm,
        task.replication,
        task.seed,
        error=str(fault) if bad_input else f"{type(fault).__name__}: {fault}",
        place=_place(fault),
        trace="".join(traceback.format_exception(fault)),
        bad_input=bad_input,
    )


def _place(fault: Exception) -> str:
    """Where it lies: in what the person gave, else in the source."""
    if isinstance(fault, BadInput):
        file, line, column = fault.problems[0][1:]
        return f"{file}:{line}:{column}" if line else file
    frames = traceback.extract_tb(fault.__traceback__)
    return f"{frames[-1].filename}:{frames[-1].lineno}" if frames else ""


def _is_interrupt(fault: Exception) -> bool:
    """Whether a run was stopped by the person, who then means all of them."""
    module = sys.modules.get("sim.results.run")
    return module is not None and isinstance(fault, module.Interrupted)


def _resuming(scenario: Any, *, seed: int, out: Path | None, events: str, threads: int) -> HasSummary:
    """The run of a scenario, or what is left to do of it: what a folder holds of another run gives way."""
    from sim.results.run import resume, run  # compiles: only where something is run

    if out is not None and out.exists():
        try:
            state = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
        except (OSError, ValueError):
            state = {}
        if (state.get("scenario_hash"), state.get("seed"), state.get("events")) == (scenario.hash, seed, events):
            return resume(out, threads)
        shutil.rmtree(out)
    return run(scenario, seed, out, events, threads)


def _is_number(value: object) -> bool:
    return isinstance(value, Real) and not isinstance(value, bool)


def _plain(value: Real) -> int | float:
    """Without NumPy's types, which JSON does not know."""
    return int(value) if isinstance(value, Integral) else float(value)


class _Progress:
    """A bar with the time left; without a terminal, a plain line now and then."""

    def __init__(self, total: int, shown: bool, name: str) -> None:
        self.total, self.done, self.shown, self.name = total, 0, shown, name
        self.started = self.last = time.monotonic()  # the first run may hold the compilation: no guide to the others
        self.bar = tqdm(total=total, unit="run", desc=name, disable=None if shown else True)

    def __enter__(self) -> _Progress:
        return self

    def __exit__(self, *_: object) -> None:
        self.bar.close()

    def step(self) -> None:
        self.done += 1
        self.bar.update()
        now = time.monotonic()
        if self.done == 1:
            self.started = self.last = now
        elif self.shown and self.bar.disable and now - self.last > PLAIN_LINE_EVERY and self.done < self.total:
            self.last = now
            left = (now - self.started) / (self.done - 1) * (self.total - self.done)
            print(f"{self.name}: {self.done} of {self.total} runs, about {left:.0f} s left", file=sys.stderr, flush=True)
