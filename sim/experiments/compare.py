"""The unit of work: the same replications of several scenarios, and what differs between them.

Replication k of every arm runs under the seed of the base scenario plus k, whatever the arm's own seed is. Draws are
keyed hashes of (seed, stream, identity), so that consecutive seeds give unrelated streams; replication 0 is the plain
run of the base, and any single run of a comparison can be repeated by `sim run ARM --seed N`.
"""

from __future__ import annotations

import json
import math
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

import numpy as np

from sim.errors import BadInput
from sim.experiments import units
from sim.experiments.differences import Change, differences, touches
from sim.experiments.runs import Row, Runner, Task, cores, run_all
from sim.experiments.statistics import LEVEL, Estimate, estimates
from sim.experiments.verdicts import Verdict, verdict
from sim.results.files import default_folder, write_text

FILE = "comparison.json"


class Scenario(Protocol):
    """What is needed of a scenario: a name (of its file), its seed, and the whole of it as plain data."""

    @property
    def name(self) -> str: ...
    @property
    def seed(self) -> int: ...
    @property
    def resolved(self) -> Mapping[str, Any]: ...


@dataclass(frozen=True)
class Caution:
    """Something about an arm that a reader must know before believing its figures."""

    kind: Literal["same_scenario", "never_acted", "setting_never_acted", "failed", "few_replications"]
    arm: str
    en: str
    zh: str
    paths: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Comparison:
    """What `comparison.json` holds; `values[metric][arm]` has one figure per replication, null for a failed run."""

    folder: Path
    base: str
    arms: list[str]
    replications: int
    draws: int
    seeds: list[int]
    level: float
    currency: str
    metrics: dict[str, dict[str, Estimate]]
    verdicts: dict[str, dict[str, Verdict]]
    changed: dict[str, list[Change]]
    warnings: list[Caution]
    failures: list[dict[str, Any]]
    values: dict[str, dict[str, list[float | None]]]
    runs: dict[str, list[str]]
    seconds: float
    command: str

    @property
    def idle(self) -> list[str]:
        """The metrics that are zero in every run: rows that would say nothing."""
        return [m for m, arms in self.values.items() if not any(value for row in arms.values() for value in row)]

    def to_dict(self) -> dict[str, Any]:
        """The content of `comparison.json`, as plain data."""
        plain = {key: value for key, value in vars(self).items() if key != "folder"}
        plain["verdicts"] = {m: {arm: v._asdict() for arm, v in row.items()} for m, row in self.verdicts.items()}
        plain["changed"] = {arm: [change._asdict() for change in changes] for arm, changes in self.changed.items()}
        plain["warnings"] = [asdict(warning) for warning in self.warnings]
        return plain


def compare(
    scenarios: Sequence[Scenario],
    replications: int = 8,
    out: str | Path | None = None,
    *,
    draws: int = 0,
    jobs: int | None = None,
    threads: int | None = None,
    events: str = "none",
    runner: Runner | None = None,
    progress: bool = True,
    command: str | None = None,
) -> Comparison:
    """Run every scenario `replications` times; the first is the base. Results are written to the folder `out`.

    `jobs` is the number of runs at a time (all cores), `threads` of each run (the cores that are left). A run that
    fails is named among the failures and left out of the figures. Raises `BadInput` for what cannot be begun, and if
    every single run finds its input wrong.
    """
    _check(scenarios, replications, draws)
    folder = _claim(out, scenarios[0].name)
    names = unique_names([scenario.name for scenario in scenarios])
    seeds = [scenarios[0].seed + k for k in range(replications)]
    jobs = jobs or min(cores(), len(scenarios) * replications)
    threads = threads or max(1, cores() // jobs)
    tasks = [
        Task(name, k, scenario, seed, folder / name / f"r{k:03d}", events, threads)
        for name, scenario in zip(names, scenarios)  # arm by arm: the first one's pasts are there for the others
        for k, seed in enumerate(seeds)
    ]
    started = time.perf_counter()
    rows = run_all(tasks, runner, jobs, progress)
    if all(row.bad_input for row in rows):
        raise BadInput(str(rows[0].error))
    changed = {name: differences(scenarios[0].resolved, scenario.resolved) for name, scenario in zip(names[1:], scenarios[1:])}
    comparison = _conclude(
        folder=folder,
        names=names,
        seeds=seeds,
        rows=rows,
        changed=changed,
        currency=str(scenarios[0].resolved.get("currency") or "CNY"),
        seconds=time.perf_counter() - started,
        command=command or _command(scenarios, replications),
    )
    write_text(folder / FILE, json.dumps(comparison.to_dict(), ensure_ascii=False, indent=1, default=str))
    return comparison


def unique_names(names: Sequence[str]) -> list[str]:
    """Names that can be folders side by side, also where file names know no case: a, a-2, B, b-2."""
    taken = {FILE, "report.html"}
    result = []
    for name in names:
        stem = re.sub(r'[\\/:*?"<>|\x00-\x1f]+', "-", name).strip(" .") or "scenario"
        candidate, n = stem, 1
        while candidate.casefold() in taken:
            n += 1
            candidate = f"{stem}-{n}"
        taken.add(candidate.casefold())
        result.append(candidate)
    return result


def _check(scenarios: Sequence[Scenario], replications: int, draws: int) -> None:
    problems = []
    if len(scenarios) < 2:
        problems.append(f"a comparison needs two scenarios or more, the first being the base; given {len(scenarios)}")
    if replications < 1:
        problems.append(f"replications: given {replications}, at least 1 is needed")
    if draws:
        problems.append(f"draws: given {draws}, but assumption draws cannot be computed yet; use 0")
    if problems:
        raise BadInput("\n".join(problems))


def _claim(out: str | Path | None, name: str) -> Path:
    """A folder that is this comparison's alone."""
    if out is None:
        return default_folder(unique_names([name])[0])
    folder = Path(out)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        in_use = any(folder.iterdir())
    except OSError as fault:
        raise BadInput(f"{folder}: cannot be used as a folder for results: {fault.strerror}") from None
    if in_use:
        raise BadInput(f"{folder}: is not empty; give a folder that is new or empty")
    return folder


def _conclude(
    *,
    folder: Path,
    names: list[str],
    seeds: list[int],
    rows: list[Row],
    changed: dict[str, list[Change]],
    currency: str,
    seconds: float,
    command: str,
) -> Comparison:
    finished = {(row.arm, row.replication): row for row in rows if row.error is None}
    metrics = units.in_order(list(dict.fromkeys(name for row in finished.values() for name in row.totals)))
    table = np.full((len(metrics), len(names), len(seeds)), math.nan)
    for (arm, k), row in finished.items():
        for metric, value in row.totals.items():
            table[metrics.index(metric), names.index(arm), k] = value
    results = estimates(dict(zip(metrics, table)), names)
    return Comparison(
        folder=folder,
        base=names[0],
        arms=names,
        replications=len(seeds),
        draws=0,
        seeds=seeds,
        level=LEVEL,
        currency=currency,
        metrics=results,
        verdicts={
            metric: {arm: verdict(one, arm == names[0], _writer(one, metric, currency)) for arm, one in of_arms.items()}
            for metric, of_arms in results.items()
        },
        changed=changed,
        warnings=_warnings(names, len(seeds), finished, changed, rows),
        failures=[
            {
                "arm": row.arm,
                "replication": row.replication,
                "seed": row.seed,
                "folder": f"{row.arm}/r{row.replication:03d}",
                "error": row.error,
                "trace": row.trace,
            }
            for row in rows
            if row.error is not None
        ],
        values={
            metric: {
                arm: [None if math.isnan(value) else value for value in table[i, j].tolist()] for j, arm in enumerate(names)
            }
            for i, metric in enumerate(metrics)
        },
        runs={arm: [f"{arm}/r{k:03d}" for k in range(len(seeds))] for arm in names},
        seconds=seconds,
        command=command,
    )


def _writer(one: Estimate, metric: str, currency: str) -> Callable[[float], str]:
    return units.writer(metric, currency, (one["difference"], one["low"], one["high"]))


def _warnings(
    names: list[str],
    replications: int,
    finished: dict[tuple[str, int], Row],
    changed: dict[str, list[Change]],
    rows: list[Row],
) -> list[Caution]:
    warnings = []
    for arm in names:
        failed = [row for row in rows if row.arm == arm and row.error is not None]
        if failed:
            listed = ", ".join(str(row.replication) for row in failed)
            warnings.append(
                Caution(
                    "failed",
                    arm,
                    f"{arm}: {len(failed)} of {replications} runs failed and are left out (replications {listed})",
                    f"{arm}：{replications} 次运行中有 {len(failed)} 次失败，未计入（第 {listed} 次重复）",
                )
            )
    for arm in names[1:]:
        pairs = [
            (finished[names[0], k], finished[arm, k])
            for k in range(replications)
            if (names[0], k) in finished and (arm, k) in finished
        ]
        warnings += _never_acted(arm, pairs, [change.path for change in changed[arm]], names[0])
    if replications == 1:
        warnings.append(
            Caution(
                "few_replications",
                "",
                "one replication only: no simulation error can be given; use 2 or more, 8 by default",
                "只有一次重复：无法给出模拟误差；请使用 2 次以上，默认 8 次",
            )
        )
    return warnings


def _never_acted(arm: str, pairs: list[tuple[Row, Row]], paths: list[str], base: str) -> list[Caution]:
    """A what-if whose rule never binds is a mistake in the question: say which settings were without consequence."""
    if not paths:
        return [
            Caution(
                "same_scenario",
                arm,
                f"{arm}: no setting differs from {base}; the two are the same scenario",
                f"{arm}：没有任何设定与 {base} 不同；两者是同一个情景",
            )
        ]
    if not pairs:
        return []
    if all(one.totals == other.totals for one, other in pairs):
        return [
            Caution(
                "never_acted",
                arm,
                f"{arm}: the change never acted: every figure of every replication equals {base}'s;"
                f" changed: {', '.join(paths)}",
                f"{arm}：改动从未起作用：每次重复的每个数字都与 {base} 相同；改动的设定：{'，'.join(paths)}",
                paths,
            )
        ]
    modules = {module for pair in pairs for row in pair for module in row.acted}
    idle = {m for m in modules if not any(row.acted.get(m, 0) for pair in pairs for row in pair)}
    without_use = [path for path in paths if any(touches(path, module) for module in idle)]
    return [
        Caution(
            "setting_never_acted",
            arm,
            f"{arm}: {path} was changed, but what it belongs to never acted, in either arm",
            f"{arm}：{path} 已改动，但它所属的模块在两个方案中都从未起作用",
            [path],
        )
        for path in without_use
    ]


def _command(scenarios: Sequence[Scenario], replications: int) -> str:
    files = " ".join(f"{scenario.name}.yaml" for scenario in scenarios)
    return f"sim compare {files} -r {replications} --draws 0 --set seed={scenarios[0].seed}"
