"""Own sessions: short cuts of the arithmetic answer what the whole of it would."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.agents.consumer import is_surely_none, second_of_day
from sim.state.compiled import entry
from sim.state.names import DAY


@entry
def none_of(u: float, mean: float) -> bool:
    return is_surely_none(u, mean)


@entry
def second(hours: np.ndarray, u: float) -> int:
    return second_of_day(hours, u)


@settings(deadline=None)
@given(st.floats(0, 1, exclude_max=True), st.floats(0, 20))
def test_a_day_surely_without_sessions_has_none(u: float, mean: float) -> None:
    if none_of(u, mean):
        assert u < math.exp(-mean)


def test_most_days_without_sessions_are_told_so() -> None:
    """At half a session a day: of those days, of which 61 % have none, the series leaves out .4 %."""
    draws = (np.arange(1_000) + 0.5) / 1_000
    told = sum(none_of(u, 0.5) for u in draws)
    assert 0.99 * math.exp(-0.5) < told / 1_000 < math.exp(-0.5)


@settings(deadline=None)
@given(st.floats(0, 1, exclude_max=True), st.lists(st.floats(0.01, 10), min_size=24, max_size=24))
def test_the_second_of_a_session_is_the_quantile_of_its_profile(u: float, weights: list[float]) -> None:
    before = np.concatenate([[0.0], np.cumsum(weights) / np.sum(weights)])
    before[-1] = 1.0
    found = second(before, u)
    assert 0 <= found < DAY
    assert abs(np.interp(u, before, np.arange(25) * 3_600) - found) <= 1.001
