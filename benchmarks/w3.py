"""W3, a laptop answer: `sim compare` of two scenarios, report included, from nothing to warm; and the door, `sim --help`."""

from __future__ import annotations

import json
import resource
import sys
import tempfile
from pathlib import Path
from statistics import median

from benchmarks import machine
from benchmarks.command import SCENARIOS, seconds_of
from benchmarks.measure import REPEATS, Case, Size, Workload
from benchmarks.rows import Row, row

PAIR = (SCENARIOS / "market.yaml", SCENARIOS / "market_cap_3_per_week.yaml")
COLD, NEW_PAST, WARM = "compare: very first run", "compare: new past", "compare: past kept"
IMPORT, HELP = "import sim", "sim --help"
SIZES: dict[Size, tuple[int, int, int]] = {  # consumers, days, replications
    "quick": (1_000, 30, 2),
    "usual": (20_000, 180, 8),
    "full": (20_000, 180, 8),
}
FAR = 1_000  # apart are seeds of which no two comparisons share one
STARTS = 5


def compare(consumers: int, days: int, replications: int) -> list[Row]:
    """The very first comparison on a machine; then others whose past is to be simulated, each of them once more with it kept.

    All caches are in a folder of their own. The peak is that of the largest process.
    """
    seconds: dict[str, list[float]] = {COLD: [], NEW_PAST: [], WARM: []}
    events: dict[str, int] = {}
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)

        def once(case: str, seed: int) -> None:
            out = home / f"out-{case}-{seed}"
            sets = [f"--set={path}={value}" for path, value in (("consumers", consumers), ("days", days), ("seed", seed))]
            words = ["compare", *PAIR, "-r", replications, "--draws", 0, "--out", out, *sets]
            seconds[case].append(seconds_of(*words, cache=home / "cache"))
            summaries = sorted(out.glob("*/r*/summary.json"))
            if len(summaries) != 2 * replications or not (out / "report.html").exists():
                raise RuntimeError(f"{out.name}: {len(summaries)} runs of {2 * replications}, or no report")
            events[case] = sum(json.loads(path.read_text(encoding="utf-8"))["events"] for path in summaries)

        once(COLD, FAR)
        for repeat in range(REPEATS):
            once(NEW_PAST, FAR * (2 + repeat))
            once(WARM, FAR * (2 + repeat))
    unit = 1 if sys.platform == "darwin" else 1024
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * unit
    common = {"consumers": consumers, "threads": len(machine.cores()), "days": days, "peak_bytes": peak}
    return [
        row("W3", "sim", case=case, seconds=median(those), events=events[case], counts={"runs": 2 * replications}, **common)
        | {"seconds_of_runs": sorted(those)}
        for case, those in seconds.items()
    ]


def door() -> list[Row]:
    """How long one waits for `import sim` and for `sim --help`, the interpreter's own start included."""
    python = (sys.executable,)
    starts = {
        IMPORT: lambda: seconds_of("-c", "import sim", program=python),
        HELP: lambda: seconds_of("--help"),
    }
    rows = []
    for case, start in starts.items():
        start()  # byte code
        those = sorted(start() for _ in range(STARTS))
        common = {"consumers": 0, "threads": 1, "days": 0, "events": 0, "counts": {}}
        rows.append(row("W3", "sim", case=case, seconds=median(those), **common) | {"seconds_of_runs": those})
    return rows


def cases(size: Size) -> list[list[Case]]:
    return [[Case("W3 the door", door, (), repeats=1)], [Case("W3 compare", compare, SIZES[size], repeats=1)]]


WORKLOAD = Workload("W3", cases)
