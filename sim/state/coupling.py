"""Asking for what consumers share: units of a resource that may run out, the turn at a server that may be busy.

Every question has a place in one order of all consumers: (time, turn, lot, consumer, ordinal). Whoever asks is told the state
just before its own place, read from the steps that the last round has found; what it asked is logged, so that the host can
tell whether it was told right. What is certain, open or closed, needs no steps and no log.
"""

from __future__ import annotations

import numpy as np

from sim.state.arithmetic import exponential
from sim.state.columns import Column, Table
from sim.state.compiled import apart, inlined, keep_apart
from sim.state.draws import INQUIRY, SERVICE, draw, under
from sim.state.names import KINDS_A_SECOND, UNITS_BACK
from sim.state.pending import push_to
from sim.state.shard import (
    ASKED,
    AT_LOT,
    AT_ORDINAL,
    AT_TIME,
    AT_TURN,
    BACK,
    ENTRY,
    NOWHEN,
    REQUEST_END,
    Row,
    Shard,
    Today,
)

# What a thing that consumers share is.
CLOSES, SKIPS, SERVES = range(3)  # a counter that closes, one that refuses what cannot be met in full, a server with a queue
# How sure it is, in this window, what whoever asks will be told.
UNCERTAIN, OPEN, CLOSED = range(3)
# What one claim takes.
FIXED, BY_UNITS, BY_AMOUNT = range(3)
# On what occasions things are asked for.
DELIVERY, ORDER, VISIT, CLAIM = range(4)
OCCASIONS = 4

MANY = 2**62  # what is left of a counter of which only its closing is known, until then
EXHAUSTED = -1  # and after it
OTHERS = 2**31 - 1  # the turn of what is no message: after all messages of its second
MOST_NOTED = 2**31 - 1  # units that an event can hold
ASKS = 3  # no event asks each thing more often, but for each need that waits

COUPLED = Table(
    "coupled",
    "One row per thing that consumers share and that is in force, in declared order.",
    (
        Column("key", "u8", "", "hash of its policy's name and its own"),
        Column("kind", "i4", "", "0 a counter that closes, 1 one that skips, 2 a server with a queue"),
        Column("certain", "i4", "", "0 not, 1 surely open in this window, 2 closed already"),
        Column("takes", "i4", "", "what a claim takes: 0 `fixed`, 1 so many for each unit, 2 a share of the amount"),
        Column("fixed", "i8", "", "units"),
        Column("share", "f8", "", "of the amount"),
        Column("reason", "i4", "", "what a refusal is called: a code of names.REASONS, beyond them one of the scenario's own"),
        Column("visible", "i4", "0/1", "who chooses among stores sees that it has run out"),
        Column("given_back", "i4", "0/1", "what a refunded order has taken is added at the next refill"),
        Column("number", "i4", "", "its position among all things of the past and the run"),
        Column("start", "i8", "", "its state at the window's start: units left; s, when the server is free"),
        Column("first", "i4", "row", "first of its steps in this window"),
        Column("count", "i4", "rows", "how many these are"),
        Column("probability", "f8", "", "of a server: of an inquiry at a visit"),
        Column("service", "f8", "s", "of a server: mean time of service"),
        Column("spread", "i4", "0/1", "of a server: times of service are exponential; 0: all alike"),
    ),
)

STEP = Table(
    "step",
    "How the state of a thing changes along the order of claims: from a place on, those after it find this state.",
    (
        Column("time", "i8", "s", "when"),
        Column("lot", "i8", "", "order by lot within one second and turn"),
        Column("consumer", "i8", "", "consumer"),
        Column("state", "i8", "", "units left; s, when the server is free"),
        Column("turn", "i4", "", "position of the message's task in the agenda; what is no message comes last"),
        Column("ordinal", "i4", "", "number of the question in that second and turn"),
        Column("thing", "i4", "row", "row of `coupled`"),
    ),
)

REQUEST = Table(
    "request",
    "What was asked in the window, and what was told.",
    (
        Column("time", "i8", "s", "when"),
        Column("lot", "i8", "", "order by lot within one second and turn"),
        Column("consumer", "i8", "", "consumer"),
        Column("amount", "i8", "", "units; s of service"),
        Column("told", "i8", "", "whether it is met; of a server, when service begins (s)"),
        Column("turn", "i4", "", "position of the message's task in the agenda; what is no message comes last"),
        Column("ordinal", "i4", "", "number of the question in that second and turn"),
        Column("thing", "i4", "row", "row of `coupled`; negative: of a life that was taken back"),
        Column("undo", "i4", "row", "the life's row of `undo`"),
        Column("rows", "i4", "rows", "in the first row of an event's claim: its rows, of which all are met or none"),
        Column("blocked", "i4", "0/1", "in the first row: something certain refuses the claim"),
        Column("looks", "i4", "0/1", "takes nothing"),
    ),
)

TALLIED = 3  # columns of the tally of claims
TAKEN, REFUSED, RETURNED = range(TALLIED)


@inlined
def claim(s: Shard, today: Today, i: int, occasion: int, merchant: int) -> int:
    """Claim all that an event takes, or nothing: 0, or the reason of the first that is short, in declared order."""
    first, last = today.claims_at[occasion, merchant], today.claims_at[occasion, merchant + 1]
    if first == last:
        return 0
    told = today.coupled, today.steps, today.claims, s.asks.requests, s.ends, s.taken
    return claimed(*told, first, last, s.first + i, 1, 0)


@apart
def claimed(
    coupled: np.ndarray, steps: np.ndarray, claims: np.ndarray, requests: np.ndarray, ends: np.ndarray, taken: np.ndarray,
    first: int, last: int, consumer: int, units: int, amount: int,
) -> int:  # fmt: skip
    """The same, of the things in a part of the list of claims, for an event of so many units and such an amount."""
    keep_apart()
    reason = short = 0
    blocked = 0
    begin = ends[REQUEST_END]
    at = begin
    for j in range(first, last):
        thing = coupled[claims[j]]
        if thing.certain == UNCERTAIN:
            wanted = wanted_of(thing, units, amount)
            met = wanted <= state_now(thing, steps, ends, consumer)
            note(requests[at], ends, consumer, claims[j], wanted, met, 0, 0)
            at += 1
        else:
            met = thing.certain == OPEN
            blocked += not met
        if not met and reason == 0:
            reason = thing.reason
            short = claims[j]
    if at > begin:
        requests[begin].rows = at - begin
        requests[begin].blocked = blocked > 0
        asked(ends, at)
    if reason != 0:
        taken[short, REFUSED] += 1
        return reason
    for j in range(first, last):
        taken[claims[j], TAKEN] += wanted_of(coupled[claims[j]], units, amount)
    return 0


@inlined
def wanted_of(thing: Row, units: int, amount: int) -> int:
    """What a claim takes, at least 1."""
    if thing.takes == FIXED:
        return thing.fixed
    if thing.takes == BY_UNITS:
        return thing.fixed * units
    return max(1, int(amount * thing.share + 0.5))


@apart
def note_units(
    coupled: np.ndarray, claims: np.ndarray, pending: np.ndarray, ends: np.ndarray, c: Row, first: int, last: int, back: int,
    units: int, amount: int,
) -> None:  # fmt: skip
    """Note what an order that will be refunded at `back` has taken of the things that are given back."""
    keep_apart()
    for j in range(first, last):
        thing = coupled[claims[j]]
        if thing.given_back == 1:
            taken = min(wanted_of(thing, units, amount), MOST_NOTED)
            push_to(pending, ends, c, back * KINDS_A_SECOND + UNITS_BACK, taken, thing.number, 0)


@inlined
def return_units(s: Shard, today: Today, number: int, units: int) -> None:
    """What an order had taken is given back: it is there again from the next refill on, if the thing is still in force."""
    for k in range(len(today.coupled)):
        if today.coupled[k].number == number:
            s.taken[k, RETURNED] += units


@inlined
def is_seen_open(s: Shard, today: Today, i: int, merchant: int) -> bool:
    """Look whether nothing that an order at the store needs has visibly run out."""
    first, last = today.claims_at[ORDER, merchant], today.claims_at[ORDER, merchant + 1]
    if first == last:
        return True
    told = today.coupled, today.steps, today.claims, s.asks.requests, s.ends
    return looked(*told, first, last, s.first + i, 1) == 1


@inlined
def is_open(s: Shard, today: Today, i: int, k: int) -> bool:
    """Look whether one unit is left of the thing of a row of `coupled`."""
    told = today.coupled, today.steps, today.claims, s.asks.requests, s.ends
    return looked(*told, k, k + 1, s.first + i, 0) == 1


@apart
def looked(
    coupled: np.ndarray, steps: np.ndarray, claims: np.ndarray, requests: np.ndarray, ends: np.ndarray,
    first: int, last: int, consumer: int, listed: int,
) -> int:  # fmt: skip
    """1: all visible things in a part of the list of claims are open; where they are not `listed`, all of those rows."""
    keep_apart()
    for j in range(first, last):
        k = claims[j] if listed == 1 else j
        thing = coupled[k]
        if listed == 0 or thing.visible == 1:
            if thing.certain == UNCERTAIN:
                met = state_now(thing, steps, ends, consumer) >= 1
                at = ends[REQUEST_END]
                note(requests[at], ends, consumer, k, 1, met, 1, 1)
                asked(ends, at + 1)
            else:
                met = thing.certain == OPEN
            if not met:
                return 0
    return 1


@apart
def answered_at(
    thing: Row, k: int, steps: np.ndarray, requests: np.ndarray, ends: np.ndarray, consumer: int, visit: np.uint64
) -> int:
    """When the server of a row of `coupled` has answered whoever visits now (s), first come first served; NOWHEN: not asked."""
    keep_apart()
    asking = under(visit, thing.key)
    if draw(asking, INQUIRY) >= thing.probability:
        return NOWHEN
    service = thing.service
    if thing.spread == 1:
        service = exponential(draw(asking, SERVICE), service)
    seconds = max(1, int(service + 0.5))
    start = max(ends[AT_TIME], state_now(thing, steps, ends, consumer))
    at = ends[REQUEST_END]
    note(requests[at], ends, consumer, k, seconds, start, 1, 0)
    asked(ends, at + 1)
    return start + seconds


@inlined
def note(q: Row, ends: np.ndarray, consumer: int, k: int, amount: int, told: int, rows: int, looks: int) -> None:
    """Write down one question; several of one claim are given their number of rows afterwards."""
    q.time = ends[AT_TIME]
    q.turn = ends[AT_TURN]
    q.lot = ends[AT_LOT]
    q.ordinal = ends[AT_ORDINAL]
    q.consumer = consumer
    q.thing = k
    q.undo = ends[ENTRY]
    q.amount = amount
    q.told = told
    q.rows = rows
    q.blocked = 0
    q.looks = looks
    ends[AT_ORDINAL] += 1


@inlined
def asked(ends: np.ndarray, end: int) -> None:
    """The consumer has asked: keep its copy, and the rows up to `end` unless this life is only being taken back."""
    ends[ASKED] = 1
    if ends[BACK] == 0:
        ends[REQUEST_END] = end


@inlined
def state_now(thing: Row, steps: np.ndarray, ends: np.ndarray, consumer: int) -> int:
    """The state of a thing just before the place of the question that is being asked."""
    low, high = thing.first, thing.first + thing.count
    while low < high:
        middle = (low + high) // 2
        if comes_before(steps[middle], ends[AT_TIME], ends[AT_TURN], ends[AT_LOT], consumer, ends[AT_ORDINAL]):
            low = middle + 1
        else:
            high = middle
    return steps[low - 1].state if low > thing.first else thing.start


@inlined
def comes_before(row: Row, time: int, turn: int, lot: int, consumer: int, ordinal: int) -> bool:
    """Whether the place of a row comes before another place."""
    if row.time != time:
        return row.time < time
    if row.turn != turn:
        return row.turn < turn
    if row.lot != lot:
        return row.lot < lot
    if row.consumer != consumer:
        return row.consumer < consumer
    return row.ordinal < ordinal
