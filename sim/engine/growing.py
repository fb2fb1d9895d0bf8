"""Room for a shard that has come to need more: its arrays are replaced one by one, so that no two are in memory twice.

A pool whose blocks have moved has holes: if there are many, it is closed up. More room than is in use lets as many blocks move
before the next time: a quarter more, of a large pool an eighth, for there memory counts for more than time. Room that nobody
has used yet takes none.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.engine.asks import roomier
from sim.engine.recut import arrays_of, as_bytes, rows_of_blocks, taken
from sim.state.shard import (
    NEED_AHEAD,
    NEED_ASKS,
    NEED_LOG,
    NEED_PENDING,
    NEED_RELATIONS,
    PENDING_END,
    RELATION_END,
    Asks,
    Shard,
    as_kernel_reads,
)

POOL_OF = {NEED_PENDING: "pending", NEED_RELATIONS: "relation"}
END_OF = {"pending": PENDING_END, "relation": RELATION_END}
ARRAY_OF = {NEED_AHEAD: "ahead", NEED_LOG: "log"}
FULL = 0.9  # of a pool's rows are in blocks: else it is closed up
LEAST_ROOM = 64  # rows
LARGE = 500_000  # rows of a pool


def grow(shards: list[Shard], k: int, need: int) -> None:
    """Give the k-th shard more room where the kernel asked for it, by its answer; the contents stay."""
    if need == NEED_ASKS:
        _put(shards, k, "asks", roomier(shards[k]))
    elif need in ARRAY_OF:
        _put(shards, k, ARRAY_OF[need], _longer(getattr(shards[k], ARRAY_OF[need])))
    elif need not in POOL_OF:
        raise AssertionError(f"the kernel asked for what nobody knows: {need}")
    else:
        pool = POOL_OF[need]
        in_blocks = shards[k].consumers[f"{pool}_room"].sum(dtype=np.int64)
        if in_blocks < FULL * shards[k].ends[END_OF[pool]]:
            close_up(shards, k, pool)
        else:
            for name in arrays_of(shards[k], pool):
                _put(shards, k, name, _longer(getattr(shards[k], name)))


def close_up(shards: list[Shard], k: int, pool: str) -> None:
    """Lay the blocks of a pool one after the other, in the order of consumers, each with the room that it has."""
    consumers = shards[k].consumers
    rooms = consumers[f"{pool}_room"].astype(np.int64)
    room = int(rooms.sum())
    before = rows_of_blocks(consumers[f"{pool}_first"], rooms)
    for name in arrays_of(shards[k], pool):
        _put(shards, k, name, taken(getattr(shards[k], name), before, _spare(room)))
    consumers[f"{pool}_first"] = np.cumsum(rooms) - rooms
    shards[k].ends[END_OF[pool]] = room


def _put(shards: list[Shard], k: int, name: str, rows: np.ndarray | Asks) -> None:
    """Have an array of the k-th shard replaced; that which it replaces is given back to the system."""
    replaced: dict[str, Any] = {name: rows}
    shards[k] = as_kernel_reads(shards[k]._replace(**replaced))


def _longer(rows: np.ndarray) -> np.ndarray:
    """The same rows, and more room."""
    more = np.zeros((len(rows) + _spare(len(rows)), *rows.shape[1:]), rows.dtype)
    as_bytes(more)[: len(rows)] = as_bytes(rows)
    return more


def _spare(used: int) -> int:
    """How many more rows there is to be room for than are in use."""
    return used // (4 if used < LARGE else 8) + LEAST_ROOM
