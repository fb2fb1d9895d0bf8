"""Engage: a message reaches a consumer, tires it, and may be read; a read is a visit."""

from __future__ import annotations

import numpy as np

from sim.policies import caps, dedicated_service, overlap, own_gates
from sim.stages.keep import later
from sim.state.arithmetic import exp, sigmoid
from sim.state.compiled import inlined
from sim.state.coupling import DELIVERY, claim, is_open
from sim.state.draws import OPT_OUT, OPT_OUT_OF_ALL, READ_DELAY, draw, under
from sim.state.draws import READ as READ_STREAM
from sim.state.names import (
    FIRST_MESSAGE_CHANNEL,
    LOG_MESSAGE_BLOCKED,
    LOG_MESSAGE_READ,
    LOG_MESSAGE_SENT,
    LOG_OPT_OUT,
    MESSAGES_READ,
    MESSAGES_REFUSED,
    MESSAGES_SENT,
    NO_CHANNEL,
    NO_DEDICATED_RELATION,
    NOT_REFUSED,
    OPT_OUTS,
    OPTED_OUT,
    OVERLAP,
    PLATFORM_LIMIT,
    PLATFORM_REASONS,
    REACH_FREQUENCY,
    READ,
    TASK_READ,
    TASK_READ_SEEN,
    TASK_REFUSED,
    TASK_SENT,
    TASK_TO_READ,
)
from sim.state.pending import push
from sim.state.record import reason_in_log, record
from sim.state.shard import Row, Shard, Today

ALL_MERCHANTS = -1


@inlined
def message(s: Shard, today: Today, c: Row, i: int, slot: int, time: int, agenda_row: int, verdict: int) -> None:
    """One task meets one consumer of its crowd at the send time: delivered, or refused for the first reason that holds.

    `verdict` is the reason that was found at 00:00, if one was.
    """
    w = today.world[0]
    row = c.relation_first + slot
    r = s.relations[row]
    task = today.agenda[agenda_row]
    m = r.merchant
    channel = task.channel + FIRST_MESSAGE_CHANNEL
    reason = verdict
    if reason == NOT_REFUSED:
        reason = refusal(s, today, c, i, row, task, agenda_row)
        if reason == NOT_REFUSED or reason > PLATFORM_REASONS:
            reason = short_or(s, today, i, m, reason)
    if reason != NOT_REFUSED:
        s.tasks[task.tally, TASK_REFUSED + reason] += 1
        s.figures[m, MESSAGES_REFUSED] += 1
        record(s, c, i, time, LOG_MESSAGE_BLOCKED, m, channel, task.id, 0, reason_in_log(reason))
        return
    caps.delivered(s.recent, c, r, row, w.day, task.channel)
    c.received += 1
    overlap.note(s, i, task.plan)
    r.delivered += 1
    s.tasks[task.tally, TASK_SENT] += 1
    s.figures[m, MESSAGES_SENT] += 1
    record(s, c, i, time, LOG_MESSAGE_SENT, m, channel, task.id, 0, 0)
    meeting = under(task.key, c.key)
    p = w.read_fixed
    if p < 0.0 or w.opt_out > 0.0:
        tired = tire(w, c, time)
        if p < 0.0:
            p = sigmoid(c.reading - w.fatigue_reading * tired)
    if draw(meeting, READ_STREAM) < p * w.read_factor:
        push(s, c, later(time, draw(meeting, READ_DELAY), w.read_delay), READ, task.row, slot, 0)
        s.tasks[task.tally, TASK_TO_READ] += 1
    if w.opt_out > 0.0:
        hazard = w.opt_out * w.opt_out_factor * exp(w.fatigue_opt_out * c.fatigue)
        if draw(meeting, OPT_OUT) < 1.0 - exp(-hazard):
            c.opt_outs += 1
            s.figures[m, OPT_OUTS] += 1
            of_all = w.opt_out_of_all > 0.0 and draw(meeting, OPT_OUT_OF_ALL) < w.opt_out_of_all
            if of_all:
                c.opted_out = 1
            else:
                r.opted_out = 1
            record(s, c, i, time, LOG_OPT_OUT, ALL_MERCHANTS if of_all else m, NO_CHANNEL, task.id, 0, 0)


@inlined
def refusal(s: Shard, today: Today, c: Row, i: int, row: int, task: Row, agenda_row: int) -> int:
    """The first reason, of names.REASONS and then of the scenario's own, to refuse a message at its send; 0: none."""
    w = today.world[0]
    r = s.relations[row]
    if overlap.was_reached(s, w, i, task.plan):
        return OVERLAP
    if r.opted_out == 1 or c.opted_out == 1:
        return OPTED_OUT
    if dedicated_service.is_stranger(w, r, task.channel):
        return NO_DEDICATED_RELATION
    reason = caps.refusal(today.caps, s.recent, c, r, row, w.day, task.channel)
    if reason != NOT_REFUSED:
        return reason
    if task.used_up == 1:
        return REACH_FREQUENCY
    return own_gates.refusal(s, today, c, i, row, agenda_row)


@inlined
def short_or(s: Shard, today: Today, i: int, m: int, reason: int) -> int:
    """The reason to refuse a message if something that its delivery takes has run out, or else the scenario's own `reason`.

    Where a gate of the scenario's own refuses, nothing is taken; but the limit of the platform comes before such gates.
    """
    if reason == NOT_REFUSED:
        return claim(s, today, i, DELIVERY, m)
    for k in range(today.world[0].platform_limits):
        if not is_open(s, today, i, k):
            return PLATFORM_LIMIT
    return reason


@inlined
def tire(w: Row, c: Row, time: int) -> float:
    """Add a delivery to the stock of irritation; answers the stock before it [D2 (b)].

    The message is read, or not, by who was tired by those before; who opts out is tired by this one too.
    """
    before = c.fatigue * exp(-w.fatigue_decay * (time - c.fatigue_time))
    c.fatigue = before + w.fatigue_weight
    c.fatigue_time = time
    return before


@inlined
def read(s: Shard, today: Today, c: Row, i: int, slot: int, time: int, task_row: int) -> np.uint64:
    """A message is read: the merchant sees it if it is in time for the effect data [MSG-15]. The identity of the reading."""
    c.reads += 1
    r = s.relations[c.relation_first + slot]
    m = r.merchant
    r.read += 1
    s.figures[m, MESSAGES_READ] += 1
    tally = today.tallies[task_row]
    s.tasks[tally, TASK_READ] += 1
    if time < today.task_seen[tally]:
        s.tasks[tally, TASK_READ_SEEN] += 1
    channel = today.task_channels[tally] + FIRST_MESSAGE_CHANNEL
    record(s, c, i, time, LOG_MESSAGE_READ, m, channel, today.task_ids[tally], 0, 0)
    return under(today.task_keys[tally], c.key)
