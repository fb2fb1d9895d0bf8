"""Tasks of one plan do not reach a consumer twice [MSG-8]."""

from __future__ import annotations

import numpy as np

from sim.state.compiled import inlined
from sim.state.policy import Policy
from sim.state.shard import Row, Shard

PLANS_A_WORD = 64


@inlined
def bit_of(plan: int) -> np.uint64:
    """The bit of a plan within its word."""
    return np.uint64(1) << np.uint64(plan % PLANS_A_WORD)


@inlined
def was_reached(s: Shard, w: Row, i: int, plan: int) -> bool:
    """Whether an earlier task of the plan was delivered to consumer `i` of the shard, where that is a reason to refuse."""
    return w.no_overlap == 1 and plan >= 0 and s.reached[plan // PLANS_A_WORD, i] & bit_of(plan) != 0


@inlined
def note(s: Shard, i: int, plan: int) -> None:
    """Remember a delivery, as long as the plan is under way."""
    if plan >= 0:
        s.reached[plan // PLANS_A_WORD, i] |= bit_of(plan)


class Overlap(Policy):
    """Whom an earlier-sent task of the same plan reached is refused by a later one, before any cap is looked at.

    A plan is known by merchant and name; its tasks of old-customer scenes count. All of them must be created before the
    first is sent.
    """

    reasons = ("overlap",)
