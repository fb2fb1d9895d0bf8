"""Whom a benefit is for."""

from __future__ import annotations

import numpy as np

from sim.policies.member_tiers import Windows, tier_by
from sim.policies.named_crowds import is_in
from sim.policies.old_customers import is_old
from sim.state.benefits import FAN, MEMBER, NO_CROWD, OLD_CUSTOMER, STRANGER
from sim.state.compiled import inlined
from sim.state.shard import Row
from sim.state.yesterday import bought_before, came_before, member_before


@inlined
def is_entitled(b: Row, r: Row, mine: Row, named: np.ndarray, day: int) -> bool:
    """Whether the benefit is for a relation: as it is now, but for tiers and crowds, which are of 00:00 (T+1).

    `mine` is its row of `loyalty`, `named` the crowds by name, (crowds,) NAMED_CROWD.
    """
    if r.orders < b.orders_from or r.orders > b.orders_to or r.paid < b.paid_from:
        return False
    if b.groups != 0 and r.groups & b.groups == 0:
        return False
    if b.crowd != NO_CROWD and not is_in(named[b.crowd], r, mine, day):
        return False
    if b.who == STRANGER:
        return r.fan == 0 and r.member == 0 and r.orders == 0
    if b.who == FAN:
        return r.fan == 1
    if b.who == MEMBER:
        return r.member == 1 and (b.tiers == 0 or is_of_tier(b, r, mine, day))
    return b.who != OLD_CUSTOMER or is_old(r, day)


@inlined
def is_of_tier(b: Row, r: Row, mine: Row, day: int) -> bool:
    """Whether a member is of one of the benefit's tiers as of 00:00; who joins today is of none until tomorrow [GRD-8]."""
    windows = Windows(b.quality_visited, b.quality_bought, b.potential_visited, b.potential_bought)
    of = tier_by(came_before(r, mine, day), bought_before(r, mine, day), windows, day)
    return member_before(r, mine, day) and b.tiers >> of & 1 == 1
