"""A store's own programme for its members: levels and points, which are apart from grades and tiers [GRD-13, KEEP-1]."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Literal

from pydantic import Field, field_validator

from sim.policies.some_stores import is_among
from sim.state.names import INDUSTRIES, MOST_PAID
from sim.state.policy import Policy

BASE_LEVEL = 1


class Programme(Policy):
    """Members earn points by what they pay, and rise to a level by what they have paid at the store in all.

    Whoever joins is at level 1; the n-th amount is what level n + 1 takes. A declared past counts to neither. What levels and
    points are good for is for benefits to say (`who: {level: 2}`, `points`).
    """

    merchants: list[str] = Field(default_factory=list, description="stores that have it, by name")
    industries: list[Literal[INDUSTRIES]] = Field(  # type: ignore[valid-type]
        default_factory=list, description="industries all of whose stores have it; neither these nor `merchants`: all stores do"
    )
    levels: tuple[Annotated[int, Field(ge=1, le=MOST_PAID)], ...] = Field(
        (), max_length=8, description="least amounts paid in all that make levels 2, 3, ..., minor units [GRD-13]"
    )
    points_per_hundred: float = Field(
        1.0, ge=0, le=10_000, description="points that a member earns by paying 100 minor units, points [KEEP-1]"
    )

    @field_validator("levels")
    @classmethod
    def _rise(cls, levels: tuple[int, ...]) -> tuple[int, ...]:
        if any(higher <= lower for lower, higher in pairwise(levels)):
            raise ValueError(f"each level takes more than the one below it; given {', '.join(map(str, levels))}")
        return levels

    def is_of(self, merchant: str, industry: str) -> bool:
        """Whether a store has it."""
        return is_among(self.merchants, self.industries, merchant, industry)

    def amount_of(self, level: int) -> int | None:
        """The least amount paid in all of a level; None: it has no such level."""
        if level <= BASE_LEVEL:
            return 0
        return self.levels[level - 2] if level - 2 < len(self.levels) else None
