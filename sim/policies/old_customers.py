"""Effective old customers: the crowd of old-customer messages [MSG-1, MSG-2]."""

from __future__ import annotations

from pydantic import Field

from sim.state.compiled import inlined
from sim.state.names import NOT_EFFECTIVE, OLD_CUSTOMER_DAYS
from sim.state.policy import Policy
from sim.state.shard import Row


@inlined
def is_effective(w: Row, r: Row, day: int) -> bool:
    """Bought and visited lately enough, as of 00:00 of `day` [MSG-1, MSG-7]; who bought has visited. True without the rule."""
    if w.bought_days == 0:
        return True
    return r.order_day >= day - w.bought_days and max(r.visit_day, r.order_day) >= day - w.visited_days


@inlined
def is_old(r: Row, day: int) -> bool:
    """Whether the consumer is an old customer on `day`: bought on one of the 365 days before it [MSG-1]."""
    return r.old == 1 if r.order_day == day else r.order_day >= day - OLD_CUSTOMER_DAYS


class OldCustomers(Policy):
    """Messages of the old-customer scenes go to effective old customers only, out of the crowd that the merchant names.

    On the send day d: who bought on one of the days d - `bought_days` .. d - 1 and visited, or bought, on one of the days
    d - `visited_days` .. d - 1 [MSG-1, MSG-7]. Others are no part of the crowd; they are counted in the table of messages as
    `not_effective`. Of several such policies the shortest windows hold.
    """

    reasons = (NOT_EFFECTIVE,)

    bought_days: int = Field(
        365, ge=1, le=3_650, description="days before the send day in which an old customer bought [MSG-1]"
    )
    visited_days: int = Field(90, ge=1, le=3_650, description="days before the send day in which it visited [MSG-1]")

    @property
    def looks_back(self) -> float:
        return max(self.bought_days, self.visited_days)
