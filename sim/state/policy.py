"""What plugs in: policies of the platform with their three kinds of hook, and strategies of merchants.

Whoever writes one finds here all that it needs: `from sim.state.policy import ...`.

Both are classes with validated parameters; both are asked at instants of the clock and never hold hidden state, so that a
snapshot needs none of theirs.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import ClassVar, NamedTuple, TypeAlias, TypeVar

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr

from sim.state.benefits import MOST_PER_PERSON
from sim.state.crowd import Crowd, TaskFacts, Verdict, allow, refuse
from sim.state.message_gate import MessageFacts, MessageGate, message_gate

__all__ = [
    "OPTING_OUT", "ORDERING", "QUANTITIES", "READING", "Act", "Crowd", "Desk", "JoinSetting", "Message", "MessageFacts",
    "MessageGate", "Policy", "Resource", "SeenGrade", "SeenTask", "Strategy", "Switch", "TaskFacts", "Verdict", "View",
    "allow", "day_number", "message_gate", "place_of", "placed", "refuse",
]  # fmt: skip
Plugin = TypeVar("Plugin", "Policy", "Strategy")

# The quantities that policies may modify. Several factors on one quantity are multiplied, in the order of policy names.
READING = "reading"  # probability that a delivered message is read
ORDERING = "ordering"  # probability of an order at a visit
OPTING_OUT = "opting_out"  # hazard of opting out at a delivery
QUANTITIES = (READING, ORDERING, OPTING_OUT)


class Resource(NamedTuple):
    """Something that may run out: so many units, of which each event of a kind takes some, or does not happen.

    What an event takes of several resources it takes of all or of none. One that is exhausted is so until it is refilled:
    from the claim on that takes its last unit, or, before, from the first that is more than is left.
    """

    amount: int  # units, or minor units of money
    claimed_by: str  # "delivery" of a message, "order", or "claim" of the policy's own benefit
    name: str = ""  # to tell it from others of its policy; none: the merchant's
    merchant: str | None = None  # whose events claim it; none: those of all
    takes: int | str = 1  # of one event: so many, or its "units", or a share of its "amount" (minor units), rounded, at least 1
    share: float = 1.0  # of the amount
    refill_days: int | None = 1  # refilled at 00:00 of every so many days from the first in force on; none: never
    carry_over: bool = False  # whether what is left then is added
    short: str = "close"  # or "skip": what is more than is left is refused, and smaller claims later may be met
    reason: str = ""  # what a refusal is called; none: the policy's name
    per_person: int = MOST_PER_PERSON  # most that one consumer claims of it (of what claims of the policy's own take)
    visible: bool = False  # whether who chooses among stores sees that it has run out (of what orders claim)
    given_back: bool = False  # whether what a refunded order has taken is added at the next refill


class Desk(NamedTuple):
    """A desk with one server, whom a visitor may ask something: first come first served."""

    merchant: str
    probability: float  # of an inquiry at a visit
    seconds: float  # mean time of service
    spread: str = "exponential"  # of times of service, or "fixed": all alike
    name: str = ""  # to tell it from others of its policy; none: the merchant's


class Policy(BaseModel):
    """A rule of the platform, in force on the days from `from` to the day before `until`.

    Override any of the hooks. Gates: `gate_message` (whom of a task's crowd it must not reach, in plain Python),
    `compiled_gate` (the same at the send, compiled), `caps` (a row of the table of message caps), `gate_task` (whole tasks).
    `resources` (of which there may be too little). Modifiers: `factors` (on named quantities), `discounts` (on prices, by
    relation). A schedule: `times` with `act`.

    A hook is a pure function of the policy's parameters and what it is given: whatever it kept for itself would be lost at
    a snapshot, and differ with threads and shards.
    """

    reasons: ClassVar[tuple[str, ...]] = ()  # for which it alone refuses; of a gate of messages, by default its own name
    needs_now: ClassVar[bool] = False  # whether `gate_message` is asked at the send, which splits the window there
    compiled_gate: ClassVar[MessageGate | None] = None  # refuses for the first of `reasons`

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    use: str = Field("", description="name of a built-in policy, or file.py:Class, or package.module:Class")
    from_: int | dt.date = Field(0, alias="from", description="first day in force: a day of the run from 0, or a date")
    until: int | dt.date | None = Field(
        None, description="first day no longer in force: a day of the run, or a date; none: no end"
    )
    _place: str = PrivateAttr("")

    @property
    def gates_messages(self) -> bool:
        """Whether it has a gate of messages of its own, in plain Python or compiled."""
        return self.asks_plainly or self.compiled_gate is not None

    @property
    def asks_plainly(self) -> bool:
        """Whether that is a gate in plain Python."""
        return type(self).gate_message is not Policy.gate_message

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

    def gate_message(self, crowd: Crowd, task: TaskFacts) -> Verdict:
        """Gate: whom of a task's crowd it must not reach: `refuse(mask, reason)`, or `allow()`.

        Asked at 00:00 of the send day over the crowd as of then, and applied at the send whatever has happened since; with
        `needs_now` at the send time: the crowd is still that of 00:00, what is known of it is of the send, before any
        message of that second. A refusal counts where no rule of the platform refuses; of several policies, that of the
        first by name counts. The crowd is given in parts that depend on how the run is computed: a verdict on one consumer
        must depend on that consumer's row and the task's facts alone.
        """
        return allow()

    def numbers(self) -> Sequence[float]:
        """Gate: what `compiled_gate` is told of the parameters, as floats."""
        return ()

    def gate_days(self) -> int:
        """Gate: the natural days, that of the send included, whose messages `MessageFacts.messages_in_days` counts."""
        return 7

    def remembers(self) -> int:
        """Gate: how many old-customer messages of a store to a consumer can be counted, 1 to 200."""
        return 8

    def caps(self) -> Mapping[str, int] | None:
        """Gate: a row of the table of message caps (columns of `sim.state.world.CAPS`)."""
        return None

    def gate_task(self, message: Message) -> str:
        """Gate: why this task is refused as a whole, one of TASK_REASONS; empty: it is not."""
        return ""

    def factors(self) -> Mapping[str, float]:
        """Modifier: factors on quantities by name."""
        return {}

    @property
    def gives_discounts(self) -> bool:
        """Whether it has prices for relations."""
        return type(self).discounts is not Policy.discounts

    def discounts(self, merchant: str, industry: str) -> Mapping[str, float]:
        """Modifier: shares off a merchant's list prices, by relation: one of PRICED_RELATIONS [KEEP-1].

        Of several policies the largest share for a relation counts; a consumer pays the lowest price that it is entitled to.
        """
        return {}

    def resources(self, merchants: Sequence[str]) -> Iterable[Resource | Desk]:
        """What consumers share under this policy, of which there may be too little; `merchants` are all of them, by name.

        Their own order is that in which a refusal is named; between policies, the limits of the platform come first, then
        the order of policies' names.
        """
        return ()

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


class JoinSetting(NamedTuple):
    """What a merchant sets its threshold of joining to, from now on; under grading it may be refused [GRD-7, INT-3]."""

    setting: str  # "zero" or "purchased"


class Switch(NamedTuple):
    """A merchant switches one of its benefits on or off, from the next 00:00 on; without benefit tools it cannot [GRD-5]."""

    benefit: str  # the name of its policy
    on: bool


Act: TypeAlias = Message | JoinSetting | Switch  # what a merchant does


class SeenGrade(NamedTuple):
    """What a merchant sees of its own grading, lines and distance [GRD-10, GRD-12]; times are seconds of the run."""

    grade: str | None  # quality, potential, improving, noncompliant; None: no refresh yet
    register_join: str  # none, held, buffer, grace, locked
    setting: str  # of joins: zero, purchased
    deadline: int | None  # by when the setting is to be changed
    privileges: frozenset[str]
    refused: str | None  # why its last setting was refused; None: it was not
    refreshed: int | None  # when the last period closed; the rest is of that
    indicators: Mapping[str, float | None]  # by name
    quality_lines: Mapping[str, float]
    potential_lines: Mapping[str, float]
    next_grade: str | None
    gaps: Mapping[str, float]  # to the next grade, by indicator, the cheapest first
    cost: float | None  # of all of them


class View(NamedTuple):
    """What a merchant can know at 00:00 of `day`: what is decided now is sent on a later day.

    - `tasks`: those of its tasks whose effect data it can see, by send time: 24 h after the send and not before 12:00 of the
      next day [MSG-15].
    - `figures`: daily figures of its own by name (names.FIGURES), one number per day so far, [-1] is yesterday's (T+1). What
      counts fans is known a day later: of `follows` and `unfollows`, [-1] is of the day before yesterday [FAN-3]. What
      becomes of messages is not among them: it is seen by task, when its effect data are made. Who has dropped out (`left`)
      is seen by nobody.
    - `grades`: where it stands in merchant grading, with the indicators of the period that closed last; None: there is none.
    - `benefits`: the benefits that it may switch on and off, and whether they will be on tomorrow.
    - `stocks`: how many there were at the end of each day: `members` and `old_customers`, [-1] is yesterday's; `fans`, [-1]
      is of the day before yesterday (T+2) [FAN-3]. Empty until the first of them is known.

    It remembers its past too, if that was simulated: then days before the start are negative, and figures begin there.
    """

    day: int
    position: int  # position among the merchants that the scenario declares together
    tasks: Sequence[SeenTask]
    figures: Mapping[str, Sequence[int]]
    stocks: Mapping[str, Sequence[int]]
    grades: SeenGrade | None = None
    benefits: Mapping[str, bool] = MappingProxyType({})


class Strategy(BaseModel):
    """How a merchant acts: asked at 00:00 of every day, or of those that it names, one day ahead."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    use: str = Field("", description="name of a built-in strategy, or file.py:Class, or package.module:Class")
    _place: str = PrivateAttr("")

    def plan(self, view: View) -> Iterable[Act]:
        """The tasks to create now, each sent on a later day, and what is to be set now."""
        return ()

    def next_asked(self, day: int, position: int) -> int:
        """The first day, not before `day`, on which it may have something to plan: it is not asked on the days until then.

        `position` is the merchant's, as in its `View`. A class that plans in a way of its own names days of its own, or is
        asked every day.
        """
        return day


def place_of(plugin: Policy | Strategy) -> str:
    """Where a plug-in stands in its scenario: policies.NAME, past.policies.NAME, merchants.NAME.strategy."""
    return plugin._place or type(plugin).__name__


def placed(plugin: Plugin, place: str) -> Plugin:
    """The plug-in, which knows from now on where it stands."""
    plugin._place = place
    return plugin
