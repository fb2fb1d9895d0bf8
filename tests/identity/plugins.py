"""Policies that change nothing, through each kind of hook, and gates of each kind that do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np
from pydantic import Field

from sim.agents.message_plan import MessagePlan
from sim.state.names import PRICED_RELATIONS
from sim.state.policy import (
    QUANTITIES,
    Crowd,
    JoinSetting,
    Message,
    MessageFacts,
    Policy,
    TaskFacts,
    Verdict,
    View,
    allow,
    message_gate,
    refuse,
)


class Ticks(Policy):
    """Schedule: instants at which nothing is done."""

    at: list[int] = Field(default_factory=list)

    def times(self, days: int) -> Iterable[int]:
        return self.at


@message_gate
def nobody(facts: MessageFacts, numbers: np.ndarray) -> bool:
    """Read, but never refused."""
    return facts.orders < 0


class Nothing(Policy):
    """All hooks, to no effect: a cap that no count reaches, factors of 1, no discount, an instant, gates that refuse nobody."""

    needs_now = True
    compiled_gate = nobody

    def gate_message(self, crowd: Crowd, task: TaskFacts) -> Verdict:
        return refuse(crowd.draw() > 1) | allow()

    def caps(self) -> dict[str, int]:
        return dict.fromkeys(("store_limit", "stores_per_day", "per_store_per_day", "total_per_day"), 150) | {"store_days": 1}

    def factors(self) -> dict[str, float]:
        return dict.fromkeys(QUANTITIES, 1.0)

    def discounts(self, merchant: str, industry: str) -> Mapping[str, float]:
        return dict.fromkeys(PRICED_RELATIONS, 0.0)

    def times(self, days: int) -> Iterable[int]:
        return [40_000]


class Sets(MessagePlan):
    """A plan of messages, and a setting of joins that changes every third day."""

    def plan(self, view: View) -> Iterator[Message | JoinSetting]:
        yield from super().plan(view)
        yield JoinSetting("zero" if view.day // 3 % 2 else "purchased")


class HoldOut(Policy):
    """At 00:00: a share of all consumers never hears of anything; and some messages are left out at random."""

    reasons = ("held_out", "left_out")
    share: float = 0.1

    def gate_message(self, crowd: Crowd, task: TaskFacts) -> Verdict:
        left = crowd.draw("left") < self.share / 2
        return refuse(crowd.draw("held", per_task=False) < self.share, "held_out") | refuse(left, "left_out")


class WindowNow(Policy):
    """At the send: one old-customer message of a store in `days` days, and none to who was reached today by another."""

    reasons = ("window", "busy")
    needs_now = True
    days: int = 3

    def gate_message(self, crowd: Crowd, task: TaskFacts) -> Verdict:
        recent = crowd.relation.messages_since(task.day - self.days + 1) >= 1
        return refuse(recent, "window") | refuse(crowd.consumer.stores_today > 1, "busy")


@message_gate
def two_in_days(facts: MessageFacts, numbers: np.ndarray) -> bool:
    """As many old-customer messages of the store as are allowed, and not one of all was read."""
    return facts.messages_in_days >= numbers[0] and facts.read == 0


class CompiledWindow(Policy):
    """In the consumer's window."""

    reasons = ("unread",)
    compiled_gate = two_in_days
    days: int = 5

    def numbers(self) -> Sequence[float]:
        return [1]

    def gate_days(self) -> int:
        return self.days


class Silence(Policy):
    """Nobody is sent anything, by each kind of gate."""

    needs_now = True

    def gate_message(self, crowd: Crowd, task: TaskFacts) -> Verdict:
        return refuse(True)
