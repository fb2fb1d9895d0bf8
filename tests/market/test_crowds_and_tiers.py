"""Benefits for the platform's tiers and for crowds by name: both are of 00:00, so that who comes today may be of them."""

from __future__ import annotations

import dataclasses
from collections import Counter
from typing import Any

import numpy as np
import pytest
from benefit_audit import Relation, Rules, findings
from competing import DAY, Settings, Told, merged, plain
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.engine.simulation import Simulation
from sim.policies.member_tiers import Windows
from sim.policies.named_crowds import NamedCrowd
from sim.state.benefits import MOST_PER_PERSON
from sim.state.names import MEMBER_TIERS

RARE_VISITS = {
    "sessions": {"per_day": 0.15, "shape": None},
    "stores": {"browse": 1, "preference": {"price": 1}},
    "needs": {"rates": {"food": {"per_year": 0}}},
    "visits": {"follow": 0.5, "join": 0.6},
    "orders": {"own": {"base": 0.15}},
    "coupons": {"early": 0.1, "late": 0.1, "trip": "next_session"},
}
SHORT = {"quality_visited_days": 4, "quality_bought_days": 20, "potential_visited_days": 8, "potential_bought_days": 12}


def one_store(policies: Settings, **top: Any) -> Settings:
    world = merged(plain({"shop": {}, "other": {}}, RARE_VISITS), {"days": 60, "consumers": 500, **top})
    new = {name: {"newcomer_since": "2023-08-01T00:00:00"} for name in world["merchants"]}  # everybody may join [GRD-6]
    return world | {"policies": {"grading": {"tiers": SHORT, "merchants": new}, **policies}}


def coupon(**who: Any) -> Settings:
    return {
        "use": "benefit",
        "amount": 400,
        "claim": {"at": "visit", "probability": 1},
        "per_person": MOST_PER_PERSON,
        "who": who,
    }


def found(told: Told) -> list[str]:
    industries = [merchant.settings.industry for merchant in told.scenario.merchants]
    return findings(told.events, told.scenario.resolved, industries, told.names, told.days * DAY)


def claims(told: Told, name: str) -> Any:
    events = told.events
    return events[(events["kind"] == "claim") & (events["reason"] == name)]


def lives(told: Told, name: str, claimed: bool = True) -> list[tuple[Relation, int]]:
    """Each visit at which a benefit was claimed, or was not though it could be again: the relation before it, and the day."""
    who: dict[tuple[int, int], Relation] = {}
    events = told.events[told.events["consumer"] >= 0].sort_values(["consumer", "time", "seq"])
    of_name = [(row.consumer, row.merchant, row.time) for row in claims(told, name).itertuples()]
    had, times, seen = set(of_name), Counter(key[:2] for key in of_name), []
    for row in events.itertuples():
        of = who.setdefault((row.consumer, row.merchant), Relation())
        day = row.time // DAY
        may = times[row.consumer, row.merchant] < MOST_PER_PERSON
        if row.kind == "visit" and may and ((row.consumer, row.merchant, row.time) in had) is claimed:
            seen.append((dataclasses.replace(of, visit_days=[*of.visit_days], order_days=[*of.order_days]), day))
        if row.kind == "visit":
            of.visit_days.append(day)
        elif row.kind == "order":
            of.order_days.append(day)
        elif row.kind == "join":
            of.member = row.time
        elif row.kind in ("follow", "unfollow"):
            of.followed = [*of.followed, (day, row.kind == "follow")]
    return seen


@pytest.mark.parametrize("tier", MEMBER_TIERS)
def test_grd_8_a_tier_is_that_of_00_00_whatever_its_member_does_today(tier: str) -> None:
    """Also of silent members, whom their own visit takes out of the tier only tomorrow: a coupon to recall them is claimed."""
    told = Told(one_store({"recall": coupon(relation="member", tiers=[tier])}))
    rules = Rules(told.scenario.resolved, ["food"] * 2, told.names)
    assert found(told) == []
    given, refused = lives(told, "recall"), lives(told, "recall", claimed=False)
    assert {rules.tier(who, day) for who, day in given} == {tier}
    assert tier not in {rules.tier(who, day) for who, day in refused}
    assert len(given) > 20
    uses = told.events[(told.events["kind"] == "redeem") & (told.events["reason"] == "recall")]
    assert len(uses) > 5


def test_grd_8_who_joins_today_is_of_no_tier_until_tomorrow() -> None:
    told = Told(one_store({"any tier": coupon(relation="member", tiers=list(MEMBER_TIERS))}))
    joined = told.events[told.events["kind"] == "join"].set_index(["consumer", "merchant"])["time"] // DAY
    of = claims(told, "any tier")
    days = of["time"] // DAY
    assert (days.to_numpy() > joined[list(zip(of["consumer"], of["merchant"], strict=True))].to_numpy()).all()
    assert len(of) > 100


CROWDS: dict[str, dict[str, Any]] = {
    "lapsed": {"relation": "any", "not_visited_days": 8, "bought_days": 40, "orders_from": 1},
    "warm": {"relation": "fan", "visited_days": 5, "not_bought_days": 10},
    "new": {"relation": "member", "orders_to": 0},
    "twice": {"relation": "old_customer", "orders_from": 2, "orders_to": 3},
    "known": {},
}


@pytest.mark.parametrize("name", CROWDS)
def test_a_crowd_is_that_of_00_00_and_all_of_it_are_given_the_coupon(name: str) -> None:
    told = Told(one_store({"for them": coupon(crowd=name)}, crowds=CROWDS))
    rules = Rules(told.scenario.resolved, ["food"] * 2, told.names)
    assert found(told) == []
    given, refused = lives(told, "for them"), lives(told, "for them", claimed=False)
    assert all(rules.is_in(rules.crowds[name], who, day) for who, day in given)
    assert not any(rules.is_in(rules.crowds[name], who, day) for who, day in refused)
    assert len(given) > 20


def test_an_offer_to_a_crowd_is_had_by_it_alone_and_counts_for_no_one_s_choice() -> None:
    offer = {"use": "benefit", "kind": "spend_percent_off", "share": 0.2, "threshold": 1}
    told = Told(one_store({"offer": offer | {"who": {"relation": "member", "crowd": "lapsed"}}}, crowds=CROWDS))
    assert found(told) == []
    assert len(told.events[told.events["kind"] == "redeem"]) > 5
    assert not any(row["member_appeal"] for row in told.simulation._merchants)
    everyone = Told(one_store({"offer": offer}, crowds=CROWDS))
    assert all(row["member_appeal"] for row in everyone.simulation._merchants)


def test_what_was_at_00_00_is_the_same_wherever_a_run_is_cut() -> None:
    world = one_store({"recall": coupon(tiers=["silent"], relation="member"), "warm": coupon(crowd="warm")}, crowds=CROWDS)
    whole = Told(world).events
    assert set(whole["reason"]) >= {"recall", "warm"}
    told = Told(world, until=30 * DAY + 40_000)
    rows: list[np.ndarray] = []
    snapshot = told.simulation.snapshot()
    resumed = Simulation(told.scenario, 1, 2, 1, "all", rows.append, resumed=snapshot)
    resumed.run()
    told._rows += rows
    assert told.events.equals(whole)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(
    st.fixed_dictionaries(
        {"relation": st.sampled_from(["any", "fan", "member", "old_customer"])},
        optional={
            **{name: st.integers(1, 6) for name in ("visited_days", "not_visited_days", "bought_days", "not_bought_days")},
            "orders_from": st.integers(0, 2),
            "orders_to": st.integers(0, 2),
        },
    )
)
def test_what_is_refused_as_a_contradiction_is_met_by_nobody_and_the_rest_by_somebody(told: dict[str, Any]) -> None:
    """Of all that a relation may have done on ten days, on each nothing, a visit, or an order."""
    given = {name: None for name in ("visited_days", "not_visited_days", "bought_days", "not_bought_days", "orders_to")}
    crowd = {**given, "orders_from": 0, **told}
    rules = Rules({"start": "2024-01-01", "policies": {}, "crowds": {}}, [], [])
    somebody = any(
        rules.is_in(crowd, Relation(followed=[(0, True)], member=0, visit_days=[came], order_days=[bought] * orders), 400)
        for came in (*range(392, 400), 1)
        for bought in (*range(392, 400), 1)
        for orders in range(4)
    )
    try:
        NamedCrowd(**told)
    except ValueError:
        assert not somebody
    else:
        assert somebody


def test_grd_8_the_windows_of_tiers_are_those_of_grading() -> None:
    told = Told(one_store({"recall": coupon(relation="member", tiers=["silent"])}, days=1))
    (row, _) = told.simulation.benefits.table
    assert [row[name] for name in Windows._fields] == list(SHORT.values())
