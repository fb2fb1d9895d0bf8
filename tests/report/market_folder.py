"""A market made by hand: 20 merchants whose every figure follows from the few numbers here."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import pandas as pd

from sim.experiments.compare import compare

DAYS, REPLICATIONS, CONSUMERS = 14, 4, 1_000
ODD = "<b>茶&馆</b>"  # a merchant's name is text, never markup
NAMES = [ODD, *(f"m{i:02d}" for i in range(1, 20))]
INDUSTRY = ["fast_moving", "apparel", "beauty", "food", "sports", "health"]
# A day of one merchant. Who enters a stage has entered the one before; of a day's entries one leaves Lead, one Interlock.
ENTERED = {"lead": 10, "interlock": 6, "engage": 3, "keep": 1}
LEFT = {"lead": 1, "interlock": 1, "engage": 0, "keep": 0}
CROWD = 200  # of each merchant, every day
SENT = {1: 40, 3: 120}  # by level of sending
READ = {1: 10, 3: 18}
OPTED_OUT, NOT_EFFECTIVE, OWN_REASON = 5, 30, "my <own> rule"
LEADING = "behaviour.reading.fatigue.slope"
PARAMETERS = [
    {"path": LEADING, "low": 0.03, "high": 0.2, "value": 0.1},
    {"path": "merchants.m01.goods_cost", "low": 0.5, "high": 0.85, "value": 0.7},
]


@dataclass
class Market:
    """`level` is how much every merchant sends: by it 12 merchants gain, 3 lose, and 5 do now this, now that."""

    name: str
    level: int = 1
    seed: int = 5
    consumers: int = CONSUMERS
    assumptions: tuple = ()

    @property
    def resolved(self) -> dict:
        return {"currency": "CNY", "past": "cold", "policies": {"caps": {"store_limit": self.level}}}


def profit(merchant: int, level: int, seed: int) -> int:
    """In fen, of a day. What decides is far from the noise of a replication, which is a fen or two."""
    if level == 1:
        return 10_000 + 100 * merchant
    effect = 500 if merchant < 12 else -500 if merchant < 15 else 300 * (-1) ** (seed + merchant)
    return 10_000 + 100 * merchant + effect + (seed * 7 + merchant) % 3 - 1


def stocks(day: int) -> dict[str, int]:
    """At the end of a day, of one merchant."""
    onward = [*list(ENTERED.values())[1:], 0]
    return {stage: (day + 1) * (entered - moved - LEFT[stage]) for (stage, entered), moved in zip(ENTERED.items(), onward)}


def run_market(scenario: Market, *, seed: int, out: Path, events: str = "none", threads: int = 1) -> SimpleNamespace:
    """Writes a run folder."""
    out.mkdir(parents=True)
    level, dates = scenario.level, pd.date_range("2024-01-01", periods=DAYS).date
    rows = [
        {
            "date": dates[day],
            "day": day,
            "merchant": name,
            "industry": INDUSTRY[i % 6],
            "orders": 7,
            "gmv": 50_000,
            "gmv_old": 20_000,
            "gmv_relation": 31_000,
            "profit": profit(i, level, seed),
            "messages_sent": SENT[level],
            "messages_read": READ[level],
            "messages_refused": CROWD - SENT[level],
            "opt_outs": level,
            "fans": 3 * (day + 1),
            "members": 0,
            "old_customers": 2 * (day + 1) + level,
            **{f"{stage}_entered": entered for stage, entered in ENTERED.items()},
            "left": sum(LEFT.values()),
            **stocks(day),
        }
        for day in range(DAYS)
        for i, name in enumerate(NAMES)
    ]
    daily = pd.DataFrame(rows)
    daily.to_parquet(out / "daily.parquet")
    own = 1 if level == 3 else 0
    refused = {"opted_out": OPTED_OUT, "store_window": CROWD - SENT[level] - OPTED_OUT - own, OWN_REASON: own}
    outcomes = [("sent", "", SENT[level]), ("read", "", READ[level]), ("read_seen", "", 1)]
    outcomes += [("refused", reason, count) for reason, count in {**refused, "not_effective": NOT_EFFECTIVE}.items()]
    tasks = [
        {"task": k, "merchant": name, "channel": "cs.promotion", "time": 0, "outcome": o, "reason": r, "count": c}
        for k, (day, name) in enumerate((day, name) for day in range(DAYS) for name in NAMES)
        for o, r, c in outcomes
    ]
    late = {"merchant": "m01", "channel": "cs.promotion", "time": 0, "outcome": "refused", "reason": "crowd_too_small"}
    tasks += [{"task": 9_000 + k, **late, "count": size} for k, size in enumerate((0, 50))]
    pd.DataFrame(tasks).to_parquet(out / "messages.parquet")
    segments = pd.DataFrame({"segment": ["no orders", "1-3 orders"], "consumers": [600, 400]})
    met = {1: (100, 300), 3: (100, 340 + seed % 2)}[level]
    segments = segments.assign(needs=[500, 500], needs_lapsed=[500 - one for one in met], opt_outs=[level * 100, level * 180])
    segments.to_parquet(out / "segments.parquet")
    stock = ("fans", "members", "old_customers", *ENTERED)
    last = daily[daily["day"] == DAYS - 1]
    numbers = daily.select_dtypes("number").drop(columns="day").columns
    totals = {name: int((last if name in stock else daily)[name].sum()) for name in numbers}
    declared = [
        {"path": "merchants.m01.goods_cost", "value": 0.7, "unit": "", "low": 0.5, "high": 0.85, "source": "-",
         "kind": "assumed", "meaning": "cost of goods as a share of their list price"},
        {"path": LEADING, "value": 0.1, "unit": "logit", "low": 0.03, "high": 0.2, "source": "Mailchimp",
         "kind": "assumed", "meaning": "what one unit of the stock takes from the log-odds of reading"},
        *({"path": f"merchants.{name}.awareness", "value": 0.3 + i / 10, "unit": "", "low": 0.2, "high": 0.9, "source": "-",
           "kind": "assumed", "meaning": "awareness"} for i, name in enumerate("abcde")),
    ]  # fmt: skip
    manifest = {
        "status": "complete",
        "seed": seed,
        "scenario": scenario.name,
        "versions": {"sim": "1"},
        "resolved": scenario.resolved,
        "assumptions": declared,
    }
    (out / "summary.json").write_text(json.dumps({"consumers": CONSUMERS, "totals": totals}))
    (out / "manifest.json").write_text(json.dumps(manifest))
    return SimpleNamespace(summary={"totals": totals, "acted": {}}, daily=daily, segments=segments)


def write_market(folder: Path) -> Path:
    """A comparison of sending once and thrice, without an assumption range."""
    arms = [Market("once"), Market("thrice", level=3)]
    return compare(arms, REPLICATIONS, folder, draws=0, runner=run_market, jobs=1).folder


def assume(folder: Path, consumers: int = 200) -> dict:
    """Lay an assumption range over a comparison: GMV holds its sign, profit does not; gives the file's content."""
    file = folder / "comparison.json"
    content = json.loads(file.read_text(encoding="utf-8"))
    flips = {}
    for metric, low, high, opposite in (
        ("profit", -700_000.0, 2_100_000.0, 6),
        ("gmv", 0.0, 0.0, 0),
        ("opt_outs", 100.0, 900.0, 0),
    ):
        one = content["metrics"][metric]["thrice"]
        one["assumption_low"], one["assumption_high"] = low, high
        leading = [{"path": LEADING, "correlation": -0.71, "p": 0.01}] if opposite else []
        flips[metric] = {
            "thrice": {"low": one["low"], "high": one["high"], "range_low": low, "range_high": high, "flips": bool(opposite),
                       "draws": 20, "opposite_draws": opposite, "replications": 4, "opposite_replications": 0,
                       "leading": leading}
        }  # fmt: skip
    content["draws"] = 20
    content["assumptions"] = {
        "draws": 20,
        "consumers": consumers,
        "of_consumers": CONSUMERS,
        "scale": CONSUMERS / consumers,
        "parameters": PARAMETERS,
        "failures": [],
        "flips": flips,
    }
    content["by"]["merchant"]["m01"]["profit"]["thrice"] |= {"assumption_low": -123_400.0, "assumption_high": 432_100.0}
    file.write_text(json.dumps(content), encoding="utf-8")
    return content
