"""As many plans as a year of a market has."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import sim
from sim.results.run import run

PLUGIN = Path(__file__).with_name("many_plans_plugin.py")


@pytest.mark.slow
def test_the_names_of_40_000_plans_stand_in_the_log(tmp_path: Path) -> None:
    """100 stores that give each of 100 messages on each of 4 days a plan of its own."""
    scenario = {
        "days": 3,
        "consumers": 1,
        "behaviour": {"stores": {"known": 1, "choice": "any_known"}, "needs": None},
        "merchants": {"store": {"count": 100, "strategy": {"use": f"{PLUGIN}:ManyPlans"}}},
    }
    (tmp_path / "market.yaml").write_text(json.dumps(scenario), encoding="utf-8")
    events = run(sim.load(tmp_path / "market.yaml"), events="all", threads=1).events
    tasks = events[events["kind"] == "task"]
    assert set(tasks["reason"]) == {f"{store}/{day}/{k}" for store in range(100) for day in range(4) for k in range(100)}
