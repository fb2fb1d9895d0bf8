"""Who is in a task's crowd at 00:00 of its send day, and how active the crowd is [MSG-1, MSG-7, MSG-9].

The kernel asks one consumer at a time when it lays the day out. Where a rule needs to know the crowd as a whole, one pass over
each shard counts it before: integers, so that their sums depend on no shards.
"""

from __future__ import annotations

import numpy as np

from sim.policies import algorithm_filter, caps
from sim.policies.member_tiers import is_spared
from sim.policies.old_customers import is_effective
from sim.policies.scenes import is_old_customer_scene
from sim.state.compiled import entry, inlined, prefetch
from sim.state.names import KINDS_A_SECOND, MESSAGE, NOT_REFUSED
from sim.state.near import near
from sim.state.shard import CONSUMER, ROW, Row, Shard, Today

CONSUMERS_AHEAD = 4
NOTED_AHEAD = 8
RELATIONS_OF_MOST = 8


@inlined
def belongs(w: Row, r: Row, channel: int) -> bool:
    """Whether one of the crowd that the merchant named is in the crowd of the task [MSG-1, GRD-8]."""
    if is_spared(w, r, w.day):
        return False
    return not is_old_customer_scene(channel) or is_effective(w, r, w.day)


@inlined
def verdict(today: Today, c: Row, r: Row, row: int) -> int:
    """The reason, found at 00:00, to refuse one of the crowd; 0: there is none [MSG-9]."""
    return algorithm_filter.verdict(today.filters, today.thresholds[row], c, r, today.world[0].day)


@inlined
def fetch_relations(s: Shard, i: int) -> None:
    """Ask the memory for relations of a consumer whose turn comes soon: as many as most have, to count them would cost more."""
    if i < len(s.consumers):
        first = s.consumers[i].relation_first
        prefetch(s.contacts, first)
        for k in range(RELATIONS_OF_MOST):
            prefetch(s.relations, first + k)


@inlined
def note_concerned(s: Shard, today: Today, i: int, noted: int) -> int:
    """Note those relations of a consumer that some task of the day is for, after so many in `s.noted`; how many there are then.

    Whether one is cannot be foreseen, so it is noted in any case and then written over: to guess wrong costs more.
    """
    c = s.consumers[i]
    for row in range(c.relation_first, c.relation_first + c.relation_count):
        contact = s.contacts[row]
        s.noted[noted, ROW] = row
        s.noted[noted, CONSUMER] = i
        noted += (today.crowds[contact.merchant] & contact.crowds) != 0
    return noted


@inlined
def fetch_noted(s: Shard, n: int) -> None:
    """Ask the memory for a relation that was noted."""
    prefetch(s.relations, s.noted[n, ROW])
    prefetch(s.recent, s.noted[n, ROW])


@entry
def find(s: Shard, today: Today, at: np.ndarray, who: np.ndarray, rows: np.ndarray) -> None:
    """Whom of a shard each task of the day is for: rows of `consumers` in `who`, of `relations` in `rows`.

    `at`, (tasks of the day,) int64, says where each task's go next, and is moved on; with an empty `who` they are counted.
    """
    s, today = near(s), near(today)
    w = today.world[0]
    for i in range(len(s.consumers)):
        c = s.consumers[i]
        for relation in range(c.relation_first, c.relation_first + c.relation_count):
            contact = s.contacts[relation]
            if today.crowds[contact.merchant] & contact.crowds:
                r = s.relations[relation]
                merchant = today.merchants[contact.merchant]
                for k in range(merchant.agenda_first, merchant.agenda_first + merchant.agenda_count):
                    row = today.agenda_by_merchant[k]
                    task = today.agenda[row]
                    if task.crowd & contact.crowds and belongs(w, r, task.channel):
                        if len(who) > 0:
                            who[at[row]] = i
                            rows[at[row]] = relation
                        at[row] += 1


@entry
def find_waiting(s: Shard, row: int, time: int, who: np.ndarray, rows: np.ndarray) -> int:
    """Whom of a shard the message of an agenda's row, due at `time` (s), has waited for since 00:00, as `find`; how many."""
    s = near(s)
    count = 0
    for i in range(len(s.consumers)):
        c = s.consumers[i]
        at = c.pending_first + c.pending_count - 1
        while at >= c.pending_first and s.pending[at].when <= time * KINDS_A_SECOND + MESSAGE:
            if s.pending[at].ref == row and s.pending[at].when == time * KINDS_A_SECOND + MESSAGE:
                if len(who) > 0:
                    who[count] = i
                    rows[count] = c.relation_first + s.pending[at].slot
                count += 1
            at -= 1
    return count


@entry
def count(s: Shard, today: Today, sizes: np.ndarray, scores: np.ndarray, open_to: np.ndarray) -> None:
    """Count a shard's part of the crowds of the day's tasks, as of 00:00, and whom of them messages may be delivered to.

    Added to `sizes`, (tasks of the day,), and to `scores`, (tasks, filters, scores): int64 consumers, of old-customer scenes.
    To `open_to`, (tasks, filters but at least 1, scores), or (0, ...) where nobody asks: whom, of any task, nothing but the
    filters and what runs out or changes keeps from its message. Whom it leaves out is refused whatever comes: counts of
    deliveries only rise within a day, and no opt-out is taken back.
    """
    s, today = near(s), near(today)
    w = today.world[0]
    i = 0
    while i < len(s.consumers):
        noted = 0
        while i < len(s.consumers) and noted + s.consumers[i].relation_count < len(s.noted):
            prefetch(s.contacts, s.consumers[min(i + CONSUMERS_AHEAD, len(s.consumers) - 1)].relation_first)
            noted = note_concerned(s, today, i, noted)
            i += 1
        for n in range(noted):
            fetch_noted(s, min(n + NOTED_AHEAD, noted - 1))
            at = s.noted[n, ROW]
            c, r, contact = s.consumers[s.noted[n, CONSUMER]], s.relations[at], s.contacts[at]
            merchant = today.merchants[contact.merchant]
            for k in range(merchant.agenda_first, merchant.agenda_first + merchant.agenda_count):
                row = today.agenda_by_merchant[k]
                task = today.agenda[row]
                if task.crowd & contact.crowds and belongs(w, r, task.channel):
                    is_open = len(open_to) > 0 and is_free(s, today, c, r, at, task.channel)
                    tally(today, c, r, row, is_open, sizes, scores, open_to)


@inlined
def is_free(s: Shard, today: Today, c: Row, r: Row, at: int, channel: int) -> bool:
    """Whether nothing but the filters, and what runs out or changes, keeps a message from a relation, as of 00:00."""
    is_in_reach = c.opted_out == 0 and r.opted_out == 0
    return is_in_reach and caps.refusal(today.caps, s.recent, c, r, at, today.world[0].day, channel) == NOT_REFUSED


@inlined
def tally(
    today: Today, c: Row, r: Row, row: int, is_open: bool, sizes: np.ndarray, scores: np.ndarray, open_to: np.ndarray
) -> None:
    """Count one of the crowd of the task in a row of the agenda. Of what is no old-customer scene, filters judge nobody."""
    if is_old_customer_scene(today.agenda[row].channel):
        sizes[row] += 1
        for f in range(len(today.filters)):
            points = algorithm_filter.score(today.filters[f], c, r, today.world[0].day)
            scores[row, f, points] += 1
            if is_open:
                open_to[row, f, points] += 1
        if is_open and len(today.filters) == 0:
            open_to[row, 0, 0] += 1
    elif is_open:
        for f in range(open_to.shape[1]):
            open_to[row, f, 0] += 1
