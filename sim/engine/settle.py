"""The first things that are pending for each consumer: its first purchase or its next need, and the needs that wait."""

from __future__ import annotations

import numpy as np

from sim.agents import consumer
from sim.state.arithmetic import exp, exponential
from sim.state.compiled import entry
from sim.state.draws import NEED_AT_START, NEED_PATIENCE, draw, poisson, under, unit
from sim.state.names import DAY, ENTER, IS_CUSTOMER, LAPSE
from sim.state.near import near
from sim.state.pending import push
from sim.state.relations import place_in_crowds
from sim.state.shard import Shard, Today

FIRST_NEED = 0


@entry
def poisson_quantiles(u: np.ndarray, mean: np.ndarray, found: np.ndarray) -> None:
    """The u-quantiles of Poisson distributions, (n,) int64, for means up to some hundreds."""
    for k in range(len(u)):
        found[k] = poisson(u[k], mean[k], exp(-mean[k]))


@entry
def settle(s: Shard, today: Today, enter: np.ndarray, waiting: np.ndarray) -> None:
    """Fill the blocks of pending events, which must have room for `waiting` (needs, int) and two more each.

    `enter` is the day of the first purchase, counted from the world's day, or IS_CUSTOMER; `waiting` (n, categories) are
    needs. A renewal process that has gone on for long is, at a random time, in each of its phases alike; needs that wait have
    exponential patience left, as when they began.
    """
    s, today = near(s), near(today)
    w = today.world[0]
    now = int(w.day) * DAY  # the interpreted kernel would count on in 32 bits
    for i in range(len(s.consumers)):
        c = s.consumers[i]
        c.session_none = exp(-c.session_rate)
        for row in range(c.relation_first, c.relation_first + c.relation_count):
            place_in_crowds(s, row)
        if enter[i] != IS_CUSTOMER:
            push(s, c, now + enter[i] * DAY, ENTER, 0, consumer.NO_SLOT, 0)
            continue
        for k in range(len(today.categories)):
            first = consumer.need_key(today, c, k, FIRST_NEED)
            phases = 1 + int(draw(first, NEED_AT_START) * w.need_phases)
            consumer.schedule_need(s, today, c, i, k, now, FIRST_NEED, phases)
            for j in range(waiting[i, k]):
                left = exponential(unit(under(under(first, NEED_PATIENCE), np.uint64(j))), w.patience)
                push(s, c, now + 1 + int(left), LAPSE, consumer.need_ref(today, k, -1 - j), k, 0)
                c.waiting += 1
                s.needs[i, k].waiting += 1
