"""Message caps: how often a store may reach a consumer, and how many stores may on one day [MSG-3, MSG-4, MSG-5, MSG-13]."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from pydantic import Field

from sim.policies.scenes import is_old_customer_scene
from sim.state.compiled import inlined
from sim.state.names import (
    LAST_DEDICATED_SERVICE,
    NOT_REFUSED,
    STORE_PER_DAY,
    STORE_WINDOW,
    STORES_PER_DAY,
    TOTAL_PER_DAY,
)
from sim.state.policy import Policy, Resource
from sim.state.shard import Row


@inlined
def refusal(caps: np.ndarray, recent: np.ndarray, c: Row, r: Row, row: int, day: int, channel: int) -> int:
    """The first reason, in the documented order, for which a cap in force refuses this message; 0: none does."""
    if len(caps) == 0 or channel > LAST_DEDICATED_SERVICE:
        return NOT_REFUSED
    scene = is_old_customer_scene(channel)
    if scene:
        for cap in caps:
            if window_is_full(recent, r, row, day, cap.store_limit, cap.store_days):
                return STORE_WINDOW
    of_store = r.sent_today if r.sent_day == day else 0
    for cap in caps:
        if of_store >= cap.per_store_per_day:
            return STORE_PER_DAY
    if c.reached_day != day:
        stores = messages = 0
    else:
        stores, messages = c.reached_stores, c.reached_messages
    if scene and r.old_scene_day != day:
        for cap in caps:
            if stores >= cap.stores_per_day:
                return STORES_PER_DAY
    for cap in caps:
        if messages >= cap.total_per_day:
            return TOTAL_PER_DAY
    return NOT_REFUSED


@inlined
def window_is_full(recent: np.ndarray, r: Row, row: int, day: int, limit: int, days: int) -> bool:
    """`limit` old-customer messages of the store were delivered on the last `days` natural days, `day` included."""
    if limit == 0:
        return True
    at = r.recent_at - limit
    if at < 0:
        at += recent.shape[1]
    return day - recent[row, at] < days


@inlined
def delivered(recent: np.ndarray, c: Row, r: Row, row: int, day: int, channel: int) -> None:
    """Count a delivery to the consumer and its relation: only what is delivered counts to caps."""
    if channel > LAST_DEDICATED_SERVICE:
        return
    if c.reached_day != day:
        c.reached_day = day
        c.reached_stores = 0
        c.reached_messages = 0
    c.reached_messages += 1
    if r.sent_day != day:
        r.sent_day = day
        r.sent_today = 0
    r.sent_today += 1
    if is_old_customer_scene(channel):
        if r.old_scene_day != day:
            r.old_scene_day = day
            c.reached_stores += 1
        recent[row, r.recent_at] = day
        following = r.recent_at + 1
        r.recent_at = following if following < recent.shape[1] else 0


UNLIMITED = 32_000


class Caps(Policy):
    """Message caps. Only delivered messages count; what is refused is refused for the first cap that is reached.

    The defaults are the rulebook's. They hold for messages of dedicated service; the first two for its old-customer scenes.
    """

    reasons = ("store_window", "store_per_day", "stores_per_day", "total_per_day", "platform_limit")

    store_limit: int | None = Field(
        1, ge=0, le=200, description="old-customer messages of a store in `store_days` [MSG-3]; null: no limit"
    )
    store_days: int = Field(7, ge=1, le=3650, description="natural days, the day of sending included [MSG-3]")
    stores_per_day: int | None = Field(
        5, ge=0, le=UNLIMITED, description="distinct stores per consumer and natural day [MSG-4]; null: no limit"
    )
    per_store_per_day: int | None = Field(
        2, ge=0, le=UNLIMITED, description="messages of one store per natural day [MSG-5]; null: no limit"
    )
    total_per_day: int | None = Field(
        10, ge=0, le=UNLIMITED, description="messages of all stores per natural day [MSG-5]; null: no limit"
    )
    platform_per_day: int | None = Field(
        None,
        ge=0,
        description="messages of all stores to all consumers per natural day, of all channels [MSG-13]; null: no limit",
    )

    @property
    def looks_back(self) -> float:
        return self.store_days

    def resources(self, merchants: Sequence[str]) -> Iterable[Resource]:
        if self.platform_per_day is not None:
            yield Resource(self.platform_per_day, "delivery", reason="platform_limit")

    def caps(self) -> dict[str, int]:
        limits = {
            "stores_per_day": self.stores_per_day,
            "per_store_per_day": self.per_store_per_day,
            "total_per_day": self.total_per_day,
        }
        row = {name: UNLIMITED if limit is None else limit for name, limit in limits.items()}
        if self.store_limit is None:  # no window is shorter than none: a limit of one in no days
            return row | {"store_limit": 1, "store_days": 0}
        return row | {"store_limit": self.store_limit, "store_days": self.store_days}
