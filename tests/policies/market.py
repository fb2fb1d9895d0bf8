"""A market of stores that send at given times, run by the simulator and read from its event log."""

from __future__ import annotations

import datetime as dt
import json
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

import sim
from sim.engine.simulation import Simulation
from sim.results import tables
from sim.results.events import table
from sim.state.names import CROWD_ALL, CROWD_CUSTOMERS, CROWD_FANS, CROWD_MEMBERS, NEVER
from sim.state.tables import LOG

SENDS = f"{Path(__file__).with_name('sends_plugin.py')}:Sends"
DAY = 86_400
STILL = {"sessions": {"per_day": 0}, "needs": None, "opt_out": None, "reading": {"probability": 0.0}}

Declare = Callable[[str, int], dict[str, int]]  # (store, consumer) -> columns of the relation, and session_day, at the start


class Send(NamedTuple):
    """One message to be sent; known by store, time and channel."""

    store: str
    day: int
    second: int
    channel: str = "cs.custom"
    crowd: str = "all"
    plan: str = ""

    @property
    def time(self) -> int:
        return self.day * DAY + self.second

    def __str__(self) -> str:
        at = dt.timedelta(seconds=self.second)
        return f"{self.day} {(dt.datetime.min + at).time()} {self.channel} {self.crowd} {self.plan}".strip()


class Result(NamedTuple):
    """What a market left behind."""

    events: pd.DataFrame
    messages: pd.DataFrame
    acted: dict[str, int]
    scenario: dict[str, Any]  # resolved


def run_market(
    sends: Sequence[Send],
    days: int,
    policies: dict[str, Any],
    behaviour: dict[str, Any],
    consumers: int = 1,
    declare: Declare | None = None,
    **top: Any,
) -> Result:
    """A market whose consumers know all stores. `declare` says what they are to each store at the start."""
    stores = sorted({send.store for send in sends}, reverse=True)
    scenario = {
        "days": days,
        "consumers": consumers,
        "behaviour": behaviour | {"stores": {"known": len(stores), "choice": "any_known"}},
        "merchants": {
            store: {"strategy": {"use": SENDS, "sends": [str(send) for send in sends if send.store == store]}}
            for store in stores
        },
        "policies": policies,
    } | top
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "market.yaml"
        path.write_text(json.dumps(scenario), encoding="utf-8")
        loaded = sim.load(path)
    rows: list[np.ndarray] = []
    simulation = Simulation(loaded, None, 1, 1, "all", rows.append)
    if declare is not None:
        declare_all(simulation, sorted(stores), declare)
    simulation.run()
    words = simulation.tasks.plans, simulation.gates.reasons
    events = table(np.concatenate([LOG.rows(0), *rows]), *words).to_pandas()
    return Result(events, tables.messages(simulation), tables.acted(simulation), loaded.resolved)


def declare_all(simulation: Simulation, stores: Sequence[str], declare: Declare) -> None:
    """Set the columns of the relations, and of consumers the last session, right after the founding."""
    for shard in simulation.population.shards:
        for i, c in enumerate(shard.consumers):
            for row in range(c["relation_first"], c["relation_first"] + c["relation_count"]):
                r = shard.relations[row]
                given = declare(stores[r["merchant"]], shard.first + i)
                for name, value in given.items():
                    if name == "session_day":
                        c[name] = max(c[name], value)
                    else:
                        r[name] = value
                r["orders"] = r["order_day"] != NEVER
                crowds = CROWD_ALL + CROWD_CUSTOMERS * r["orders"] + CROWD_FANS * r["fan"] + CROWD_MEMBERS * r["member"]
                shard.contacts[row]["crowds"] = crowds


class Market:
    """Consumers who know all stores and do nothing of their own accord; days are dates of 2023."""

    def __init__(
        self,
        policies: dict[str, Any],
        behaviour: dict[str, Any] | None = None,
        start: str = "2023-09-20",
        consumers: int = 1,
        declare: Callable[[str, int], dict[str, Any]] | None = None,
    ) -> None:
        """`declare` may give days as dates."""
        self._policies, self._behaviour = policies, STILL | (behaviour or {})
        self._start = dt.date.fromisoformat(start)
        self._consumers, self._declare = consumers, declare

    def day(self, date: str) -> int:
        """A date, of 2023 if without a year, as a day of the run."""
        return (dt.date.fromisoformat(date if len(date) > len("09-20") else f"2023-{date}") - self._start).days

    def run(self, *sends: str) -> tuple[Result, list[Send]]:
        """Send each "STORE MM-DD HH:MM [CHANNEL [CROWD [PLAN]]]"."""
        asked = []
        for text in sends:
            store, date, at, *rest = text.split()
            clock = dt.time.fromisoformat(at)
            asked.append(Send(store, self.day(date), clock.hour * 3_600 + clock.minute * 60 + clock.second, *rest))
        assert min(send.day for send in asked) > 0
        days = max(send.day for send in asked) + 1
        declare = self._declared if self._declare is not None else None
        result = run_market(asked, days, self._policies, self._behaviour, self._consumers, declare, start=str(self._start))
        return result, asked

    def _declared(self, store: str, consumer: int) -> dict[str, int]:
        assert self._declare is not None
        given = self._declare(store, consumer)
        return {name: self.day(value) if isinstance(value, str) else value for name, value in given.items()}

    def outcomes(self, *sends: str) -> list[str]:
        """What becomes of each send for the one consumer: sent, a reason, or not in the crowd."""
        return [next(iter(counts), "not in the crowd") for counts in self.counts(*sends)]

    def counts(self, *sends: str) -> list[dict[str, int]]:
        """What becomes of each send: consumers by outcome, sent or a reason; a task that is refused as a whole counts 1."""
        result, asked = self.run(*sends)
        stores = sorted({send.store for send in asked})
        events = result.events.astype({"reason": str, "kind": str, "channel": str})
        met = events[events["kind"].isin(["message_sent", "message_blocked"])]
        assert not met.duplicated(["ref", "consumer"]).any(), "one outcome per task and consumer"
        tasks = events[events["kind"] == "task"].sort_values(["time", "seq"])
        found = []
        for send in asked:
            of_store = [other for other in asked if other.store == send.store]
            name = send.plan or f"plan {of_store.index(send)}"
            nth = [other for other in of_store if other.plan == send.plan].index(send) if send.plan else 0
            ref = tasks["ref"][(tasks["merchant"] == stores.index(send.store)) & (tasks["reason"] == name)].iloc[nth]
            outcomes = met["reason"][met["ref"] == ref].replace("", "sent").value_counts()
            found.append({str(reason): int(count) for reason, count in outcomes.items()})
        return found
