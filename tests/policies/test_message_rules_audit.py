"""Random markets under all rules of old-customer messages, audited from their event logs alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from market import DAY, Result, Send, run_market
from message_audit import REASONS, SERVICE, audit

import sim

ROOT = Path(__file__).parents[2]

EXAMPLES = settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
THOROUGH = settings(EXAMPLES, max_examples=500)

sends = st.builds(
    Send,
    store=st.sampled_from("abc"),
    day=st.integers(0, 11),
    second=st.sampled_from([0, 32_400, 32_401, 32_460, 50_000, DAY - 1]),
    channel=st.sampled_from(["cs.custom", "cs.custom", "cs.promotion", *sorted(SERVICE), "feed"]),
    crowd=st.sampled_from(["all", "all", "fans", "members", "customers"]),
    plan=st.sampled_from(["", "", "x", "y"]),
)
few = st.integers(1, 6)
GATES = f"{Path(__file__).with_name('own_gates_plugin.py')}"
OWN = ("fingerprint", "own cap", "own early")
own_gates = st.fixed_dictionaries(
    {},
    optional={
        "now": st.fixed_dictionaries({"use": st.just(f"{GATES}:PlainFingerprint"), "divisor": few}),
        "compiled": st.fixed_dictionaries({"use": st.just(f"{GATES}:CompiledFingerprint"), "divisor": few, "from": few}),
        "own cap": st.fixed_dictionaries({"use": st.just(f"{GATES}:CompiledWindow"), "days": few}),
        "own early": st.fixed_dictionaries({"use": st.just(f"{GATES}:EarlyWindow"), "days": few, "until": st.just(8)}),
    },
)
weights = dict.fromkeys(("login_weight", "visit_weight", "favourite_weight", "read_weight"), st.integers(0, 3))
PARAMETERS: dict[str, dict[str, st.SearchStrategy]] = {
    "caps": {
        "store_limit": st.sampled_from([0, 1, 2, None]),
        "store_days": few,
        "stores_per_day": st.sampled_from([0, 1, 2, None]),
        "per_store_per_day": st.sampled_from([0, 1, 2, None]),
        "total_per_day": st.sampled_from([0, 1, 2, 4, None]),
    },
    "old_customers": {"bought_days": few, "visited_days": few},
    "algorithm_filter": {"share": st.sampled_from([0.0, 0.5, 0.7, 0.8, 1.0]), "login_days": few, "visit_days": few} | weights,
    "min_crowd": {"more_than": st.integers(0, 5)},
    "send_window": {"first": st.sampled_from(["00:00", "08:00", "09:00"]), "last": st.sampled_from(["10:00", "23:59"])},
    "overlap": {},
    "reach_frequency": {"tasks": st.integers(0, 3), "days": few},
    "dedicated_service": {},
}
rules = st.sampled_from(list(PARAMETERS)).flatmap(
    lambda use: st.fixed_dictionaries(
        {"use": st.just(use)} | PARAMETERS[use], optional={"from": few, "until": st.integers(7, 9)}
    )
)
markets = st.fixed_dictionaries(
    {
        "sends": st.lists(sends, min_size=5, max_size=35, unique_by=lambda send: (send.store, send.time, send.channel)),
        "days": st.integers(4, 12),
        "consumers": st.integers(1, 12),
        "seed": st.integers(0, 2**32),
        "policies": st.lists(rules, max_size=7),
        "own": own_gates,
        "behaviour": st.fixed_dictionaries(
            {
                "sessions": st.sampled_from([{"per_day": 0.4}, {"per_day": 2.0, "shape": None}]),
                "needs": st.none(),
                "visits": st.just({"follow": 0.4, "join": 0.5, "abandoned_cart": 0.1, "favourite": 0.3}),
                "orders": st.sampled_from(
                    [
                        {"own": {"base": 0.3}, "message": {"base": 0.3}},
                        {"own": {"base": 0.6}, "ship_hours": None, "pickup_hours": None, "receive_hours": 10},
                    ]
                ),
                "reading": st.sampled_from([{"probability": 0.6, "delay_hours": 3.0}, {"intercept": 0.0, "switched_on": 0.8}]),
                "opt_out": st.sampled_from([None, {"hazard": 0.1, "slope": 0.2, "all_stores": 0.4}]),
            }
        ),
    }
)


def run_of(market: dict[str, Any]) -> Result:
    policies = {f"rule {k}": rule for k, rule in enumerate(market["policies"])} | market["own"]
    behaviour = market["behaviour"]
    return run_market(market["sends"], market["days"], policies, behaviour, market["consumers"], seed=market["seed"])


@EXAMPLES
@given(markets)
def test_every_outcome_is_right(market: dict[str, Any]) -> None:
    run = run_of(market)
    assert audit(run.events, run.scenario, OWN) == []


@pytest.mark.slow
@THOROUGH
@given(markets)
def test_every_outcome_is_right_in_many_markets(market: dict[str, Any]) -> None:
    run = run_of(market)
    assert audit(run.events, run.scenario, OWN) == []


RULES: dict[str, dict[str, Any]] = {
    "caps": {"store_limit": 1, "store_days": 3, "stores_per_day": 2, "per_store_per_day": 1, "total_per_day": 3},
    "old_customers": {"bought_days": 6, "visited_days": 4},
    "algorithm_filter": {"share": 0.8, "login_days": 4, "visit_days": 4},
    "min_crowd": {"more_than": 8},
    "send_window": {"first": "08:00", "last": "22:00"},
    "overlap": {},
    "reach_frequency": {"tasks": 2, "days": 3},
    "dedicated_service": {},
}
DAYS = 18
HOURS = {"a": 9, "b": 10, "c": 11, "d": 23}
SENDS = [
    *(Send(store, day, hour * 3_600, "cs.custom", "customers") for store, hour in HOURS.items() for day in range(3, DAYS)),
    *(Send(store, day, 40_000, "cs.service", "all") for store in "ce" for day in range(3, DAYS)),
    *(Send("e", day, 34_200, "cs.promotion", "fans", f"plan-of-{day // 4}") for day in range(4, DAYS)),
    *(Send("c", day, 45_000, "cs.custom", "members") for day in range(2, 6)),
]
BEHAVIOUR = {
    "sessions": {"per_day": 1.5},
    "needs": None,
    "visits": {"follow": 0.2, "join": 0.1, "favourite": 0.2},
    "orders": {"own": {"base": 0.35}, "ship_hours": None, "pickup_hours": 5, "receive_hours": 20},
    "reading": {"probability": 0.4, "delay_hours": 5, "switched_on": 0.95},
    "opt_out": {"hazard": 0.03, "slope": 0, "all_stores": 0.3},
}


@pytest.fixture(scope="module")
def run() -> Result:
    return run_market(SENDS, DAYS, RULES, BEHAVIOUR, consumers=100)


PLAN = {"use": "plan", "cycle": 5, "days": [0, 2, 3], "at": "21:57", "crowd": "all", "staggered": True}


@pytest.mark.parametrize("plan_per", ["task", "cycle"])
def test_plans_of_the_built_in_strategy(tmp_path: Path, plan_per: str) -> None:
    """Five stores, whose send times run out of the window one after the other."""
    world = {
        "days": 20,
        "consumers": 80,
        "behaviour": BEHAVIOUR | {"stores": {"known": 5, "choice": "any_known"}},
        "merchants": {"store": {"count": 5, "strategy": PLAN | {"plan_per": plan_per}}},
        "policies": RULES | {"reach_frequency": {"tasks": 2, "days": 4}},
    }
    (tmp_path / "plans.yaml").write_text(json.dumps(world))
    scenario = sim.load(tmp_path / "plans.yaml")
    events = sim.run(scenario, events="all", threads=1).events
    assert {"algorithm_filter", "outside_window", "reach_frequency"} <= set(outcomes(events)["reason"])
    assert ("overlap" in set(outcomes(events)["reason"])) == (plan_per == "cycle")
    assert audit(events, scenario.resolved) == []


def test_a_declared_past(tmp_path: Path) -> None:
    """One store: customers who last bought up to three years ago, and some who buy for the first time in the run."""
    random = np.random.default_rng(5)
    lines = [f"c{k},0,0,{random.uniform(0, 150):.2f},0,0," for k in range(60)] + [f"n{k},0,0,0,0,0,{k}" for k in range(12)]
    (tmp_path / "customers.csv").write_text("\n".join(["customer,x,t_x,T,value,n_value,enter", *lines]))
    world = {
        "days": 25,
        "past": {"customers": "customers.csv", "bg_nbd": {"r": 2.0, "alpha": 2.0, "a": 1.0, "b": 4.0}},
        "behaviour": {"orders": {"ship_hours": None, "pickup_hours": 5, "receive_hours": 20}, "reading": {"intercept": 0}},
        "merchants": {"store": {"strategy": {"use": "plan", "cycle": 3}}},
        "policies": {"old_customers": {}, "algorithm_filter": {}, "min_crowd": {"more_than": 9}, "dedicated_service": {}},
    }
    (tmp_path / "past.yaml").write_text(json.dumps(world))
    scenario = sim.load(tmp_path / "past.yaml")
    run = sim.run(scenario, events="all", threads=1)
    assert set(outcomes(run.events)["reason"]) >= {"", "algorithm_filter", "no_dedicated_relation"}
    assert run.summary["acted"]["policies.old_customers"] > 20
    assert audit(run.events, scenario.resolved | {"consumers": 72}) == []


def test_w1() -> None:
    """A market of a hundred stores, of which each consumer knows eight."""
    scenario = sim.load(ROOT / "benchmarks" / "w1.yaml", consumers=1_000, days=60)
    events = sim.run(scenario, events="all", threads=1).events
    assert set(outcomes(events)["reason"]) == {"", "store_window", "stores_per_day"}
    assert audit(events, scenario.resolved) == []


def outcomes(events: pd.DataFrame) -> pd.DataFrame:
    return events[events["kind"].isin(["message_sent", "message_blocked"])]


def under(run: Result, policy: str, **changes: Any) -> list[str]:
    """What the audit finds if the rules had been others."""
    policies = run.scenario["policies"]
    return audit(run.events, run.scenario | {"policies": policies | {policy: policies[policy] | changes}})


def test_every_reason_occurs_and_nothing_is_wrong(run: Result) -> None:
    assert set(outcomes(run.events)["reason"]) == {"", *REASONS, "crowd_too_small", "outside_window"}
    assert audit(run.events, run.scenario) == []


@pytest.mark.parametrize("name", RULES)
def test_the_audit_finds_a_rule_that_was_not_there(run: Result, name: str) -> None:
    policies = {other: rule for other, rule in run.scenario["policies"].items() if other != name}
    assert audit(run.events, run.scenario | {"policies": policies})


@pytest.mark.parametrize(
    ("policy", "changes"),
    [
        ("caps", {"store_days": 2}),
        ("caps", {"total_per_day": 4}),
        ("old_customers", {"bought_days": 5}),
        ("old_customers", {"visited_days": 5}),
        ("algorithm_filter", {"share": 0.75}),
        ("algorithm_filter", {"login_days": 5}),
        ("algorithm_filter", {"visit_days": 3}),
        ("algorithm_filter", {"favourite_weight": 2}),
        ("algorithm_filter", {"read_weight": 1}),
        ("min_crowd", {"more_than": 30}),
        ("min_crowd", {"more_than": 3}),
        ("send_window", {"last": "23:30"}),
        ("send_window", {"first": "10:00"}),
        ("overlap", {"from": 10}),
        ("reach_frequency", {"tasks": 3}),
        ("reach_frequency", {"days": 2}),
        ("dedicated_service", {"until": 15}),
    ],
    ids=str,
)
def test_the_audit_finds_other_parameters(run: Result, policy: str, changes: dict[str, Any]) -> None:
    assert under(run, policy, **changes)


@pytest.mark.parametrize("reason", ["", *REASONS, "crowd_too_small", "outside_window"])
def test_the_audit_finds_an_outcome_that_is_missing_doubled_or_changed(run: Result, reason: str) -> None:
    rows = outcomes(run.events)
    of = rows.index[rows["reason"] == reason]
    for at in (of[0], of[-1]):
        assert audit(run.events.drop(index=at), run.scenario)
        double = run.events.loc[[at]].assign(seq=1_000)
        assert audit(pd.concat([run.events, double]), run.scenario)
        other = run.events.astype({"kind": str, "reason": str})
        other.loc[at, ["kind", "reason"]] = ["message_sent", ""] if reason else ["message_blocked", "store_window"]
        assert audit(other, run.scenario)
        assert audit(
            run.events.assign(time=run.events["time"].mask(run.events.index == at, run.events["time"] + 1)), run.scenario
        )


@pytest.mark.parametrize("reason", REASONS)
def test_the_audit_finds_an_own_reason_where_a_rule_of_the_platform_refuses(run: Result, reason: str) -> None:
    """An own reason may stand where all rules let a message go, and nowhere else."""
    events = run.events.astype({"kind": str, "reason": str})
    at = events.index[(events["kind"] == "message_blocked") & (events["reason"] == reason)][0]
    events.loc[at, "reason"] = "fingerprint"
    assert audit(events, run.scenario, OWN)
    assert audit(events, run.scenario)


@pytest.mark.parametrize(
    "kind", ["session", "visit", "order", "favourite", "message_read", "follow", "receive", "opt_out", "task"]
)
def test_the_audit_finds_that_causes_are_missing(run: Result, kind: str) -> None:
    """All rows of a kind of some consumers, or of tasks, in the first half of the run."""
    rows = run.events
    gone = (rows["kind"] == kind) & (rows["time"] < 9 * DAY) & (rows["consumer"] < 40)
    assert gone.any()
    assert audit(rows[~gone], run.scenario)
