"""The memory of a run, predicted before it: against the arrays that it has in the end."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import sim
from sim.engine.simulation import Simulation
from sim.engine.size import predicted
from sim.scenario.load import Scenario
from sim.state.tables import CONSUMER

ROOT = Path(__file__).parents[2]
TOLERANCE = 0.25  # of all arrays together
ARRAYS = {
    "consumers": ("consumers",),
    "needs": ("needs",),
    "relations": ("relations", "contacts", "recent", "loyalty"),
    "pending events": ("pending",),
    "tallies": ("figures", "sources", "stocks", "old_expiry"),
}
EXACT = ("consumers", "needs", "tallies")


def scenario(name: str, **changes: Any) -> Scenario:
    return sim.load(ROOT / name, **changes)


def measured(simulation: Simulation) -> dict[str, int]:
    shards = simulation.population.shards
    sizes = {group: sum(getattr(shard, name).nbytes for shard in shards for name in names) for group, names in ARRAYS.items()}
    return {group: size for group, size in sizes.items() if size}


@pytest.mark.parametrize(
    "of",
    [
        pytest.param(scenario("benchmarks/w1.yaml", consumers=6_000, days=30), id="w1"),
        pytest.param(scenario("scenarios/market.yaml", consumers=3_000, days=30, past="cold"), id="a market, cold"),
        pytest.param(scenario("scenarios/market.yaml", consumers=2_000, days=150, past="cold"), id="a market, for long"),
        pytest.param(scenario("benchmarks/w2.yaml", consumers=3_000, days=30), id="every rule"),
        pytest.param(scenario("benchmarks/w2.yaml", consumers=1_000, days=150), id="every rule, for long"),
        pytest.param(scenario("scenarios/store_every_2_days.yaml", consumers=4_000, days=60), id="a store"),
    ],
)
def test_is_what_the_arrays_take_in_the_end(of: Scenario) -> None:
    simulation = Simulation(of, 1, 1, 2)
    simulation.run()
    found, expected = measured(simulation), predicted(of, 2)
    for group in EXACT:
        assert expected.get(group, 0) == found.get(group, 0), group
    assert sum(found.values()) == pytest.approx(sum(expected[group] for group in found), rel=TOLERANCE)


def test_more_shards_and_a_log_take_more() -> None:
    small = scenario("benchmarks/w1.yaml", consumers=50_000)
    few, many = predicted(small, 1), predicted(small, 50)
    assert many["tallies"] == 50 * few["tallies"]
    assert predicted(small, 1, "all")["event log"] > 10 * few["event log"]
    assert few["consumers"] == 50_000 * CONSUMER.dtype.itemsize


def test_the_largest_comes_first() -> None:
    sizes = list(predicted(scenario("benchmarks/w1.yaml", consumers=10**7), 80).values())
    assert sizes == sorted(sizes, reverse=True)
