"""W3 and W4: what commands take; a factor of variances with an interval that covers it; forked runs are the same runs."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from benchmarks import w3, w4
from benchmarks.command import SCENARIOS, seconds_of

CORRELATION = 0.9
WORLDS, REPLICATIONS = 400, 16


def test_the_interval_covers_the_factor_as_often_as_stated() -> None:
    """Arms of the same variance and correlation c: independent differences have 1 / (1 - c) times the variance of paired ones.

    H0: the interval covers in at least 95 % of worlds. Binomial, one-sided, error .1 %; and the factors' median is near it.
    """
    random = np.random.default_rng(5)
    covariance = [[1.0, CORRELATION], [CORRELATION, 1.0]]
    factor = 1 / (1 - CORRELATION)
    found = []
    for _ in range(WORLDS):
        first, second = (random.multivariate_normal([10.0, 11.0], covariance, REPLICATIONS).T for _ in range(2))
        found.append(w4.saving(first, second))
    covered = sum(one["low"] <= factor <= one["high"] for one in found)
    assert stats.binom.cdf(covered, WORLDS, w4.LEVEL) > 0.001
    # The median of F with 15 and 31 degrees of freedom is within 3 % of 1; that of 400 draws has a standard error of 3 %.
    assert np.median([one["variance_reduction"] for one in found]) == pytest.approx(factor, rel=0.13)


def test_replications_are_those_that_reach_the_half_width_of_the_paired_ones() -> None:
    random = np.random.default_rng(6)
    first, second = (random.multivariate_normal([10.0, 11.0], [[1.0, 0.9], [0.9, 1.0]], 200).T for _ in range(2))
    paired = np.concatenate([first[1] - first[0], second[1] - second[0]]).std(ddof=1)
    independent = (second[1] - first[0]).std(ddof=1)

    def half_width(deviation: float, n: int) -> float:
        return float(stats.t.ppf(0.975, n - 1) * deviation / n**0.5)

    found = w4.saving(first, second)
    wanted = half_width(paired, found["replications"])
    n = found["replications_independent"]
    assert half_width(independent, n) <= wanted < half_width(independent, n - 1)


def test_a_command_that_fails_says_so() -> None:
    with pytest.raises(RuntimeError, match=r"exit code 2: .*no_such\.yaml"):
        seconds_of("validate", SCENARIOS / "no_such.yaml")


def test_the_door_opens_without_a_run() -> None:
    rows = w3.door()
    assert [row["case"] for row in rows] == [w3.IMPORT, w3.HELP]
    assert all(row["seconds"] > 0 for row in rows)


@pytest.mark.slow
def test_a_past_that_is_shared_changes_no_result() -> None:
    """Asked by the workload itself, which fails if it does."""
    (row,) = w4.fork(w4.MARKET, 300, 5)
    assert row["counts"] == {"runs": 4}
    assert row["details"]["saved"] < 1


@pytest.mark.slow
def test_a_comparison_is_measured_from_nothing_to_warm() -> None:
    rows = w3.compare(200, 5, 2)
    assert [row["case"] for row in rows] == [w3.COLD, w3.NEW_PAST, w3.WARM]
    assert all(row["counts"] == {"runs": 4} and row["events"] > 0 for row in rows)


@pytest.mark.slow
def test_certainty_is_measured_for_a_shipped_what_if() -> None:
    (row,) = w4.certainty(w4.STORE, 200, 60, 3)
    assert set(row["details"]) == set(w4.STORE.metrics)
    assert row["counts"] == {"runs": 12}
    assert row["details"]["repeat_orders"]["variance_reduction"] > 1
