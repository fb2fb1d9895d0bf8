"""The one compiled loop: each consumer of a shard is advanced alone through the window, in the order of its own time.

At 00:00 the day is laid out: own sessions and the messages whose crowd the consumer is in go among what is pending. From
then on, to advance is to take what is due and let it happen. A window may end, or stop for want of room, between any two
events.
"""

from __future__ import annotations

import numpy as np

from sim.agents import consumer
from sim.engine import crowds
from sim.stages import desk, engage, keep
from sim.state.compiled import entry, inlined
from sim.state.draws import LOG_SAMPLE, draw
from sim.state.names import (
    ANSWER,
    ENTER,
    FROM_DIRECT,
    KINDS_A_SECOND,
    LAPSE,
    MESSAGE,
    NEED,
    READ,
    SESSION,
    TASK_NOT_EFFECTIVE,
)
from sim.state.pending import make_pending_room, push
from sim.state.relations import make_relation_room, meet
from sim.state.shard import (
    BACK,
    BEGUN,
    CURSOR,
    DONE,
    LOG_END,
    LOG_ROWS,
    LOGGING,
    NEED_ASKS,
    NEED_LOG,
    NEED_PENDING,
    NEED_RELATIONS,
    NEW_RELATIONS,
    PUSHES,
    Row,
    Shard,
    Today,
)
from sim.state.undo import begin_again, begin_life, end_again, end_life, make_ready_to_ask

LOG_SAMPLED, LOG_ALL = 1, 2
LOG_SAMPLE_SHARE = 0.01


@entry
def advance(s: Shard, today: Today, until: int, again: np.ndarray) -> int:
    """Let everything before `until` (s, within the world's day) happen to every consumer. Answers DONE, or what to grow.

    With rows of `undo` in `again`, (lives,) int64: only to those consumers, from their copies on.
    """
    w = today.world[0]
    lives = len(again) if len(again) > 0 else len(s.consumers)
    while s.ends[CURSOR] < lives:
        i = s.ends[CURSOR]
        copy = -1
        if len(again) > 0:
            copy = again[i]
            i = s.asks.undo[copy].consumer
        c = s.consumers[i]
        if s.ends[BEGUN] == 0:
            if copy < 0:
                begin_life(s)
            else:
                begin_again(s, i, copy)
            s.ends[BEGUN] = 1
        s.ends[LOGGING] = is_logged(w, c) if s.ends[BACK] == 0 else 0
        if c.day < w.day:
            if not lay_out_day(s, today, c):
                return NEED_PENDING
            c.day = w.day
        while c.pending_count > 0:
            e = s.pending[c.pending_first + c.pending_count - 1]
            if e.when >= until * KINDS_A_SECOND:
                break
            if s.ends[LOGGING] == 1 and s.ends[LOG_END] + (LOG_ROWS + w.desks) * (1 + c.waiting) > len(s.log):
                return NEED_LOG
            pushes = PUSHES + w.desks * (1 + c.waiting)
            if c.pending_count + pushes > c.pending_room:
                if not make_pending_room(s, c, pushes):
                    return NEED_PENDING
                e = s.pending[c.pending_first + c.pending_count - 1]
            time, kind, ref, slot, ordinal = e.when // KINDS_A_SECOND, e.when % KINDS_A_SECOND, e.ref, e.slot, e.ordinal
            meets = kind == ENTER or (w.compete == 1 and (kind in (SESSION, NEED)))
            if meets and not make_relation_room(s, c, NEW_RELATIONS + c.waiting):
                return NEED_RELATIONS
            if w.asks >> kind & 1 and not make_ready_to_ask(s, today, c, i, e.when, ref, copy >= 0):
                return NEED_ASKS
            c.pending_count -= 1
            s.counts[kind] += 1
            happen(s, today, c, i, time, kind, ref, slot, ordinal)
        if copy < 0:
            end_life(s)
        else:
            end_again(s, copy)
        s.ends[BEGUN] = 0
        s.ends[CURSOR] += 1
    s.ends[CURSOR] = 0
    return DONE


@inlined
def happen(s: Shard, today: Today, c: Row, i: int, time: int, kind: int, ref: int, slot: int, ordinal: int) -> None:
    """Let one pending event happen."""
    if kind == SESSION:
        consumer.session(s, today, c, i, time, ref)
    elif kind == MESSAGE:
        engage.message(s, today, c, i, slot, time, ref, ordinal)
    elif kind == READ:
        engage.read(s, today, c, i, slot, time, ref)
    elif kind == NEED:
        consumer.need(s, today, c, i, time, slot, ref)
    elif kind == LAPSE:
        consumer.lapse(s, c, i, slot)
    elif kind == ENTER:
        keep.purchase(s, today, c, i, meet(s, c, ref), time, FROM_DIRECT)
        if len(today.categories) > 0:
            consumer.schedule_need(s, today, c, i, 0, time, 0, today.world[0].need_phases)
    elif kind == ANSWER:
        desk.answer(s, c, i, slot, time, ref)
    else:
        keep.fulfilment_step(s, today, c, i, slot, time, kind, ref, ordinal)


@inlined
def is_logged(w: Row, c: Row) -> int:
    """Whether the event log has this consumer: all, or a sample chosen by keyed hash."""
    if w.log_mode == LOG_SAMPLED:
        return 1 if draw(c.key, LOG_SAMPLE) < LOG_SAMPLE_SHARE else 0
    return 1 if w.log_mode == LOG_ALL else 0


@inlined
def lay_out_day(s: Shard, today: Today, c: Row) -> bool:
    """Put the day's own sessions and messages among what is pending; False, and nothing done: there is no room."""
    sessions = consumer.sessions_of_day(today.world[0], c)
    messages = messages_at_most(s, today, c)
    if sessions + messages == 0:
        return True
    if not make_pending_room(s, c, sessions + messages):
        return False
    consumer.lay_out_sessions(s, today, c, sessions)
    if messages > 0:
        lay_out_messages(s, today, c)
    return True


@inlined
def messages_at_most(s: Shard, today: Today, c: Row) -> int:
    """No fewer than the day's messages to the consumer: of the stores one of whose crowds it is in. Free of branches."""
    stores = 0
    for row in range(c.relation_first, c.relation_first + c.relation_count):
        r = s.relations[row]
        stores += (today.crowds[r.merchant] & r.crowds) != 0
    return stores * today.world[0].tasks_a_store


@inlined
def lay_out_messages(s: Shard, today: Today, c: Row) -> None:
    """Lay out the day's tasks whose crowd the consumer is in as of 00:00, each with the filter's verdict [MSG-7]."""
    for slot in range(c.relation_count):
        r = s.relations[c.relation_first + slot]
        if today.crowds[r.merchant] & r.crowds:
            merchant = today.merchants[r.merchant]
            for k in range(merchant.agenda_first, merchant.agenda_first + merchant.agenda_count):
                row = today.agenda_by_merchant[k]
                task = today.agenda[row]
                if task.crowd & r.crowds:
                    if crowds.belongs(today.world[0], r, task.channel):
                        push(s, c, task.time, MESSAGE, row, slot, crowds.verdict(today, c, r, row))
                    else:
                        s.tasks[task.tally, TASK_NOT_EFFECTIVE] += 1
