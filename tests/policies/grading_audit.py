"""A second reading of the rulebook's grading, as a table; it shares no code with what it audits.

All times are whole seconds since 2021-01-01, states and causes are words. Whatever happens, the first row of TABLE that
applies says what becomes of the register-join state.
"""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Iterable
from typing import Any

DAY = 86_400
ZERO_DAY = dt.date(2021, 1, 1)


def second(year: int, month: int, day: int, seconds: int = 0) -> int:
    return (dt.date(year, month, day) - ZERO_DAY).days * DAY + seconds


KEPT_FOR_QUALITY = second(2021, 9, 15)
THREE_INDICATORS = COUNTED = second(2021, 11, 16)
AWARDED = second(2021, 12, 16)
LINES = {"scale": 1_000, "gmv_share": 0.2, "quality_ratio": 0.2, "penetration": 0.2}
LINK_MISSES = 6
ANY = None

# state, cause, setting, has another right, grade is N -> state
TABLE = [
    (ANY, "quality", ANY, ANY, ANY, "held"),
    ("held", "short", ANY, ANY, ANY, "buffer"),
    ("buffer", "short", "purchased", ANY, ANY, "none"),
    ("buffer", "short", "zero", True, ANY, "none"),
    ("buffer", "short", "zero", False, True, "none"),
    ("buffer", "short", "zero", False, False, "grace"),
    ("none", "short", "zero", False, False, "grace"),  # N lifts, or member-link goes
    ("locked", "short", "purchased", ANY, ANY, "none"),
    ("grace", "set", "purchased", ANY, ANY, "none"),
    ("grace", "deadline", ANY, ANY, ANY, "locked"),
    ("none", "expiry", "zero", False, ANY, "grace"),
    (ANY, ANY, ANY, ANY, ANY, "as before"),
]


def result(time: int, days: int, values: dict[str, float | None]) -> str:
    """Q, P or I."""
    reaches = {name: values[name] is not None and values[name] >= line for name, line in LINES.items()}  # type: ignore[operator]
    some = any(reaches[name] for name in LINES if name != "scale")
    if days < 6:
        return "I"
    if all(reaches.values()):
        return "Q"
    return "P" if some or time < THREE_INDICATORS else "I"


def half_a_year_after(time: int) -> int:
    moment = dt.datetime(2021, 1, 1) + dt.timedelta(seconds=time)
    year, month = (moment.year, moment.month + 6) if moment.month <= 6 else (moment.year + 1, moment.month - 6)
    day = min(moment.day, calendar.monthrange(year, month)[1])
    return second(year, month, day, time % DAY)


class Audit:
    """One merchant."""

    def __init__(self, first: int) -> None:
        self.now = first
        self.state, self.setting, self.grade = "none", "purchased", ""
        self.deadline = -1
        self.history: list[tuple[int, str]] = []
        self.until: dict[str, float] = {"open": KEPT_FOR_QUALITY} if first < KEPT_FOR_QUALITY else {}
        self.ever: set[str] = set()
        self.misses = 0

    def move(self, cause: str) -> None:
        facts = (self.state, cause, self.setting, bool(self.until), self.grade == "noncompliant")
        to = next(row[-1] for row in TABLE if all(wanted in (ANY, fact) for wanted, fact in zip(row, facts)))
        if to == "grace":
            self.deadline = self.now + DAY
        if to != "as before":
            self.state = str(to)

    def ring(self, before: int) -> None:
        """Everything due strictly before a second."""
        while True:
            due = [(end, name) for name, end in self.until.items() if end < before]
            if self.state == "grace" and self.deadline < before:
                due.append((self.deadline, "deadline"))
            if not due:
                return
            end, name = min(due)
            self.now = int(end)
            if name == "deadline":
                self.move("deadline")
            else:
                del self.until[name]
                self.move("expiry")

    def tell(self, time: int, custom_until: int | None, link: bool, newcomer_since: int | None) -> None:
        if custom_until is not None and "custom" not in self.ever and custom_until > time:
            self.until["custom"] = custom_until
            self.ever.add("custom")
        if link and "link" not in self.ever:
            self.until["link"] = float("inf")
            self.ever.add("link")
        if newcomer_since is not None and "newcomer" not in self.ever and newcomer_since <= time:
            end = half_a_year_after(newcomer_since)
            if end > time:
                self.until["newcomer"] = end
                self.ever.add("newcomer")

    def refresh(self, time: int, outcome: str) -> None:
        self.now = time
        self.history.append((time, outcome))
        running = 0
        for when, one in reversed(self.history):
            if one != "I" or when < COUNTED:
                break
            running += 1
        spared = "newcomer" in self.until
        if running >= 2 and time >= AWARDED and not spared:
            self.grade = "noncompliant"
        else:
            self.grade = {"Q": "quality", "P": "potential", "I": "improving"}[outcome]
        if "link" in self.until:
            self.misses = 0 if outcome == "Q" else self.misses + 1
            if self.misses == LINK_MISSES:
                del self.until["link"]
        self.move("quality" if outcome == "Q" else "short")

    def set(self, setting: str) -> str | None:
        if self.grade == "noncompliant":
            return "noncompliant"
        if setting == "zero" and (self.state == "grace" or not self.right):
            return "no_right"
        self.setting = setting
        self.move("set")
        return None

    @property
    def right(self) -> bool:
        return self.state in ("held", "buffer", "grace") or len(self.until) > 0

    def answer(self, refused: str | None) -> dict[str, Any]:
        shut = self.grade == "noncompliant" or (self.grade == "improving" and "newcomer" not in self.until)
        recruiting = not shut and self.state != "locked"
        return {
            "grade": self.grade or None,
            "register_join": self.state,
            "setting": self.setting,
            "recruiting": recruiting,
            "zero_yuan_join": recruiting and self.setting == "zero" and self.right,
            "purchased_join": recruiting and self.setting == "purchased",
            "refused": refused,
        }


def audit(rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The answers to one merchant's rows; `rows` hold seconds and numbers, in any order."""
    rows = list(rows)
    turn = ["refresh", "setting", "ask"]
    answers: dict[int, dict[str, Any]] = {}
    life: Audit | None = None
    for k in sorted(range(len(rows)), key=lambda k: (rows[k]["time"], turn.index(rows[k]["event"]), k)):
        row = rows[k]
        time = row["time"]
        life = life or Audit(time)
        life.ring(before=time)
        life.tell(time, row["custom_until"], row["member_link"], row["newcomer_since"])
        if row["event"] == "refresh":
            life.refresh(time, result(time, row["online_days"], row))
        life.ring(before=time + 1)
        answers[k] = life.answer(life.set(row["setting"]) if row["event"] == "setting" else None)
    return [answers[k] for k in range(len(rows))]
