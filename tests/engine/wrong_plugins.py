"""Plug-ins that go wrong, one way each."""

from __future__ import annotations

from typing import Any

import numpy as np

from sim.state.policy import Message, Policy, Strategy, allow, message_gate, refuse

DAY = 86_400


class Raises(Policy):
    def gate_message(self, crowd: Any, task: Any) -> Any:
        return refuse(crowd.relation.orders / len(task.nothing) > 1)  # here


class AnswersNone(Policy):
    def gate_message(self, crowd: Any, task: Any) -> Any:  # here
        crowd.relation.messages_since(3)


class WrongShape(Policy):
    def gate_message(self, crowd: Any, task: Any) -> Any:  # here
        return refuse(np.zeros(len(crowd) + 1, bool))


class WrongType(Policy):
    def gate_message(self, crowd: Any, task: Any) -> Any:  # here
        return refuse(crowd.relation.orders)


class WrongReason(Policy):
    reasons = ("quiet",)

    def gate_message(self, crowd: Any, task: Any) -> Any:  # here
        return refuse(crowd.relation.fan, "quit")


class NoReason(Policy):
    reasons = ("quiet", "loud")

    def gate_message(self, crowd: Any, task: Any) -> Any:  # here
        return refuse(crowd.relation.fan) | allow()


class Writes(Policy):
    def gate_message(self, crowd: Any, task: Any) -> Any:
        crowd.relation.orders[:] = 7  # here
        return allow()


class WrongCaps(Policy):
    def caps(self) -> Any:  # here
        return {"store_limit": 1}


class WrongFactors(Policy):
    def factors(self) -> Any:  # here
        return {"reeding": 2.0}


class WrongRelation(Policy):
    def discounts(self, merchant: str, industry: str) -> Any:  # here
        return {"friend": 0.1}


class WrongShare(Policy):
    def discounts(self, merchant: str, industry: str) -> Any:  # here
        return {"member": 1}


class WrongTimes(Policy):
    def times(self, days: int) -> Any:  # here
        return [0.5]


class ActRaises(Policy):
    def times(self, days: int) -> Any:
        return [DAY]

    def act(self, time: int) -> None:
        raise KeyError("nothing")  # here


class WrongTaskReason(Policy):
    def gate_task(self, message: Any) -> Any:  # here
        return "because"


@message_gate  # here
def no_such_fact(facts: Any, numbers: Any) -> Any:
    return facts.nothing > 0


class NoSuchFact(Policy):
    compiled_gate = no_such_fact


@message_gate  # here
def allocates(facts: Any, numbers: Any) -> Any:
    return [facts.day][0] > 3 or len(str(facts.day)) > 3


class Allocates(Policy):
    compiled_gate = allocates


@message_gate  # here
def answers_a_number(facts: Any, numbers: Any) -> Any:
    return facts.day


class AnswersANumber(Policy):
    compiled_gate = answers_a_number


@message_gate  # here
def asserts(facts: Any, numbers: Any) -> Any:
    assert facts.day > 3
    return True


class Asserts(Policy):
    compiled_gate = asserts


class PlanRaises(Strategy):
    def plan(self, view: Any) -> Any:
        yield Message("a", (view.day + 1) * DAY, "cs.custom", "all")
        raise RuntimeError("too much")  # here


class PlansNothing(Strategy):
    def plan(self, view: Any) -> Any:  # here
        return None


class WrongChannel(Strategy):
    def plan(self, view: Any) -> Any:  # here
        return [Message("a", (view.day + 1) * DAY, "cs.costum", "all")]


class WrongCrowd(Strategy):
    def plan(self, view: Any) -> Any:  # here
        return [Message("a", (view.day + 1) * DAY, "cs.custom", "friends")]


class TooLate(Strategy):
    def plan(self, view: Any) -> Any:  # here
        return [Message("a", view.day * DAY + 3_600, "cs.custom", "all")]


class HalfASecond(Strategy):
    def plan(self, view: Any) -> Any:  # here
        return [Message("a", (view.day + 1) * DAY + 0.5, "cs.custom", "all")]  # type: ignore[arg-type]


class AskedYesterday(Strategy):
    def next_asked(self, day: int, position: int) -> int:  # here
        return day - 1


class Peeks(Strategy):
    def plan(self, view: Any) -> Any:
        return [] if sum(view.figures["messages_read"]) < 7 else list(view.tasks)  # here
