"""The dedicated-service relation, as runs of the simulator [MSG-14]."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from market import Market, Send, run_market

import sim
from sim.results.run import run

RULE = {"dedicated_service": {}}


def test_msg_14_who_was_not_served_is_refused() -> None:
    served = Market(RULE, consumers=5, declare=lambda store, consumer: {"served": int(consumer < 2)})
    assert served.counts("a 09-24 10:00") == [{"sent": 2, "no_dedicated_relation": 3}]


def test_msg_14_comes_before_the_caps() -> None:
    assert Market(RULE | {"caps": {"store_limit": 0}}).outcomes("a 09-24 10:00") == ["no_dedicated_relation"]


@pytest.mark.parametrize("channel", ["cs.service", "group.ordinary", "feed"])
def test_msg_14_is_about_the_old_customer_scenes(channel: str) -> None:
    assert Market(RULE).outcomes(f"a 09-24 10:00 {channel}") == ["sent"]


def test_msg_14_a_confirmed_receipt_makes_the_relation() -> None:
    """Everyone buys at every visit; each is reached from the first confirmed receipt of the store on, and not before."""
    behaviour = {
        "sessions": {"per_day": 0.5, "shape": None}, "needs": None, "opt_out": None, "reading": {"probability": 0.0},
        "orders": {"own": {"base": 1.0}, "ship_hours": None, "pickup_hours": None, "receive_hours": 30.0},
    }  # fmt: skip
    sends = [Send(store, day, 43_200) for store in "ab" for day in range(1, 12)]
    events = run_market(sends, 12, RULE, behaviour, consumers=60).events
    first = events[events["kind"] == "receive"].groupby(["consumer", "merchant"])["time"].min()
    met = events[events["kind"].isin(["message_sent", "message_blocked"])]
    assert len(met) == 60 * len(sends)
    for row in met.itertuples():
        served = first.get((row.consumer, row.merchant), 10**9) <= row.time
        assert row.reason == ("" if served else "no_dedicated_relation")
    assert 100 < (met["kind"] == "message_sent").sum() < len(met) - 100


def test_msg_14_customers_of_a_declared_past_were_served(tmp_path: Path) -> None:
    """However long ago; the log says so. Who buys for the first time in the run has to wait for the receipt."""
    (tmp_path / "customers.csv").write_text("customer,x,t_x,T,value,n_value,enter\nann,0,0,100,0,0,\nbob,0,0,0,0,0,1\n")
    world = {
        "days": 4,
        "past": {"customers": "customers.csv", "bg_nbd": {"r": 1, "alpha": 4, "a": 1, "b": 2.5}},
        "behaviour": {"orders": {"ship_hours": None, "pickup_hours": None, "receive_hours": 10_000}},
        "merchants": {"store": {"strategy": {"use": "plan", "cycle": 1}}},
        "policies": RULE,
    }
    (tmp_path / "world.yaml").write_text(json.dumps(world))
    events = run(sim.load(tmp_path / "world.yaml"), events="all").events
    assert set(events["consumer"][events["reason"] == "declared_past"]) == {0}
    met = events[events["kind"].isin(["message_sent", "message_blocked"])]
    assert set(zip(met["consumer"], met["reason"])) == {(0, ""), (1, "no_dedicated_relation")}
