"""A run that is resumed: merchants see of their grading what they would have seen [GRD-10]."""

from __future__ import annotations

from pathlib import Path

import sim
from sim.engine.simulation import Simulation
from sim.engine.snapshot import restore, save
from sim.state.names import DAY

MARKET = Path(__file__).parents[2] / "scenarios" / "market.yaml"


def test_grd_10_a_resumed_merchant_sees_its_last_refresh(tmp_path: Path) -> None:
    scenario = sim.load(MARKET, consumers=60, days=40, past="cold", policies={"grading": {}})
    whole = Simulation(scenario, 3, 1)
    whole.run(on_instant=lambda now: now >= 35 * DAY)
    save(whole.snapshot(), tmp_path / "snapshot.npz", {})
    resumed = Simulation(scenario, 3, 1, resumed=restore(tmp_path / "snapshot.npz")[0])
    merchants = range(len(scenario.merchants))
    assert len(set(whole.grades.refreshed["time"].tolist())) >= 2
    seen = [whole.grades.seen_by(m) for m in merchants]
    assert {grade.refreshed for grade in seen if grade is not None} == {int(whole.grades.refreshed["time"].max())}
    assert [resumed.grades.seen_by(m) for m in merchants] == seen
