"""An audit of message caps that reads the event log, what was asked to be sent, and the caps' parameters; nothing else.

It knows the rulebook's words only: it counts rows of the log, and keeps no windows, rings or running numbers.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any, NamedTuple

import pandas as pd

DAY = 86_400
DEFAULTS = {"store_limit": 1, "store_days": 7, "stores_per_day": 5, "per_store_per_day": 2, "total_per_day": 10}
OLD_CUSTOMER_SCENES = {
    "cs.custom", "cs.new_arrival", "cs.follow_gift", "cs.repurchase_coupon", "cs.promotion", "cs.member_day",
}  # fmt: skip
DEDICATED_SERVICE = OLD_CUSTOMER_SCENES | {"cs.service"}
ENTRY = {"fans": "follow", "members": "join", "customers": "order"}  # what makes one of a crowd


class Asked(NamedTuple):
    """A message that a store asked for."""

    merchant: int
    time: int
    channel: str
    crowd: str


class Reached(NamedTuple):
    """A delivered message of a consumer."""

    day: int
    merchant: int
    channel: str


class Meeting(NamedTuple):
    """A row of the log that says what became of a message."""

    time: int
    seq: int
    consumer: int
    merchant: int
    channel: str
    outcome: str  # sent, or the reason


def meetings(events: pd.DataFrame) -> list[Meeting]:
    rows = events[events["kind"].isin(["message_sent", "message_blocked"])]
    assert (rows["reason"].ne("") == rows["kind"].eq("message_blocked")).all(), "a refusal has a reason, a delivery none"
    return [
        Meeting(row.time, row.seq, row.consumer, row.merchant, row.channel, row.reason or "sent") for row in rows.itertuples()
    ]


def audit(events: pd.DataFrame, asked: list[Asked], caps: list[dict[str, Any]], days: int, consumers: int) -> list[str]:
    """What is wrong with the log, in words. `caps` holds the policies' parameters, with `from` and `until` as days."""
    first = first_times(events)
    found = meetings(events)
    return [
        *audit_crowds(first, found, asked, days, consumers),
        *audit_outcomes(first, found, caps),
        *audit_tasks(events, asked),
    ]


def first_times(events: pd.DataFrame) -> dict[tuple[str, int, int], tuple[int, int]]:
    """When each consumer first did what to each store: (kind, consumer, merchant) -> (time, seq)."""
    rows = events[events["kind"].isin(["follow", "join", "order", "opt_out"])]
    first: dict[tuple[str, int, int], tuple[int, int]] = {}
    for row in rows.itertuples():
        first.setdefault((row.kind, row.consumer, row.merchant), (row.time, row.seq))
    return first


def audit_crowds(
    first: dict[tuple[str, int, int], tuple[int, int]], found: list[Meeting], asked: list[Asked], days: int, consumers: int
) -> Iterator[str]:
    """Exactly one outcome, at the send time, for each task and consumer of the crowd as of 00:00; none for others."""
    outcomes: dict[tuple[int, int, str, int], int] = defaultdict(int)
    for meeting in found:
        outcomes[meeting.merchant, meeting.time, meeting.channel, meeting.consumer] += 1
    expected = set()
    for task in asked:
        if task.time >= days * DAY:
            continue
        midnight = task.time // DAY * DAY
        for consumer in range(consumers):
            left = first.get(("opt_out", consumer, task.merchant))
            entered = first.get((ENTRY.get(task.crowd, ""), consumer, task.merchant))
            belongs = task.crowd == "all" or (entered is not None and entered[0] < midnight)
            if belongs and not (left is not None and left[0] < midnight):
                expected.add((task.merchant, task.time, task.channel, consumer))
    for key in sorted(expected | set(outcomes)):
        if outcomes.get(key, 0) != (key in expected):
            yield f"{outcomes.get(key, 0)} outcomes instead of {int(key in expected)}: {key}"


def audit_outcomes(
    first: dict[tuple[str, int, int], tuple[int, int]], found: list[Meeting], caps: list[dict[str, Any]]
) -> Iterator[str]:
    """Each outcome is the first reason that held at its time, or a delivery if none did."""
    reached: dict[int, list[Reached]] = defaultdict(list)
    for meeting in found:
        left = first.get(("opt_out", meeting.consumer, meeting.merchant))
        if left is not None and left < (meeting.time, meeting.seq):
            right = "opted_out"
        else:
            right = reason_of(meeting, reached[meeting.consumer], caps)
        if meeting.outcome != right:
            yield f"{meeting} should be: {right}"
        if meeting.outcome == "sent":
            reached[meeting.consumer].append(Reached(meeting.time // DAY, meeting.merchant, meeting.channel))


def reason_of(meeting: Meeting, reached: list[Reached], policies: list[dict[str, Any]]) -> str:
    """The first cap of any policy in force that is reached already, in the documented order; else sent."""
    day = meeting.time // DAY
    in_force = [DEFAULTS | policy for policy in policies if policy["from"] <= day < policy["until"]]
    if meeting.channel not in DEDICATED_SERVICE or not in_force:
        return "sent"
    scene = meeting.channel in OLD_CUSTOMER_SCENES
    today = [message for message in reached if message.day == day and message.channel in DEDICATED_SERVICE]
    of_store = [message for message in today if message.merchant == meeting.merchant]
    stores = {message.merchant for message in today if message.channel in OLD_CUSTOMER_SCENES}

    def days_of_store(days: int) -> int:
        return sum(
            message.merchant == meeting.merchant and message.channel in OLD_CUSTOMER_SCENES and day - message.day < days
            for message in reached
        )

    def full(name: str, count: int) -> bool:
        return any(caps[name] is not None and count >= caps[name] for caps in in_force)

    if scene and any(
        caps["store_limit"] is not None and days_of_store(caps["store_days"]) >= caps["store_limit"] for caps in in_force
    ):
        return "store_window"
    if full("per_store_per_day", len(of_store)):
        return "store_per_day"
    if scene and meeting.merchant not in stores and full("stores_per_day", len(stores)):
        return "stores_per_day"
    if full("total_per_day", len(today)):
        return "total_per_day"
    return "sent"


def audit_tasks(events: pd.DataFrame, asked: list[Asked]) -> Iterator[str]:
    """Each task is created before 00:00 of its send day, and every outcome names its task."""
    tasks = events[events["kind"] == "task"].set_index("ref")
    if not tasks.index.is_unique:
        yield "two tasks of one id"
    if len(tasks) > len(asked):
        yield f"{len(tasks)} tasks, but {len(asked)} were asked for"
    for row in events[events["kind"].isin(["message_sent", "message_blocked", "message_read"])].itertuples():
        if row.ref not in tasks.index:
            yield f"{row} is of no task"
            continue
        task = tasks.loc[row.ref]
        if (task["merchant"], task["channel"]) != (row.merchant, row.channel) or task["time"] >= row.time // DAY * DAY:
            yield f"{row} is not of its task {task.to_dict()}"
