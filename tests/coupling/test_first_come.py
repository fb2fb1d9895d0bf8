"""Answers to questions beside a plain walk through them in the order of places, also where claims need not be put in order."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.engine.coupling import _resolved
from sim.state.coupling import CLOSES, COUPLED, EXHAUSTED, REQUEST, SKIPS
from sim.state.names import VOID

THINGS, TASKS = 3, 5
PLACE = ("time", "turn", "lot", "consumer", "ordinal")

claims = st.tuples(
    st.integers(0, 2),  # s
    st.integers(0, TASKS - 1),
    st.sampled_from([0, 1, 2**62]),  # lots, many of them alike
    st.integers(0, THINGS - 1),
    st.integers(1, 3),  # units, if they are not the same for all
    st.booleans(),  # told
    st.booleans(),  # of a life that was taken back
)


def walk(requests: np.ndarray, kinds: list[int], left: list[int]) -> tuple[list[list[int]], dict[int, tuple], set[int]]:
    """What is left and whether it is closed, by thing; the place of the claim that closed it; the rows told wrong."""
    states, closed_at, wrong = [[units, 0] for units in left], {}, set()
    for row in sorted(range(len(requests)), key=lambda row: tuple(int(requests[name][row]) for name in PLACE)):
        q = requests[row]
        if q["thing"] == VOID:
            continue
        of, amount = states[q["thing"]], int(q["amount"])
        fits = of[1] == 0 and amount <= of[0]
        of[0] -= amount * fits
        if of[1] == 0 and kinds[q["thing"]] == CLOSES and (not fits or of[0] == 0):
            of[1] = 1
            closed_at[int(q["thing"])] = (*(int(q[name]) for name in PLACE[:-1]), int(q["ordinal"]) - (not fits))
        if bool(q["told"]) != fits:
            wrong.add(row)
    return states, closed_at, wrong


@settings(max_examples=300, deadline=None, derandomize=True)
@given(
    st.lists(claims, max_size=30),
    st.lists(st.integers(1, 8), min_size=THINGS, max_size=THINGS),
    st.lists(st.booleans(), min_size=THINGS, max_size=THINGS),
    st.lists(st.sampled_from([CLOSES, CLOSES, SKIPS]), min_size=THINGS, max_size=THINGS),
)
def test_the_same_claims_are_met_as_in_the_order_of_places(
    asked: list[tuple[Any, ...]], left: list[int], alike: list[bool], kinds: list[int]
) -> None:
    requests, coupled = REQUEST.rows(len(asked)), COUPLED.rows(THINGS)
    coupled["kind"] = kinds
    for row, (time, turn, lot, thing, units, told, is_void) in enumerate(asked):
        q = requests[row : row + 1]
        q["time"], q["turn"], q["lot"], q["consumer"], q["ordinal"] = time, turn, lot, row // 2, row
        q["thing"], q["amount"], q["told"], q["rows"] = VOID if is_void else thing, 2 if alike[thing] else units, told, 1
    states = np.array([(units, 0, 0) for units in left], np.int64)
    today: Any = SimpleNamespace(agenda=np.zeros(TASKS), coupled=coupled)
    steps, wrong = _resolved(requests, today, states)
    expected, closed_at, told_wrong = walk(requests, kinds, left)
    assert states[:, :2].tolist() == expected
    assert set(np.flatnonzero(wrong).tolist()) == told_wrong
    closings = steps[steps["state"] == EXHAUSTED]
    assert {int(step["thing"]): tuple(int(step[name]) for name in PLACE) for step in closings} == closed_at
    assert len(closings) == len(closed_at)
