"""Marginal means and paired differences, from figures that can be told beforehand."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from sim.experiments.effects import long_table, of_factors
from sim.experiments.grid import Factor, Level

A = Factor("a", (Level("1"), Level("2"), Level("3")))
B = Factor("b", (Level("x"), Level("y")))
NOISE = np.array([-3.0, 0.0, 3.0])
"""Of the replications: one for all points, as under common random numbers."""


def table(noise: np.ndarray = NOISE) -> np.ndarray:
    """10, 20 or 40 by the level of `a`, 100 more at `y`; shape (levels of a, of b, replications)."""
    of_a, of_b = np.array([10.0, 20.0, 40.0]), np.array([0.0, 100.0])
    return of_a[:, None, None] + of_b[None, :, None] + noise


def test_a_mean_is_over_all_points_with_that_level() -> None:
    effects, used = of_factors({"orders": table()}, [A, B])
    assert [one["mean"] for one in effects["orders"]["a"]] == pytest.approx([60, 70, 90])
    assert [one["mean"] for one in effects["orders"]["b"]] == pytest.approx([70 / 3, 70 / 3 + 100])
    assert (used["a"], used["b"]) == ((2, 3), (3, 3))
    assert [one["level"] for one in effects["orders"]["a"]] == [1, 2, 3]
    assert [one["level"] for one in effects["orders"]["b"]] == ["x", "y"]


def test_noise_that_all_points_share_is_in_the_means_and_not_in_the_differences() -> None:
    effects, _ = of_factors({"orders": table()}, [A, B])
    first, second, _ = effects["orders"]["a"]
    half = stats.t.ppf(0.975, 2) * 3 / np.sqrt(3)  # the replications' standard deviation is 3
    assert first["mean_high"] - first["mean"] == pytest.approx(half)
    assert (second["difference"], second["low"], second["high"]) == pytest.approx((10, 10, 10))
    assert first["difference"] is None


def test_one_replication_has_no_interval() -> None:
    effects, _ = of_factors({"orders": table(np.zeros(1))}, [A, B])
    second = effects["orders"]["a"][1]
    assert (second["mean"], second["difference"], second["mean_low"], second["low"]) == (70, 10, None, None)


def test_a_replication_in_which_a_run_failed_is_left_out_of_all_levels() -> None:
    values = table(np.array([0.0, 1.0, 50.0]))
    values[1, 0, 2] = np.nan
    effects, used = of_factors({"orders": values}, [A, B])
    assert used["a"] == (2, 2)
    assert [one["mean"] for one in effects["orders"]["a"]] == pytest.approx([60.5, 70.5, 90.5])


def test_a_point_that_never_finished_takes_its_combination_out_of_all_levels() -> None:
    """Else a level would seem better only because its worse points are missing."""
    values = table()
    values[2, 1] = np.nan
    effects, used = of_factors({"orders": values}, [A, B])
    assert used["a"] == (1, 3)
    assert [one["mean"] for one in effects["orders"]["a"]] == pytest.approx([10, 20, 40])
    assert used["b"] == (2, 3)
    assert [one["difference"] for one in effects["orders"]["b"]][1] == pytest.approx(100)


def test_a_level_that_never_finished_costs_no_other() -> None:
    values = table()
    values[2] = np.nan
    effects, used = of_factors({"orders": values}, [A, B])
    assert used["a"] == (2, 3)
    assert [one["mean"] for one in effects["orders"]["a"]] == [60, 70, None]
    assert [one["difference"] for one in effects["orders"]["a"]] == [None, pytest.approx(10), None]


def test_nothing_finished() -> None:
    effects, used = of_factors({"orders": np.full((3, 2, 3), np.nan)}, [A, B])
    assert used["a"] == (0, 0)
    assert {one["mean"] for one in effects["orders"]["a"]} == {None}


def test_intervals_of_means_hold_their_rate_where_points_share_their_noise() -> None:
    """H0: they cover with 95 %; 2,000 cases, two-sided binomial test at 0.1 %. Points taken as independent cover in 80 %."""
    generator = np.random.default_rng(1)
    covered = 0
    for _ in range(2000):
        noise = generator.normal(size=4) + 0.3 * generator.normal(size=(3, 2, 4))
        (first, *_) = of_factors({"orders": table(noise)}, [A, B])[0]["orders"]["a"]
        covered += first["mean_low"] <= 60 <= first["mean_high"]
    assert stats.binomtest(covered, 2000, 0.95).pvalue > 0.001


def test_intervals_of_differences_hold_together() -> None:
    """H0: both differences to the first are covered in 95 % of the cases or more; one-sided at 0.1 %, 2,000 cases."""
    generator = np.random.default_rng(2)
    covered = 0
    for _ in range(2000):
        noise = generator.normal(size=4) + generator.normal(size=(3, 2, 4))
        _, *others = of_factors({"orders": table(noise)}, [A, B])[0]["orders"]["a"]
        covered += all(one["low"] <= true <= one["high"] for one, true in zip(others, (10, 30)))
    assert stats.binomtest(covered, 2000, 0.95, alternative="less").pvalue > 0.001


def test_the_long_table_has_a_row_per_metric_setting_and_level() -> None:
    effects, _ = of_factors({"orders": table(), "visits": 2 * table()}, [A, B])
    rows = long_table(effects)
    assert len(rows) == 2 * (3 + 2)
    visits = rows[(rows["metric"] == "visits") & (rows["setting"] == "a")]
    assert visits["level"].tolist() == ["1", "2", "3"]
    assert visits["difference"].isna().tolist() == [True, False, False]
    assert visits["difference"].tolist()[1:] == pytest.approx([20, 60])
