"""A merchant that follows the built-in plan and writes down what it can see."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from sim.agents.message_plan import MessagePlan
from sim.state.policy import Message, View

SEEN: defaultdict[str, list[View]] = defaultdict(list)


class RecordingPlan(MessagePlan):
    """Who writes what is told by `known_as`."""

    known_as: str = ""

    def plan(self, view: View) -> Iterable[Message]:
        figures = {name: list(days) for name, days in view.figures.items()}
        SEEN[self.known_as].append(view._replace(tasks=list(view.tasks), figures=figures))
        return super().plan(view)
