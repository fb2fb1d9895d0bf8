"""What membership does to a member, and what its members do.

It does as much as the member is attached to it, and no more than the dial lets through [evidence D8]. What members do is
counted once a period of grading, however often they do it [GRD-3].
"""

from __future__ import annotations

import numpy as np

from sim.state.compiled import inlined
from sim.state.names import BENEFIT_USERS, MEMBER_BUYERS
from sim.state.shard import Row, Shard


@inlined
def attach(r: Row, day: int) -> None:
    """The consumer joins, or uses something that members have, on `day`: from now on membership does all that it can."""
    r.attached_day = day


@inlined
def attachment(w: Row, r: Row, day: int) -> float:
    """How much of what membership does is left on `day`: 1 up to `fade_from` days after the last use, 0 from `fade_until` on.

    Between them it falls in a straight line. 0 for who is no member; where nothing fades, 1 for whoever is.
    """
    if r.member == 0:
        return 0.0
    since = day - r.attached_day
    if w.fade_until < 0 or since <= w.fade_from:
        return 1.0
    if since >= w.fade_until:
        return 0.0
    return (w.fade_until - since) / (w.fade_until - w.fade_from)


@inlined
def effect(w: Row, c: Row, r: Row, day: int) -> float:
    """What the effects of membership are multiplied by: 0 for who is no member, and for a member whose attachment is gone."""
    return 0.0 if r.member == 0 else np.float64(c.member_gain) * attachment(w, r, day)


@inlined
def retained(w: Row, c: Row, r: Row, day: int) -> float:
    """The share of drop-outs that membership prevents."""
    return min(1.0, w.retain_member * effect(w, c, r, day))


@inlined
def buys_as_member(s: Shard, w: Row, r: Row, m: int) -> None:
    """A member buys: the first time in the period it is one more who does."""
    if r.bought_period != w.period:
        r.bought_period = w.period
        s.figures[m, MEMBER_BUYERS] += 1


@inlined
def uses_benefit(s: Shard, w: Row, r: Row, m: int) -> None:
    """A member uses a benefit of the store's, whichever: the first time in the period it is one more who does."""
    if r.used_period != w.period:
        r.used_period = w.period
        s.figures[m, BENEFIT_USERS] += 1
