"""BG/NBD and Gamma-Gamma against published figures, the integrals that define them, and simulated customers."""

import math
from typing import NamedTuple

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import expit, log_expit
from scipy.stats import chisquare, gamma, norm

from sim.experiments.repeat_purchase import BgNbd, GammaGamma, fit_bg_nbd, fit_gamma_gamma

PUBLISHED = BgNbd(r=0.2426, alpha=4.4136, a=0.7929, b=2.4259)  # the CDNOW sample
SPEND = GammaGamma(p=6.25, q=3.74, v=15.44)  # the same, in dollars
MODELS = [
    PUBLISHED,
    BgNbd(r=2.5, alpha=1.5, a=3.0, b=0.6),
    BgNbd(r=0.8, alpha=9.0, a=1.0, b=2.5),  # a pole of the closed form at a = 1,
    BgNbd(r=0.8, alpha=9.0, a=1.00003, b=2.5),
    BgNbd(r=1.3, alpha=6.0, a=0.5, b=0.5),  # at a + b = 1,
    BgNbd(r=1.3, alpha=6.0, a=1.0, b=0.05),  # and near both
    BgNbd(r=40.0, alpha=80.0, a=0.05, b=30.0),
    BgNbd(r=0.6, alpha=4.0, a=3800.0, b=10_000.0),  # all drop out alike
    BgNbd(r=3000.0, alpha=1500.0, a=2.0, b=300.0),  # all buy alike
]
HISTORIES = [(0, 0.0, 0.0), (0, 0.0, 38.86), (1, 0.14, 30.0), (2, 30.43, 38.86), (26, 30.86, 31.0), (9, 2.0, 52.0)]


class Law(NamedTuple):
    """A distribution as many points with weights: the trapezoidal rule, which converges fast on a line without ends."""

    points: np.ndarray
    weights: np.ndarray

    def mean(self, values: np.ndarray) -> float:
        return float(self.weights @ values)


def gamma_law(shape: float, rate: float) -> Law:
    log_points = np.linspace(-60 / min(shape, 1.0), 8.0, 100_001)
    log_weights = shape * log_points - np.exp(log_points)
    weights = np.exp(log_weights - log_weights.max())
    return Law(np.exp(log_points) / rate, weights / weights.sum())


def beta_law(a: float, b: float) -> Law:
    logits = np.linspace(-60 / min(a, 1.0), 60 / min(b, 1.0), 100_001)
    log_weights = a * log_expit(logits) + b * log_expit(-logits)
    weights = np.exp(log_weights - log_weights.max())
    return Law(expit(logits), weights / weights.sum())


class TestPublishedFigures:
    @pytest.mark.parametrize(
        ("weeks", "repeats"), [(0.1429, 0.0078), (1, 0.0532), (3, 0.1506), (31.857, 1.0405), (32, 1.0437), (78, 1.8576)]
    )
    def test_repeats_of_a_new_customer(self, weeks: float, repeats: float) -> None:
        # the tolerance is what rounding the parameters and the figures to four digits allows
        assert PUBLISHED.expected_repeats(weeks) == pytest.approx(repeats, abs=5e-5 + repeats * 3e-4)

    def test_repeats_ahead_of_a_known_customer(self) -> None:
        assert PUBLISHED.expected_repeats_ahead(2, 30.43, 38.86, 39) == pytest.approx(1.226, abs=6e-4)


class TestBgNbdAgainstItsDefinition:
    """A rate ~ Gamma, a drop-out probability p ~ Beta, and between them nothing but a Poisson process that ends."""

    @pytest.mark.parametrize("model", [PUBLISHED, MODELS[1], MODELS[4]])
    @pytest.mark.parametrize("history", HISTORIES)
    def test_likelihood_and_alive(self, model: BgNbd, history: tuple[int, float, float]) -> None:
        x, t_x, t_obs = history
        rate, p = gamma_law(model.r, model.alpha), beta_law(model.a, model.b)
        alive = rate.mean(rate.points**x * np.exp(-rate.points * t_obs)) * p.mean((1 - p.points) ** x)
        dropped = 0.0
        if x > 0:
            dropped = rate.mean(rate.points**x * np.exp(-rate.points * t_x)) * p.mean(p.points * (1 - p.points) ** (x - 1))
        assert model.log_likelihood(x, t_x, t_obs) == pytest.approx(math.log(alive + dropped), abs=1e-8)
        assert model.probability_alive(x, t_x, t_obs) == pytest.approx(alive / (alive + dropped), rel=1e-7)

    @staticmethod
    def repeats(r: float, alpha: float, p: np.ndarray, weeks: float) -> np.ndarray:
        """E of purchases given p: (1 - exp(-rate p t)) / p, averaged over the rate."""
        return np.where(p > 0, -np.expm1(-r * np.log1p(p * weeks / alpha)) / np.maximum(p, 1e-300), r * weeks / alpha)

    @pytest.mark.parametrize("model", MODELS)
    @pytest.mark.parametrize("weeks", [0.0, 0.01, 1.0, 39.0, 1000.0])
    def test_expected_repeats(self, model: BgNbd, weeks: float) -> None:
        p = beta_law(model.a, model.b)
        expected = p.mean(self.repeats(model.r, model.alpha, p.points, weeks))
        assert model.expected_repeats(weeks) == pytest.approx(expected, rel=1e-7, abs=1e-12)

    @pytest.mark.parametrize("history", [(0, 0.0, 10.0), (3, 20.0, 25.0), (400, 51.0, 52.0), (3000, 99.9, 100.0)])
    @pytest.mark.parametrize("model", [PUBLISHED, MODELS[2]])
    def test_repeats_ahead(self, model: BgNbd, history: tuple[int, float, float]) -> None:
        x, t_x, t_obs = history
        p = beta_law(model.a, model.b + x)
        if_alive = p.mean(self.repeats(model.r + x, model.alpha + t_obs, p.points, 39.0))
        expected = if_alive * float(model.probability_alive(x, t_x, t_obs))
        assert model.expected_repeats_ahead(x, t_x, t_obs, 39.0) == pytest.approx(expected, rel=1e-7)

    @pytest.mark.parametrize("model", [PUBLISHED, *MODELS[1:3], MODELS[4]])
    @pytest.mark.parametrize("weeks", [0.0, 0.5, 10.0])
    def test_probabilities_sum_to_one_with_the_right_mean(self, model: BgNbd, weeks: float) -> None:
        counts = np.arange(2000)
        probabilities = model.probability(counts, weeks)
        assert np.all(probabilities >= 0)
        assert probabilities.sum() == pytest.approx(1, abs=1e-9)
        assert counts @ probabilities == pytest.approx(float(model.expected_repeats(weeks)), abs=1e-8)

    def test_who_never_bought_again_is_alive(self) -> None:
        assert PUBLISHED.probability_alive([0, 0], [0, 0], [0, 500]).tolist() == [1, 1]

    def test_extreme_histories_give_numbers(self) -> None:
        x, t_x, t_obs = np.array([0, 1, 5000, 5000]), np.array([0, 1e-3, 1, 5000]), np.array([5000, 5000, 5000, 5000])
        assert np.all(np.isfinite(PUBLISHED.log_likelihood(x, t_x, t_obs)))
        assert PUBLISHED.probability_alive(x, t_x, t_obs) == pytest.approx([1, 0.0, 0, 1], abs=0.01)
        assert np.all(np.isfinite(PUBLISHED.expected_repeats_ahead(x, t_x, t_obs, 5000)))

    def test_arrays_are_broadcast(self) -> None:
        assert PUBLISHED.probability(np.arange(4)[:, None], [1.0, 2.0]).shape == (4, 2)
        assert PUBLISHED.expected_repeats_ahead([0, 1], [0, 5], 9, [[1.0], [2.0]]).shape == (2, 2)


class Cohort(NamedTuple):
    x: np.ndarray
    t_x: np.ndarray
    t_obs: np.ndarray
    alive: np.ndarray  # at t_obs
    ahead: np.ndarray  # purchases in the weeks after


def simulate(model: BgNbd, t_obs: np.ndarray, weeks: float, seed: int) -> Cohort:
    """Customers one purchase at a time, straight from the words of the model."""
    rng = np.random.default_rng(seed)
    size = len(t_obs)
    rate = rng.gamma(model.r, 1 / model.alpha, size)
    p = rng.beta(model.a, model.b, size)
    x, ahead = np.zeros(size), np.zeros(size)
    time, t_x, alive = np.zeros(size), np.zeros(size), np.ones(size, dtype=bool)
    left = np.arange(size)
    while left.size:
        time[left] += rng.exponential(1 / np.maximum(rate[left], 1e-300))
        left = left[time[left] <= t_obs[left] + weeks]
        seen = left[time[left] <= t_obs[left]]
        x[seen] += 1
        t_x[seen] = time[seen]
        ahead[np.setdiff1d(left, seen, assume_unique=True)] += 1
        drops = rng.random(left.size) < p[left]
        alive[left[drops & (time[left] <= t_obs[left])]] = False
        left = left[~drops]
    return Cohort(x, t_x, t_obs, alive, ahead)


def z_of(differences: np.ndarray) -> float:
    return float(differences.mean() / (differences.std() / math.sqrt(differences.size)))


SIMULATED = BgNbd(r=0.6, alpha=4.0, a=0.8, b=2.4)
WEEKS = 39.0


@pytest.fixture(scope="module")
def cohort() -> Cohort:
    t_obs = np.random.default_rng(7).integers(0, 40, 200_000).astype(float)
    return simulate(SIMULATED, t_obs, WEEKS, seed=11)


class TestBgNbdAgainstSimulation:
    """200,000 customers. Null hypothesis: the closed forms hold; family error 1 % over each test's z values."""

    @staticmethod
    def limit(tests: int) -> float:
        return float(norm.isf(0.01 / (2 * tests)))

    def test_counts(self, cohort: Cohort) -> None:
        # chi-square of the counts, those above 15 pooled; size 1 %
        cells = 16
        observed = np.bincount(np.minimum(cohort.x, cells).astype(int), minlength=cells + 1)
        of_t = SIMULATED.probability(np.arange(cells)[:, None], np.arange(40)) @ np.bincount(cohort.t_obs.astype(int))
        expected = np.append(of_t, cohort.x.size - of_t.sum())
        assert chisquare(observed, expected).pvalue > 0.01

    def test_mean_repeats(self, cohort: Cohort) -> None:
        assert abs(z_of(cohort.x - SIMULATED.expected_repeats(cohort.t_obs))) < self.limit(1)

    def test_alive_and_ahead_in_every_stratum(self, cohort: Cohort) -> None:
        x, t_x, t_obs, alive, ahead = cohort
        p_alive = SIMULATED.probability_alive(x, t_x, t_obs)
        predicted = SIMULATED.expected_repeats_ahead(x, t_x, t_obs, WEEKS)
        strata = [x == 0, (x > 0) & (t_x < t_obs / 3), (x > 0) & (t_x > 0.9 * t_obs), x == 1, (x > 1) & (x < 5), x >= 5]
        limit = self.limit(2 * len(strata))
        for stratum in strata:
            assert stratum.sum() > 5_000
            assert abs(z_of(ahead[stratum] - predicted[stratum])) < limit
            if not np.all(x[stratum] == 0):  # there, alive is certain
                assert abs(z_of(alive[stratum] - p_alive[stratum])) < limit

    def test_the_fit_recovers_the_parameters(self, cohort: Cohort) -> None:
        fit = fit_bg_nbd(cohort.x, cohort.t_x, cohort.t_obs)
        assert fit.doubts == ()
        for name, true in vars(SIMULATED).items():
            assert abs(getattr(fit.model, name) - true) < self.limit(4) * fit.standard_errors[name]
        best, true_one = (model.log_likelihood(*cohort[:3]).sum() for model in (fit.model, SIMULATED))
        assert fit.log_likelihood == pytest.approx(best, rel=1e-12)
        assert best >= true_one


def small_cohort() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    days = np.random.default_rng(5).integers(100, 300, 3_000)
    cohort = simulate(SIMULATED, days / 7, 0.0, seed=5)
    return cohort.x, np.where(cohort.x > 0, np.maximum(np.ceil(cohort.t_x * 7), 1) / 7, 0), cohort.t_obs


class TestBgNbdFit:
    def test_is_the_top(self) -> None:
        histories = small_cohort()
        fit = fit_bg_nbd(*histories)
        for name, value in vars(fit.model).items():
            for factor in (0.98, 1.02):
                near = BgNbd(**{**vars(fit.model), name: value * factor})
                assert near.log_likelihood(*histories).sum() < fit.log_likelihood

    def test_standard_errors_are_those_of_the_curvature(self) -> None:
        # two standard errors off, the profile over the other three parameters is 2 below the top (Wilks)
        histories = small_cohort()
        fit = fit_bg_nbd(*histories)
        error = fit.standard_errors["r"] / fit.model.r

        def loss(rest: np.ndarray, sign: int) -> float:
            model = BgNbd(fit.model.r * math.exp(2 * sign * error), *np.exp(rest))
            return -model.log_likelihood(*histories).sum()

        start = np.log([fit.model.alpha, fit.model.a, fit.model.b])
        drops = [minimize(loss, start, args=(sign,), method="Nelder-Mead").fun + fit.log_likelihood for sign in (-1, 1)]
        assert np.mean(drops) == pytest.approx(2, rel=0.1)

    def test_customers_with_one_history_count_each(self) -> None:
        x, t_x, t_obs = small_cohort()
        once, thrice = fit_bg_nbd(x, t_x, t_obs), fit_bg_nbd(np.tile(x, 3), np.tile(t_x, 3), np.tile(t_obs, 3))
        assert vars(thrice.model) == pytest.approx(vars(once.model), rel=1e-4)
        assert thrice.log_likelihood == pytest.approx(3 * once.log_likelihood, rel=1e-9)
        assert thrice.standard_errors["a"] == pytest.approx(once.standard_errors["a"] / math.sqrt(3), rel=1e-3)

    def test_only_alpha_has_a_unit(self) -> None:
        x, t_x, t_obs = small_cohort()
        weeks, days = fit_bg_nbd(x, t_x, t_obs), fit_bg_nbd(x, t_x * 7, t_obs * 7)
        assert vars(days.model) == pytest.approx({**vars(weeks.model), "alpha": weeks.model.alpha * 7}, rel=1e-4)

    def test_without_drop_out_says_so(self) -> None:
        rng = np.random.default_rng(3)
        t_obs = rng.uniform(20, 40, 3_000)
        x = rng.poisson(rng.gamma(0.8, 1 / 4, t_obs.size) * t_obs)
        t_x = np.where(x > 0, t_obs * rng.random(t_obs.size) ** (1 / np.maximum(x, 1)), 0)
        fit = fit_bg_nbd(x, t_x, t_obs)
        assert any("tell whether and how customers drop out" in doubt for doubt in fit.doubts)
        assert fit.model.r == pytest.approx(0.8, abs=4 * fit.standard_errors["r"])
        assert fit.model.a / (fit.model.a + fit.model.b) < 0.01

    def test_that_hardly_determines_a_parameter_says_so(self) -> None:
        fit = fit_bg_nbd([1, 0, 0, 0, 0], [1.0, 0, 0, 0, 0], [2.0, 2, 3, 4, 5])
        assert fit.standard_errors["r"] > fit.model.r
        assert any(doubt.startswith("the standard error of r and alpha is above the value itself") for doubt in fit.doubts)

    @pytest.mark.parametrize(
        ("x", "t_x", "t_obs"),
        [
            ([1], [1.0], [2.0]),
            ([1, 0, 0], [2.0, 0, 0], [2.0, 0, 1]),
            ([3] * 50, [10.0] * 50, [10.0] * 50),
            ([1] * 50, [0.2] * 50, [52.0] * 50),
            ([3000, 0, 1], [1000.0, 0, 1], [1001.0, 1000, 5]),
        ],
    )
    def test_of_next_to_nothing_doubts_but_does_not_fail(self, x: list, t_x: list, t_obs: list) -> None:
        fit = fit_bg_nbd(x, t_x, t_obs)
        assert math.isfinite(fit.log_likelihood)
        assert fit.doubts

    @pytest.mark.parametrize(
        ("x", "t_x", "t_obs"),
        [
            ([1], [3], [2]),
            ([0, 1], [1, 1], [2, 2]),
            ([1], [0], [2]),
            ([-1, 1], [0, 1], [2, 2]),
            ([0], [0], [2]),
            ([1], [np.nan], [2]),
        ],
    )
    def test_of_impossible_histories_is_refused(self, x: list, t_x: list, t_obs: list) -> None:
        with pytest.raises(ValueError, match=r"histories must have|no customer has a repeat"):
            fit_bg_nbd(x, t_x, t_obs)


class TestGammaGamma:
    @pytest.mark.parametrize(("n", "mean"), [(1, 35.08), (3, 12.0), (40, 90.0)])
    def test_against_its_definition(self, n: int, mean: float) -> None:
        # given nu, the mean of n values Gamma(p, nu) is Gamma(n p, n nu), and the next is p / nu on average
        nu = gamma_law(SPEND.q, SPEND.v)
        densities = gamma.pdf(mean, n * SPEND.p, scale=1 / (n * nu.points))
        density, weighed = nu.mean(densities), nu.mean(SPEND.p / nu.points * densities)
        assert SPEND.log_likelihood(n, mean) == pytest.approx(math.log(density), abs=1e-8)
        assert SPEND.expected_value(n, mean) == pytest.approx(weighed / density, rel=1e-8)

    def test_without_a_purchase_expects_the_mean_of_all(self) -> None:
        assert SPEND.expected_value(0, 0.0) == pytest.approx(6.25 * 15.44 / 2.74)

    def test_a_mean_that_does_not_exist_is_infinite(self) -> None:
        assert GammaGamma(p=2.0, q=0.9, v=1.0).expected_value([0, 1], [0, 3.0]).tolist() == [math.inf, pytest.approx(8 / 1.9)]

    @staticmethod
    def purchases(size: int = 4_000) -> tuple[np.ndarray, np.ndarray]:
        rng = np.random.default_rng(2)
        n = rng.geometric(0.4, size)
        return n, rng.gamma(SPEND.p * n, 1 / rng.gamma(SPEND.q, 1 / SPEND.v, size)) / n

    def test_fit_recovers_the_parameters(self) -> None:
        # null hypothesis: they are the true ones; family error 1 % over three z values
        n, mean = self.purchases()
        fit = fit_gamma_gamma(n, mean)
        assert fit.doubts == ()
        for name, true in vars(SPEND).items():
            assert abs(getattr(fit.model, name) - true) < norm.isf(0.01 / 6) * fit.standard_errors[name]
        assert fit.log_likelihood == pytest.approx(fit.model.log_likelihood(n, mean).sum(), rel=1e-12)

    def test_fit_is_the_top(self) -> None:
        n, mean = self.purchases(500)
        fit = fit_gamma_gamma(n, mean)
        for name, value in vars(fit.model).items():
            for factor in (0.99, 1.01):
                near = GammaGamma(**{**vars(fit.model), name: value * factor})
                assert near.log_likelihood(n, mean).sum() < fit.log_likelihood

    def test_only_v_has_a_unit(self) -> None:
        n, mean = self.purchases(500)
        dollars, cents = fit_gamma_gamma(n, mean), fit_gamma_gamma(n, mean * 100)
        assert vars(cents.model) == pytest.approx({**vars(dollars.model), "v": dollars.model.v * 100}, rel=1e-4)

    @pytest.mark.parametrize(
        ("n", "mean", "doubt"),
        [
            ([1], [5.0], "how the purchases of one customer differ in value"),
            ([1, 2, 3] * 10, [5.0] * 30, "how customers differ in mean value"),
            ([1, 1, 1, 2], [1.0, 1e9, 3.0, 1e5], "how customers differ in mean value"),
        ],
    )
    def test_fit_of_next_to_nothing_doubts_but_does_not_fail(self, n: list, mean: list, doubt: str) -> None:
        assert any(doubt in one for one in fit_gamma_gamma(n, mean).doubts)

    @pytest.mark.parametrize(("n", "mean"), [([], []), ([0], [1.0]), ([1], [0.0]), ([1], [-1.0]), ([1], [np.nan])])
    def test_fit_of_impossible_values_is_refused(self, n: list, mean: list) -> None:
        with pytest.raises(ValueError, match="each customer needs"):
            fit_gamma_gamma(n, mean)


@pytest.mark.parametrize("value", [0.0, -1.0, math.nan, math.inf])
def test_parameters_are_positive_and_finite(value: float) -> None:
    with pytest.raises(ValueError, match="alpha must be positive and finite"):
        BgNbd(r=1.0, alpha=value, a=1.0, b=1.0)
    with pytest.raises(ValueError, match="q must be positive and finite"):
        GammaGamma(p=1.0, q=value, v=1.0)
