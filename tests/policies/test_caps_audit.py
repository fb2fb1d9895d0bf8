"""Random markets under random caps, audited from their event logs alone."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from market import DAY, Result, Send, run_market
from message_audit import SERVICE, audit

CHANNELS = (*sorted(SERVICE), "group.member", "group.ordinary", "feed")
EXAMPLES = settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
THOROUGH = settings(EXAMPLES, max_examples=600)

sends = st.builds(
    Send,
    store=st.sampled_from("abcd"),
    day=st.integers(0, 13),
    second=st.sampled_from([0, 32_400, 32_401, 50_000, DAY - 1]),  # often at one second
    channel=st.sampled_from(["cs.custom", "cs.custom", *CHANNELS]),
    crowd=st.sampled_from(["all", "all", "fans", "members", "customers"]),
    plan=st.just(""),
)
limits = {
    "store_limit": st.sampled_from([0, 1, 1, 2, 3, None]),
    "store_days": st.integers(1, 9),
    "stores_per_day": st.sampled_from([0, 1, 2, 3, None]),
    "per_store_per_day": st.sampled_from([0, 1, 2, None]),
    "total_per_day": st.sampled_from([0, 1, 2, 4, None]),
}
policies = st.fixed_dictionaries({"from": st.integers(0, 6), "until": st.integers(7, 20)}, optional=limits)
markets = st.fixed_dictionaries(
    {
        "sends": st.lists(sends, min_size=5, max_size=45, unique_by=lambda send: (send.store, send.time, send.channel)),
        "days": st.integers(1, 14),
        "consumers": st.integers(1, 8),
        "seed": st.integers(0, 2**32),
        "caps": st.lists(policies, max_size=2),
        "behaviour": st.fixed_dictionaries(
            {
                "sessions": st.sampled_from([{"per_day": 0.0}, {"per_day": 2.0, "shape": None}]),
                "needs": st.none(),
                "visits": st.just({"follow": 0.4, "join": 0.5, "abandoned_cart": 0.1}),
                "orders": st.just({"own": {"base": 0.3}, "message": {"base": 0.3}}),
                "reading": st.sampled_from([{"probability": 0.6, "delay_hours": 3.0}, {"intercept": 0.0}]),
                "opt_out": st.sampled_from([None, {"hazard": 0.1, "slope": 0.2}]),
            }
        ),
    }
)


def problems(market: dict[str, Any]) -> list[str]:
    """What the audit finds in the log of a run."""
    caps = {f"caps {k}": {"use": "caps"} | parameters for k, parameters in enumerate(market["caps"])}
    behaviour = market["behaviour"]
    run = run_market(market["sends"], market["days"], caps, behaviour, market["consumers"], seed=market["seed"])
    return audit(run.events, run.scenario)


@EXAMPLES
@given(markets)
def test_no_cap_is_exceeded_and_every_refusal_is_true(market: dict[str, Any]) -> None:
    assert problems(market) == []


@pytest.mark.slow
@THOROUGH
@given(markets)
def test_no_cap_is_exceeded_in_many_markets(market: dict[str, Any]) -> None:
    assert problems(market) == []


CAPS = {
    "from": 0, "until": 99, "store_limit": 1, "store_days": 3, "stores_per_day": 2, "per_store_per_day": 1, "total_per_day": 3,
}  # fmt: skip
STORES = zip("abacddc", ["cs.custom"] * 4 + ["cs.service"] * 3)
SENDS = [Send(store, day, 32_400 + 60 * k, channel) for k, (store, channel) in enumerate(STORES) for day in range(1, 9)]
DAYS, CONSUMERS = 9, 40


@pytest.fixture(scope="module")
def run() -> Result:
    behaviour = {"sessions": {"per_day": 0}, "needs": None, "opt_out": {"hazard": 0.1, "slope": 0, "all_stores": 0}}
    return run_market(SENDS, DAYS, {"caps": CAPS}, behaviour | {"reading": {"probability": 0.0}}, CONSUMERS)


class TestTheAuditItself:
    """On a log in which every reason occurs, the audit finds what is changed."""

    def problems(self, run: Result, events: pd.DataFrame | None = None, **changes: int) -> list[str]:
        scenario = run.scenario | {"policies": {"caps": run.scenario["policies"]["caps"] | changes}}
        return audit(run.events if events is None else events, scenario)

    def test_every_reason_occurs_and_nothing_is_wrong(self, run: Result) -> None:
        log = run.events
        reasons = {"", "opted_out", "store_window", "store_per_day", "stores_per_day", "total_per_day"}
        assert set(log["reason"][log["kind"].isin(["message_sent", "message_blocked"])]) == reasons
        assert self.problems(run) == []

    @pytest.mark.parametrize(
        "changes",
        [{"store_limit": 2}, {"store_days": 2}, {"store_days": 4}, {"stores_per_day": 3}, {"total_per_day": 2}, {"from": 4}],
        ids=str,
    )
    def test_other_caps_are_found(self, run: Result, changes: dict[str, int]) -> None:
        assert self.problems(run, **changes)

    @pytest.mark.parametrize("row", range(0, 600, 37))
    def test_a_row_that_is_missing_or_changed_is_found(self, run: Result, row: int) -> None:
        log = run.events
        met = log.index[log["kind"].isin(["message_sent", "message_blocked"])]
        at = met[row]
        assert self.problems(run, log.drop(index=at))
        other = log.astype({"kind": str, "reason": str})
        blocked = other.loc[at, "kind"] == "message_blocked"
        other.loc[at, ["kind", "reason"]] = ["message_sent", ""] if blocked else ["message_blocked", "total_per_day"]
        assert self.problems(run, other)
