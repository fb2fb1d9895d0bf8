"""Small worlds, and what a run of one leaves behind: the means of the identity suite."""

from __future__ import annotations

import copy
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

import sim
from sim.engine.simulation import Simulation
from sim.engine.snapshot import restore, save
from sim.results import tables
from sim.results.events import table

PLUGINS = Path(__file__).with_name("plugins.py")
ROOT = Path(__file__).parents[2]
DAY = 86_400
SHARES = st.floats(0, 1).map(lambda p: round(p, 3))


def w1(consumers: int = 60, days: int = 24) -> dict[str, Any]:
    """W1 with few consumers."""
    return {"extends": str(ROOT / "benchmarks" / "w1.yaml"), "consumers": consumers, "days": days}


def store(consumers: int = 60, days: int = 60) -> dict[str, Any]:
    """The store, its customers eager to buy and to read."""
    return {
        "extends": str(ROOT / "scenarios" / "store_every_2_days.yaml"),
        "consumers": consumers,
        "days": days,
        "past": {"bg_nbd": {"r": 2.0, "alpha": 2.0, "a": 1.0, "b": 6.0}},
        "behaviour": {"reading": {"intercept": -1.0}, "opt_out": {"hazard": 0.01}, "sessions": {"hours": list(range(1, 25))}},
    }


days = st.integers(0, 9)
JUDGING = {"wait": -0.5, "reference": {"weight": 2.0, "keep": 0.5}}
PROMOTED = {"discount": 0.3, "industries": ["food", "beauty"], "warm_up_days": 2}
MESSAGE_RULES = {
    "old_customers": {"bought_days": st.integers(1, 9), "visited_days": st.integers(1, 9), "from": days},
    "algorithm_filter": {"share": st.sampled_from([0.0, 0.5, 0.8]), "login_days": st.integers(1, 5), "from": days},
    "min_crowd": {"more_than": st.integers(0, 4), "from": days},
    "send_window": {"first": st.sampled_from(["08:00", "09:59", "10:00"]), "from": days},
    "overlap": {"from": days},
    "reach_frequency": {"tasks": st.integers(0, 3), "days": st.integers(1, 5), "from": days},
    "dedicated_service": {"from": days},
    "effect_data": {"promotions": st.just(["2023-09-03", "2023-09-08"]), "from": days},
}
SHARED = {
    "budget": {"amount": st.integers(0, 9), "per_message": st.integers(1, 3), "carry_over": st.booleans(), "from": days},
    "stock": {"units": st.integers(0, 9), "refill_days": st.sampled_from([None, 1, 3]), "from": days},
    "desk": {"inquiries": SHARES, "seconds": st.sampled_from([60, 30_000]), "from": days},
    "limit": {"use": st.just("caps"), "store_limit": st.just(None), "platform_per_day": st.integers(0, 30), "from": days},
}
STANDINGS: list[dict[str, Any]] = [  # the start is at 2023-09-01
    {"grade": "quality", "member_link": True},
    {"register_join": "grace", "deadline": "2023-09-03T09:30:00"},
    {"custom_until": "2023-09-05T17:00:01", "newcomer_since": "2023-09-02T08:00:00"},
    {"grade": "improving", "improving": 1, "register_join": "buffer"},
]


def grading(stores: list[str], **rules: Any) -> dict[str, Any]:
    """Grades that move within days: several refreshes in a short run, lines that few members reach, a short memory."""
    lines = {"default": {"quality": {"scale": 2, "gmv_share": 0.1, "quality_ratio": 0.3, "penetration": 0.3}}}
    tiers = {"quality_visited_days": 2, "quality_bought_days": 4, "potential_visited_days": 2, "potential_bought_days": 3}
    whole = {
        "use": "grading",
        "calendar": {"days": [2, 5, 6, 9, 13, 17]},
        "lines": lines,
        "online_days_above": 0,
        "tiers": tiers,
    }
    return whole | {"merchants": dict(zip(stores, STANDINGS))} | rules


def graded(consumers: int = 60, days: int = 24) -> dict[str, Any]:
    """Competing stores that are graded, whose members have benefits for some days, and which change their settings."""
    sets = {"use": f"{PLUGINS}:Sets", "cycle": 2, "crowd": "members"}
    stores = ["dawn", "harvest", "orchard", "petal"]
    return {
        "extends": str(ROOT / "scenarios" / "market.yaml"),
        "past": "cold",
        "consumers": consumers,
        "days": days,
        "behaviour": {
            "sessions": {"per_day": 2.0},
            "needs": {"rates": {name: {"per_year": 100} for name in ("food", "beauty", "fast_moving")}},
            "visits": {"follow": 0.5, "join": 0.5},
            "orders": {"follow": 0.3, "join": 0.4, "ship_hours": 1, "pickup_hours": 1, "receive_hours": 5},
        },
        "merchants": {name: {"strategy": sets, "join": {"setting": "zero"}} for name in stores},
        "policies": {
            "min_crowd": {"more_than": 2},
            "grading": grading(stores),
            "early": {"use": "relation_prices", "industries": ["food"], "member": 0.05, "until": 12},
            "late": {"use": "relation_prices", "merchants": ["orchard", "dawn"], "member": 0.05, "from": 3},
        },
    }


BENEFITS = {
    "welcome": {"use": "benefit", "amount": 900, "claim": {"at": "join", "delay_hours": 20, "within_hours": 24}},
    "a second": {"use": "benefit", "amount": 500, "claim": {"at": "order"}, "who": {"orders_from": 1, "orders_to": 1}},
    "scarce": {"use": "benefit", "kind": "percent_off", "share": 0.3, "stock": 4, "per_person": 3, "stack": "scarce"},
    "spend": {"use": "benefit", "kind": "spend_percent_off", "share": 0.1, "threshold": 3_000},
    "price": {"use": "benefit", "kind": "member_price", "share": 0.05},
    "packet": {"use": "benefit", "kind": "red_packet", "amount": 300, "scope": "category", "stock": 9},
    "presents": {"use": "benefit", "kind": "buy_and_gift", "gift_cost": 400, "who": {"relation": "fan"}, "goods": 0.5},
    "follow": {"use": "benefit", "kind": "follow_discount", "amount": 700},
    "thanks": {"use": "benefit", "kind": "gift", "gift_cost": 100, "claim": {"at": "receipt"}, "valid": {"days": 2}},
    "early bird": {"use": "benefit", "kind": "priority"},
    "exchange": {"use": "benefit", "kind": "points_exchange", "points": 50, "amount": 200},
    "recall": {
        "use": "benefit",
        "amount": 600,
        "who": {"relation": "member", "tiers": ["potential", "silent"]},
        "per_person": 9,
    },
    "lapsed": {"use": "benefit", "amount": 300, "who": {"crowd": "lapsed"}, "stock": 5, "per_person": 3},
    "of the group": {"use": "benefit", "amount": 200, "who": {"group": "member"}, "stack": "group", "per_person": 2},
    "active": {"use": "benefit", "kind": "percent_off", "share": 0.05, "who": {"relation": "member", "tiers": ["quality"]}},
}
CROWDS_BY_NAME = {"lapsed": {"not_visited_days": 1, "bought_days": 6}, "fresh": {"relation": "fan", "visited_days": 3}}
SEATS = {
    "club": {"use": "groups", "groups": 1, "subgroups": 2, "people": 2, "enter": 0.7, "crowd": "fresh", "crowd_above": 2},
    "chat": {
        "use": "groups",
        "kind": "ordinary",
        "entry": "password",
        "password": 0.6,
        "people": 1,
        "groups": 1,
        "at": "order",
    },
}
benefits = st.lists(st.sampled_from(sorted(BENEFITS)), unique=True, max_size=4).flatmap(
    lambda names: st.fixed_dictionaries({name: st.just(BENEFITS[name]) for name in names})
)
INVITATIONS = {
    "ask": {
        "use": st.just("invitation"),
        "days": st.sampled_from([[0, 3], [5], ["2023-08-28", "2023-09-03"]]),
        "to": st.sampled_from(["customers", "known"]),
        "probability": SHARES,
        "from": days,
    },
    "ask again": {"use": st.just("invitation"), "days": st.just([3, 7]), "probability": SHARES},
}
# Who joins and what that does: off, as by default, and strong and soon over.
DIALS = st.sampled_from(
    [{}, {"treatment": 0}, {"treatment": 3, "frequency": 0.5, "light": 0.5, "fade_from_days": 1, "fade_until_days": 4}]
)
CROWDS = st.fixed_dictionaries({"stranger": SHARES, "fan": SHARES, "member": SHARES})
LIVE = {
    "live_rooms": {
        "opens": st.sampled_from(["00:00", "11:11", "20:00"]),
        "closes": st.just("23:59"),
        "weekdays": st.sampled_from([["friday", "monday"], ["friday", "saturday", "sunday"]]),
        "watch": CROWDS,
        "follow": CROWDS,
        "join": CROWDS,
        "orders": st.sampled_from([0.0, 3.0]),
        "keep_fans": SHARES,
        "from": days,
    },
}
OWN_GATES = {
    "b hold out": {"use": st.just(f"{PLUGINS}:HoldOut"), "share": SHARES, "from": days},
    "c now": {"use": st.just(f"{PLUGINS}:WindowNow"), "days": st.integers(1, 4), "from": days},
    "a compiled": {"use": st.just(f"{PLUGINS}:CompiledWindow"), "days": st.integers(1, 4), "until": st.integers(10, 14)},
}
RULES = MESSAGE_RULES | OWN_GATES | SHARED | INVITATIONS | LIVE
# Each rule is on or off, and may begin in the run; so is each gate of a user's own.
message_rules = st.fixed_dictionaries({}, optional={name: st.fixed_dictionaries(of) for name, of in RULES.items()})


@st.composite
def market_worlds(draw: st.DrawFn) -> dict[str, Any]:
    """Stores that send on their own days, consumers who know several of them, caps that may bind."""
    merchants = draw(st.integers(1, 6))
    probability = lambda: draw(SHARES)  # noqa: E731
    world = {
        "days": draw(st.integers(1, 16)),
        "consumers": draw(st.integers(1, 40)),
        "seed": draw(st.integers(0, 2**40)),
        "behaviour": {
            "sessions": {"per_day": draw(st.sampled_from([0.0, 0.3, 2.5])), "shape": draw(st.sampled_from([None, 0.7]))},
            "stores": {"known": draw(st.integers(1, merchants)), "choice": "any_known"},
            "needs": None,
            "membership": draw(DIALS),
            "visits": {
                "follow": probability(),
                "join": probability(),
                "abandoned_cart": probability(),
                "favourite": probability(),
            },
            "orders": {
                "own": {"base": probability() / 3, "fan": 0.1, "member": 0.2},
                "message": {"base": probability() / 3, "fan": 0.1, "member": 0.2},
                "ship_hours": draw(st.sampled_from([None, 5.0])),
                "pickup_hours": draw(st.sampled_from([None, 1.0])),
                "receive_hours": draw(st.sampled_from([None, 30.0])),
            },
            "reading": {
                "probability": draw(st.sampled_from([None, 0.6])),
                "intercept": 0.5,
                "switched_on": draw(st.sampled_from([0.8, 1.0])),
            },
            "opt_out": draw(st.sampled_from([None, {"hazard": 0.05, "slope": 0.1, "all_stores": 0.5}])),
        },
        "merchants": {
            "store": {
                "count": merchants,
                "strategy": {
                    "use": "plan",
                    "cycle": draw(st.integers(1, 4)),
                    "days": [0, 2],
                    "crowd": draw(st.sampled_from(["fans", "members", "all", "customers"])),
                    "staggered": draw(st.booleans()),
                    "scenes": draw(st.sampled_from([["cs.custom"], ["cs.service", "cs.promotion"], ["group.member"]])),
                    "stop_below": draw(st.sampled_from([0.0, 0.3])),
                    "judge_by": 1,
                    "plan_per": draw(st.sampled_from(["task", "cycle"])),
                },
            }
        },
        "policies": {
            "caps": {
                "store_limit": draw(st.integers(0, 3)),
                "store_days": draw(st.integers(1, 8)),
                "stores_per_day": draw(st.integers(0, 3)),
                "per_store_per_day": draw(st.integers(0, 2)),
                "total_per_day": draw(st.integers(0, 4)),
                "from": draw(st.integers(0, 5)),
            },
            "a mood": {"use": "adjust", "reading": 0.7, "opting_out": 1.3},
            "z mood": {"use": "adjust", "reading": 0.9, "ordering": 1.1, "until": draw(st.integers(1, 9))},
        }
        | draw(message_rules)
        | draw(gradings([f"store-{k:03d}" for k in range(merchants)] if merchants > 1 else ["store"])),
    }
    return rewarded(world, draw(benefits), draw(st.sampled_from(["next_session", "at_once"])))


def gradings(stores: list[str]) -> st.SearchStrategy[dict[str, Any]]:
    """Whether and from when on stores are graded; who is improving may recruit, else little would happen without benefits."""
    improving = st.sampled_from([["benefit_tools", "outreach"], ["outreach", "recruiting"]])
    days_online = st.sampled_from([0, 2])
    found = st.builds(
        lambda begins, privileges, above, penetrated: {
            "grading": grading(
                stores,
                privileges={"improving": privileges},
                online_days_above=above,
                lines={"default": {"quality": {"scale": 1, "gmv_share": 0, "quality_ratio": 0, "penetration": penetrated}}},
            )
            | {"from": begins}
        },
        days,
        improving,
        days_online,
        st.sampled_from([0.0, 0.8]),
    )
    return st.just({}) | found


WATCHED = {
    "opens": "12:00",
    "closes": "23:00",
    "watch": {"stranger": 0.2, "fan": 0.4, "member": 0.6},
    "follow": {"stranger": 0.3, "member": 0.3},
    "join": {"fan": 0.3},
    "orders": 2,
}


def ruled() -> dict[str, Any]:
    """Stores under all rules of old-customer messages at once, each of which acts."""
    plan = {"use": "plan", "cycle": 4, "days": [0, 1, 3], "crowd": "all", "at": "21:57", "staggered": True, "plan_per": "cycle"}
    return {
        "days": 20,
        "consumers": 60,
        "behaviour": {
            "sessions": {"per_day": 1.5},
            "stores": {"known": 4, "choice": "any_known"},
            "needs": None,
            "visits": {"follow": 0.2, "join": 0.2, "favourite": 0.3},
            "orders": {"own": {"base": 0.5}, "message": {"base": 0.3}, "ship_hours": None, "receive_hours": 20},
            "reading": {"probability": 0.4, "switched_on": 0.9},
            "opt_out": {"hazard": 0.03, "all_stores": 0.5},
        },
        "merchants": {"store": {"count": 4, "strategy": plan}},
        "policies": {
            "old_customers": {"bought_days": 6, "visited_days": 3},
            "algorithm_filter": {"login_days": 5},
            "min_crowd": {"more_than": 14},
            "send_window": {},
            "overlap": {},
            "reach_frequency": {"tasks": 2, "days": 5},
            "dedicated_service": {},
            "effect_data": {"promotions": ["2023-09-06"]},
            "live_rooms": WATCHED,
            "caps": {"store_days": 3, "stores_per_day": 2},
            "a compiled": {"use": f"{PLUGINS}:CompiledWindow", "days": 5},
            "hold out": {"use": f"{PLUGINS}:HoldOut", "share": 0.2},
            "now": {"use": f"{PLUGINS}:WindowNow", "days": 7},
        },
    }


def shared() -> dict[str, Any]:
    """The same under rules by which consumers share what runs out, and desks, each of which acts."""
    policies = {
        "limit": {"use": "caps", "store_limit": None, "stores_per_day": None, "platform_per_day": 25},
        "budget": {"amount": 30, "per_message": 3, "refill_days": 2, "carry_over": True},
        "stock": {"units": 6, "refill_days": 2},
        "desk": {"inquiries": 0.6, "seconds": 2_000},
        "live_rooms": WATCHED,
        "caps": {"store_days": 2, "stores_per_day": 3},
        "now": {"use": f"{PLUGINS}:WindowNow", "days": 3},
        "hold out": {"use": f"{PLUGINS}:HoldOut", "share": 0.1},
        "invitation": {"days": [4, 13], "to": "known", "probability": 0.3},
    }
    return ruled() | {"policies": policies}


@st.composite
def store_worlds(draw: st.DrawFn) -> dict[str, Any]:
    """One store whose customers have needs."""
    world = store(draw(st.integers(1, 40)), draw(st.integers(1, 40)))
    world["seed"] = draw(st.integers(0, 2**40))
    needs = {"regularity": draw(st.integers(1, 3)), "patience_days": draw(st.sampled_from([0.5, 20.0]))}
    world["behaviour"] |= {"needs": needs | {"buying": draw(st.sampled_from(["at_visit", "at_need"]))}}
    world["behaviour"] |= {"membership": draw(DIALS) | {"selection": draw(st.sampled_from([0, 1.5]))}}
    world["behaviour"] |= {"orders": {"drop_out": {"member": 0.6}}}
    world["policies"] = {"a mood": {"use": "adjust", "reading": 0.7}, "caps": {"store_days": draw(st.integers(1, 9))}}
    world["policies"] |= draw(message_rules)
    return rewarded(world, draw(benefits), draw(st.sampled_from(["next_session", "at_once"])))


def market(consumers: int = 60, days: int = 30) -> dict[str, Any]:
    """The shipped market with few consumers, and its past."""
    market = {"extends": str(ROOT / "scenarios" / "market.yaml"), "consumers": consumers, "days": days}
    few = {"min_crowd": {"more_than": 2}}
    return market | {"policies": dict(few), "past": {"policies": dict(few)}}


@st.composite
def competing_worlds(draw: st.DrawFn) -> dict[str, Any]:
    """The shipped market's stores, its consumers few and eager."""
    world = market(draw(st.integers(1, 30)), draw(st.integers(1, 12)))
    world |= {"seed": draw(st.integers(0, 2**40)), "past": "cold"}
    rates = {"per_year": draw(st.sampled_from([20.0, 150.0]))}
    world["behaviour"] = {
        "sessions": {"per_day": draw(st.sampled_from([0.4, 3.0]))},
        "stores": {
            "browse": draw(SHARES),
            "discover": draw(st.sampled_from([0.0, 0.6])),
            "preference": {"habit": 0.5} | draw(st.sampled_from([{"wait": None}, {"wait": -0.5}, JUDGING])),
            "popularity": draw(st.sampled_from([None, {"power": 1.5}])),
        },
        "needs": {
            "buying": draw(st.sampled_from(["at_visit", "at_need"])),
            "regularity": draw(st.integers(1, 2)),
            "pulled_forward": draw(st.sampled_from([0.0, 0.5])),
            "rates": dict.fromkeys(("fast_moving", "apparel", "beauty", "food", "sports", "health"), rates),
        },
        "membership": draw(DIALS) | {"selection": draw(st.sampled_from([0, 0.7]))},
        "visits": {
            "follow": draw(SHARES),
            "follow_at_cart": draw(SHARES),
            "join": draw(SHARES),
            "most_follows": draw(st.sampled_from([None, 1, 3])),
        },
        "orders": {
            "own": {"base": draw(SHARES) / 3},
            "drop_out": {"mean": 0.3},
            "follow": draw(SHARES),
            "units": draw(st.sampled_from([None, {"more": 0.8}, {"more": 0.8, "slope": 0.2}])),
        },
        "reading": {"intercept": 0.0},
        "opt_out": {"hazard": 0.02},
        "festivals": {
            "fair": {"first": "2023-09-04", "days": 2, "sessions": 2.0} | draw(st.sampled_from([{}, PROMOTED])),
        },
    }
    world["policies"] = (
        {
            "caps": {"store_limit": draw(st.integers(1, 3)), "stores_per_day": draw(st.integers(1, 6))},
            "a mood": {"use": "adjust", "reading": 0.7},
            "prices": {"use": "relation_prices", "member": 0.1, "fan": draw(SHARES) / 2, "from": draw(days)},
            "more prices": {
                "use": "relation_prices",
                "old_customer": 0.3,
                "industries": ["food"],
                "until": draw(st.integers(1, 9)),
            },
        }
        | draw(gradings(["dawn", "harvest", "orchard", "petal"]))
        | draw(st.fixed_dictionaries({}, optional={"live_rooms": st.fixed_dictionaries(LIVE["live_rooms"])}))
    )
    return rewarded(world, draw(benefits), draw(st.sampled_from(["next_session", "at_once"])))


def rewarded(world: dict[str, Any], given: dict[str, Any], trip: str) -> dict[str, Any]:
    """The world with some benefits, each of which can apply: consumers follow and join, receipts are confirmed."""
    if given:
        behaviour = world["behaviour"]
        visits, orders = behaviour.setdefault("visits", {}), behaviour.setdefault("orders", {})
        visits |= {name: max(visits.get(name, 0.2), 0.05) for name in ("follow", "join")}
        orders["receive_hours"] = orders.get("receive_hours") or 30.0
        behaviour["coupons"] = coming(trip)
        world["policies"] |= given | {"programme": {"levels": [5_000]}}
        world["crowds"] = CROWDS_BY_NAME
        if any("group" in rule.get("who", {}) for rule in given.values()):
            world["policies"] |= SEATS
    return world


def coming(trip: str = "next_session") -> dict[str, Any]:
    """Coupons are claimed often, and their holders come for them soon."""
    return {"claim": 0.6, "early": 0.2, "late": 0.1, "trip": trip}


def rewarding() -> dict[str, Any]:
    """The shipped market, its consumers few and eager, with every kind of benefit, each of which acts."""
    world = market(60, 24) | {"past": {"days": 10, "short": True, "policies": {"welcome": BENEFITS["welcome"]}}}
    rates = {name: {"per_year": 60.0} for name in ("fast_moving", "apparel", "beauty", "food", "sports", "health")}
    world["behaviour"] = {
        "sessions": {"per_day": 1.5},
        "needs": {"rates": rates},
        "visits": {"follow": 0.2, "join": 0.3},
        "coupons": coming(),
        "orders": {"refund": {"probability": 0.3, "delay_hours": 5}, "receive_hours": 20},
    }
    vip = {"use": "benefit", "kind": "spend_percent_off", "share": 0.05, "threshold": 100, "who": {"level": 2}, "stack": "vip"}
    of_members = {"programme": {"levels": [5_000]}, "vip": vip, "grading": {}, "invitation": {"days": [3, 9], "to": "known"}}
    world["policies"] |= {**BENEFITS, **SEATS, **of_members, "live_rooms": WATCHED, "stock": {"units": 6, "refill_days": 2}}
    return world | {"crowds": CROWDS_BY_NAME}


def grouped() -> dict[str, Any]:
    """The same without grading, so that every store may have member groups, whose seats run out and coupons are claimed."""
    world = rewarding()
    del world["policies"]["grading"]
    return world


worlds = st.one_of(market_worlds(), store_worlds(), competing_worlds())


@st.composite
def past_worlds(draw: st.DrawFn) -> dict[str, Any]:
    """Markets that have been going on for some days, under rules and plans of those days."""
    world = draw(st.one_of(market_worlds(), competing_worlds()))
    days = draw(st.integers(1, 12))
    caps = {"store_limit": draw(st.integers(0, 3)), "store_days": draw(st.integers(1, 8))}
    of_the_run = {"from", "until"}
    drawn = draw(message_rules)
    rules = {name: {key: value for key, value in rule.items() if key not in of_the_run} for name, rule in drawn.items()}
    own = {"now": {"use": f"{PLUGINS}:WindowNow"}, "hold out": {"use": f"{PLUGINS}:HoldOut"}}
    of_groups = lambda rule: "group" in rule.get("who", {})  # noqa: E731
    given = {name: rule for name, rule in world["policies"].items() if rule.get("use") == "benefit" and not of_groups(rule)}
    rewards = given | {name: rule for name, rule in world["policies"].items() if name == "programme"}
    past_policies = {"caps": caps, "mood": {"use": "adjust", "reading": 1.4}, **rules, **own, **rewards}
    world["past"] = {"days": days, "short": True, "policies": past_policies}
    before = draw(st.sampled_from(["same", None, {"use": "plan", "cycle": 2, "crowd": "all", "scenes": ["cs.custom"]}]))
    if "merchants" not in world:
        plan = {"use": "plan", "cycle": 7, "days": [0, 2, 4], "at": "09:30", "crowd": "customers"}
        world["merchants"] = {"dawn": {"strategy": plan}}
    (store,) = world["merchants"].values()
    store["past_strategy"] = before
    if store.get("count") == 1 and draw(st.booleans()):
        world["behaviour"]["stores"] = {"choice": "any_known"}  # everyone buys for the first time on the first day
    return world


def with_policies(world: dict[str, Any], **policies: dict[str, Any]) -> dict[str, Any]:
    """The world with more policies."""
    changed = copy.deepcopy(world)
    changed.setdefault("policies", {}).update(policies)
    return changed


def with_ticks(world: dict[str, Any], at: list[int]) -> dict[str, Any]:
    """The world with extra clock events."""
    return with_policies(world, ticks={"use": f"{PLUGINS}:Ticks", "at": at})


def with_past_policies(world: dict[str, Any], **policies: dict[str, Any]) -> dict[str, Any]:
    """The world with more policies in its past."""
    changed = copy.deepcopy(world)
    changed["past"].setdefault("policies", {}).update(policies)
    return changed


def load(world: dict[str, Any]) -> sim.Scenario:
    """The scenario of a world."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "world.yaml"
        path.write_text(yaml.safe_dump(world, sort_keys=False), encoding="utf-8")
        return sim.load(path)


def examples(count: int) -> settings:
    """So many random worlds, always the same, each of which may take long."""
    slow = [HealthCheck.too_slow, HealthCheck.data_too_large]
    return settings(max_examples=count, deadline=None, derandomize=True, suppress_health_check=slow)


def stopped(world: dict[str, Any], at: int, shards: int = 2) -> tuple[Simulation, list[np.ndarray]]:
    """A run that has stopped at its first clock event from `at` on, and the rows of its log."""
    rows: list[np.ndarray] = []
    simulation = Simulation(load(world), None, 1, shards, "all", rows.append)
    simulation.run(on_instant=lambda now: now >= at)
    return simulation, rows


def gone_on(world: dict[str, Any], simulation: Simulation, rows: list[np.ndarray], path: Path) -> dict[str, pd.DataFrame]:
    """What a run leaves that has stopped, is stored, read again and goes on with other threads."""
    save(simulation.snapshot(), path, {"parts": 3})
    snapshot, notes = restore(path)
    assert notes == {"parts": 3}
    second = Simulation(load(world), None, 2, None, "all", rows.append, snapshot)
    second.run()
    return contents(second, rows)


class Trace:
    """What a run leaves: its event log, its tables, and its state at the end."""

    def __init__(self, world: dict[str, Any], *, seed: int | None = None, threads: int = 1, shards: int = 1) -> None:
        self.rows: list[np.ndarray] = []
        self.simulation = Simulation(load(world), seed, threads, shards, "all", self.rows.append)
        self.simulation.run()

    @property
    def events(self) -> pd.DataFrame:
        return events_of(self.rows, self.simulation)

    @property
    def contents(self) -> dict[str, pd.DataFrame]:
        return contents(self.simulation, self.rows)


def events_of(rows: list[np.ndarray], simulation: Simulation) -> pd.DataFrame:
    """The event log of the rows that were handed over. Reasons as plain texts: which could have been is the scenario's."""
    words = simulation.tasks.plans, simulation.gates.reasons, simulation.benefits.names
    return table(np.concatenate(rows), *words).to_pandas().astype({"reason": str}) if rows else pd.DataFrame()


def contents(simulation: Simulation, rows: list[np.ndarray]) -> dict[str, pd.DataFrame]:
    """All tables of a finished run, and the relations at its end."""
    relations = []
    for shard in simulation.population.shards:
        count = np.asarray(shard.consumers["relation_count"], np.int64)
        within = np.arange(count.sum()) - np.repeat(np.cumsum(count) - count, count)
        rows_of = np.repeat(np.asarray(shard.consumers["relation_first"], np.int64), count) + within
        frame = pd.DataFrame(np.asarray(shard.relations)[rows_of]).drop(columns="recent_at")  # where, not what
        relations.append(frame.assign(consumer=shard.first + np.repeat(np.arange(len(count)), count)))
    whole = pd.concat(relations).sort_values(["consumer", "merchant"], ignore_index=True)
    return {
        "events": events_of(rows, simulation),
        "daily": tables.daily(simulation),
        "daily_by_channel": tables.daily_by_channel(simulation),
        "messages": tables.messages(simulation),
        "grades": tables.grades(simulation),
        "refusals": tables.refused(simulation),
        "benefits": tables.benefits(simulation),
        "relations": whole,
    }


def assert_same(one: dict[str, pd.DataFrame], other: dict[str, pd.DataFrame]) -> None:
    """Equal contents, bit for bit."""
    for name, frame in one.items():
        pd.testing.assert_frame_equal(frame, other[name], check_exact=True, obj=name)


def exogenous(trace: Trace) -> pd.DataFrame:
    """The consumers' own sessions and needs."""
    events = trace.events
    if events.empty:
        return events
    own = events[events["kind"].isin(["session", "need"])]
    return own.sort_values(["kind", "consumer", "time", "ref"])[["kind", "consumer", "time", "ref"]].reset_index(drop=True)
