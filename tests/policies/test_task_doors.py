"""Reasons to refuse a whole task whose rules are not modelled: the door stands, and whoever brings the rule finds its place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from market import Market

DOOR = f"{Path(__file__).with_name('doors_plugin.py')}:Door"
TASKS = ("a 09-24 09:30", "a 09-24 10:30")  # plan 0 and plan 1
IN_ORDER = ("not_invited", "image_late", "outside_window", "coupon_not_valid", "text_refused")


def door(says: str, *plans: str) -> dict[str, Any]:
    return {"use": DOOR, "says": says, "plans": list(plans)}


@pytest.mark.parametrize(
    ("says", "rule"),
    [("not_invited", "MSG-16"), ("image_late", "MSG-10"), ("coupon_not_valid", "MSG-12"), ("text_refused", "MSG-18")],
)
def test_msg_10_msg_12_msg_16_msg_18_a_task_is_refused_as_a_whole_for_one_reason_of_its_rule(says: str, rule: str) -> None:
    run, _ = Market({"mine": door(says, "plan 0")}, consumers=5).run(*TASKS)
    blocked = run.events[run.events["kind"] == "message_blocked"]
    assert [tuple(row) for row in blocked[["consumer", "reason", "rule"]].itertuples(index=False)] == [(-1, says, rule)]
    assert Market({"mine": door(says, "plan 0")}).outcomes(*TASKS) == [says, "sent"]


@pytest.mark.parametrize("k", range(len(IN_ORDER) - 1))
def test_msg_10_msg_12_msg_16_msg_18_the_first_reason_of_the_documented_order_counts(k: int) -> None:
    """Whatever the policies are called: the later reason is that of the first name."""
    policies = {"a": door(IN_ORDER[k + 1], "plan 0"), "b": door(IN_ORDER[k], "plan 0")}
    assert Market(policies).outcomes(*TASKS) == [IN_ORDER[k], "sent"]
