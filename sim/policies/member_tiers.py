"""The platform's tiers of members, by how lately they came and bought; (A), for no page prints them [GRD-8]."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from pydantic import BaseModel, ConfigDict

from sim.state.compiled import entry, inlined, prefetch
from sim.state.names import CROWD_MEMBERS
from sim.state.near import near
from sim.state.parameters import assumed
from sim.state.shard import Row, Shard

QUALITY, POTENTIAL, SILENT = range(3)
CONSUMERS_AHEAD = 4


class Windows(NamedTuple):
    """Natural days before the day on which members are counted."""

    quality_visited: int
    quality_bought: int
    potential_visited: int
    potential_bought: int


@inlined
def tier(r: Row, windows: Windows, day: int) -> int:
    """The tier of a member as of 00:00 of `day`: of who came and bought lately, of who did either of it, of the rest.

    Who bought has visited.
    """
    return tier_by(max(r.visit_day, r.order_day), r.order_day, windows, day)


@inlined
def tier_by(came: int, bought: int, windows: Windows, day: int) -> int:
    """The same, by the last days before `day` on which a member came and bought."""
    if came >= day - windows.quality_visited and bought >= day - windows.quality_bought:
        return QUALITY
    return SILENT if is_silent(came, bought, windows.potential_visited, windows.potential_bought, day) else POTENTIAL


@inlined
def is_silent(came: int, bought: int, visited_days: int, bought_days: int, day: int) -> bool:
    """Neither came nor bought in so many days before `day`."""
    return came < day - visited_days and bought < day - bought_days


@inlined
def is_spared(w: Row, r: Row, day: int) -> bool:
    """A silent member, where these are spared: it stays a member and may use benefits, but is in no crowd [GRD-8]."""
    if w.spare_silent == 0 or r.member == 0:
        return False
    return is_silent(max(r.visit_day, r.order_day), r.order_day, w.silent_visited_days, w.silent_bought_days, day)


@entry
def count_tiers(s: Shard, windows: Windows, day: int, counts: np.ndarray) -> None:
    """Add a shard's members by tier, as of 00:00 of `day`, to `counts`, (merchants, tiers) int64."""
    s = near(s)
    for i in range(len(s.consumers)):
        fetch_members(s, i + CONSUMERS_AHEAD)
        c = s.consumers[i]
        for row in range(c.relation_first, c.relation_first + c.relation_count):
            if s.contacts[row].crowds & CROWD_MEMBERS:
                counts[s.contacts[row].merchant, tier(s.relations[row], windows, day)] += 1


@inlined
def fetch_members(s: Shard, i: int) -> None:
    """Ask the memory for those relations of a consumer whose turn comes soon in which it is a member."""
    later = min(i + CONSUMERS_AHEAD, len(s.consumers) - 1)
    prefetch(s.contacts, s.consumers[later].relation_first)
    if i < len(s.consumers):
        c = s.consumers[i]
        for row in range(c.relation_first, c.relation_first + c.relation_count):
            if s.contacts[row].crowds & CROWD_MEMBERS:
                prefetch(s.relations, row)


def _days(default: int, low: int, high: int, meaning: str) -> Any:
    """The declaration of a window of natural days before the day on which members are counted."""
    return assumed(default, f"days {meaning} [GRD-8]", "days", low, high, "like the tiers of fans (A)", ge=1, le=3_650)


class Tiers(BaseModel):
    """Which members are of quality and which have potential; the others are silent [GRD-3, GRD-8]."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    quality_visited_days: int = _days(30, 15, 60, "within which a quality member visited")
    quality_bought_days: int = _days(180, 90, 365, "within which a quality member bought")
    potential_visited_days: int = _days(60, 30, 90, "within which a member who is not silent visited")
    potential_bought_days: int = _days(180, 90, 365, "or within which it bought")

    @property
    def windows(self) -> Windows:
        return Windows(
            self.quality_visited_days, self.quality_bought_days, self.potential_visited_days, self.potential_bought_days
        )
