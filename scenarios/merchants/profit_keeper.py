"""A store that looks at its books and not at its grade: a benefit has to pay for itself."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import fmean

from pydantic import Field

from sim.agents.message_plan import MessagePlan
from sim.state.policy import Act, JoinSetting, Switch, View


class ProfitKeeper(MessagePlan):
    """Keeps benefits off, unless members have lately brought more on days with them than on days without, all costs counted.

    What members brought on a day is what they paid, less the goods that they got for it and less gifts; it takes all
    discounts for theirs. If the days that it looks back on have too few with benefits or too few without, it tries that
    first. Nothing tells it what else was different on those days: a festival during the trial makes it keep what does not
    pay. Of new members it takes only those who buy.

    Messages are sent as by a `plan`, whose parameters it has.
    """

    benefits: list[str] = Field(description="its member benefits", min_length=1)
    trial: int = Field(7, ge=1, description="fewest days with, and without, by which it judges")
    memory: int = Field(60, ge=2, description="days that it looks back on")

    def plan(self, view: View) -> Iterator[Act]:
        yield from super().plan(view)
        if view.grades is not None and view.grades.grade == "noncompliant":  # its back end is closed
            return
        keep = self.pays(view)
        yield from (Switch(name, keep) for name in self.benefits if view.benefits[name] != keep)
        if view.grades is not None and view.grades.setting != "purchased":
            yield JoinSetting("purchased")

    def pays(self, view: View) -> bool:
        """Whether benefits are to be online tomorrow."""
        names = ("gmv_member", "gmv", "discount", "goods_cost", "gift_cost", "benefit_days")
        days = zip(*(view.figures[name][-self.memory :] for name in names), strict=True)
        brought: dict[bool, list[float]] = {True: [], False: []}
        for of_members, of_all, discount, goods, gifts, online in days:
            their_goods = goods * (of_members + discount) / max(1, of_all + discount)  # goods are bought at list prices
            brought[online > 0].append(of_members - their_goods - gifts)
        if len(brought[False]) < self.trial:
            return False
        return len(brought[True]) < self.trial or fmean(brought[True]) > fmean(brought[False])
