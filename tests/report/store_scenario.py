"""A small store made by hand: every figure of the report can be told beforehand."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd

DAYS = 28
FIRST_DAY = "2024-01-01"
ASSUMPTIONS = [
    dict(zip(("path", "value", "unit", "low", "high", "source", "kind", "meaning"), row))
    for row in (
        ("behaviour.reading.spread", 0.8, "logit", 0.0, 1.5, "no source", "assumed", "how much readers differ"),
        ("past.bg_nbd.r", 0.2426, "", None, None, "the log", "fitted", "shape of the rates"),
        ("behaviour.half_life", 15, "days", None, None, "Yancey & Settles", "sourced", ""),
        ("behaviour.sessions.hours", None, "", None, None, "", "chosen", "weights of the hours of a day"),
    )
]


@dataclass
class Scenario:
    """`orders` a day in replication 0, one more in each further replication; `sent` messages a day."""

    name: str
    orders: int
    sent: int = 0
    seed: int = 5
    past: Any = "cold"
    currency: str = "USD"
    fails: bool = False
    policies: dict = field(default_factory=dict)
    assumptions: tuple = ()
    consumers: int = 100

    @property
    def resolved(self) -> dict:
        return {"currency": self.currency, "past": self.past, "policies": {"plan": {"sent": self.sent}, **self.policies}}


def run(scenario: Scenario, *, seed: int, out: Path, events: str = "none", threads: int = 1) -> SimpleNamespace:
    """Writes a run folder; two merchants share each day's orders."""
    if scenario.fails and seed == 6:
        raise RuntimeError("out of <luck>")
    out.mkdir(parents=True)
    orders = scenario.orders + seed - 5
    days = pd.date_range(FIRST_DAY, periods=DAYS)
    half = {
        "orders": orders // 2,
        "gmv": 1000 * (orders // 2),
        "profit": 300 * (orders // 2) - 5 * scenario.sent,
        "messages_sent": scenario.sent,
        "messages_read": scenario.sent // 4,
        "opt_outs": scenario.sent // 20,
    }
    one = pd.DataFrame({"date": days.date, "day": range(DAYS), "merchant": "a", "industry": "media", **half})
    other = one.assign(merchant="b", orders=orders - orders // 2, gmv=1000 * (orders - orders // 2))
    daily = pd.concat([one, other])
    daily.to_parquet(out / "daily.parquet")
    pd.DataFrame(
        {
            "task": [1, 1],
            "merchant": "a",
            "channel": "cs.promotion",
            "time": 0,
            "outcome": ["sent", "refused"],
            "reason": ["", "opted_out"],
            "count": [scenario.sent, 3 * scenario.sent],
        }
    ).to_parquet(out / "messages.parquet")
    totals = {name: int(daily[name].sum()) for name in half}
    manifest = {
        "status": "complete",
        "seed": seed,
        "scenario": scenario.name,
        "scenario_hash": f"hash-of-{scenario.name}",
        "versions": {"sim": "0.1.0", "python": "3.11"},
        "resolved": scenario.resolved,
        "assumptions": ASSUMPTIONS,
    }
    (out / "summary.json").write_text(json.dumps({"totals": totals}))
    (out / "manifest.json").write_text(json.dumps(manifest))
    return SimpleNamespace(summary={"totals": totals, "acted": {}})


def write_log(folder: Path, *, first: int = 0) -> dict:
    """Eight weeks of a log, of which the last four are simulated (100, 110, 120, 130), and three customers."""
    weeks = pd.date_range("2023-12-04", periods=8, freq="7D")
    repeats = [90, 95, 90, 95, 100, 110, 120, 130]
    table = {"week": range(8), "date": weeks.date, "days": 7, "first": [50] * 4 + [first] * 4, "repeats": repeats}
    pd.DataFrame({**table, "amount": 0}).to_csv(folder / "weeks.csv", index=False)
    customers = {"customer": [1, 2, 3], "x": [0, 2, 6], "t_x": [0.0, 12.5, 30.0], "T": [38.0, 35.0, 31.0]}
    pd.DataFrame(customers).to_csv(folder / "customers.csv", index=False)
    model = {"r": 0.2426, "alpha": 4.4136, "a": 0.7929, "b": 2.4259}
    return {"weeks": str(folder / "weeks.csv"), "customers": str(folder / "customers.csv"), "bg_nbd": model}
