"""Markets of competing stores, as plain as a test needs them, run by the simulator; and what a run leaves behind."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy import special

import sim
from sim.engine.simulation import Simulation
from sim.results import tables
from sim.results.events import table
from sim.state.draws import TASTE, name_key, under_each
from sim.state.tables import LOG

MARKET = Path(__file__).parents[2] / "scenarios" / "market.yaml"
DAY = 86_400
Settings = dict[str, Any]

NO_PREFERENCE = {"wait": None, "price": 0, "exposure": 0, "service": 0, "fan": 0, "member": 0, "satisfaction": 0, "habit": 0}
PLAIN: Settings = {  # every need is met at its own time; taste alone decides where
    "sessions": {"per_day": 0, "shape": None},
    "stores": {"choice": "compete", "consider": 1, "browse": 0, "preference": NO_PREFERENCE},
    "needs": {"buying": "at_need"},
    "visits": {"follow": 0, "join": 0, "abandoned_cart": 0, "favourite": 0},
    "orders": {
        "own": {"base": 0, "fan": 0, "member": 0},
        "message": {"base": 0, "fan": 0, "member": 0},
        "experience": {"weight": 0},
        "follow": 0, "join": 0, "ship_hours": None, "pickup_hours": None, "receive_hours": None,
    },
    "opt_out": None,
}  # fmt: skip


def merged(base: Settings, changes: Settings) -> Settings:
    """The settings, changed key by key as by `extends`."""
    whole = dict(base)
    for key, value in changes.items():
        both = isinstance(value, dict) and isinstance(whole.get(key), dict)
        whole[key] = merged(whole[key], value) if both else value
    return whole


def plain(stores: dict[str, Settings], behaviour: Settings, **top: Any) -> Settings:
    """A market in which nothing happens but what `behaviour` asks for; stores are of one industry, and known to all."""
    merchants = {name: {"industry": "food", "awareness": 1, **store} for name, store in stores.items()}
    return {"days": 60, "consumers": 1_000, "behaviour": merged(PLAIN, behaviour), "merchants": merchants, **top}


def shipped(consumers: int, **changes: Any) -> Settings:
    """The shipped market with fewer consumers, and crowds that may be as small as that asks for."""
    few = {"min_crowd": {"more_than": consumers // 200}}
    whole = {"extends": str(MARKET), "consumers": consumers, "policies": few, "past": {"policies": few}}
    return {**merged(whole, changes), **({"past": "cold"} if changes.get("past") == "cold" else {})}


def load(settings: Settings) -> sim.Scenario:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "market.yaml"
        path.write_text(json.dumps(settings), encoding="utf-8")
        return sim.load(path)


class Told:
    """A run with its whole event log. Merchants are numbered in the order of their names."""

    def __init__(self, settings: Settings, seed: int = 1, until: int | None = None, events: str = "all") -> None:
        self.scenario = load(settings)
        self.days = self.scenario.settings.days
        self.names = [merchant.name for merchant in self.scenario.merchants]
        self._rows: list[np.ndarray] = []
        self.simulation = Simulation(self.scenario, seed, 1, 2, events, self._rows.append)
        self.simulation.run(until)

    @property
    def events(self) -> pd.DataFrame:
        """The event log; texts are texts."""
        words = self.simulation.tasks.plans, self.simulation.gates.reasons, self.simulation.benefits.names
        frame = table(np.concatenate([LOG.rows(0), *self._rows]), *words).to_pandas()
        return frame.astype({"kind": str, "channel": str, "reason": str})

    @property
    def daily(self) -> pd.DataFrame:
        return tables.daily(self.simulation)

    def consumers(self, *columns: str) -> pd.DataFrame:
        """Columns of the consumers' state."""
        parts = [np.asarray(shard.consumers) for shard in self.simulation.population.shards]
        return pd.DataFrame({name: np.concatenate([part[name] for part in parts]) for name in columns})

    def exposure(self) -> np.ndarray:
        """ln of the stores' exposure on the last day, (stores,)."""
        return np.array([float(row["exposure"]) for row in self.simulation._merchants])

    def waiting(self) -> np.ndarray:
        """Needs that wait, (consumers, industries of the market in their order)."""
        return np.concatenate([np.asarray(shard.needs)["waiting"] for shard in self.simulation.population.shards])

    def taste(self) -> np.ndarray:
        """Utilities by taste, (consumers, stores): the quantiles, by SciPy, that the draws of pairs stand for."""
        consumers = np.concatenate([np.asarray(shard.consumers)["key"] for shard in self.simulation.population.shards])
        stores = self.simulation.scenario.merchants
        keys = np.array([name_key(store.name) for store in stores], np.uint64)
        alpha = np.array([store.settings.attraction for store in stores])
        bits = under_each(under_each(consumers, TASTE)[:, None], keys) >> np.uint64(11)  # the last says from which end
        p = ((bits >> np.uint64(1)) + 0.5) / 2**53
        gamma = np.where(bits & np.uint64(1), special.gammainccinv(alpha, p), special.gammaincinv(alpha, p))
        return np.log(np.maximum(gamma, np.finfo(float).tiny))

    def relations(self) -> pd.DataFrame:
        """All pairs of consumer and store that have met."""
        found = []
        for shard in self.simulation.population.shards:
            consumers = np.asarray(shard.consumers)
            count = consumers["relation_count"]
            nth = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
            rows = np.asarray(shard.relations)[np.repeat(consumers["relation_first"], count) + nth]
            found.append(pd.DataFrame(rows).assign(consumer=shard.first + np.repeat(np.arange(len(count)), count)))
        return pd.concat(found, ignore_index=True).astype({"merchant": "int64"})
