"""One store, no messages, flat profiles, buying at the need's time: the simulated customers are those of BG/NBD.

The closed forms are written here once more, from Fader, Hardie & Lee (2005), and checked against published figures. One run
holds COHORTS copies of the CDNOW sample's customers side by side, each with names, and so with draws, of its own. The tests
of the default suite are one family: at most 1 % for any of them to fail by chance (Bonferroni).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from scipy.special import betaln, gammaln, hyp2f1
from scipy.stats import chi2, norm

import sim
from sim.engine.simulation import Simulation
from sim.experiments.calibrate import calibrate

Floats = NDArray[np.float64]

ROOT = Path(__file__).parents[2]
DAY = 86_400
COHORTS = 200
FIRST_DAY, FIT_UNTIL = pd.Timestamp("1997-01-01"), pd.Timestamp("1997-09-30")
CALIBRATION, ALL = 272, 545  # days of the run at which the sample's two periods end: 1997-09-30, 1998-06-30
WEEKS = (14, 27, 40, 53, 66, 78)
AHEAD = 39  # weeks of the holdout
FAMILY = 12  # tests of the default suite: 9 means, 2 distributions, 1 conditional mean
LEVEL = 0.01 / FAMILY
SEED = 20_240_611


class BgNbd(NamedTuple):
    """The model's parameters, in weeks."""

    r: float = 0.2426
    alpha: float = 4.4136
    a: float = 0.7929
    b: float = 2.4259

    def repeats(self, t: Floats) -> Floats:
        """E[X(t)]."""
        r, alpha, a, b = self
        z = t / (alpha + t)
        return (a + b - 1) / (a - 1) * (1 - (1 - z) ** r * hyp2f1(r, b, a + b - 1, z))

    def probabilities(self, t: Floats, most: int) -> Floats:
        """P(X(t) = x) for x = 0 .. most: (times, most + 1)."""
        r, alpha, a, b = self
        x, t = np.arange(most + 1), np.asarray(t)[:, None]
        stay, go = np.log(alpha / (alpha + t)), np.log(t / (alpha + t))
        nbd = np.exp(gammaln(r + x) - gammaln(r) - gammaln(x + 1) + r * stay + x * go)
        alive = np.exp(betaln(a, b + x) - betaln(a, b)) * nbd
        before = np.cumsum(nbd, axis=1) - nbd  # P(NBD < x)
        died = np.exp(betaln(a + 1, b + np.maximum(x, 1) - 1) - betaln(a, b)) * (1 - before)
        return alive + np.where(x > 0, died, 0.0)

    def repeats_ahead(self, x: Floats, t_x: Floats, observed: Floats, t: float) -> Floats:
        """E[X(observed, observed + t) | x, t_x, observed]."""
        r, alpha, a, b = self
        z = t / (alpha + observed + t)
        tail = (1 - z) ** (r + x) * hyp2f1(r + x, b + x, a + b + x - 1, z)
        died = np.where(x > 0, a / (b + np.maximum(x, 1) - 1) * ((alpha + observed) / (alpha + t_x)) ** (r + x), 0.0)
        return (a + b + x - 1) / (a - 1) * (1 - tail) / (1 + died)


REFIT = BgNbd()
R_OFF, ALPHA_OFF, A_OFF = (
    pytest.param(REFIT._replace(**{name: getattr(REFIT, name) * 1.1}), id=name) for name in ("r", "alpha", "a")
)


@cache
def sample() -> pd.DataFrame:
    """Days of purchase of the CDNOW sample's customers, each day once."""
    log = pd.read_csv(ROOT / "data" / "cdnow.csv.gz", parse_dates=["date"])
    return log[log["in_sample"] == 1][["customer", "date"]].drop_duplicates()


def first_days() -> NDArray[np.int64]:
    """The day of each customer's first purchase, from 1997-01-01."""
    return (sample().groupby("customer")["date"].min() - FIRST_DAY).dt.days.to_numpy()


def histories() -> tuple[Floats, Floats, Floats]:
    """x, t_x and T of each customer at the end of the calibration period."""
    days = sample()[sample()["date"] <= FIT_UNTIL].groupby("customer")["date"].agg(["size", "min", "max"])
    weeks = (days["max"] - days["min"]).dt.days / 7, (FIT_UNTIL - days["min"]).dt.days / 7
    return days["size"].to_numpy(float) - 1, weeks[0].to_numpy(), weeks[1].to_numpy()


def weeks_known(day: int) -> Floats:
    """T of each customer on a day of the run."""
    return (day - first_days()) / 7


def expected(model: BgNbd) -> dict[str, float]:
    """What the model says of one cohort: the nine means that are tested."""
    total = {day: float(model.repeats(weeks_known(day)).sum()) for day in (CALIBRATION, ALL, *(7 * w for w in WEEKS))}
    means = {
        "calibration repeats": total[CALIBRATION],
        "holdout repeats": total[ALL] - total[CALIBRATION],
        "zero share": float(model.probabilities(weeks_known(CALIBRATION), 0).mean()),
    }
    return means | {f"repeats until week {week}": total[7 * week] for week in WEEKS}


class Cohorts(NamedTuple):
    """Repeat purchases so far of each customer of each cohort, by day of the run."""

    repeats: dict[int, NDArray[np.int64]]  # (cohorts, customers)

    def figures(self) -> dict[str, Floats]:
        """The figures that `expected` names, one number a cohort."""
        total = {day: counts.sum(axis=1) for day, counts in self.repeats.items()}
        figures = {
            "calibration repeats": total[CALIBRATION],
            "holdout repeats": total[ALL] - total[CALIBRATION],
            "zero share": (self.repeats[CALIBRATION] == 0).mean(axis=1),
        }
        return figures | {f"repeats until week {week}": total[7 * week] for week in WEEKS}


def orders_of_cohorts(simulation: Simulation) -> NDArray[np.int64]:
    """Orders so far, (cohorts, customers)."""
    orders = np.concatenate([shard.consumers["orders"] for shard in simulation.population.shards])
    return orders.astype(np.int64).reshape(COHORTS, -1)


def side_by_side(customers: pd.DataFrame, path: Path) -> None:
    """Write COHORTS copies of a table of customers, each cohort with names of its own."""
    names = customers["customer"].astype(str)
    pd.concat([customers.assign(customer=f"{k}/" + names) for k in range(COHORTS)]).to_csv(path, index=False)


def simulate_cohorts(model: BgNbd, folder: Path) -> Cohorts:
    """Cohorts whose customers buy for the first time on the days on which the sample's did."""
    enter = first_days()
    histories = dict.fromkeys(("x", "t_x", "T", "value", "n_value"), 0)
    side_by_side(pd.DataFrame({"customer": range(len(enter)), **histories, "enter": enter}), folder / "customers.csv")
    scenario = {
        "start": str(FIRST_DAY.date()),
        "days": 7 * WEEKS[-1],
        "behaviour": {"sessions": {"per_day": 0}, "needs": {"buying": "at_need"}},
        "merchants": {"store": {}},
        "past": {"customers": "customers.csv", "bg_nbd": model._asdict()},
    }
    (folder / "cohorts.yaml").write_text(json.dumps(scenario), encoding="utf-8")
    simulation = Simulation(sim.load(folder / "cohorts.yaml"), SEED)
    repeats = {}
    for day in sorted({CALIBRATION, ALL, *(7 * week for week in WEEKS)}):
        simulation.run(until=day * DAY)
        repeats[day] = orders_of_cohorts(simulation) - 1
    return Cohorts(repeats)


def simulate_holdout(folder: Path, *sets: str) -> Floats:
    """Orders of each cohort in the weeks that the fit has not seen, from the sample's own histories."""
    overlay = folder / "calibrated.yaml"
    calibrate(ROOT / "data" / "cdnow.csv.gz", until=FIT_UNTIL.date(), where=["in_sample=1"], out=overlay)
    side_by_side(pd.read_csv(folder / "calibrated.customers.csv"), folder / "cohorts.csv")
    everyone = f"past.customers={folder / 'cohorts.csv'}"
    scenario = sim.load(ROOT / "scenarios" / "store.yaml", overlays=[overlay], sets=[everyone, *sets])
    assert scenario.settings.days == 7 * AHEAD
    simulation = Simulation(scenario, SEED)
    simulation.run()
    return orders_of_cohorts(simulation).sum(axis=1).astype(float)


AT_NEED = ("behaviour.needs.buying=at_need", "behaviour.sessions.per_day=0")


def p_of_mean(figures: Floats, mean: float) -> float:
    """Two-sided p of the z-test of a mean over cohorts, their standard deviation estimated."""
    z = (figures.mean() - mean) / (figures.std(ddof=1) / np.sqrt(len(figures)))
    return float(2 * norm.sf(abs(z)))


def p_of_means(cohorts: Cohorts, means: Mapping[str, float]) -> dict[str, float]:
    figures = cohorts.figures()
    assert figures.keys() == means.keys()
    return {name: p_of_mean(figures[name], mean) for name, mean in means.items()}


def p_of_counts(repeats: NDArray[np.int64], model: BgNbd, weeks: Floats) -> float:
    """p of the chi-square test of repeat counts, cells pooled to at least 5 expected.

    Customers have periods of different length, so the covariance of the cells is that of a sum of different multinomials,
    Pearson's statistic would be too small; the quadratic form in its inverse is chi-square.
    """
    most = int(repeats.max()) + 50
    each = model.probabilities(weeks, most)
    each[:, -1] += 1 - each.sum(axis=1)
    of_cell = np.zeros(most + 1, np.int64)  # each count's cell, the last ones joined
    expected = each.sum(axis=0) * len(repeats)
    tail = expected[::-1].cumsum()[::-1]
    for x in range(1, most + 1):
        of_cell[x] = of_cell[x - 1] + (expected[x] >= 5 and tail[x] >= 10)
    cells = of_cell[-1] + 1
    probability = np.stack([each[:, of_cell == k].sum(axis=1) for k in range(cells)], axis=1)
    seen = np.bincount(of_cell[np.minimum(repeats, most).ravel()], minlength=cells)
    assert probability.sum(axis=0).min() * len(repeats) >= 5
    covariance = len(repeats) * (np.diag(probability.sum(axis=0)) - probability.T @ probability)
    apart = (seen - len(repeats) * probability.sum(axis=0))[:-1]
    return float(chi2.sf(apart @ np.linalg.solve(covariance[:-1, :-1], apart), cells - 1))


@pytest.fixture(scope="module")
def cohorts(tmp_path_factory: pytest.TempPathFactory) -> Cohorts:
    return simulate_cohorts(REFIT, tmp_path_factory.mktemp("cohorts"))


class TestClosedForms:
    """The expectations themselves, against figures in print."""

    @pytest.mark.parametrize(
        ("weeks", "repeats"), [(0.1429, 0.0078), (1, 0.0532), (3, 0.1506), (31.857, 1.0405), (32, 1.0437), (78, 1.8576)]
    )
    def test_repeats_of_a_new_customer(self, weeks: float, repeats: float) -> None:
        published = BgNbd(0.243, 4.414, 0.793, 2.426)  # three digits: hence the relative tolerance
        assert published.repeats(np.array([weeks]))[0] == pytest.approx(repeats, abs=5e-5, rel=2e-3)

    def test_repeats_ahead_of_a_known_customer(self) -> None:
        known = BgNbd().repeats_ahead(np.array([2.0]), np.array([30.43]), np.array([38.86]), 39)
        assert known[0] == pytest.approx(1.226, abs=1e-3)

    def test_probabilities_have_the_expected_mean(self) -> None:
        weeks = np.array([1.0, 12.0, 39.0])
        probabilities = REFIT.probabilities(weeks, 4_000)
        assert probabilities.sum(axis=1) == pytest.approx(np.ones(3), abs=1e-6)
        assert probabilities @ np.arange(4_001) == pytest.approx(REFIT.repeats(weeks), rel=1e-3)

    def test_figures_of_one_cohort(self) -> None:
        """Computed beforehand from the same sample and parameters, to the digits that were noted."""
        noted = dict(zip((f"repeats until week {week}" for week in WEEKS), (815, 1802, 2554, 3179, 3720, 4166)))
        means = expected(REFIT)
        assert means.pop("calibration repeats") == pytest.approx(2494.0, abs=0.06)
        assert means.pop("holdout repeats") == pytest.approx(1666.7, abs=0.06)
        assert means.pop("zero share") == pytest.approx(0.5972, abs=6e-5)
        assert means == pytest.approx(noted, abs=0.51)

    def test_holdout_of_the_sample(self) -> None:
        x, t_x, observed = histories()
        assert len(x) == 2_357
        assert REFIT.repeats_ahead(x, t_x, observed, AHEAD).sum() == pytest.approx(1_653.4, abs=0.2)


def test_repeats_and_zero_share_of_new_customers(cohorts: Cohorts) -> None:
    """Null: the mean over cohorts is the closed form. Nine z-tests over 200 cohorts; family error 1 %."""
    p = p_of_means(cohorts, expected(REFIT))
    assert min(p.values()) > LEVEL, p


@pytest.mark.parametrize("day", [CALIBRATION, ALL])
def test_counts_of_new_customers(cohorts: Cohorts, day: int) -> None:
    """Null: repeat counts of 471,400 customers are those of BG/NBD. Chi-square, one of the family of 1 %."""
    assert p_of_counts(cohorts.repeats[day], REFIT, weeks_known(day)) > LEVEL


def test_repeats_ahead_of_known_customers(tmp_path: Path) -> None:
    """Null: from the sample's own histories, the mean holdout is the conditional expectation. z-test over 200 cohorts."""
    orders = simulate_holdout(tmp_path, *AT_NEED)
    assert p_of_mean(orders, float(REFIT.repeats_ahead(*histories(), AHEAD).sum())) > LEVEL


@pytest.mark.slow
@pytest.mark.parametrize("model", [ALPHA_OFF, A_OFF])
def test_new_customers_of_another_model_are_told_apart(tmp_path: Path, model: BgNbd) -> None:
    """Power: with one parameter off by 10 %, the tests of means and those of counts reject at the same levels."""
    other = simulate_cohorts(model, tmp_path)
    assert min(p_of_means(other, expected(REFIT)).values()) < LEVEL
    for day in (CALIBRATION, ALL):
        assert p_of_counts(other.repeats[day], REFIT, weeks_known(day)) < LEVEL


@pytest.mark.slow
@pytest.mark.parametrize("model", [R_OFF, A_OFF])
def test_known_customers_of_another_model_are_told_apart(tmp_path: Path, model: BgNbd) -> None:
    """Power: with one parameter off by 10 %, the test of the conditional mean rejects at the same level.

    Not alpha: beside the customers' own histories, 10 % of it moves that mean by no more than .4 %, one and a half errors.
    """
    orders = simulate_holdout(tmp_path, *AT_NEED, *(f"past.bg_nbd.{name}={value}" for name, value in model._asdict().items()))
    assert p_of_mean(orders, float(REFIT.repeats_ahead(*histories(), AHEAD).sum())) < LEVEL


@pytest.mark.slow
def test_needs_that_wait_for_visits_keep_the_fitted_rate(tmp_path: Path) -> None:
    """Null: with sessions, patience and the default behaviour the mean holdout is the same. z-test, 200 cohorts, 1 %."""
    orders = simulate_holdout(tmp_path)
    mean = float(REFIT.repeats_ahead(*histories(), AHEAD).sum())
    apart = orders.mean() / mean - 1
    print(f"buying at visits: {orders.mean():.1f} repeats a cohort, {apart:+.2%} of the closed form {mean:.1f}")
    assert p_of_mean(orders, mean) > 0.01, f"{apart:+.2%}"
