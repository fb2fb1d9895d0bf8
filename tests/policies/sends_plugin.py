"""A store that sends what it was told to, as a strategy of the scenario file."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from pydantic import Field

from sim.state.policy import Message, Strategy, View


class Sends(Strategy):
    """Each send is "DAY HH:MM:SS CHANNEL CROWD" and a plan of its own."""

    sends: list[str] = Field(default_factory=list)

    def plan(self, view: View) -> Iterator[Message]:
        for k, send in enumerate(self.sends):
            day, at, channel, crowd = send.split()
            if int(day) == view.day + 1:
                clock = dt.time.fromisoformat(at)
                second = clock.hour * 3_600 + clock.minute * 60 + clock.second
                yield Message(f"plan {k}", int(day) * 86_400 + second, channel, crowd)
