"""Live rooms: who is on the platform while one is open may watch it, and is asked to follow and to join [LEAD-7, INT-5]."""

from __future__ import annotations

import numpy as np

from sim.stages.choice import is_aware
from sim.stages.follow import follow
from sim.stages.interlock import ask_to_join
from sim.state.compiled import apart, inlined, keep_apart
from sim.state.draws import FOLLOW_AT_LIVE, JOIN_AT_LIVE, draw, under, unit
from sim.state.names import DAY, FROM_LIVE, LOG_LIVE_VIEW
from sim.state.record import record
from sim.state.relations import NOT_MET, meet, slot_to
from sim.state.shard import Row, Shard, Today

NO_ROOM = -1


@inlined
def watched(s: Shard, today: Today, c: Row, i: int, time: int, occasion: np.uint64) -> int:
    """The slot of the store whose live room a session watches at this time, met now if never before; NO_ROOM: of none.

    `occasion` is the session's, for this.
    """
    k = watched_room(today.rooms, today.merchants, s.relations, s.contacts, today.world[0], c, time % DAY, occasion)
    if k == NO_ROOM:
        return NO_ROOM
    m = int(today.rooms[k].merchant)
    slot = slot_to(s.contacts, c, m)
    if slot == NOT_MET:
        slot = meet(s, c, m)
    record(s, c, i, time, LOG_LIVE_VIEW, m, FROM_LIVE, 0, 0, 0)
    return slot


@apart
def watched_room(
    rooms: np.ndarray, merchants: np.ndarray, relations: np.ndarray, contacts: np.ndarray, w: Row, c: Row,
    second: int, occasion: np.uint64,
) -> int:  # fmt: skip
    """The row of the room that is watched; of several that would be, that of the least draw, of one store's the first.

    It may be watched by who has met the store and not dropped out of it, or, where stores compete, is aware of it.
    """
    keep_apart()
    best = NO_ROOM
    least = 1.0
    for k in range(len(rooms)):
        room = rooms[k]
        if room.opens <= second < room.closes:
            merchant = merchants[room.merchant]
            u = unit(under(occasion, merchant.key))
            if u < least:
                slot = slot_to(contacts, c, int(room.merchant))
                if slot != NOT_MET:
                    r = relations[c.relation_first + slot]
                    p = 0.0 if r.dropped == 1 else of_crowd(r, room.watch_stranger, room.watch_fan, room.watch_member)
                else:
                    p = room.watch_stranger if w.compete == 1 and is_aware(c.key, merchant) else 0.0
                if u < p:
                    best, least = k, u
    return best


@inlined
def of_crowd(r: Row, stranger: float, fan: float, member: float) -> float:
    """The probability of the crowd that a relation is in."""
    if r.member == 1:
        return member
    return fan if r.fan == 1 else stranger


@apart
def room_of(rooms: np.ndarray, merchant: int, second: int) -> int:
    """The row of a store's room that is open; of several, the first."""
    keep_apart()
    for k in range(len(rooms)):
        if rooms[k].merchant == merchant and rooms[k].opens <= second < rooms[k].closes:
            return k
    return NO_ROOM


@inlined
def at_live(s: Shard, today: Today, c: Row, i: int, row: int, time: int, visit: np.uint64) -> float:
    """Whoever watches is asked to follow and to join, by the crowd that it is in when it comes: the factor on its order."""
    r = s.relations[row]
    room = today.rooms[room_of(today.rooms, int(r.merchant), time % DAY)]
    follows = of_crowd(r, room.follow_stranger, room.follow_fan, room.follow_member)
    joins = of_crowd(r, room.join_stranger, room.join_fan, room.join_member)
    if r.fan == 0 and draw(visit, FOLLOW_AT_LIVE) < follows:
        follow(s, today, c, i, row, time, visit)
    if r.member == 0 and draw(visit, JOIN_AT_LIVE) < joins * c.joining:
        ask_to_join(s, today.merchants[r.merchant], c, i, row, time)
    return float(room.orders)
