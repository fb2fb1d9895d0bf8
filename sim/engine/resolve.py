"""What everyone who asked should have been told: a pure function of the questions in their order.

One pass along the order of places. It finds the states of all that is shared, the steps by which they change, and the right
answer to each question; whoever was told another lives again.
"""

from __future__ import annotations

import numpy as np

from sim.state.compiled import entry, inlined, prefetch
from sim.state.coupling import CLOSES, EXHAUSTED, SERVES, comes_before
from sim.state.names import DAY
from sim.state.shard import Row

STATE, IS_CLOSED, BACK = range(3)  # columns of the states; what was given back is for the next refill


TIME_BITS = 17  # of a day's seconds
LOT_BITS = 63
ROWS_AHEAD = 8  # they lie in the order of consumers


@inlined
def key_of(q: Row, turn_bits: int) -> np.uint64:
    """The key of a place: time, turn and, as far as there is room, lot. Places whose keys differ are in the order of these.

    `turn_bits` are those of the number of tasks of the day.
    """
    lot_bits = 64 - TIME_BITS - turn_bits
    place = (q.time % DAY << turn_bits) + min(q.turn, (1 << turn_bits) - 1)
    return np.uint64(place) << np.uint64(lot_bits) | np.uint64(q.lot >> (LOT_BITS - lot_bits))


@entry
def resolve(keys: np.ndarray, order: np.ndarray, requests: np.ndarray, coupled: np.ndarray, states: np.ndarray,
            steps: np.ndarray, wrong: np.ndarray) -> int:  # fmt: skip
    """Answer all requests; how many steps there are.

    `order`, (n,) int64: their rows by `keys`; those of one key are put in the order of places here. `states`, (things, 3)
    int64: units left, or when a server is free (s), and whether a counter is closed; brought to the window's end. `steps`, (n
    or more,) STEP, are filled; `wrong`, (requests,) bool, is set where something else was told.
    """
    put_in_order(keys, order, requests)
    count = 0
    n = 0
    while n < len(order):
        prefetch(requests, order[min(n + ROWS_AHEAD, len(order) - 1)])
        q = requests[order[n]]
        k = q.thing
        state = states[k]
        if coupled[k].kind == SERVES:
            start = max(q.time, state[STATE])
            wrong[order[n]] = q.told != start
            state[STATE] = start + q.amount
            write(steps[count], q, q.ordinal, k, state[STATE])
            count += 1
            n += 1
        elif q.looks == 1:
            wrong[order[n]] = q.told != (state[IS_CLOSED] == 0 and state[STATE] >= 1)
            n += 1
        else:
            end = n + q.rows
            met = q.blocked == 0
            for j in range(n, end):
                row = requests[order[j]]
                of = states[row.thing]
                fits = of[IS_CLOSED] == 0 and row.amount <= of[STATE]
                wrong[order[j]] = row.told != fits
                met = met and fits
                if not fits and of[IS_CLOSED] == 0 and coupled[row.thing].kind == CLOSES:
                    of[IS_CLOSED] = 1
                    write(steps[count], row, row.ordinal - 1, row.thing, EXHAUSTED)
                    count += 1
            for j in range(n, end):
                row = requests[order[j]]
                of = states[row.thing]
                if met:
                    of[STATE] -= row.amount
                    closes = coupled[row.thing].kind == CLOSES
                    if closes and of[STATE] == 0:
                        of[IS_CLOSED] = 1
                    if of[IS_CLOSED] == 1 or not closes:
                        write(steps[count], row, row.ordinal, row.thing, EXHAUSTED if closes else of[STATE])
                        count += 1
            n = end
    return count


@inlined
def write(step: Row, q: Row, ordinal: int, thing: int, state: int) -> None:
    """A step at the place of a request, or, by its ordinal, just before."""
    step.time = q.time
    step.turn = q.turn
    step.lot = q.lot
    step.consumer = q.consumer
    step.ordinal = ordinal
    step.thing = thing
    step.state = state


@inlined
def put_in_order(keys: np.ndarray, order: np.ndarray, requests: np.ndarray) -> None:
    """Sort the few rows of each key by insertion."""
    for n in range(1, len(order)):
        row = order[n]
        q = requests[row]
        at = n
        while at > 0 and keys[at - 1] == keys[n] and comes_before(q, *place_of(requests[order[at - 1]])):
            order[at] = order[at - 1]
            at -= 1
        order[at] = row


@inlined
def place_of(q: Row) -> tuple[int, int, int, int, int]:
    """The place of a request in the order of all."""
    return q.time, q.turn, q.lot, q.consumer, q.ordinal
