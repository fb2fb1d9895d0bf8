"""Who wins and who loses: paired differences of every merchant, industry and segment, simultaneous within a family.

A family is all groups of one kind and all arms, for one metric: its intervals hold together with 95 % (Bonferroni's level
for the paired t, as for the arms of a comparison). So where nothing changes, the chance that any merchant at all is called
a winner or a loser by profit is at most 5 %.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, TypedDict

import numpy as np
from numpy.typing import NDArray

from sim.experiments.groups import BY, METRICS
from sim.experiments.runs import Row
from sim.experiments.statistics import critical

Outcome = Literal["wins", "loses", "unclear", "equal", "higher", "lower"]

HEADLINE: dict[str, list[str]] = {"merchant": ["profit"], "industry": ["profit"], "segment": ["needs_met", "opt_outs"]}
"""By what a group of each kind is judged."""

MORE_IS_BETTER = {"gmv": True, "profit": True, "orders": True, "needs_met": True, "opt_outs": False}
"""Of other metrics more is neither better nor worse: they are `higher` or `lower`."""


class GroupEstimate(TypedDict):
    """One metric of one group in one arm; of the base only the mean. `None` where undefined.

    `low` and `high` hold together for all groups and arms. The assumption range is over the draws. All as totals of a run,
    money in minor units.
    """

    mean: float | None
    difference: float | None
    low: float | None
    high: float | None
    relative: float | None
    verdict: Outcome | None
    assumption_low: float | None
    assumption_high: float | None


Groups = dict[str, dict[str, dict[str, GroupEstimate]]]
"""`groups[group][metric][arm]`."""


def by_group(
    rows: Sequence[Row], names: Sequence[str], replications: int, draws: Sequence[Row], count: int, scale: float
) -> dict[str, Groups]:
    """For each kind of group of which there are figures; `draws` are `count` per arm, to be multiplied by `scale`."""
    return {
        kind: _of_kind(kind, rows, names, replications, draws, count, scale)
        for kind in BY
        if any(kind in row.groups for row in rows)
    }


def _of_kind(
    kind: str, rows: Sequence[Row], names: Sequence[str], replications: int, draws: Sequence[Row], count: int, scale: float
) -> Groups:
    known = [row.groups[kind] for row in rows if kind in row.groups]
    groups = list(dict.fromkeys(group for sums in known for group in sums))
    present = {metric for sums in known for row in sums.values() for metric in row}
    result: Groups = {group: {} for group in groups}
    for metric in (metric for metric in METRICS if metric in present):
        values = _table(kind, metric, rows, names, groups, replications)
        drawn = scale * _table(kind, metric, draws, names, groups, count)
        for number, arm in enumerate(names):
            of_arm = _base(values[0]) if number == 0 else _arm(metric, values[0], values[number], len(names) - 1)
            low, high = _range(drawn[number] - drawn[0]) if number else (None, None)
            for g, group in enumerate(groups):
                one = of_arm[g]
                if low is not None and high is not None:
                    one["assumption_low"], one["assumption_high"] = float(low[g]), float(high[g])
                result[group].setdefault(metric, {})[arm] = one
    return result


def _table(
    kind: str, metric: str, rows: Sequence[Row], names: Sequence[str], groups: Sequence[str], count: int
) -> NDArray[np.float64]:
    """Sums of shape (arms, groups, replications); NaN for a run that failed, 0 for a group that a run does not have."""
    table = np.full((len(names), len(groups), count), np.nan)
    for row in rows:
        if row.error is None and kind in row.groups:
            sums = row.groups[kind]
            table[names.index(row.arm), :, row.replication] = [sums.get(group, {}).get(metric, 0) for group in groups]
    return table


def _base(values: NDArray[np.float64]) -> list[GroupEstimate]:
    finished = values[:, ~np.isnan(values[0])]
    means = finished.mean(axis=1).tolist() if finished.shape[1] else [None] * len(values)
    return [_empty(mean) for mean in means]


def _arm(metric: str, base: NDArray[np.float64], arm: NDArray[np.float64], arms: int) -> list[GroupEstimate]:
    """`base` and `arm` of shape (groups, replications): a run fails for all groups or none."""
    both = ~(np.isnan(base[0]) | np.isnan(arm[0]))
    base, arm = base[:, both], arm[:, both]
    groups, n = base.shape
    if n == 0:
        return [_empty(None) for _ in range(groups)]
    differences = arm - base
    mean, difference, size = arm.mean(axis=1), differences.mean(axis=1), np.abs(base.mean(axis=1))
    half = critical(arms * groups, n) * differences.std(axis=1, ddof=1) / np.sqrt(n) if n > 1 else None
    result = []
    for g in range(groups):
        one = _empty(float(mean[g]))
        one["difference"] = float(difference[g])
        one["relative"] = float(difference[g] / size[g]) if size[g] else None
        if half is not None:
            one["low"], one["high"] = float(difference[g] - half[g]), float(difference[g] + half[g])
        one["verdict"] = _outcome(metric, differences[g], one["low"], one["high"])
        result.append(one)
    return result


def _outcome(metric: str, differences: NDArray[np.float64], low: float | None, high: float | None) -> Outcome:
    if not differences.any():
        return "equal"
    if low is None or high is None or low <= 0 <= high:
        return "unclear"
    better = MORE_IS_BETTER.get(metric)
    if better is None:
        return "higher" if low > 0 else "lower"
    return "wins" if (low > 0) == better else "loses"


def _range(differences: NDArray[np.float64]) -> tuple[NDArray[np.float64] | None, NDArray[np.float64] | None]:
    finished = differences[:, ~np.isnan(differences[0])]
    return (finished.min(axis=1), finished.max(axis=1)) if finished.shape[1] else (None, None)


def _empty(mean: float | None) -> GroupEstimate:
    return GroupEstimate(
        mean=mean,
        difference=None,
        low=None,
        high=None,
        relative=None,
        verdict=None,
        assumption_low=None,
        assumption_high=None,
    )


def tally(groups: Mapping[str, Mapping[str, Mapping[str, GroupEstimate]]], metric: str, arm: str) -> dict[str, list[str]]:
    """The groups by outcome; winners by their gain, losers by their loss, the largest first."""
    found: dict[str, list[str]] = {"wins": [], "loses": [], "unclear": [], "equal": []}
    for group, metrics in groups.items():
        verdict = metrics[metric][arm]["verdict"] if metric in metrics else None
        if verdict in found:
            found[verdict].append(group)
    for listed in found.values():
        listed.sort(key=lambda group: -abs(groups[group][metric][arm]["difference"] or 0.0))
    return found
