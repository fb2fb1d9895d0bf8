"""The second kind of uncertainty: the same difference under other values of what no source gives.

A Latin hypercube over the assumed parameters; a draw lays the same values over all arms and runs each under the one seed
of replication 0, so that the difference of a draw is paired like that of a replication.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.errors import BadInput
from sim.experiments import journal
from sim.experiments.differences import Change
from sim.experiments.runs import Row, Task
from sim.scenario.source import undotted

STREAM = 0x44524157  # sets these draws apart from all else that is drawn by the scenario's seed
FILE = "draws.parquet"
KEPT = "draws.jsonl"
"""Of a comparison that is under way: a line for each draw that has finished, so that it need not be run again."""

Rows = dict[tuple[str, int], Row]
"""Rows by arm and draw."""


class HasAssumptions(Protocol):
    """What is needed of a scenario."""

    @property
    def seed(self) -> int: ...
    @property
    def consumers(self) -> int: ...
    @property
    def resolved(self) -> Mapping[str, Any]: ...
    @property
    def assumptions(self) -> Sequence[Mapping[str, Any]]: ...


class Parameter(NamedTuple):
    """An assumed parameter and the range that is tried; `value` is the scenario's own. Whole where that is an `int`."""

    path: str
    low: float
    high: float
    value: int | float


def parameters(scenarios: Sequence[HasAssumptions], changed: Mapping[str, Sequence[Change]]) -> list[Parameter]:
    """What is varied: the assumed parameters of the base, then those of parts that only other arms have.

    Left as each arm has it: what the arms themselves change (`changed[arm]`), what is null, and what has no range. The
    range is the declared one, widened to the scenario's own value, or else half to twice that; never outside the bounds
    that the field itself has.
    """
    asked = {change.path for changes in changed.values() for change in changes}
    found: dict[str, Parameter] = {}
    for scenario in scenarios:
        for row in scenario.assumptions:
            path, value = str(row["path"]), row["value"]
            number = isinstance(value, int | float) and not isinstance(value, bool)
            if row["kind"] != "assumed" or not number or path in asked or path in found:
                continue
            low, high = _range(row)
            if low < high:
                found[path] = Parameter(path, low, high, value)
    return list(found.values())


def _range(row: Mapping[str, Any]) -> tuple[float, float]:
    value, low, high = row["value"], row["low"], row["high"]
    if low is None or high is None:
        low, high = sorted((value / 2, value * 2))
    elif low < high:
        low, high = min(low, value), max(high, value)
    least, most = row.get("least"), row.get("most")
    low = low if least is None else max(low, least)
    high = high if most is None else min(high, most)
    if isinstance(value, int):
        low, high = np.ceil(low), np.floor(high)
    return float(low), float(high)


def hypercube(varied: Sequence[Parameter], draws: int, seed: int) -> list[dict[str, int | float]]:
    """The values of each draw by path: of `draws` equal strata of every parameter's range, each is met once."""
    if not varied:
        return [{} for _ in range(draws)]
    from scipy.stats import qmc  # slow to import, and only draws need it

    generator = np.random.default_rng([STREAM, seed])
    unit = qmc.LatinHypercube(len(varied), seed=generator).random(draws)
    return [{one.path: _value(one, share) for one, share in zip(varied, row)} for row in unit.tolist()]


def _value(one: Parameter, share: float) -> int | float:
    value = min(max(one.low + share * (one.high - one.low), one.low), one.high)
    return round(value) if isinstance(one.value, int) else value


def consumers_of_draws(scenarios: Sequence[HasAssumptions], wanted: int | None) -> tuple[int, int] | None:
    """On how many consumers draws are run, and of how many; None without a wish. Raises BadInput where it cannot be met."""
    if wanted is None:
        return None
    option = f"draws on {wanted:,} consumers (--draws-consumers)"
    for scenario in scenarios:
        past = scenario.resolved.get("past")
        if isinstance(past, Mapping) and past.get("customers") is not None:
            raise BadInput(
                f"{option}: the customers come from a table (past.customers), whose first rows stand for no one but"
                " themselves; leave the option out, or lower --draws"
            )
    numbers = {scenario.consumers for scenario in scenarios}
    if len(numbers) > 1:
        raise BadInput(f"{option}: the arms themselves differ in their number of consumers; leave the option out")
    (whole,) = numbers
    if not 1 <= wanted <= whole:
        raise BadInput(f"{option}: must be from 1 to {whole:,}, the scenario's own number of consumers")
    return wanted, whole


def tasks(
    scenarios: Sequence[HasAssumptions],
    names: Sequence[str],
    values: Sequence[Mapping[str, int | float]],
    consumers: int | None,
    threads: int,
) -> list[Task]:
    """The runs of all draws: a value goes to every arm that has its parameter at all."""
    size = {} if consumers is None else {"consumers": consumers}
    return [
        Task(name, k, scenario, scenarios[0].seed, None, threads=threads, values=size | _known(scenario.resolved, row))
        for name, scenario in zip(names, scenarios)  # arm by arm: the first one's pasts are there for the others
        for k, row in enumerate(values)
    ]


def _known(resolved: Mapping[str, Any], values: Mapping[str, int | float]) -> dict[str, Any]:
    return {path: value for path, value in values.items() if undotted(resolved, path) is not None}


def totals_of(rows: Sequence[Row], metrics: Sequence[str], names: Sequence[str], draws: int) -> NDArray[np.float64]:
    """Totals of shape (metrics, arms, draws or replications); NaN for a failed run."""
    table = np.full((len(metrics), len(names), draws), np.nan)
    for row in rows:
        if row.error is None:
            of = [row.totals.get(metric, np.nan) for metric in metrics]
            table[:, names.index(row.arm), row.replication] = of
    return table


def keeper(folder: Path) -> Callable[[Task, Row], None]:
    """Keeps the rows of draws that finish, of which nothing else is left."""

    def keep(task: Task, row: Row) -> None:
        if task.values is not None and row.error is None:
            journal.add(folder / KEPT, row, values=task.values)

    return keep


def kept_draws(folder: Path, tasks: Sequence[Task]) -> Rows:
    """The rows of those tasks that were kept before."""
    of = {(task.arm, task.replication): (task.seed, dict(task.values or {})) for task in tasks}
    return {
        key: row
        for row, facts in journal.read(folder / KEPT)
        if of.get(key := (row.arm, row.replication)) == (row.seed, facts.get("values"))
    }


def write_draws(folder: Path, rows: Rows, tasks: Sequence[Task], metrics: Sequence[str]) -> None:
    """The file of all draws: draw, arm, seed, error, the values laid over the arm by path, and its totals, not scaled."""
    table = []
    for task in tasks:
        row = rows[task.arm, task.replication]
        facts = {"draw": row.replication, "arm": row.arm, "seed": row.seed, "error": row.error}
        table.append(facts | dict(task.values or {}) | {metric: row.totals.get(metric) for metric in metrics})
    part = folder / f"{FILE}.part"
    pd.DataFrame(table).astype({"error": "object"}).to_parquet(part, compression="zstd", index=False)
    part.replace(folder / FILE)
    (folder / KEPT).unlink(missing_ok=True)
