"""What is pending for a consumer: a block of the shard's pool, sorted by (time, kind, ref), latest first.

The next thing to happen is the last row of the block; a block that is full moves to the pool's end, a quarter larger. An event
may bring many others, and hardly ever does: while it happens, a block too small for all of them lies at the pool's end.
Of the consumer in hand, what comes of the day by itself (own sessions, messages) lies ahead of it in a block of the shard's,
sorted alike; what is left of it when a window ends goes among what is pending.
"""

from __future__ import annotations

import numpy as np

from sim.state.compiled import inlined
from sim.state.names import KINDS_A_SECOND, LAPSE
from sim.state.shard import AHEAD, LENT, LENT_FIRST, PENDING_END, Row, Shard

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
    """Add one pending event; the block must have room."""
    insert(s.pending, c.pending_first, c.pending_count, time * KINDS_A_SECOND + kind, ref, slot, ordinal)
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
    """Room for `rows` more pending events of the consumer; False: the pool itself is too small."""
    if not lend_pending_room(s, c, rows):
        return False
    if s.ends[LENT] == 1:
        keep_lent(s, c, c.pending_count + rows)
    return True


@inlined
def lend_pending_room(s: Shard, c: Row, rows: int) -> bool:
    """Room for `rows` more pending events of the consumer until `give_back`; False: the pool itself is too small."""
    if c.pending_count + rows <= c.pending_room:
        return True
    first = s.ends[PENDING_END]
    if first + larger_room(c, c.pending_count + rows) > len(s.pending):
        return False
    for k in range(c.pending_count):
        move(s.pending[first + k], s.pending[c.pending_first + k])
    s.ends[LENT] = 1
    s.ends[LENT_FIRST] = c.pending_first
    c.pending_first = first
    return True


@inlined
def give_back(s: Shard, c: Row) -> None:
    """Give room back, if any was lent: what is pending goes back to its block, or stays where it is if that is full."""
    if s.ends[LENT] == 0:
        return
    if c.pending_count > c.pending_room:
        keep_lent(s, c, c.pending_count)
        return
    for k in range(c.pending_count):
        move(s.pending[s.ends[LENT_FIRST] + k], s.pending[c.pending_first + k])
    c.pending_first = s.ends[LENT_FIRST]
    s.ends[LENT] = 0


@inlined
def keep_lent(s: Shard, c: Row, rows: int) -> None:
    """Let the block stay at the pool's end, with room for so many rows."""
    c.pending_room = larger_room(c, rows)
    s.ends[PENDING_END] = c.pending_first + c.pending_room
    s.ends[LENT] = 0


@inlined
def larger_room(c: Row, rows: int) -> int:
    """What room a block gets for so many rows: at least a quarter more than it had, which it keeps while room is lent."""
    return max(c.pending_room + c.pending_room // 4, rows)


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
