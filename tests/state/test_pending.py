"""Pending events: a sorted list per consumer, in blocks of one pool that move when they are full."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from small_shard import assert_blocks_are_apart, events_of, grown, small_shard

from sim.state.names import KINDS_A_SECOND, LAPSE, MESSAGE, NEED, READ, RECEIVE, SESSION
from sim.state.pending import (
    NOTHING_NEXT,
    lay_ahead,
    make_pending_room,
    may_push,
    next_when,
    push,
    put_by,
    take_next,
    take_waiting_need,
)
from sim.state.shard import AHEAD, NEED_PENDING, PENDING_END
from sim.state.tables import PENDING

times, kinds, refs = st.integers(0, 5), st.integers(0, READ), st.integers(-3, 2**31 - 1)


class PendingLists(RuleBasedStateMachine):
    """The pool beside plain sorted lists."""

    @initialize(consumers=st.integers(1, 4), room=st.integers(1, 3), free=st.integers(0, 8))
    def begin(self, consumers: int, room: int, free: int) -> None:
        self.shard = small_shard(consumers, room, free)
        self.lists: list[list[tuple[int, int, int, int, int]]] = [[] for _ in range(consumers)]

    def make_room(self, of: int, rows: int) -> None:
        """As the host does: a pool that is too small grows, and the same is asked again."""
        before = self.shard
        while not make_pending_room(self.shard, self.shard.consumers[of], rows):
            assert self.shard is before, "once grown, there is room"
            self.shard = grown(self.shard, NEED_PENDING)

    @rule(of=st.integers(0, 3), time=times, kind=kinds, ref=refs, slot=st.integers(-1, 5), ordinal=st.integers(0, 5))
    def add(self, of: int, time: int, kind: int, ref: int, slot: int, ordinal: int) -> None:
        of %= len(self.lists)
        if any(event[:3] == (time, kind, ref) for event in self.lists[of]):
            return  # an event is known by time, kind and ref
        self.make_room(of, 1)
        push(self.shard, self.shard.consumers[of], time, kind, ref, slot, ordinal)
        self.lists[of].append((time, kind, ref, slot, ordinal))

    @rule(of=st.integers(0, 3))
    def take_next(self, of: int) -> None:
        """As the kernel does: the next thing to happen is the last row of the block."""
        of %= len(self.lists)
        if not self.lists[of]:
            return
        first = min(self.lists[of])
        assert events_of(self.shard, of)[0] == first
        self.shard.consumers[of]["pending_count"] -= 1
        self.lists[of].remove(first)

    @rule(of=st.integers(0, 3), rows=st.integers(0, 9))
    def ask_for_room(self, of: int, rows: int) -> None:
        of %= len(self.lists)
        self.make_room(of, rows)
        c = self.shard.consumers[of]
        assert c["pending_room"] - c["pending_count"] >= rows

    @rule(of=st.integers(0, 3), most=st.integers(0, 6), added=st.lists(st.tuples(times, kinds, refs), max_size=6))
    def happen(self, of: int, most: int, added: list[tuple[int, int, int]]) -> None:
        """Something happens that may add so many events, and adds some of them: a block moves only if it is too small."""
        of %= len(self.lists)
        before, c = self.shard, self.shard.consumers[of]
        while not may_push(self.shard, c, most):
            assert self.shard is before, "once grown, there is room"
            self.shard = grown(self.shard, NEED_PENDING)
            c = self.shard.consumers[of]
        room, free = c["pending_room"], len(self.shard.pending) - self.shard.ends[PENDING_END]
        for time, kind, ref in added[:most]:
            if not any(event[:3] == (time, kind, ref) for event in self.lists[of]):
                push(self.shard, c, time, kind, ref, 0, 0)
                self.lists[of].append((time, kind, ref, 0, 0))
        if c["pending_count"] <= room:  # it lies where it did, as large
            assert c["pending_room"] == room
            assert len(self.shard.pending) - self.shard.ends[PENDING_END] == free

    @invariant()
    def blocks_are_the_lists(self) -> None:
        for of, events in enumerate(self.lists):
            assert events_of(self.shard, of) == sorted(events)
        assert_blocks_are_apart(self.shard, "pending")


PendingLists.TestCase.settings = settings(max_examples=60, stateful_step_count=30, deadline=None, derandomize=True)
TestPendingLists = PendingLists.TestCase


def test_a_pool_without_room_is_left_as_it_was() -> None:
    shard = small_shard(consumers=2, room=2, free=2)
    c = shard.consumers[0]
    push(shard, c, 5, NEED, 0, -1, 0)
    arrays = [array for array in shard[1:] if isinstance(array, np.ndarray)]
    before = [np.copy(array) for array in arrays]
    assert not make_pending_room(shard, c, 2)  # 3 rows are needed, 2 are free
    assert all((one == other).all() for one, other in zip(before, arrays))


@settings(max_examples=50, deadline=None, derandomize=True)
@given(st.lists(st.tuples(times, st.sampled_from([NEED, LAPSE, READ]), st.integers(-5, 20)), min_size=1, unique=True))
def test_the_need_that_has_waited_longest_is_met_first(events: list[tuple[int, int, int]]) -> None:
    """Of its category the one with the smallest ordinal, whenever it would have lapsed; all else stays in its order."""
    refs = {ref for _, kind, ref in events if kind == LAPSE}
    events = [e for k, e in enumerate(events) if e[1] != LAPSE or e[2] not in {o[2] for o in events[:k] if o[1] == LAPSE}]
    shard = small_shard(consumers=1, room=len(events) + 1)
    c = shard.consumers[0]
    other = (-50, LAPSE, -100)  # of another category, and before all
    for (time, kind, ref), category in [*((event, 0) for event in events), (other, 1)]:
        push(shard, c, time, kind, ref, category, 0)
    c["waiting"] = shard.needs["waiting"][0, 0] = len(refs)
    for ref in sorted(refs):
        take_waiting_need(shard, c, 0, 0)
        events = [event for event in events if event[1] != LAPSE or event[2] != ref]
        assert [event[:3] for event in events_of(shard, 0)] == sorted([*events, other])
    assert c["waiting"] == shard.needs["waiting"][0, 0] == 0


def test_what_lies_ahead_and_what_is_pending_is_taken_in_one_order_of_time():
    shard = small_shard(consumers=1, room=4)
    c = shard.consumers[0]
    for time in (30, 10):
        push(shard, c, time, RECEIVE, time, 0, 0)
    for time, kind in ((20, SESSION), (40, MESSAGE), (10, MESSAGE)):
        lay_ahead(shard, time, kind, time, 1, 2)
    taken = []
    while (when := next_when(shard, c)) != NOTHING_NEXT:
        taken.append((*divmod(when, KINDS_A_SECOND), *take_next(shard, c, when)))
    assert taken == [(10, MESSAGE, 10, 1, 2), (10, RECEIVE, 10, 0, 0), (20, SESSION, 20, 1, 2), (30, RECEIVE, 30, 0, 0),
                     (40, MESSAGE, 40, 1, 2)]  # fmt: skip


def test_what_still_lies_ahead_when_a_window_ends_is_put_among_what_is_pending():
    shard = small_shard(consumers=2, room=2, free=2)
    c = shard.consumers[0]
    push(shard, c, 30, RECEIVE, 0, 0, 0)
    for time in (20, 40, 50):
        lay_ahead(shard, time, SESSION, time, -1, 0)
    assert not put_by(shard, c)  # 4 rows are needed, 2 are free
    assert shard.ends[AHEAD] == 3
    assert [e[0] for e in events_of(shard, 0)] == [30]
    shard = shard._replace(pending=np.concatenate([shard.pending, PENDING.rows(2)]))
    assert put_by(shard, shard.consumers[0])
    assert shard.ends[AHEAD] == 0
    assert [e[0] for e in events_of(shard, 0)] == [20, 30, 40, 50]
