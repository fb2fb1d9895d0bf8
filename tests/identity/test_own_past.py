"""A past of its own: what a run is does not depend on whether its past was kept or simulated, nor on how it was cut.

Worlds are random (Hypothesis); the harness is that of the identity suite.
"""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from worlds import (
    DAY,
    PLUGINS,
    Trace,
    assert_same,
    contents,
    examples,
    exogenous,
    gone_on,
    load,
    market,
    past_worlds,
    ruled,
    stopped,
    w1,
    with_past_policies,
    with_policies,
    with_ticks,
)

from sim.engine.past import past_hash
from sim.engine.recut import recut
from sim.engine.simulation import Simulation
from sim.engine.snapshot import Snapshot, restore, save
from sim.results import tables

EXAMPLES = examples(5)
BUSY = w1(60, 10) | {"past": {"days": 20, "short": True, "policies": {"caps": {"store_limit": 1, "store_days": 5}}}}
MARKET = market(60, 20) | {"past": {"days": 90, "short": True, "policies": {"min_crowd": {"more_than": 2}}}}
RULED = ruled() | {"past": {"days": 15, "short": True, "policies": ruled()["policies"]}}
TABLES = ("daily", "daily_by_channel", "messages", "relations")


def at_start(world: dict[str, Any], path: Path, shards: int = 1, seed: int | None = None) -> Snapshot:
    """The state at 00:00 of day 0, stored without free room and read again."""
    simulation = Simulation(load(world), seed, 1, shards)
    simulation.run(until=0)
    snapshot = simulation.snapshot()
    cuts = [*(shard.first for shard in snapshot.shards), len(simulation.population)]
    save(snapshot._replace(shards=recut(snapshot.shards, cuts)), path, {})
    return restore(path)[0]


def assert_same_past(one: Snapshot, other: Snapshot) -> None:
    """The same state at the start, bit for bit; the shards must have been cut alike."""
    assert one.tasks == other.tasks
    assert np.array_equal(one.books.figures, other.books.figures)
    assert one.coupling == other.coupling
    for a, b in zip(one.shards, other.shards, strict=True):
        for name in set(a._fields) - {"asks"}:  # room that a window needs, and no state
            assert np.array_equal(getattr(a, name), getattr(b, name)), name


def same_from_stored_past(world: dict[str, Any], path: Path, stored: int, shards: int) -> None:
    """A run from a past that was stored in some shards, taken up in others: all tables, and all events from 0 on."""
    trace = Trace(world)
    whole = trace.contents
    rows: list[np.ndarray] = []
    simulation = Simulation(load(world), None, 2, shards, "all", rows.append, at_start(world, path, stored))
    assert len(simulation.population.shards) == shards
    simulation.run()
    found = contents(simulation, rows)
    for name in TABLES:
        pd.testing.assert_frame_equal(whole[name], found[name], check_exact=True, obj=name)
    pd.testing.assert_frame_equal(tables.segments(trace.simulation), tables.segments(simulation))
    columns = ["time", "seq", "kind", "consumer", "merchant", "channel", "ref", "amount", "reason"]
    if not found["events"].empty:
        later = whole["events"][whole["events"]["time"] >= 0].reset_index(drop=True)
        pd.testing.assert_frame_equal(later[columns].astype(str), found["events"][columns].astype(str))


def same_when_split(world: dict[str, Any], at: int, path: Path) -> None:
    """Stop at an instant of the past (`at` seconds after its beginning), store, restore, go on."""
    ticking = with_past_policies(world, ticks={"use": f"{PLUGINS}:Ticks", "at": [at]})
    first, rows = stopped(ticking, at - world["past"]["days"] * DAY)
    assert first.in_past
    assert_same(Trace(world).contents, gone_on(ticking, first, rows, path))


def seconds_of_past(world: dict[str, Any]) -> st.SearchStrategy[int]:
    return st.integers(0, world["past"]["days"] * DAY - 1)


@EXAMPLES
@given(past_worlds(), st.integers(1, 4), st.integers(1, 4))
def test_a_run_from_a_stored_past_is_the_run_that_simulates_it(
    tmp_path_factory: pytest.TempPathFactory, world: dict[str, Any], stored: int, shards: int
) -> None:
    same_from_stored_past(world, tmp_path_factory.mktemp("past") / "past.npz", stored, shards)


@EXAMPLES
@given(past_worlds())
def test_threads_and_shards_with_a_past(world: dict[str, Any]) -> None:
    whole = Trace(world).contents
    for threads, shards in ((2, 2), (1, 7)):
        assert_same(whole, Trace(world, threads=threads, shards=shards).contents)


@EXAMPLES
@given(past_worlds(), st.data())
def test_snapshots_in_the_past(tmp_path_factory: pytest.TempPathFactory, world: dict[str, Any], data: st.DataObject) -> None:
    same_when_split(world, data.draw(seconds_of_past(world)), tmp_path_factory.mktemp("split") / "snapshot.npz")


@EXAMPLES
@given(past_worlds(), st.data())
def test_extra_clock_events_in_the_past_and_after(world: dict[str, Any], data: st.DataObject) -> None:
    past = data.draw(st.lists(seconds_of_past(world), max_size=20))
    run = data.draw(st.lists(st.integers(0, world["days"] * DAY - 1), max_size=20))
    ticking = with_past_policies(with_ticks(world, run), ticks={"use": f"{PLUGINS}:Ticks", "at": past})
    assert_same(Trace(world).contents, Trace(ticking).contents)


@EXAMPLES
@given(past_worlds())
def test_a_policy_of_zero_effect_in_the_past(world: dict[str, Any]) -> None:
    nothing = with_past_policies(world, nothing={"use": f"{PLUGINS}:Nothing"})
    assert_same(Trace(world).contents, Trace(nothing).contents)


@EXAMPLES
@given(past_worlds(), st.integers(1, 30))
def test_what_acts_from_day_0_on_does_not_touch_the_past(
    tmp_path_factory: pytest.TempPathFactory, world: dict[str, Any], days: int
) -> None:
    """Another run of the same past: the same hash, the same state at the start, the same own sessions afterwards."""
    folder = tmp_path_factory.mktemp("arms")
    arm = with_policies(world, silence={"use": "caps", "store_limit": 0}, mood={"use": "adjust", "ordering": 3})
    arm |= {"days": days, "currency": "EUR"}
    pinned = copy.deepcopy(arm)
    (store,) = pinned["merchants"].values()
    if store["past_strategy"] == "same":
        store["past_strategy"] = store["strategy"]
    store["strategy"] = {"use": "plan", "cycle": 1, "crowd": "all"}
    kept = at_start(world, folder / "base.npz")
    for k, other in enumerate((arm, pinned)):
        assert past_hash(load(other), 5) == past_hash(load(world), 5)
        assert_same_past(kept, at_start(other, folder / f"{k}.npz"))
    common = min(days, world["days"]) * DAY
    one, other = (exogenous(Trace(w)) for w in (world, pinned))
    if not one.empty and not other.empty:
        one, other = (frame[frame["time"] < common].reset_index(drop=True) for frame in (one, other))
        pd.testing.assert_frame_equal(one, other)


@pytest.mark.parametrize(
    "world", [pytest.param(BUSY, id="w1"), pytest.param(MARKET, id="market"), pytest.param(RULED, id="ruled")]
)
def test_in_a_busy_market(tmp_path: Path, world: dict[str, Any]) -> None:
    """A world in which caps bind and orders are placed, through all of it."""
    events = Trace(world).events
    before, after = (events[events["time"] < 0], events[events["time"] >= 0])
    for part in (before, after):
        assert {"message_sent", "message_blocked", "message_read", "order"} <= set(part["kind"])
    same_from_stored_past(world, tmp_path / "past.npz", 3, 2)
    same_when_split(world, int(11.42 * DAY), tmp_path / "split.npz")


def changed(**changes: Any) -> dict[str, Any]:
    """The busy world with other settings, of which those of `behaviour` and `past` are laid over what is there."""
    merged = {key: {**BUSY.get(key, {}), **value} if isinstance(value, dict) else value for key, value in changes.items()}
    return BUSY | merged


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(changed(behaviour={"visits": {"follow": 0.31}}), id="behaviour"),
        pytest.param(changed(consumers=61), id="consumers"),
        pytest.param(changed(start="2023-09-05"), id="start"),
        pytest.param(changed(past={"days": 21}), id="days of the past"),
        pytest.param(changed(past={"policies": {"caps": {"store_days": 6}}}), id="policy of the past"),
        pytest.param(changed(merchants={"store": {"goods_cost": 0.5}}), id="merchant"),
        pytest.param(changed(merchants={"store": {"strategy": {"use": "plan", "cycle": 3}}}), id="strategy of past and run"),
        pytest.param(changed(merchants={"store": {"past_strategy": None}}), id="strategy of the past"),
        pytest.param(changed(policies={"wide": {"use": "caps", "store_limit": 9}}), id="a cap that looks back further"),
    ],
)
def test_another_past_has_another_hash(other: dict[str, Any]) -> None:
    assert past_hash(load(other), 1) != past_hash(load(BUSY), 1)


def test_another_seed_or_program_has_another_hash(monkeypatch: pytest.MonkeyPatch) -> None:
    scenario = load(BUSY)
    hashes = [past_hash(scenario, 1), past_hash(scenario, 2)]
    monkeypatch.setattr("sim.engine.past.program", lambda: ["another edition"])
    assert len({*hashes, past_hash(scenario, 1)}) == 3
