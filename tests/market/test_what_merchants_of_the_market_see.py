"""A merchant sees its own figures up to yesterday (T+1), and effects of its messages when they are due [MSG-15]."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from competing import DAY, MARKET, Told, merged, shipped
from yaml import safe_load

from sim.state.names import FIGURES
from sim.state.policy import View

HOUR = 3_600
RECORDING = f"{Path(__file__).with_name('recording_plan_plugin.py')}:RecordingPlan"
MERCHANTS = safe_load(MARKET.read_text(encoding="utf-8"))["merchants"]
DAYS = 90  # 11.11 is day 71
PROMOTION = 71
NOT_SEEN = {"messages_sent", "messages_read", "messages_refused", "left"}
LATER = {"follows", "unfollows"}
KINDS = {"visits": "visit", "orders": "order", "messages_sent": "message_sent", "follows": "follow", "joins": "join"}


class Seen:
    """What every merchant has written down, and what was so."""

    def __init__(self, past: Any) -> None:
        recording = {
            name: {"strategy": {**given["strategy"], "use": RECORDING, "known_as": name}} for name, given in MERCHANTS.items()
        }
        world = shipped(300, days=DAYS, past=past, merchants=recording)
        self.told = Told(merged(world, {"policies": {"caps": {"store_limit": 2}}}), seed=4)
        self.events = self.told.events
        strategy = self.told.scenario.merchants[0].strategy
        module = sys.modules[type(strategy).__module__]
        self.views: dict[str, list[View]] = dict(module.SEEN)
        module.SEEN.clear()
        self.first = self.told.scenario.first_day


@pytest.fixture(scope="module")
def seen() -> Seen:
    return Seen({"days": 20, "short": True})


def test_each_merchant_is_asked_once_a_day_and_sees_its_own_figures_up_to_yesterday(seen: Seen) -> None:
    """At 00:00 of day d there are as many figures as days before d: no row of day d, of another merchant, or left out.

    Of who follows, those of a day fewer [FAN-3]; nothing of what became of messages, or of who has dropped out.
    """
    events = seen.events.assign(day=seen.events["time"] // DAY - seen.first)
    length = DAYS - seen.first
    for m, name in enumerate(seen.told.names):
        views = seen.views[name]
        assert [view.day for view in views] == [seen.first - 1, *range(seen.first, DAYS)]
        own = events[events["merchant"] == m]
        truth = {
            figure: np.bincount(own.loc[own["kind"] == kind, "day"], minlength=length).tolist()
            for figure, kind in KINDS.items()
        }
        orders = own[own["kind"] == "order"]
        truth["gmv"] = np.bincount(orders["day"], orders["amount"], length).astype(int).tolist()
        for view in views:
            known = max(view.day - seen.first, 0)
            assert set(view.figures) == set(FIGURES) - NOT_SEEN
            for figure, days in view.figures.items():
                assert len(days) == (max(known - 1, 0) if figure in LATER else known), (view.day, figure)
                if figure in truth:
                    assert days == truth[figure][: len(days)], (name, view.day, figure)


def due(send: int) -> int:
    """When effect data can be seen: the later of send + 24 h and 12:00 of the next day, a day later for the promotion."""
    late = DAY if send // DAY == PROMOTION else 0
    return max(send + DAY, (send // DAY + 1) * DAY + 12 * HOUR) + late


def test_msg_15_effects_are_those_of_its_own_tasks_and_come_when_they_are_due(seen: Seen) -> None:
    """At each 00:00: the tasks due by then, with deliveries, and the reads made before they were due; never what came later."""
    events = seen.events
    sent, read = (events[events["kind"] == f"message_{what}"] for what in ("sent", "read"))
    refused = set(events.loc[(events["kind"] == "message_blocked") & (events["consumer"] < 0), "ref"])
    assert refused
    late_reads = 0
    for m, name in enumerate(seen.told.names):
        plan = MERCHANTS[name]["strategy"]
        hour, minute = map(int, plan["at"].split(":"))
        tasks = events[(events["kind"] == "task") & (events["merchant"] == m) & ~events["ref"].isin(refused)]
        sends = (tasks["time"] // DAY + 1) * DAY + hour * HOUR + minute * 60
        expected = []
        for ref, plan_name, send in zip(tasks["ref"], tasks["reason"], sends):
            reads = read.loc[read["ref"] == ref, "time"]
            late_reads += int((reads >= due(send)).sum())
            seen_reads = int((reads < due(send)).sum())
            expected.append((due(send), (plan_name, send, "cs.custom", int((sent["ref"] == ref).sum()), seen_reads)))
        for view in seen.views[name]:
            now = view.day * DAY
            assert [tuple(task) for task in view.tasks] == [task for when, task in expected if when <= now]
    assert late_reads > 0, "some are read too late to be seen"


def test_msg_15_effects_of_a_promotion_day_come_a_day_later(seen: Seen) -> None:
    """What was sent on 11.11 is seen first at 00:00 of 11.14; what was sent on other days, at the second midnight after."""
    delays: dict[int, set[int]] = {}
    for views in seen.views.values():
        first: dict[int, int] = {}
        for view in views:
            for task in view.tasks:
                first.setdefault(task.time, view.day)
        for time, day in first.items():
            delays.setdefault(time // DAY, set()).add(day - time // DAY)
    assert delays.pop(PROMOTION) == {3}
    assert set().union(*delays.values()) == {2}
