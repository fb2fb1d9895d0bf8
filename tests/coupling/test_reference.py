"""What consumers share is granted as if all of them were run in one global order of time.

The reference is another program: one queue over all consumers, plain counters. Worlds are random; shards, threads and extra
clock events are too.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shared_worlds import PLUGIN, busy_world, shared_worlds
from worlds import DAY, Trace, with_ticks

HERE = Path(__file__).parent
CHECKS = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture]
EXAMPLES = settings(max_examples=30, deadline=None, derandomize=True, suppress_health_check=CHECKS)


class Reference:
    """A process that serves one world after the other."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process = subprocess.Popen(
            [sys.executable, str(HERE / "reference.py")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"NUMBA_DISABLE_JIT": "1"},
        )

    def events(self, world: dict[str, Any]) -> pd.DataFrame:
        """The event log of a world."""
        path, out = self._folder / "world.json", self._folder / "events.parquet"
        path.write_text(json.dumps(world), encoding="utf-8")
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(path, out, file=self._process.stdin, flush=True)
        assert self._process.stdout.readline() == "done\n"
        return pd.read_parquet(out)

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait()


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reference]:
    serving = Reference(tmp_path_factory.mktemp("reference"))
    yield serving
    serving.close()


def plain(events: pd.DataFrame) -> pd.DataFrame:
    """With texts instead of categories; of a world in which nothing happens, nothing."""
    if events.empty:
        return pd.DataFrame()
    return events.astype({name: str for name in ("kind", "channel", "reason", "rule")})


def assert_as_reference(reference: Reference, world: dict[str, Any], threads: int, shards: int, ticks: list[int]) -> None:
    expected = plain(reference.events(world))
    found = plain(Trace(with_ticks(world, ticks), threads=threads, shards=shards).events)
    pd.testing.assert_frame_equal(found, expected, check_exact=True)


@EXAMPLES
@given(shared_worlds(), st.integers(1, 2), st.integers(1, 4), st.data())
def test_as_in_one_global_order_of_time(
    reference: Reference, world: dict[str, Any], threads: int, shards: int, data: st.DataObject
) -> None:
    ticks = data.draw(st.lists(st.integers(0, world["days"] * DAY - 1), max_size=8))
    assert_as_reference(reference, world, threads, shards, ticks)


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("compete", [False, True], ids=["known stores", "competing stores"])
def test_as_in_one_global_order_where_everything_binds(reference: Reference, seed: int, compete: bool) -> None:
    world = busy_world(seed, compete)
    events = plain(reference.events(world))
    gone = set(events["reason"][events["kind"] == "resource_exhausted"])
    assert {"platform_limit", "budget_spent", "sold_out", "group_full"} <= gone
    refused = events["kind"].isin(["message_blocked", "cart"])
    assert {"platform_limit", "budget_spent", "money"} <= set(events["reason"][refused])
    assert_as_reference(reference, world, 2, 3, [40_000, 120_600])


@pytest.mark.slow
@settings(EXAMPLES, max_examples=400)
@given(shared_worlds(), st.integers(1, 2), st.integers(1, 4), st.data())
def test_as_in_one_global_order_of_time_on_many_worlds(
    reference: Reference, world: dict[str, Any], threads: int, shards: int, data: st.DataObject
) -> None:
    ticks = data.draw(st.lists(st.integers(0, world["days"] * DAY - 1), max_size=8))
    assert_as_reference(reference, world, threads, shards, ticks)


def test_what_a_visit_takes_last_has_run_out_before_what_its_order_finds_too_little_of(reference: Reference) -> None:
    """The coupon's last unit is claimed at the visit, the budget closes just before the order that it cannot meet."""
    money = {"amount": 400, "takes": "amount", "share": 1.0, "claimed_by": "order", "short": "close"}
    world = busy_world(1, compete=False) | {
        "merchants": {"s0": {"awareness": 1.0}},
        "policies": {
            "a budget": {"use": f"{PLUGIN}:Shares", "of": [money]},
            "coupon": {"use": "benefit", "amount": 300, "stock": 1, "claim": {"probability": 1}},
        },
    }
    world["behaviour"]["stores"]["known"] = 1
    events = plain(reference.events(world))
    gone = events[events["kind"] == "resource_exhausted"]
    first = gone.drop_duplicates("reason")
    assert first["reason"].tolist() == ["out_of_stock", "a budget"]
    assert first["time"].nunique() == 1
    assert_as_reference(reference, world, 1, 2, [])
