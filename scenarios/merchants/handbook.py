"""A store that goes by the platform's handbook: it works on the lever that costs it least [GRD-12]."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import Field

from sim.agents.message_plan import MessagePlan
from sim.state.policy import Act, JoinSetting, Switch, View

DAY = 86_400  # seconds
BY_BENEFITS = ("gmv_share", "penetration")  # what one more benefit moves


class Handbook(MessagePlan):
    """Works on the cheapest gap to the next grade that its back end shows, and takes the threshold that it has a right to.

    What is short decides what it does until the next refresh:

    - online days: its cheapest benefit is always online;
    - benefit penetration, or the members' share of GMV: one more of its benefits is;
    - scale: its messages go to old customers, who may join when they come back to buy;
    - anything else, or nothing: they go to members, who keep their tier by coming and buying, before they fall silent and
      may not be reached any more [GRD-8].

    Messages are sent on the days of a `plan`, whose parameters it has.
    """

    benefits: list[str] = Field(description="its member benefits, the cheapest first", min_length=1)

    def plan(self, view: View) -> Iterator[Act]:
        grades = view.grades
        lever = "" if grades is None else next(iter(grades.gaps), "")
        crowd = "customers" if lever == "scale" else "members"
        yield from (message._replace(crowd=crowd) for message in super().plan(view))
        if grades is None or grades.grade == "noncompliant":  # its back end is closed
            return
        count = max(1, sum(view.benefits[name] for name in self.benefits))
        if grades.refreshed == view.day * DAY and lever in BY_BENEFITS:
            count += 1
        for k, name in enumerate(self.benefits):
            if view.benefits[name] != (k < count):
                yield Switch(name, k < count)
        if grades.setting != self.setting(view):
            yield JoinSetting(self.setting(view))

    def setting(self, view: View) -> str:
        """The setting of joins that it wants: zero while it has the right, a threshold once a grace begins [GRD-7]."""
        grades = view.grades
        has_right = "register_join" in grades.privileges and grades.register_join != "grace"
        return "zero" if has_right else "purchased"
