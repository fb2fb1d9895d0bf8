"""The first day is a day like any other."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import sim
from sim.engine.kernel import advance
from sim.engine.simulation import Simulation
from sim.results.run import run

DAY = 86_400
W1 = Path(__file__).parents[2] / "benchmarks" / "w1.yaml"


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


def test_to_have_the_kernel_compiled_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that compiling is no part of the time of the first day."""
    simulation = Simulation(sim.load(W1, consumers=50, days=3), 1, 1)
    before = {name: np.copy(array) for name, array in simulation.population.shards[0]._asdict().items() if name != "asks"}
    called = []

    def fresh(*given: Any) -> int:
        called.append(given)
        return advance(*given)

    fresh.signatures = []
    monkeypatch.setattr("sim.engine.population.advance", fresh)
    simulation.population.compile(simulation._today)
    assert called
    for name, array in before.items():
        assert np.array_equal(array, getattr(simulation.population.shards[0], name)), name
