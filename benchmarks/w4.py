"""W4, certainty per second: what common random numbers save in replications, and a past that is shared in time."""

from __future__ import annotations

import json
import tempfile
from math import sqrt
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from benchmarks import machine
from benchmarks.command import SCENARIOS, compiled_folder, seconds_of
from benchmarks.measure import SEED, Case, Size, Workload
from benchmarks.rows import Row, row

PAIRED = 8  # replications, whose half-width is to be reached
LEVEL = 0.95
FAR = 1_000  # apart are the seeds of two comparisons that share none


class WhatIf(NamedTuple):
    """A shipped pair of scenarios, base first, and the metrics that it is about."""

    base: str
    arm: str
    metrics: tuple[str, ...]

    @property
    def title(self) -> str:
        return f"{self.arm} v. {self.base}"


STORE = WhatIf("store", "store_weekly", ("repeat_orders", "gmv", "profit"))
MARKET = WhatIf("market", "market_cap_3_per_week", ("messages_read", "gmv", "profit"))
SIZES: dict[Size, dict[WhatIf, tuple[int, int, int]]] = {  # consumers, days, replications
    "quick": {STORE: (500, 60, 4), MARKET: (1_000, 30, 4)},
    "usual": {STORE: (2_357, 273, 32), MARKET: (5_000, 180, 16)},
    "full": {STORE: (2_357, 273, 32), MARKET: (20_000, 180, 16)},
}


def certainty(what_if: WhatIf, consumers: int, days: int, replications: int) -> list[Row]:
    """Two comparisons that share no seed: within each the arms share all draws, from one to the other none."""
    seconds, values = 0.0, []
    events = 0
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        for seed in (FAR, 2 * FAR):
            out = home / f"out-{seed}"
            words = ["compare", *paths(what_if), *sets(consumers, days, seed), "-r", replications, "--draws", 0, "--out", out]
            seconds += seconds_of(*words, cache=home / "cache", compiled=compiled_folder())
            values.append(json.loads((out / "comparison.json").read_text(encoding="utf-8"))["values"])
            events += sum(json.loads(path.read_text(encoding="utf-8"))["events"] for path in out.glob("*/r*/summary.json"))
    return [
        row(
            "W4",
            "sim",
            case=what_if.title,
            consumers=consumers,
            threads=len(machine.cores()),
            days=days,
            counts={"runs": 4 * replications},
            seconds=seconds,
            events=events,
            details={metric: saving(*(of_arms(one[metric], what_if) for one in values)) for metric in what_if.metrics},
        )
    ]


def of_arms(values: dict[str, list[float]], what_if: WhatIf) -> np.ndarray:
    """Of shape (arms, replications), the base first."""
    return np.array([values[what_if.base], values[what_if.arm]], dtype=np.float64)


def saving(first: np.ndarray, second: np.ndarray) -> dict[str, Any]:
    """What common random numbers save, from two arrays of shape (arms, replications) that share no seed.

    The factor is the ratio of the variances of independent and of paired differences, with the interval that F gives where
    both are normal; replications are those with which independent runs come to the half-width of `PAIRED` paired ones.
    """
    from scipy import stats

    from sim.experiments.statistics import critical, replications_for

    paired = np.concatenate([first[1] - first[0], second[1] - second[0]])
    independent = second[1] - first[0]
    factor = float(independent.var(ddof=1) / paired.var(ddof=1))
    low, high = stats.f.ppf([(1 - LEVEL) / 2, (1 + LEVEL) / 2], len(independent) - 1, len(paired) - 1)
    half_width = critical(1, PAIRED, LEVEL) * paired.std(ddof=1) / sqrt(PAIRED)
    return {
        "variance_reduction": factor,
        "low": float(factor / high),
        "high": float(factor / low),
        "replications": PAIRED,
        "replications_independent": replications_for(float(half_width), float(independent.std(ddof=1)), 1, LEVEL),
    }


def fork(what_if: WhatIf, consumers: int, days: int) -> list[Row]:
    """Both arms, each with a past that it simulates itself; then both with one past, which the second finds by its hash.

    The seconds are those that the runs count themselves. Raises RuntimeError if a past that was found changes a result.
    """
    seconds: dict[str, list[float]] = {"anew": [], "shared": []}
    summaries: dict[str, list[dict[str, Any]]] = {"anew": [], "shared": []}
    found = []
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        for place in seconds:
            for number, path in enumerate(paths(what_if)):
                out, cache = home / f"{place}-{number}", home / ("cache" if place == "shared" else f"cache-{number}")
                words = ["run", path, *sets(consumers, days, SEED), "--out", out, "--json"]
                seconds_of(*words, cache=cache, compiled=compiled_folder())
                manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
                seconds[place].append(manifest["seconds"])
                found.append(manifest["past"]["from_cache"])
                summaries[place].append(json.loads((out / "summary.json").read_text(encoding="utf-8")))
    if found != [False, False, False, True] or summaries["anew"] != summaries["shared"]:
        raise RuntimeError(f"the past was found {found}, or what came of it differs from a past simulated anew")
    shared, anew = sum(seconds["shared"]), sum(seconds["anew"])
    return [
        row(
            "W4",
            "sim",
            case=f"fork: {what_if.title}",
            consumers=consumers,
            threads=len(machine.cores()),
            days=days,
            counts={"runs": 4},
            seconds=shared,
            events=sum(one["events"] for one in summaries["shared"]),
            details={"seconds_anew": anew, "saved": 1 - shared / anew, "second_arm": seconds["shared"][1] / seconds["anew"][1]},
        )
    ]


def paths(what_if: WhatIf) -> list[Path]:
    return [SCENARIOS / f"{name}.yaml" for name in (what_if.base, what_if.arm)]


def sets(consumers: int, days: int, seed: int) -> list[str]:
    return [f"--set={path}={value}" for path, value in (("consumers", consumers), ("days", days), ("seed", seed))]


def cases(size: Size) -> list[list[Case]]:
    groups = [
        [Case(f"W4 {what_if.title}", certainty, (what_if, *of_size), repeats=1)] for what_if, of_size in SIZES[size].items()
    ]
    consumers, days, _ = SIZES[size][MARKET]
    return [*groups, [Case(f"W4 fork, {MARKET.title}", fork, (MARKET, consumers, days))]]


WORKLOAD = Workload("W4", cases)
