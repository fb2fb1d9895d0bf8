"""Groups of stores, as runs of the simulator: who enters, until the seats are taken, and what is for those who have one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from benefit_audit import findings as of_benefits
from competing import DAY, MARKET, Settings, Told, merged, plain, shipped
from group_audit import findings as of_groups
from scipy import stats

from sim.engine.simulation import Simulation
from sim.errors import BadInput
from sim.results import tables

BEHAVIOUR = {
    "sessions": {"per_day": 0.6, "shape": None},
    "stores": {"browse": 1},
    "needs": {"rates": {"food": {"per_year": 0}}},
    "visits": {"follow": 0.3, "join": 0.4},
    "orders": {"own": {"base": 0.2}, "receive_hours": 30},
}
CROWDS = {"fresh": {"relation": "member", "visited_days": 3, "orders_to": 0}, "warm": {"visited_days": 5}}
KINDS: dict[str, Settings] = {
    "buyers": {"groups": 2, "subgroups": 3, "people": 10},
    "again": {"entry": "repurchased", "at": "receipt"},
    "let in": {"crowd": "fresh", "crowd_above": 15, "people": 40},
    "fans": {"kind": "ordinary", "at": "follow", "groups": 1, "subgroups": 4, "people": 20},
    "spenders": {"kind": "ordinary", "entry": "spent", "amount": 6_000, "at": "order"},
    "selected": {"kind": "ordinary", "entry": "crowd", "crowd": "warm", "people": 25, "groups": 1, "subgroups": 2},
    "told": {"kind": "ordinary", "entry": "password", "password": 0.3, "enter": 1},
}


def two_stores(policies: Settings, **top: Any) -> Settings:
    world = merged(plain({"shop": {}, "other": {}}, BEHAVIOUR), {"days": 30, "consumers": 400, "crowds": CROWDS, **top})
    return world | {"policies": policies}


def groups(**rule: Any) -> Settings:
    return {"use": "groups", "enter": 0.5, **rule}


def entries(told: Told, name: str = "them") -> pd.DataFrame:
    events = told.events
    return events[(events["kind"] == "group_join") & (events["reason"] == name)]


def wrong(told: Told) -> list[str]:
    industries = [merchant.settings.industry for merchant in told.scenario.merchants]
    found = of_groups(told.events, told.scenario.resolved, industries, told.names)
    return found + of_benefits(told.events, told.scenario.resolved, industries, told.names, told.days * DAY)


def refused(told: Told) -> int:
    table = tables.refused(told.simulation)
    return int(table[(table["what"] == "group") & (table["reason"] == "full")]["count"].sum())


@pytest.mark.parametrize("name", KINDS)
def test_grp_1_grp_2_every_entry_has_a_seat_and_the_right(name: str) -> None:
    told = Told(two_stores({"them": groups(**KINDS[name])}))
    assert wrong(told) == []
    of = entries(told)
    assert len(of) > 20
    assert len(of) == told.daily["group_joins"].sum()
    assert told.daily[told.daily["day"] == 29]["group_members"].sum() == len(of)
    assert told.simulation.groups.seats_taken(told.simulation.population).sum() == len(of)
    assert tables.acted(told.simulation)["policies.them"] >= len(of)


def test_grp_1_seats_run_out_and_then_who_would_enter_is_refused() -> None:
    told = Told(two_stores({"them": groups(groups=2, subgroups=2, people=9)}))
    of = entries(told)
    assert wrong(told) == []
    assert of.groupby("merchant").size().to_dict() == {0: 36, 1: 36}
    assert of.groupby(["merchant", "ref"]).size().to_dict() == {(m, ref): 9 for m in (0, 1) for ref in (101, 102, 201, 202)}
    exhausted = told.events[told.events["kind"] == "resource_exhausted"].set_index("merchant")
    assert set(exhausted["reason"]) == {"group_full"}
    assert exhausted["time"].to_dict() == of.groupby("merchant")["time"].max().to_dict()
    assert refused(told) > 0
    roomy = Told(two_stores({"them": groups()}))
    assert len(entries(roomy)) > 72
    assert refused(roomy) == 0


def test_grp_1_seats_are_the_same_on_any_shards_and_wherever_a_run_is_cut() -> None:
    world = two_stores({name: groups(**KINDS[name]) for name in ("let in", "fans")})
    whole = Told(world).events
    assert {"let in", "fans"} <= set(whole["reason"])
    told = Told(world, until=12 * DAY + 43_210)
    rows: list[np.ndarray] = []
    Simulation(told.scenario, 1, 1, 3, "all", rows.append, resumed=told.simulation.snapshot()).run()
    told._rows += rows
    assert told.events.equals(whole)
    alone: list[np.ndarray] = []
    told.simulation = Simulation(told.scenario, 1, 1, 1, "all", alone.append)
    told.simulation.run()
    told._rows = alone
    assert told.events.equals(whole)


def test_a_sampled_log_has_the_places_of_the_whole_one() -> None:
    world = two_stores({"them": groups(groups=1, subgroups=8, people=30)}, consumers=6_000, days=6)
    whole, sample = Told(world).events, Told(world, events="sample").events
    of = sample[sample["kind"] == "group_join"]
    assert 0 < len(of) < 30
    both = of.merge(whole[whole["kind"] == "group_join"], on=["time", "consumer", "merchant"])
    assert len(both) == len(of)
    assert (both["ref_x"] == both["ref_y"]).all()


def test_grp_2_no_crowd_enters_below_the_line_and_all_of_it_above() -> None:
    """Whoever is in the crowd at 00:00, comes, and has never bought."""

    def without_order(above: int) -> int:
        told = Told(two_stores({"them": groups(crowd="fresh", crowd_above=above)}))
        assert wrong(told) == []
        bought = told.events[told.events["kind"] == "order"].groupby(["consumer", "merchant"])["time"].min()
        of = entries(told).set_index(["consumer", "merchant"])["time"]
        return int((~of.index.isin(bought.index) | (bought.reindex(of.index) > of)).sum())

    assert without_order(1_000_000) == 0
    assert without_order(0) > without_order(60) > 0


def test_grp_2_a_password_is_known_by_its_share_of_consumers() -> None:
    """H0: each consumer knows it with the probability that is told; two-sided exact test of 0.1 %."""
    told = Told(two_stores({"them": groups(kind="ordinary", entry="password", password=0.3, enter=1)}))
    came = told.events[(told.events["kind"] == "visit") & (told.events["merchant"] == 0)]["consumer"].nunique()
    of = entries(told)
    knew = int((of["merchant"] == 0).sum())
    assert stats.binomtest(knew, came, 0.3).pvalue > 0.001


def test_grp_6_before_the_day_of_opening_nobody_enters_and_from_its_first_second_on_everybody() -> None:
    told = Told(two_stores({"them": groups(enter=1)}, start="2023-04-20", days=14))
    assert wrong(told) == []
    of = entries(told)
    assert of["time"].min() >= 7 * DAY
    assert of["time"].min() // DAY == 7
    ready = Told(two_stores({"them": groups(enter=1, opened="2023-04-01")}, start="2023-04-20", days=14))
    assert entries(ready)["time"].min() < 7 * DAY


@pytest.mark.parametrize(("enough", "enters"), [({"members_from": 40, "group_members_from": 10}, True), ({}, False)])
def test_grp_6_a_store_that_is_none_of_tmall_needs_members_and_group_members(enough: Settings, enters: bool) -> None:
    policies = {"them": groups(**enough), "fans": groups(kind="ordinary", at="follow")}
    told = Told(merged(two_stores(policies), {"merchants": {"shop": {"type": "taobao"}}}))
    of = entries(told)
    shop = told.names.index("shop")
    assert bool((of["merchant"] == shop).any()) is enters
    assert (of["merchant"] != shop).any()
    if enters:
        day = of[of["merchant"] == shop]["time"].min() // DAY
        before = told.events[(told.events["merchant"] == shop) & (told.events["time"] < day * DAY)]
        assert (before["kind"] == "join").sum() >= 40
        assert (before["kind"] == "group_join").sum() >= 10


def test_grd_5_under_grading_a_member_group_is_operated_with_the_privilege_alone() -> None:
    newcomer = {"newcomer_since": "2023-08-01T00:00:00"}  # may recruit whatever its grade [GRD-6]
    graded = {"shop": {"grade": "improving", **newcomer}, "other": {"grade": "quality", **newcomer}}
    policies = {"them": groups(), "fans": groups(kind="ordinary", at="follow"), "grading": {"merchants": graded}}
    told = Told(two_stores(policies, days=12))
    assert set(entries(told)["merchant"]) == {told.names.index("other")}
    assert set(entries(told, "fans")["merchant"]) == {0, 1}


def test_who_group_is_for_who_has_a_seat_now() -> None:
    coupon = {"use": "benefit", "amount": 300, "claim": {"at": "visit", "probability": 1}, "who": {"group": "member"}}
    offer = {"use": "benefit", "kind": "spend_percent_off", "share": 0.1, "threshold": 1, "who": {"group": "ordinary"}}
    policies = {"them": groups(), "fans": groups(kind="ordinary", at="follow"), "coupon": coupon, "offer": offer}
    told = Told(two_stores(policies))
    assert wrong(told) == []
    events = told.events
    for name, of in (("coupon", "them"), ("offer", "fans")):
        seats = entries(told, of).set_index(["consumer", "merchant"])["time"]
        used = events[events["kind"].isin(["claim", "redeem"]) & (events["reason"] == name)]
        had = seats.reindex(list(zip(used["consumer"], used["merchant"], strict=True))).to_numpy()
        assert len(used) > 20
        assert (had <= used["time"].to_numpy()).all()
    # Who has a seat claims at the visit that it takes it at, or the next one: nobody with a seat is left out.
    visits = events[events["kind"] == "visit"].set_index(["consumer", "merchant"])["time"]
    claimed = events[(events["kind"] == "claim") & (events["reason"] == "coupon")].set_index(["consumer", "merchant"])
    came_since = {key for key, time in entries(told, "them").set_index(["consumer", "merchant"])["time"].items()
                  if (visits.loc[[key]] >= time).any()}  # fmt: skip
    assert set(claimed.index) == came_since


def test_groups_of_which_nobody_ever_takes_a_seat_change_nothing() -> None:
    """Nor does it matter that their seats are asked for: who would enter with probability 0 leaves no trace."""
    coupon = {"use": "benefit", "amount": 300, "claim": {"at": "visit", "probability": 0.5}}
    without = Told(two_stores({"coupon": coupon}))
    with_groups = Told(two_stores({"coupon": coupon, "them": groups(enter=0)}))
    assert with_groups.events.equals(without.events)


MISTAKES: dict[str, tuple[Settings, str]] = {
    "twice": (
        {"one": groups(), "two": groups(people=3)},
        r"policies.two: 'shop' has member groups by 'one' already: a store has them by one policy",
    ),
    "no such crowd": (
        {"them": groups(crowd="wram")},
        r"policies.them.crowd: there is no crowd 'wram' - did you mean 'warm'\? \(allowed: fresh, warm\)",
    ),
    "members who join now": (
        {"them": groups(crowd="fresh", at="join")},
        r"policies.them.crowd: it could never apply: who joins was no member at 00:00",
    ),
    "for groups that there are not": (
        {"them": groups(), "c": {"use": "benefit", "amount": 3, "who": {"group": "ordinary"}}},
        r"policies.c.who.group: it could never apply: no store that gives it has ordinary groups",
    ),
    "a stranger in a member group": (
        {"them": groups(), "c": {"use": "benefit", "amount": 3, "who": {"group": "member", "relation": "stranger"}}},
        r"policies.c.who: a stranger is no member, and has no seat in a member group",
    ),
    "no such store": ({"them": groups(merchants=["shpo"])}, r"there is no merchant 'shpo' - did you mean 'shop'\?"),
    "no such industry": ({"them": groups(industries=["beauty"])}, r"no store is of beauty"),
    "nobody goes live": ({"them": groups(at="live")}, r"policies.them.at: nobody could ever enter: no store .* goes live"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_what_could_never_be_is_pointed_out(mistake: str) -> None:
    policies, words = MISTAKES[mistake]
    with pytest.raises(BadInput, match=words):
        Told(two_stores(policies, days=1))


def test_grp_2_where_nobody_joins_follows_or_confirms_a_receipt() -> None:
    silent = {"visits": {"follow": 0, "join": 0}, "orders": {"receive_hours": None}}
    for rule, words in (
        ({}, "nobody could ever enter: nobody joins a store"),
        ({"kind": "ordinary"}, "nobody could ever enter: nobody follows a store"),
        ({"kind": "ordinary", "entry": "password", "at": "receipt"}, "them.at: nobody could ever enter: no receipt"),
    ):
        with pytest.raises(BadInput, match=words):
            Told(merged(two_stores({"them": groups(**rule)}, days=1), {"behaviour": silent}))


def test_groups_begin_with_the_run() -> None:
    past = {"days": 5, "short": True, "policies": {"them": groups()}}
    with pytest.raises(BadInput, match=r"past.policies.them: groups begin with the run"):
        Told(two_stores({}, days=1, past=past))


def test_grp_1_grd_5_the_shipped_groups_are_accounted_for_too() -> None:
    """Under grading, after a past: some stores may not operate their member group, and some may again."""
    market = shipped(700, past={"days": 60, "short": True}, days=100, policies={"member_group": {"people": 2}})
    told = Told(market | {"extends": str(MARKET.with_name("groups.yaml"))})
    assert wrong(told) == []
    assert len(entries(told, "member_group")) > 20
    assert len(entries(told, "fan_group")) > 100
    used = tables.benefits(told.simulation).groupby("benefit")["redeemed"].sum()
    assert used["group_coupon"] > 0
    assert used["recall"] > 0
    privileges = told.events[(told.events["kind"] == "privilege") & (told.events["channel"] == "group_members")]
    on = {(row.merchant, row.time): row.reason == "granted" for row in privileges.sort_values("time").itertuples()}
    for row in entries(told, "member_group").itertuples():
        known = [granted for (merchant, time), granted in on.items() if merchant == row.merchant and time <= row.time]
        assert known[-1:] != [False]
    assert False in on.values()


def test_where_nobody_has_met_a_store_at_the_start_what_relations_were_is_kept_too() -> None:
    """A pool of relations without a row grows together with what is kept beside it."""
    told = Told(two_stores({"them": groups(kind="ordinary", entry="crowd", crowd="warm", enter=1)}, consumers=2, days=40))
    assert [len(shard.relations) > 0 for shard in told.simulation.population.shards] == [True, True]
    assert wrong(told) == []
    assert len(entries(told)) > 0
