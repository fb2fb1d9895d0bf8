"""Message gates of a user's own: when they are asked, what of, in which order they count, and what they leave behind."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from market import DAY, Market, Result, Send, run_market

import sim
from sim.errors import BadInput

PLUGIN = f"{Path(__file__).with_name('own_gates_plugin.py')}"
EXAMPLES = settings(max_examples=8, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
LIVELY: dict[str, Any] = {
    "sessions": {"per_day": 1.5},
    "needs": None,
    "visits": {"follow": 0.3, "join": 0.3, "favourite": 0.2},
    "orders": {"own": {"base": 0.3}, "message": {"base": 0.2}, "ship_hours": None, "pickup_hours": 2, "receive_hours": 9},
    "reading": {"probability": 0.5, "delay_hours": 3},
    "opt_out": {"hazard": 0.02},
}
channels = st.sampled_from(["cs.custom", "cs.custom", "cs.promotion", "cs.service", "feed"])
sends = st.lists(
    st.builds(
        Send, st.sampled_from("abc"), st.integers(1, 9), st.sampled_from([0, 1, 36_000, 36_001, 80_000]), channels,
        st.sampled_from(["all", "fans", "customers"]), st.just(""),
    ),
    min_size=4, max_size=25, unique_by=lambda send: send.time,
)  # fmt: skip


def own(name: str, **parameters: Any) -> dict[str, Any]:
    return {"use": f"{PLUGIN}:{name}", **parameters}


def outcomes(run: Result) -> pd.DataFrame:
    rows = run.events[run.events["kind"].isin(["message_sent", "message_blocked"])]
    return rows.astype({"kind": str, "reason": str, "channel": str, "rule": str}).reset_index(drop=True)


def alike(one: Result, other: Result, reasons: dict[str, str]) -> None:
    """The same log, the reasons of the one called as in the other; rules are the platform's."""
    first, second = (run.events.astype({"reason": str}).drop(columns="rule") for run in (one, other))
    pd.testing.assert_frame_equal(first.assign(reason=first["reason"].replace(reasons)), second)


@EXAMPLES
@given(sends, st.integers(1, 3), st.integers(1, 8), st.integers(0, 99))
@pytest.mark.parametrize("kind", ["PlainWindow", "CompiledWindow"])
def test_msg_3_a_copy_of_the_cap_refuses_whom_the_cap_does(
    kind: str, sends: list[Send], limit: int, days: int, seed: int
) -> None:
    """At the send it knows what the cap knows; no two messages are sent in one second."""
    caps = {"store_limit": limit, "store_days": days} | dict.fromkeys(
        ("stores_per_day", "per_store_per_day", "total_per_day"), None
    )
    built_in = run_market(sends, 11, {"caps": caps}, LIVELY, 12, seed=seed)
    copy = run_market(sends, 11, {"mine": own(kind, limit=limit, days=days)}, LIVELY, 12, seed=seed)
    alike(built_in, copy, {"store_window": "mine"})


@EXAMPLES
@given(sends, st.integers(2, 5), st.integers(0, 99))
def test_a_compiled_gate_is_its_plain_twin(sends: list[Send], divisor: int, seed: int) -> None:
    """Both refuse by a sum of all that they are told, so that nothing can be told wrongly."""
    caps = {"store_limit": 4, "store_days": 3}
    plain = run_market(sends, 11, {"x": own("PlainFingerprint", divisor=divisor), "caps": caps}, LIVELY, 12, seed=seed)
    compiled = run_market(sends, 11, {"x": own("CompiledFingerprint", divisor=divisor), "caps": caps}, LIVELY, 12, seed=seed)
    alike(plain, compiled, {})


def test_a_compiled_gate_sees_what_was_delivered_in_the_same_second() -> None:
    """Two stores send at once: the second message meets a consumer whom the first has reached."""
    told = Market({"x": own("CompiledWindow", limit=1, days=1)}).outcomes("a 09-22 10:00", "a 09-22 10:00 cs.promotion")
    assert told == ["sent", "x"]


def test_a_verdict_of_00_00_is_kept_though_the_state_changes() -> None:
    """A message of the morning fills the window: the gate that was asked at 00:00 does not know, the one asked now does."""
    day = ("a 09-22 09:00", "a 09-22 15:00", "a 09-23 09:00")
    assert Market({"x": own("EarlyWindow", days=2)}).outcomes(*day) == ["sent", "sent", "x"]
    assert Market({"x": own("PlainWindow", days=2)}).outcomes(*day) == ["sent", "x", "x"]


def test_a_send_at_00_00_is_asked_about_then() -> None:
    day = ("a 09-22 23:59", "a 09-23 00:00", "a 09-24 00:00")
    assert Market({"x": own("PlainWindow", days=2)}).outcomes(*day) == ["sent", "x", "sent"]


def test_rules_of_the_platform_come_first() -> None:
    """`sends` of two days: the cap refuses the second, whatever the gate says; it counts what was delivered only."""
    policies = {"a": own("FirstOf", ones=[0]), "caps": {"store_days": 2}}
    day = ("a 09-22 09:00", "a 09-23 09:00")
    assert Market({"caps": policies["caps"]}).outcomes(*day) == ["sent", "store_window"]
    assert Market(policies).outcomes(*day) == ["one", "one"]
    policies = {"a": own("FirstOf", ones=[0], **{"from": 3}), "caps": {"store_days": 2}}
    assert Market(policies).outcomes(*day) == ["sent", "store_window"]


def test_the_first_policy_by_name_counts_and_within_it_the_first_reason() -> None:
    """A policy that is asked later counts before one that was asked at 00:00 if its name does; reasons may be shared."""
    policies = {
        "b": own("FirstOf", ones=[0, 1], twos=[1, 2, 3]),
        "a": own("FirstOfNow", ones=[0], twos=[1]),
        "c": own("CompiledWindow", limit=1, days=30),
    }
    result, (send, _) = Market(policies, consumers=6).run("a 09-22 10:00", "a 09-23 10:00")
    rows = outcomes(result).set_index(["time", "consumer"])["reason"]
    assert rows[send.time].tolist() == ["three", "two", "two", "two", "", ""]
    assert rows[send.time + DAY].tolist() == ["three", "two", "two", "two", "c", "c"]
    told = result.messages[result.messages["outcome"] == "refused"].groupby("reason")["count"].sum()
    assert told.to_dict() == {"three": 2, "two": 6, "c": 2}
    assert {name: result.acted[f"policies.{name}"] for name in "abc"} == {"a": 4, "b": 4, "c": 2}


def test_own_reasons_stand_in_the_results_of_a_run(tmp_path: Path) -> None:
    scenario = {
        "days": 3,
        "consumers": 8,
        "behaviour": LIVELY | {"stores": {"known": 1, "choice": "any_known"}},
        "merchants": {"a": {"strategy": {"use": "plan", "cycle": 1, "crowd": "all"}}},
        "policies": {"half": own("FirstOf", ones=[0, 1], twos=[2, 3])},
    }
    (tmp_path / "own.yaml").write_text(json.dumps(scenario), encoding="utf-8")
    run = sim.run(sim.load(tmp_path / "own.yaml"), out=tmp_path / "out", events="all", threads=1)
    assert run.summary["refused"] == {"one": 6, "two": 6}
    refused = run.events[run.events["kind"] == "message_blocked"].astype({"reason": str, "rule": str})
    assert refused["reason"].value_counts().to_dict() == {"one": 6, "two": 6}
    assert set(refused["rule"]) == {""}
    assert run.messages[run.messages["outcome"] == "refused"].groupby("reason")["count"].sum().to_dict() == {"one": 6, "two": 6}


@pytest.fixture
def calls() -> Iterator[list[Any]]:
    """What the watching policies wrote down."""

    def modules() -> list[Any]:
        return [m for m in sys.modules.values() if str(getattr(m, "__file__", "")) == PLUGIN and hasattr(m, "CALLS")]

    for module in modules():
        module.CALLS.clear()
    found: list[Any] = []
    yield found
    for module in modules():
        module.CALLS.clear()


def watched(seed: int = 1, name: str = "watch", kind: str = "Watching") -> list[Any]:
    sends = [Send("a", day, 36_000, "cs.custom", "fans", f"plan-{day}") for day in range(1, 6)]
    run_market(sends, 7, {name: own(kind)}, LIVELY, 30, seed=seed)
    (module,) = {m for m in sys.modules.values() if str(getattr(m, "__file__", "")) == PLUGIN and getattr(m, "CALLS", None)}
    found = list(module.CALLS)
    module.CALLS.clear()
    return found


def test_a_gate_is_asked_once_per_task_with_its_facts(calls: list[Any]) -> None:
    asked = watched()
    assert [call.task[:8] for call in asked] == [
        ("a", "other", f"plan-{day}", "cs.custom", "fans", day * DAY + 36_000, day, (4 + day) % 7) for day in range(1, 6)
    ]  # 2023-09-01 was a Friday
    for call in asked:
        assert call.task.second == 36_000
        assert call.task.size == len(call.ids) > 0
        assert call.ids == sorted(set(call.ids))
        assert all(call.fan)
        assert set(call.messages_today) == {0}


def test_the_crowd_of_a_gate_asked_now_is_that_of_00_00(calls: list[Any]) -> None:
    """Who follows in the morning is in no crowd of the day; what is known of the others is of the send."""
    early, now = watched(), watched(kind="WatchingNow")
    assert [call.ids for call in early] == [call.ids for call in now]
    assert [call.task for call in early] == [call.task for call in now]


def test_draws_are_known_by_seed_policy_task_and_consumer(calls: list[Any]) -> None:
    base = watched()
    assert [call.draw for call in base] == [call.draw for call in watched()]
    everything = [u for call in base for u in call.draw]
    assert all(0 < u < 1 for u in everything)
    assert len(set(everything)) == len(everything), "another task is another draw"
    assert all(call.draw != other.draw for call, other in zip(base, watched(name="another")))
    lots: dict[int, set[float]] = {}
    for call in base:
        for consumer, lot in zip(call.ids, call.lot, strict=True):
            lots.setdefault(consumer, set()).add(lot)
    assert all(len(of_consumer) == 1 for of_consumer in lots.values()), "a hold-out group stays the same"
    assert len({lot for of_consumer in lots.values() for lot in of_consumer}) == len(lots) > 5
    assert base[0].lot != watched(seed=2)[0].lot


@pytest.mark.parametrize(
    ("name", "words"), [("overlap", "'overlap' is a reason of the platform's own rules"), ("n\tn", "printed")]
)
def test_reasons_are_not_those_of_the_platform(name: str, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        Market({name: own("PlainWindow")}).outcomes("a 09-22 10:00")
