"""How far the next grade is, and which lever is the cheapest [GRD-12]."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from sim.policies.grading.grade import grade_of, ratios_needed, reached
from sim.policies.grading.indicators import Indicators
from sim.policies.grading.names import RATIOS, Grade
from sim.policies.grading.rules import Costs, Grading, LinesInForce


class Distance(NamedTuple):
    """What is missing to the next grade."""

    grade: Grade  # the next
    gaps: dict[str, float]  # by indicator, of those to be moved: days, members, fractions; the cheapest first
    cost: float | None  # of all of them; None: not every unit cost is known

    @property
    def cheapest(self) -> str:
        """The lever to begin with."""
        return next(iter(self.gaps))


def distance(indicators: Indicators, lines: LinesInForce, time: dt.datetime, rules: Grading) -> Distance | None:
    """What would have made the next better result at a refresh at `time`; None: it was quality.

    Quality needs every gap closed; potential the cheapest of the ratios, as many as it lacks. A gap costs itself times its
    unit cost in `rules.costs` (of ratios: per percentage point). Gaps of unknown cost come after those of known cost, by their
    size in proportion to the line; of equal ones, the first by name comes first.
    """
    result = grade_of(indicators, lines, time, rules)
    if result is Grade.QUALITY:
        return None
    days = {"online_days": rules.online_days_above + 1}
    if result is Grade.POTENTIAL:
        aim, needed = Grade.QUALITY, _missing(indicators, {**days, **lines.quality}, rules.costs)
    else:
        aim = Grade.POTENTIAL
        short = ratios_needed(time, rules) - sum(reached(indicators, lines.potential).values())
        ratios = _missing(indicators, {name: lines.potential[name] for name in RATIOS}, rules.costs)
        needed = sorted([*_missing(indicators, days, rules.costs), *ratios[: max(0, short)]])
    costs = [gap.cost for gap in needed]
    known = [cost for cost in costs if cost is not None]
    return Distance(aim, {gap.name: gap.size for gap in needed}, sum(known) if len(known) == len(costs) else None)


class _Gap(NamedTuple):
    """Ordered as people would close them."""

    unknown: bool
    price: float  # the cost, or where it is not known the size in proportion to the line
    name: str
    size: float

    @property
    def cost(self) -> float | None:
        return None if self.unknown else self.price


def _missing(indicators: Indicators, lines: Mapping[str, float], costs: Costs) -> list[_Gap]:
    """The gaps to lines that are not reached, the cheapest first; a ratio of nothing to nothing is 0."""
    values = indicators._asdict()
    short = [name for name, is_reached in reached(indicators, lines).items() if not is_reached]
    return sorted(_gaps(((name, lines[name], lines[name] - (values[name] or 0)) for name in short), costs))


def _gaps(found: Iterable[tuple[str, float, float]], costs: Costs) -> Iterable[_Gap]:
    for name, line, size in found:
        unit_cost = getattr(costs, name)
        per_unit = 100 if name in RATIOS else 1
        if unit_cost is None:
            yield _Gap(True, size / line if line else 0, name, size)
        else:
            yield _Gap(False, size * per_unit * unit_cost, name, size)
