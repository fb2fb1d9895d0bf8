"""Message caps: how often a store may reach a consumer, and how many stores may on one day [MSG-3, MSG-4, MSG-5]."""

from __future__ import annotations

import numpy as np

from sim.state.compiled import inlined
from sim.state.names import (
    FIRST_OLD_CUSTOMER_SCENE,
    LAST_DEDICATED_SERVICE,
    LAST_OLD_CUSTOMER_SCENE,
    NOT_REFUSED,
    STORE_PER_DAY,
    STORE_WINDOW,
    STORES_PER_DAY,
    TOTAL_PER_DAY,
)
from sim.state.shard import Row


@inlined
def is_old_customer_scene(channel: int) -> bool:
    """The scenes that share the caps of MSG-3 and MSG-4."""
    return FIRST_OLD_CUSTOMER_SCENE <= channel <= LAST_OLD_CUSTOMER_SCENE


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
    width = recent.shape[1]
    return day - recent[row, (r.recent_at + width - limit) % width] < days


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
        r.recent_at = (r.recent_at + 1) % recent.shape[1]
