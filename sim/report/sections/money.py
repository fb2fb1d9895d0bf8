"""GMV and profit: the difference of each arm with its interval."""

from __future__ import annotations

from typing import Any

from sim.report.page import Page
from sim.report.words import say, shown


def money(page: Page) -> list[dict[str, Any]]:
    """One panel for each of GMV and profit: an interval per arm on a common scale."""
    panels: list[dict[str, Any]] = []
    if page.comparison is None:
        return panels
    for metric in ("gmv", "profit"):
        if metric not in page.metrics:
            continue
        ends = [0.0]
        for arm in page.others:
            places = [page.estimate(metric, arm, key).value for key in ("difference", "low", "high")]
            ends += [value for value in places if value is not None]
        low, high = min(ends), max(ends)
        span = (high - low) or 1.0
        low, high = low - 0.06 * span, high + 0.06 * span
        panels.append(
            {
                "label": shown(page.label(metric)),
                "base": say(
                    "money_base", base=page.name(page.base), value=page.figure(metric, page.estimate(metric, page.base, "mean"))
                ),
                "zero": _at(0.0, low, high),
                "rows": [_bar(page, metric, arm, low, high) for arm in page.others],
            }
        )
    return panels


def _bar(page: Page, metric: str, arm: str, low: float, high: float) -> dict[str, Any]:
    difference, left, right = (page.estimate(metric, arm, key).value for key in ("difference", "low", "high"))
    return {
        "name": arm,
        "colour": page.colour(arm),
        "mean": page.figure(metric, page.estimate(metric, arm, "mean")),
        "difference": page.figure(metric, page.estimate(metric, arm, "difference"), signed=True),
        "relative": page.relative(metric, arm),
        "interval": shown(page.interval(metric, arm)),
        "dot": None if difference is None else _at(difference, low, high),
        "left": None if left is None else _at(left, low, high),
        "right": None if right is None else 100 - _at(right, low, high),
    }


def _at(value: float, low: float, high: float) -> float:
    return round(100 * (value - low) / (high - low), 3)
