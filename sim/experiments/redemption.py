"""When coupons are redeemed: the closed form of the two-hump hazard, and its fit to counts [evidence D7]."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

# Redemptions by tenth of the window, whose length is by its median, 16 days = 34 % (evidence C.4; data status disputed).
COMPLETE_JOURNEY = (276, 347, 322, 268, 177, 196, 142, 93, 148, 133)
COMPLETE_JOURNEY_DAYS = 47.0
CELLS_A_PART = 400
STARTS = ((0.02, 0.1), (0.05, 0.3), (0.1, 1.0))  # decay, rise (1/day) from which a fit is begun
STRICT = 1e4  # weight of the share redeemed in a fit, which the counts do not tell


class Hazard(NamedTuple):
    """h(t) = early exp(-early_decay t) + late exp(-late_rise (valid - t)), 1/day, t and valid in days."""

    early: float
    early_decay: float
    late: float
    late_rise: float

    def cumulated(self, t: NDArray[np.float64], valid: float) -> NDArray[np.float64]:
        """Its integral from 0 to each of `t` (days)."""
        humps = self.early / self.early_decay * -np.expm1(-self.early_decay * t)
        return humps + self.late / self.late_rise * (np.exp(-self.late_rise * (valid - t)) - np.exp(-self.late_rise * valid))


class Fit(NamedTuple):
    """A hazard fitted to counts."""

    hazard: Hazard
    expected: NDArray[np.float64]  # counts by part of the window
    chi_square: float  # of the counts against these


def redeemed_by_part(hazard: Hazard, valid: float, parts: int, trip_days: float = 0.0) -> NDArray[np.float64]:
    """Probability that a coupon is redeemed in each equal part of its window of `valid` days, (parts,).

    With `trip_days`, its holder comes for it at its next shopping trip after that time, exponentially many days later.
    """
    t = np.linspace(0.0, valid, parts * CELLS_A_PART + 1)
    redeemed = -np.expm1(-hazard.cumulated(t, valid))
    if trip_days > 0:
        stay = np.exp(-(t[1] - t[0]) / trip_days)
        urged = redeemed.copy()
        redeemed[0] = 0.0
        for k in range(1, len(t)):
            redeemed[k] = redeemed[k - 1] * stay + 0.5 * (urged[k] + urged[k - 1]) * (1 - stay)
    return np.diff(redeemed[::CELLS_A_PART])


def fitted(counts: Sequence[int], valid: float, trip_days: float = 0.0, share: float = 0.15) -> Fit:
    """The hazard that makes the counts by part of the window most likely, given the `share` of coupons that is redeemed."""
    observed = np.asarray(counts, float)

    def loss(logs: NDArray[np.float64]) -> float:
        p = redeemed_by_part(Hazard(*np.exp(logs)), valid, len(observed), trip_days)
        total = p.sum()
        return float(-(observed * np.log(np.maximum(p / total, 1e-300))).sum() + STRICT * np.log(total / share) ** 2)

    begins = [np.log([share * decay, decay, 0.002, rise]) for decay, rise in STARTS]
    options = {"maxiter": 6000, "fatol": 1e-6, "xatol": 1e-5}
    best = min((minimize(loss, begin, method="Nelder-Mead", options=options) for begin in begins), key=lambda found: found.fun)
    hazard = Hazard(*(float(value) for value in np.exp(best.x)))
    p = redeemed_by_part(hazard, valid, len(observed), trip_days)
    expected = observed.sum() * p / p.sum()
    return Fit(hazard, expected, float(((observed - expected) ** 2 / expected).sum()))
