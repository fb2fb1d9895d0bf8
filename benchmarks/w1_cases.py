"""Who runs W1, at what sizes, and what is made of the counts: those of exact engines agree, an approximation has errors."""

from __future__ import annotations

from typing import NamedTuple

from benchmarks import w1
from benchmarks.agreement import differences, relative_errors
from benchmarks.measure import SEED, Case, Size, Workload, fresh
from benchmarks.rows import Row, rate

DAYS = 365
SIZES: dict[Size, tuple[int, ...]] = {
    "quick": (2_000,),
    "usual": (2_000, 20_000),
    "full": (2_000, 20_000, 1_000_000),
}
REFERENCE = "simpy"  # what rates are ratios to and counts are compared with


class Implementation(NamedTuple):
    """One engine's version of W1, which is run up to a size; `exact` is whether it keeps the order of events."""

    name: str
    module: str
    engine: str
    threads: tuple[int, ...] = ()  # that it is run with, if it has a choice
    most: int = 10_000_000
    most_full: int = 10_000_000
    exact: bool = True


IMPLEMENTATIONS = (
    Implementation(REFERENCE, "benchmarks.w1_simpy", "simpy", most=20_000, most_full=20_000),
    Implementation("salabim", "benchmarks.w1_salabim", "salabim", most=2_000, most_full=20_000),
    Implementation("mesa", "benchmarks.w1_mesa", "mesa", most=2_000, most_full=20_000),
    Implementation("numpy-day-step", "benchmarks.w1_numpy", "numpy", exact=False),
    Implementation("sim", "benchmarks.w1_sim", "sim", threads=(1, 2)),
    Implementation("bare-kernel", "benchmarks.w1_ceiling", "numba", threads=(1, 2)),
)
APPROXIMATIONS = {one.name for one in IMPLEMENTATIONS if not one.exact}


def cases(size: Size) -> list[list[Case]]:
    """A group per number of consumers."""
    return [
        [
            Case(title(one, consumers, threads), w1.run, (one.module, consumers, *threads, DAYS, SEED), one.engine)
            for one in IMPLEMENTATIONS
            if consumers <= (one.most_full if size == "full" else one.most)
            for threads in ([(number,) for number in one.threads] or [()])
        ]
        for consumers in SIZES[size]
    ]


def title(one: Implementation, consumers: int, threads: tuple[int, ...]) -> str:
    return f"W1 {one.name}, {consumers:,} consumers" + "".join(f", threads {number}" for number in threads)


def conclude(rows: list[Row]) -> None:
    """Note in each row its ratio to the reference, at what size, and what its counts are against the exact ones."""
    from benchmarks.w1_ceiling import spread

    if not rows:
        return
    variances = fresh(spread, DAYS)
    for row in rows:
        reference = of(rows, REFERENCE, row["consumers"])
        if reference is not None:
            row["details"]["ratio"] = {"times": rate(row) / rate(reference), "at_consumers": reference["consumers"]}
        if row["implementation"] in APPROXIMATIONS:
            exact = of(rows, "sim", row["consumers"]) or reference
            if exact is not None:
                row["details"]["errors"] = relative_errors(row, exact, variances)
        elif reference is not None and row is not reference:
            row["details"]["differences"] = differences(row, reference, variances)


def of(rows: list[Row], implementation: str, consumers: int) -> Row | None:
    """An implementation's first row of this size, or of its largest size below."""
    those = [row for row in rows if row["implementation"] == implementation and row["consumers"] <= consumers]
    return max(those, key=lambda row: row["consumers"], default=None)


WORKLOAD = Workload("W1", cases, conclude)
