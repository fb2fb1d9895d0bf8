"""Orders and their fulfilment [SRV-2]: each step once, in order, by the order's own id; amounts from Gamma-Gamma."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from worlds_of_stages import DAY, HOUR, World, run_world

import sim
from sim.engine.simulation import Simulation

STEPS = ("ship", "pickup", "receive")
MEANS = dict(zip(STEPS, (24.0, 12.0, 72.0)))  # hours
LEVEL = 0.01 / 10


def store(consumers: int = 3_000, days: int = 60, **hours: float | None) -> World:
    """Eager customers who buy for the first time at the start, at their needs' time."""
    orders = {f"{step}_hours": mean for step, mean in (MEANS | hours).items()}
    return {
        "consumers": consumers,
        "days": days,
        "behaviour": {"sessions": {"per_day": 0}, "needs": {"buying": "at_need"}, "orders": orders},
        "merchants": {"store": {}},
        "past": {"bg_nbd": {"r": 2.0, "alpha": 2.0, "a": 1.0, "b": 6.0}, "gamma_gamma": {"p": 6.0, "q": 4.0, "v": 150_000.0}},
    }


@pytest.fixture(scope="module")
def log() -> pd.DataFrame:
    return run_world(store()).events


def times(log: pd.DataFrame, kind: str) -> pd.Series:
    """When each order took a step, by the order's id."""
    rows = log[log["kind"] == kind]
    return rows.set_index("ref")["time"]


def test_srv_2_each_order_is_there_once(log: pd.DataFrame) -> None:
    orders = log[log["kind"] == "order"]
    assert len(orders) > 10_000
    assert orders["ref"].is_unique
    assert (orders["amount"] > 0).all()
    assert (orders["ref"] >= 0).all()


def test_an_order_takes_each_step_once_and_in_order(log: pd.DataFrame) -> None:
    """Whoever ordered: with the same ref, by the same consumer, each step later than the one before."""
    whole = times(log, "order")
    owner = log[log["kind"] == "order"].set_index("ref")["consumer"]
    for step in STEPS:
        taken = times(log, step)
        assert taken.index.is_unique
        assert taken.index.isin(whole.index).all(), "no step without the one before"
        assert (taken > whole.reindex(taken.index)).all()
        assert log[log["kind"] == step].set_index("ref")["consumer"].equals(owner.reindex(taken.index))
        whole = taken


def test_what_is_ordered_early_is_received_by_the_end(log: pd.DataFrame) -> None:
    """Nobody waits for 40 days, 8 times the mean of all steps together: nothing is lost on the way."""
    ordered = times(log, "order")
    early = ordered[ordered < 20 * DAY].index
    assert len(early) > 3_000
    assert early.isin(times(log, "receive").index).all()


@pytest.mark.parametrize("step", STEPS)
def test_delays_are_exponential(log: pd.DataFrame, step: str) -> None:
    """Null: a second and an exponential delay in whole seconds, mean as given. KS over steps begun before day 20."""
    before = times(log, ("order", *STEPS)[STEPS.index(step)])
    before = before[before < 20 * DAY]
    delay = times(log, step).reindex(before.index) - before
    assert delay.notna().all()
    assert stats.kstest(delay - 0.5, "expon", args=(0, MEANS[step] * HOUR)).pvalue > LEVEL


@pytest.mark.parametrize("missing", [("ship",), ("pickup",), ("receive",), ("ship", "pickup"), STEPS])
def test_a_step_that_the_scenario_has_not_is_left_out(missing: tuple[str, ...]) -> None:
    """The steps that are left follow each other."""
    log = run_world(store(300, 30, **dict.fromkeys(missing, None))).events
    ordered = whole = times(log, "order")
    for step in STEPS:
        taken = times(log, step)
        if step in missing:
            assert taken.empty
            continue
        assert len(taken) > 0.5 * len(ordered)
        assert taken.index.is_unique
        assert (taken > whole.reindex(taken.index)).all()
        whole = taken


def test_an_order_does_not_hang_on_what_becomes_of_it() -> None:
    """The same customers buy the same at the same times, however long fulfilment takes."""
    columns = ["time", "consumer", "ref", "amount"]
    one, other = (run_world(store(200, 40, ship=hours)).events for hours in (1.0, None))
    orders = [log[log["kind"] == "order"][columns].reset_index(drop=True) for log in (one, other)]
    pd.testing.assert_frame_equal(*orders)


def test_amounts_are_gamma_given_the_customer(tmp_path: Path) -> None:
    """Null: amount times the customer's own rate is Gamma(p), to whole minor units. KS over first orders."""
    world = store(20_000, 1)
    (tmp_path / "store.yaml").write_text(json.dumps(world), encoding="utf-8")
    simulation = Simulation(sim.load(tmp_path / "store.yaml"), 1, 1, 1)
    rates = np.asarray(simulation.population.shards[0].consumers["value_rate"]).copy()
    events = run_world(world, seed=1).events
    first = events[events["kind"] == "order"].drop_duplicates("consumer")
    assert first["consumer"].tolist() == list(range(20_000))
    scaled = first["amount"].to_numpy() * rates
    assert stats.kstest(scaled, "gamma", args=(6.0,)).pvalue > LEVEL
