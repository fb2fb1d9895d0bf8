"""A store whose grading is told as a story."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sim.policies.grading.joins import join_refusal, purchased_join, zero_yuan_join
from sim.policies.grading.machine import Choose, Effect, Event, Refresh, Step, Told, Wait, step
from sim.policies.grading.names import Grade, Setting
from sim.policies.grading.privileges import privileges
from sim.policies.grading.rules import Grading
from sim.policies.grading.standing import Standing

RESULTS = {"Q": Grade.QUALITY, "P": Grade.POTENTIAL, "I": Grade.IMPROVING}


def at(text: str) -> dt.datetime:
    """A time, or 00:00 of a date."""
    return dt.datetime.fromisoformat(text)


class Store:
    """`store.refresh("2022-01-01", "P").is_("potential", "buffer", "zero")`."""

    def __init__(self, since: str = "2021-12-15", setting: str = "purchased", **rules: Any) -> None:
        self.rules = Grading(**rules)
        self.standing = Standing.begin(at(since), self.rules, Setting(setting))
        self.effects: list[Effect] = []

    def _step(self, event: Event, time: str) -> Step:
        done = step(self.standing, event, at(time), self.rules)
        self.standing = done.standing
        self.effects += done.effects
        return done

    def refresh(self, time: str, result: str) -> Store:
        self._step(Refresh(RESULTS[result]), time)
        return self.wait(time)

    def told(self, time: str, **rights: Any) -> Store:
        texts = {name: at(right) if isinstance(right, str) else right for name, right in rights.items()}
        self._step(Told(**texts), time)
        return self

    def wait(self, time: str) -> Store:
        self._step(Wait(), time)
        return self

    def sets(self, time: str, setting: str) -> Store:
        assert self._step(Choose(Setting(setting)), time).refused is None
        return self

    def cannot_set(self, time: str, setting: str, reason: str) -> Store:
        before = self.wait(time).standing
        assert self._step(Choose(Setting(setting)), time).refused == reason
        assert self.standing == before
        return self

    def is_(self, grade: str | None, register_join: str, joins: str = "") -> Store:
        """Grade and register-join state; `joins`: zero, purchased or closed."""
        assert (self.standing.grade, self.standing.register_join) == (grade, register_join)
        assert joins in ("", self.joins)
        return self

    @property
    def joins(self) -> str:
        zero, purchased = zero_yuan_join(self.standing, self.rules), purchased_join(self.standing, self.rules)
        assert not (zero and purchased)
        return "zero" if zero else "purchased" if purchased else "closed"

    def refuses(self, receipt_confirmed: bool = True, threshold_met: bool = True) -> str | None:
        return join_refusal(self.standing, self.rules, receipt_confirmed=receipt_confirmed, threshold_met=threshold_met)

    @property
    def switches(self) -> set[str]:
        return set(privileges(self.standing, self.rules))
