"""A store that wants the grade and nothing else: every line at its least cost [GRD-3, GRD-4]."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import Field

from sim.agents.message_plan import MessagePlan
from sim.state.policy import Act, JoinSetting, Switch, View

DAY = 86_400  # seconds


class GradeChaser(MessagePlan):
    """Has benefits online only while a line asks for it, and drops its threshold of joining as soon as it may.

    From each refresh on its cheapest benefit is online for as many days as the line of online days needs. All of them are on
    any day on which, by the figures of yesterday, fewer of the members who bought in this period have used one than the line
    of benefit penetration asks for; once that is reached they go off again. Daily figures count a member once a period, so
    their sums are those of the period [GRD-3].

    Messages are sent as by a `plan`, whose parameters it has.
    """

    benefits: list[str] = Field(description="its member benefits, the cheapest first", min_length=1)
    margin: float = Field(0.02, ge=0, le=1, description="by how much it wants to exceed the line of penetration, fraction")

    def plan(self, view: View) -> Iterator[Act]:
        yield from super().plan(view)
        grades = view.grades
        if grades is None or grades.grade == "noncompliant":  # its back end is closed
            return
        wanted = self.wanted(view)
        for k, name in enumerate(self.benefits):
            if view.benefits[name] != (k < wanted):
                yield Switch(name, k < wanted)
        has_right = "register_join" in grades.privileges and grades.register_join != "grace"
        setting = "zero" if has_right else "purchased"
        if grades.setting != setting:
            yield JoinSetting(setting)

    def wanted(self, view: View) -> int:
        """How many of its benefits are to be online tomorrow."""
        grades = view.grades
        since = view.day - (grades.refreshed or 0) // DAY  # days of the period that are over

        def so_far(name: str) -> int:
            return sum(view.figures[name][len(view.figures[name]) - since :])

        line = grades.quality_lines["penetration"] + self.margin
        if so_far("benefit_users") < line * so_far("member_buyers"):
            return len(self.benefits)
        is_on = any(view.benefits[name] for name in self.benefits)  # today, which nobody has counted yet
        return 1 if so_far("benefit_days") + is_on < grades.quality_lines["online_days"] else 0
