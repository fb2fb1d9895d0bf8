"""Copies of consumers as they were just before the first event of the window that may ask for what is shared.

A copy is kept if the consumer asked. Then its life since can be taken back: lived once more as it was, to be subtracted from
the tallies, and put back to begin anew.
"""

from __future__ import annotations

import numpy as np

from sim.state.columns import Column, Table
from sim.state.compiled import inlined
from sim.state.coupling import ASKS, DELIVERY, OTHERS, UNCERTAIN
from sim.state.draws import TIE, under
from sim.state.names import MESSAGE, VOID
from sim.state.pending import move
from sim.state.relations import place_in_crowds
from sim.state.shard import (
    AHEAD,
    ASKED,
    AT_LOT,
    AT_ORDINAL,
    AT_TIME,
    AT_TURN,
    BACK,
    COPIED,
    ENTRY,
    KEPT_PENDING_END,
    KEPT_RELATION_END,
    LOG_END,
    NOWHEN,
    REQUEST_END,
    UNDO_END,
    Row,
    Shard,
    Today,
)

BIT = np.uint64(1)  # a lot is 63 bits

UNDO = Table(
    "undo",
    "One row per consumer that has asked in this window: where its copy lies, and what it has logged since.",
    (
        Column("consumer", "i8", "row", "row of `consumer`"),
        Column("relation_first", "i8", "row", "first of its copied relations"),
        Column("pending_first", "i8", "row", "first of its copied pending events, those that lie ahead on the day last"),
        Column("ahead", "i8", "rows", "how many of them lie ahead on the day"),
        Column("log_from", "i8", "row", "rows of the log from here"),
        Column("log_to", "i8", "row", "to before here"),
        Column("request_from", "i8", "row", "rows of `request` from here"),
        Column("request_to", "i8", "row", "to before here"),
    ),
)


@inlined
def begin_life(s: Shard) -> None:
    """A consumer's window begins."""
    s.ends[COPIED] = s.ends[ASKED] = 0
    s.ends[ENTRY] = s.ends[UNDO_END]
    s.ends[AT_TIME] = NOWHEN


@inlined
def end_life(s: Shard) -> None:
    """A consumer's window ends: keep its copy if it asked."""
    if s.ends[ASKED] == 1:
        u = s.asks.undo[s.ends[UNDO_END]]
        u.log_to = s.ends[LOG_END]
        u.request_to = s.ends[REQUEST_END]
        kept = s.asks.consumers[s.ends[UNDO_END]]
        s.ends[KEPT_RELATION_END] += kept.relation_count
        s.ends[KEPT_PENDING_END] += kept.pending_count + u.ahead
        s.ends[UNDO_END] += 1


@inlined
def make_ready_to_ask(s: Shard, today: Today, c: Row, i: int, again: bool) -> bool:
    """Before an event that may ask: a copy, and room for its questions; False: there is no room."""
    legs = 1 + c.waiting + c.urged + today.world[0].live
    if s.ends[REQUEST_END] + ASKS * len(today.coupled) * legs > len(s.asks.requests):
        return False
    if s.ends[COPIED] == 0 and not again:
        if not copy_aside(s, c, i):
            return False
        s.ends[COPIED] = 1
    return True


@inlined
def may_ask(today: Today, kind: int, ref: int) -> bool:
    """Whether an event may ask, if its kind may: a message does so only if what its delivery takes may run out."""
    if kind != MESSAGE:
        return True
    merchant = today.agenda[ref].merchant
    for j in range(today.claims_at[DELIVERY, merchant], today.claims_at[DELIVERY, merchant + 1]):
        if today.coupled[today.claims[j]].certain == UNCERTAIN:
            return True
    return False


@inlined
def take_place(s: Shard, today: Today, c: Row, time: int, turn: int) -> None:
    """The place of the event's first question: after those that the consumer has asked in this second and turn."""
    if s.ends[AT_TIME] != time or s.ends[AT_TURN] != turn:
        s.ends[AT_TIME] = time
        s.ends[AT_TURN] = turn
        s.ends[AT_ORDINAL] = 0
        occasion = today.agenda[turn].key if turn != OTHERS else np.uint64(time)
        s.ends[AT_LOT] = np.int64(under(under(c.key, TIE), occasion) >> BIT)


@inlined
def copy_aside(s: Shard, c: Row, i: int) -> bool:
    """Copy all that is the consumer's own; False: there is no room."""
    asks, k = s.asks, s.ends[UNDO_END]
    relations, pending = s.ends[KEPT_RELATION_END], s.ends[KEPT_PENDING_END]
    if (
        k >= len(asks.undo)
        or relations + c.relation_count > len(asks.relations)
        or pending + c.pending_count + s.ends[AHEAD] > len(asks.pending)
    ):
        return False
    u = asks.undo[k]
    u.consumer = i
    u.relation_first = relations
    u.pending_first = pending
    u.ahead = s.ends[AHEAD]
    u.log_from = s.ends[LOG_END]
    u.request_from = s.ends[REQUEST_END]
    asks.consumers[k] = s.consumers[i]
    for j in range(s.needs.shape[1]):
        asks.needs[k, j] = s.needs[i, j]
    for j in range(len(s.reached)):
        asks.reached[k, j] = s.reached[j, i]
    for j in range(c.relation_count):
        asks.relations[relations + j] = s.relations[c.relation_first + j]
        for n in range(s.recent.shape[1]):
            asks.recent[relations + j, n] = s.recent[c.relation_first + j, n]
        if len(s.loyalty) > 0:
            asks.loyalty[relations + j] = s.loyalty[c.relation_first + j]
    for j in range(c.pending_count):
        asks.pending[pending + j] = s.pending[c.pending_first + j]
    for j in range(s.ends[AHEAD]):
        move(asks.pending[pending + c.pending_count + j], s.ahead[j])
    return True


@inlined
def put_back(s: Shard, i: int, k: int) -> None:
    """Put a copy back, into the blocks that the consumer has now: they are not smaller."""
    asks, c = s.asks, s.consumers[i]
    u = asks.undo[k]
    relation_first, relation_room = c.relation_first, c.relation_room
    pending_first, pending_room = c.pending_first, c.pending_room
    s.consumers[i] = asks.consumers[k]
    c.relation_first = relation_first
    c.relation_room = relation_room
    c.pending_first = pending_first
    c.pending_room = pending_room
    for j in range(s.needs.shape[1]):
        s.needs[i, j] = asks.needs[k, j]
    for j in range(len(s.reached)):
        s.reached[j, i] = asks.reached[k, j]
    for j in range(c.relation_count):
        s.relations[relation_first + j] = asks.relations[u.relation_first + j]
        for n in range(s.recent.shape[1]):
            s.recent[relation_first + j, n] = asks.recent[u.relation_first + j, n]
        if len(s.loyalty) > 0:
            s.loyalty[relation_first + j] = asks.loyalty[u.relation_first + j]
        place_in_crowds(s, relation_first + j)
    for j in range(c.pending_count):
        move(s.pending[pending_first + j], asks.pending[u.pending_first + j])
    for j in range(u.ahead):
        move(s.ahead[j], asks.pending[u.pending_first + c.pending_count + j])
    s.ends[AHEAD] = u.ahead


@inlined
def begin_again(s: Shard, i: int, k: int) -> None:
    """A kept life begins again from its copy: to be taken back, what it has logged being void, or to be lived anew."""
    put_back(s, i, k)
    s.ends[ENTRY] = k
    s.ends[AT_TIME] = NOWHEN
    u = s.asks.undo[k]
    if s.ends[BACK] == 1:
        for at in range(u.log_from, u.log_to):
            s.log[at].kind = VOID
        for at in range(u.request_from, u.request_to):
            s.asks.requests[at].thing = VOID
    u.log_from = u.log_to = s.ends[LOG_END]
    u.request_from = u.request_to = s.ends[REQUEST_END]


@inlined
def end_again(s: Shard, k: int) -> None:
    """Note what that life has logged."""
    u = s.asks.undo[k]
    u.log_to = s.ends[LOG_END]
    u.request_to = s.ends[REQUEST_END]
