"""Crowds that are too small, as runs of the simulator [MSG-6]."""

from __future__ import annotations

from typing import Any

import pytest
from market import DAY, Market, Result

SEND = "a 09-24 10:00 cs.custom fans"
DAY_OF_SEND = 4


def run_of(fans: int, rule: dict[str, Any] | None = None, others: int = 50, **more: Any) -> Result:
    """A store with so many fans sends to them."""
    policies = {"min_crowd": rule or {}} | more
    declare = lambda store, consumer: {"fan": int(consumer < fans), "session_day": 3}  # noqa: E731
    return Market(policies, consumers=fans + others, declare=declare).run(SEND)[0]


def test_msg_6_a_hundred_are_refused() -> None:
    """As a whole: one row without a consumer, at 00:00 of the send day."""
    run = run_of(100)
    rows = run.events[run.events["kind"].isin(["message_sent", "message_blocked"])]
    tasks = run.events[run.events["kind"] == "task"]
    columns = ["time", "consumer", "merchant", "channel", "ref", "reason", "rule"]
    expected = (DAY_OF_SEND * DAY, -1, 0, "cs.custom", tasks["ref"].item(), "crowd_too_small", "MSG-6")
    assert [tuple(row) for row in rows[columns].itertuples(index=False)] == [expected]
    told = run.messages[["outcome", "reason", "count"]]
    assert [tuple(row) for row in told.itertuples(index=False)] == [("refused", "crowd_too_small", 100)]
    assert run.acted["policies.min_crowd"] == 1


def test_msg_6_a_hundred_and_one_go() -> None:
    run = run_of(101)
    sent = run.events["consumer"][run.events["kind"] == "message_sent"]
    assert sent.tolist() == list(range(101))
    assert run.acted["policies.min_crowd"] == 0


@pytest.mark.parametrize(("more_than", "goes"), [(6, True), (7, False)])
def test_msg_6_the_line_is_a_parameter(more_than: int, goes: bool) -> None:
    assert (run_of(7, {"more_than": more_than}).events["kind"] == "message_sent").any() == goes


def test_msg_6_the_crowd_is_that_before_filter_caps_and_opt_outs() -> None:
    """Eight fans, all of whom every other rule refuses: the task itself goes."""
    nobody = {"algorithm_filter": {"share": 0}, "caps": {"store_limit": 0}}
    run = run_of(8, {"more_than": 7}, **nobody)
    assert run.events["reason"].eq("algorithm_filter").sum() == 8


def test_msg_6_the_crowd_is_of_effective_old_customers() -> None:
    declare = lambda store, consumer: {"fan": 1, "order_day": -3 if consumer < 7 else -30_000}  # noqa: E731
    for line, goes in ((6, True), (7, False)):
        rules = {"min_crowd": {"more_than": line}, "old_customers": {}}
        run = Market(rules, consumers=20, declare=declare).run(SEND)[0]
        assert (run.events["kind"] == "message_sent").sum() == (7 if goes else 0)


def test_msg_6_the_strictest_rule_wins() -> None:
    rules = {name: {"use": "min_crowd", "more_than": line} for name, line in (("one", 3), ("two", 8), ("three", 5))}
    run = Market(rules, consumers=8).run("a 09-24 10:00")[0]
    assert run.events["reason"].eq("crowd_too_small").sum() == 1


def test_msg_6_a_refused_task_uses_no_cap_and_no_frequency() -> None:
    """Too small on the 24th; the rule ends, and the store may send on the 25th."""
    rules = {"min_crowd": {"until": "2023-09-25"}, "caps": {}, "reach_frequency": {"tasks": 1}}
    market = Market(rules, consumers=2)
    assert market.counts("a 09-24 10:00", "a 09-25 10:00") == [{"crowd_too_small": 1}, {"sent": 2}]


@pytest.mark.parametrize("channel", ["cs.service", "group.ordinary", "feed"])
def test_msg_6_is_about_the_old_customer_scenes(channel: str) -> None:
    assert Market({"min_crowd": {}}).counts(f"a 09-24 10:00 {channel}") == [{"sent": 1}]
