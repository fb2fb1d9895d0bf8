"""The first day is a day like any other."""

from __future__ import annotations

import json
from pathlib import Path

import sim
from sim.results.run import run

DAY = 86_400


def test_a_message_planned_for_the_first_day_is_sent(tmp_path: Path) -> None:
    """A store that sends on every day reaches its customer on every day, the first included."""
    scenario = {
        "days": 4,
        "consumers": 3,
        "behaviour": {"sessions": {"per_day": 0}, "stores": {"known": 1}, "needs": None, "opt_out": None},
        "merchants": {"store": {"strategy": {"use": "plan", "cycle": 1, "crowd": "all", "at": "10:00"}}},
    }
    (tmp_path / "store.yaml").write_text(json.dumps(scenario), encoding="utf-8")
    events = run(sim.load(tmp_path / "store.yaml"), events="all", threads=1).events
    sent = events[events["kind"] == "message_sent"]
    assert sent["time"].unique().tolist() == [day * DAY + 36_000 for day in range(4)]
    assert len(sent) == 4 * 3
