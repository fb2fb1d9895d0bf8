"""A shard of a few consumers with little room, and what its blocks hold."""

from __future__ import annotations

import numpy as np

from sim.engine.asks import no_asks
from sim.engine.growing import grow
from sim.state.benefits import BENEFIT_FIGURES, LOYALTY, MOST_GROUPS
from sim.state.names import CHANNELS, FIGURES, KINDS_A_SECOND, PENDING_NAMES, REFUSALS, SOURCE_FIGURES, STOCKS, TASK_FIGURES
from sim.state.shard import ENDS, LEAST_NOTED, PENDING_END, RELATION_END, Shard
from sim.state.tables import CONSUMER, CONTACT, LOG, NEED, PENDING, RELATION

RING = 3


def grown(shard: Shard, need: int) -> Shard:
    """The shard after it has grown, as the kernel asked for it."""
    held = [shard]
    grow(held, 0, need)
    return held[0]


def small_shard(consumers: int, room: int = 2, free: int = 4) -> Shard:
    """`room` rows of pending events and of relations for each consumer, `free` rows at the end of both pools."""
    rows = CONSUMER.rows(consumers)
    for name in ("pending", "relation"):
        rows[f"{name}_room"] = room
        rows[f"{name}_first"] = np.arange(consumers) * room
    ends = np.zeros(ENDS, np.int64)
    ends[PENDING_END] = ends[RELATION_END] = consumers * room
    return Shard(
        first=0,
        consumers=rows,
        needs=NEED.rows(consumers).reshape(consumers, 1),
        relations=RELATION.rows(consumers * room + free),
        contacts=CONTACT.rows(consumers * room + free),
        recent=np.zeros((consumers * room + free, RING), np.int16),
        loyalty=LOYALTY.rows(0),
        pending=PENDING.rows(consumers * room + free),
        ahead=PENDING.rows(8),
        ends=ends,
        figures=np.zeros((1, len(FIGURES)), np.int64),
        sources=np.zeros((1, len(CHANNELS), len(SOURCE_FIGURES)), np.int64),
        refusals=np.zeros((1, len(REFUSALS)), np.int64),
        stocks=np.zeros((1, len(STOCKS)), np.int64),
        old_expiry=np.zeros((1, 400), np.int32),
        tasks=np.zeros((0, TASK_FIGURES), np.int64),
        reached=np.zeros((0, consumers), np.uint64),
        verdicts=np.zeros((0, consumers), np.uint8),
        counts=np.zeros(len(PENDING_NAMES), np.int64),
        benefits=np.zeros((0, len(BENEFIT_FIGURES)), np.int64),
        picks=np.zeros((2 * MOST_GROUPS, 3), np.int64),
        noted=np.zeros((1 + LEAST_NOTED, 2), np.int64),
        taken=np.zeros((0, 3), np.int64),
        log=LOG.rows(0),
        asks=no_asks({"needs": np.zeros((0, 1)), "reached": np.zeros((0, 0)), "recent": np.zeros((0, RING))}),
    )


def block(shard: Shard, consumer: int, name: str) -> np.ndarray:
    """The rows in use of a consumer's block: `name` is pending or relation."""
    c = shard.consumers[consumer]
    pool = shard.pending if name == "pending" else shard.relations
    return pool[c[f"{name}_first"] : c[f"{name}_first"] + c[f"{name}_count"]]


def events_of(shard: Shard, consumer: int) -> list[tuple[int, int, int, int, int]]:
    """What is pending for a consumer in the order in which it will happen: (time, kind, ref, slot, ordinal)."""
    rows = block(shard, consumer, "pending")[::-1]
    times, kinds = np.divmod(rows["when"], KINDS_A_SECOND)
    return list(zip(times.tolist(), kinds.tolist(), *(rows[name].tolist() for name in ("ref", "slot", "ordinal"))))


def assert_blocks_are_apart(shard: Shard, name: str) -> None:
    """Blocks lie in the part of the pool that is in use, and none in another."""
    assert (shard.consumers[f"{name}_count"] <= shard.consumers[f"{name}_room"]).all()
    blocks = shard.consumers[shard.consumers[f"{name}_room"] > 0]
    first, room = blocks[f"{name}_first"], blocks[f"{name}_room"]
    order = np.argsort(first, kind="stable")
    assert ((first + room)[order][:-1] <= first[order][1:]).all()
    assert (first + room).max(initial=0) <= shard.ends[PENDING_END if name == "pending" else RELATION_END]
