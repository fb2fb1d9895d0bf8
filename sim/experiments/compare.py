"""The unit of work: the same replications of several scenarios, and what differs between them.

Replication k of every arm runs under the seed of the base scenario plus k, whatever the arm's own seed is. Draws are
keyed hashes of (seed, stream, identity), so that consecutive seeds give unrelated streams; replication 0 is the plain
run of the base, and any single run of a comparison can be repeated by `sim run ARM --seed N`. Assumption draws come
beside the replications: see `sim.experiments.assumptions`.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from sim.errors import BadInput
from sim.experiments import assumptions, cautions, plan, units, winners
from sim.experiments.assumptions import Parameter
from sim.experiments.cautions import Caution
from sim.experiments.differences import Change, differences
from sim.experiments.executor import Executor, cores
from sim.experiments.flips import Flip, flip
from sim.experiments.plan import Plan
from sim.experiments.runs import Interrupted, Row, Runner, Task, check_memory, run_all
from sim.experiments.statistics import LEVEL, Estimate, estimates
from sim.experiments.verdicts import Verdict, verdict, which_flip
from sim.results.files import default_folder, write_text

FILE = "comparison.json"
DRAWS = 20


class Scenario(assumptions.HasAssumptions, Protocol):
    """What is needed of a scenario: what its assumptions are drawn from, and a name (of its file)."""

    @property
    def name(self) -> str: ...


@dataclass(frozen=True)
class Assumptions:
    """What the draws tried and found: `values` has a row per draw, in the order of `parameters`.

    Draws ran on `consumers` of `of_consumers`; differences are `scale` times theirs. `flips[metric][arm]`.
    """

    draws: int
    seed: int
    consumers: int
    of_consumers: int
    scale: float
    parameters: list[Parameter]
    values: list[list[int | float]]
    failures: list[dict[str, Any]]
    flips: dict[str, dict[str, Flip]]

    def to_dict(self) -> dict[str, Any]:
        """As plain data; every flip also in words."""
        flips = {
            metric: {arm: {**one, **which_flip(one)._asdict()} for arm, one in of_arms.items()}
            for metric, of_arms in self.flips.items()
        }
        return vars(self) | {"parameters": [one._asdict() for one in self.parameters], "flips": flips}


@dataclass(frozen=True)
class Comparison:
    """What `comparison.json` holds; `values[metric][arm]` has one figure per replication, null for a failed run.

    `by[kind][group][metric][arm]` tells merchants, industries and segments apart, each kind judged by the metrics of
    `headline[kind]`. `assumptions` is None where no draws were asked for.
    """

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
    assumptions: Assumptions | None
    by: dict[str, winners.Groups]
    headline: dict[str, list[str]]
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
        plain["assumptions"] = self.assumptions and self.assumptions.to_dict()
        plain["changed"] = {arm: [change._asdict() for change in changes] for arm, changes in self.changed.items()}
        plain["warnings"] = [asdict(warning) for warning in self.warnings]
        return plain


def compare(
    scenarios: Sequence[Scenario],
    replications: int = 8,
    out: str | Path | None = None,
    *,
    draws: int = DRAWS,
    draws_consumers: int | None = None,
    jobs: int | None = None,
    threads: int | None = None,
    events: str = "none",
    runner: Runner | None = None,
    executor: Executor | None = None,
    progress: bool = True,
    command: str | None = None,
) -> Comparison:
    """Run every scenario `replications` times; the first is the base. Results are written to the folder `out`.

    `draws` of the assumption range come beside these, one run of each scenario per draw, on `draws_consumers` consumers
    where that is given. `jobs` is the number of runs at a time (all cores), `threads` of each run (the cores that are
    left). A run that fails is named among the failures and left out of the figures. Raises `BadInput` for what cannot be
    begun, and if every single run finds its input wrong; `Interrupted` at an interrupt.
    """
    _check(scenarios, replications, draws, draws_consumers)
    on = assumptions.consumers_of_draws(scenarios, draws_consumers)
    whole = Plan(
        folder=_claim(out, scenarios[0].name),
        scenarios=list(scenarios),
        names=unique_names([scenario.name for scenario in scenarios]),
        replications=replications,
        draws=draws,
        on=on,
        events=events,
        command=command or _command(scenarios, replications, draws, draws_consumers),
    )
    if runner is None:  # what another runner makes only that one knows how to go on with
        plan.write(whole)
    return _carry_out(whole, jobs, threads, runner, executor, progress)


def resume(
    folder: str | Path,
    threads: int | None = None,
    *,
    jobs: int | None = None,
    executor: Executor | None = None,
    progress: bool = True,
) -> Comparison:
    """Go on with a comparison that was interrupted: runs that finished are kept, the rest is done.

    Raises `BadInput` if it is none, is complete, or a table or plug-in of a scenario has changed since.
    """
    home = Path(folder)
    if (home / FILE).exists():
        raise BadInput(f"{home}: this comparison is complete; `sim report {home}` writes its report anew")
    return _carry_out(plan.read(home), jobs, threads, None, executor, progress)


def _carry_out(
    whole: Plan, jobs: int | None, threads: int | None, runner: Runner | None, executor: Executor | None, progress: bool
) -> Comparison:
    scenarios, names = whole.scenarios, whole.names
    changed = {name: differences(scenarios[0].resolved, scenario.resolved) for name, scenario in zip(names[1:], scenarios[1:])}
    varied = assumptions.parameters(scenarios, changed) if whole.draws else []
    values = assumptions.hypercube(varied, whole.draws, whole.seed) if varied else []
    count = len(scenarios) * (whole.replications + len(values))
    jobs = jobs or min(cores(), count)
    threads = threads or max(1, cores() // jobs)
    replicated = [
        Task(name, k, scenario, seed, whole.folder / _place(name, k), whole.events, threads)
        for name, scenario in zip(names, scenarios)  # arm by arm: the first one's pasts are there for the others
        for k, seed in enumerate(whole.seeds)
    ]
    drawn = assumptions.tasks(scenarios, names, values, whole.on and whole.on[0], threads)
    before = assumptions.kept_draws(whole.folder, drawn)
    started = time.perf_counter()
    left = [*replicated, *(task for task in drawn if (task.arm, task.replication) not in before)]
    if runner is None and left:
        check_memory(scenarios, jobs, threads, whole.events)
    try:
        done = run_all(left, runner, jobs, progress, keep=assumptions.keeper(whole.folder), executor=executor)
    except KeyboardInterrupt as fault:
        raise Interrupted(f"interrupted; what is done is kept: `sim resume {whole.folder}` goes on") from fault
    rows = done[: len(replicated)]
    of_draws = before | {(row.arm, row.replication): row for row in done[len(replicated) :]}
    if all(row.bad_input for row in rows):
        raise BadInput(str(rows[0].error))
    comparison = _conclude(
        whole,
        rows,
        [of_draws[task.arm, task.replication] for task in drawn],
        varied,
        values,
        changed,
        time.perf_counter() - started,
    )
    if drawn:
        assumptions.write_draws(whole.folder, of_draws, drawn, list(comparison.metrics))
    write_text(whole.folder / FILE, json.dumps(comparison.to_dict(), ensure_ascii=False, indent=1, default=str))
    plan.remove(whole.folder)
    return comparison


def unique_names(names: Sequence[str]) -> list[str]:
    """Names that can be folders side by side, also where file names know no case: a, a-2, B, b-2."""
    taken = {FILE, "report.html", plan.FILE, assumptions.FILE, assumptions.KEPT}
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


def _check(scenarios: Sequence[Scenario], replications: int, draws: int, draws_consumers: int | None) -> None:
    problems = []
    if len(scenarios) < 2:
        problems.append(f"a comparison needs two scenarios or more, the first being the base; given {len(scenarios)}")
    if replications < 1:
        problems.append(f"replications: given {replications}, at least 1 is needed")
    if draws < 0:
        problems.append(f"draws: given {draws}, at least 0 is needed (0: no assumption range)")
    if draws == 0 and draws_consumers is not None:
        problems.append(f"draws on {draws_consumers:,} consumers (--draws-consumers): there are no draws; leave the option out")
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
    if (folder / plan.FILE).exists():
        raise BadInput(f"{folder}: holds an interrupted comparison: `sim resume {folder}` goes on; or give a new folder")
    if in_use:
        raise BadInput(f"{folder}: is not empty; give a folder that is new or empty")
    return folder


def _place(name: str, replication: int) -> str:
    """The folder of a run, in that of the comparison."""
    return f"{name}/r{replication:03d}"


def _conclude(
    whole: Plan,
    rows: list[Row],
    drawn: list[Row],
    varied: list[Parameter],
    values: list[dict[str, int | float]],
    changed: dict[str, list[Change]],
    seconds: float,
) -> Comparison:
    names, count = whole.names, whole.replications
    found = dict.fromkeys(name for row in rows if row.error is None for name in row.totals)
    metrics = units.in_order(list(found))
    table = assumptions.totals_of(rows, metrics, names, count)
    results = estimates(dict(zip(metrics, table)), names)
    tried = _assume(whole, metrics, table, drawn, varied, values, results) if whole.draws else None
    scale = tried.scale if tried else 1.0
    by = winners.by_group(rows, names, count, drawn, len(values), scale)
    return Comparison(
        folder=whole.folder,
        base=names[0],
        arms=names,
        replications=count,
        draws=len(values),
        seeds=whole.seeds,
        level=LEVEL,
        currency=str(whole.scenarios[0].resolved.get("currency") or "CNY"),
        metrics=results,
        verdicts={metric: _verdicts(metric, results[metric], whole, tried) for metric in metrics},
        assumptions=tried,
        by=by,
        headline={kind: winners.HEADLINE[kind] for kind in by},
        changed=changed,
        warnings=[*cautions.of_replications(names, count, rows, changed), *cautions.of_draws(drawn, whole.on)],
        failures=[
            {
                "arm": row.arm,
                "replication": row.replication,
                "seed": row.seed,
                "folder": _place(row.arm, row.replication),
                "error": row.error,
                "bad_input": row.bad_input,
                "trace": row.trace,
            }
            for row in rows
            if row.error is not None
        ],
        values={
            metric: {arm: [None if np.isnan(value) else value for value in table[i, j].tolist()] for j, arm in enumerate(names)}
            for i, metric in enumerate(metrics)
        },
        runs={arm: [_place(arm, k) for k in range(count)] for arm in names},
        seconds=seconds,
        command=whole.command,
    )


def _assume(
    whole: Plan,
    metrics: list[str],
    table: NDArray[np.float64],
    drawn: list[Row],
    varied: list[Parameter],
    values: list[dict[str, int | float]],
    results: dict[str, dict[str, Estimate]],
) -> Assumptions:
    """What the draws say; the ends of the range go into `results` too."""
    names = whole.names
    consumers = whole.consumers if whole.on is None else whole.on[0]
    scale = 1.0 if whole.on is None else whole.on[1] / whole.on[0]
    paths = [one.path for one in varied]
    tried = [[row[path] for path in paths] for row in values]
    of_draws = assumptions.totals_of(drawn, metrics, names, len(values))
    flips: dict[str, dict[str, Flip]] = {}
    for metric, of_replications, of_values in zip(metrics, table, of_draws):
        flips[metric] = {}
        for j, arm in enumerate(names[1:], start=1):
            one = results[metric][arm]
            found = flip(
                scale * (of_values[j] - of_values[0]),
                tried,
                paths,
                one["difference"],
                (one["low"], one["high"]),
                of_replications[j] - of_replications[0],
                whole.on,
            )
            one["assumption_low"], one["assumption_high"] = found["range_low"], found["range_high"]
            flips[metric][arm] = found
    failures = [
        {"draw": row.replication, "arm": row.arm, "seed": row.seed, "error": row.error, "trace": row.trace}
        for row in drawn
        if row.error is not None
    ]
    return Assumptions(
        draws=len(values),
        seed=whole.seed,
        consumers=consumers,
        of_consumers=whole.consumers,
        scale=scale,
        parameters=varied,
        values=tried,
        failures=failures,
        flips=flips,
    )


def _verdicts(metric: str, of_arms: dict[str, Estimate], whole: Plan, tried: Assumptions | None) -> dict[str, Verdict]:
    currency = str(whole.scenarios[0].resolved.get("currency") or "CNY")
    flips = tried.flips[metric] if tried else {}
    return {
        arm: verdict(one, arm == whole.names[0], _writer(one, metric, currency), flips.get(arm)) for arm, one in of_arms.items()
    }


def _writer(one: Estimate, metric: str, currency: str) -> Callable[[float], str]:
    return units.writer(metric, currency, (one["difference"], one["low"], one["high"]))


def _command(scenarios: Sequence[Scenario], replications: int, draws: int, draws_consumers: int | None) -> str:
    files = " ".join(f"{scenario.name}.yaml" for scenario in scenarios)
    on = "" if draws_consumers is None else f" --draws-consumers {draws_consumers}"
    return f"sim compare {files} -r {replications} --draws {draws}{on} --set seed={scenarios[0].seed}"
