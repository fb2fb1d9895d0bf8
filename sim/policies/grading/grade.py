"""From indicators to the result of a refresh [GRD-4]."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from sim.policies.grading.indicators import Indicators
from sim.policies.grading.names import RATIOS, Grade
from sim.policies.grading.rules import Grading, LinesInForce, begun


def reached(indicators: Indicators, lines: Mapping[str, float]) -> dict[str, bool]:
    """Which lines are reached, by indicator."""
    values = indicators._asdict()
    return {name: values[name] is not None and values[name] >= line for name, line in lines.items()}


def grade_of(indicators: Indicators, lines: LinesInForce, time: dt.datetime, rules: Grading) -> Grade:
    """The result of a refresh at `time`: quality, potential or improving. Non-compliance is not a result but two of them.

    Before `phases.potential_indicators_from`, benefit online days alone make potential [GRD-9].
    """
    if indicators.online_days <= rules.online_days_above:
        return Grade.IMPROVING
    if all(reached(indicators, lines.quality).values()):
        return Grade.QUALITY
    if ratios_needed(time, rules) <= sum(reached(indicators, lines.potential).values()):
        return Grade.POTENTIAL
    return Grade.IMPROVING


def ratios_needed(time: dt.datetime, rules: Grading) -> int:
    """How many of the three ratios make potential at a refresh."""
    return min(rules.potential_min, len(RATIOS)) if begun(rules.phases.potential_indicators_from, time) else 0
