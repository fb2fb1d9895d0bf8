"""Worlds of one purpose: stores that sell at every session, messages to everyone, desks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from worlds import Trace

PLUGIN = Path(__file__).with_name("resources_plugin.py")


def shares(**fields: Any) -> dict[str, Any]:
    """A policy of one resource."""
    return {"use": f"{PLUGIN}:Shares", "of": [fields]}


def shops(consumers: int, stores: int, days: int, per_day: float, policies: dict[str, Any], **top: Any) -> dict[str, Any]:
    """Each consumer knows one store, and buys there at every session; nothing else happens."""
    return {
        "consumers": consumers,
        "days": days,
        "behaviour": {
            "sessions": {"per_day": per_day, "shape": None, "hours": None, "weekdays": [1] * 7},
            "stores": {"known": 1, "choice": "any_known"},
            "needs": None,
            "visits": {"follow": 0, "join": 0, "abandoned_cart": 0, "favourite": 0},
            "orders": {"own": {"base": 1}, "ship_hours": None, "pickup_hours": None, "receive_hours": None},
            "opt_out": None,
        },
        "merchants": {"store": {"count": stores}},
        "policies": policies,
    } | top


def senders(consumers: int, stores: int, days: int, policies: dict[str, Any], at: str = "10:00", **top: Any) -> dict[str, Any]:
    """Every store sends to everyone on every day, and nobody does anything else."""
    plan = {"use": "plan", "cycle": 1, "crowd": "all", "at": at, "scenes": ["group.member"]}
    quiet = {"sessions": {"per_day": 0}, "stores": {"known": stores, "choice": "any_known"}, "needs": None}
    return {
        "consumers": consumers,
        "days": days,
        "behaviour": quiet | {"opt_out": None, "reading": {"probability": 0}},
        "merchants": {"store": {"count": stores, "strategy": plan}},
        "policies": policies,
    } | top


def events(world: dict[str, Any], **how: Any) -> pd.DataFrame:
    """The event log, with texts."""
    return Trace(world, **how).events.astype({"kind": str, "reason": str})


def of_kind(log: pd.DataFrame, kind: str) -> pd.DataFrame:
    """The rows of a kind."""
    return log[log["kind"] == kind].reset_index(drop=True)


def known_stores(world: dict[str, Any]) -> np.ndarray:
    """How many consumers know each store."""
    (shard,) = Trace(world).simulation.population.shards
    return np.bincount(shard.relations["merchant"][: shard.consumers["relation_count"].sum()])
