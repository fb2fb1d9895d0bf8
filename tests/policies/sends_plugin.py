"""A store that sends what it was told to, as a strategy of the scenario file."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from pydantic import Field

from sim.state.policy import Message, Strategy, View


class Sends(Strategy):
    """Each send is "DAY HH:MM:SS CHANNEL CROWD [PLAN]", a plan of its own unless PLAN is given.

    All tasks of a plan are created on the eve of its first send day.
    """

    sends: list[str] = Field(default_factory=list)

    def plan(self, view: View) -> Iterator[Message]:
        first_days: dict[str, int] = {}
        messages = []
        for k, send in enumerate(self.sends):
            day, at, channel, crowd, *plan = send.split()
            name = plan[0] if plan else f"plan {k}"
            first_days[name] = min(int(day), first_days.get(name, int(day)))
            clock = dt.time.fromisoformat(at)
            second = clock.hour * 3_600 + clock.minute * 60 + clock.second
            messages.append(Message(name, int(day) * 86_400 + second, channel, crowd))
        yield from (message for message in messages if first_days[message.plan] == view.day + 1)
