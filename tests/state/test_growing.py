"""Pools that grow, or are closed up, when the kernel asks for room: nothing of a consumer changes but where its rows lie."""

from __future__ import annotations

import numpy as np
import pytest
from small_shard import block, events_of, grown, small_shard

from sim.state.names import SESSION
from sim.state.pending import make_pending_room, push
from sim.state.relations import make_relation_room, meet
from sim.state.shard import NEED_PENDING, NEED_RELATIONS, PENDING_END, RELATION_END, Shard

CONSUMERS = 5
ENDS = {"pending": PENDING_END, "relation": RELATION_END}
NEEDS = {"pending": NEED_PENDING, "relation": NEED_RELATIONS}


def lived_in(free: int) -> Shard:
    """Each consumer has a few pending events and relations; with `free` rows blocks have moved, and left holes."""
    shard = small_shard(CONSUMERS, room=2, free=free)
    for i in range(CONSUMERS):
        c = shard.consumers[i]
        for k in range(i + 1):
            if not make_pending_room(shard, c, 1) or not make_relation_room(shard, c, 1):
                break
            push(shard, c, 100 * k + i, SESSION, k, -1, 0)
            meet(shard, c, k)
    return shard


def contents(shard: Shard) -> list[tuple[list, list]]:
    return [(events_of(shard, i), block(shard, i, "relation").tolist()) for i in range(CONSUMERS)]


@pytest.mark.parametrize("pool", ["pending", "relation"])
def test_a_pool_with_holes_is_closed_up(pool: str) -> None:
    shard = lived_in(free=60)
    before, room = contents(shard), int(shard.consumers[f"{pool}_room"].sum())
    assert shard.ends[ENDS[pool]] > 1.3 * room  # else it tests nothing
    after = grown(shard, NEEDS[pool])
    assert contents(after) == before
    assert after.ends[ENDS[pool]] == room
    ends = np.cumsum(after.consumers[f"{pool}_room"])
    assert after.consumers[f"{pool}_first"].tolist() == [0, *ends[:-1]]
    rows = after.pending if pool == "pending" else after.relations
    assert len(rows) > room


@pytest.mark.parametrize("pool", ["pending", "relation"])
def test_a_pool_without_holes_is_longer(pool: str) -> None:
    shard = lived_in(free=0)
    before, length = contents(shard), len(getattr(shard, "pending" if pool == "pending" else "relations"))
    after = grown(shard, NEEDS[pool])
    assert contents(after) == before
    assert len(getattr(after, "pending" if pool == "pending" else "relations")) >= 1.25 * length
    assert (after.consumers == shard.consumers).all()


def test_relations_and_their_rings_stay_together() -> None:
    shard = lived_in(free=60)
    shard.recent[:] = np.arange(shard.recent.size).reshape(shard.recent.shape)
    c = shard.consumers[CONSUMERS - 1]
    ring = shard.recent[c["relation_first"] : c["relation_first"] + c["relation_count"]].tolist()
    after = grown(shard, NEED_RELATIONS)
    c = after.consumers[CONSUMERS - 1]
    assert after.recent[c["relation_first"] : c["relation_first"] + c["relation_count"]].tolist() == ring
