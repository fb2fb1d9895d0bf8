"""Whom a benefit is for."""

from __future__ import annotations

from sim.policies.member_tiers import Windows, tier
from sim.policies.old_customers import is_old
from sim.state.benefits import FAN, MEMBER, OLD_CUSTOMER, STRANGER
from sim.state.compiled import inlined
from sim.state.shard import Row


@inlined
def is_entitled(b: Row, r: Row, day: int) -> bool:
    """Whether the benefit is for a relation as it is now."""
    if r.orders < b.orders_from or r.orders > b.orders_to or r.paid < b.paid_from:
        return False
    if b.who == STRANGER:
        return r.fan == 0 and r.member == 0 and r.orders == 0
    if b.who == FAN:
        return r.fan == 1
    if b.who == MEMBER:
        return r.member == 1 and (b.tiers == 0 or b.tiers >> tier(r, windows_of(b), day) & 1 == 1)
    return b.who != OLD_CUSTOMER or is_old(r, day)


@inlined
def windows_of(b: Row) -> Windows:
    """The windows of the platform's tiers of members."""
    return Windows(b.quality_visited, b.quality_bought, b.potential_visited, b.potential_bought)
