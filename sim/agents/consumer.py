"""The consumer's own life: sessions on the platform and needs, drawn from its identity and nothing else."""

from __future__ import annotations

import numpy as np

from sim.stages import membership
from sim.stages.choice import NO_STORE, WHOLE_MARKET, choose, discover, is_too_dear, over_waiting
from sim.state.arithmetic import exp, exponential
from sim.state.compiled import inlined
from sim.state.draws import BROWSE, DISCOVER, NEED_GAP, NEED_PATIENCE, SHOP, draw, poisson, under, unit
from sim.state.names import (
    DAY,
    FROM_DIRECT,
    FROM_RECOMMEND,
    FROM_SEARCH,
    HOUR,
    INDUSTRIES,
    LAPSE,
    LOG_NEED,
    LOG_SESSION,
    NEED,
    NO_CHANNEL,
)
from sim.state.names import SESSION as SESSION_EVENT
from sim.state.pending import lay_ahead, push
from sim.state.record import record
from sim.state.relations import NOT_MET, meet, slot_of, slot_to
from sim.state.shard import Row, Shard, Today

NO_SLOT = -1
HOME = -1  # no leg of a session
HOURS = DAY // HOUR
SURELY = 1e-12  # more than rounding can make
LIVE_ROOM = -2  # the leg before all others, where live rooms are open today


@inlined
def sessions_of_day(w: Row, c: Row) -> int:
    """How many own sessions the consumer has on the world's day: the draw of (consumer, day) itself."""
    mean = c.session_rate * w.session_weight
    u = unit(under(w.session_key, c.key))
    if w.session_weight == 1.0:
        return poisson(u, mean, c.session_none)
    return 0 if is_surely_none(u, mean) else poisson(u, mean, exp(-mean))


@inlined
def is_surely_none(u: float, mean: float) -> bool:
    """Whether u < exp(-mean), as far as the first terms of its series tell, which are below it: most days they do."""
    return u < 1.0 - SURELY - mean * (1.0 - mean * (0.5 - mean / 6.0))


@inlined
def session_key(w: Row, c: Row, j: int) -> np.uint64:
    """The identity of the j-th own session of the world's day."""
    return under(under(w.session_key, c.key), np.uint64(j))


@inlined
def lay_out_sessions(s: Shard, today: Today, c: Row, count: int) -> None:
    """Lay the day's own sessions ahead, each at the time that is its own draw."""
    w = today.world[0]
    for j in range(count):
        u = unit(session_key(w, c, j))
        second = int(u * DAY) if w.flat_hours == 1 else second_of_day(today.hours, u)
        lay_ahead(s, int(w.day) * DAY + second, SESSION_EVENT, j, NO_SLOT, 0)


@inlined
def second_of_day(hours: np.ndarray, u: float) -> int:
    """The u-quantile of a session's second of the day, for a profile that is constant within each hour."""
    h = int(u * HOURS)  # if all hours were alike
    while u < hours[h]:
        h -= 1
    while u >= hours[h + 1]:
        h += 1
    return h * HOUR + int((u - hours[h]) / (hours[h + 1] - hours[h]) * HOUR)


@inlined
def session(s: Shard, today: Today, c: Row, i: int, time: int, j: int) -> np.uint64:
    """A session of the consumer's own; its identity."""
    w = today.world[0]
    record(s, c, i, time, LOG_SESSION, -1, NO_CHANNEL, j, 0, 0)
    c.session_day = w.day
    return session_key(w, c, j)


@inlined
def only_store(s: Shard, today: Today, c: Row, cause: np.uint64) -> int:
    """The slot of the one store that a session goes to where stores do not compete: one that it knows; NO_SLOT: to none.

    By need, or else to browse, a member goes there a little more readily.
    """
    w = today.world[0]
    if c.relation_count == 0:
        return NO_SLOT
    slot = known_store(s, today, c, cause)
    if w.any_known_store == 0:
        p = w.consider if c.waiting > 0 else w.browse
        p *= 1.0 + w.member_frequency * membership.effect(w, c, s.relations[c.relation_first + slot], w.day)
        if p <= 0.0 or draw(cause, BROWSE) >= p:
            return NO_SLOT
    return slot


@inlined
def next_store(
    s: Shard, today: Today, c: Row, i: int, cause: np.uint64, leg: int, shopped: int
) -> tuple[int, int, np.uint64, int, int]:
    """Where a session leads next: (slot or NO_SLOT, source, occasion, the leg after it or HOME, whether it has shopped).

    It shops for the needs that wait, a leg for each industry, each in the store that is chosen for it; or else it may browse.
    Who browses may come upon a store that it did not know; from then on it considers it.
    """
    w = today.world[0]
    aim, occasion = WHOLE_MARKET, cause
    if c.waiting == 0:
        leg = len(today.categories)
    while leg < len(today.categories) and aim == WHOLE_MARKET:
        if s.needs[i, leg].waiting > 0:
            occasion = under(under(cause, SHOP), today.categories[leg].key)
            if unit(occasion) < w.consider:
                aim = leg
                shopped = 1
        leg += 1
    m = NO_STORE
    if aim == WHOLE_MARKET:
        leg, occasion = HOME, cause
        if shopped == 1 or w.browse <= 0.0 or draw(cause, BROWSE) >= w.browse:
            return NO_SLOT, FROM_RECOMMEND, occasion, leg, shopped
        if w.discover > 0.0 and draw(cause, DISCOVER) < w.discover:
            m = discover(s.contacts, today.merchants, c, cause)
    if m == NO_STORE:
        m = choose(s, today, c, i, aim, occasion)
    if m == NO_STORE:
        return NO_SLOT, FROM_RECOMMEND, occasion, leg, shopped
    slot, source = slot_to(s.contacts, c, m), FROM_DIRECT
    if slot == NOT_MET:
        slot, source = meet(s, c, m), FROM_SEARCH
    if aim == WHOLE_MARKET:
        source = FROM_RECOMMEND
    return slot, source, occasion, leg, shopped


@inlined
def known_store(s: Shard, today: Today, c: Row, cause: np.uint64) -> int:
    """One of the known stores, all alike: that of the largest draw keyed by (session, store)."""
    best = 0
    if c.relation_count > 1:
        largest = under(cause, today.merchants[s.contacts[c.relation_first].merchant].key)
        for slot in range(1, c.relation_count):
            k = under(cause, today.merchants[s.contacts[c.relation_first + slot].merchant].key)
            if k > largest:
                largest = k
                best = slot
    return best


@inlined
def need_key(today: Today, c: Row, category: int, n: int) -> np.uint64:
    """The identity of the n-th need of a category."""
    return under(under(under(c.key, NEED_GAP), today.categories[category].key), np.uint64(n))


@inlined
def need_ref(today: Today, category: int, n: int) -> int:
    """How pending events and the log name the n-th need of a category."""
    return n * len(INDUSTRIES) + today.categories[category].code


@inlined
def gap_to_need(key: np.uint64, w: Row, rate: float, phases: int) -> int:
    """Seconds from the need before to this need: Erlang, the sum of `phases` exponential phases, at least 1."""
    total = 0.0
    for phase in range(phases):
        total += exponential(unit(under(key, np.uint64(phase))), 1.0)
    return 1 + int(min(total / (rate * w.need_phases), 2.0e9))


@inlined
def schedule_need(s: Shard, today: Today, c: Row, i: int, category: int, time: int, n: int, phases: int) -> None:
    """Let the n-th need of a category be pending, unless it comes after any run's end."""
    rate = s.needs[i, category].rate
    if rate > 0.0:
        at = time + gap_to_need(need_key(today, c, category, n), today.world[0], rate, phases)
        if at < 2_000_000_000:
            push(s, c, at, NEED, need_ref(today, category, n), category, 0)


@inlined
def need(s: Shard, today: Today, c: Row, i: int, time: int, category: int, ref: int) -> int:
    """A need of the consumer's: to be met at once at the store of a slot, the answer; or else NO_SLOT.

    Then it waits for a visit until it is met elsewhere, or is so at once, unless an order has met it before it came.

    Who has dropped out of the stores has needs still, and meets them elsewhere: needs are the same whatever is tried.
    """
    w = today.world[0]
    n = ref // len(INDUSTRIES)
    schedule_need(s, today, c, i, category, time, n + 1, w.need_phases)
    record(s, c, i, time, LOG_NEED, -1, NO_CHANNEL, ref, 0, 0)
    c.needs += 1
    key = need_key(today, c, category, n)
    if s.needs[i, category].ahead > 0:
        s.needs[i, category].ahead -= 1
        c.met_ahead += 1
        return NO_SLOT
    if w.compete == 0 and (c.relation_count == 0 or s.relations[c.relation_first].dropped == 1):
        c.lapsed += 1
        return NO_SLOT
    if w.buy_at_need == 1:
        if w.compete == 0:
            return 0
        m = choose(s, today, c, i, category, key)
        if m != NO_STORE and w.prefer_reference > 0.0:
            over = over_waiting(s, today, c, m, slot_to(s.contacts, c, m), today.merchants[m].appeal, key)
            m = NO_STORE if is_too_dear(w, s.needs[i, category], over) else m
        if m == NO_STORE:
            c.lapsed += 1
            return NO_SLOT
        return slot_of(s, c, m)
    wait = exponential(draw(key, NEED_PATIENCE), w.patience)
    push(s, c, time + 1 + int(wait), LAPSE, ref, category, 0)
    c.waiting += 1
    s.needs[i, category].waiting += 1
    return NO_SLOT


@inlined
def lapse(s: Shard, c: Row, i: int, category: int) -> None:
    """A need was met elsewhere."""
    c.waiting -= 1
    c.lapsed += 1
    s.needs[i, category].waiting -= 1
