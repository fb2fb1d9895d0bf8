"""The stages of LINK+ that a relation goes through: Lead, Interlock, Engage, Keep [LINK-1].

Lead: it has visited. Interlock: it follows, has joined or has bought. Engage: it came back on a later day. Keep: it has bought
again. Who drops out of the store leaves. No stage is skipped, so that of a stage's entries all have entered the one before.
"""

from __future__ import annotations

from sim.state.compiled import inlined
from sim.state.names import GONE, LEAD, LEAD_ENTERED, LEFT, NO_STAGE, STOCK_LEAD
from sim.state.shard import Row, Shard


@inlined
def enter(s: Shard, r: Row, stage: int) -> None:
    """Bring a relation to a stage, through those before it, unless it is there or has left."""
    m = r.merchant
    if r.stage >= stage:
        return
    if r.stage != NO_STAGE:
        s.stocks[m, STOCK_LEAD + r.stage - LEAD] -= 1
    for entered in range(r.stage + 1, stage + 1):
        s.figures[m, LEAD_ENTERED + entered - LEAD] += 1
    s.stocks[m, STOCK_LEAD + stage - LEAD] += 1
    r.stage = stage


@inlined
def leave(s: Shard, r: Row) -> None:
    """A relation ends: the consumer has dropped out of the store."""
    m = r.merchant
    r.dropped = 1
    s.figures[m, LEFT] += 1
    s.stocks[m, STOCK_LEAD + r.stage - LEAD] -= 1
    r.stage = GONE
