"""Shards cut anew: the same consumers, each with all its state, in other pieces."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.state.shard import ENDS, PENDING_END, RELATION_END, Shard

TALLIES = ("figures", "sources", "stocks", "old_expiry", "tasks", "counts")  # what counts is their sum over the shards


class Pools(NamedTuple):
    """Some consumers with their blocks of rows, one after the other in the order of the consumers."""

    consumers: np.ndarray
    relations: np.ndarray
    recent: np.ndarray
    pending: np.ndarray


def recut(shards: Sequence[Shard], cuts: Sequence[int]) -> list[Shard]:
    """The shards of the consumers between each two of `cuts`, ids from 0 to the number of consumers.

    Nothing of a consumer changes but where its rows lie. The tallies, which are sums, go to the first shard. Between two
    instants only: what the log holds must have been taken.
    """
    if [shard.first for shard in shards] == list(cuts[:-1]):
        return list(shards)
    totals = {name: np.sum([getattr(shard, name) for shard in shards], axis=0) for name in TALLIES}
    totals = {name: total.astype(getattr(shards[0], name).dtype) for name, total in totals.items()}
    new: list[Shard] = []
    for first, last in pairwise(cuts):
        parts = zip(*(pools(shard, first, last) for shard in shards), strict=True)
        joined = Pools(*map(joined_rows, parts))
        place_blocks(joined.consumers)
        ends = np.zeros(ENDS, np.int64)
        ends[PENDING_END], ends[RELATION_END] = len(joined.pending), len(joined.relations)
        tallies = {name: np.zeros_like(total) if new else total for name, total in totals.items()}
        new.append(Shard(first=first, ends=ends, log=shards[0].log[:0].copy(), **joined._asdict(), **tallies))
    return new


def pools(shard: Shard, first: int, last: int) -> Pools:
    """A copy of those consumers of a shard whose ids are from `first` to before `last`."""
    consumers = shard.consumers[max(first - shard.first, 0) : max(last - shard.first, 0)].copy()
    relations = rows_of_blocks(consumers["relation_first"], consumers["relation_room"])
    pending = rows_of_blocks(consumers["pending_first"], consumers["pending_room"])
    return Pools(consumers, shard.relations[relations], shard.recent[relations], shard.pending[pending])


def joined_rows(parts: Sequence[np.ndarray]) -> np.ndarray:
    """One after the other, of the very type of the parts: NumPy alone would pack the columns of a table."""
    whole = np.empty((sum(map(len, parts)), *parts[0].shape[1:]), parts[0].dtype)
    return np.concatenate(parts, out=whole)


def rows_of_blocks(first: np.ndarray, room: np.ndarray) -> NDArray[np.int64]:
    """The rows of blocks that begin at `first` and have `room` rows each, block by block."""
    ends = np.cumsum(room, dtype=np.int64)
    return np.arange(ends[-1] if len(ends) else 0) + np.repeat(first - (ends - room), room)


def place_blocks(consumers: np.ndarray) -> None:
    """Let each consumer's blocks begin where those of the one before end."""
    for pool in ("relation", "pending"):
        room = consumers[f"{pool}_room"]
        consumers[f"{pool}_first"] = np.cumsum(room, dtype=np.int64) - room
