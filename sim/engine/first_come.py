"""Counters of which every claim takes the same, and nothing else: the first so many claims are met.

Where they all take alone, and as much, their order need not be known: only which claim is the last that is met. To find it
takes time in proportion to the claims, to put them in order takes more.
"""

from __future__ import annotations

import numpy as np

from sim.engine.resolve import IS_CLOSED, STATE, key_of, place_of, write
from sim.state.compiled import entry, inlined
from sim.state.coupling import CLOSES, EXHAUSTED, comes_before
from sim.state.names import VOID
from sim.state.shard import Row


@entry
def look_through(requests: np.ndarray, coupled: np.ndarray, amounts: np.ndarray, counts: np.ndarray) -> None:
    """How many requests, of lives that were not taken back, ask for each thing, and how much each claim takes.

    `counts`, (things,) int64, and `amounts`, (things,) int64: 0 where nobody claims, -1 where claims differ, take of other
    things too, are kept from it anyway, or where it is no counter that closes.
    """
    for row in range(len(requests)):
        q = requests[row]
        if q.thing != VOID:
            counts[q.thing] += 1
            is_simple = coupled[q.thing].kind == CLOSES and q.rows == 1 and q.blocked == 0 and q.looks == 0
            if not is_simple or (amounts[q.thing] != 0 and amounts[q.thing] != q.amount):
                amounts[q.thing] = -1
            elif amounts[q.thing] == 0:
                amounts[q.thing] = q.amount


@entry
def group(
    requests: np.ndarray, turn_bits: int, amounts: np.ndarray, at: np.ndarray, keys: np.ndarray, rows: np.ndarray
) -> None:
    """The `rows` of requests by thing, with the `keys` of their places: `at[k]` says where thing k's go next, and is moved on.

    Those of all things whose amount is not positive go where `at`, (things + 1,) int64, says in its last place.
    """
    for row in range(len(requests)):
        q = requests[row]
        if q.thing != VOID:
            to = q.thing if amounts[q.thing] > 0 else len(amounts)
            keys[at[to]] = key_of(q, turn_bits)
            rows[at[to]] = row
            at[to] += 1


@entry
def serve(keys: np.ndarray, rows: np.ndarray, first: np.ndarray, amounts: np.ndarray, requests: np.ndarray,
          states: np.ndarray, steps: np.ndarray, wrong: np.ndarray) -> int:  # fmt: skip
    """Answer all claims of those things whose amount is positive; how many steps there are, one at most a thing.

    `rows` of requests and the `keys` of their places are grouped by thing, thing k's from `first[k]` to before `first[k + 1]`,
    and are put in another order there. All else as in `resolve`.
    """
    count = 0
    for k in range(len(amounts)):
        amount, begin, end = amounts[k], first[k], first[k + 1]
        if amount > 0:
            left = states[k, STATE]
            met = min(left // amount, end - begin)
            last = begin + met - 1 if met * amount == left else begin + met  # the claim that closes it, or would have
            if last < end:
                select(keys, rows, begin, end, last, requests)
                q = requests[rows[last]]
                write(steps[count], q, q.ordinal if last < begin + met else q.ordinal - 1, k, EXHAUSTED)
                count += 1
                states[k, IS_CLOSED] = 1
            states[k, STATE] = left - met * amount
            for n in range(begin, end):
                wrong[rows[n]] = requests[rows[n]].told != (n < begin + met)
    return count


@inlined
def select(keys: np.ndarray, rows: np.ndarray, begin: int, end: int, nth: int, requests: np.ndarray) -> None:
    """Have the row that belongs at `nth` there, those whose places come before it before it (C. A. R. Hoare's FIND, 1961)."""
    low, high = begin, end - 1
    while low < high:
        pivot = (low + high) // 2
        key, q = keys[pivot], requests[rows[pivot]]
        i, j = low, high
        while i <= j:
            while is_before(keys[i], requests[rows[i]], key, q):
                i += 1
            while is_before(key, q, keys[j], requests[rows[j]]):
                j -= 1
            if i <= j:
                keys[i], keys[j] = keys[j], keys[i]
                rows[i], rows[j] = rows[j], rows[i]
                i += 1
                j -= 1
        if nth <= j:
            high = j
        elif nth >= i:
            low = i
        else:
            return


@inlined
def is_before(key: np.uint64, one: Row, other_key: np.uint64, other: Row) -> bool:
    """Whether the place of one request comes before that of another: mostly their keys tell."""
    return bool(key < other_key or (key == other_key and comes_before(one, *place_of(other))))
