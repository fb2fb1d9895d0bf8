"""Who a task is for is decided at 00:00 of its send day."""

from __future__ import annotations

from pathlib import Path

import sim

DAY = 86_400
ROOT = Path(__file__).parents[2]


def test_msg_7_the_crowd_is_that_of_midnight() -> None:
    """Exactly those who followed the store before 00:00 of the send day have an outcome, sent or refused, one each."""
    log = sim.run(sim.load(ROOT / "benchmarks" / "w1.yaml", consumers=400, days=40), seed=3, events="all").events
    followed = {(row.merchant, row.consumer): row.time for row in log[log["kind"] == "follow"].itertuples()}
    outcomes = log[log["kind"].isin(["message_sent", "message_blocked"])]
    reached = {}
    for row in outcomes.itertuples():
        assert (row.ref, row.consumer) not in reached
        reached[row.ref, row.consumer] = row.time
    send_days = {row.ref: row.time // DAY + 1 for row in log[log["kind"] == "task"].itertuples()}
    merchants = {row.ref: row.merchant for row in log[log["kind"] == "task"].itertuples()}
    expected = {
        (task, consumer)
        for task, day in send_days.items()
        if day < 40
        for (merchant, consumer), time in followed.items()
        if merchant == merchants[task] and time < day * DAY
    }
    busy = {(merchants[task], day) for task, day in send_days.items()}
    same_day = sum((merchant, time // DAY) in busy for (merchant, _), time in followed.items())
    assert same_day > 50, "some must follow on a send day, or nothing is decided"
    assert set(reached) == expected
