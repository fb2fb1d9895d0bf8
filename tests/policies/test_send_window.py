"""The window of send times, as runs of the simulator [MSG-11]."""

from __future__ import annotations

import pytest
from market import DAY, Market
from pydantic import ValidationError

from sim.policies.send_window import SendWindow

NINE_TO_TEN = {"send_window": {"first": "09:00", "last": "10:00"}}


def test_msg_11_strictly_inside_by_the_minute() -> None:
    times = ("08:59", "09:00", "09:00:59", "09:01", "09:59", "09:59:59", "10:00", "10:01")
    outcomes = Market(NINE_TO_TEN).outcomes(*(f"a 09-24 {time}" for time in times))
    assert outcomes == [*["outside_window"] * 3, *["sent"] * 3, *["outside_window"] * 2]


def test_msg_11_is_refused_at_its_creation() -> None:
    """One row, of no consumer; created at 00:00 of the day before."""
    run, _ = Market(NINE_TO_TEN, consumers=5).run("a 09-24 12:00")
    rows = run.events[run.events["kind"].isin(["message_sent", "message_blocked"])]
    columns = ["time", "consumer", "reason", "rule"]
    assert [tuple(row) for row in rows[columns].itertuples(index=False)] == [(3 * DAY, -1, "outside_window", "MSG-11")]
    told = run.messages[["outcome", "reason", "count"]]
    assert [tuple(row) for row in told.itertuples(index=False)] == [("refused", "outside_window", 0)]
    assert run.acted["policies.send_window"] == 1


def test_msg_11_created_before_the_rule_refused_when_it_is_in_force() -> None:
    """The rule begins on the send day, or ends before it."""
    late = {"send_window": {"first": "09:00", "last": "10:00", "from": "2023-09-24"}}
    run, _ = Market(late).run("a 09-23 12:00", "a 09-24 12:00", "a 09-25 12:00")
    refused = run.events[run.events["kind"] == "message_blocked"]
    assert refused["time"].tolist() == [4 * DAY, 4 * DAY], "at 00:00 of the 24th: of that day, and of the day after"
    ends = {"send_window": {"first": "09:00", "last": "10:00", "until": "2023-09-24"}}
    assert Market(ends).outcomes("a 09-23 12:00", "a 09-24 12:00") == ["outside_window", "sent"]


@pytest.mark.parametrize("channel", ["cs.service", "group.ordinary", "feed"])
def test_msg_11_is_about_the_old_customer_scenes(channel: str) -> None:
    assert Market(NINE_TO_TEN).outcomes(f"a 09-24 12:00 {channel}") == ["sent"]


def test_a_window_has_a_minute_inside() -> None:
    SendWindow(first="09:00", last="09:02")
    with pytest.raises(ValidationError, match="two minutes or more after 'first'"):
        SendWindow(first="09:00", last="09:01")
