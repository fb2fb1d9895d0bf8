"""How often a merchant may send, as runs of the simulator [MSG-13]."""

from __future__ import annotations

import pytest
from market import Market

TWICE_IN_FIVE = {"reach_frequency": {"tasks": 2, "days": 5}}


def test_msg_13_tasks_of_the_days_before_count() -> None:
    """Sent on the 21st and 22nd: on d both count if they lie in d-5 .. d-1; from the 27th on the first does no more."""
    days = (21, 22, 23, 26, 27, 28)
    refused = "reach_frequency"
    expected = ["sent", "sent", refused, refused, "sent", "sent"]
    assert Market(TWICE_IN_FIVE).outcomes(*(f"a 09-{day} 10:00" for day in days)) == expected


def test_msg_13_data_are_those_of_yesterday() -> None:
    """Three tasks of one day go: at 00:00 none of them was known."""
    sends = [f"a 09-2{day} 1{k}:00" for day in (2, 3) for k in range(3)]
    assert Market(TWICE_IN_FIVE).outcomes(*sends) == [*["sent"] * 3, *["reach_frequency"] * 3]


def test_msg_13_is_per_merchant() -> None:
    sends = [f"{store} 09-2{day} 10:00" for day in (2, 3, 4) for store in "ab"]
    assert Market(TWICE_IN_FIVE).outcomes(*sends) == [*["sent"] * 4, *["reach_frequency"] * 2]


def test_msg_13_a_task_that_reached_nobody_uses_up_nothing() -> None:
    """Refused by the filter on the 22nd and 23rd; created again on the 24th and 25th, both go, and then no more."""
    policies = TWICE_IN_FIVE | {"algorithm_filter": {"share": 0, "until": "2023-09-24"}}
    market = Market(policies, consumers=3)
    sends = [f"a 09-{day} 10:00" for day in (22, 23, 24, 25, 26)]
    expected = [{"algorithm_filter": 3}] * 2 + [{"sent": 3}] * 2 + [{"reach_frequency": 3}]
    assert market.counts(*sends) == expected


def test_msg_13_a_task_that_reached_nobody_shows_zeros() -> None:
    market = Market({"algorithm_filter": {"share": 0}}, consumers=3)
    told = market.run("a 09-22 10:00")[0].messages[["outcome", "reason", "count"]]
    assert [tuple(row) for row in told.itertuples(index=False)] == [("sent", "", 0), ("refused", "algorithm_filter", 3)]


def test_msg_13_who_is_refused_for_the_frequency_uses_up_none_of_it() -> None:
    """Sent on the 21st and 22nd; refused on the 23rd to 26th, which leaves the 27th free."""
    sends = [f"a 09-{day} 10:00" for day in range(21, 28)]
    assert Market(TWICE_IN_FIVE).outcomes(*sends) == ["sent", "sent", *["reach_frequency"] * 4, "sent"]


def test_msg_13_comes_after_the_caps() -> None:
    policies = {"reach_frequency": {"tasks": 1, "days": 7}, "caps": {"store_days": 3}}
    sends = [f"a 09-{day} 10:00" for day in (22, 24, 25)]
    assert Market(policies).outcomes(*sends) == ["sent", "store_window", "reach_frequency"]


@pytest.mark.parametrize("channel", ["cs.service", "group.ordinary", "feed"])
def test_msg_13_counts_old_customer_scenes_only(channel: str) -> None:
    policies = {"reach_frequency": {"tasks": 1, "days": 7}}
    sends = (f"a 09-22 10:00 {channel}", "a 09-23 10:00", f"a 09-24 10:00 {channel}", "a 09-25 10:00")
    assert Market(policies).outcomes(*sends) == ["sent", "sent", "sent", "reach_frequency"]


def test_msg_13_of_two_rules_both_hold() -> None:
    rules = {"week": {"use": "reach_frequency", "tasks": 3}, "day": {"use": "reach_frequency", "tasks": 1, "days": 1}}
    sends = [f"a 09-{day} 10:00" for day in range(21, 30)]
    refused = "reach_frequency"
    assert Market(rules).outcomes(*sends) == ["sent", refused, "sent", refused, "sent", refused, refused, refused, "sent"]
