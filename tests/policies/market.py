"""A market of stores that send at given times, run by the simulator and read from its event log."""

from __future__ import annotations

import datetime as dt
import json
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

import sim
from sim.results.run import run

SENDS = f"{Path(__file__).with_name('sends_plugin.py')}:Sends"
DAY = 86_400
STILL = {"sessions": {"per_day": 0}, "needs": None, "opt_out": None, "reading": {"probability": 0.0}}


class Send(NamedTuple):
    """One message to be sent; known by store, time and channel."""

    store: str
    day: int
    second: int
    channel: str = "cs.custom"
    crowd: str = "all"

    @property
    def time(self) -> int:
        return self.day * DAY + self.second

    def __str__(self) -> str:
        at = dt.timedelta(seconds=self.second)
        return f"{self.day} {(dt.datetime.min + at).time()} {self.channel} {self.crowd}"


def run_market(
    sends: list[Send], days: int, policies: dict[str, Any], behaviour: dict[str, Any], consumers: int = 1, **top: Any
) -> pd.DataFrame:
    """The event log of a market whose consumers know all stores."""
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
        return run(sim.load(path), events="all", threads=1).events


class Market:
    """One consumer, who knows all stores and does nothing of its own; days are dates of 2023."""

    def __init__(self, policies: dict[str, Any], behaviour: dict[str, Any] | None = None, start: str = "2023-09-20") -> None:
        self._policies, self._behaviour = policies, STILL | (behaviour or {})
        self._start = dt.date.fromisoformat(start)

    def outcomes(self, *sends: str) -> list[str]:
        """What becomes of each send "STORE MM-DD HH:MM [CHANNEL [CROWD]]": sent, a reason, or not in the crowd."""
        asked = []
        for text in sends:
            store, date, at, *rest = text.split()
            day = (dt.date.fromisoformat(f"2023-{date}") - self._start).days
            clock = dt.time.fromisoformat(at)
            asked.append(Send(store, day, clock.hour * 3_600 + clock.minute * 60 + clock.second, *rest))
        assert min(send.day for send in asked) > 0
        days = max(send.day for send in asked) + 1
        events = run_market(asked, days, self._policies, self._behaviour, start=str(self._start))
        stores = sorted({send.store for send in asked})
        met = events[events["kind"].isin(["message_sent", "message_blocked"])]
        found = {}
        for row in met.itertuples():
            known = (stores[row.merchant], row.time, row.channel)
            assert known not in found, "one outcome per task and consumer"
            found[known] = row.reason or "sent"
        return [found.get((send.store, send.time, send.channel), "not in the crowd") for send in asked]
