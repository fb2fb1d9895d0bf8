"""Intervals as bars of a page: a dot, the simulation error around it, and below, lighter, the assumption range."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple


class Ends(NamedTuple):
    """A difference with the ends of both kinds of uncertainty; None where undefined or not computed."""

    difference: float | None
    low: float | None
    high: float | None
    assumption_low: float | None = None
    assumption_high: float | None = None


class Track(NamedTuple):
    """Places on a track in percent of its width: `dot`, the ends of the bars as distances from either side."""

    dot: float | None
    error: tuple[float, float] | None
    assumed: tuple[float, float] | None


class Scale:
    """Common to all tracks of a panel, with the zero in it."""

    def __init__(self, of: Iterable[Ends]) -> None:
        ends = [0.0, *(value for one in of for value in one if value is not None)]
        low, high = min(ends), max(ends)
        span = (high - low) or 1.0
        self.low, self.high = low - 0.05 * span, high + 0.05 * span

    def at(self, value: float) -> float:
        return round(100 * (value - self.low) / (self.high - self.low), 3)

    def track(self, one: Ends) -> Track:
        return Track(
            None if one.difference is None else self.at(one.difference),
            self._bar(one.low, one.high),
            self._bar(one.assumption_low, one.assumption_high),
        )

    def _bar(self, low: float | None, high: float | None) -> tuple[float, float] | None:
        return None if low is None or high is None else (self.at(low), round(100 - self.at(high), 3))
