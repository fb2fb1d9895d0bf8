"""Message gates of a user's own: copies of a built-in cap, and what watches what it is given."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from pydantic import Field

from sim.state.names import MESSAGE_CHANNELS
from sim.state.policy import Crowd, MessageFacts, Policy, TaskFacts, Verdict, allow, message_gate, refuse

SCENES = ("cs.custom", "cs.new_arrival", "cs.follow_gift", "cs.repurchase_coupon", "cs.promotion", "cs.member_day")
FIRST, LAST = MESSAGE_CHANNELS.index(SCENES[0]), MESSAGE_CHANNELS.index(SCENES[-1])


class PlainWindow(Policy):
    """The cap of MSG-3 in plain Python, at the send."""

    needs_now = True
    limit: int = Field(1, ge=1)
    days: int = Field(7, ge=1)

    def gate_message(self, crowd: Crowd, task: TaskFacts) -> Verdict:
        if task.channel not in SCENES:
            return allow()
        return refuse(crowd.relation.messages_since(task.day - self.days + 1) >= self.limit)


class EarlyWindow(PlainWindow):
    """The same, as known at 00:00."""

    needs_now = False


@message_gate
def window_is_full(facts: MessageFacts, numbers: np.ndarray) -> bool:
    """The cap of MSG-3."""
    return FIRST <= facts.channel <= LAST and facts.messages_in_days >= numbers[0]


class CompiledWindow(Policy):
    """The same, compiled."""

    compiled_gate = window_is_full
    limit: int = Field(1, ge=1)
    days: int = Field(7, ge=1)

    def numbers(self) -> Sequence[float]:
        return [self.limit]

    def gate_days(self) -> int:
        return self.days


COLUMNS = {
    "fan": "fan", "member": "member", "favourite": "favourite", "served": "served", "orders": "orders",
    "order_day": "days_since_order", "visit_day": "days_since_visit", "delivered": "delivered", "read": "read",
    "messages_today": "messages_of_store_today",
}  # fmt: skip


class PlainFingerprint(Policy):
    """Refuses by a sum of all facts, so that none can be wrong unseen."""

    needs_now = True
    divisor: int = 3

    def gate_message(self, crowd: Crowd, task: TaskFacts) -> Verdict:
        total = np.full(len(crowd), task.weekday + task.day + task.second // 60 + MESSAGE_CHANNELS.index(task.channel))
        for weight, name in enumerate(COLUMNS, 1):
            column = getattr(crowd.relation, name).astype(np.int64)
            total += weight * (task.day - column if name.endswith("_day") else column)
        total += 11 * (task.day - crowd.consumer.session_day) + 12 * crowd.relation.messages_since(task.day - 4)
        total += 13 * crowd.consumer.messages_today + 14 * crowd.consumer.stores_today
        return refuse(total % self.divisor == 0, "fingerprint")

    reasons = ("fingerprint",)


@message_gate
def fingerprint(facts: MessageFacts, numbers: np.ndarray) -> bool:
    """The same sum."""
    total = facts.weekday + facts.day + facts.second // 60 + facts.channel
    total += facts.fan + 2 * facts.member + 3 * facts.favourite + 4 * facts.served + 5 * facts.orders
    total += 6 * facts.days_since_order + 7 * facts.days_since_visit + 8 * facts.delivered + 9 * facts.read
    total += 10 * facts.messages_of_store_today + 11 * facts.days_since_session + 12 * facts.messages_in_days
    total += 13 * facts.messages_today + 14 * facts.stores_today
    return total % int(numbers[0]) == 0


class CompiledFingerprint(Policy):
    """The same, compiled."""

    reasons = ("fingerprint",)
    compiled_gate = fingerprint
    divisor: int = 3

    def numbers(self) -> Sequence[float]:
        return [self.divisor]

    def gate_days(self) -> int:
        return 5


class Asked(NamedTuple):
    """One call of a gate."""

    task: TaskFacts
    ids: list[int]
    fan: list[bool]
    delivered: list[int]
    messages_today: list[int]
    draw: list[float]
    lot: list[float]


CALLS: list[Asked] = []


class Watching(Policy):
    """Writes down what it is given, and refuses nobody."""

    def gate_message(self, crowd: Crowd, task: TaskFacts) -> Verdict:
        relation = crowd.relation
        CALLS.append(
            Asked(
                task,
                crowd.ids.tolist(),
                relation.fan.tolist(),
                relation.delivered.tolist(),
                relation.messages_today.tolist(),
                crowd.draw("one").tolist(),
                crowd.draw("one", per_task=False).tolist(),
            )
        )
        return allow()


class WatchingNow(Watching):
    """The same at the send."""

    needs_now = True


class FirstOf(Policy):
    """Refuses the consumers of some numbers, for the first or the second of two reasons."""

    reasons = ("one", "two")
    ones: list[int] = Field(default_factory=list)
    twos: list[int] = Field(default_factory=list)

    def gate_message(self, crowd: Crowd, task: TaskFacts) -> Verdict:
        return refuse(np.isin(crowd.ids, self.ones), "one") | refuse(np.isin(crowd.ids, self.twos), "two")


class FirstOfNow(FirstOf):
    """The same at the send, for other reasons."""

    reasons = ("three", "two")
    needs_now = True

    def gate_message(self, crowd: Crowd, task: TaskFacts) -> Verdict:
        return refuse(np.isin(crowd.ids, self.ones), "three") | refuse(np.isin(crowd.ids, self.twos), "two")
