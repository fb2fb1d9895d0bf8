"""A crowd that is too small cannot be sent to [MSG-6]."""

from __future__ import annotations

from pydantic import Field

from sim.state.policy import Policy


class MinCrowd(Policy):
    """A task of an old-customer scene is refused as a whole unless its crowd has more than so many consumers.

    The crowd is that of 00:00 of the send day, before the filter and the caps; nobody meets a refused task.
    """

    reasons = ("crowd_too_small",)

    more_than: int = Field(100, ge=0, description="consumers; a crowd of so many or fewer is refused [MSG-6]")
