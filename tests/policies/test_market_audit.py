"""The shipped market with its past, audited from its event log alone: the message rules, and what holds of any log.

Both arms of its question are run: a store may reach a consumer once, or three times, in 7 days.
"""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from message_audit import audit

import sim

SCENARIOS = Path(__file__).parents[2] / "scenarios"
ARMS = {1: "market.yaml", 3: "market_cap_3_per_week.yaml"}
STEPS = ("order", "ship", "pickup", "receive")
DAY = 86_400

Arm = tuple[pd.DataFrame, dict[str, Any]]


def run_arms(folder: Path, consumers: int, days: int) -> dict[int, Arm]:
    """The log and the resolved scenario of each arm; small crowds may be sent to, as small markets have no others."""
    few = {"min_crowd": {"more_than": consumers // 25}}
    found = {}
    for limit, name in ARMS.items():
        path = folder / name
        changes = {"consumers": consumers, "days": days, "policies": few, "past": {"policies": few}}
        path.write_text(json.dumps({"extends": str(SCENARIOS / name), **changes}), encoding="utf-8")
        scenario = sim.load(path)
        assert scenario.resolved["policies"]["caps"]["store_limit"] == limit
        events = sim.run(scenario, events="all").events
        found[limit] = events.astype({"kind": str, "channel": str, "reason": str}), scenario.resolved
    return found


@pytest.fixture(scope="module")
def arms(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Arm]:
    return run_arms(tmp_path_factory.mktemp("arms"), consumers=160, days=40)


def check_reasons(events: pd.DataFrame) -> None:
    """Rules act, in the past and in the run."""
    refused = events[events["kind"] == "message_blocked"]
    for rows in (refused[refused["time"] < 0], refused[refused["time"] >= 0]):
        acting = {"algorithm_filter", "opted_out", "no_dedicated_relation", "crowd_too_small"}
        assert acting <= set(rows["reason"])
    assert "store_window" in set(refused["reason"])  # three a week is all that the stores ask for
    assert events["time"].min() < -364 * DAY


@pytest.mark.parametrize("limit", ARMS)
def test_msg_1_to_15_every_outcome_of_the_market_and_its_past_is_right(limit: int, arms: dict[int, Arm]) -> None:
    events, resolved = arms[limit]
    check_reasons(events)
    assert audit(events, resolved) == []


def test_msg_3_the_audit_tells_one_message_a_week_from_three_in_the_past(arms: dict[int, Arm]) -> None:
    """So that to find nothing means something: nothing else is wrong by a past with the other arm's caps, and that is."""
    events, rules = arms[1]
    looser = {"policies": rules["past"]["policies"] | {"caps": arms[3][1]["policies"]["caps"]}}
    wrong = audit(events, rules | {"past": rules["past"] | looser})
    assert len(wrong) > 1_000
    assert all("store_window should be sent" in words for words in wrong)


@pytest.mark.slow
def test_msg_1_to_15_every_outcome_of_a_market_of_4000_consumers_is_right(tmp_path: Path) -> None:
    arms = run_arms(tmp_path, consumers=4_000, days=180)
    for events, resolved in arms.values():
        check_reasons(events)
        assert audit(events, resolved) == []
        check_log(events)
    assert "stores_per_day" in set(arms[3][0]["reason"])
    check_exogenous(arms)
    check_apart(arms)


# What holds of any log


def check_log(events: pd.DataFrame) -> None:
    check_fulfilment(events)
    check_messages(events)
    check_relations(events)


def check_fulfilment(events: pd.DataFrame) -> None:
    """One of each step an order, each after the one before it, of the same consumer and store [SRV-2]."""
    times = {step: events[events["kind"] == step].set_index("ref")["time"] for step in STEPS}
    known = times["order"].index
    for before, after in pairwise(STEPS):
        assert times[after].index.is_unique
        done = times[after].loc[times[after].index.isin(known)]
        assert (done > times[before].reindex(done.index)).all()  # also: none without the step before
    assert known.is_unique
    early = times["order"][times["order"] < events["time"].max() - 60 * DAY]
    assert len(early) > 100
    assert all(early.index.isin(times[step].index).all() for step in STEPS)
    steps = events[events["kind"].isin(STEPS)]
    assert (steps.groupby("ref")[["consumer", "merchant"]].nunique() == 1).all(axis=None)
    assert set(steps["channel"][steps["kind"] != "order"]) == {""}


def check_messages(events: pd.DataFrame) -> None:
    """Reads follow deliveries, once; visits by message are reads; who has opted out gets nothing afterwards [MSG-14]."""
    sent, read = (
        events[events["kind"] == f"message_{what}"].set_index(["ref", "consumer"])["time"] for what in ("sent", "read")
    )
    assert read.index.is_unique
    assert (read > sent.reindex(read.index)).all()
    visits = events[(events["kind"] == "visit") & (events["channel"] == "message")]
    reads = events[events["kind"] == "message_read"]
    keys = ["consumer", "merchant", "time"]
    assert len(visits) == len(reads) > 100
    assert sorted(map(tuple, visits[keys].to_numpy())) == sorted(map(tuple, reads[keys].to_numpy()))
    out = events[events["kind"] == "opt_out"]
    assert len(out) > 10
    deliveries = events[events["kind"] == "message_sent"]
    since = out[out["merchant"] >= 0].set_index(["consumer", "merchant"])["time"]
    of_all = out[out["merchant"] < 0].groupby("consumer")["time"].min()
    own = since.reindex(pd.MultiIndex.from_frame(deliveries[["consumer", "merchant"]])).to_numpy()
    first = np.fmin(own, of_all.reindex(deliveries["consumer"]).to_numpy())
    assert not (deliveries["time"].to_numpy() > first).any()
    assert (since.index.is_unique, of_all.index.is_unique) == (True, True)


def check_relations(events: pd.DataFrame) -> None:
    """Follows and joins are at a visit or an order; orders at visits; nobody visits at a moment of no session and no read."""
    keys = ["consumer", "time"]
    at = {kind: pd.MultiIndex.from_frame(events[events["kind"] == kind][keys]) for kind in ("visit", "session", "message_read")}
    for kind in ("order", "follow", "join", "favourite", "cart"):
        assert pd.MultiIndex.from_frame(events[events["kind"] == kind][keys]).isin(at["visit"]).all(), kind
    assert (at["visit"].isin(at["session"]) | at["visit"].isin(at["message_read"])).all()
    for kind in ("follow", "join", "favourite"):
        assert not events[events["kind"] == kind].duplicated(["consumer", "merchant"]).any()


def check_exogenous(arms: dict[int, Arm]) -> None:
    """Own sessions and needs are the same, row by row; of messages and orders, those of the past are."""
    (one, _), (three, _) = arms.values()
    columns = ["time", "consumer", "kind", "ref"]
    for kind in ("session", "need"):
        first, second = (events.loc[events["kind"] == kind, columns].reset_index(drop=True) for events in (one, three))
        assert len(first) > 5_000
        pd.testing.assert_frame_equal(first, second)
    first, second = (events[events["time"] < 0].reset_index(drop=True) for events in (one, three))
    pd.testing.assert_frame_equal(first, second)
    assert (one["kind"] == "message_sent").sum() < (three["kind"] == "message_sent").sum()


def check_apart(arms: dict[int, Arm]) -> None:
    """Up to the first message that it gets in one arm alone, a consumer does the same in both: it feels nobody else."""
    logs = [events[(events["consumer"] >= 0) & (events["kind"] != "message_blocked")] for events, _ in arms.values()]
    sent = pd.concat([log[log["kind"] == "message_sent"] for log in logs])
    parted = sent[~sent.duplicated(["consumer", "ref"], keep=False)].groupby("consumer")["time"].min()
    assert len(parted) > 50
    columns = ["consumer", "time", "kind", "merchant", "channel", "ref", "amount"]
    same = [log[~(log["time"] >= log["consumer"].map(parted))] for log in logs]
    first, second = (log.sort_values(["consumer", "time", "seq"])[columns].reset_index(drop=True) for log in same)
    assert (first["time"] >= 0).sum() > 500
    assert {"visit", "order", "message_sent"} <= set(first["kind"][first["time"] >= 0])
    pd.testing.assert_frame_equal(first, second)


def test_consumers_do_not_feel_what_happens_to_others(arms: dict[int, Arm]) -> None:
    check_apart(arms)


@pytest.mark.parametrize("limit", ARMS)
def test_what_happens_to_a_consumer_happens_in_the_right_order(limit: int, arms: dict[int, Arm]) -> None:
    check_log(arms[limit][0])


def test_needs_and_own_sessions_are_the_same_in_both_arms(arms: dict[int, Arm]) -> None:
    check_exogenous(arms)
