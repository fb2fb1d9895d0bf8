"""Policies that change nothing, through each kind of hook."""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import Field

from sim.state.policy import QUANTITIES, Policy


class Ticks(Policy):
    """Schedule: instants at which nothing is done."""

    at: list[int] = Field(default_factory=list)

    def times(self, days: int) -> Iterable[int]:
        return self.at


class Nothing(Policy):
    """All three hooks, to no effect: a cap that no count reaches, factors of 1, an instant."""

    def caps(self) -> dict[str, int]:
        return dict.fromkeys(("store_limit", "stores_per_day", "per_store_per_day", "total_per_day"), 150) | {"store_days": 1}

    def factors(self) -> dict[str, float]:
        return dict.fromkeys(QUANTITIES, 1.0)

    def times(self, days: int) -> Iterable[int]:
        return [40_000]
