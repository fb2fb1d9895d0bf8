"""A visitor may ask the store's desk, which has one server: first come first served, and answered when service ends."""

from __future__ import annotations

import numpy as np

from sim.state.compiled import inlined
from sim.state.coupling import VISIT, answered_at
from sim.state.names import ANSWER, LOG_ANSWER, LOG_INQUIRY, NO_CHANNEL
from sim.state.pending import push
from sim.state.record import record
from sim.state.shard import NOWHEN, Row, Shard, Today

INQUIRIES_OF_A_CONSUMER = 1_000_000  # an inquiry's id is consumer * this + the consumer's own count


@inlined
def at_visit(s: Shard, today: Today, c: Row, i: int, slot: int, time: int, visit: np.uint64) -> None:
    """With each desk's probability, an inquiry to it."""
    m = s.relations[c.relation_first + slot].merchant
    for j in range(today.claims_at[VISIT, m], today.claims_at[VISIT, m + 1]):
        k = today.claims[j]
        at = answered_at(today.coupled[k], k, today.steps, s.asks.requests, s.ends, s.first + i, visit)
        if at != NOWHEN:
            record(s, c, i, time, LOG_INQUIRY, m, NO_CHANNEL, inquiry_id(s, i, c.inquiries), 0, 0)
            push(s, c, at, ANSWER, c.inquiries, slot, 0)
            c.inquiries += 1


@inlined
def answer(s: Shard, c: Row, i: int, slot: int, time: int, number: int) -> None:
    """The desk has answered."""
    m = s.relations[c.relation_first + slot].merchant
    record(s, c, i, time, LOG_ANSWER, m, NO_CHANNEL, inquiry_id(s, i, number), 0, 0)


@inlined
def inquiry_id(s: Shard, i: int, number: int) -> int:
    """The id of a consumer's inquiry, in all the market, by the consumer's own number of it."""
    return (s.first + i) * INQUIRIES_OF_A_CONSUMER + number
