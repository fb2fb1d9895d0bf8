"""Rounds end where they must, wherever they begin; and one pass along the order is what a plain list says."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shared_worlds import busy_world
from worlds import Trace, assert_same

from sim.engine import coupling
from sim.engine.coupling import Closing, Coupling
from sim.state.coupling import CLOSES, COUPLED, OTHERS, REQUEST, SERVES, SKIPS
from sim.state.names import VOID
from sim.state.shard import Today, as_kernel_reads


def test_a_first_guess_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Closings are expected anywhere: in the middle of the messages, too early, too late, never."""
    world = busy_world(4, False)
    expected = Trace(world).contents
    rng = np.random.default_rng(5)
    guessed = Coupling._with_guesses

    def anywhere(self: Coupling, today: Today, until: int) -> Today:
        for thing in self.things:
            second = int(rng.choice([34_200, rng.integers(86_400)]))
            self._closings[thing.name] = Closing(second, int(rng.integers(-1, 3)), int(rng.integers(2**63)))
        return guessed(self, today, until)

    monkeypatch.setattr(Coupling, "_with_guesses", anywhere)
    for _ in range(4):
        assert_same(expected, Trace(world, shards=2).contents)


def test_without_a_guess_more_lives_are_taken_back_to_the_same_end(monkeypatch: pytest.MonkeyPatch) -> None:
    world = busy_world(6, True)
    expected = Trace(world).contents
    monkeypatch.setattr(Coupling, "_with_guesses", lambda self, today, until: today)
    assert_same(expected, Trace(world).contents)


def plainly(requests: np.ndarray, kinds: list[int], left: list[int]) -> dict[int, int]:
    """The right answers by row, from a sorted list and plain numbers."""
    place = ("time", "turn", "lot", "consumer", "ordinal")
    order = sorted(range(len(requests)), key=lambda n: tuple(int(requests[name][n]) for name in place))
    state, closed = list(left), [False] * len(left)
    right = {}
    while order:
        n = order.pop(0)
        k, amount = int(requests["thing"][n]), int(requests["amount"][n])
        if kinds[k] == SERVES:
            right[n] = max(int(requests["time"][n]), state[k])
            state[k] = right[n] + amount
        elif requests["looks"][n]:
            right[n] = int(not closed[k] and state[k] > 0)
        else:
            group = [n] + [order.pop(0) for _ in range(int(requests["rows"][n]) - 1)]
            met = not requests["blocked"][n]
            for row in group:
                k, amount = int(requests["thing"][row]), int(requests["amount"][row])
                right[row] = int(not closed[k] and amount <= state[k])
                met = met and right[row]
                closed[k] = closed[k] or (not right[row] and kinds[k] == CLOSES)
            for row in group:
                k = int(requests["thing"][row])
                state[k] -= int(requests["amount"][row]) if met else 0
                closed[k] = closed[k] or (kinds[k] == CLOSES and state[k] == 0)
    return right


@st.composite
def windows(draw: st.DrawFn) -> tuple[np.ndarray, list[int], list[int]]:
    """Requests of few seconds, turns and lots, so that many are alike in all but the consumer."""
    kinds = draw(st.lists(st.sampled_from([CLOSES, SKIPS, SERVES]), min_size=1, max_size=4))
    counters = [k for k, kind in enumerate(kinds) if kind != SERVES]
    rows: list[dict[str, Any]] = []
    ordinals: dict[tuple, int] = {}
    for _ in range(draw(st.integers(1, 40))):
        time, turn, consumer = draw(st.integers(0, 2)), draw(st.sampled_from([0, 1, OTHERS])), draw(st.integers(0, 9))
        lot = consumer % 3 + 2**62 * (consumer % 2)
        thing = draw(st.integers(0, len(kinds) - 1))
        looks = draw(st.booleans()) and kinds[thing] != SERVES
        single = kinds[thing] == SERVES or looks
        things = [thing] if single else draw(st.lists(st.sampled_from(counters), min_size=1, max_size=3, unique=True))
        blocked = not single and draw(st.integers(0, 4)) == 0
        for at, k in enumerate(things):
            ordinal = ordinals.get((time, turn, consumer), 0)
            ordinals[time, turn, consumer] = ordinal + 1
            row = {"time": time, "turn": turn, "lot": lot, "consumer": consumer, "ordinal": ordinal, "thing": k, "looks": looks}
            rows.append(row | {"amount": draw(st.integers(1, 4)), "rows": len(things) * (at == 0), "blocked": blocked})
    requests = REQUEST.rows(len(rows))
    for n, row in enumerate(rows):
        for name, value in row.items():
            requests[name][n] = value
    left = [draw(st.integers(1, 12)) if kind != SERVES else draw(st.integers(-5, 5)) for kind in kinds]
    return requests[draw(st.permutations(range(len(rows))))], kinds, left


@settings(max_examples=200, deadline=None, derandomize=True)
@given(windows(), st.data())
def test_one_pass_answers_as_a_plain_list_does(window: tuple[np.ndarray, list[int], list[int]], data: st.DataObject) -> None:
    """Whoever was told something else is found, and nobody else; lives that were taken back are none of it."""
    requests, kinds, left = window
    expected = plainly(requests, kinds, left)
    lied = np.array([data.draw(st.booleans()) for _ in requests])
    requests["told"] = [expected[n] + (1 if lied[n] else 0) for n in range(len(requests))]
    void = REQUEST.rows(data.draw(st.integers(0, 3)))
    void["thing"] = VOID
    asked = np.concatenate([void, requests])
    coupled = COUPLED.rows(len(kinds))
    coupled["kind"] = kinds
    today = as_kernel_reads(_day(coupled))
    states = np.column_stack([left, np.zeros(len(left), np.int64)])
    _, wrong = coupling._resolved(asked, today, states)
    assert wrong.tolist() == [False] * len(void) + lied.tolist()


def _day(coupled: np.ndarray) -> Today:
    """A day of which nothing is known but what is shared, and that there are two tasks."""
    nothing = np.zeros(0)
    return Today(**(dict.fromkeys(Today._fields, nothing) | {"coupled": coupled, "agenda": np.zeros(2)}))
