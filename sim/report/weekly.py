"""Weekly figures of the arms: over the simulated time, and over exactly the weeks of the log."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from sim.experiments.repeat_purchase import BgNbd
from sim.report.folder import LogWeek, Material, RunFolder


@dataclass(frozen=True)
class Spread:
    """Of one figure (or a row of them) over replications: the mean, and the 95 % range of one more outcome.

    The range is for a single outcome, since that is what a log is; with one replication there is none.
    """

    mean: NDArray[np.float64]
    low: NDArray[np.float64] | None
    high: NDArray[np.float64] | None


def spread(values: NDArray[np.float64]) -> Spread:
    """Over axis 0, by the prediction interval of a normal sample: mean +- t s sqrt(1 + 1/n), not below zero."""
    n, mean = len(values), values.mean(axis=0)
    if n < 2:
        return Spread(mean, None, None)
    wide = stdtrit(n - 1, 0.975) * values.std(axis=0, ddof=1) * math.sqrt(1 + 1 / n)
    return Spread(mean, np.maximum(mean - wide, 0.0), mean + wide)


def in_weeks(runs: Sequence[RunFolder], column: str, starts: Sequence[date], days: Sequence[int]) -> NDArray[np.float64]:
    """Sums of a daily column, shape (runs, weeks); zero where a run has no such column."""
    begins = np.array(starts, "datetime64[D]")
    ends = begins + np.array(days, "timedelta64[D]")
    rows = []
    for run in runs:
        if column not in run.daily.columns:
            rows.append(np.zeros(len(starts)))
            continue
        so_far = np.append(0.0, run.daily[column].to_numpy(np.float64).cumsum())
        dates = run.daily.index.to_numpy("datetime64[D]")
        rows.append(so_far[np.searchsorted(dates, ends)] - so_far[np.searchsorted(dates, begins)])
    return np.stack(rows)


def own_weeks(run: RunFolder) -> tuple[list[date], list[int]]:
    """Whole weeks from the first simulated day on; what is left over at the end is no week and is not drawn."""
    first, last = simulated(run)
    count = max((last - first).days + 1, 0) // 7
    return [first + timedelta(days=7 * i) for i in range(count)], [7] * count


def simulated(run: RunFolder) -> tuple[date, date]:
    """The first and the last day."""
    return run.daily.index[0].date(), run.daily.index[-1].date()


def common(weeks: Sequence[LogWeek], run: RunFolder) -> list[LogWeek]:
    """The weeks of the log that lie wholly in the simulated time."""
    first, last = simulated(run)
    return [week for week in weeks if first <= week.first_day and week.first_day + timedelta(days=week.days - 1) <= last]


def closed_form(material: Material, weeks: Sequence[LogWeek]) -> NDArray[np.float64] | None:
    """What BG/NBD expects of the store's customers in each of these weeks, given their own histories and no messages.

    None where the scenario has no such model, its table of customers is gone, or some of them only come during the run.
    """
    past, customers = material.a_run.scenario.get("past"), material.customers
    model = past.get("bg_nbd") if isinstance(past, dict) else None
    if not model or customers is None or not {"x", "t_x", "T"} <= set(customers.columns):
        return None
    if "enter" in customers.columns and customers["enter"].notna().any():
        return None
    first, _ = simulated(material.a_run)
    edges = [weeks[0].first_day, *(week.first_day + timedelta(days=week.days) for week in weeks)]
    ahead = np.array([(edge - first).days / 7 for edge in edges])
    alike = customers.groupby(["x", "t_x", "T"]).size().reset_index(name="count")
    x, t_x, t_obs = (alike[name].to_numpy(np.float64)[:, None] for name in ("x", "t_x", "T"))
    expected = BgNbd(**model).expected_repeats_ahead(x, t_x, t_obs, ahead)
    return np.diff(alike["count"].to_numpy() @ expected)
