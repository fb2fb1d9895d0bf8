"""Segments of consumers: by what they had bought before the run, so that they are the same consumers in every arm."""

from __future__ import annotations

import numpy as np

from sim.state.shard import Shard

SEGMENTS = ("no orders", "1-3 orders", "4-11 orders", "12+ orders")  # with all stores, in the past
AT_LEAST = (0, 1, 4, 12)
COUNTED = (
    "visits",
    "bought",
    "spent",
    "received",
    "reads",
    "opt_outs",
    "needs",
    "lapsed",
    "met_ahead",
)  # since the start of the run


def begin(shard: Shard) -> None:
    """At the start of the run: put each consumer in its segment, and count from here on."""
    consumers = shard.consumers
    orders = np.concatenate([[0], np.cumsum(shard.relations["orders"], dtype=np.int64)])
    first = consumers["relation_first"]
    before = orders[first + consumers["relation_count"]] - orders[first]
    consumers["segment"] = np.searchsorted(AT_LEAST, before, side="right") - 1
    for name in COUNTED:
        consumers[name] = 0


def totals(shard: Shard) -> np.ndarray:
    """(segments, 1 + COUNTED) int64: number of consumers, and what they did since the start."""
    found = np.zeros((len(SEGMENTS), 1 + len(COUNTED)), np.int64)
    for k in range(len(SEGMENTS)):
        of = np.flatnonzero(shard.consumers["segment"] == k)
        found[k] = [len(of), *(shard.consumers[name][of].sum(dtype=np.int64) for name in COUNTED)]
    return found
