"""What a merchant is willing to spend on messages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pydantic import Field

from sim.state.policy import Policy, Resource


class Budget(Policy):
    """Each merchant's budget for messages: every delivery costs, and none is made that the budget does not cover."""

    merchants: list[str] | None = Field(None, min_length=1, description="merchants that have such a budget; null: all")
    amount: int = Field(10_000, ge=0, le=10**15, description="budget, minor units")
    per_message: int = Field(5, ge=1, le=10**12, description="cost of a delivered message, minor units")
    refill_days: int | None = Field(1, ge=1, le=32_000, description="days after which there is a new budget; null: never")
    carry_over: bool = Field(False, description="whether what is left is added to the new one")

    def resources(self, merchants: Sequence[str]) -> Iterable[Resource]:
        for name in merchants if self.merchants is None else self.merchants:
            yield Resource(
                self.amount, "delivery", merchant=name, takes=self.per_message, refill_days=self.refill_days,
                carry_over=self.carry_over, reason="budget_spent",
            )  # fmt: skip
