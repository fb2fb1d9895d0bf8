"""Run every workload by every implementation and set the results side by side: `python -m benchmarks`."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from typing import TypeVar

from benchmarks.agreement import differences
from benchmarks.registry import IMPLEMENTATIONS, REFERENCE, WORKLOADS, Workload
from benchmarks.w1 import Row

REPEATS = 3
SEED = 7
BUSY = 0.5  # processes running or waiting to run, over the last minute, before we start
RESULTS = Path(__file__).parent / "results" / "latest.json"

T = TypeVar("T")


class Series(list[Row]):
    """The repeats of one measurement."""

    @property
    def middle(self) -> Row:
        """The run of median time."""
        return sorted(self, key=lambda row: row["seconds"])[len(self) // 2]

    @property
    def rate(self) -> float:
        """Events per second."""
        return self.middle["events"] / self.middle["seconds"]


def main(arguments: list[str] | None = None) -> int:
    options = parse(arguments)
    workloads = [workload for workload in WORKLOADS if not options.only or workload.name in options.only]
    load = os.getloadavg()[0]
    if load > BUSY:
        note(f"the machine is busy (load {load:.1f}): the figures will be low, and those of several threads lowest")
    failures: list[str] = []
    rows: list[Row] = []
    for workload in workloads:
        sizes = workload.quick if options.quick else workload.full if options.full else workload.usual
        measured = measure(workload, sizes, failures)
        if measured:
            spread = fresh(workload.spread, workload.days)
            print(f"\n## {workload.name}, {workload.days} days\n")
            print("\n".join(report(measured, spread)))
            rows += [series.middle for series in measured]
    if rows:
        print(f"\n{facts(rows[0])}")
        write(rows, RESULTS)
    for failure in failures:
        print(failure, file=sys.stderr)
    return 1 if failures else 0


def parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--quick", action="store_true", help="the smallest size of each workload only")
    size.add_argument("--full", action="store_true", help="the largest sizes too, for the implementations that can")
    names = [workload.name for workload in WORKLOADS]
    parser.add_argument("--only", action="append", choices=names, help="this workload (may be repeated)")
    return parser.parse_args(arguments)


def measure(workload: Workload, sizes: tuple[int, ...], failures: list[str]) -> list[Series]:
    """Every implementation at every size, the repeats interleaved so that a busy minute of the machine hits them all."""
    present = []
    for implementation in IMPLEMENTATIONS:
        if implementation.workload != workload.name:
            continue
        if implementation.there:
            present.append(implementation)
        else:
            note(f"{workload.name} {implementation.name}: skipped, there is no module {implementation.module}")
    measured = []
    for consumers in sizes:
        cases = [(who, threads) for who in present for threads in who.threads if consumers <= who.most]
        series = {case: Series() for case in cases}
        for repeat in range(REPEATS):
            for (who, threads), runs in series.items():
                if len(runs) < repeat:  # it failed
                    continue
                title = f"{workload.name} {who.name}, {consumers:,} consumers, {counted(threads, 'thread')}"
                try:
                    row = fresh(who.run, consumers, threads, workload.days, SEED)
                except Exception as error:
                    failures.append(f"{title}: failed: {error!r}")
                    continue
                runs.append(row)
                note(f"{title}, run {repeat + 1} of {REPEATS}: {row['seconds']:.2f} s")
        measured += [runs for runs in series.values() if runs]
    return measured


def fresh(function: Callable[..., T], *arguments: object) -> T:
    """What `function` returns in a new process of its own."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(function, *arguments).result()


def report(measured: list[Series], spread: dict[str, float]) -> Iterator[str]:
    """Two Markdown tables: how fast, and what was counted."""
    yield (
        f"| implementation | consumers | threads | events | seconds, median of {REPEATS} (range) | M events/s "
        f"| x {REFERENCE} | peak MB | counts |"
    )
    yield "|---|--:|--:|--:|--:|--:|--:|--:|---|"
    for series in measured:
        row = series.middle
        seconds = [each["seconds"] for each in series]
        reference = reference_for(row, measured)
        yield (
            f"| {row['implementation']} | {row['consumers']:,} | {row['threads']} | {row['events']:,} "
            f"| {median(seconds):.2f} ({min(seconds):.2f}-{max(seconds):.2f}) | {series.rate / 1e6:.2f} "
            f"| {ratio(series, reference)} | {row['peak_bytes'] / 1e6:.0f} | {verdict(row, reference, spread)} |"
        )
    yield ""
    yield "| implementation | consumers | threads | " + " | ".join(name.replace("_", " ") for name in spread) + " |"
    yield "|---" + "|--:" * (len(spread) + 2) + "|"
    for series in measured:
        row = series.middle
        counts = " | ".join(f"{row['counts'][name]:,}" for name in spread)
        yield f"| {row['implementation']} | {row['consumers']:,} | {row['threads']} | {counts} |"


def reference_for(row: Row, measured: list[Series]) -> Series | None:
    """The reference's runs at the size of `row`, or at its largest size below."""
    candidates = [
        series
        for series in measured
        if series.middle["implementation"] == REFERENCE and series.middle["consumers"] <= row["consumers"]
    ]
    return max(candidates, key=lambda series: series.middle["consumers"], default=None)


def ratio(series: Series, reference: Series | None) -> str:
    """How many times as fast as the reference, and at what size where that is another."""
    if reference is None:
        return ""
    size = reference.middle["consumers"]
    where = "" if size == series.middle["consumers"] else f" at {size:,}"
    return f"{series.rate / reference.rate:.1f}{where}"


def verdict(row: Row, reference: Series | None, spread: dict[str, float]) -> str:
    """Whether the row counts what the reference counts."""
    if row["implementation"] == REFERENCE:
        return "the reference"
    if reference is None:
        return "not compared"
    found = differences(row, reference.middle, spread)
    if not found:
        return "agree"
    return "DIFFER: " + ", ".join(f"{name} by {size:+.1f} sd" for name, size in found.items())


def facts(row: Row) -> str:
    """The machine and the versions, in a line."""
    machine = row["machine"]
    versions = ", ".join(f"{name} {version}" for name, version in row["versions"].items())
    memory = f"{machine['memory_bytes'] / 1e9:.0f} GB"
    return f"{machine['cpu']}, {counted(machine['cores'], 'core')}, {memory}, {machine['system']}; {versions}"


def counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def note(line: str) -> None:
    """Progress goes to where it does not mix with the tables."""
    print(line, file=sys.stderr, flush=True)


def write(rows: list[Row], path: Path) -> None:
    """Replace the file as a whole, so that a reader never sees half of it."""
    path.parent.mkdir(exist_ok=True)
    partial = path.with_suffix(".tmp")
    partial.write_text(json.dumps(rows, indent=2) + "\n")
    os.replace(partial, path)


if __name__ == "__main__":
    sys.exit(main())
