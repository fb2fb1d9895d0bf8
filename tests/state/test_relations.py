"""Relations: rows in the order of first contact, in blocks that move as a whole and never within."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from small_shard import RING, assert_blocks_are_apart, block, grown, small_shard

from sim.state.names import NEVER
from sim.state.relations import can_meet, make_relation_room, meet
from sim.state.shard import NEED_RELATIONS, RELATION_END

FRESH = ("visit_day", "order_day", "sent_day", "old_scene_day")
ZERO = (
    "orders",
    "sent_today",
    "recent_at",
    "fan",
    "member",
    "opted_out",
    "dropped",
    "delivered",
    "read",
    "favourite",
    "served",
)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    st.integers(1, 4),
    st.integers(0, 2),
    st.integers(0, 6),
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 99)), max_size=40),
)
def test_rows_keep_their_slot_and_contents(consumers: int, room: int, free: int, contacts: list[tuple[int, int]]) -> None:
    """A consumer meets one store after the other; each row is then written full of numbers that must come along."""
    shard = small_shard(consumers, room, free)
    shard.relations["fan"] = shard.relations["orders"] = 7  # what lay there before must not shine through
    shard.recent[:] = 7
    met: list[list[int]] = [[] for _ in range(consumers)]
    for ordinal, (of, merchant) in enumerate(contacts):
        of %= consumers
        c = shard.consumers[of]
        if not make_relation_room(shard, c, 1):
            shard = grown(shard, NEED_RELATIONS)
            c = shard.consumers[of]
            assert make_relation_room(shard, c, 1)
        slot = meet(shard, c, merchant)
        assert slot == len(met[of])
        row = c["relation_first"] + slot
        fresh = shard.relations[row]
        assert fresh["merchant"] == merchant
        assert all(fresh[name] == NEVER for name in FRESH)
        assert all(fresh[name] == 0 for name in ZERO)
        assert (shard.recent[row] == NEVER).all()
        fresh["orders"], fresh["visit_day"], fresh["member"] = ordinal, -ordinal, ordinal % 2
        shard.recent[row] = np.arange(RING) + ordinal
        met[of].append(ordinal)
        for other, ordinals in enumerate(met):
            rows = block(shard, other, "relation")
            assert rows["merchant"].tolist() == [contacts[k][1] for k in ordinals]
            assert rows["orders"].tolist() == ordinals
            assert rows["visit_day"].tolist() == [-k for k in ordinals]
            assert rows["member"].tolist() == [k % 2 for k in ordinals]
            first = shard.consumers[other]["relation_first"]
            assert shard.recent[first : first + len(rows), 0].tolist() == ordinals
            assert shard.recent[first : first + len(rows), RING - 1].tolist() == [k + RING - 1 for k in ordinals]
        assert_blocks_are_apart(shard, "relation")


def test_a_pool_without_room_is_left_as_it_was() -> None:
    shard = small_shard(consumers=2, room=1, free=1)
    c = shard.consumers[0]
    meet(shard, c, 4)
    arrays = [array for array in shard[1:] if isinstance(array, np.ndarray)]
    before = [np.copy(array) for array in arrays]
    assert not make_relation_room(shard, c, 1)  # 2 rows are needed, 1 is free
    assert all((one == other).all() for one, other in zip(before, arrays))


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.integers(0, 9), st.integers(0, 4), st.integers(0, 60), st.integers(1, 7))
def test_where_so_many_first_contacts_find_room_they_are_made(met: int, room: int, free: int, stores: int) -> None:
    """However often the block moves; and the pool is large enough once it has grown a few times."""
    shard = small_shard(consumers=2, room=room, free=free + 100)
    for merchant in range(met):
        meet(shard, shard.consumers[0], merchant)
    names = ("relations", "contacts", "recent")
    left = shard.ends[RELATION_END] + free % 40
    shard = shard._replace(**{name: getattr(shard, name)[:left].copy() for name in names})
    for _ in range(5):
        if not can_meet(shard, shard.consumers[0], stores):
            shard = grown(shard, NEED_RELATIONS)
    assert can_meet(shard, shard.consumers[0], stores)
    for merchant in range(met, met + stores):
        meet(shard, shard.consumers[0], merchant)
    assert block(shard, 0, "relation")["merchant"].tolist() == list(range(met + stores))
    assert_blocks_are_apart(shard, "relation")
    assert shard.ends[RELATION_END] <= len(shard.relations)


def test_a_fresh_relation_holds_no_day_of_a_message() -> None:
    """Day 0 is a day: what was in a ring's room before must not look like a message of day 0."""
    more = grown(small_shard(consumers=1, room=1, free=0), NEED_RELATIONS)
    more.recent[:] = 0
    c = more.consumers[0]
    for merchant in range(2):
        assert make_relation_room(more, c, 1)
        meet(more, c, merchant)
    assert (more.recent[c["relation_first"] : c["relation_first"] + 2] == NEVER).all()
