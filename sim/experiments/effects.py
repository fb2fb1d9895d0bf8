"""What a setting does to a metric over a whole grid: marginal means by level, and paired differences to the first level.

A marginal mean is over all points with that level; the other settings are met equally often with every level, so that
levels differ by nothing else. A replication has one seed at all points: its points are not independent, and so intervals are
over replications, each of which gives one figure per level. The difference of two levels is paired within replications.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, TypedDict

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sim.experiments.grid import Factor
from sim.experiments.statistics import Estimate, critical, estimates


class Effect(TypedDict):
    """One metric at one level of a factor; `None` where undefined.

    `mean` with the 95 % interval `mean_low` to `mean_high`, by itself; `difference` to the first level with `low` and
    `high`, which hold together for all levels of the factor; `relative` to the size of the first level's mean;
    `variance_reduction`: how many times the replications that independent runs would need for the same interval.
    """

    level: str | int | float | bool
    mean: float | None
    mean_low: float | None
    mean_high: float | None
    difference: float | None
    low: float | None
    high: float | None
    relative: float | None
    variance_reduction: float | None


class Used(NamedTuple):
    """On how many points with each level, and on how many replications, the figures of a factor rest: all, if no run failed."""

    points: int
    replications: int


Effects = dict[str, dict[str, list[Effect]]]
"""`effects[metric][path]`: one for each level, in the order of the levels."""


def of_factors(table: Mapping[str, NDArray[np.float64]], factors: Sequence[Factor]) -> tuple[Effects, dict[str, Used]]:
    """The effects of all factors on all metrics, and by path what they rest on.

    `table` has for each metric an array with an axis per factor (its levels), the last one being replications; NaN for a
    failed run, alike in all metrics.
    """
    effects: Effects = {metric: {} for metric in table}
    used: dict[str, Used] = {}
    if not table:
        return effects, used
    failed = np.isnan(next(iter(table.values())))
    for axis, factor in enumerate(factors):
        levels, combinations, replications = _whole(_by_level(failed, axis))
        whole = np.ix_(levels, combinations, replications)
        used[factor.path] = Used(len(combinations), len(replications))
        for metric, values in table.items():
            by_level = np.full((failed.shape[axis], len(replications)), np.nan)
            if len(combinations):
                by_level[levels] = _by_level(values, axis)[whole].mean(axis=1)
            effects[metric][factor.path] = _effects(by_level, factor)
    return effects, used


def _by_level(table: NDArray[Any], axis: int) -> NDArray[Any]:
    """Of shape (levels, combinations of the other factors, replications)."""
    moved = np.moveaxis(table, axis, 0)
    return moved.reshape(len(moved), -1, moved.shape[-1])


def _whole(failed: NDArray[np.bool_]) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]:
    """The levels, combinations and replications that can be used together: no failed run is among them.

    A level, then a combination, without a single run is left out; then every replication in which one failed.
    """
    levels = np.flatnonzero(~failed.all(axis=(1, 2)))
    combinations = np.flatnonzero(~failed[levels].all(axis=2).any(axis=0) & (len(levels) > 0))
    replications = np.flatnonzero(~failed[np.ix_(levels, combinations)].any(axis=(0, 1)) & (len(combinations) > 0))
    return levels, combinations, replications


def _effects(by_level: NDArray[np.float64], factor: Factor) -> list[Effect]:
    names = [str(number) for number in range(len(by_level))]
    of_levels: dict[str, Estimate] = estimates({"": by_level}, names)[""]
    found = []
    for name, level, values in zip(names, factor.levels, by_level):
        one = of_levels[name]
        known = values[~np.isnan(values)]
        half = None
        if len(known) > 1:
            half = critical(1, len(known)) * float(known.std(ddof=1)) / math.sqrt(len(known))
        mean = float(known.mean()) if len(known) else None
        found.append(
            Effect(
                level=level.value if factor.numeric else level.shown,
                mean=mean,
                mean_low=None if mean is None or half is None else mean - half,
                mean_high=None if mean is None or half is None else mean + half,
                difference=one["difference"],
                low=one["low"],
                high=one["high"],
                relative=one["relative"],
                variance_reduction=one["variance_reduction"],
            )
        )
    return found


def long_table(effects: Effects) -> pd.DataFrame:
    """A row per metric, factor and level, for spreadsheets; levels as text, for they are of several kinds."""
    rows = [
        {"metric": metric, "setting": path} | {key: str(value) if key == "level" else value for key, value in one.items()}
        for metric, of_paths in effects.items()
        for path, of_levels in of_paths.items()
        for one in of_levels
    ]
    columns = ["metric", "setting", *Effect.__annotations__]
    return pd.DataFrame(rows, columns=columns).astype({name: "Float64" for name in columns[3:]})
