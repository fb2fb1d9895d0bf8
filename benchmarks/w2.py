"""W2, the whole thing: `w2.yaml`, run as `sim run` runs it, with nothing left out of the time but compilation."""

from __future__ import annotations

import json
import tempfile
import time
from pathlib import Path

from benchmarks import machine
from benchmarks.measure import REPEATS, SEED, Case, Size, Workload, fresh
from benchmarks.rows import Row, row

SCENARIO = Path(__file__).with_name("w2.yaml")
SIZES: dict[Size, tuple[tuple[int, int], ...]] = {  # consumers, days
    "quick": ((20_000, 60),),
    "usual": ((100_000, 365),),
    "full": ((100_000, 365), (1_000_000, 365)),
}
LONG = 100_000  # more consumers are run once
KERNEL = "kernel"
REST = "set-up and tables"  # what the run does not itself account for


def run(consumers: int, days: int, threads: int, seed: int) -> list[Row]:
    """One run into a folder, and what its manifest says of the time; the peak is that of the whole process."""
    import sim

    fresh(warm_up, threads)  # compiling takes more memory than running: elsewhere
    warm_up(threads)
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "run"
        began = time.perf_counter()
        done = sim.run(sim.load(SCENARIO, consumers=consumers, days=days), seed=seed, out=out, threads=threads)
        seconds = time.perf_counter() - began
        parts = json.loads((out / "manifest.json").read_text(encoding="utf-8"))["seconds_by_part"]
    parts = {KERNEL if part == "consumers" else part: taken for part, taken in parts.items()}
    parts[REST] = seconds - sum(parts.values())
    totals, refused = done.summary["totals"], done.summary["refused"]
    return [
        row(
            "W2",
            "sim",
            consumers=consumers,
            threads=threads,
            days=days,
            events=done.summary["events"],
            counts={name: totals[name] for name in ("visits", "orders", "messages_sent", "messages_read", "opt_outs")}
            | {f"refused_{reason}": count for reason, count in refused.items()},
            seconds=seconds,
            details={"seconds_by_part": parts},
        )
    ]


def warm_up(threads: int) -> None:
    """A run that is too small to matter: compiles, or reads the cache."""
    import sim

    sim.run(sim.load(SCENARIO, consumers=2 * threads, days=2), seed=SEED, threads=threads)


def cases(size: Size) -> list[list[Case]]:
    threads = len(machine.cores())
    return [
        [Case(f"W2 {consumers:,} consumers", run, (consumers, days, threads, SEED), repeats=1 if consumers > LONG else REPEATS)]
        for consumers, days in SIZES[size]
    ]


WORKLOAD = Workload("W2", cases)
