"""What plugs in: policies of the platform with their three kinds of hook, and strategies of merchants.

Both are classes with validated parameters; both are asked at instants of the clock and never hold hidden state, so that a
snapshot needs none of theirs.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

# The quantities that policies may modify. Several factors on one quantity are multiplied, in the order of policy names.
READING = "reading"  # probability that a delivered message is read
ORDERING = "ordering"  # probability of an order at a visit
OPTING_OUT = "opting_out"  # hazard of opting out at a delivery
QUANTITIES = (READING, ORDERING, OPTING_OUT)


class Policy(BaseModel):
    """A rule of the platform, in force on the days from `from` to the day before `until`.

    Override any of the hooks: `caps` (a gate: rows of the table of message caps), `gate_task` (a gate: whole tasks),
    `factors` (a modifier: what it makes of named quantities), `times` with `act` (a schedule).
    """

    reasons: ClassVar[tuple[str, ...]] = ()  # for which this policy, and no other kind of policy, refuses messages or tasks

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    use: str = Field("", description="name of a built-in policy, or file.py:Class, or package.module:Class")
    from_: int | dt.date = Field(0, alias="from", description="first day in force: a day of the run from 0, or a date")
    until: int | dt.date | None = Field(
        None, description="first day no longer in force: a day of the run, or a date; none: no end"
    )

    def in_force(self, day: int, start: dt.date) -> bool:
        """Whether the policy is in force on a day of the run."""
        first, end = self.span(start)
        return first <= day < end

    def span(self, start: dt.date) -> tuple[int, float]:
        """The first day in force, and the first day no longer (infinity: it has no end)."""
        end = math.inf if self.until is None else day_number(self.until, start)
        return day_number(self.from_, start), end

    @property
    def looks_back(self) -> float:
        """Days of the past that whoever checks this rule by the event log needs to see; infinity: all of them."""
        return 0

    def caps(self) -> Mapping[str, int] | None:
        """Gate: a row of the table of message caps (columns of `sim.state.world.CAPS`)."""
        return None

    def gate_task(self, message: Message) -> str:
        """Gate: why this task is refused as a whole, one of TASK_REASONS; empty: it is not."""
        return ""

    def factors(self) -> Mapping[str, float]:
        """Modifier: factors on quantities by name."""
        return {}

    def times(self, days: int) -> Iterable[int]:
        """Schedule: the seconds of the run, of so many days, at which `act` is called; of a policy of the past, of that."""
        return ()

    def act(self, time: int) -> None:
        """Schedule: what is done at one of these times."""


def day_number(day: int | dt.date, start: dt.date) -> int:
    """A day given as a number or a date, as a number of days since the start."""
    return (day - start).days if isinstance(day, dt.date) else day


class Message(NamedTuple):
    """What a merchant asks to be sent: one task."""

    plan: str  # the plan that it belongs to
    time: int  # s, on a later day than that of the planning
    channel: str  # a message channel
    crowd: str  # one of CROWDS, cut at 00:00 of the send day [MSG-7]
    name: str = ""  # what its draws know it by, beside merchant and time; none: its plan

    @property
    def known_as(self) -> str:
        """Its name, or the name of its plan."""
        return self.name or self.plan


class SeenTask(NamedTuple):
    """A task whose effect data the merchant can see now [MSG-15]."""

    plan: str
    time: int  # s
    channel: str
    sent: int
    read: int  # until the effect data were made


class View(NamedTuple):
    """What a merchant can know at 00:00 of `day`: its tasks' effects, and its own figures up to yesterday (T+1).

    It remembers its past too, if that was simulated: then days before the start are negative, and figures begin there.
    """

    day: int
    position: int  # position among the merchants that the scenario declares together
    tasks: Sequence[SeenTask]  # by time
    figures: Mapping[str, Sequence[int]]  # daily figures of its own, one number per day so far: [-1] is yesterday's


class Strategy(BaseModel):
    """How a merchant acts: asked at 00:00 of every day, one day ahead."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    use: str = Field("", description="name of a built-in strategy, or file.py:Class, or package.module:Class")

    def plan(self, view: View) -> Iterable[Message]:
        """The tasks to create now; each is sent on a later day."""
        return ()
