"""Room for what is kept of consumers that ask for what is shared: none until a window needs it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sim.state.benefits import LOYALTY
from sim.state.coupling import REQUEST
from sim.state.shard import KEPT_PENDING_END, KEPT_RELATION_END, REQUEST_END, UNDO_END, Asks, Shard
from sim.state.tables import CONSUMER, NEED, PENDING, RELATION
from sim.state.undo import UNDO

LEAST_ROOM = 64  # rows


def no_asks(arrays: Mapping[str, np.ndarray]) -> Asks:
    """No room, in the form that a shard of such `needs`, `reached` and `recent` needs."""
    return Asks(
        REQUEST.rows(0),
        UNDO.rows(0),
        CONSUMER.rows(0),
        NEED.rows(0).reshape(0, arrays["needs"].shape[1]),
        np.zeros((0, len(arrays["reached"])), np.uint8),
        RELATION.rows(0),
        np.zeros((0, arrays["recent"].shape[1]), np.int16),
        LOYALTY.rows(0),
        PENDING.rows(0),
    )


def begin_window(shard: Shard) -> Shard:
    """The shard with nothing asked yet, in the form that is right for the plans that are under way."""
    for end in (REQUEST_END, UNDO_END, KEPT_RELATION_END, KEPT_PENDING_END):
        shard.ends[end] = 0
    plans = len(shard.reached)
    if shard.asks.reached.shape[1] != plans:
        reached = np.zeros((len(shard.asks.reached), plans), np.uint8)
        return shard._replace(asks=shard.asks._replace(reached=reached))
    return shard


def roomier(asks: Asks) -> Asks:
    """Four times the room, with the same contents: room that nobody has used yet takes no memory."""

    def longer(rows: np.ndarray) -> np.ndarray:
        more = np.zeros((4 * len(rows) + LEAST_ROOM, *rows.shape[1:]), rows.dtype)
        more[: len(rows)] = rows
        return more

    return Asks(*map(longer, asks))
