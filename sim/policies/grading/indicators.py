"""The five indicators of a period, from what merchants configured and members did [GRD-3]."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import NamedTuple

from sim.policies.grading.calendar import MIDNIGHT

Span = tuple[dt.datetime, dt.datetime]  # [begin, end)


class Indicators(NamedTuple):
    """What a refresh looks at. A ratio of nothing to nothing is None, and reaches no line (A)."""

    online_days: int  # natural days with any member benefit online
    scale: int  # quality and potential members at the period's end
    gmv_share: float | None  # members' GMV / store GMV in the period
    quality_ratio: float | None  # quality members / effective members at the end
    penetration: float | None  # members who used a benefit / members who bought


class BenefitUse(NamedTuple):
    """A member used a benefit: of a points exchange, when it was redeemed or the gift ordered, not when points were paid."""

    member: int
    time: dt.datetime


def online_days(benefits: Iterable[Span], period: Span) -> int:
    """Natural days of the period on which any benefit is online at any moment: a union, not a sum."""
    days: set[dt.date] = set()
    for begin, end in benefits:
        begin, end = max(begin, period[0]), min(end, period[1])
        day = dt.datetime.combine(begin, MIDNIGHT)
        while begin < end and day < end:
            days.add(day.date())
            day += dt.timedelta(days=1)
    return len(days)


def measured(
    benefits: Iterable[Span],
    period: Span,
    *,
    quality_members: int,
    potential_members: int,
    member_gmv: int,
    store_gmv: int,
    uses: Iterable[BenefitUse],
    buyers: int,
) -> Indicators:
    """The indicators of a period from counts: members at its end, GMV in fen and members who bought in it, uses of any time."""
    scale = quality_members + potential_members
    used = {use.member for use in uses if period[0] <= use.time < period[1]}
    return Indicators(
        online_days(benefits, period),
        scale,
        _over(member_gmv, store_gmv),
        _over(quality_members, scale),
        _over(len(used), buyers),
    )


def _over(part: int, whole: int) -> float | None:
    """None also where there is a part of nothing: who used a benefit may not have bought."""
    return part / whole if whole else None
