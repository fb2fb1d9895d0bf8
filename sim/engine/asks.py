"""Room for what is kept of consumers that ask for what is shared: none until a window needs it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from sim.state.benefits import LOYALTY
from sim.state.coupling import REQUEST
from sim.state.shard import COPIED, KEPT_PENDING_END, KEPT_RELATION_END, REQUEST_END, UNDO_END, Asks, Shard
from sim.state.tables import CONSUMER, NEED, PENDING, RELATION
from sim.state.undo import UNDO

LEAST_ROOM = 64  # rows
USED = {"requests": REQUEST_END, "relations": KEPT_RELATION_END, "recent": KEPT_RELATION_END, "loyalty": KEPT_RELATION_END}
USED |= {"pending": KEPT_PENDING_END} | dict.fromkeys(("undo", "consumers", "needs", "reached"), UNDO_END)


def no_asks(arrays: Mapping[str, np.ndarray]) -> Asks:
    """No room, in the form that a shard of such `needs`, `reached` and `recent` needs."""
    return Asks(
        REQUEST.rows(0),
        UNDO.rows(0),
        CONSUMER.rows(0),
        NEED.rows(0).reshape(0, arrays["needs"].shape[1]),
        np.zeros((0, len(arrays["reached"])), np.uint64),
        RELATION.rows(0),
        np.zeros((0, arrays["recent"].shape[1]), np.int16),
        LOYALTY.rows(0),
        PENDING.rows(0),
    )


def begin_window(shard: Shard) -> Shard:
    """The shard with nothing asked yet, in the form that is right for the plans that are under way."""
    for end in (REQUEST_END, UNDO_END, KEPT_RELATION_END, KEPT_PENDING_END):
        shard.ends[end] = 0
    words = len(shard.reached)
    if shard.asks.reached.shape[1] != words:
        reached = np.zeros((len(shard.asks.reached), words), np.uint64)
        return shard._replace(asks=shard.asks._replace(reached=reached))
    return shard


def roomier(shard: Shard) -> Asks:
    """Four times the room where it is short, with the same contents: room that nobody has used yet takes no memory.

    Which rows are short, the kernel does not say: those of which a quarter is left or less, or if there are none, all.
    """
    asks, ends = shard.asks._asdict(), shard.ends.copy()
    if ends[COPIED]:  # a copy that is not counted yet: whether it is kept is known when the consumer's window ends
        kept, undo = shard.asks.consumers[ends[UNDO_END]], shard.asks.undo[ends[UNDO_END]]
        ends[KEPT_RELATION_END] += kept["relation_count"]
        ends[KEPT_PENDING_END] += kept["pending_count"] + undo["ahead"]
        ends[UNDO_END] += 1
    used = {name: int(ends[end]) for name, end in USED.items()}
    short = [name for name, rows in asks.items() if 4 * used[name] >= 3 * len(rows)] or list(asks)

    def longer(rows: np.ndarray, used: int) -> np.ndarray:
        more = np.zeros((4 * len(rows) + LEAST_ROOM, *rows.shape[1:]), rows.dtype)
        more[:used] = rows[:used]
        return more

    return shard.asks._replace(**{name: longer(asks[name], used[name]) for name in short})
