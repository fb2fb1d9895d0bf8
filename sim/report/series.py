"""Figures by day of the arms, as means over their runs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.report.charts import Line
from sim.report.folder import RunFolder
from sim.report.page import Page


class Series(NamedTuple):
    """One figure at the end of each day, shape (days,), with the days."""

    days: list[date]
    values: NDArray[np.float64]


def known(page: Page, columns: Sequence[str]) -> bool:
    """Whether every run has these columns."""
    return all(set(columns) <= set(run.daily.columns) for runs in page.material.runs.values() for run in runs)


def moves(page: Page, column: str) -> bool:
    """Whether a column is there and is not zero throughout."""
    return known(page, [column]) and any(run.daily[column].any() for runs in page.material.runs.values() for run in runs)


def by_day(runs: Sequence[RunFolder], column: str) -> Series:
    """The mean over the runs, as far as all of them go."""
    count = min(len(run.daily) for run in runs)
    days = [day.date() for day in runs[0].daily.index[:count]]
    return Series(days, np.mean([run.daily[column].to_numpy(np.float64)[:count] for run in runs], axis=0))


def lines(page: Page, column: str) -> list[Line]:
    """A line per arm with a result."""
    found = []
    for arm, runs in page.material.runs.items():
        if runs:
            days, values = by_day(runs, column)
            found.append(Line(days, values, page.colour(arm), name=arm))
    return found
