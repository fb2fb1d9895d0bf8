"""The five indicators of a period, from what merchants configured and members did [GRD-3]."""

from __future__ import annotations

from typing import NamedTuple


class Indicators(NamedTuple):
    """What a refresh looks at. A ratio of nothing to nothing is None, and reaches no line (A)."""

    online_days: int  # natural days with any member benefit online
    scale: int  # quality and potential members at the period's end
    gmv_share: float | None  # members' GMV / store GMV in the period
    quality_ratio: float | None  # quality members / effective members at the end
    penetration: float | None  # members who used a benefit / members who bought


def measured(
    *,
    online_days: int,
    quality_members: int,
    potential_members: int,
    member_gmv: int,
    store_gmv: int,
    users: int,
    buyers: int,
) -> Indicators:
    """The indicators of a period from its counts.

    Natural days with a benefit online, a union and not a sum; members at its end; GMV in fen; members who used a benefit, and
    who bought, in it, each counted once. A points exchange is used when it is redeemed, not when points are paid.
    """
    scale = quality_members + potential_members
    return Indicators(online_days, scale, _over(member_gmv, store_gmv), _over(quality_members, scale), _over(users, buyers))


def _over(part: int, whole: int) -> float | None:
    """None also where there is a part of nothing: who used a benefit may not have bought."""
    return part / whole if whole else None
