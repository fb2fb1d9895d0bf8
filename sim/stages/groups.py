"""A seat in a group of the store is taken, or there is none left [GRP-1, GRP-2]."""

from __future__ import annotations

import numpy as np

from sim.policies.named_crowds import is_in
from sim.state.benefits import FAN, MEMBER, NO_CROWD
from sim.state.compiled import apart, inlined, keep_apart
from sim.state.coupling import claimed
from sim.state.draws import GROUP, PASSWORD, draw, under
from sim.state.names import DAY, GROUP_IS_FULL, GROUP_JOINS, LOG_GROUP_JOIN, STOCK_GROUP_MEMBERS
from sim.state.record import write
from sim.state.shard import BACK, LOG_END, LOGGING, Row, Shard, Today

NOT_SAMPLED = -1  # in place of `seq`: the host numbers the seat by this row, and then drops it


@inlined
def offer_seats(s: Shard, today: Today, c: Row, i: int, slot: int, time: int, occasions: int, occasion: np.uint64) -> None:
    """Whoever may enter a group of the store is asked to on these occasions, known by the key of `occasion`."""
    row = c.relation_first + slot
    merchant = today.merchants[s.relations[row].merchant]
    if merchant.groups_at & occasions:
        enter_each(
            today.groups, today.named_crowds, today.coupled, today.steps, today.claims, s.asks.requests, s.ends, s.taken,
            s.loyalty, s.log, s.figures, s.stocks, s.refusals, s.relations[row], merchant, c, today.world[0], s.first + i, row,
            time, occasions, occasion,
        )  # fmt: skip


@apart
def enter_each(
    groups: np.ndarray, named: np.ndarray, coupled: np.ndarray, steps: np.ndarray, claims: np.ndarray, requests: np.ndarray,
    ends: np.ndarray, taken: np.ndarray, loyalty: np.ndarray, log_rows: np.ndarray, figures: np.ndarray, stocks: np.ndarray,
    refusals: np.ndarray, r: Row, merchant: Row, c: Row, w: Row, consumer: int, row: int, time: int, occasions: int,
    occasion: np.uint64,
) -> None:  # fmt: skip
    """The same, where the store has some: who has a seat in a kind of groups is not asked again."""
    keep_apart()
    for k in range(merchant.groups_first, merchant.groups_first + merchant.groups_count):
        g = groups[k]
        asked = g.at & occasions and g.open == 1 and r.groups & g.kind == 0
        if asked and may_enter(g, c, r, loyalty[row], named, time // DAY) and draw(under(occasion, GROUP), g.key) < g.enter:
            if claimed(coupled, steps, claims, requests, ends, taken, g.claims_first, g.claims_last, consumer, 1, 0) != 0:
                refusals[r.merchant, GROUP_IS_FULL] += 1
            else:
                r.groups |= g.kind
                figures[r.merchant, GROUP_JOINS] += 1
                stocks[r.merchant, STOCK_GROUP_MEMBERS] += 1
                if w.log_mode != 0 and ends[BACK] == 0:
                    reason = -1 - g.policy
                    write(log_rows, ends, c, consumer, time, LOG_GROUP_JOIN, r.merchant, g.channel, 0, 0, reason)
                    if ends[LOGGING] == 0:
                        log_rows[ends[LOG_END] - 1].seq = NOT_SAMPLED


@inlined
def may_enter(g: Row, c: Row, r: Row, mine: Row, named: np.ndarray, day: int) -> bool:
    """Whether a relation may enter a group, a row of GROUP; `mine` is its row of `loyalty`."""
    if (g.who == MEMBER and r.member == 0) or (g.who == FAN and r.fan == 0):
        return False
    if g.crowd != NO_CROWD and g.crowd_open == 1 and is_in(named[g.crowd], r, mine, day):
        return True
    if g.by_itself == 0 or r.orders < g.orders_from or r.paid < g.paid_from:
        return False
    return g.password >= 1.0 or draw(under(c.key, PASSWORD), g.key) < g.password
