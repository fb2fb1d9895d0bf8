"""Shards cut anew: the same consumers, each with all its state, in other pieces."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import prod

import numpy as np
from numpy.typing import NDArray

from sim.engine.asks import no_asks
from sim.state.shard import ENDS, PENDING_END, RELATION_END, Shard

PER_CONSUMER = ("consumers", "needs")
PER_TASK_AND_CONSUMER = ("reached", "verdicts")
# Each consumer has a block of their rows.
POOLS = {"relation": ("relations", "contacts", "recent", "loyalty"), "pending": ("pending",)}
# What counts is their sum over the shards.
TALLIES = ("figures", "sources", "refusals", "stocks", "old_expiry", "tasks", "counts", "benefits", "taken")


def recut(shards: Sequence[Shard], cuts: Sequence[int]) -> list[Shard]:
    """The shards of the consumers between each two of `cuts`, ids from 0 to the number of consumers.

    Nothing of a consumer changes but where its rows lie: close together, without the free room of blocks. The tallies, which
    are sums, go to the first shard. Between two instants only: what the log holds must have been taken.
    """
    totals = {name: np.sum([getattr(shard, name) for shard in shards], axis=0) for name in TALLIES}
    totals = {name: total.astype(getattr(shards[0], name).dtype) for name, total in totals.items()}
    new: list[Shard] = []
    for first, last in pairwise(cuts):
        overlap = [shard for shard in shards if shard.first < last and first < shard.first + len(shard.consumers)]
        parts = [part(shard, first, last) for shard in overlap or shards[:1]]
        joined = {name: joined_rows([rows[name] for rows in parts]) for name in parts[0]}
        for name in PER_TASK_AND_CONSUMER:
            pieces = [getattr(shard, name)[:, of_consumers(shard, first, last)] for shard in shards]
            joined[name] = np.concatenate(pieces, axis=1)
        for pool in POOLS:
            place_blocks(joined["consumers"], pool)
        ends = np.zeros(ENDS, np.int64)
        ends[PENDING_END], ends[RELATION_END] = len(joined["pending"]), len(joined["relations"])
        tallies = {name: np.zeros_like(total) if new else total for name, total in totals.items()}
        own = {"ahead": shards[0].ahead[:0].copy(), "log": shards[0].log[:0].copy()}
        own |= {"picks": shards[0].picks.copy(), "noted": shards[0].noted.copy()}
        new.append(Shard(first=first, ends=ends, asks=no_asks(joined), **own, **joined, **tallies))
    return new


def arrays_of(shard: Shard, pool: str) -> list[str]:
    """The arrays of a pool that the shard has: what relations have of benefits only where that is kept."""
    return [name for name in POOLS[pool] if name != "loyalty" or len(shard.loyalty)]


def of_consumers(shard: Shard, first: int, last: int) -> slice:
    """Where a shard has the consumers whose ids are from `first` to before `last`."""
    return slice(max(first - shard.first, 0), max(last - shard.first, 0))


def part(shard: Shard, first: int, last: int) -> dict[str, np.ndarray]:
    """A copy of what those consumers have whose ids are from `first` to before `last`; of their blocks, what is in use."""
    of = of_consumers(shard, first, last)
    rows = {name: joined_rows([getattr(shard, name)[of]]) for name in PER_CONSUMER}
    for pool, names in POOLS.items():
        used = rows_of_blocks(rows["consumers"][f"{pool}_first"], rows["consumers"][f"{pool}_count"])
        has = arrays_of(shard, pool)
        rows |= {name: taken(getattr(shard, name), used) if name in has else getattr(shard, name) for name in names}
    return rows


def as_bytes(rows: np.ndarray) -> np.ndarray:
    """The same memory, (rows, bytes of a row): NumPy copies and gathers bytes several times as fast as rows of columns."""
    return np.asarray(rows).view(np.uint8).reshape(len(rows), prod(rows.shape[1:]) * rows.itemsize)


def joined_rows(parts: Sequence[np.ndarray]) -> np.ndarray:
    """One after the other, in new memory, of the very type of the parts."""
    whole = np.empty((sum(map(len, parts)), *parts[0].shape[1:]), parts[0].dtype)
    np.concatenate([as_bytes(part) for part in parts], out=as_bytes(whole))
    return whole


def taken(rows: np.ndarray, at: np.ndarray, spare: int = 0) -> np.ndarray:
    """The rows that stand at these places, one after the other, with room for some more."""
    found = np.zeros((len(at) + spare, *rows.shape[1:]), rows.dtype)
    np.take(as_bytes(rows), at, axis=0, out=as_bytes(found)[: len(at)], mode="clip")
    return found


def rows_of_blocks(first: np.ndarray, count: np.ndarray) -> NDArray[np.int64]:
    """The rows of blocks that begin at `first` and have `count` rows each, block by block."""
    ends = np.cumsum(count, dtype=np.int64)
    return np.arange(ends[-1] if len(ends) else 0) + np.repeat(first - (ends - count), count)


def place_blocks(consumers: np.ndarray, pool: str) -> None:
    """Let each consumer's block be as long as what is in it, and begin where that of the one before ends."""
    count = consumers[f"{pool}_count"]
    consumers[f"{pool}_room"] = count
    consumers[f"{pool}_first"] = np.cumsum(count, dtype=np.int64) - count
