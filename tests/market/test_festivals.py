"""Festivals: more sessions and readier buyers on their days, and on no others [KEEP-3]. Family error 1 % for the file."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from competing import DAY, Told, merged, plain
from scipy import stats

from sim.errors import BadInput

LEVEL = 0.01 / 40
CONSUMERS, DAYS, PER_DAY, BASE = 4_000, 16, 1.2, 0.2
WEEKDAYS = [1, 1, 1, 1, 1.2, 1.5, 0.3]
FESTIVALS = {
    "eleven": {"first": "2023-09-06", "days": 4, "sessions": 1.6, "orders": 1.5},
    "sale": {"first": "2023-09-09", "days": 3, "sessions": 0.5, "orders": 1.2},
}
PLAIN_DAYS = {
    "sessions": {"per_day": PER_DAY, "weekdays": WEEKDAYS},
    "stores": {"browse": 1},
    "needs": {"rates": {"food": {"per_year": 0}}},
    "orders": {"own": {"base": BASE}},
}


def factor(day: int, of: str) -> float:
    """What the festivals make of a day of the run, which begins on Friday, 1 September 2023."""
    first, second = FESTIVALS["eleven"][of], FESTIVALS["sale"][of]
    return (float(first) if 5 <= day < 9 else 1.0) * (float(second) if 8 <= day < 11 else 1.0)


def log_of(behaviour: dict) -> pd.DataFrame:
    events = Told(plain({"a": {}, "b": {}}, behaviour, start="2023-09-01", consumers=CONSUMERS, days=DAYS), seed=2).events
    return events.assign(day=events["time"] // DAY)


@pytest.fixture(scope="module")
def log() -> pd.DataFrame:
    return log_of(PLAIN_DAYS | {"festivals": FESTIVALS})


def test_keep_3_sessions_are_multiplied_on_the_days_of_a_festival_and_no_others(log: pd.DataFrame) -> None:
    """Null: Poisson of the stated mean on each day; two festivals of one day are multiplied. Exact tests, one a day."""
    seen = log[log["kind"] == "session"].groupby("day").size()
    for day in range(DAYS):
        weight = WEEKDAYS[(4 + day) % 7] * 7 / sum(WEEKDAYS)
        mean = CONSUMERS * PER_DAY * weight * factor(day, "sessions")
        tail = min(stats.poisson.cdf(seen[day], mean), stats.poisson.sf(seen[day] - 1, mean))
        assert 2 * tail > LEVEL, day


def test_keep_3_visits_order_more_readily_on_the_days_of_a_festival_and_no_others(log: pd.DataFrame) -> None:
    """Null: the probability of an order at a visit times the factors of the day. Binomial, one a day."""
    visits, orders = (log[log["kind"] == kind].groupby("day").size() for kind in ("visit", "order"))
    for day in range(DAYS):
        p = BASE * factor(day, "orders")
        assert stats.binomtest(int(orders[day]), int(visits[day]), p).pvalue > LEVEL, day


def test_keep_3_other_days_have_the_very_sessions_that_they_have_without_a_festival(log: pd.DataFrame) -> None:
    """And a festival's days have those, and others besides, if it multiplies by more than 1; fewer of them if by less."""
    without = log_of(PLAIN_DAYS)

    def sessions(events: pd.DataFrame, day: int) -> set[tuple[int, int, int]]:
        rows = events[(events["kind"] == "session") & (events["day"] == day)]
        return set(zip(rows["consumer"], rows["time"], rows["ref"]))

    for day in range(DAYS):
        with_it, without_it = sessions(log, day), sessions(without, day)
        if factor(day, "sessions") > 1:
            assert with_it > without_it
        elif factor(day, "sessions") < 1:
            assert with_it < without_it
        else:
            assert with_it == without_it


def test_keep_3_a_festival_of_one_arm_leaves_the_days_before_it_as_they_are() -> None:
    """Bit for bit, in a market with needs, orders and what they leave behind."""
    behaviour = {
        "sessions": {"per_day": 0.8},
        "stores": {"browse": 0.3},
        "needs": {"buying": "at_visit", "rates": {"food": {"per_year": 60}}},
        "orders": {"follow": 0.3, "receive_hours": 10, "experience": {"weight": 0.3}},
    }
    festival = {"festivals": {"fair": {"first": "2023-09-09", "days": 2, "sessions": 2.0, "orders": 1.3}}}
    one, other = log_of(behaviour), log_of(merged(behaviour, festival))
    before, changed = (events[events["day"] < 8].reset_index(drop=True) for events in (one, other))
    pd.testing.assert_frame_equal(before, changed)
    needs, more = (events.loc[events["kind"] == "need", ["consumer", "time", "ref"]] for events in (one, other))
    assert np.array_equal(needs, more), "needs are the same on all days"
    assert len(other) > len(one)


def test_keep_3_more_sessions_than_can_be_drawn_are_refused_also_where_festivals_make_them() -> None:
    """At most 100 a day: three festivals of one day on 3 sessions are 81 and go, on 4 sessions 108 and do not."""
    fairs = {name: {"first": "2023-09-02", "days": 1, "sessions": 3.0} for name in ("x", "y", "z")}
    world = plain({"a": {}}, {"sessions": {"per_day": 3}, "festivals": fairs}, start="2023-09-01", consumers=2_000, days=3)
    events = Told(world).events
    seen = np.bincount(events.loc[events["kind"] == "session", "time"] // DAY)
    for day, mean in enumerate((3, 81, 3)):
        assert 2 * min(stats.poisson.cdf(seen[day], 2_000 * mean), stats.poisson.sf(seen[day] - 1, 2_000 * mean)) > LEVEL
    with pytest.raises(BadInput, match=r"108 sessions a day; at most 100.*festivals"):
        Told(merged(world, {"behaviour": {"sessions": {"per_day": 4}}}))
