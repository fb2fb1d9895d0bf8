"""Message gates of the scenario's own: verdicts that were given before, and compiled gates, asked at the send.

They come after all rules of the platform. Codes of reasons are in the order of policy names, so that the smallest is that of
the first policy which refuses.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.state.compiled import apart, inlined, keep_apart
from sim.state.message_gate import MessageFacts, ask
from sim.state.names import DAY, NEVER, NOT_REFUSED, PLATFORM_REASONS
from sim.state.shard import Row, Shard, Today

whole: Any = np.int64  # facts are of one type


@inlined
def refusal(s: Shard, today: Today, c: Row, i: int, row: int, agenda_row: int) -> int:
    """The first reason of the scenario's own to refuse a message at its send; 0: there is none."""
    if today.world[0].own_gates == 0:
        return NOT_REFUSED
    told = s.recent, s.relations[row], row, today.world[0], c, today.agenda[agenda_row]
    return asked(s.verdicts, today.gates, today.gate_numbers, i, agenda_row, *told)


@apart
def asked(
    verdicts: np.ndarray, gates: np.ndarray, numbers: np.ndarray, i: int, agenda_row: int,
    recent: np.ndarray, r: Row, row: int, w: Row, c: Row, task: Row,
) -> int:  # fmt: skip
    """The same where there are such gates."""
    keep_apart()
    code = whole(0)
    if len(verdicts) > 0:
        code = whole(verdicts[agenda_row, i])
    for gate in gates:
        if code != 0 and code <= gate.code:
            break
        told = facts(recent, r, row, w, c, task, gate.days, gate.remembers)
        if ask(gate.address, told, numbers, gate.first, gate.count) != 0:
            code = whole(gate.code)
    return NOT_REFUSED if code == 0 else PLATFORM_REASONS + code


@inlined
def facts(recent: np.ndarray, r: Row, row: int, w: Row, c: Row, task: Row, days: int, remembers: int) -> MessageFacts:
    """What a compiled gate is told of one message to one consumer."""
    reached = c.reached_day == w.day
    return MessageFacts(
        whole(task.time),
        whole(w.day),
        whole(w.weekday),
        whole(task.time - w.day * DAY),
        whole(r.merchant),
        whole(task.channel),
        whole(r.fan),
        whole(r.member),
        whole(r.favourite),
        whole(r.served),
        whole(r.orders),
        whole(w.day - r.order_day),
        whole(w.day - r.visit_day),
        whole(w.day - c.session_day),
        whole(r.delivered),
        whole(r.read),
        whole(messages_since(recent, r, row, w.day - days + 1, remembers)),
        whole(r.sent_today if r.sent_day == w.day else 0),
        whole(c.reached_messages if reached else 0),
        whole(c.reached_stores if reached else 0),
    )


@inlined
def messages_since(recent: np.ndarray, r: Row, row: int, day: int, at_most: int) -> int:
    """Old-customer messages of the store delivered on `day` or later, counted to `at_most`."""
    count = 0
    at = whole(r.recent_at)
    for _ in range(min(at_most, recent.shape[1])):
        at = at - 1 if at > 0 else recent.shape[1] - 1
        if recent[row, at] < day or recent[row, at] <= NEVER:
            break
        count += 1
    return count
