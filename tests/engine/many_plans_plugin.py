"""A store with a plan of its own for each message."""

from __future__ import annotations

from collections.abc import Iterator

from sim.state.policy import Message, Strategy, View


class ManyPlans(Strategy):
    """A hundred messages a day."""

    def plan(self, view: View) -> Iterator[Message]:
        day = view.day + 1
        for k in range(100):
            yield Message(f"{view.position}/{day}/{k}", day * 86_400 + k, "feed", "fans")
