"""The stores that a consumer has to do with: a block of the shard's rows, in the order of first contact.

A row never moves within its block, so that what is pending can name it by its slot; a block that is full moves to the
pool's end, half as large again. It does so at a first contact, for most events that may bring one do not.
"""

from __future__ import annotations

import numpy as np

from sim.state.benefits import NO_GIFT
from sim.state.compiled import inlined
from sim.state.names import CROWD_ALL, CROWD_CUSTOMERS, CROWD_FANS, CROWD_MEMBERS, NEVER
from sim.state.shard import RELATION_END, Row, Shard

NOT_MET = -1


@inlined
def make_relation_room(s: Shard, c: Row, rows: int) -> bool:
    """Room for `rows` more relations of the consumer; False: the pool itself is too small."""
    if c.relation_count + rows <= c.relation_room:
        return True
    room = max(c.relation_room + c.relation_room // 2, c.relation_count + rows)
    first = s.ends[RELATION_END]
    if first + room > len(s.relations):
        return False
    for k in range(c.relation_count):
        s.relations[first + k] = s.relations[c.relation_first + k]
        s.contacts[first + k] = s.contacts[c.relation_first + k]
        for j in range(s.recent.shape[1]):
            s.recent[first + k, j] = s.recent[c.relation_first + k, j]
        if len(s.loyalty) > 0:
            s.loyalty[first + k] = s.loyalty[c.relation_first + k]
    c.relation_first = first
    c.relation_room = room
    s.ends[RELATION_END] = first + room
    return True


@inlined
def can_meet(s: Shard, c: Row, stores: int) -> bool:
    """Whether so many first contacts find room, should the block move at each of them; False: the pool is too small."""
    rows = c.relation_count + stores
    return rows <= c.relation_room or s.ends[RELATION_END] + stores * (rows + rows // 2) <= len(s.relations)


@inlined
def slot_to(contacts: np.ndarray, c: Row, merchant: int) -> int:
    """The slot of the consumer's relation to a merchant; NOT_MET: there is none.

    It is looked for: a consumer knows few stores, and a column of slots for each store would be far larger than the relations.
    """
    for slot in range(c.relation_count):
        if contacts[c.relation_first + slot].merchant == merchant:
            return slot
    return NOT_MET


@inlined
def bits_of_met(contacts: np.ndarray, c: Row) -> np.uint64:
    """A bit for each 64th store, set if the consumer has met one of them: tells quickly of most stores that it has not."""
    bits = np.uint64(0)
    for slot in range(c.relation_count):
        bits |= bit_of(contacts[c.relation_first + slot].merchant)
    return bits


@inlined
def bit_of(merchant: int) -> np.uint64:
    """The bit of a store among those of `bits_of_met`."""
    return np.uint64(1) << (np.uint64(merchant) & np.uint64(63))


@inlined
def slot_of(s: Shard, c: Row, merchant: int) -> int:
    """The slot of the consumer's relation to a merchant of the market, met now if never before."""
    slot = slot_to(s.contacts, c, merchant)
    if slot == NOT_MET:
        slot = meet(s, c, merchant)
    return slot


@inlined
def meet(s: Shard, c: Row, merchant: int) -> int:
    """First contact: a fresh relation to the merchant; its slot. The pool must have room."""
    make_relation_room(s, c, 1)
    slot = c.relation_count
    row = c.relation_first + slot
    r = s.relations[row]
    r.merchant = s.contacts[row].merchant = merchant
    r.visit_day = r.order_day = r.sent_day = r.old_scene_day = r.attached_day = NEVER
    r.bought_period = r.used_period = NEVER
    r.orders = r.sent_today = r.recent_at = r.delivered = r.read = r.paid = 0
    r.fan = r.member = r.opted_out = r.dropped = r.favourite = r.old = r.served = r.stage = 0
    r.groups = r.was = 0
    r.satisfaction = r.habit = 0.0
    for j in range(s.recent.shape[1]):
        s.recent[row, j] = NEVER
    if len(s.loyalty) > 0:
        mine = s.loyalty[row]
        mine.claims = 0
        mine.points = 0
        mine.gift_time = NO_GIFT
        mine.appeal = 0.0
        mine.as_of = mine.visit_before = mine.order_before = NEVER
        mine.orders_before = 0
    place_in_crowds(s, row)
    c.relation_count += 1
    return slot


@inlined
def place_in_crowds(s: Shard, row: int) -> None:
    """Bring a relation's `crowds` up to date; called wherever what they follow from changes."""
    r = s.relations[row]
    s.contacts[row].crowds = CROWD_ALL + CROWD_CUSTOMERS * (r.orders > 0) + CROWD_FANS * r.fan + CROWD_MEMBERS * r.member
