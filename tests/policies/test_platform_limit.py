"""The platform's limit: messages of all stores to all consumers on one natural day [MSG-13]."""

from __future__ import annotations

import pandas as pd
from market import Market

LOOSE = {"store_limit": None, "stores_per_day": None, "per_store_per_day": None, "total_per_day": None}


def limited(limit: int, consumers: int = 10, **policies: dict) -> Market:
    """The platform's limit and no other cap."""
    return Market({"caps": LOOSE | {"platform_per_day": limit}} | policies, consumers=consumers)


def test_msg_13_the_last_unit_is_sent_and_the_next_message_is_not() -> None:
    """The limit met exactly, missed by one, exceeded by one."""
    send = "a 09-24 10:00"
    assert limited(10).counts(send) == [{"sent": 10}]
    assert limited(11).counts(send) == [{"sent": 10}]
    assert limited(9).counts(send) == [{"sent": 9, "platform_limit": 1}]
    assert limited(1).counts(send) == [{"sent": 1, "platform_limit": 9}]


def test_msg_13_at_limit_zero_nothing_is_sent() -> None:
    assert limited(0).counts("a 09-24 10:00") == [{"platform_limit": 10}]


def test_msg_13_all_stores_and_channels_share_the_limit() -> None:
    sends = "b 09-24 09:00 group.member", "a 09-24 10:00 cs.service", "c 09-24 11:00", "d 09-24 12:00 feed"
    expected = [{"sent": 10}, {"sent": 10}, {"sent": 5, "platform_limit": 5}, {"platform_limit": 10}]
    assert limited(25).counts(*sends) == expected


def test_msg_13_per_natural_day() -> None:
    """Nothing is left at 23:59; all is there again at 00:00, and what was left is not added."""
    sends = "a 09-24 23:59", "b 09-24 23:59", "a 09-25 00:00", "b 09-26 00:00", "c 09-26 10:00"
    expected = [{"sent": 10}, {"sent": 2, "platform_limit": 8}, {"sent": 10}, {"sent": 10}, {"sent": 2, "platform_limit": 8}]
    counts = limited(12).counts(*sends)
    assert counts == expected


def test_msg_13_in_one_second_the_task_created_first_goes_first() -> None:
    """Both were created at the same time: the order of merchants' names decides."""
    assert limited(10).counts("b 09-24 10:00", "a 09-24 10:00") == [{"platform_limit": 10}, {"sent": 10}]


def test_msg_13_what_another_rule_refuses_takes_nothing() -> None:
    market = Market({"caps": LOOSE | {"platform_per_day": 15, "stores_per_day": 1}}, consumers=10)
    assert market.counts("a 09-24 10:00", "b 09-24 11:00", "c 09-24 12:00 group.member") == [
        {"sent": 10},
        {"stores_per_day": 10},
        {"sent": 5, "platform_limit": 5},
    ]


def test_msg_13_of_two_limits_the_smaller_holds() -> None:
    other = {"use": "caps"} | LOOSE | {"platform_per_day": 4}
    assert limited(8, a_second=other).counts("a 09-24 10:00") == [{"sent": 4, "platform_limit": 6}]


def test_msg_13_the_limit_stands_in_the_log_once_a_day() -> None:
    result, sends = limited(12).run("a 09-24 10:00", "b 09-24 11:00", "a 09-25 10:00", "a 09-26 10:00", "b 09-26 10:00")
    events = result.events.astype({"kind": str, "reason": str, "rule": str})
    rows = events[events["kind"] == "resource_exhausted"]
    assert rows["time"].tolist() == [sends[1].time, sends[4].time]
    assert set(rows["reason"]) == {"platform_limit"}
    assert set(rows["rule"]) == {"MSG-13"}
    assert rows["consumer"].eq(-1).all()
    assert result.acted["policies.caps"] == 16
    sent = events[events["kind"] == "message_sent"]
    assert pd.Series(sent["time"] // 86_400).value_counts().max() == 12
