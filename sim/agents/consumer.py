"""The consumer's own life: sessions on the platform and needs, drawn from its identity and nothing else."""

from __future__ import annotations

import numpy as np

from sim.stages import keep
from sim.stages.lead import visit
from sim.state.arithmetic import exp, exponential
from sim.state.compiled import inlined
from sim.state.draws import BROWSE, NEED_GAP, NEED_PATIENCE, draw, poisson, under, unit
from sim.state.names import DAY, FROM_DIRECT, HOUR, LAPSE, LOG_NEED, LOG_SESSION, NEED, NO_CHANNEL
from sim.state.names import SESSION as SESSION_EVENT
from sim.state.pending import push
from sim.state.record import record
from sim.state.shard import Row, Shard, Today

NO_SLOT = -1


@inlined
def sessions_of_day(w: Row, c: Row) -> int:
    """How many own sessions the consumer has on the world's day: the draw of (consumer, day) itself."""
    mean = c.session_rate * w.session_weight
    none = c.session_none if w.session_weight == 1.0 else exp(-mean)
    return poisson(unit(under(w.session_key, c.key)), mean, none)


@inlined
def session_key(w: Row, c: Row, j: int) -> np.uint64:
    """The identity of the j-th own session of the world's day."""
    return under(under(w.session_key, c.key), np.uint64(j))


@inlined
def lay_out_sessions(s: Shard, today: Today, c: Row, count: int) -> None:
    """Put the day's own sessions among what is pending, each at the time that is its own draw."""
    w = today.world[0]
    for j in range(count):
        u = unit(session_key(w, c, j))
        second = int(u * DAY) if w.flat_hours == 1 else second_of_day(today.hours, u)
        push(s, c, w.day * DAY + second, SESSION_EVENT, j, NO_SLOT, 0)


@inlined
def second_of_day(hours: np.ndarray, u: float) -> int:
    """The u-quantile of a session's second of the day, for a profile that is constant within each hour."""
    h = 0
    while u >= hours[h + 1]:
        h += 1
    return h * HOUR + int((u - hours[h]) / (hours[h + 1] - hours[h]) * HOUR)


@inlined
def session(s: Shard, today: Today, c: Row, i: int, time: int, j: int) -> None:
    """A session of the consumer's own: to one of the stores that it knows, or nowhere that concerns us."""
    w = today.world[0]
    record(s, c, i, time, LOG_SESSION, -1, NO_CHANNEL, j, 0, 0)
    c.session_day = w.day
    if c.relation_count == 0:
        return
    cause = session_key(w, c, j)
    if w.any_known_store == 0:
        p = w.consider if c.waiting > 0 else w.browse
        if p <= 0.0 or draw(cause, BROWSE) >= p:
            return
    visit(s, today, c, i, known_store(s, today, c, cause), time, FROM_DIRECT, cause)


@inlined
def known_store(s: Shard, today: Today, c: Row, cause: np.uint64) -> int:
    """One of the known stores, all alike: that of the largest draw keyed by (session, store)."""
    best = 0
    if c.relation_count > 1:
        largest = under(cause, today.merchants[s.relations[c.relation_first].merchant].key)
        for slot in range(1, c.relation_count):
            k = under(cause, today.merchants[s.relations[c.relation_first + slot].merchant].key)
            if k > largest:
                largest = k
                best = slot
    return best


@inlined
def gap_to_need(w: Row, c: Row, n: int, phases: int) -> int:
    """Seconds from the need before to the n-th need: Erlang, the sum of `phases` exponential phases, at least 1."""
    key = under(under(c.key, NEED_GAP), np.uint64(n))
    total = 0.0
    for phase in range(phases):
        total += exponential(unit(under(key, np.uint64(phase))), 1.0)
    return 1 + int(min(total / (c.need_rate * w.need_phases), 2.0e9))


@inlined
def schedule_need(s: Shard, w: Row, c: Row, time: int, n: int, phases: int) -> None:
    """Let the n-th need be pending, unless it comes after any run's end."""
    if c.need_rate > 0.0:
        at = time + gap_to_need(w, c, n, phases)
        if at < 2_000_000_000:
            push(s, c, at, NEED, n, NO_SLOT, 0)


@inlined
def need(s: Shard, today: Today, c: Row, i: int, time: int, n: int) -> None:
    """A need of the consumer's: met at once, or waiting for a visit until it is met elsewhere.

    Who has dropped out of the store has needs still, and meets them elsewhere: needs are the same whatever is tried.
    """
    w = today.world[0]
    schedule_need(s, w, c, time, n + 1, w.need_phases)
    record(s, c, i, time, LOG_NEED, -1, NO_CHANNEL, n, 0, 0)
    if c.relation_count == 0 or s.relations[c.relation_first].dropped == 1:
        return
    if w.buy_at_need == 1:
        keep.order(s, today, c, i, 0, time, FROM_DIRECT)
        return
    wait = exponential(unit(under(under(c.key, NEED_PATIENCE), np.uint64(n))), w.patience)
    push(s, c, time + 1 + int(wait), LAPSE, n, 0, 0)
    c.waiting += 1


@inlined
def lapse(c: Row) -> None:
    """A need was met elsewhere."""
    c.waiting -= 1
