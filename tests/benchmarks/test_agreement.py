"""When counts are said to differ, and by how much an approximation is said to be off."""

from __future__ import annotations

import pytest
from scipy import stats

from benchmarks import w1, w1_ceiling
from benchmarks.agreement import ERROR, differences, relative_errors
from benchmarks.rows import Row

DAYS, CONSUMERS, PAIRS = 40, 1_000, 100


@pytest.fixture(scope="module")
def spread() -> dict[str, float]:
    return w1_ceiling.spread(DAYS)


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    return [w1_ceiling.run(CONSUMERS, 1, DAYS, seed) for seed in range(1_000, 1_000 + 2 * PAIRS)]


def test_runs_of_the_same_model_are_said_to_differ_as_seldom_as_stated(spread: dict[str, float], rows: list[Row]) -> None:
    """H0: at most ERROR of pairs. Binomial, one-sided, error .1 %."""
    found = sum(bool(differences(one, other, spread)) for one, other in zip(rows[::2], rows[1::2], strict=True))
    assert stats.binom.sf(found - 1, PAIRS, ERROR) > 0.001


def test_a_count_that_is_off_by_six_deviations_is_named(spread: dict[str, float], rows: list[Row]) -> None:
    one, other = rows[:2]
    off = 6 * (2 * spread["reads"] * CONSUMERS) ** 0.5
    wrong = one | {"counts": other["counts"] | {"reads": other["counts"]["reads"] + round(off)}}
    assert set(differences(wrong, other, spread)) == {"reads"}
    assert differences(wrong, other, spread)["reads"] == pytest.approx(6, abs=0.1)


def test_an_error_is_relative_to_the_exact_count_per_consumer(spread: dict[str, float], rows: list[Row]) -> None:
    exact = rows[0]
    doubled = exact | {"consumers": 2 * CONSUMERS, "counts": {name: 3 * count for name, count in exact["counts"].items()}}
    errors = relative_errors(doubled, exact, spread)
    assert set(errors) == set(w1.COUNTS)
    for name, (off, deviation) in errors.items():
        assert off == pytest.approx(0.5)
        assert deviation == pytest.approx((1.5 * spread[name] * CONSUMERS) ** 0.5 / exact["counts"][name])
