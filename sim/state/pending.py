"""What is pending for a consumer: a block of the shard's pool, sorted by (time, kind, ref), latest first.

The next thing to happen is the last row of the block; a block that is full moves to the pool's end, twice as large.
"""

from __future__ import annotations

from sim.state.compiled import inlined
from sim.state.names import KINDS_A_SECOND, LAPSE
from sim.state.shard import PENDING_END, Row, Shard


@inlined
def move(to: Row, e: Row) -> None:
    """Copy a row, column by column: a copy as a whole would wait for the columns just written."""
    to.when = e.when
    to.ref = e.ref
    to.slot = e.slot
    to.ordinal = e.ordinal


@inlined
def push(s: Shard, c: Row, time: int, kind: int, ref: int, slot: int, ordinal: int) -> None:
    """Add one pending event; the block must have room."""
    pending = s.pending
    when = time * KINDS_A_SECOND + kind
    at = c.pending_first + c.pending_count
    while at > c.pending_first:
        e = pending[at - 1]
        if e.when > when or (e.when == when and e.ref > ref):
            break
        move(pending[at], e)
        at -= 1
    e = pending[at]
    e.when = when
    e.ref = ref
    e.slot = slot
    e.ordinal = ordinal
    c.pending_count += 1


@inlined
def make_pending_room(s: Shard, c: Row, rows: int) -> bool:
    """Room for `rows` more pending events of the consumer; False: the pool itself is too small."""
    if c.pending_count + rows <= c.pending_room:
        return True
    room = max(2 * c.pending_room, c.pending_count + rows)
    first = s.ends[PENDING_END]
    if first + room > len(s.pending):
        return False
    for k in range(c.pending_count):
        move(s.pending[first + k], s.pending[c.pending_first + k])
    c.pending_first = first
    c.pending_room = room
    s.ends[PENDING_END] = first + room
    return True


@inlined
def take_waiting_need(s: Shard, c: Row, i: int, category: int) -> None:
    """Meet the need of a category that has waited longest: it will not lapse."""
    found = -1
    for k in range(c.pending_first, c.pending_first + c.pending_count):
        e = s.pending[k]
        if e.when % KINDS_A_SECOND == LAPSE and e.slot == category and (found < 0 or e.ref < s.pending[found].ref):
            found = k
    for k in range(found, c.pending_first + c.pending_count - 1):
        move(s.pending[k], s.pending[k + 1])
    c.pending_count -= 1
    c.waiting -= 1
    s.needs[i, category].waiting -= 1
