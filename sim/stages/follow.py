"""To follow a store, and to cease: who follows as many as it cares to replaces the one that has been silent longest [INT-1]."""

from __future__ import annotations

import numpy as np

from sim.stages.link import enter
from sim.state.compiled import apart, inlined, keep_apart
from sim.state.draws import KEEP_FANS, draw, under
from sim.state.names import DAY, FOLLOWS, INTERLOCK, LOG_FOLLOW, LOG_UNFOLLOW, NO_CHANNEL, STOCK_FANS, UNFOLLOWS
from sim.state.record import record
from sim.state.relations import place_in_crowds
from sim.state.shard import Row, Shard, Today
from sim.state.yesterday import keep_yesterday

NOBODY = -1


@inlined
def follow(s: Shard, today: Today, c: Row, i: int, row: int, time: int, occasion: np.uint64) -> None:
    """The consumer is a fan from now on; `occasion` is the identity of what it follows by: a visit, a purchase."""
    most = today.world[0].most_follows
    if most > 0:
        silent = most_silent(s.relations, today.merchants, c, most, occasion)
        if silent != NOBODY:
            unfollow(s, c, i, silent, time)
    r = s.relations[row]
    m = r.merchant
    keep_yesterday(s.loyalty, r, row, time // DAY)
    r.fan = 1
    place_in_crowds(s, row)
    s.figures[m, FOLLOWS] += 1
    s.stocks[m, STOCK_FANS] += 1
    record(s, c, i, time, LOG_FOLLOW, m, NO_CHANNEL, 0, 0, 0)
    enter(s, r, INTERLOCK)


@inlined
def unfollow(s: Shard, c: Row, i: int, row: int, time: int) -> None:
    """The consumer is no fan any more."""
    r = s.relations[row]
    m = r.merchant
    keep_yesterday(s.loyalty, r, row, time // DAY)
    r.fan = 0
    place_in_crowds(s, row)
    s.figures[m, UNFOLLOWS] += 1
    s.stocks[m, STOCK_FANS] -= 1
    record(s, c, i, time, LOG_UNFOLLOW, m, NO_CHANNEL, 0, 0, 0)


@apart
def most_silent(relations: np.ndarray, merchants: np.ndarray, c: Row, most: int, occasion: np.uint64) -> int:
    """The row of the followed store that makes room for another; NOBODY: there is room.

    It is the one that was visited longest ago, of several the first by merchant. A store that keeps its fans [INT-5] is passed
    over with its probability, unless all are.
    """
    keep_apart()
    follows = 0
    found = kept = NOBODY
    for row in range(c.relation_first, c.relation_first + c.relation_count):
        if relations[row].fan == 1:
            follows += 1
            merchant = merchants[relations[row].merchant]
            if merchant.keep_fans > 0.0 and draw(under(occasion, KEEP_FANS), merchant.key) < merchant.keep_fans:
                if kept == NOBODY or is_more_silent(relations[row], relations[kept]):
                    kept = row
            elif found == NOBODY or is_more_silent(relations[row], relations[found]):
                found = row
    if follows < most:
        return NOBODY
    return found if found != NOBODY else kept


@inlined
def is_more_silent(r: Row, other: Row) -> bool:
    """Whether one of two followed stores comes before the other in the order in which they make room."""
    return r.visit_day < other.visit_day or (r.visit_day == other.visit_day and r.merchant < other.merchant)
