"""The merchant's plan of messages: a cadence, kept up while the read rate that it can see is worth it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from functools import cached_property
from typing import Literal

from pydantic import Field, field_validator

from sim.state.names import CROWDS, DAY, MESSAGE_CHANNELS
from sim.state.policy import Message, Strategy, View

NAME = "plan"  # of all its tasks: their draws are the same however they are grouped
NEVER_ASKED = 1_000_000  # days
Channel = Literal[MESSAGE_CHANNELS]  # type: ignore[valid-type]
Crowd = Literal[CROWDS]  # type: ignore[valid-type]


class MessagePlan(Strategy):
    """Send on fixed days of a cycle, one scene after the other: a scene is left when its read rate is low [MSG-17].

    The read rate is that of `judge_by` tasks of the scene in a row whose effect data can be seen [MSG-15]. After the last
    scene nothing more is sent. Each task is a plan of its own, or those of one cycle are: then they are all created on the
    eve of its first send day, in one scene, as MSG-8 asks for (of a cycle that had begun before the run, none is sent).
    """

    cycle: int = Field(7, ge=1, le=366, description="days after which the plan repeats")
    days: list[int] = Field([0], description="days of the cycle on which a message is sent, from 0", max_length=366)
    at: str = Field("10:00", description="time of the day, HH:MM", pattern=r"^([01]\d|2[0-3]):[0-5]\d$")
    scenes: list[Channel] = Field(["cs.custom"], description="message channels, used one after the other", min_length=1)
    crowd: Crowd = Field("customers", description="who it is for, cut at 00:00 of the send day")
    stop_below: float = Field(0.0, ge=0, le=1, description="read rate below which a scene is left; 0: never")
    judge_by: int = Field(4, ge=1, description="tasks whose read rate is judged together")
    staggered: bool = Field(False, description="the k-th of the merchants declared together plans k days and k minutes later")
    plan_per: Literal["task", "cycle"] = Field("task", description="what makes a plan, within which MSG-8 forbids overlap")

    @field_validator("days")
    @classmethod
    def _days_of_the_cycle(cls, days: list[int]) -> list[int]:
        if any(day < 0 for day in days):
            raise ValueError("days of the cycle count from 0")
        return sorted(set(days))

    def plan(self, view: View) -> Iterable[Message]:
        day = view.day + 1
        shift = view.position if self.staggered else 0
        day_of_cycle = (day - shift) % self.cycle
        send_days = self.send_days.get(day_of_cycle, ())
        scene = self.scene_now(view) if send_days else None
        if scene is None:
            return ()
        second = (self.second + 60 * shift) % DAY
        began, plan, crowd = (day - day_of_cycle) * DAY + second, f"plan {day}", self.crowd
        return [Message(plan, began + planned * DAY, scene, crowd, NAME) for planned in send_days]

    def next_asked(self, day: int, position: int) -> int:
        shift = position if self.staggered else 0
        return day + self.days_to_wait[(day + 1 - shift) % self.cycle]

    @cached_property
    def send_days(self) -> dict[int, list[int]]:
        """The send days that are planned together, by the first of them, as days of the cycle."""
        days = [day for day in self.days if day < self.cycle]  # the others never come
        if self.plan_per == "cycle":
            return {days[0]: days} if days else {}
        return {day: [day] for day in days}

    @cached_property
    def days_to_wait(self) -> list[int]:
        """By day of the cycle, how many days until the next on which send days begin."""
        ahead = [[(first - day) % self.cycle for first in self.send_days] for day in range(self.cycle)]
        return [min(days, default=NEVER_ASKED) for days in ahead]

    @cached_property
    def second(self) -> int:
        """The second of the day at which the first merchant's messages are sent."""
        at = dt.time.fromisoformat(self.at)
        return at.hour * 3600 + at.minute * 60

    def scene_now(self, view: View) -> str | None:
        """The first scene that the merchant has no reason to leave."""
        if self.stop_below == 0:
            return self.scenes[0]
        return next((scene for scene in self.scenes if not self.was_left(scene, view)), None)

    def was_left(self, scene: str, view: View) -> bool:
        """Whether any `judge_by` tasks of the scene in a row were read too little; what is seen later changes no mind."""
        tasks = [task for task in view.tasks if task.channel == scene]
        for first in range(len(tasks) - self.judge_by + 1):
            judged = tasks[first : first + self.judge_by]
            if sum(task.read for task in judged) < self.stop_below * sum(task.sent for task in judged):
                return True
        return False
