"""Paired comparisons against SciPy, against definitions written out, and by coverage in simulated experiments."""

import math

import numpy as np
import pytest
from scipy import stats

from sim.experiments.statistics import critical, estimates, replications_for


@pytest.fixture
def draws() -> np.ndarray:
    """Three arms of eight replications that share most of their noise."""
    rng = np.random.default_rng(20)
    shared = rng.normal(1000, 50, 8)
    return np.stack([shared, shared + rng.normal(30, 5, 8), shared + rng.normal(0, 20, 8)])


def test_two_arms_give_the_paired_t_test(draws):
    base, arm = draws[:2]
    got = estimates({"orders": draws[:2]}, ["a", "b"])["orders"]["b"]
    expected = stats.ttest_rel(arm, base).confidence_interval(0.95)
    assert got["difference"] == pytest.approx(np.mean(arm) - np.mean(base))
    assert (got["low"], got["high"]) == pytest.approx((expected.low, expected.high))
    assert got["mean"] == pytest.approx(np.mean(arm))
    assert got["relative"] == pytest.approx((np.mean(arm) - np.mean(base)) / np.mean(base))


def test_several_arms_share_the_error_rate(draws):
    got = estimates({"orders": draws}, ["a", "b", "c"])["orders"]
    for name, arm in zip("bc", draws[1:]):
        expected = stats.ttest_rel(arm, draws[0]).confidence_interval(1 - 0.05 / 2)
        assert (got[name]["low"], got[name]["high"]) == pytest.approx((expected.low, expected.high))


@pytest.mark.parametrize("arms", [1, 2, 5])
@pytest.mark.parametrize("replications", [2, 3, 8, 30])
def test_critical_is_never_below_dunnett_with_any_common_correlation(arms, replications):
    """SciPy's multivariate t covers 95 % or more at our value, for correlations 0, 1/2 (independent arms) and .9."""
    if arms == 1:
        assert critical(1, replications) == pytest.approx(stats.t.ppf(0.975, replications - 1))
        return
    c = critical(arms, replications)
    for rho in (0.0, 0.5, 0.9):
        shape = np.full((arms, arms), rho) + (1 - rho) * np.eye(arms)
        joint = stats.multivariate_t(shape=shape, df=replications - 1, seed=1)
        assert joint.cdf(np.full(arms, c), lower_limit=np.full(arms, -c)) > 0.949


@pytest.mark.parametrize("arms", [1, 2, 5])
@pytest.mark.parametrize("replications", [2, 3, 8, 30])
@pytest.mark.parametrize("correlation", [0.0, 0.5, 0.95])
def test_simultaneous_coverage_reaches_the_nominal_rate(arms, replications, correlation):
    """20,000 experiments each. H0: all intervals cover together in 95 % or more; binomial tests of size 1 % / 48.

    So this family of 48 tests (for one arm also that it is not more than 95 %) fails a sound method with a probability
    of at most 1 %; any one of them would find out a method that covers 94 % with a probability of .99.
    """
    rng = np.random.default_rng([arms, replications, int(100 * correlation)])
    experiments, truth = 20_000, np.arange(1, arms + 1)
    common = rng.normal(size=(experiments, 1, replications))
    own = rng.normal(size=(experiments, arms, replications))
    noise = math.sqrt(correlation) * common + math.sqrt(1 - correlation) * own
    spread = np.linspace(1, 3, arms)[:, None]
    difference = truth[:, None] + spread * noise
    half_width = critical(arms, replications) * difference.std(axis=2, ddof=1) / math.sqrt(replications)
    covered = int((np.abs(difference.mean(axis=2) - truth) <= half_width).all(axis=1).sum())
    assert stats.binomtest(covered, experiments, 0.95, alternative="less").pvalue > 0.01 / 48
    if arms == 1:
        assert stats.binomtest(covered, experiments, 0.95, alternative="greater").pvalue > 0.01 / 48


def test_coverage_of_the_estimates_themselves_when_arms_share_the_base():
    """The whole path on 2,000 experiments of integer counts, three arms: H0 as above, one binomial test of size 1 %."""
    rng = np.random.default_rng(5)
    experiments, means = 2_000, np.array([400.0, 410.0, 400.0, 380.0])
    covered = 0
    for _ in range(experiments):
        own = rng.poisson(means[:, None] / 4, size=(4, 8))
        values = own + rng.poisson(300, 8)
        got = estimates({"m": values}, list("abcd"))["m"]
        truth = dict(zip("bcd", (means[1:] - means[0]) / 4))
        covered += all(got[arm]["low"] <= truth[arm] <= got[arm]["high"] for arm in "bcd")
    assert stats.binomtest(covered, experiments, 0.95, alternative="less").pvalue > 0.01


def test_variance_reduction_is_the_gain_over_independent_runs(draws):
    got = estimates({"orders": draws}, ["a", "b", "c"])["orders"]
    for name, arm in zip("bc", draws[1:]):
        gain = (np.var(draws[0], ddof=1) + np.var(arm, ddof=1)) / np.var(arm - draws[0], ddof=1)
        assert got[name]["variance_reduction"] == pytest.approx(gain)
    assert got["b"]["variance_reduction"] > 10


def test_replications_for_1_percent_is_the_smallest_number_that_does(draws):
    got = estimates({"orders": draws}, ["a", "b", "c"])["orders"]["c"]
    n, sd = got["replications_for_1_percent"], np.std(draws[2] - draws[0], ddof=1)

    def half_width(n: int) -> float:
        return stats.t.ppf(1 - 0.025 / 2, n - 1) * sd / math.sqrt(n)

    wanted = 0.01 * np.mean(draws[0])
    assert half_width(n) <= wanted < half_width(n - 1)


def test_replications_for_a_half_width_agrees_with_the_normal_limit():
    assert replications_for(1, 100, arms=1) == pytest.approx((1.959964 * 100) ** 2, rel=1e-3)
    assert replications_for(5, 0) == 2
    with pytest.raises(ValueError, match="above 0"):
        replications_for(0, 1)


def test_the_base_has_a_mean_and_nothing_else(draws):
    base = estimates({"orders": draws}, ["a", "b", "c"])["orders"]["a"]
    assert base.pop("mean") == pytest.approx(draws[0].mean())
    assert set(base.values()) == {None}


def test_equal_differences_give_an_interval_of_no_width():
    got = estimates({"m": [[3, 8, 1], [3, 8, 1], [5, 10, 3]]}, ["a", "same", "two more"])["m"]
    assert [got["same"][k] for k in ("difference", "low", "high", "relative")] == [0, 0, 0, 0]
    assert [got["two more"][k] for k in ("difference", "low", "high")] == [2, 2, 2]
    assert got["same"]["variance_reduction"] is None
    assert got["same"]["replications_for_1_percent"] == 2


def test_one_replication_has_a_difference_but_no_interval():
    got = estimates({"m": [[10.0], [12.0]]}, ["a", "b"])["m"]["b"]
    assert (got["mean"], got["difference"], got["relative"]) == (12, 2, 0.2)
    assert {got[k] for k in ("low", "high", "variance_reduction", "replications_for_1_percent")} == {None}


def test_a_base_of_zero_has_no_relative_difference():
    got = estimates({"sent": [[0, 0, 0], [4, 6, 8]]}, ["a", "b"])["sent"]["b"]
    assert got["difference"] == 6
    assert got["relative"] is None
    assert got["replications_for_1_percent"] is None
    assert got["low"] < 6 < got["high"]


def test_relative_has_the_sign_of_the_difference_also_where_the_base_makes_a_loss():
    got = estimates({"profit": [[-100, -100], [-60, -80]]}, ["a", "b"])["profit"]["b"]
    assert (got["difference"], got["relative"]) == (30, 0.3)


def test_failed_runs_are_left_out_pair_by_pair():
    nan = float("nan")
    got = estimates({"m": [[10, nan, 30, 40], [11, 99, 33, nan], [nan] * 4]}, ["a", "b", "c"])["m"]
    assert got["a"]["mean"] == pytest.approx(80 / 3)
    assert (got["b"]["mean"], got["b"]["difference"]) == (22, 2)
    assert set(got["c"].values()) == {None}


def test_the_assumption_range_is_left_open(draws):
    got = estimates({"orders": draws}, ["a", "b", "c"])["orders"]["b"]
    assert got["assumption_low"] is got["assumption_high"] is None


def test_a_table_of_the_wrong_shape_is_refused():
    with pytest.raises(ValueError, match="3 arms"):
        estimates({"m": [[1, 2], [3, 4]]}, ["a", "b", "c"])
