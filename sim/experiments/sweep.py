"""A sweep: a grid over settings of one scenario, every point of it run with the same seeds, each run a row of one table.

Replication k runs under the scenario's seed plus k at every point, as in a comparison. Rows are written as runs finish, and
a run that fails is a row with its reason; an interrupted sweep is gone on with by `resume`.
"""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.errors import BadInput
from sim.experiments import design as designs
from sim.experiments import effects
from sim.experiments.design import Design
from sim.experiments.effects import Effects, Used
from sim.experiments.executor import Executor, cores
from sim.experiments.grid import Factor, Grid, factors, points
from sim.experiments.runs import Interrupted, Row, Runner, check_memory, run_all
from sim.experiments.statistics import LEVEL
from sim.experiments.store import JOURNAL, RUNS, FolderStore, Key, write_csv, write_table
from sim.results.files import default_folder, write_text
from sim.results.folder import claimed
from sim.scenario.load import Scenario

FILE = "sweep.json"
TABLE = "table.parquet"


@dataclass(frozen=True)
class Sweep:
    """What `sweep.json` holds; `effects[metric][path]` has an entry for each level, `used[path]` says what they rest on.

    `run_seconds` is the sum over the runs that were done now, `seconds` what that took.
    """

    folder: Path
    scenario: str
    factors: list[dict[str, Any]]
    points: int
    replications: int
    seeds: list[int]
    complete: int
    level: float
    currency: str
    metrics: list[str]
    effects: Effects
    used: dict[str, Used]
    failures: list[dict[str, Any]]
    seconds: float
    run_seconds: float
    workers: int
    command: str

    @property
    def runs(self) -> pd.DataFrame:
        """A row per run: point, replication, seed, the settings varied, status, seconds, peak_bytes, error, place, metrics."""
        return pd.read_parquet(self.folder / RUNS)

    @property
    def table(self) -> pd.DataFrame:
        """A row per metric, setting and level: its mean and the difference to the first level, with their intervals."""
        return pd.read_parquet(self.folder / TABLE)

    @property
    def idle(self) -> list[str]:
        """The metrics that are zero in every run: rows that would say nothing."""
        return [
            metric
            for metric, of_paths in self.effects.items()
            if not any(one["mean"] or one["mean_high"] for of_levels in of_paths.values() for one in of_levels)
        ]

    def to_dict(self) -> dict[str, Any]:
        """The content of `sweep.json`, as plain data."""
        plain = {key: value for key, value in vars(self).items() if key != "folder"}
        return plain | {"used": {path: used._asdict() for path, used in self.used.items()}, "idle": self.idle}


def sweep(
    scenario: Scenario,
    grid: Grid,
    replications: int = 8,
    out: str | Path | None = None,
    *,
    workers: int | None = None,
    threads: int | None = None,
    keep_runs: bool = False,
    runner: Runner | None = None,
    executor: Executor | None = None,
    progress: bool = True,
    command: str | None = None,
) -> Sweep:
    """Run every point of `grid` (path to values; or texts as on the command line) `replications` times.

    Results are written to the folder `out` as runs finish; with `keep_runs` each run leaves its own folder there, too.
    `workers` is the number of runs at a time (all cores), `threads` of each run (1, or more where there are fewer runs than
    cores). Raises BadInput for what cannot be begun, `Interrupted` at an interrupt.
    """
    if replications < 1:
        raise BadInput(f"replications: given {replications}, at least 1 is needed")
    if workers is not None and workers < 1:
        raise BadInput(f"workers: given {workers}, at least 1 is needed")
    varied = factors(grid)
    of_grid = points(scenario, varied)
    home = default_folder(scenario.name) if out is None else Path(out)
    if (home / designs.FILE).exists() and not (home / FILE).exists():
        raise BadInput(f"{home}: holds an interrupted sweep: `sim resume {home}` goes on; or give a new folder")
    asked = Design(
        folder=home,
        scenario=scenario,
        factors=varied,
        points=of_grid,
        replications=replications,
        keep_runs=keep_runs,
        workers=workers,
        command=command or _command(scenario, varied, replications),
    )
    with claimed(home, new=True):
        designs.write(asked)
        return _carry_out(asked, threads, runner, executor, progress)


def resume(
    folder: str | Path,
    threads: int | None = None,
    *,
    runner: Runner | None = None,
    executor: Executor | None = None,
    progress: bool = True,
) -> Sweep:
    """Go on with a sweep: complete runs are kept, the rest, and those that failed, are done.

    Raises BadInput if the folder holds none, every run of it is complete, or a table or plug-in has changed since.
    """
    home = Path(folder)
    asked = designs.read(home)
    if (home / FILE).exists() and not (home / JOURNAL).exists():
        raise BadInput(f"{home}: every run of this sweep is complete; `sim report {home}` writes its report anew")
    with claimed(home, new=False):
        return _carry_out(asked, threads, runner, executor, progress)


def _carry_out(asked: Design, threads: int | None, runner: Runner | None, executor: Executor | None, progress: bool) -> Sweep:
    store = FolderStore(asked.folder, asked.planned(), asked.currency)
    done = {key for key, row in store.finished().items() if row.error is None}
    workers = min(asked.workers or cores(), len(store.planned))
    tasks = [task for task in asked.tasks(threads or max(1, cores() // workers)) if (task.arm, task.replication) not in done]
    if done:
        designs.check(asked, [point for point in asked.points if point.name in {task.arm for task in tasks}])
    if runner is None and executor is None and tasks:
        of_points = {task.arm: task for task in tasks}
        check_memory([task.whole_scenario for task in of_points.values()], workers, tasks[0].threads, tasks[0].events)
    started = time.perf_counter()
    try:
        rows = run_all(
            tasks, runner, workers, progress, store.keep, begun=store.begun, executor=executor, name=asked.scenario.name
        )
    except KeyboardInterrupt as fault:
        raise Interrupted(f"interrupted; what is done is kept: `sim resume {asked.folder}` goes on") from fault
    finally:
        store.close()
    seconds = time.perf_counter() - started
    result = _conclude(asked, store, seconds, sum(row.seconds for row in rows), workers)
    write_csv((asked.folder / RUNS).with_suffix(".csv"), store.table())
    table = effects.long_table(result.effects)
    write_table(asked.folder / TABLE, table)
    write_csv((asked.folder / TABLE).with_suffix(".csv"), table)
    write_text(asked.folder / FILE, json.dumps(result.to_dict(), ensure_ascii=False, indent=1, allow_nan=False))
    if not result.failures:  # else it says what may be tried again
        (asked.folder / JOURNAL).unlink(missing_ok=True)
    return result


def _conclude(asked: Design, store: FolderStore, seconds: float, run_seconds: float, workers: int) -> Sweep:
    rows, metrics = store.finished(), store.metrics
    found, used = effects.of_factors({metric: _values(asked, rows, metric) for metric in metrics}, asked.factors)
    failures = [
        {
            "point": row.arm,
            "settings": asked.settings(point),
            **{key: value for key, value in asdict(row).items() if key in _OF_FAILURES},
        }
        for point in asked.points
        for k in range(asked.replications)
        if (row := rows[point.name, k]).error is not None
    ]
    return Sweep(
        folder=asked.folder,
        scenario=asked.scenario.name,
        factors=[
            {"path": factor.path, "numeric": factor.numeric, "levels": [level.shown for level in factor.levels]}
            for factor in asked.factors
        ],
        points=len(asked.points),
        replications=asked.replications,
        seeds=asked.seeds,
        complete=len(rows) - len(failures),
        level=LEVEL,
        currency=asked.currency,
        metrics=metrics,
        effects=found,
        used=used,
        failures=failures,
        seconds=seconds,
        run_seconds=run_seconds,
        workers=workers,
        command=asked.command,
    )


_OF_FAILURES = frozenset({"replication", "seed", "error", "place", "trace", "bad_input"})


def _values(asked: Design, rows: dict[Key, Row], metric: str) -> NDArray[np.float64]:
    """An axis per factor, and replications; NaN for a failed run."""
    flat = [rows[point.name, k].totals.get(metric, np.nan) for point in asked.points for k in range(asked.replications)]
    shape = [len(factor.levels) for factor in asked.factors]
    return np.array(flat, dtype=np.float64).reshape(*shape, asked.replications)


def _command(scenario: Scenario, varied: list[Factor], replications: int) -> str:
    options = " ".join(f"--grid '{factor.path}={','.join(level.text for level in factor.levels)}'" for factor in varied)
    return f"sim sweep {scenario.name}.yaml {options} -r {replications} --set seed={scenario.seed}"
