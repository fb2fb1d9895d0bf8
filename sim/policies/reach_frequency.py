"""How often a merchant may send at all [MSG-13]."""

from __future__ import annotations

from pydantic import Field

from sim.state.policy import Policy


class ReachFrequency(Policy):
    """At most `tasks` old-customer tasks of a merchant that reached somebody in `days` natural days.

    Counted at 00:00 of the send day d over the tasks sent on d - `days` .. d - 1 (T+1). Beyond that, every consumer of the
    crowd is refused at the send. A task that reached nobody uses nothing, and may be created again. No source gives the
    numbers (A).
    """

    reasons = ("reach_frequency",)

    tasks: int = Field(7, ge=0, le=100_000, description="tasks that reached somebody [MSG-13]")
    days: int = Field(7, ge=1, le=3_650, description="natural days before the send day")

    @property
    def looks_back(self) -> float:
        return self.days
