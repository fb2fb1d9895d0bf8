"""Relations as they were at 00:00: what the platform selects by the day is of the day before (T+1) [GRD-8].

Just before the first thing that changes a relation on a day, what it was is put by in its row of `loyalty`; until then it is
what the relation itself says. So it is the same wherever windows begin and end.
"""

from __future__ import annotations

import numpy as np

from sim.state.compiled import inlined
from sim.state.shard import Row

WAS_FAN, WAS_MEMBER = 1, 2  # bits of `was`


@inlined
def keep_yesterday(loyalty: np.ndarray, r: Row, row: int, day: int) -> None:
    """Put by what a relation was at 00:00 of `day`, before a visit, an order, a join or (un)following changes it."""
    if len(loyalty) > 0 and loyalty[row].as_of != day:
        mine = loyalty[row]
        mine.as_of = day
        mine.visit_before = r.visit_day
        mine.order_before = r.order_day
        mine.orders_before = r.orders
        r.was = WAS_FAN * r.fan + WAS_MEMBER * r.member


@inlined
def came_before(r: Row, mine: Row, day: int) -> int:
    """The last day before `day` with a visit or an order: who bought has visited."""
    if mine.as_of == day:
        return max(mine.visit_before, mine.order_before)
    return max(r.visit_day, r.order_day)


@inlined
def bought_before(r: Row, mine: Row, day: int) -> int:
    """The last day before `day` with an order."""
    return mine.order_before if mine.as_of == day else r.order_day


@inlined
def orders_before(r: Row, mine: Row, day: int) -> int:
    """Orders up to 00:00 of `day`."""
    return mine.orders_before if mine.as_of == day else r.orders


@inlined
def fan_before(r: Row, mine: Row, day: int) -> bool:
    """Whether it was a fan at 00:00 of `day`."""
    return r.was & WAS_FAN != 0 if mine.as_of == day else r.fan == 1


@inlined
def member_before(r: Row, mine: Row, day: int) -> bool:
    """Whether it was a member at 00:00 of `day`."""
    return r.was & WAS_MEMBER != 0 if mine.as_of == day else r.member == 1
