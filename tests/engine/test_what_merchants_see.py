"""A strategy is given what a merchant can know at that time, and nothing else: held against the event log."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import sim
from sim.engine.simulation import Simulation
from sim.results import tables
from sim.results.events import table
from sim.state.names import FIGURES

RECORDING = f"{Path(__file__).with_name('recording_plugin.py')}:Recording"
DAY, HOUR = 86_400, 3_600
DAYS = 14
WORLD: dict[str, Any] = {
    "days": DAYS,
    "consumers": 40,
    "behaviour": {
        "sessions": {"per_day": 1.5},
        "stores": {"known": 1, "choice": "any_known"},
        "needs": None,
        "visits": {"follow": 0.1, "join": 0.2},
        "orders": {"own": {"base": 0.1}},
        "reading": {"probability": 0.6, "delay_hours": 20},
        "opt_out": None,
    },
    "merchants": {"shop": {"strategy": {"use": RECORDING}}},
}


@pytest.fixture(scope="module", params=[0, 5], ids=["cold", "a past of its own"])
def told(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, ...]:
    """All views of a run, its event log, its daily table, and its first day."""
    world = WORLD | ({"past": {"days": request.param, "short": True}} if request.param else {})
    path = tmp_path_factory.mktemp("seen") / "world.yaml"
    path.write_text(json.dumps(world), encoding="utf-8")
    scenario = sim.load(path)
    rows: list[np.ndarray] = []
    seen = sys.modules[type(scenario.merchants[0].strategy).__module__].SEEN
    seen.clear()
    simulation = Simulation(scenario, 3, 1, 2, "all", rows.append)
    simulation.run()
    views = list(seen)
    seen.clear()
    events = table(np.concatenate(rows), simulation.tasks.plans).to_pandas().astype({"kind": str})
    return views, events, tables.daily(simulation), -request.param


def count(events: pd.DataFrame, kind: str, first: int, last: int) -> list[int]:
    """Events of a kind on each of the days first .. last."""
    days = events["time"][events["kind"] == kind] // DAY
    return [int((days == day).sum()) for day in range(first, last + 1)]


def test_figures_are_those_of_yesterday_and_what_counts_fans_of_the_day_before(told: tuple[Any, ...]) -> None:
    """T+1, and T+2 [FAN-3]."""
    views, events, _, first = told
    assert [view.day for view in views] == list(range(first - 1, DAYS))
    for view in views:
        for figure, kind in (("visits", "visit"), ("orders", "order"), ("joins", "join")):
            assert view.figures[figure] == count(events, kind, first, view.day - 1), figure
        assert view.figures["follows"] == count(events, "follow", first, view.day - 2)
    assert sum(views[-1].figures["follows"]) > 10


def test_fan_3_fans_are_counted_two_days_late_members_and_old_customers_one(told: tuple[Any, ...]) -> None:
    """Followed on day d: in the count that is seen on day d + 2."""
    views, events, daily, first = told
    for view in views:
        for stock, kind, last in (("fans", "follow", view.day - 2), ("members", "join", view.day - 1)):
            assert view.stocks[stock] == list(np.cumsum(count(events, kind, first, last))), stock
        known = view.stocks["old_customers"]
        assert len(known) == max(view.day - first, 0)
        assert known[max(-first, 0) :] == daily["old_customers"].tolist()[: max(view.day, 0)]
    assert views[-1].stocks["members"][-1] > 3


def test_msg_15_what_becomes_of_messages_is_seen_by_task_when_its_effects_are_made(told: tuple[Any, ...]) -> None:
    """Sent at 10:00: seen from 12:00 of the next day on; no figure gives it away before."""
    views, events, _, first = told
    reads = events[events["kind"] == "message_read"]
    for view in views:
        assert set(view.figures) == set(FIGURES) - {"messages_sent", "messages_read", "messages_refused", "left"}
        assert [task.time for task in view.tasks] == [day * DAY + 10 * HOUR for day in range(first, view.day - 1)]
        for task in view.tasks:
            ref = events["ref"][(events["kind"] == "message_sent") & (events["time"] == task.time)].iloc[0]
            in_time = (reads["ref"] == ref) & (reads["time"] < (task.time // DAY + 1) * DAY + 12 * HOUR)
            assert task.read == in_time.sum() <= task.sent == 40
    late = reads["time"] % DAY < 10 * HOUR
    assert late.any(), "some are read after a night: a figure of yesterday would have told too much"


def test_a_view_is_all_that_a_strategy_is_given(told: tuple[Any, ...]) -> None:
    assert set(told[0][0]._fields) == {"day", "position", "tasks", "figures", "stocks", "grades", "benefits"}
