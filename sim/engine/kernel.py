"""The one compiled loop: each consumer of a shard is advanced alone through the window, in the order of its own time.

At 00:00 the day is laid out: own sessions and the messages whose crowd the consumer is in lie ahead of it. From then on, to
advance is to take what is due, of that and of what is pending, and let it happen. A window may end, or stop for want of room,
between any two events.
"""

from __future__ import annotations

import numpy as np

from sim.agents import consumer
from sim.engine import crowds
from sim.stages import coupons, desk, engage, interlock, keep, live
from sim.stages.claims import claim_later
from sim.stages.lead import visit
from sim.state.benefits import MOST_GROUPS, NO_COUPON
from sim.state.compiled import entry, inlined, prefetch
from sim.state.coupling import OTHERS, return_units
from sim.state.draws import LIVE, LOG_SAMPLE, REDEEM, draw, under
from sim.state.names import (
    ANSWER,
    CLAIM,
    COUPON_BACK,
    ENTER,
    EXPIRE,
    FROM_DIRECT,
    FROM_LIVE,
    FROM_MESSAGE,
    INVITED,
    KINDS_A_SECOND,
    LAPSE,
    MESSAGE,
    NEED,
    READ,
    REFUND,
    SESSION,
    TASK_NOT_EFFECTIVE,
    UNITS_BACK,
    URGE,
)
from sim.state.near import near
from sim.state.pending import lay_ahead, may_push, next_ref, next_when, put_by, take_next
from sim.state.relations import can_meet, meet
from sim.state.shard import (
    AHEAD,
    BACK,
    BEGUN,
    CURSOR,
    DONE,
    LOG_END,
    LOG_ROWS,
    LOGGING,
    NEED_AHEAD,
    NEED_ASKS,
    NEED_LOG,
    NEED_PENDING,
    NEED_RELATIONS,
    NEW_RELATIONS,
    PUSHES,
    ROW,
    Row,
    Shard,
    Today,
)
from sim.state.undo import begin_again, begin_life, end_again, end_life, make_ready_to_ask, may_ask, take_place

LOG_SAMPLED, LOG_ALL = 1, 2
PUSHES_A_CLAIM = 2  # when the coupon ends, when its holder comes for it
PUSHES_A_REFUND = 3 + 2 * MOST_GROUPS  # its three events, and one for each coupon that comes back
MOST_USED = 2 * MOST_GROUPS  # benefits of an order
CONSUMERS_AHEAD = 2
LOG_SAMPLE_SHARE = 0.01


@entry
def advance(s: Shard, today: Today, until: int, again: np.ndarray) -> int:
    """Let everything before `until` (s, within the world's day) happen to every consumer. Answers DONE, or what to grow.

    With rows of `undo` in `again`, (lives,) int64: only to those consumers, from their copies on.
    """
    s, today = near(s), near(today)
    w = today.world[0]
    end = until * KINDS_A_SECOND
    sharing = w.asks != 0
    lives = len(again) if len(again) > 0 else len(s.consumers)
    while s.ends[CURSOR] < lives:
        i = s.ends[CURSOR]
        copy = -1
        if len(again) > 0:
            copy = again[i]
            i = s.asks.undo[copy].consumer
        c = s.consumers[i]
        if copy < 0:
            fetch(s, i + CONSUMERS_AHEAD)
        if sharing and s.ends[BEGUN] == 0:
            if copy < 0:
                begin_life(s)
            else:
                begin_again(s, i, copy)
            s.ends[BEGUN] = 1
        s.ends[LOGGING] = is_logged(w, c) if s.ends[BACK] == 0 else 0
        if c.day < w.day:
            if not lay_out_day(s, today, c, i):
                return NEED_AHEAD
            c.day = w.day
        when = next_when(s, c)
        while when < end:
            legs = 1 + c.waiting + c.urged + w.live
            more = w.desks + w.groups + PUSHES_A_CLAIM * w.claimable
            more += PUSHES_A_REFUND + w.given_back if w.refund > 0.0 else 0
            if (s.ends[LOGGING] == 1 or w.groups > 0) and s.ends[LOG_END] + (LOG_ROWS + more + MOST_USED) * legs > len(s.log):
                return NEED_LOG
            kind = when % KINDS_A_SECOND
            meets = kind == ENTER or (w.compete == 1 and (kind in (SESSION, NEED)))
            if meets and not can_meet(s, c, max(NEW_RELATIONS, c.waiting) + w.live):
                return NEED_RELATIONS
            asks = w.asks >> kind & 1 == 1 and may_ask(today, kind, next_ref(s, c, when))
            if asks and not make_ready_to_ask(s, today, c, i, copy >= 0):
                return NEED_ASKS
            if not may_push(s, c, PUSHES if kind == MESSAGE else PUSHES + more * legs):
                return NEED_PENDING
            s.counts[kind] += 1
            ref, slot, ordinal = take_next(s, c, when)
            if asks:
                take_place(s, today, c, when // KINDS_A_SECOND, ref if kind == MESSAGE else OTHERS)
            happen(s, today, c, i, when // KINDS_A_SECOND, kind, ref, slot, ordinal)
            when = next_when(s, c)
        if s.ends[AHEAD] > 0 and not put_by(s, c):
            return NEED_PENDING
        if sharing:
            if copy < 0:
                end_life(s)
            else:
                end_again(s, copy)
            s.ends[BEGUN] = 0
        s.ends[CURSOR] += 1
    s.ends[CURSOR] = 0
    return DONE


@inlined
def fetch(s: Shard, i: int) -> None:
    """Ask the memory for what a consumer whose turn comes soon will read: it is far, and its rows are in no order it knows."""
    if i < len(s.consumers):
        c = s.consumers[i]
        prefetch(s.pending, c.pending_first + c.pending_count - 1)
        prefetch(s.recent, c.relation_first)
        crowds.fetch_relations(s, i)


@inlined
def happen(s: Shard, today: Today, c: Row, i: int, time: int, kind: int, ref: int, slot: int, ordinal: int) -> None:
    """Let one pending event happen."""
    if kind == MESSAGE:
        engage.message(s, today, c, i, slot, time, ref, ordinal)
    elif kind in (SESSION, READ, NEED, ENTER) or (kind == URGE and coupons.comes_for(s, today, c, ref, ordinal)):
        come(s, today, c, i, time, kind, ref, slot)
    elif kind == INVITED:
        interlock.invited(s, today, c, i, slot, time)
    elif kind == LAPSE:
        consumer.lapse(s, c, i, slot)
    elif kind == ANSWER:
        desk.answer(s, c, i, slot, time, ref)
    elif kind == EXPIRE:
        coupons.expire(s, today, c, i, slot, time, ref, ordinal)
    elif kind == CLAIM:
        claim_later(s, today, c, i, slot, time, ordinal, ref)
    elif kind == REFUND:
        keep.refund(s, c, i, slot, time, ref, ordinal)
    elif kind == COUPON_BACK:
        coupons.come_back(s, today, c, slot, ref, ordinal)
    elif kind == UNITS_BACK:
        return_units(s, today, slot, ref)
    elif kind != URGE:
        keep.fulfilment_step(s, today, c, i, slot, time, kind, ref, ordinal)


@inlined
def come(s: Shard, today: Today, c: Row, i: int, time: int, kind: int, ref: int, slot: int) -> None:
    """A session, a message that is read, a coupon that is come for: the visits that it brings, one after the other.

    Or a purchase at once: of a need that is met at its own time (`slot` is then its category), of a customer who enters.
    All of them come to one place, so that a visit and an order are compiled once.
    """
    to, source, leg, shopped, wanted = slot, FROM_DIRECT, 0, 0, NO_COUPON
    at_once = kind in (NEED, ENTER)
    cause = np.uint64(0)
    if kind == READ:
        cause, source = engage.read(s, today, c, i, slot, time, ref), FROM_MESSAGE
    elif kind == SESSION:
        cause = consumer.session(s, today, c, i, time, ref)
        if today.world[0].live == 1:
            leg = consumer.LIVE_ROOM
    elif kind == NEED:
        to = consumer.need(s, today, c, i, time, slot, ref)
    elif kind == ENTER:
        to = meet(s, c, ref)
    else:
        cause, wanted = under(under(c.key, REDEEM), np.uint64(time)), ref
    occasion = cause
    while leg != consumer.HOME:
        if kind != SESSION:
            leg = consumer.HOME
        elif c.urged > 0:
            to, wanted = coupons.next_wanted(s, c)
            source, occasion = FROM_DIRECT, cause
        elif leg == consumer.LIVE_ROOM:
            occasion = under(cause, LIVE)
            to, source, leg = live.watched(s, today, c, i, time, occasion), FROM_LIVE, 0
        elif today.world[0].compete == 1:
            to, source, occasion, leg, shopped = consumer.next_store(s, today, c, i, cause, leg, shopped)
        else:
            to, source, occasion, leg = consumer.only_store(s, today, c, cause), FROM_DIRECT, cause, consumer.HOME
        if to != consumer.NO_SLOT:
            bought = visit(s, today, c, i, to, time, source, occasion, wanted, at_once)
            c.lapsed += kind == NEED and not bought
            wanted = NO_COUPON
    if kind == ENTER and len(today.categories) > 0:  # after its first purchase a customer's needs begin
        consumer.schedule_need(s, today, c, i, 0, time, 0, today.world[0].need_phases)


@inlined
def is_logged(w: Row, c: Row) -> int:
    """Whether the event log has this consumer: all, or a sample chosen by keyed hash."""
    if w.log_mode == LOG_SAMPLED:
        return 1 if draw(c.key, LOG_SAMPLE) < LOG_SAMPLE_SHARE else 0
    return 1 if w.log_mode == LOG_ALL else 0


@inlined
def lay_out_day(s: Shard, today: Today, c: Row, i: int) -> bool:
    """Lay the day's own sessions and messages ahead of the consumer; False, and nothing done: there is no room."""
    w = today.world[0]
    sessions = consumer.sessions_of_day(w, c)
    if sessions + c.relation_count * (w.tasks_a_store + w.invites) > len(s.ahead):
        return False
    consumer.lay_out_sessions(s, today, c, sessions)
    if w.invites == 1:
        interlock.lay_out_invitations(s, today, c)
    for n in range(crowds.note_concerned(s, today, i, 0)):
        lay_out_messages(s, today, c, s.noted[n, ROW] - c.relation_first)
    return True


@inlined
def lay_out_messages(s: Shard, today: Today, c: Row, slot: int) -> None:
    """Lay out a store's tasks of the day whose crowd the consumer is in as of 00:00, each with the filter's verdict [MSG-7]."""
    row = c.relation_first + slot
    r, contact = s.relations[row], s.contacts[row]
    merchant = today.merchants[contact.merchant]
    for k in range(merchant.agenda_first, merchant.agenda_first + merchant.agenda_count):
        at = today.agenda_by_merchant[k]
        task = today.agenda[at]
        if task.crowd & contact.crowds:
            if crowds.belongs(today.world[0], r, task.channel):
                lay_ahead(s, task.time, MESSAGE, at, slot, crowds.verdict(today, c, r, at))
            else:
                s.tasks[task.tally, TASK_NOT_EFFECTIVE] += 1
