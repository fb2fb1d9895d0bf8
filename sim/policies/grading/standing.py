"""Where one merchant stands: everything that the state machine of GRD-7 knows of it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sim.policies.grading.names import Grade, RegisterJoin, Right, Setting
from sim.policies.grading.rules import Grading, begun


@dataclass(frozen=True, slots=True)
class Standing:
    """A merchant's standing as of `at`; before its first refresh it has no grade."""

    at: dt.datetime
    grade: Grade | None = None
    improving: int = 0  # results in a row
    setting: Setting = Setting.PURCHASED
    register_join: RegisterJoin = RegisterJoin.NONE
    buffered: int = 0  # refreshes since the buffer began, that one included
    deadline: dt.datetime | None = None  # of the grace
    rights: frozenset[Right] = frozenset()  # other rights that are in force
    custom_until: dt.datetime | None = None  # also when it is over: a renewal gives no right
    newcomer_until: dt.datetime | None = None
    link_misses: int = 0  # refreshes in a row short of quality, of who has member-link as an incumbent
    link_withdrawn: bool = False

    @classmethod
    def begin(cls, at: dt.datetime, rules: Grading, setting: Setting = Setting.PURCHASED) -> Standing:
        """A merchant that nothing is known of yet. Everybody had the right before it was kept for quality [GRD-9]."""
        open_to_all = not begun(rules.phases.register_join_from, at)
        return cls(at, setting=setting, rights=frozenset({Right.OPEN} if open_to_all else ()))

    def has_right(self, rules: Grading) -> bool:
        """Whether 0-yuan joins are its right [GRD-6, GRD-7]."""
        if self.register_join is RegisterJoin.GRACE and rules.grace_zero_yuan == "open":
            return True
        return self.register_join in (RegisterJoin.HELD, RegisterJoin.BUFFER) or bool(self.rights)

    def is_exempt(self, rules: Grading) -> bool:
        """Whether an improving result closes nothing and makes nothing of it: newcomers (A) [GRD-6]."""
        return rules.newcomer_exempt and Right.NEWCOMER in self.rights

    def is_closed_by_grade(self, rules: Grading) -> bool:
        """Whether its grade does not recruit [GRD-5]."""
        if self.grade is None or "recruiting" in rules.privileges_of(self.grade, self.at):
            return False
        return self.grade is Grade.NONCOMPLIANT or not self.is_exempt(rules)

    def is_recruiting(self, rules: Grading) -> bool:
        """Whether it takes in members at all [GRD-7]."""
        return self.register_join is not RegisterJoin.LOCKED and not self.is_closed_by_grade(rules)
