"""Stores that are graded by what their consumers do: benefits on declared days steer indicators, settings are declared.

Lines are such that with a member price on every day of a period a store is of quality, with one on six of them it has
potential, and with none it is improving.
"""

from __future__ import annotations

import datetime as dt
import json
import tempfile
from pathlib import Path
from typing import Any

import pandas as pd

import sim

SETS = f"{Path(__file__).with_name('settings_plugin.py')}:Sets"
DAY = 86_400
EASY = {"scale": 1, "gmv_share": 0, "quality_ratio": 0, "penetration": 0.9}
NOTHING = {"wait": None, "price": 0, "exposure": 0, "service": 0, "fan": 0, "member": 0, "satisfaction": 0, "habit": 0}
BEHAVIOUR: dict[str, Any] = {  # a need is met at its own time; whoever buys joins if it can
    "sessions": {"per_day": 0, "shape": None},
    "stores": {"choice": "compete", "consider": 1, "browse": 0, "preference": NOTHING},
    "needs": {"buying": "at_need", "rates": {"food": {"per_year": 20, "shape": 3}}},
    "visits": {"follow": 0, "join": 0, "abandoned_cart": 0, "favourite": 0},
    "orders": {
        "own": {"base": 0, "fan": 0, "member": 0},
        "message": {"base": 0, "fan": 0, "member": 0},
        "experience": {"weight": 0},
        "follow": 0, "join": 1, "ship_hours": None, "pickup_hours": None, "receive_hours": 10,
    },
    "opt_out": None,
}  # fmt: skip


class GradedRun:
    """A run and what it left; times are given as dates, with a time of day where that matters."""

    def __init__(self, world: dict[str, Any], seed: int = 1, **how: Any) -> None:
        self.scenario = load(world)
        self.run = sim.run(self.scenario, seed=seed, events="all", **({"threads": 1} | how))
        self.start = self.scenario.settings.start
        self.names = [merchant.name for merchant in self.scenario.merchants]

    def second(self, at: str) -> int:
        """A date or a moment as seconds of the run."""
        return round((dt.datetime.fromisoformat(at) - dt.datetime.combine(self.start, dt.time())).total_seconds())

    def rows(self, store: str, *kinds: str) -> pd.DataFrame:
        """What the log has of a store."""
        events = self.run.events
        return events[(events["merchant"] == self.names.index(store)) & events["kind"].isin(kinds)]

    def log(self, store: str, *kinds: str) -> list[str]:
        """What the log says of a store's own: "DATE TIME KIND NAME REASON"."""
        found = self.rows(store, *kinds)
        zero = dt.datetime.combine(self.start, dt.time())
        return [
            " ".join(filter(None, (str(zero + dt.timedelta(seconds=int(row.time))), row.kind, row.channel, row.reason)))
            for row in found.itertuples()
        ]

    def grades(self, store: str) -> dict[str, tuple[str, str]]:
        """Grade and register-join state after each refresh, by its date."""
        of = self.run.grades[self.run.grades["merchant"] == store]
        return {
            str(self.start + dt.timedelta(days=row.time // DAY)): (row.grade, row.register_join) for row in of.itertuples()
        }

    def joins(self, store: str, begin: str, end: str) -> dict[str, int]:
        """Joins from `begin` to before `end`, by how."""
        joins = self.rows(store, "join")
        of = joins[(joins["time"] >= self.second(begin)) & (joins["time"] < self.second(end))]
        return {str(name): int(count) for name, count in of["channel"].value_counts().items() if count}

    def refused(self, store: str, begin: str, end: str, what: str = "join") -> dict[str, int]:
        """Refusals on the days from `begin` to before `end`, by reason."""
        table = self.run.refusals
        days = table["day"].between(self.second(begin) // DAY, self.second(end) // DAY - 1)
        of = table[days & (table["merchant"] == store) & (table["what"] == what)]
        return {str(reason): int(count) for reason, count in of.groupby("reason")["count"].sum().items()}


def world(
    start: str,
    end: str,
    stores: dict[str, dict[str, Any]],
    grading: dict[str, Any] | None = None,
    consumers: int = 400,
    behaviour: dict[str, Any] | None = None,
    **top: Any,
) -> dict[str, Any]:
    """A scenario. A store's `benefits` are pairs of dates [from, until) with a member price; `settings` are chosen at 00:00
    of dates; `start` is where it stands; the rest is its entry among merchants.
    """
    first = dt.date.fromisoformat(start)
    merchants: dict[str, Any] = {}
    starts: dict[str, Any] = {}
    policies: dict[str, Any] = dict(top.pop("policies", {}))
    for name, given in stores.items():
        store = dict(given)
        for k, (begins, ends) in enumerate(store.pop("benefits", [])):
            policies[f"{name} {k}"] = {
                "use": "relation_prices", "merchants": [name], "member": 0.1, "from": begins, "until": ends,
            }  # fmt: skip
        settings = [f"{(dt.date.fromisoformat(day) - first).days} {to}" for day, to in store.pop("settings", {}).items()]
        sends = [(dt.date.fromisoformat(day) - first).days for day in store.pop("sends", [])]
        starts[name] = store.pop("start", {})
        plan = {"use": SETS, "settings": settings, "sends": sends, "seen": store.pop("seen", None)}
        merchants[name] = {"industry": "food", "awareness": 1, "strategy": plan, **store}
    rules = {"lines": {"default": {"quality": EASY}}} | (grading or {})
    policies["grading"] = rules | {"merchants": starts}
    days = (dt.date.fromisoformat(end) - first).days
    whole = {"start": start, "days": days, "consumers": consumers, "merchants": merchants, "policies": policies}
    return whole | {"behaviour": merged(BEHAVIOUR, behaviour or {})} | top


def merged(base: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """The settings, changed key by key."""
    whole = dict(base)
    for key, value in changes.items():
        both = isinstance(value, dict) and isinstance(whole.get(key), dict)
        whole[key] = merged(whole[key], value) if both else value
    return whole


def load(settings: dict[str, Any]) -> sim.Scenario:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "graded.yaml"
        path.write_text(json.dumps(settings), encoding="utf-8")
        return sim.load(path)
