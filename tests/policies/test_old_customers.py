"""Effective old customers, as runs of the simulator [MSG-1, MSG-2, MSG-7]."""

from __future__ import annotations

from typing import Any

import pytest
from market import Market

START = "2023-05-25"
NEVER = -30_000
SEND = "a 06-01 09:00"


def market(declared: dict[str, Any], **parameters: Any) -> Market:
    """One consumer who is `declared` to the store."""
    return Market({"old_customers": parameters}, start=START, declare=lambda store, consumer: declared)


@pytest.mark.parametrize(
    ("bought", "visited", "belongs"),
    [
        ("2022-06-01", "2023-03-03", True),
        ("2022-05-31", "2023-03-03", False),
        ("2022-06-01", "2023-03-02", False),
        ("2022-06-01", "2023-05-24", True),
        ("2023-05-24", NEVER, True),  # who bought there has visited
        ("2023-03-02", NEVER, False),
        (NEVER, "2023-05-24", False),
    ],
)
def test_msg_1_msg_7_purchases_and_visits_that_count_on_2023_06_01(bought: Any, visited: Any, belongs: bool) -> None:
    """Purchases on [2022-06-01, 2023-06-01), visits on [2023-03-03, 2023-06-01)."""
    outcome = market({"order_day": bought, "visit_day": visited}).outcomes(SEND)
    assert outcome == ["sent" if belongs else "not in the crowd"]


def test_msg_1_the_windows_are_parameters() -> None:
    bought = {"order_day": "2023-05-20", "visit_day": "2023-05-22"}
    assert market(bought, bought_days=12, visited_days=10).outcomes(SEND) == ["sent"]
    assert market(bought, bought_days=11, visited_days=10).outcomes(SEND) == ["not in the crowd"]
    assert market(bought, bought_days=12, visited_days=9).outcomes(SEND) == ["not in the crowd"]


def test_msg_1_of_two_rules_the_shorter_windows_hold() -> None:
    rules = {"one": {"use": "old_customers", "bought_days": 5}, "other": {"use": "old_customers", "visited_days": 3}}
    long_ago = Market(rules, start=START, declare=lambda store, consumer: {"order_day": "2023-05-24"})
    assert long_ago.outcomes("a 05-26 09:00", "a 05-28 09:00", "a 05-30 09:00") == ["sent", *["not in the crowd"] * 2]


@pytest.mark.parametrize("crowd", ["fans", "members", "customers", "all"])
def test_msg_1_out_of_the_crowd_that_the_merchant_names(crowd: str) -> None:
    """Consumers: 0 a fan, 1 a member, 2 neither, all bought yesterday; 3 a fan and member who never did."""

    def declare(store: str, consumer: int) -> dict[str, Any]:
        bought = {} if consumer == 3 else {"order_day": "2023-05-24"}
        return bought | {"fan": int(consumer in (0, 3)), "member": int(consumer in (1, 3))}

    every = Market({"old_customers": {}}, start=START, consumers=4, declare=declare)
    run, _ = every.run(f"a 06-01 09:00 cs.custom {crowd}")
    sent = run.events["consumer"][run.events["kind"] == "message_sent"].tolist()
    assert sent == {"fans": [0], "members": [1], "customers": [0, 1, 2], "all": [0, 1, 2]}[crowd]
    left_out = run.messages[run.messages["reason"] == "not_effective"]["count"].sum()
    assert left_out == {"fans": 1, "members": 1, "customers": 0, "all": 1}[crowd]
    assert run.acted["policies.old_customers"] == left_out
    assert not (run.events["reason"] == "not_effective").any(), "counted, not logged"


@pytest.mark.parametrize(("channel", "belongs"), [("cs.promotion", False), ("cs.service", True), ("feed", True)])
def test_msg_1_is_about_the_old_customer_scenes(channel: str, belongs: bool) -> None:
    assert market({}).outcomes(f"a 06-01 09:00 {channel}") == ["sent" if belongs else "not in the crowd"]


def test_msg_1_only_while_in_force() -> None:
    rule = market({}, **{"from": "2023-06-01", "until": "2023-06-02"})
    assert rule.outcomes("a 05-31 09:00", SEND, "a 06-02 09:00") == ["sent", "not in the crowd", "sent"]
