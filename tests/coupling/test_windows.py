"""Where windows end for the sake of what all messages take, and how many messages can be delivered at most."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from numpy.typing import NDArray
from shared_worlds import busy_world, shared_worlds
from sharing import senders
from worlds import Trace, assert_same

import sim
from sim.engine import coupling
from sim.engine.coupling import Coupling
from sim.engine.population import Population
from sim.engine.simulation import Simulation
from sim.results import tables
from sim.state.shard import UNDO_END, Today

EVERY_RULE = Path(__file__).parents[2] / "benchmarks" / "w2.yaml"
CONSUMERS, STORES, DAYS = 60, 6, 3
LOOSE = {"store_limit": None, "stores_per_day": None, "per_store_per_day": None, "total_per_day": None}
HELD = {"use": f"{Path(__file__).parents[1] / 'identity' / 'plugins.py'}:HoldOut", "share": 0.5}


def world(limit: int | None) -> dict[str, Any]:
    """Six stores send to everyone, an hour after one another; a gate, of which no bound knows, holds half of it back."""
    of = senders(CONSUMERS, STORES, DAYS, {"caps": LOOSE | {"platform_per_day": limit}, "held": HELD})
    plan = of["merchants"]["store"]["strategy"]
    return of | {"merchants": {f"store-{k}": {"strategy": plan | {"at": f"{9 + k:02d}:00"}} for k in range(STORES)}}


def most_copies(world: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> tuple[Trace, int]:
    """The run, and the most consumers that were copied in one window."""
    copies = [0]
    requests = Population.requests

    def counted(self: Population) -> Any:
        copies.append(sum(int(shard.ends[UNDO_END]) for shard in self.shards))
        return requests(self)

    monkeypatch.setattr(Population, "requests", counted)
    return Trace(world, shards=2), max(copies)


def test_nobody_is_copied_for_a_limit_that_more_could_reach_than_do(monkeypatch: pytest.MonkeyPatch) -> None:
    """360 messages a day may be delivered, half of them are: a limit of 250 can be reached, by what 00:00 knows, and is not."""
    free = Trace(world(None), shards=2)
    sent = free.contents["daily"].groupby("date")["messages_sent"].sum()
    assert 100 < sent.min() <= sent.max() < 240
    limited, copies = most_copies(world(250), monkeypatch)
    assert copies == 0
    assert_same(limited.contents, free.contents)


@pytest.mark.parametrize("limit", [60, 130, 250])
def test_where_windows_end_changes_nothing(limit: int, monkeypatch: pytest.MonkeyPatch) -> None:
    split = Trace(world(limit), shards=2).contents
    monkeypatch.setattr(coupling, "WORTH_A_WINDOW", float("inf"))
    whole, copies = most_copies(world(limit), monkeypatch)
    assert copies > CONSUMERS / 3
    assert_same(split, whole.contents)


def counted_and_sent(run: Callable[[], Simulation]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Of each task for which it was counted at 00:00: whom it may be delivered to at most, and to how many it is."""
    bounds: dict[int, int] = {}
    take_up = Coupling.take_up

    def noted(self: Coupling, today: Today, population: Population, deliveries: np.ndarray | None = None) -> None:
        if deliveries is not None:
            bounds.update(zip(np.asarray(today.agenda)["id"].tolist(), deliveries.tolist(), strict=True))
        take_up(self, today, population, deliveries)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Coupling, "take_up", noted)
        outcomes = tables.messages(run())
    sent = outcomes[outcomes["outcome"] == "sent"].groupby("task")["count"].sum()
    return np.array(list(bounds.values()), np.int64), sent.reindex(list(bounds), fill_value=0).to_numpy()


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("compete", [False, True], ids=["known stores", "competing stores"])
def test_no_more_are_delivered_than_were_counted(seed: int, compete: bool) -> None:
    counted, sent = counted_and_sent(lambda: Trace(busy_world(seed, compete)).simulation)
    assert len(counted) > 0
    assert (sent <= counted).all()


@settings(max_examples=25, deadline=None, derandomize=True)
@given(shared_worlds())
def test_no_more_are_delivered_than_were_counted_on_random_worlds(world: dict[str, Any]) -> None:
    counted, sent = counted_and_sent(lambda: Trace(world).simulation)
    assert (sent <= counted).all()


def test_no_more_are_delivered_than_were_counted_where_every_rule_is_on() -> None:
    """And, since caps that are full are known at 00:00, not many fewer."""

    def run() -> Simulation:
        limit = {"caps": {"platform_per_day": 500}}
        simulation = Simulation(sim.load(EVERY_RULE, consumers=4_000, days=60, policies=limit), 3, 1)
        simulation.run()
        return simulation

    counted, sent = counted_and_sent(run)
    assert (sent <= counted).all()
    assert sent.sum() > 0.4 * counted.sum() > 100
