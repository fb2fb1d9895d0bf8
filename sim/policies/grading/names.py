"""The words of grading, as they stand in files, tables and the event log."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal, get_args


class Grade(StrEnum):
    """Grades, the best first [GRD-1]."""

    QUALITY = "quality"
    POTENTIAL = "potential"
    IMPROVING = "improving"
    NONCOMPLIANT = "noncompliant"


class RegisterJoin(StrEnum):
    """Where a merchant stands with the right to 0-yuan joins that a quality grade gives [GRD-7]."""

    NONE = "none"
    HELD = "held"
    BUFFER = "buffer"  # no longer quality, nothing withdrawn yet
    GRACE = "grace"  # withdrawn: the setting is to be changed before a deadline
    LOCKED = "locked"  # it was not: no recruiting


class Setting(StrEnum):
    """The merchant's own threshold of joining [INT-3]."""

    ZERO = "zero"
    PURCHASED = "purchased"


class Right(StrEnum):
    """Other rights to 0-yuan joins [GRD-6]."""

    OPEN = "open"  # everybody's, before it was kept for quality merchants [GRD-9]
    CUSTOM = "custom"
    LINK = "link"
    NEWCOMER = "newcomer"


class Refusal(StrEnum):
    """Why a join, or a setting, is refused: the first of these that applies [GRD-7]."""

    NONCOMPLIANT = "noncompliant"
    IMPROVING = "improving"
    LOCKED = "locked"
    NO_RIGHT = "no_right"
    NO_RECEIPT = "no_receipt"
    THRESHOLD = "threshold"


Privilege = Literal[
    "register_join", "member_open", "member_link", "my_members", "traffic_package", "search_display", "member_tab",
    "live_members", "group_members", "benefit_tools", "outreach", "recruiting",
]  # fmt: skip
PRIVILEGES: tuple[Privilege, ...] = get_args(Privilege)

RATIOS = ("gmv_share", "quality_ratio", "penetration")  # of which a potential merchant reaches some [GRD-4]
INDICATORS = ("online_days", "scale", *RATIOS)  # [GRD-3]
