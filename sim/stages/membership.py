"""What membership does to a member: as much as it is attached to it, and no more than the dial lets through [evidence D8]."""

from __future__ import annotations

import numpy as np

from sim.state.compiled import inlined
from sim.state.shard import Row


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
