"""The built-in plan of messages: its days and times, and when it leaves a scene [MSG-17] by what it can see [MSG-15]."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sim
from sim.agents.message_plan import MessagePlan
from sim.results.run import run
from sim.state.policy import Message, SeenTask, View

DAY, HOUR = 86_400, 3_600
EXAMPLES = settings(max_examples=100, deadline=None, derandomize=True)
SCENES = ["cs.custom", "cs.promotion", "cs.member_day"]


def seen(read: int, sent: int = 100, channel: str = "cs.custom", day: int = 0) -> SeenTask:
    return SeenTask("plan", day * DAY, channel, sent, read)


def view(*tasks: SeenTask, day: int = 6, position: int = 0) -> View:
    return View(day, position, tasks, {}, {})


def planned(plan: MessagePlan, of: View) -> list[Message]:
    return list(plan.plan(of))


class TestSchedule:
    def test_days_of_the_cycle(self) -> None:
        """Asked at 00:00 of the day before."""
        plan = MessagePlan(cycle=7, days=[0, 3], at="18:30", scenes=["cs.promotion"], crowd="fans")
        messages = [message for day in range(-1, 20) for message in planned(plan, view(day=day))]
        assert [message.time for message in messages] == [d * DAY + 18 * HOUR + 1_800 for d in (0, 3, 7, 10, 14, 17)]
        assert {(message.channel, message.crowd) for message in messages} == {("cs.promotion", "fans")}

    @EXAMPLES
    @given(st.integers(0, 99), st.integers(-1, 400))
    def test_w1_has_its_own_weekdays_and_minute_for_each_store(self, m: int, today: int) -> None:
        """Store m: on days d with d mod 7 in {m mod 7, (m + 3) mod 7}, at 09:00 and m minutes."""
        plan = MessagePlan(cycle=7, days=[0, 3], at="09:00", crowd="fans", staggered=True)
        day = today + 1
        expected = [day * DAY + 9 * HOUR + 60 * m] if day % 7 in {m % 7, (m + 3) % 7} else []
        assert [message.time for message in planned(plan, view(day=today, position=m))] == expected

    @EXAMPLES
    @given(
        st.builds(
            MessagePlan,
            cycle=st.integers(1, 12),
            days=st.lists(st.integers(0, 14), max_size=4),
            staggered=st.booleans(),
            plan_per=st.sampled_from(["task", "cycle"]),
        ),
        st.integers(0, 30),
        st.integers(-400, 400),
    )
    def test_is_asked_on_the_very_days_on_which_it_plans(self, plan: MessagePlan, position: int, day: int) -> None:
        plans = [d for d in range(day, day + 13) if planned(plan, view(day=d, position=position))]
        asked = plan.next_asked(day, position)
        assert asked == plans[0] if plans else asked > day + 10_000

    def test_w1_in_a_run(self, tmp_path: Path) -> None:
        """The same, from the log of 9 stores: every store reaches its customer on its days and at its minute."""
        scenario = {
            "days": 15,
            "consumers": 1,
            "behaviour": {"sessions": {"per_day": 0}, "stores": {"known": 9}, "needs": None, "opt_out": None},
            "merchants": {
                "store": {
                    "count": 9,
                    "strategy": {"use": "plan", "cycle": 7, "days": [0, 3], "at": "09:00", "crowd": "all", "staggered": True},
                }
            },
        }
        (tmp_path / "w1.yaml").write_text(json.dumps(scenario), encoding="utf-8")
        events = run(sim.load(tmp_path / "w1.yaml"), events="all", threads=1).events
        sent = events[events["kind"] == "message_sent"]
        expected = {(m, d * DAY + 9 * HOUR + 60 * m) for m in range(9) for d in range(15) if d % 7 in {m % 7, (m + 3) % 7}}
        assert set(zip(sent["merchant"], sent["time"])) == expected

    def test_days_are_sorted_and_named_once(self) -> None:
        assert MessagePlan(days=[3, 0, 3]).days == [0, 3]

    def test_a_day_before_the_cycle_is_refused(self) -> None:
        with pytest.raises(ValueError, match="count from 0"):
            MessagePlan(days=[-1])


class TestLeavingAScene:
    PLAN = MessagePlan(cycle=1, scenes=SCENES, stop_below=0.05, judge_by=2)

    def scene(self, *tasks: SeenTask) -> str | None:
        messages = planned(self.PLAN, view(*tasks))
        return messages[0].channel if messages else None

    def test_msg_17_a_scene_is_left_when_its_read_rate_is_low(self) -> None:
        assert self.scene(seen(9), seen(9)) == "cs.custom"
        assert self.scene(seen(4), seen(4)) == "cs.promotion"

    def test_msg_17_the_line_itself_is_not_below(self) -> None:
        assert self.scene(seen(5), seen(5)) == "cs.custom"
        assert self.scene(seen(5), seen(4)) == "cs.promotion"

    def test_msg_17_tasks_are_judged_together_by_their_sends(self) -> None:
        assert self.scene(seen(0, sent=10), seen(50, sent=900)) == "cs.custom"
        assert self.scene(seen(9, sent=10), seen(0, sent=900)) == "cs.promotion"

    def test_msg_17_the_last_tasks_count(self) -> None:
        assert self.scene(seen(8), seen(3), seen(9)) == "cs.custom"
        assert self.scene(seen(90), seen(90), seen(2), seen(2)) == "cs.promotion"

    def test_msg_17_a_scene_is_not_judged_before_it_was_tried(self) -> None:
        assert self.scene() == "cs.custom"
        assert self.scene(seen(0)) == "cs.custom"

    def test_msg_17_tasks_that_reached_nobody_say_nothing(self) -> None:
        assert self.scene(seen(0, sent=0), seen(0, sent=0)) == "cs.custom"

    def test_msg_17_each_scene_is_judged_by_its_own_tasks(self) -> None:
        low = [seen(1, channel=SCENES[0])] * 2
        assert self.scene(*low, *[seen(9, channel=SCENES[1])] * 2) == SCENES[1]
        assert self.scene(*low, *[seen(1, channel=SCENES[1])] * 2) == SCENES[2]

    def test_msg_17_after_the_last_scene_nothing_more_is_sent(self) -> None:
        assert self.scene(*(seen(1, channel=scene) for scene in SCENES for _ in range(2))) is None

    def test_msg_17_a_line_of_zero_never_stops(self) -> None:
        plan = MessagePlan(cycle=1, scenes=SCENES, stop_below=0, judge_by=1)
        assert planned(plan, view(seen(0), seen(0)))[0].channel == SCENES[0]

    @EXAMPLES
    @given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)), max_size=8), st.integers(1, 4))
    def test_msg_17_a_scene_that_was_left_is_not_taken_up_again(self, counts: list[tuple[int, int]], judge_by: int) -> None:
        """Effects of messages that were on their way when it was left come later, and may be better."""
        plan = MessagePlan(cycle=1, scenes=SCENES[:1], stop_below=0.3, judge_by=judge_by)
        tasks = [seen(min(read, sent), sent, day=day) for day, (sent, read) in enumerate(counts)]
        stopped = [not planned(plan, view(*tasks[:known])) for known in range(len(tasks) + 1)]
        assert stopped == sorted(stopped)


def tasks_of(folder: Path, name: str, **changes: Any) -> pd.DataFrame:
    """The tasks that a daily sender creates, from the log: created, channel."""
    scenario = {
        "days": 12,
        "consumers": 400,
        "seed": 4,
        "behaviour": {
            "sessions": {"per_day": 0},
            "stores": {"known": 1},
            "needs": None,
            "opt_out": None,
            "reading": {"probability": 0.5, "delay_hours": 1.0},
        },
        "merchants": {
            "store": {
                "strategy": {"use": "plan", "cycle": 1, "crowd": "all", "at": "10:00", "scenes": SCENES[:2]}
                | {"stop_below": 0.2, "judge_by": 1}
            }
        },
    } | changes
    path = folder / f"{name}.yaml"
    path.write_text(json.dumps(scenario), encoding="utf-8")
    events = run(sim.load(path), events="all", threads=1).events
    return events[events["kind"] == "task"][["time", "channel"]].astype({"channel": str}).reset_index(drop=True)


class TestInARun:
    """Whom nobody reads from day 5 on: the message of day 5, 10:00, is judged with the data of day 6, 12:00."""

    SILENCE = 5

    def test_msg_17_the_plan_goes_on_while_it_is_read(self, tmp_path: Path) -> None:
        tasks = tasks_of(tmp_path, "read")
        assert tasks["time"].tolist() == [day * DAY for day in range(-1, 12)]
        assert set(tasks["channel"]) == {SCENES[0]}

    def test_msg_17_what_msg_15_hides_changes_no_decision(self, tmp_path: Path) -> None:
        """At 00:00 of day 6 the silence of day 5 is not known yet; at 00:00 of day 7 it is."""
        base = tasks_of(tmp_path, "read")
        silent = tasks_of(tmp_path, "silent", policies={"silence": {"use": "adjust", "reading": 0, "from": self.SILENCE}})
        known = (self.SILENCE + 2) * DAY
        pd.testing.assert_frame_equal(base[base["time"] < known], silent[silent["time"] < known])
        assert silent[silent["time"] == known]["channel"].tolist() == [SCENES[1]]

    def test_msg_17_after_the_last_scene_the_plan_ends(self, tmp_path: Path) -> None:
        """The second scene begins on day 8; its first data are known at 00:00 of day 10."""
        silent = tasks_of(tmp_path, "silent", policies={"silence": {"use": "adjust", "reading": 0, "from": self.SILENCE}})
        assert silent["time"].max() == 9 * DAY
        assert silent["channel"].tolist() == [SCENES[0]] * 8 + [SCENES[1]] * 3

    @pytest.mark.parametrize(("hours", "goes_on"), [(1.0, True), (24.0, False)])
    def test_msg_15_reads_that_come_after_the_data_were_made_do_not_count(
        self, tmp_path: Path, hours: float, goes_on: bool
    ) -> None:
        """Sent at 10:00, read after 1 or 24 hours on average, seen are those of the first 26 hours: .5 or about .33."""
        plan = {"use": "plan", "cycle": 1, "crowd": "all", "at": "10:00", "stop_below": 0.42, "judge_by": 1}
        behaviour = {
            "sessions": {"per_day": 0},
            "stores": {"known": 1},
            "needs": None,
            "opt_out": None,
            "reading": {"probability": 0.5, "delay_hours": hours},
        }
        tasks = tasks_of(tmp_path, "late", consumers=4_000, behaviour=behaviour, merchants={"store": {"strategy": plan}})
        assert (tasks["time"].max() == 11 * DAY) == goes_on
