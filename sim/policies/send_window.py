"""Messages may be sent at certain times of the day only [MSG-11]."""

from __future__ import annotations

import datetime as dt
from functools import cached_property

from pydantic import Field, model_validator

from sim.policies.scenes import OLD_CUSTOMER_SCENES
from sim.state.names import DAY
from sim.state.policy import Message, Policy

CLOCK = r"^([01]\d|2[0-3]):[0-5]\d$"


class SendWindow(Policy):
    """The minute of the send lies strictly inside the window; else the task is refused as a whole, at its creation.

    Of 09:00 to 10:00 the minutes from 9:01 to 9:59 are allowed. A task that was created before the rule was in force is
    refused at 00:00 of its send day. It holds for old-customer scenes; no source prints the window itself (A).
    """

    reasons = ("outside_window",)

    first: str = Field("08:00", description="HH:MM, the last minute before the window [MSG-11]", pattern=CLOCK)
    last: str = Field("22:00", description="HH:MM, the first minute after the window [MSG-11]", pattern=CLOCK)

    @model_validator(mode="after")
    def _window_has_a_minute(self) -> SendWindow:
        if minute_of(self.last) - minute_of(self.first) < 2:
            raise ValueError(f"'last' must be two minutes or more after 'first' ({self.first}); given {self.last}")
        return self

    def gate_task(self, message: Message) -> str:
        first, last = self.around
        inside = first < message.time % DAY // 60 < last
        return "" if inside or message.channel not in OLD_CUSTOMER_SCENES else "outside_window"

    @cached_property
    def around(self) -> tuple[int, int]:
        """The last minute of the day before the window, and the first after it."""
        return minute_of(self.first), minute_of(self.last)


def minute_of(text: str) -> int:
    """HH:MM as minutes since 00:00."""
    at = dt.time.fromisoformat(text)
    return at.hour * 60 + at.minute
