"""What is pending for a consumer: a block of the shard's pool, sorted by (time, kind, ref), latest first.

The next thing to happen is the last row of the block; a block that is full moves to the pool's end, a quarter larger. Before an
event it is made sure that the pool has room for all that it may bring, which it hardly ever does.
Of the consumer in hand, what comes of the day by itself (own sessions, messages) lies ahead of it in a block of the shard's,
sorted alike; what is left of it when a window ends goes among what is pending.
"""

from __future__ import annotations

import numpy as np

from sim.state.compiled import apart, inlined, keep_apart
from sim.state.names import KINDS_A_SECOND, LAPSE
from sim.state.shard import AHEAD, PENDING_END, Row, Shard

NOTHING_NEXT = 2**63 - 1


@inlined
def move(to: Row, e: Row) -> None:
    """Copy a row, column by column: a copy as a whole would wait for the columns just written."""
    to.when = e.when
    to.ref = e.ref
    to.slot = e.slot
    to.ordinal = e.ordinal


@inlined
def insert(rows: np.ndarray, first: int, count: int, when: int, ref: int, slot: int, ordinal: int) -> None:
    """Add one event to a block of `count` rows that begins at `first` and has room."""
    at = first + count
    while at > first:
        e = rows[at - 1]
        if e.when > when or (e.when == when and e.ref > ref):
            break
        move(rows[at], e)
        at -= 1
    e = rows[at]
    e.when = when
    e.ref = ref
    e.slot = slot
    e.ordinal = ordinal


@inlined
def push(s: Shard, c: Row, time: int, kind: int, ref: int, slot: int, ordinal: int) -> None:
    """Add one pending event; the block must have room, or the pool for a larger one."""
    push_to(s.pending, s.ends, c, time * KINDS_A_SECOND + kind, ref, slot, ordinal)


@inlined
def push_to(pending: np.ndarray, ends: np.ndarray, c: Row, when: int, ref: int, slot: int, ordinal: int) -> None:
    """The same, with the shard's arrays one by one."""
    if c.pending_count == c.pending_room:
        enlarge(pending, ends, c, 1)
    insert(pending, c.pending_first, c.pending_count, when, ref, slot, ordinal)
    c.pending_count += 1


@inlined
def lay_ahead(s: Shard, time: int, kind: int, ref: int, slot: int, ordinal: int) -> None:
    """Add one event of the day to what lies ahead of the consumer in hand; there must be room."""
    insert(s.ahead, 0, s.ends[AHEAD], time * KINDS_A_SECOND + kind, ref, slot, ordinal)
    s.ends[AHEAD] += 1


@inlined
def put_by(s: Shard, c: Row) -> bool:
    """Put what still lies ahead of the consumer among what is pending; False, and nothing done: there is no room."""
    if not make_pending_room(s, c, s.ends[AHEAD]):
        return False
    for k in range(s.ends[AHEAD]):
        e = s.ahead[k]
        insert(s.pending, c.pending_first, c.pending_count, e.when, e.ref, e.slot, e.ordinal)
        c.pending_count += 1
    s.ends[AHEAD] = 0
    return True


@inlined
def make_pending_room(s: Shard, c: Row, rows: int) -> bool:
    """Room for `rows` more pending events of the consumer; False, and nothing done: the pool itself is too small."""
    if c.pending_count + rows <= c.pending_room:
        return True
    if not may_push(s, c, rows):
        return False
    enlarge(s.pending, s.ends, c, rows)
    return True


@inlined
def may_push(s: Shard, c: Row, rows: int) -> bool:
    """Whether so many pending events can be added: there is room in the consumer's block, or in the pool for a larger one."""
    if c.pending_count + rows <= c.pending_room:
        return True
    return s.ends[PENDING_END] + max(a_quarter_more(c), c.pending_count + rows) <= len(s.pending)


@inlined
def a_quarter_more(c: Row) -> int:
    """The least room of a block in place of one that is full."""
    return c.pending_room + c.pending_room // 4


@apart
def enlarge(pending: np.ndarray, ends: np.ndarray, c: Row, rows: int) -> None:
    """Have room for so many more events of a block that is too small, at the pool's end, which must have it."""
    keep_apart()
    if c.pending_first + c.pending_room == ends[PENDING_END]:  # it is the last
        c.pending_room = c.pending_count + rows
    else:
        first = ends[PENDING_END]
        for k in range(c.pending_count):
            move(pending[first + k], pending[c.pending_first + k])
        c.pending_first = first
        c.pending_room = max(a_quarter_more(c), c.pending_count + rows)
    ends[PENDING_END] = c.pending_first + c.pending_room


@inlined
def take_away(rows: np.ndarray, c: Row, at: int) -> None:
    """Remove one event of the consumer's block: what is there will not happen."""
    for k in range(at, c.pending_first + c.pending_count - 1):
        move(rows[k], rows[k + 1])
    c.pending_count -= 1


@inlined
def take_waiting_need(s: Shard, c: Row, i: int, category: int) -> None:
    """Meet the need of a category that has waited longest: it will not lapse."""
    found = -1
    for k in range(c.pending_first, c.pending_first + c.pending_count):
        e = s.pending[k]
        if e.when % KINDS_A_SECOND == LAPSE and e.slot == category and (found < 0 or e.ref < s.pending[found].ref):
            found = k
    take_away(s.pending, c, found)
    c.waiting -= 1
    s.needs[i, category].waiting -= 1


@inlined
def next_when(s: Shard, c: Row) -> int:
    """When the next thing happens to the consumer in hand, and what (the column `when`); NOTHING_NEXT: nothing does."""
    when = NOTHING_NEXT
    if s.ends[AHEAD] > 0:
        when = s.ahead[s.ends[AHEAD] - 1].when
    if c.pending_count > 0:
        when = min(when, s.pending[c.pending_first + c.pending_count - 1].when)
    return when


@inlined
def next_ref(s: Shard, c: Row, when: int) -> int:
    """Which one the next thing is that happens to the consumer in hand, which happens at `when`."""
    if s.ends[AHEAD] > 0 and s.ahead[s.ends[AHEAD] - 1].when == when:
        return int(s.ahead[s.ends[AHEAD] - 1].ref)
    return int(s.pending[c.pending_first + c.pending_count - 1].ref)


@inlined
def take_next(s: Shard, c: Row, when: int) -> tuple[int, int, int]:
    """Take the next thing that happens to the consumer in hand, which happens at `when`: ref, slot, ordinal."""
    if s.ends[AHEAD] > 0 and s.ahead[s.ends[AHEAD] - 1].when == when:
        s.ends[AHEAD] -= 1
        e = s.ahead[s.ends[AHEAD]]
    else:
        c.pending_count -= 1
        e = s.pending[c.pending_first + c.pending_count]
    return e.ref, e.slot, e.ordinal
