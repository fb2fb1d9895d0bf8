"""How many members each store has of each tier at the close of a period: one pass over each shard [GRD-3, GRD-8]."""

from __future__ import annotations

import numpy as np

from sim.engine.population import Population, sum_of
from sim.policies.member_tiers import SILENT, Windows, count_tiers
from sim.state.shard import Shard


def members_by_tier(population: Population, merchants: int, windows: Windows, day: int) -> np.ndarray:
    """(merchants, tiers) int64: members as of 00:00 of `day`, by the days before it."""

    def part(shard: Shard) -> np.ndarray:
        counts = np.zeros((merchants, SILENT + 1), np.int64)
        count_tiers(shard, windows, day, counts)
        return counts

    return sum_of(population.each(part))
