"""How a workload is measured: each run in a process of its own, repeats of all its cases in turn, the median kept."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from importlib.util import find_spec
from multiprocessing import get_context
from typing import Literal, NamedTuple, TypeVar

from benchmarks.rows import Row

REPEATS = 3
SEED = 7

Size = Literal["quick", "usual", "full"]
T = TypeVar("T")


class Case(NamedTuple):
    """One thing to measure: `run(*arguments)` answers its rows. It is skipped where `needs`, a module, is absent."""

    title: str
    run: Callable[..., list[Row]]
    arguments: tuple[object, ...]
    needs: str = "sim"
    repeats: int = REPEATS


class Workload(NamedTuple):
    """`cases` come in groups that are measured in turn, `conclude` adds to the rows what only all of them tell."""

    name: str
    cases: Callable[[Size], list[list[Case]]]
    conclude: Callable[[list[Row]], None] = lambda rows: None


def measure(groups: Sequence[Sequence[Case]], failures: list[str]) -> list[Row]:
    """The rows of all cases. The repeats of a group are interleaved, so that a busy minute of the machine hits them all."""
    absent = {case.needs for group in groups for case in group if find_spec(case.needs) is None}
    for module in sorted(absent):
        note(f"{module} is not installed, its rows are skipped: `pip install '.[peers]'`")
    measured: list[Row] = []
    for group in groups:
        runs: dict[Case, list[list[Row]]] = {case: [] for case in group if case.needs not in absent}
        for repeat in range(max((case.repeats for case in runs), default=0)):
            for case, done in runs.items():
                if not len(done) == repeat < case.repeats:  # it failed, or is not repeated so often
                    continue
                try:
                    rows = fresh(case.run, *case.arguments)
                except Exception as error:
                    failures.append(f"{case.title}: failed: {error!r}")
                    continue
                done.append(rows)
                seconds = sum(row["seconds"] for row in rows)
                note(f"{case.title}, run {repeat + 1} of {case.repeats}: {seconds:.2f} s")
        for done in runs.values():
            measured += middles(done)
    return measured


def middles(runs: Sequence[Sequence[Row]]) -> Iterator[Row]:
    """Of each measurement the run of median time."""
    for repeats in zip(*runs):
        in_order = sorted(repeats, key=lambda row: row["seconds"])
        middle = in_order[len(in_order) // 2]
        yield middle | {"seconds_of_runs": sorted(s for row in repeats for s in row["seconds_of_runs"])}


def fresh(function: Callable[..., T], *arguments: object) -> T:
    """What `function` returns in a new process of its own."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(function, *arguments).result()


def note(line: str) -> None:
    """Progress goes to where it does not mix with the tables."""
    print(line, file=sys.stderr, flush=True)
