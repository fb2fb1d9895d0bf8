"""What there is to run: the workloads, and who runs them."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from typing import NamedTuple

from benchmarks import w1

Run = Callable[[int, int, int, int], w1.Row]  # of (consumers, threads, days, seed)


class Workload(NamedTuple):
    """How large a workload is run; `spread(days)` is the variance of each count of a run, per consumer."""

    name: str
    days: int
    quick: tuple[int, ...]
    usual: tuple[int, ...]
    full: tuple[int, ...]
    spread: Callable[[int], dict[str, float]]


class Implementation(NamedTuple):
    """One engine's version of a workload; it is skipped where its module is absent and above `most` consumers."""

    name: str
    workload: str
    module: str
    run: Run
    threads: tuple[int, ...] = (1,)
    most: int = 10_000_000

    @property
    def there(self) -> bool:
        return find_spec(self.module) is not None


# The engines are imported where they are run, so that none is in the memory of another.
def w1_spread(days: int) -> dict[str, float]:
    from benchmarks.w1_ceiling import spread

    return spread(days)


def w1_simpy(consumers: int, _threads: int, days: int, seed: int) -> w1.Row:
    from benchmarks.w1_simpy import run

    return run(consumers, days, seed)


def w1_ceiling(consumers: int, threads: int, days: int, seed: int) -> w1.Row:
    from benchmarks.w1_ceiling import run

    return run(consumers, threads, days, seed)


def w1_sim(consumers: int, threads: int, days: int, seed: int) -> w1.Row:
    row: w1.Row = import_module("benchmarks.w1_sim").run(consumers, threads, days, seed)
    return row


REFERENCE = "simpy"  # what rates are ratios to and counts are compared with

WORKLOADS = (Workload("W1", 365, (2_000,), (2_000, 20_000), (2_000, 20_000, 1_000_000), w1_spread),)

IMPLEMENTATIONS = (
    Implementation(REFERENCE, "W1", "benchmarks.w1_simpy", w1_simpy, most=20_000),
    Implementation("sim", "W1", "benchmarks.w1_sim", w1_sim, threads=(1, 2)),
    Implementation("bare-kernel", "W1", "benchmarks.w1_ceiling", w1_ceiling, threads=(1, 2)),
)
