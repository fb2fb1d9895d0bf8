"""Random worlds whose consumers share things that run out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hypothesis import strategies as st

PLUGIN = Path(__file__).with_name("resources_plugin.py")
SHARES = st.floats(0, 1).map(lambda p: round(p, 2))
INDUSTRIES = ("fast_moving", "apparel")

resources = st.fixed_dictionaries(
    {
        "amount": st.integers(0, 12),
        "takes": st.sampled_from([1, 1, 2, 3]),
        "refill_days": st.sampled_from([1, 2, None]),
        "carry_over": st.booleans(),
        "short": st.sampled_from(["close", "skip"]),
        "claimed_by": st.sampled_from(["delivery", "order"]),
        "visible": st.booleans(),
        "given_back": st.booleans(),
        "one": st.booleans(),
    }
).map(lambda of: of | {"given_back": of["given_back"] and of["claimed_by"] == "order" and of["refill_days"] is not None})
money = st.fixed_dictionaries(
    {
        "amount": st.integers(1, 40_000),
        "takes": st.just("amount"),
        "share": st.sampled_from([0.01, 0.5, 1.0]),
        "claimed_by": st.just("order"),
        "given_back": st.booleans(),
        "short": st.sampled_from(["close", "skip"]),
    }
)
refunds = st.sampled_from([None, {"probability": 0.6, "delay_hours": 8}])
coupons = st.fixed_dictionaries(
    {
        "use": st.just("benefit"),
        "amount": st.sampled_from([100, 900]),
        "stock": st.integers(1, 9),
        "per_person": st.integers(1, 3),
        "scope": st.sampled_from(["store", "category"]),
        "claim": st.fixed_dictionaries({"at": st.sampled_from(["visit", "order", "receipt"]), "probability": st.just(0.7)}),
        "from": st.integers(0, 2),
    }
)
seats = st.fixed_dictionaries(
    {
        "use": st.just("groups"),
        "groups": st.integers(1, 2),
        "subgroups": st.integers(1, 3),
        "people": st.integers(1, 3),
        "at": st.sampled_from(["visit", "order"]),
        "enter": st.just(0.7),
        "from": st.integers(0, 2),
    }
)
doors = st.sampled_from([{}, {"kind": "ordinary", "entry": "password", "password": 0.8}, {"kind": "ordinary"}])
desks = st.fixed_dictionaries(
    {
        "use": st.just("desk"),
        "inquiries": st.sampled_from([0.3, 1.0]),
        "seconds": st.sampled_from([600, 20_000]),
        "spread": st.sampled_from(["exponential", "fixed"]),
    }
)


def busy_world(seed: int, compete: bool) -> dict[str, Any]:
    """Everything at once, and everything binds: messages to all in the very same second, claims of several things."""
    plan = {"use": "plan", "cycle": 1, "crowd": "all", "at": "09:30", "scenes": ["cs.custom", "cs.promotion"]}
    needs = {"buying": "at_visit", "rates": {name: {"per_year": 250.0} for name in INDUSTRIES}}
    units = {"more": 0.8, "slope": 0.3} if compete else None
    competing = {"choice": "compete", "browse": 0.5, "preference": {"wait": None}}
    return {
        "days": 3,
        "consumers": 40,
        "seed": seed,
        "behaviour": {
            "sessions": {"per_day": 5.0 if compete else 2.0},
            "stores": competing if compete else {"choice": "any_known", "known": 3},
            "needs": needs if compete else None,
            "visits": {"follow": 0.2, "join": 0.2},
            "orders": {
                "own": {"base": 0.6},
                "message": {"base": 0.6},
                "with_need": 0.9,
                "amount": 1_000,
                "units": units,
                "ship_hours": 1,
                "pickup_hours": 1,
                "receive_hours": 2,
                "refund": {"probability": 0.5, "delay_hours": 4},
            },
            "reading": {"probability": 0.7, "delay_hours": 1},
            "opt_out": None,
        },
        "merchants": {f"s{k}": {"industry": INDUSTRIES[k % 2], "awareness": 1.0, "strategy": plan} for k in range(3)},
        "policies": {
            "caps": {"store_limit": 2, "stores_per_day": 2, "platform_per_day": 4 if compete else 35},
            "budget": {"amount": 2 if compete else 25, "per_message": 2, "carry_over": True},
            "held": {"use": f"{Path(__file__).parents[1] / 'identity' / 'plugins.py'}:HoldOut", "share": 0.2},
            "stock": {"units": 4, "refill_days": 2, "returns": True},
            "seats": {
                "use": "groups",
                "kind": "ordinary",
                "groups": 1,
                "subgroups": 1,
                "people": 1,
                "enter": 0.9,
                "entry": "password",
                "password": 0.9,
            },
            "coupon": {"use": "benefit", "amount": 300, "stock": 7, "per_person": 2, "claim": {"probability": 0.5}},
            "money": {
                "use": f"{PLUGIN}:Shares",
                "of": [
                    {
                        "amount": 40_000 if compete else 5_600,
                        "takes": "amount",
                        "share": 0.7,
                        "claimed_by": "order",
                        "short": "skip",
                    }
                ],
            },
            "desk": {"inquiries": 0.7, "seconds": 3_000},
            "again": {"use": "desk", "merchants": ["s1"], "inquiries": 0.5, "seconds": 900, "spread": "fixed", "from": 1},
        },
    }


@st.composite
def shared_worlds(draw: st.DrawFn) -> dict[str, Any]:
    """Few stores, eager consumers, and several resources that may bind, in force on some of the days."""
    merchants = draw(st.integers(1, 3))
    compete = draw(st.booleans())
    policies: dict[str, Any] = {
        "caps": {
            "store_limit": draw(st.integers(1, 3)),
            "stores_per_day": draw(st.integers(1, 3)),
            "platform_per_day": draw(st.one_of(st.none(), st.integers(0, 30))),
        },
        "held": {"use": f"{Path(__file__).parents[1] / 'identity' / 'plugins.py'}:HoldOut", "share": draw(SHARES)},
    }
    for name in draw(st.sets(st.sampled_from(["coupon", "packet"]))):
        policies[name] = draw(coupons)
    for name in draw(st.sets(st.sampled_from("abc"))):
        policies[name] = {"use": f"{PLUGIN}:Shares", "of": [draw(st.one_of(resources, money))], "from": draw(st.integers(0, 2))}
    if draw(st.booleans()):
        policies["seats"] = draw(seats) | draw(doors)
    if draw(st.booleans()):
        policies["z"] = draw(desks)
    stores: dict[str, Any] = {"choice": "any_known", "known": merchants}
    needs: Any = None
    if compete:
        stores = {"choice": "compete", "browse": draw(SHARES), "preference": {"wait": draw(st.sampled_from([None, -0.5]))}}
        rates = {"per_year": 200.0}
        buying = draw(st.sampled_from(["at_visit", "at_need"]))
        needs = {"buying": buying, "rates": dict.fromkeys(INDUSTRIES, rates)}
    units = draw(st.sampled_from([None, {"more": 1.0}])) if compete else None
    plan = {
        "use": "plan",
        "cycle": 1,
        "crowd": "all",
        "at": draw(st.sampled_from(["00:00", "09:30"])),
        "scenes": ["cs.custom"],
    }
    return {
        "days": draw(st.integers(1, 4)),
        "consumers": draw(st.integers(4, 20)),
        "seed": draw(st.integers(0, 2**40)),
        "behaviour": {
            "sessions": {"per_day": draw(st.sampled_from([0.5, 4.0]))},
            "stores": stores,
            "needs": needs,
            "visits": {"follow": 0.2, "join": 0.2},
            "orders": {
                "own": {"base": draw(SHARES)},
                "message": {"base": draw(SHARES)},
                "receive_hours": 5,
                "units": units,
                "refund": draw(refunds),
            },
            "reading": {"probability": 0.7, "delay_hours": 1},
            "opt_out": None,
        },
        "merchants": {
            f"s{k}": {"industry": INDUSTRIES[k % 2], "awareness": 1.0, "strategy": plan if draw(st.booleans()) else None}
            for k in range(merchants)
        },
        "policies": policies,
    }
