"""W1, the reduced model that every engine can run: its figures, what it counts, and the row that a run of it reports.

Each consumer knows 8 of 100 stores and opens one of them now and then; a visit may end in following, joining, buying.
A store writes to its fans on two weekdays. Two caps decide who gets the message; a message that is read is a visit.
Time is in whole seconds from 00:00 of day 0.
"""

from __future__ import annotations

from importlib import import_module

from benchmarks import rows
from benchmarks.rows import Row

HOUR = 3_600
DAY = 24 * HOUR

STORES = 100
STORES_KNOWN = 8  # by each consumer, all different
SESSIONS_PER_DAY = 0.5

STRANGER, FAN, MEMBER = range(3)
FOLLOW = 0.05  # of a stranger's visits
JOIN = 0.03  # of a fan's visits
BUY = (0.02, 0.04, 0.07)  # by stage, as it is after following or joining
RECEIPT_MEAN = 3 * DAY

OPENING = 9 * HOUR  # store 0 sends at this time of day, each next store a minute later
WINDOW_DAYS = 7  # natural days, the day of delivery included, with at most one message of a store
STORES_A_DAY = 2  # at most, that deliver to one consumer
READ = 0.3
READ_MEAN = 8 * HOUR

COUNTS = ("sessions", "reads", "receipts", "orders", "sends", "refused_window", "refused_stores", "follows", "joins")
EVENTS = ("sessions", "reads", "receipts", "sends")


def sends_on(store: int, day: int) -> bool:
    """Whether `store` writes to its fans on `day`."""
    return day % 7 in (store % 7, (store + 3) % 7)


def send_time(store: int, day: int) -> int:
    """The second at which `store` writes on one of its days."""
    return day * DAY + OPENING + store * 60


def row(implementation: str, consumers: int, threads: int, days: int, counts: dict[str, int], seconds: float) -> Row:
    """The report of one run, `seconds` being those of the event loop alone."""
    return rows.row(
        "W1",
        implementation,
        consumers=consumers,
        threads=threads,
        days=days,
        counts={name: counts[name] for name in COUNTS},
        seconds=seconds,
        events=sum(counts[name] for name in EVENTS),
    )


def run(module: str, *arguments: int) -> list[Row]:
    """One run by the version in `module`. It is imported here, so that no engine is in the memory of another's process."""
    return [import_module(module).run(*arguments)]
