"""Dedicated service writes to those whom it has served [MSG-14]."""

from __future__ import annotations

from math import inf

from sim.policies.scenes import is_old_customer_scene
from sim.state.compiled import inlined
from sim.state.policy import Policy
from sim.state.shard import Row


@inlined
def is_stranger(w: Row, r: Row, channel: int) -> bool:
    """Whether the rule is in force and the consumer has no dedicated-service relation to the store."""
    return w.served_only == 1 and r.served == 0 and is_old_customer_scene(channel)


class DedicatedService(Policy):
    """Messages of old-customer scenes reach only consumers who have confirmed a receipt from the store.

    That this is what makes the relation is an assumption (A). Receipts are those of `behaviour.orders.receive_hours`;
    customers of a declared past have been served.
    """

    reasons = ("no_dedicated_relation",)

    @property
    def looks_back(self) -> float:
        return inf  # receipts so far
