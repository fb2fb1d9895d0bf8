"""A store that does all that the handbook says, but puts off what has a deadline [GRD-7]."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from sim.scenario.plugins import strategy_class
from sim.state.policy import View

HOUR = 3_600  # seconds
Handbook = strategy_class("handbook.py:Handbook", Path(__file__).parent)


class Procrastinator(Handbook):
    """Acts as the handbook says, but in the grace keeps its threshold until `hours_left` of it are left: by default, too late.

    When the right to 0-yuan joins is withdrawn there are 24 hours to set a threshold. Whoever has not done so when they are
    over takes in nobody until the next refresh, and to set it then does not reopen anything sooner. A store is asked at 00:00:
    of a grace of 24 hours that is its first second and its end, which is over. So 24 hours are just in time, and 0 too late.
    """

    hours_left: int = Field(0, ge=0, description="of a grace, when it sets its threshold at last, h; 0: when it is over")

    def setting(self, view: View) -> str:
        grades = view.grades
        if grades.register_join == "grace" and grades.deadline - 24 * HOUR * view.day > self.hours_left * HOUR:
            return grades.setting
        return super().setting(view)
