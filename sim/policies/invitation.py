"""Stores invite consumers to join, whatever these happen to do: who is asked is known ahead [evidence D8, INT-3]."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from pydantic import Field

from sim.state.policy import Policy, day_number


class Invitation(Policy):
    """On some days stores invite their customers, or all who know them, and each joins with a probability, without a threshold.

    At 00:00, after it was decided whom the day's messages are for. The draw is of (consumer, store, day) alone, so that where
    `behaviour.membership.selection` is 0, who joins is a random sample of those invited. Of several invitations of a store on
    one day that of the greatest probability counts for each consumer. Without `merchants` all stores invite.
    """

    merchants: list[str] = Field(default_factory=list, description="stores that invite, by name")
    days: list[int | dt.date] = Field(
        [0], description="days on which they do: days of the run, or dates; those before the start are negative"
    )
    to: Literal["customers", "known"] = Field(
        "customers", description="who is invited: customers, who have bought; known, all who know the store"
    )
    probability: float = Field(0.2, ge=0, le=1, description="probability that one of them joins (A)")

    def is_on(self, day: int, start: dt.date) -> bool:
        """Whether it invites on a day of the run."""
        return any(day_number(given, start) == day for given in self.days)

    def invites(self, merchant: str) -> bool:
        """Whether a store is one of those that invite."""
        return not self.merchants or merchant in self.merchants
