"""Small random worlds with all that can happen in them, and the run of one."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from hypothesis import strategies as st

import sim
from sim.results.run import Run, run

DAY, HOUR = 86_400, 3_600
World = dict[str, Any]
PRICES = {"member": 0.1, "fan": 0.05, "old_customer": 0.1}  # shares off
FAIR_DAYS = range(2, 5)
FAIR = {
    "first": "2023-09-03", "days": 3, "sessions": 2.0, "orders": 1.5, "discount": 0.12, "industries": ["food"],
    "warm_up_days": 1,
}  # fmt: skip


def run_world(world: World, customers: pd.DataFrame | None = None, **options: Any) -> Run:
    """A run with its whole event log; `customers` is the declared past's table."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if customers is not None:
            customers.to_csv(folder / "customers.csv", index=False)
            world = world | {"past": world["past"] | {"customers": "customers.csv"}}
        (folder / "world.yaml").write_text(json.dumps(world), encoding="utf-8")
        return run(sim.load(folder / "world.yaml"), **{"events": "all", "threads": 1} | options)


def quiet_market(stores: int, **changes: Any) -> World:
    """Consumers who know all stores and do nothing of their own accord; changes are of behaviour."""
    known = {"known": stores, "choice": "any_known"}
    behaviour: World = {"sessions": {"per_day": 0}, "stores": known, "needs": None, "opt_out": None}
    return {"behaviour": behaviour | changes, "merchants": {}}


shares = st.floats(0, 1).map(lambda share: round(share, 2))
hours = st.sampled_from([None, 0.5, 30.0])
steps = st.fixed_dictionaries({"ship_hours": hours, "pickup_hours": hours, "receive_hours": hours})
plans = st.fixed_dictionaries(
    {
        "use": st.just("plan"),
        "cycle": st.integers(1, 3),
        "days": st.sampled_from([[0], [0, 1]]),
        "crowd": st.sampled_from(["customers", "fans", "members", "all"]),
        "staggered": st.booleans(),
        "scenes": st.sampled_from([["cs.custom"], ["cs.service", "cs.promotion"], ["group.member"]]),
        "stop_below": st.sampled_from([0.0, 0.4]),
        "judge_by": st.just(1),
    }
)
readings = st.sampled_from([{"probability": 0.6, "delay_hours": 5.0}, {"intercept": 0.5, "delay_hours": 30.0}])
opt_outs = st.sampled_from([None, {"hazard": 0.06, "slope": 0.1}])


@st.composite
def markets(draw: st.DrawFn) -> World:
    """Several stores, visits of the consumers' own and by messages, caps that may bind."""
    stores = draw(st.integers(1, 4))
    purchase = {"base": draw(shares) / 3, "fan": 0.1, "member": 0.2}
    return {
        "days": draw(st.integers(1, 12)),
        "consumers": draw(st.integers(1, 25)),
        "seed": draw(st.integers(0, 2**40)),
        "behaviour": {
            "sessions": {"per_day": draw(st.sampled_from([0.3, 2.5])), "weekdays": [1, 2, 3, 1, 1, 0, 1]},
            "stores": {"known": draw(st.integers(1, stores)), "choice": "any_known"},
            "needs": None,
            "visits": {"follow": draw(shares), "join": draw(shares), "abandoned_cart": draw(shares)},
            "orders": draw(steps) | {"own": purchase, "message": purchase},
            "reading": draw(readings),
            "opt_out": draw(opt_outs),
        },
        "merchants": {"store": {"count": stores, "goods_cost": 0.333, "message_cost": 0.5, "strategy": draw(plans)}},
        "policies": {"caps": {"store_days": draw(st.integers(1, 4)), "stores_per_day": draw(st.integers(0, 3))}},
    }


@st.composite
def stores_with_a_past(draw: st.DrawFn) -> tuple[World, pd.DataFrame]:
    """One store whose customers have histories and needs; some buy for the first time in the run."""
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    count = draw(st.integers(1, 25))
    x = random.integers(0, 4, count)
    observed = random.uniform(1, 25, count)
    enter = np.where(random.uniform(size=count) < 0.4, random.integers(0, 20, count), -1)
    x[enter >= 0] = 0
    customers = pd.DataFrame(
        {
            "customer": [f"c{k}" for k in range(count)],
            "x": x,
            "t_x": np.where(x > 0, observed * random.uniform(0.1, 1, count), 0),
            "T": np.where(enter < 0, observed, 0),
            "value": np.where(x > 0, 2_000, 0),
            "n_value": x,
            "enter": pd.Series(enter, dtype=object).where(enter >= 0, ""),
        }
    )
    world = {
        "days": draw(st.integers(1, 30)),
        "seed": draw(st.integers(0, 2**40)),
        "behaviour": {
            "sessions": {"per_day": 0.8},
            "needs": {"buying": draw(st.sampled_from(["at_visit", "at_need"])), "regularity": draw(st.integers(1, 2))},
            "visits": {"follow": draw(shares), "join": draw(shares), "abandoned_cart": draw(shares)},
            "orders": draw(steps) | {"with_need": draw(st.sampled_from([0.5, 1.0])), "own": {"base": draw(shares) / 4}},
            "reading": draw(readings),
            "opt_out": draw(opt_outs),
        },
        "merchants": {"store": {"goods_cost": 0.7, "message_cost": 0.2, "strategy": draw(plans)}},
        "past": {
            "bg_nbd": {"r": 2.0, "alpha": 2.0, "a": 1.0, "b": 4.0},
            "gamma_gamma": {"p": 6.0, "q": 4.0, "v": 1_500.0},
        },
    }
    return world, customers


@st.composite
def competitions(draw: st.DrawFn) -> World:
    """Stores of three industries that compete for needs."""
    industries = draw(st.lists(st.sampled_from(["apparel", "food", "health"]), min_size=1, max_size=6))
    rate = {"per_year": 150.0, "shape": 1.0}
    return {
        "days": draw(st.integers(1, 14)),
        "consumers": draw(st.integers(1, 25)),
        "seed": draw(st.integers(0, 2**40)),
        "behaviour": {
            "sessions": {"per_day": draw(st.sampled_from([0.3, 2.5]))},
            "stores": {
                "choice": "compete",
                "consider": 0.8,
                "browse": draw(shares),
                "discover": draw(st.sampled_from([0.0, 0.5])),
                "popularity": draw(st.sampled_from([None, {"power": 1.0}])),
                "preference": {"wait": draw(st.sampled_from([None, 0.0])), "habit": draw(st.sampled_from([0.0, 0.5]))},
            },
            "needs": {
                "pulled_forward": draw(st.sampled_from([0.0, 0.7])),
                "buying": draw(st.sampled_from(["at_visit", "at_need"])),
                "patience_days": 4.0,
                "rates": dict.fromkeys(("apparel", "food", "health"), rate),
            },
            "visits": {"follow": draw(shares), "join": draw(shares), "abandoned_cart": draw(shares)}
            | {"follow_at_cart": draw(shares), "most_follows": draw(st.sampled_from([None, 1, 2]))},
            "orders": draw(steps)
            | {
                "with_need": draw(st.sampled_from([0.5, 1.0])),
                "own": {"base": draw(shares) / 4},
                "follow": draw(shares),
                "join": draw(shares) / 2,
                "experience": {"weight": draw(st.sampled_from([0.0, 0.4]))},
                "drop_out": draw(st.sampled_from([None, {"mean": 0.3}])),
                "units": draw(st.sampled_from([None, {"more": 1.0, "slope": 0.1}])),
            },
            "reading": draw(readings),
            "opt_out": draw(opt_outs),
            "festivals": {"fair": FAIR},
        },
        "merchants": {
            f"store-{k:03d}": {"industry": industry, "goods_cost": 0.4, "message_cost": 0.5, "strategy": draw(plans)}
            | {"attraction": 0.3 + 0.2 * k, "awareness": draw(st.sampled_from([0.5, 1.0])), "price_level": 1 + k / 10}
            for k, industry in enumerate(industries)
        },
        "policies": {
            "caps": {"store_days": draw(st.integers(1, 4)), "stores_per_day": draw(st.integers(0, 3))},
            "prices": {"use": "relation_prices", **PRICES} if draw(st.booleans()) else None,
            "live_rooms": {"opens": "10:00", "watch": {"stranger": 0.5, "fan": 0.5, "member": 0.5}, "keep_fans": draw(shares)}
            if draw(st.booleans())
            else None,
        },
    }


worlds = st.one_of(
    markets().map(lambda world: (world, None)), competitions().map(lambda world: (world, None)), stores_with_a_past()
)
