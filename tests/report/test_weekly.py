"""Sums over weeks, and the range in which one more outcome falls."""

from datetime import date
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from sim.report.folder import LogWeek
from sim.report.weekly import common, in_weeks, own_weeks, spread


def a_run(days: int = 17):
    index = pd.date_range("2024-01-01", periods=days)
    return SimpleNamespace(daily=pd.DataFrame({"orders": np.arange(days)}, index=index))


def test_days_are_summed_into_the_weeks_asked_for():
    sums = in_weeks([a_run(), a_run()], "orders", [date(2024, 1, 1), date(2024, 1, 8)], [7, 3])
    assert sums.tolist() == [[21, 24], [21, 24]]


def test_a_column_that_a_run_does_not_have_is_zero():
    assert in_weeks([a_run()], "opt_outs", [date(2024, 1, 1)], [7]).tolist() == [[0]]


def test_own_weeks_are_whole():
    assert own_weeks(a_run(17)) == ([date(2024, 1, 1), date(2024, 1, 8)], [7, 7])
    assert own_weeks(a_run(6)) == ([], [])


def test_common_weeks_lie_wholly_inside():
    weeks = [LogWeek(i, day, 7, 0, 1) for i, day in enumerate([date(2023, 12, 28), date(2024, 1, 4), date(2024, 1, 11)])]
    assert [week.week for week in common(weeks, a_run(17))] == [1, 2]
    assert [week.week for week in common(weeks, a_run(16))] == [1]


def test_the_range_is_the_prediction_interval_by_hand():
    values = np.array([[10.0], [14.0], [12.0]])
    wide = stats.t.ppf(0.975, 2) * 2.0 * np.sqrt(4 / 3)
    got = spread(values)
    assert got.mean == pytest.approx(12)
    assert got.high == pytest.approx(12 + wide)
    assert got.low == pytest.approx(max(12 - wide, 0))


def test_one_more_outcome_falls_into_the_range_in_95_percent():
    """400,000 experiments of 8 replications; H0: exactly 95 %, two-sided binomial test of size .1 %.

    With the normal quantile instead of t, or without the outcome's own variance, 91 % or less would be inside.
    """
    rng = np.random.default_rng(3)
    outcomes = rng.normal(500, 30, size=(9, 400_000))
    got = spread(outcomes[:8])
    inside = int(((got.low <= outcomes[8]) & (outcomes[8] <= got.high)).sum())
    assert stats.binomtest(inside, 400_000, 0.95).pvalue > 0.001


def test_one_replication_has_no_range():
    assert spread(np.array([[3.0, 4.0]])).low is None
