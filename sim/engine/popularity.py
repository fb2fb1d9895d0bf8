"""Traffic begets traffic: how visible a store is depends on the visits that it has had [LEAD-1, LEAD-2, evidence D5]."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from sim.scenario.load import Scenario
from sim.state.arithmetic import exp, log
from sim.state.names import VISITS

PER_CONSUMERS = 1_000  # the stock is of visits per so many, so that it does not depend on how many are simulated


class Popularity:
    """The stock of visits of each store at 00:00, from the figures of the days that are closed (T+1) and nothing else."""

    def __init__(self, scenario: Scenario) -> None:
        self._rule = scenario.settings.behaviour.stores.popularity
        self._merchants = scenario.merchants
        self._declared = np.array([math.log(merchant.settings.exposure) for merchant in scenario.merchants])
        self._per_visit = PER_CONSUMERS / max(scenario.consumers, 1)
        self.stock = np.zeros(len(scenario.merchants))
        self._days = 0

    def exposure(self, figures: Sequence[np.ndarray]) -> NDArray[np.float64]:
        """ln of how visible each store is on the day after those of `figures`, (merchants, FIGURES) each, since the first."""
        if self._rule is None:
            return self._declared
        for of_day in figures[self._days :]:
            self.stock = self._rule.keep * self.stock + self._per_visit * of_day[:, VISITS]
        self._days = len(figures)
        return self._declared + self._log_factors()

    def _log_factors(self) -> NDArray[np.float64]:
        """ln of (1 + stock) ** power, over its mean among the stores of the industry: places are shared, not made."""
        assert self._rule is not None
        found = np.array([self._rule.power * log(1.0 + stock) for stock in self.stock])
        industries = np.array([merchant.settings.industry for merchant in self._merchants])
        for industry in set(industries):
            of = industries == industry
            found[of] -= log(sum(exp(value) for value in found[of]) / of.sum())
        return found
