"""Repeat purchase: when customers buy again (BG/NBD) and for how much (Gamma-Gamma), fitted by maximum likelihood.

Customers buy at random at a rate of their own until, after some repeat purchase, they silently drop out. Time is in
weeks. `x` is the number of repeat purchases of a customer, `t_x` the time from the first purchase to the last, `t_obs`
(T in the papers) the time from the first purchase to the end of the observation; all are arrays of one shape, or
broadcast to one.

Sources: Fader, Hardie & Lee 2005, "Counting your customers" the easy way: an alternative to the Pareto/NBD model,
Marketing Science 24(2); RFM and CLV: using iso-value curves for customer base analysis, J. Marketing Research 42(4).
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields
from itertools import product
from typing import Generic, NamedTuple, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betainc, betaln, digamma, expit, gammaln, hyp2f1, xlogy

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class BgNbd:
    """The BG/NBD model of Fader, Hardie & Lee 2005.

    A customer's purchase rate (per week) is Gamma with shape `r` and rate `alpha` (weeks), the probability of dropping
    out after each repeat purchase is Beta(`a`, `b`). Raises ValueError unless all four are positive and finite.
    """

    r: float
    alpha: float
    a: float
    b: float

    def __post_init__(self) -> None:
        _check_positive(self)

    def log_likelihood(self, x: ArrayLike, t_x: ArrayLike, t_obs: ArrayLike) -> Floats:
        """Log-likelihood of each customer's history (density per week to the power of x)."""
        x, t_x, t_obs = _floats(x, t_x, t_obs)
        r, alpha, a, b = self.r, self.alpha, self.a, self.b
        common = gammaln(r + x) - gammaln(r) + r * math.log(alpha) + betaln(a, b + x) - betaln(a, b)
        still_alive = -(r + x) * np.log(alpha + t_obs)
        # log(1 + odds of having dropped out at t_x), which does not overflow
        return common + still_alive + np.logaddexp(0.0, self._log_odds_dropped(x, t_x, t_obs))

    def expected_repeats(self, t: ArrayLike) -> Floats:
        """E[X(t)]: repeat purchases of a new customer within `t` weeks of the first purchase."""
        (t,) = _floats(t)
        return _expected_purchases(self.r, self.alpha, self.a, self.b, t)

    def probability(self, x: ArrayLike, t: ArrayLike) -> Floats:
        """P(X(t) = x): the probability of exactly `x` repeat purchases within `t` weeks of the first purchase."""
        x, t = _floats(x, t)
        r, a, b = self.r, self.a, self.b
        z = t / (self.alpha + t)
        log_nbd = gammaln(r + x) - gammaln(r) - gammaln(x + 1) - r * np.log1p(t / self.alpha) + xlogy(x, z)
        alive = np.exp(betaln(a, b + x) - betaln(a, b) + log_nbd)
        repeats = np.maximum(x, 1.0)  # the second term is for x > 0 only
        reaches_x = betainc(repeats, r, z)  # the NBD's tail P(>= x)
        dropped = np.exp(betaln(a + 1, b + repeats - 1) - betaln(a, b)) * reaches_x
        return alive + np.where(x > 0, dropped, 0.0)

    def probability_alive(self, x: ArrayLike, t_x: ArrayLike, t_obs: ArrayLike) -> Floats:
        """P(alive at the end of the observation), given the history."""
        return expit(-self._log_odds_dropped(*_floats(x, t_x, t_obs)))

    def expected_repeats_ahead(self, x: ArrayLike, t_x: ArrayLike, t_obs: ArrayLike, t: ArrayLike) -> Floats:
        """E[purchases in the `t` weeks after the observation], given the history."""
        x, t_x, t_obs, t = _floats(x, t_x, t_obs, t)
        if_alive = _expected_purchases(self.r + x, self.alpha + t_obs, self.a, self.b + x, t)
        return self.probability_alive(x, t_x, t_obs) * if_alive

    def _log_odds_dropped(self, x: Floats, t_x: Floats, t_obs: Floats) -> Floats:
        """Log-odds that the customer dropped out with the last purchase; nobody drops out with the first."""
        repeats = np.maximum(x, 1.0)
        odds = math.log(self.a) - np.log(self.b + repeats - 1)
        odds = odds + (self.r + x) * (np.log(self.alpha + t_obs) - np.log(self.alpha + t_x))
        return np.where(x > 0, odds, -np.inf)


@dataclass(frozen=True)
class GammaGamma:
    """The Gamma-Gamma model of spend (Fader, Hardie & Lee 2005, JMR).

    A customer's purchases have values Gamma(shape `p`, rate nu), and nu is Gamma(shape `q`, rate `v`) over customers;
    `v` is in the unit of the values. Raises ValueError unless all three are positive and finite.
    """

    p: float
    q: float
    v: float

    def __post_init__(self) -> None:
        _check_positive(self)

    def log_likelihood(self, n: ArrayLike, mean: ArrayLike) -> Floats:
        """Log-density of the mean value of each customer's `n` > 0 purchases, all of value > 0."""
        n, mean = _floats(n, mean)
        p, q, v = self.p, self.q, self.v
        shapes = gammaln(p * n + q) - gammaln(p * n) - gammaln(q)
        values = (p * n - 1) * np.log(mean) + p * n * np.log(n) - (p * n + q) * np.log(v + n * mean)
        return shapes + q * math.log(v) + values

    def expected_value(self, n: ArrayLike, mean: ArrayLike) -> Floats:
        """E[value of the next purchase] given the mean of `n` (0 for none known); infinite where p n + q <= 1."""
        n, mean = _floats(n, mean)
        below = self.p * n + self.q - 1
        known = self.p * (self.v + n * mean)
        return np.where(below > 0, known / np.where(below > 0, below, 1.0), np.inf)


Model = TypeVar("Model", BgNbd, GammaGamma)


@dataclass(frozen=True)
class Fit(Generic[Model]):
    """A fitted model; `standard_errors` are infinite for a parameter at the edge of what is tried.

    `doubts` says in words what speaks against relying on the parameters; it is empty for a sound fit.
    """

    model: Model
    log_likelihood: float
    standard_errors: dict[str, float]
    doubts: tuple[str, ...]


def fit_bg_nbd(x: ArrayLike, t_x: ArrayLike, t_obs: ArrayLike) -> Fit[BgNbd]:
    """The BG/NBD parameters of greatest likelihood. Raises ValueError for impossible histories, or none with x > 0."""
    x, t_x, t_obs = _floats(x, t_x, t_obs)
    if not np.all((x >= 0) & (t_x >= 0) & (t_x <= t_obs) & ((x > 0) == (t_x > 0))):
        raise ValueError("histories must have x >= 0 and 0 <= t_x <= t_obs, with t_x = 0 where and only where x = 0")
    if not np.any(x > 0):
        raise ValueError("no customer has a repeat purchase")
    week_scale = float(t_obs.mean())  # so that starting points and bounds do not depend on the length of the log
    customers = _group(x, t_x / week_scale, t_obs / week_scale)

    rate = x.sum() / (t_obs.sum() / week_scale)
    starts = [(r, r / (boost * rate), a, b) for r, boost, a, b in product((0.3, 2.0), (1.5, 4.0), (0.3, 1.5), (2.0, 10.0))]
    best = _climb(customers.log_likelihood, starts, (HIGHEST, HIGHEST, HIGHEST_A, HIGHEST), size=len(x))
    unit = np.array([1.0, week_scale, 1.0, 1.0])
    return Fit(
        model=BgNbd(*(best.parameters * unit).tolist()),
        log_likelihood=best.log_likelihood - float(x.sum()) * math.log(week_scale),
        standard_errors=_named(BgNbd, best.standard_errors * unit),
        doubts=_doubts(BgNbd, best),
    )


def fit_gamma_gamma(n: ArrayLike, mean: ArrayLike) -> Fit[GammaGamma]:
    """The Gamma-Gamma parameters of greatest likelihood. Raises ValueError for n < 1, mean <= 0 or no customer."""
    n, mean = _floats(n, mean)
    if n.size == 0 or not np.all((n >= 1) & (mean > 0)):
        raise ValueError("each customer needs n >= 1 values with a mean above 0, and there must be a customer")
    unit_value = float(mean.mean())
    scaled = mean / unit_value
    log_n, log_mean = np.log(n), np.log(scaled)

    def log_likelihood(parameters: Floats) -> tuple[float, Floats]:
        p, q, v = parameters
        log_rate = np.log(v + n * scaled)
        both = digamma(p * n + q)
        gradient = (
            n * (both - digamma(p * n) + log_mean + log_n - log_rate),
            both - digamma(q) + math.log(v) - log_rate,
            q / v - (p * n + q) / (v + n * scaled),
        )
        total = GammaGamma(p, q, v).log_likelihood(n, scaled).sum()
        return float(total), np.array([one.sum() for one in gradient])

    starts = [(p, q, max(q - 1, 0.5) / p) for p, q in product((1.0, 5.0, 30.0), (1.5, 4.0, 20.0))]
    best = _climb(log_likelihood, starts, (HIGHEST, HIGHEST, HIGHEST), size=n.size)
    unit = np.array([1.0, 1.0, unit_value])
    return Fit(
        model=GammaGamma(*(best.parameters * unit).tolist()),
        log_likelihood=best.log_likelihood - n.size * math.log(unit_value),
        standard_errors=_named(GammaGamma, best.standard_errors * unit),
        doubts=_doubts(GammaGamma, best),
    )


# Expectations


def _expected_purchases(r: Floats | float, alpha: Floats | float, a: float, b: Floats | float, t: Floats) -> Floats:
    """E of purchases within `t` of a customer alive with rate ~ Gamma(r, alpha) and drop-out ~ Beta(a, b).

    It is the mean of (1 - (1 + p t/alpha)^-r) / p over p ~ Beta(a, b). The closed form has poles at a = 1 and
    a + b = 1 that the mean itself does not have.
    """
    if abs(a - 1) >= NEAR_POLE:
        return _mixed_form(r, alpha, a, b, t)
    # between two points where nothing cancels the mean is a straight line to about NEAR_POLE squared
    low, high = (_mixed_form(r, alpha, end, b, t) for end in (1 - NEAR_POLE, 1 + NEAR_POLE))
    return low + (high - low) * (a - 1 + NEAR_POLE) / (2 * NEAR_POLE)


NEAR_POLE = 1e-4


def _mixed_form(r: Floats | float, alpha: Floats | float, a: float, b: Floats | float, t: Floats) -> Floats:
    """Beta(a, b) as a mixture of Beta(a, b + 1) and Beta(a + 1, b), whose closed forms have no pole at a + b = 1."""
    return (b * _closed_form(r, alpha, a, b + 1, t) + a * _closed_form(r, alpha, a + 1, b, t)) / (a + b)


def _closed_form(r: Floats | float, alpha: Floats | float, a: float, b: Floats | float, t: Floats) -> Floats:
    """The published expression, with r and a - 1 exchanged (Euler's transformation) where a - 1 is the smaller.

    A power times a hypergeometric function is 0 times infinity where its exponent is beyond some hundreds, and large r
    (a customer with many purchases) and large a (all drop out alike) do not come together.
    """
    c = a + b - 1
    low, high = np.minimum(r, a - 1), np.maximum(r, a - 1)
    none = np.exp(-low * np.log1p(t / alpha)) * hyp2f1(low, c - high, c, t / (alpha + t))
    return c / (a - 1) * (1 - none)


# Likelihood of many customers


class _Histories(NamedTuple):
    """The distinct histories, and what depends on x alone kept apart: few values, and the dear functions are of those."""

    x: Floats
    t_x: Floats
    t_obs: Floats
    customers: Floats  # how many have each history
    counts: Floats  # the distinct x,
    customers_of_count: Floats  # how many have each of those,
    count_of: NDArray[np.intp]  # and which of them a history has

    def log_likelihood(self, parameters: Floats) -> tuple[float, Floats]:
        """The sum of `BgNbd.log_likelihood` over the customers, and its gradient."""
        r, alpha, a, b = parameters
        n, of_count = self.counts, self.customers_of_count
        log_end, log_last = np.log(alpha + self.t_obs), np.log(alpha + self.t_x)
        before = b + np.maximum(n, 1.0) - 1
        log_odds = np.where(n > 0, math.log(a) - np.log(before), -np.inf)[self.count_of]
        log_odds = log_odds + (r + self.x) * (log_end - log_last)
        dropped = self.customers * expit(log_odds)
        alive = self.customers - dropped

        common = gammaln(r + n) - gammaln(r) + r * math.log(alpha) + betaln(a, b + n) - betaln(a, b)
        alive_or_not = np.logaddexp(0.0, log_odds) - (r + self.x) * log_end
        value = (of_count * common).sum() + (self.customers * alive_or_not).sum()
        stay = digamma(a + b) - digamma(a + b + n)
        gradient = (
            (of_count * (digamma(r + n) - digamma(r) + math.log(alpha))).sum() - (alive * log_end + dropped * log_last).sum(),
            of_count.sum() * r / alpha - ((r + self.x) * (alive / (alpha + self.t_obs) + dropped / (alpha + self.t_x))).sum(),
            (of_count * stay).sum() + dropped.sum() / a,
            (of_count * (stay + digamma(b + n) - digamma(b))).sum() - (dropped / before[self.count_of]).sum(),
        )
        return float(value), np.array(gradient)


def _group(x: Floats, t_x: Floats, t_obs: Floats) -> _Histories:
    distinct, number = np.unique(np.stack([x, t_x, t_obs]), axis=1, return_counts=True)
    customers: Floats = number.astype(np.float64)
    counts, count_of = np.unique(distinct[0], return_inverse=True)
    of_count: Floats = np.bincount(count_of, weights=customers).astype(np.float64)
    return _Histories(distinct[0], distinct[1], distinct[2], customers, counts, of_count, count_of)


# The climb: parameters are positive, so it moves in their logarithms

# the box that is searched, in units that make the data of size 1: beyond it a parameter is as good as infinite or zero
LOWEST = 1e-4
HIGHEST = 1e4
HIGHEST_A = 1e2  # with a at 100, the customers' drop-out probabilities are within a tenth of each other
MAX_GAIN = 1e-3  # log-likelihood that a converged climb may still leave to be won
HARDLY_DETERMINED = 1.0  # standard error of a parameter's logarithm: a 95 % interval of a factor 7 to either side


class _Optimum(NamedTuple):
    parameters: Floats
    log_likelihood: float
    standard_errors: Floats
    log_errors: Floats  # standard errors of the parameters' logarithms
    at_edge: NDArray[np.bool_]  # of the box, whose curvature says nothing there
    gain: float  # log-likelihood that a Newton step would still win


def _climb(
    log_likelihood: Callable[[Floats], tuple[float, Floats]],
    starts: Iterable[tuple[float, ...]],
    highest: tuple[float, ...],
    size: int,
) -> _Optimum:
    """The highest point reached from the two best of the starting points; `size` is the number of customers."""
    from scipy.optimize import minimize  # slow to import, and a report needs the model only

    def loss(log_parameters: Floats) -> tuple[float, Floats]:
        parameters = np.exp(log_parameters)
        value, gradient = log_likelihood(parameters)
        return -value / size, -gradient * parameters / size

    low, high = np.full(len(highest), math.log(LOWEST)), np.log(highest)
    points = [np.clip(np.log(start), low, high) for start in starts]
    points.sort(key=lambda point: loss(point)[0])
    box = list(zip(low, high))
    options = {"maxiter": 2000, "maxfun": 5000, "ftol": 1e-15, "gtol": 1e-9}
    climbs = [minimize(loss, point, jac=True, method="L-BFGS-B", bounds=box, options=options) for point in points[:2]]
    top = min(climbs, key=lambda climb: climb.fun).x
    at_edge = (top < low + 1e-6) | (top > high - 1e-6)
    return _survey(loss, top, at_edge, size)


def _survey(loss: Callable[[Floats], tuple[float, Floats]], top: Floats, at_edge: NDArray[np.bool_], size: int) -> _Optimum:
    """What the curvature at the top says of its precision."""
    value, slope = loss(top)
    free = np.flatnonzero(~at_edge)
    step = 1e-4
    curvature = np.empty((len(free), len(free)))
    for row, index in enumerate(free):
        nudge = np.zeros(len(top))
        nudge[index] = step
        curvature[row] = ((loss(top + nudge)[1] - loss(top - nudge)[1]) / (2 * step))[free]
    strengths, directions = np.linalg.eigh((curvature + curvature.T) / 2)
    strengths = np.maximum(strengths * size, 1e-12)  # a flat direction: an error of a million, not a division by zero
    variances = (directions**2) @ (1 / strengths)
    slopes = np.abs(directions.T @ slope[free]) * size
    steps = np.minimum(slopes / strengths, 1.0)  # where all is flat, Newton would leap
    gain = float(slopes @ steps - strengths @ steps**2 / 2)
    log_errors = np.full(len(top), np.inf)
    log_errors[free] = np.sqrt(variances)
    parameters = np.exp(top)
    return _Optimum(parameters, -value * size, parameters * log_errors, log_errors, at_edge, gain)


_TELLS = {
    "r": "how customers differ in purchase rate",
    "alpha": "how customers differ in purchase rate",
    "a": "whether and how customers drop out",
    "b": "whether and how customers drop out",
    "p": "how the purchases of one customer differ in value",
    "q": "how customers differ in mean value",
    "v": "how customers differ in mean value",
}


def _doubts(model: type, best: _Optimum) -> tuple[str, ...]:
    edgy, vague = defaultdict(list), defaultdict(list)
    for name, at_edge, error in zip(_names(model), best.at_edge, best.log_errors):
        if at_edge:
            edgy[_TELLS[name]].append(name)
        elif error > HARDLY_DETERMINED:
            vague[_TELLS[name]].append(name)
    doubts = [f"{_listed(names)} ran to the edge of what is tried: the data do not tell {of}" for of, names in edgy.items()]
    doubts += [
        f"the standard error of {_listed(names)} is above the value itself: the data hardly tell {of}"
        for of, names in vague.items()
    ]
    if not best.gain <= MAX_GAIN:
        doubts.append(f"the fit did not converge: the log-likelihood could still rise by about {best.gain:.2g}")
    return tuple(doubts)


def _listed(names: list[str]) -> str:
    return " and ".join(names)


# Small change


def _floats(*values: ArrayLike) -> tuple[Floats, ...]:
    return tuple(np.broadcast_arrays(*(np.asarray(value, dtype=np.float64) for value in values)))


def _names(model: type) -> list[str]:
    return [field.name for field in fields(model)]


def _named(model: type, values: Floats) -> dict[str, float]:
    return dict(zip(_names(model), values.tolist()))


def _check_positive(model: BgNbd | GammaGamma) -> None:
    for name in _names(type(model)):
        value = getattr(model, name)
        if not (math.isfinite(value) and value > 0):
            raise ValueError(f"{name} must be positive and finite, not {value!r}")
