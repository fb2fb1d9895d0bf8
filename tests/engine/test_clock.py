"""The clock: what happens at one instant is taken together and in an order of its own."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.engine.clock import AGENDA, CLOSE_BOOKS, MERCHANTS, POLICIES, Action, Clock

EXAMPLES = settings(max_examples=100, deadline=None, derandomize=True)
actions = st.builds(
    Action,
    st.integers(5, 9),
    st.sampled_from([CLOSE_BOOKS, POLICIES, MERCHANTS, AGENDA]),
    st.sampled_from("abc"),
    st.integers(0, 2),
)


def instants(clock: Clock) -> list[list[Action]]:
    """All that is left, instant by instant."""
    taken = []
    while clock.peek() < math.inf:
        due = clock.peek()
        taken.append(clock.step_instant())
        assert clock.now == due
    return taken


def test_books_are_closed_before_policies_act_and_merchants_plan() -> None:
    clock = Clock(
        0, [Action(60, AGENDA, "a"), Action(60, MERCHANTS, "b"), Action(60, CLOSE_BOOKS, "d"), Action(60, POLICIES, "c")]
    )
    assert [action.phase for action in clock.step_instant()] == [CLOSE_BOOKS, POLICIES, MERCHANTS, AGENDA]


def test_within_a_phase_names_come_before_ordinals() -> None:
    clock = Clock(0, [Action(60, POLICIES, "b", 0), Action(60, POLICIES, "a", 2), Action(60, POLICIES, "a", 1)])
    assert [(action.name, action.ordinal) for action in clock.step_instant()] == [("a", 1), ("a", 2), ("b", 0)]


@EXAMPLES
@given(st.lists(actions, max_size=20), st.data())
def test_order_is_never_that_of_insertion(planned: list[Action], data: st.DataObject) -> None:
    taken = instants(Clock(0, planned))
    assert taken == instants(Clock(0, data.draw(st.permutations(planned))))
    assert [action for due in taken for action in due] == sorted(set(planned))
    assert all(one[0].time < other[0].time for one, other in pairwise(taken))
    assert all(len({action.time for action in due}) == 1 for due in taken)


def test_what_is_scheduled_twice_is_done_once() -> None:
    clock = Clock(0, [Action(60, POLICIES, "a")])
    clock.schedule(Action(60, POLICIES, "a"))
    assert instants(clock) == [[Action(60, POLICIES, "a")]]


def test_the_past_and_the_instant_that_was_taken_are_refused() -> None:
    clock = Clock(0, [Action(60, POLICIES, "a"), Action(90, POLICIES, "b")])
    clock.step_instant()
    for time in (0, 59, 60):
        with pytest.raises(ValueError, match=f"late: {time} s is not later than now, 60 s"):
            clock.schedule(Action(time, POLICIES, "late"))
    clock.schedule(Action(61, POLICIES, "in time"))
    assert [due[0].name for due in instants(clock)] == ["in time", "b"]


def test_the_start_itself_may_be_an_instant() -> None:
    clock = Clock(100, [Action(100, AGENDA, "first")])
    assert clock.peek() == 100
    assert clock.step_instant() == [Action(100, AGENDA, "first")]
    with pytest.raises(ValueError, match="not later"):
        clock.schedule(Action(100, AGENDA, "again"))


def test_with_nothing_to_do_the_next_instant_never_comes() -> None:
    assert Clock(7).peek() == math.inf


@EXAMPLES
@given(st.lists(actions, max_size=20), st.integers(0, 5))
def test_a_clock_rebuilt_from_its_table_goes_on_alike(planned: list[Action], steps: int) -> None:
    """At any instant: before the first, between two, after the last."""
    clock = Clock(0, planned)
    for _ in range(steps):
        if clock.peek() < math.inf:
            clock.step_instant()
    rebuilt = Clock(clock.now, clock.table()[::-1], clock.started)
    assert rebuilt.table() == clock.table() == sorted(clock.table())
    assert rebuilt.now == clock.now
    assert instants(rebuilt) == instants(clock)
