"""What draws say of a difference: a leader that is there is found, and where none is, none is named."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from sim.experiments.assumptions import Parameter, hypercube
from sim.experiments.flips import LEVEL, flip

PARAMETERS = 30
PATHS = [f"p{k}" for k in range(PARAMETERS)]


def drawn(seed: int, draws: int = 20) -> np.ndarray:
    """Values (draws, parameters) of a Latin hypercube."""
    asked = [Parameter(path, 0.0, 1.0, 0.5) for path in PATHS]
    return np.array([list(row.values()) for row in hypercube(asked, draws, seed)])


def test_signs_are_counted_against_the_headline() -> None:
    got = flip([3.0, -1.0, np.nan, 2.0, -4.0, 0.0], np.arange(6.0)[:, None], ["p"], 1.5, (0.5, 2.5), [2.0, 1.0, -0.5])
    assert (got["range_low"], got["range_high"], got["lowest_draw"], got["highest_draw"]) == (-4.0, 3.0, 4, 0)
    assert (got["draws"], got["opposite_draws"], got["flips"]) == (5, 2, True)
    assert (got["replications"], got["opposite_replications"]) == (3, 1)
    assert (got["low"], got["high"]) == (0.5, 2.5)


@pytest.mark.parametrize(
    ("differences", "headline", "flips", "opposite"),
    [
        ([1.0, 2.0, 3.0], 2.0, False, 0),
        ([0.0, 2.0, 3.0], 2.0, False, 0),
        ([1.0, 2.0, 3.0], -2.0, True, 3),
        ([-1.0, 2.0], 0.0, True, 0),
        ([0.0, 0.0], 0.0, False, 0),
        ([np.nan, np.nan], 2.0, False, 0),
        ([], 2.0, False, 0),
        ([1.0, -1.0], None, True, 0),
    ],
)
def test_when_the_sign_flips(differences: list, headline: float | None, flips: bool, opposite: int) -> None:
    got = flip(differences, np.zeros((len(differences), 1)), ["p"], headline)
    assert (got["flips"], got["opposite_draws"], got["leading"]) == (flips, opposite, [])


def test_a_parameter_that_leads_the_difference_is_named_with_its_direction() -> None:
    """The noise is a third of the effect's spread, so that no seed should miss it among 30 parameters."""
    for seed in range(20):
        values = drawn(seed)
        noise = 0.1 * np.random.default_rng(seed).standard_normal(20)
        leader = flip(0.5 - values[:, 7] + noise, values, PATHS, 0.1)["leading"][0]
        assert leader["path"] == "p7"
        assert leader["correlation"] < -0.8


def test_two_leaders_come_in_the_order_of_their_strength() -> None:
    values = drawn(3, draws=60)
    got = flip(2 * values[:, 4] + values[:, 9], values, PATHS, 1.0)
    assert [one["path"] for one in got["leading"]][:2] == ["p4", "p9"]
    assert all(one["p"] <= LEVEL for one in got["leading"])


def test_under_pure_noise_a_parameter_is_named_in_at_most_5_percent() -> None:
    """H0: no parameter leads. At a rate of 5 %, 200 cases exceed the bound with probability below .001."""
    cases, bound = 200, int(stats.binom.ppf(0.999, 200, LEVEL))
    generator = np.random.default_rng(11)
    named = sum(bool(flip(generator.standard_normal(20), drawn(seed), PATHS, 0.0)["leading"]) for seed in range(cases))
    assert named <= bound


def test_ties_and_parameters_that_do_not_move_are_no_leaders() -> None:
    """H0 as above, with differences that are mostly zero and whole numbers for parameters: the rate holds."""
    generator = np.random.default_rng(5)
    named = 0
    for seed in range(200):
        values = np.floor(3 * drawn(seed))
        values[:, 0] = 1.0
        named += bool(flip((generator.random(20) < 0.15).astype(float), values, PATHS, 1.0)["leading"])
    assert named <= stats.binom.ppf(0.999, 200, LEVEL)


def test_a_handful_of_draws_names_nobody() -> None:
    values = np.arange(5.0)[:, None]
    assert flip(np.arange(5.0), values, ["p"], 1.0)["leading"] == []
