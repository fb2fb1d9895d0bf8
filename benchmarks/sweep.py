"""How well a sweep uses the cores: `python -m benchmarks.sweep`.

Forty runs of a market (20 stores, a past of their own that points share) are done twice: one at a time, then on as many
cores as there are, with nothing cached of the pasts. Efficiency is what the runs took alone, over cores times the time of
the sweep. On a machine that does other things that figure is too low; the processor time beside it says what the second way
costs more, and `busy` how much of the workers' time went into runs.
"""

from __future__ import annotations

import json
import os
import resource
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.machine import cores, describe
from sim import cache
from sim.experiments.sweep import Sweep, sweep
from sim.scenario.load import load

SCENARIO = Path(__file__).parents[1] / "scenarios" / "market.yaml"
CHANGES: dict[str, Any] = {"consumers": 5000}
GRID = {"policies.caps.store_days": [1, 3, 7, 14, 28]}
REPLICATIONS = 8
RESULTS = Path(__file__).parent / "results" / "sweep.json"


def main() -> None:
    load_before = os.getloadavg()[0]
    cache.prepare()
    os.environ["NUMBA_CACHE_DIR"] = str(cache.compiled_folder())  # for the workers: what is compiled stays where it is
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as cached:
        os.environ["XDG_CACHE_HOME"] = cached  # and pasts are not
        _once(Path(folder) / "warm", 1, {"policies.caps.store_days": [1]}, 1)
        alone, cpu_alone, _ = _once(Path(folder) / "alone", 1, GRID, REPLICATIONS)
        together, cpu_together, seconds = _once(Path(folder) / "together", len(cores()), GRID, REPLICATIONS)
        assert alone.effects == together.effects
    row = {
        "runs": alone.complete,
        "workers": together.workers,
        "seconds_of_runs_alone": alone.run_seconds,
        "seconds_of_sweep": seconds,
        "efficiency": alone.run_seconds / (together.workers * seconds),
        "cpu_seconds_alone": cpu_alone,
        "cpu_seconds_of_sweep": cpu_together,
        "busy": together.run_seconds / (together.workers * seconds),
        "load_before": load_before,
        **describe(),
    }
    RESULTS.write_text(json.dumps(row, indent=1) + "\n", encoding="utf-8")
    for name, value in row.items():
        print(f"{name}: {value:.3f}" if isinstance(value, float) else f"{name}: {value}")


def _once(folder: Path, workers: int, grid: Any, replications: int) -> tuple[Sweep, float, float]:
    """The sweep, its processor time with that of its workers, and its time as a person sees it."""
    for past in (cache.user_cache() / "pasts").glob("*"):
        past.unlink()
    before, began = _cpu(), time.perf_counter()
    done = sweep(load(SCENARIO, **CHANGES), grid, replications, folder, workers=workers, threads=1)
    return done, _cpu() - before, time.perf_counter() - began


def _cpu() -> float:
    of = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in of)


if __name__ == "__main__":
    main()
