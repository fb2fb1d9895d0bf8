"""The identity suite: what a run is does not depend on how it is computed, and arms share their randomness.

Every change of the engine must pass it. Worlds are random (Hypothesis), W1, and the store.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml
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
    graded,
    grouped,
    load,
    market,
    rewarding,
    ruled,
    shared,
    stopped,
    store,
    w1,
    with_policies,
    with_ticks,
    worlds,
)

from sim.engine.simulation import Simulation
from sim.results import tables
from sim.state.shard import PENDING_END, RELATION_END, as_kernel_reads

EXAMPLES = examples(6)
THOROUGH = examples(100)
NONE = {"store_limit": 0, "total_per_day": 0}
FIXED = [
    pytest.param(w1(), id="w1"),
    pytest.param(store(), id="store"),
    pytest.param(market(), id="market"),
    pytest.param(ruled(), id="ruled"),
    pytest.param(shared(), id="shared"),
    pytest.param(graded(), id="graded"),
    pytest.param(rewarding(), id="rewarding"),
    pytest.param(grouped(), id="grouped"),
]


def same_on_threads_and_shards(world: dict[str, Any]) -> None:
    whole = Trace(world).contents
    for threads, shards in ((2, 2), (2, 7), (1, 7)):
        assert_same(whole, Trace(world, threads=threads, shards=shards).contents)


def same_in_any_order(world: dict[str, Any], order: list[str]) -> None:
    reordered = world | {"policies": {name: world["policies"][name] for name in order}}
    assert_same(Trace(world).contents, Trace(reordered).contents)


def same_with_extra_events(world: dict[str, Any], at: list[int]) -> None:
    assert_same(Trace(world).contents, Trace(with_ticks(world, at)).contents)


def same_when_resumed(world: dict[str, Any], at: int, folder: Path, shards: int = 2) -> None:
    """Stop at an extra clock event, store, restore, go on."""
    ticking = with_ticks(world, [at])
    assert_same(Trace(world).contents, gone_on(ticking, *stopped(ticking, at, shards), folder / "snapshot.npz"))


def same_under_nothing(world: dict[str, Any]) -> None:
    nothing = with_policies(world, nothing={"use": f"{PLUGINS}:Nothing"})
    assert_same(Trace(world).contents, Trace(nothing).contents)


def same_before(world: dict[str, Any], day: int, own: bool = False) -> tuple[Trace, Trace]:
    """A policy, maybe a user's own, that silences all stores from `day` on; answers both traces."""
    change = with_policies(world, silence={"use": f"{PLUGINS}:Silence" if own else "caps", "from": day} | ({} if own else NONE))
    base, arm = Trace(world), Trace(change)
    for name in ("events", "daily"):
        one, other = base.contents[name], arm.contents[name]
        if one.empty and other.empty:
            continue
        column, end = ("time", day * DAY) if name == "events" else ("day", day)
        one, other = (frame[frame[column] < end].reset_index(drop=True) for frame in (one, other))
        pd.testing.assert_frame_equal(one, other, check_exact=True)
    return base, arm


@EXAMPLES
@given(worlds)
def test_threads_and_shards_on_random_worlds(world: dict[str, Any]) -> None:
    same_on_threads_and_shards(world)


@EXAMPLES
@given(worlds, st.data())
def test_order_of_policies_on_random_worlds(world: dict[str, Any], data: st.DataObject) -> None:
    same_in_any_order(world, data.draw(st.permutations(list(world["policies"]))))


@EXAMPLES
@given(worlds, st.data())
def test_extra_clock_events_on_random_worlds(world: dict[str, Any], data: st.DataObject) -> None:
    same_with_extra_events(world, data.draw(st.lists(st.integers(0, world["days"] * DAY - 1), max_size=30)))


@EXAMPLES
@given(worlds, st.data())
def test_snapshot_and_resume_on_random_worlds(
    tmp_path_factory: pytest.TempPathFactory, world: dict[str, Any], data: st.DataObject
) -> None:
    same_when_resumed(world, data.draw(st.integers(0, world["days"] * DAY - 1)), tmp_path_factory.mktemp("resume"))


@EXAMPLES
@given(worlds)
def test_zero_effect_policy_on_random_worlds(world: dict[str, Any]) -> None:
    same_under_nothing(world)


@EXAMPLES
@given(worlds, st.data())
def test_policy_that_starts_later_on_random_worlds(world: dict[str, Any], data: st.DataObject) -> None:
    base, arm = same_before(world, data.draw(st.integers(0, world["days"])), data.draw(st.booleans()))
    pd.testing.assert_frame_equal(exogenous(base), exogenous(arm))


@EXAMPLES
@given(worlds)
def test_arrays_that_begin_too_small_grow(world: dict[str, Any]) -> None:
    """A window that stops for want of room goes on where it was."""
    roomy = Trace(world).contents
    rows: list[np.ndarray] = []
    cramped = Simulation(load(world), None, 1, 2, "all", rows.append)
    for k, shard in enumerate(cramped.population.shards):
        cramped.population.shards[k] = as_kernel_reads(
            shard._replace(
                pending=shard.pending[: shard.ends[PENDING_END]],
                relations=shard.relations[: shard.ends[RELATION_END]],
                recent=shard.recent[: shard.ends[RELATION_END]],
                log=shard.log[:8],
            )
        )
    cramped.run()
    assert_same(roomy, contents(cramped, rows))


@pytest.mark.parametrize("world", [ruled(), shared()], ids=["ruled", "shared"])
def test_every_rule_acts_in_the_world_of_rules(world: dict[str, Any]) -> None:
    acted = tables.acted(Trace(world).simulation)
    assert {name: count > 0 for name, count in acted.items()} == dict.fromkeys(acted, True)


def test_seats_run_out_in_the_world_of_groups() -> None:
    trace = Trace(grouped())
    events, refused = trace.events, trace.contents["refusals"]
    assert {"club", "chat"} <= set(events[events["kind"] == "group_join"]["reason"])
    assert {"recall", "lapsed", "of the group"} <= set(events[events["kind"] == "claim"]["reason"])
    assert "group" in set(refused["what"])


def test_everything_of_grading_happens_in_the_world_of_grades() -> None:
    """Grades go up and down, timers fire between midnights, joins and settings are taken in and refused."""
    trace = Trace(graded())
    events, refused = trace.events, trace.contents["refusals"]
    assert {"quality", "potential", "improving", "noncompliant"} <= set(trace.contents["grades"]["grade"])
    assert {"held", "buffer", "none"} <= set(trace.contents["grades"]["register_join"])
    own = events[events["kind"].isin(["privilege", "setting"])]
    assert (own["time"] % DAY != 0).any()
    assert {"zero_yuan", "purchased"} <= set(events[events["kind"] == "join"]["channel"])
    assert {"noncompliant", "improving", "no_receipt"} <= set(refused[refused["what"] == "join"]["reason"])
    assert {"no_right", "noncompliant"} <= set(refused[refused["what"] == "setting"]["reason"])
    assert "not_invited" in set(trace.contents["messages"]["reason"])


@pytest.mark.parametrize("world", FIXED)
def test_threads_and_shards(world: dict[str, Any]) -> None:
    same_on_threads_and_shards(world)


@pytest.mark.parametrize("world", FIXED)
def test_order_of_policies(world: dict[str, Any]) -> None:
    crowded = with_policies(world, b={"use": "adjust", "reading": 0.7}, a={"use": "adjust", "reading": 1.1}, z={"use": "caps"})
    for order in (list(crowded["policies"])[::-1], sorted(crowded["policies"])):
        same_in_any_order(crowded, order)


@pytest.mark.parametrize("world", FIXED)
def test_extra_clock_events_in_busy_days(world: dict[str, Any]) -> None:
    """Instants in the very seconds in which things happen, and around them."""
    events = Trace(world).events
    busy = events["time"][(events["time"] >= 0) & events["kind"].isin(["message_sent", "order", "visit", "message_read"])]
    chosen = np.unique(busy)[:: max(1, len(np.unique(busy)) // 60)]
    same_with_extra_events(world, sorted({int(t) + k for t in chosen for k in (-1, 0, 1) if t + k >= 0}))


@pytest.mark.parametrize("world", FIXED)
@pytest.mark.parametrize("day", [0.0, 3.4, 11.42, 20.0])
def test_snapshot_and_resume(tmp_path: Path, world: dict[str, Any], day: float) -> None:
    same_when_resumed(world, int(day * DAY), tmp_path)


@pytest.mark.parametrize("world", FIXED)
def test_zero_effect_policy(world: dict[str, Any]) -> None:
    same_under_nothing(world)


@pytest.mark.parametrize("world", FIXED)
@pytest.mark.parametrize("own", [False, True], ids=["caps", "own gate"])
def test_policy_that_starts_later(world: dict[str, Any], own: bool) -> None:
    base, arm = same_before(world, 15, own)
    assert len(base.events) != len(arm.events), "the policy must act once it has started"
    assert len(exogenous(base)) > 100
    pd.testing.assert_frame_equal(exogenous(base), exogenous(arm))


@pytest.mark.parametrize("rule", ruled()["policies"])
def test_a_message_rule_that_starts_later(rule: str) -> None:
    """Nothing before it is touched, neither in the log nor in the tables; something after it is."""
    day, world = 9, ruled()
    others = {name: policy for name, policy in world["policies"].items() if name != rule}
    acting = {"effect_data": {"promotions": ["2023-09-13"]}, "min_crowd": {"more_than": 45}, "a compiled": {"days": 30}}
    later = world["policies"][rule] | {"from": day} | acting.get(rule, {})
    base, arm = Trace(world | {"policies": others}), Trace(world | {"policies": others | {rule: later}})
    for name, column, end in (("events", "time", day * DAY), ("daily", "day", day), ("messages", "time", day * DAY)):
        one, other = (trace.contents[name] for trace in (base, arm))
        alike = [frame[frame[column] < end].reset_index(drop=True) for frame in (one, other)]
        pd.testing.assert_frame_equal(*alike, check_exact=True)
    assert not base.contents["messages"].equals(arm.contents["messages"])
    pd.testing.assert_frame_equal(exogenous(base), exogenous(arm))


def test_an_invitation_that_starts_later() -> None:
    """Nothing before it is touched; from its instant on members are more, and what is the consumer's own stays as it is."""
    day, world = 9, shared()
    more = with_policies(
        world, more={"use": "invitation", "days": [3, day, 15], "to": "known", "probability": 0.8, "from": day}
    )
    base, arm = Trace(world), Trace(more)
    for name, column, end in (("events", "time", day * DAY), ("daily", "day", day), ("messages", "time", day * DAY)):
        one, other = (trace.contents[name] for trace in (base, arm))
        alike = [frame[frame[column] < end].reset_index(drop=True) for frame in (one, other)]
        pd.testing.assert_frame_equal(*alike, check_exact=True)
    joined = [
        set(map(tuple, trace.events.query("kind == 'join'")[["consumer", "merchant"]].to_numpy())) for trace in (base, arm)
    ]
    assert joined[0] < joined[1]
    assert (arm.events.query("kind == 'join'")["time"] == day * DAY).sum() > 10
    pd.testing.assert_frame_equal(exogenous(base), exogenous(arm))


@pytest.mark.parametrize(
    "policy",
    [
        {"use": "effect_data"},
        {"use": "send_window", "first": "00:00", "last": "23:59"},
        {"use": "reach_frequency", "tasks": 100_000},
        {"use": "algorithm_filter", "share": 1, "login_days": 3_650, "until": 0, "from": -9},
        {"use": "old_customers", "from": 99},
        {"use": "caps", "store_limit": 200, "stores_per_day": None, "per_store_per_day": None, "total_per_day": None},
        {"use": "dedicated_service", "from": 99},
        {"use": "overlap"},
        {"use": "min_crowd", "more_than": 0},
        {"use": "invitation", "days": [3], "to": "known", "probability": 0},
        {"use": "invitation", "days": [3], "from": 4, "probability": 1},
        {"use": "live_rooms", "watch": {}},
    ],
    ids=lambda policy: policy["use"],
)
def test_a_message_rule_that_never_acts_changes_nothing(policy: dict[str, Any]) -> None:
    """A second policy of each kind, never in force or with nothing to do, in the world of rules."""
    world = ruled()
    assert_same(Trace(world).contents, Trace(with_policies(world, second=policy)).contents)


@pytest.mark.parametrize("world", FIXED)
def test_exogenous_draws_are_equal_in_all_arms(world: dict[str, Any]) -> None:
    eager = {"use": "plan", "cycle": 1, "crowd": "all"}
    declared = world.get("merchants", {})
    arms = [
        world,
        with_policies(world, caps={"use": "caps", "store_limit": 0}),
        with_policies(world, mood={"use": "adjust", "reading": 3, "ordering": 5, "opting_out": 9}),
        world | {"merchants": {m: declared.get(m, {}) | {"strategy": eager} for m in load(world).settings.merchants}},
    ]
    traces = [Trace(arm) for arm in arms]
    for trace in traces[1:]:
        pd.testing.assert_frame_equal(exogenous(traces[0]), exogenous(trace))
        assert len(trace.events) != len(traces[0].events), "an arm that changes nothing shows nothing"


@pytest.mark.parametrize("world", FIXED)
def test_another_seed_is_another_log(world: dict[str, Any]) -> None:
    one, other = Trace(world, seed=1), Trace(world, seed=2)
    assert not one.events[["time", "kind", "consumer"]].equals(other.events[["time", "kind", "consumer"]])
    assert_same(one.contents, Trace(world, seed=1).contents)


WITH_PAST = w1(12, 5) | {"past": {"days": 6, "short": True, "policies": {"caps": {}}}}


@pytest.mark.parametrize(
    "world",
    [
        pytest.param(w1(12, 10), id="w1"),
        pytest.param(store(12, 30), id="store"),
        pytest.param(ruled(), id="ruled"),
        pytest.param(shared(), id="shared"),
        pytest.param(market(14, 20), id="market"),
        pytest.param(graded(20, 16), id="graded"),
        pytest.param(WITH_PAST, id="a past of its own"),
    ],
)
def test_interpreted_kernel_gives_the_same_log(tmp_path: Path, world: dict[str, Any]) -> None:
    path = tmp_path / "world.yaml"
    path.write_text(yaml.safe_dump(world), encoding="utf-8")
    script = (
        "import sys; sys.path[:0] = [sys.argv[1]]; import yaml, worlds; "
        "world = yaml.safe_load(open(sys.argv[2], encoding='utf-8')); "
        "worlds.Trace(world, shards=2).events.to_parquet(sys.argv[3])"
    )
    out = tmp_path / "events.parquet"
    subprocess.run(
        [sys.executable, "-c", script, str(Path(__file__).parent), str(path), str(out)],
        check=True,
        env=os.environ | {"NUMBA_DISABLE_JIT": "1"},
    )
    compiled = Trace(world).events
    assert len(compiled) > 300
    compiled.to_parquet(tmp_path / "compiled.parquet")
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "compiled.parquet"), pd.read_parquet(out), check_exact=True)


@pytest.mark.slow
@THOROUGH
@given(worlds, st.data())
def test_everything_at_once_on_many_random_worlds(
    tmp_path_factory: pytest.TempPathFactory, world: dict[str, Any], data: st.DataObject
) -> None:
    same_on_threads_and_shards(world)
    same_in_any_order(world, data.draw(st.permutations(list(world["policies"]))))
    same_with_extra_events(world, data.draw(st.lists(st.integers(0, world["days"] * DAY - 1), max_size=30)))
    at = data.draw(st.integers(0, world["days"] * DAY - 1))
    same_when_resumed(world, at, tmp_path_factory.mktemp("resume"), data.draw(st.integers(1, 4)))
    same_under_nothing(world)
    base, arm = same_before(world, data.draw(st.integers(0, world["days"])))
    pd.testing.assert_frame_equal(exogenous(base), exogenous(arm))
