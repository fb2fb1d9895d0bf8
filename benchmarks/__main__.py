"""Run the reference workloads by every implementation and set the results side by side: `python -m benchmarks`."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path

from benchmarks import readme, w1_cases, w2, w3, w4
from benchmarks.measure import Size, Workload, measure, note
from benchmarks.rows import Row
from benchmarks.tables import counts_table, page

WORKLOADS: tuple[Workload, ...] = (w1_cases.WORKLOAD, w2.WORKLOAD, w3.WORKLOAD, w4.WORKLOAD)
BUSY = 0.5  # processes running or waiting to run, over the last minute, before we start
RESULTS = Path(__file__).parent / "results" / "latest.json"


def main(arguments: list[str] | None = None) -> int:
    options = parse(arguments)
    if options.readme:
        readme.write(json.loads(RESULTS.read_text(encoding="utf-8")))
        return 0
    load = os.getloadavg()[0]
    if load > BUSY:
        note(f"the machine is busy (load {load:.1f}): the figures will be low, and those of several threads lowest")
    size: Size = "quick" if options.quick else "full" if options.full else "usual"
    failures: list[str] = []
    for workload in WORKLOADS:
        if options.only and workload.name not in options.only:
            continue
        rows = measure(workload.cases(size), failures)
        workload.conclude(rows)
        if rows:
            print(f"\n{page(rows, 'en')}\n\n{counts_table(rows)}", flush=True)
        if rows and size != "quick":
            write(workload.name, rows, RESULTS)
    for failure in failures:
        print(failure, file=sys.stderr)
    return 1 if failures else 0


def parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--quick", action="store_true", help="small sizes, to see that all works; the results are not kept")
    what.add_argument("--full", action="store_true", help="the largest sizes too, for the implementations that can")
    what.add_argument("--readme", action="store_true", help="run nothing: write the tables of the README from the results kept")
    names = [workload.name for workload in WORKLOADS]
    parser.add_argument("--only", action="append", choices=names, help="this workload (may be repeated)")
    return parser.parse_args(arguments)


def write(workload: str, rows: list[Row], path: Path) -> None:
    """Put these rows in the place of the workload's former ones; the file is replaced as a whole, never half of it."""
    kept: list[Row] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
    merged = sorted([*(row for row in kept if row["workload"] != workload), *rows], key=lambda row: row["workload"])
    path.parent.mkdir(exist_ok=True)
    partial = path.with_suffix(".tmp")
    partial.write_text(json.dumps(merged, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    os.replace(partial, path)


if __name__ == "__main__":
    sys.exit(main())
