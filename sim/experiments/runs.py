"""Many runs on the cores of this machine: each is a task, each gives a row, and what goes wrong stays in its row."""

from __future__ import annotations

import json
import shutil
import sys
import time
import traceback
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, as_completed
from contextlib import suppress
from dataclasses import dataclass, field
from numbers import Integral, Real
from pathlib import Path
from typing import Any, Protocol

import joblib
from joblib.externals.loky.backend import get_context
from joblib.externals.loky.process_executor import BrokenProcessPool, ProcessPoolExecutor
from tqdm import tqdm

from sim import cache
from sim.errors import BadInput
from sim.experiments.groups import Sums, sums_of

PLAIN_LINE_EVERY = 20.0
"""Seconds between lines of progress where there is no terminal to draw a bar on."""


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


@dataclass(frozen=True)
class Row:
    """What came of a task. `bad_input`: the fault lies in what the person gave, not in the program.

    `totals` are those of the run's summary, `groups` the same by merchant, industry and segment.
    """

    arm: str
    replication: int
    seed: int
    totals: dict[str, int | float] = field(default_factory=dict)
    acted: dict[str, int] = field(default_factory=dict)
    groups: Sums = field(default_factory=dict)
    seconds: float = 0.0
    error: str | None = None
    trace: str = ""
    bad_input: bool = False


def cores() -> int:
    """Those that this process may use."""
    return int(joblib.cpu_count())


def run_all(
    tasks: Sequence[Task],
    runner: Runner | None = None,
    jobs: int = 1,
    progress: bool = True,
    keep: Callable[[Task, Row], None] | None = None,
) -> list[Row]:
    """One row per task, in the order of the tasks. `runner` defaults to `sim.results.run.run`.

    `keep` is called with each task and its row as it comes. A folder that holds the same run, finished or not, is gone on
    with.
    """
    rows: dict[int, Row] = {}
    with _Progress(len(tasks), progress) as bar:

        def note(number: int, row: Row) -> None:
            rows[number] = row
            if keep is not None:
                keep(tasks[number], row)
            bar.step()

        cold = runner is None and not cache.is_warm()
        if cold and progress:
            print("compiling the kernel, once after each installation: about 20 s", file=sys.stderr, flush=True)
        left = dict(enumerate(tasks))
        if jobs == 1:
            for number, task in left.items():
                note(number, _run(task, runner))
        else:
            if cold:  # one process compiles for all
                left |= _one_pool({0: left.pop(0)}, runner, 1, note)
            _in_processes(left, runner, jobs, note)
    return [rows[number] for number in range(len(tasks))]


def check_memory(scenarios: Sequence[Any], jobs: int, threads: int, events: str) -> None:
    """Refuse, by BadInput, so many runs at a time of these scenarios where they do not fit into memory."""
    from sim.results import memory

    sizes = [memory.needed(scenario, threads, None, events) for scenario in scenarios]
    memory.check(sizes * jobs, jobs)


def _run(task: Task, runner: Runner | None) -> Row:
    """Never raises, so that one bad run costs no other."""
    started = time.perf_counter()
    try:
        run_one = runner or _resuming
        scenario = task.scenario if task.values is None else task.scenario.with_values(task.values)
        run = run_one(scenario, seed=task.seed, out=task.folder, events=task.events, threads=task.threads)
        return Row(
            task.arm,
            task.replication,
            task.seed,
            totals={name: _plain(value) for name, value in run.summary["totals"].items() if _is_number(value)},
            acted=dict(run.summary.get("acted", {})),
            groups=sums_of(run, task.folder),
            seconds=time.perf_counter() - started,
        )
    except Exception as fault:
        if _is_interrupt(fault):
            raise KeyboardInterrupt from fault
        bad_input = isinstance(fault, BadInput)
        return Row(
            task.arm,
            task.replication,
            task.seed,
            seconds=time.perf_counter() - started,
            error=str(fault) if bad_input else f"{type(fault).__name__}: {fault}",
            trace=traceback.format_exc(),
            bad_input=bad_input,
        )


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


def _in_processes(tasks: dict[int, Task], runner: Runner | None, jobs: int, keep: Callable[[int, Row], None]) -> None:
    """A process that dies takes all that waits with it: run that again, in the end one by one, to see whose fault."""
    left = tasks
    for _ in range(2):
        left = _one_pool(left, runner, jobs, keep)
    for number, task in left.items():
        if _one_pool({number: task}, runner, 1, keep):
            keep(number, Row(task.arm, task.replication, task.seed, error="its process died (out of memory?)"))


def _one_pool(tasks: dict[int, Task], runner: Runner | None, jobs: int, keep: Callable[[int, Row], None]) -> dict[int, Task]:
    """The tasks that did not come back because a process died; what they had written is removed."""
    left = dict(tasks)
    if not left:
        return left
    # A pool of its own: the shared one of joblib must not be used from several threads.
    pool = ProcessPoolExecutor(max_workers=min(jobs, len(left)), context=get_context("loky"))
    try:
        numbers: dict[Future[Row], int] = {}
        with suppress(BrokenProcessPool):
            for number, task in left.items():
                numbers[pool.submit(_run, task, runner)] = number
        for future in as_completed(numbers):
            number = numbers[future]
            try:
                row = future.result()
            except BrokenProcessPool:
                continue
            except Exception as fault:  # a scenario that cannot be sent to a process
                task = tasks[number]
                row = Row(task.arm, task.replication, task.seed, error=f"{type(fault).__name__}: {fault}")
            keep(number, row)
            del left[number]
    finally:
        pool.shutdown(wait=True, kill_workers=bool(left))
    for task in left.values():
        if task.folder is not None:
            shutil.rmtree(task.folder, ignore_errors=True)
    return left


class _Progress:
    """A bar with the time left; without a terminal, a plain line now and then."""

    def __init__(self, total: int, shown: bool) -> None:
        self.total, self.done, self.shown = total, 0, shown
        self.started = self.last = time.monotonic()  # the first run may hold the compilation: no guide to the others
        self.bar = tqdm(total=total, unit="run", desc="compare", disable=None if shown else True)

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
            print(f"compare: {self.done} of {self.total} runs, about {left:.0f} s left", file=sys.stderr, flush=True)
