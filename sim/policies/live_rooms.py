"""Live rooms: stores go live at set times; who is on the platform then may watch [LEAD-7, INT-5]."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, model_validator

from sim.policies.send_window import CLOCK
from sim.policies.some_stores import is_among
from sim.state.names import INDUSTRIES
from sim.state.policy import Policy
from sim.state.world import LIVE_CROWDS, ROOM

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class ByCrowd(BaseModel):
    """A probability for each crowd of a live room; of a crowd that is left out, 0."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    stranger: float = Field(0.0, ge=0, le=1, description="of who neither follows nor is a member")
    fan: float = Field(0.0, ge=0, le=1, description="of who follows and is no member")
    member: float = Field(0.0, ge=0, le=1, description="of who is a member")


class LiveRooms(Policy):
    """Stores go live, on some days of the week, from `opens` until the second before `closes`.

    An own session in that time watches at most one room, of a store that the consumer has met or is aware of, and has not
    dropped out of: a visit of source `live`, which is activity [FAN-2]. There it is asked to follow and to join by crowd, and
    orders more readily. All numbers are assumed (A): no source prints any.
    """

    merchants: list[str] = Field(default_factory=list, description="stores that go live; none, and no industries: all")
    industries: list[Literal[INDUSTRIES]] = Field(  # type: ignore[valid-type]
        default_factory=list, description="industries all of whose stores go live"
    )
    weekdays: list[Literal[WEEKDAYS]] = Field(  # type: ignore[valid-type]
        default_factory=lambda: list(WEEKDAYS), description="days of the week"
    )
    opens: str = Field("20:00", description="HH:MM, the first minute", pattern=CLOCK)
    closes: str = Field("22:00", description="HH:MM, the first minute after it", pattern=CLOCK)
    watch: ByCrowd = Field(
        ByCrowd(stranger=0.02, fan=0.15, member=0.2), description="probability that a session in that time watches [INT-5]"
    )
    follow: ByCrowd = Field(
        ByCrowd(stranger=0.1, member=0.2), description="probability of following when asked to in the room [INT-1]"
    )
    join: ByCrowd = Field(
        ByCrowd(stranger=0.02, fan=0.1), description="probability of joining when asked to in the room [INT-5]"
    )
    orders: float = Field(1.5, ge=0, description="factor on the probability of an order at a visit to the room")
    keep_fans: float = Field(
        0.0, ge=0, le=1, description="share of fans who do not replace the store, however silent, by another that they follow"
    )

    @model_validator(mode="after")
    def _opens_before_it_closes(self) -> LiveRooms:
        if seconds_of(self.closes) <= seconds_of(self.opens):
            raise ValueError(f"'closes' must be after 'opens' ({self.opens}), on the same day; given {self.closes}")
        return self

    def has(self, merchant: str, industry: str) -> bool:
        """Whether a store goes live."""
        return is_among(self.merchants, self.industries, merchant, industry)


def rooms_of(policies: Sequence[LiveRooms], stores: Sequence[tuple[str, str]], weekday: int) -> np.ndarray:
    """The live rooms of a day of the week, 0 is Monday: (rooms,) ROOM. `stores` are (merchant, industry)."""
    open_on = [policy for policy in policies if WEEKDAYS[weekday] in policy.weekdays]
    found = [(policy, m) for policy in open_on for m, store in enumerate(stores) if policy.has(*store)]
    rooms = ROOM.rows(len(found))
    for room, (policy, m) in zip(rooms, found):
        room["merchant"], room["opens"], room["closes"] = m, seconds_of(policy.opens), seconds_of(policy.closes)
        room["orders"] = policy.orders
        for what in ("watch", "follow", "join"):
            for crowd in LIVE_CROWDS:
                room[f"{what}_{crowd}"] = getattr(getattr(policy, what), crowd)
    return rooms


def seconds_of(text: str) -> int:
    """HH:MM as seconds since 00:00."""
    at = dt.time.fromisoformat(text)
    return at.hour * 3_600 + at.minute * 60
