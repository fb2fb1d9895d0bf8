"""A store's desk with one server, whom visitors ask."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

from pydantic import Field

from sim.state.policy import Desk, Policy


class ServiceDesk(Policy):
    """Visitors ask the store's desk, which answers one after the other, in the order in which they came."""

    merchants: list[str] | None = Field(None, min_length=1, description="merchants that have a desk; null: all")
    inquiries: float = Field(0.1, ge=0, le=1, description="probability of an inquiry at a visit")
    seconds: float = Field(180, ge=1, le=86_400, description="mean time of service, s")
    spread: Literal["exponential", "fixed"] = Field("exponential", description="how times of service are spread")

    def resources(self, merchants: Sequence[str]) -> Iterable[Desk]:
        for name in merchants if self.merchants is None else self.merchants:
            yield Desk(name, self.inquiries, self.seconds, self.spread)
