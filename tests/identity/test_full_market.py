"""The identity suite on the whole of market.yaml: 20,000 consumers, its past and its 180 days, by tables and by state."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from worlds import DAY, ROOT, assert_same, contents, load, with_policies, with_ticks

from sim.engine.segments import COUNTED
from sim.engine.simulation import Simulation
from sim.engine.snapshot import restore, save

pytestmark = pytest.mark.slow

MARKET: dict[str, Any] = {"extends": str(ROOT / "scenarios" / "market.yaml")}
OWN = ("key", "session_day", "fatigue", *COUNTED)  # columns of consumers that say what they have done


def outcome(simulation: Simulation) -> dict[str, pd.DataFrame]:
    """All tables, the relations and the consumers of a run at its end."""
    consumers = np.concatenate([np.asarray(shard.consumers[list(OWN)]) for shard in simulation.population.shards])
    return contents(simulation, []) | {"consumers": pd.DataFrame(consumers)}


def run(world: dict[str, Any], threads: int = 2, shards: int | None = None) -> dict[str, pd.DataFrame]:
    simulation = Simulation(load(world), None, threads, shards)
    simulation.run()
    return outcome(simulation)


@cache
def whole() -> dict[str, pd.DataFrame]:
    return run(MARKET)


def test_threads_and_shards_of_the_whole_market() -> None:
    assert_same(whole(), run(MARKET, threads=1, shards=5))


def test_extra_clock_events_in_the_whole_market() -> None:
    at = np.random.default_rng(4).integers(0, 180 * DAY, 400).tolist()
    assert_same(whole(), run(with_ticks(MARKET, at)))


def test_zero_effect_and_order_of_policies_in_the_whole_market() -> None:
    changed = with_policies(MARKET, aaa={"use": "adjust"}, zzz={"use": "caps", "store_limit": 7, "total_per_day": 30_000})
    changed["policies"] = dict(reversed(changed["policies"].items()))
    assert_same(whole(), run(changed))


def test_a_split_of_the_whole_market(tmp_path: Path) -> None:
    """Stopped on a day in the middle, stored, restored, gone on with."""
    at = 77 * DAY + 45_678
    world = with_ticks(MARKET, [at])
    first = Simulation(load(world), None, 2)
    first.run(on_instant=lambda now: now >= at)
    save(first.snapshot(), tmp_path / "snapshot.npz", {})
    snapshot, _ = restore(tmp_path / "snapshot.npz")
    second = Simulation(load(world), None, 1, resumed=snapshot)
    second.run()
    assert_same(whole(), outcome(second))


def test_a_policy_from_day_60_on_in_the_whole_market() -> None:
    """It leaves the days before untouched, and every consumer's own sessions and needs to the end."""
    loose = run(with_policies(MARKET, loose={"use": "adjust", "reading": 2.0, "from": 60}))
    for name in ("daily", "daily_by_channel"):
        before, other = (frame[frame["day"] < 60].reset_index(drop=True) for frame in (whole()[name], loose[name]))
        pd.testing.assert_frame_equal(before, other, check_exact=True)
    assert not whole()["daily"].equals(loose["daily"])
    own = ["key", "needs", "session_day"]
    pd.testing.assert_frame_equal(whole()["consumers"][own], loose["consumers"][own], check_exact=True)
