"""The clock of merchants and the platform: SimPy's event queue over a plain table of what is to be done when.

What happens at one instant is taken together and ordered by (phase, name, ordinal), never by insertion. The table alone
is state: a snapshot stores it and the clock is rebuilt from it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import NamedTuple

import simpy

# The phases of an instant, in their order.
CLOSE_BOOKS, GRADES, POLICIES, MERCHANTS, AGENDA, GATES = range(6)


class Action(NamedTuple):
    """Something to be done at an instant; the order of fields is the order of actions."""

    time: int  # s
    phase: int
    name: str
    ordinal: int = 0


class Clock:
    """Instants in the order of time. `now` is the last instant, or the start."""

    def __init__(self, now: int, actions: Iterable[Action] = (), started: bool = False) -> None:
        self._environment = simpy.Environment(initial_time=now)
        self._actions: dict[int, set[Action]] = defaultdict(set)
        self.started = started  # before the first step, `now` itself may still be scheduled
        for action in actions:
            self.schedule(action)

    @property
    def now(self) -> int:
        """The last instant (s)."""
        return int(self._environment.now)

    def schedule(self, action: Action) -> None:
        """Have an action done at a later instant; the same action twice is done once."""
        if action.time < self.now or (self.started and action.time == self.now):
            raise ValueError(f"{action.name}: {action.time} s is not later than now, {self.now} s")
        if action.time not in self._actions:
            self._environment.timeout(action.time - self.now)
        self._actions[action.time].add(action)

    def peek(self) -> float:
        """The time of the next instant (s), infinity if there is none."""
        return self._environment.peek()

    def step_instant(self) -> list[Action]:
        """Go to the next instant; what is to be done there, in order."""
        self._environment.step()
        self.started = True
        return sorted(self._actions.pop(self.now))

    def table(self) -> list[Action]:
        """All that is still to be done, in order."""
        return sorted(action for actions in self._actions.values() for action in actions)
