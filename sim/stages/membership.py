"""Membership: what its members do counts once a period, however often they do it [GRD-3]."""

from __future__ import annotations

from sim.state.compiled import inlined
from sim.state.names import BENEFIT_USERS, MEMBER_BUYERS
from sim.state.shard import Row, Shard


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
