"""Whether two implementations of a workload count the same, up to the chance of the draw."""

from __future__ import annotations

from math import sqrt
from statistics import NormalDist

from benchmarks.rows import Row

ERROR = 0.01  # that rows of the same model are said to differ, all their counts taken together


def relative_errors(row: Row, exact: Row, spread: dict[str, float]) -> dict[str, tuple[float, float]]:
    """By how much an approximation's counts per consumer are off, relative to the exact ones, and the standard deviation."""
    errors = {}
    for name, variance in spread.items():
        right = exact["counts"][name] / exact["consumers"]
        deviation = sqrt(variance * (1 / row["consumers"] + 1 / exact["consumers"]))
        if right:
            errors[name] = (row["counts"][name] / row["consumers"] / right - 1, deviation / right)
    return errors


def differences(row: Row, reference: Row, spread: dict[str, float]) -> dict[str, float]:
    """The counts per consumer that differ, with the difference in standard deviations.

    Consumers of one run are independent, so a count's variance is `spread`, its variance per consumer, times their
    number; the two runs may therefore be of different sizes.
    """
    limit = NormalDist().inv_cdf(1 - ERROR / len(spread) / 2)
    found = {}
    for name, variance in spread.items():
        difference = row["counts"][name] / row["consumers"] - reference["counts"][name] / reference["consumers"]
        deviation = sqrt(variance * (1 / row["consumers"] + 1 / reference["consumers"]))
        if abs(difference) > limit * deviation:
            found[name] = difference / deviation if deviation else float("inf")
    return found
