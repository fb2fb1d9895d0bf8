"""Coupons and benefits, as runs of the simulator: what is claimed, by whom and when, what is used, what it costs."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
from benefit_audit import findings
from competing import DAY, MARKET, Settings, Told, merged, plain, shipped
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from sim.errors import BadInput
from sim.experiments.redemption import COMPLETE_JOURNEY, COMPLETE_JOURNEY_DAYS, Hazard, fitted, redeemed_by_part
from sim.results import tables
from sim.state.benefits import AMOUNT_OFF, BENEFIT, LOYALTY, MOST_GROUPS, NAMED_CROWD, SHARE_OFF
from sim.state.tables import CONSUMER, MERCHANT, PENDING, RELATION

ALPHA = 0.001  # of each chi-square: three in this file
HOUR = 3_600
EVERYONE_COMES = {
    "sessions": {"per_day": 1, "shape": None},
    "stores": {"browse": 1},
    "needs": {"rates": {"food": {"per_year": 0}}},
}
MEAN_OF_10_000 = {"needs": {"rates": {"food": {"amount": 10_000}}}}
ALL_KINDS = {
    "welcome": {"amount": 900, "claim": {"at": "join", "delay_hours": 20, "within_hours": 24}},
    "second": {"amount": 500, "claim": {"at": "order"}, "who": {"orders_from": 1, "orders_to": 1}, "valid": {"days": 9}},
    "scarce": {"kind": "percent_off", "share": 0.3, "stock": 8, "per_person": 3, "stack": "scarce"},
    "spend": {"kind": "spend_percent_off", "share": 0.1, "threshold": 3_000},
    "more spend": {"kind": "spend_percent_off", "share": 0.12, "threshold": 9_000},
    "price": {"kind": "member_price", "share": 0.05},
    "packet": {"kind": "red_packet", "amount": 300, "scope": "category", "stock": 40, "valid": {"until": 30}},
    "presents": {"kind": "buy_and_gift", "gift_cost": 400, "who": {"relation": "fan"}},
    "follow": {"kind": "follow_discount", "amount": 700},
    "thanks": {"kind": "gift", "gift_cost": 100, "claim": {"at": "receipt"}, "valid": {"days": 2}},
    "early bird": {"kind": "priority"},
    "exchange": {"kind": "points_exchange", "points": 50, "amount": 200},
    "hello": {"amount": 100, "who": {"relation": "stranger"}, "merchant_bears": 0.37},
    "back": {"amount": 350, "who": {"relation": "old_customer"}, "from": 12, "until": 31, "stack": "back"},
}


def gives(name: str = "coupon", **rule: Any) -> Settings:
    """A policy of one benefit."""
    return {name: {"use": "benefit", **rule}}


def one_store(behaviour: Settings, *benefits: Settings, **top: Any) -> Settings:
    """One store that everybody visits once a day, and nothing else unless it is asked for."""
    policies = {name: rule for benefit in benefits for name, rule in benefit.items()}
    world = merged(plain({"shop": {}}, merged(EVERYONE_COMES, behaviour)), top)
    return world | {"policies": policies | top.get("policies", {})}


def of_kind(told: Told, kind: str) -> pd.DataFrame:
    events = told.events
    return events[events["kind"] == kind]


def table_of(told: Told) -> pd.DataFrame:
    return tables.benefits(told.simulation).set_index("benefit")


def eager(seed: int, policies: Settings) -> Settings:
    rates = {name: {"per_year": 60.0} for name in ("fast_moving", "apparel", "beauty", "food", "sports", "health")}
    behaviour = {
        "sessions": {"per_day": 1.5},
        "needs": {"rates": rates},
        "visits": {"follow": 0.2, "join": 0.3},
        "coupons": {"claim": 0.6, "early": 0.2, "late": 0.1, "trip": "next_session" if seed % 2 else "at_once"},
        "orders": {"join": 0.2, "refund": {"probability": 0.2, "delay_hours": 30}},
    }
    market = shipped(150, past="cold", days=40, behaviour=behaviour)
    programme = {"programme": {"points_per_hundred": 2}}
    return market | {"seed": seed, "policies": market["policies"] | programme | policies}


@pytest.mark.parametrize("seed", [1, 2])
def test_keep_1_the_log_and_the_scenario_alone_account_for_every_coupon_to_the_fen(seed: int) -> None:
    told = Told(eager(seed, {name: {"use": "benefit", **rule} for name, rule in ALL_KINDS.items()}), seed)
    industries = [merchant.settings.industry for merchant in told.scenario.merchants]
    assert findings(told.events, told.scenario.resolved, industries, told.names, told.days * DAY) == []
    of = tables.benefits(told.simulation)
    assert (of["claimed"] + of["returned"] == of["redeemed"] + of["expired"] + of["held"])[of["kind"].isin(CLAIMED)].all()
    used = of.groupby("benefit")["redeemed"].sum()
    assert (used > 0).all(), f"not one of these was used: {used[used == 0].index.tolist()}"
    events = told.events
    for kind, column in (("claim", "claimed"), ("redeem", "redeemed"), ("expire", "expired")):
        logged = events[events["kind"] == kind].groupby("reason").size()
        assert logged.to_dict() == {name: n for name, n in of.groupby("benefit")[column].sum().items() if n}
    logged = events[events["kind"] == "redeem"].groupby("reason")["amount"].sum()
    assert logged.to_dict() == of.groupby("benefit")["discount"].sum().to_dict()
    assert (of["discount_merchant"] + of["discount_platform"] == of["discount"] + of["gift_cost"]).all()
    share = told.scenario.resolved["policies"]["hello"]["merchant_bears"]
    hello = events[(events["kind"] == "redeem") & (events["reason"] == "hello")]["amount"]
    assert of[of["benefit"] == "hello"]["discount_merchant"].sum() == sum(math.floor(share * off + 0.5) for off in hello)
    refunded = of_kind(told, "refund").merge(of_kind(told, "order"), on="ref")
    assert len(refunded) == len(of_kind(told, "refund")) > 0
    assert (refunded["amount_x"] == refunded["amount_y"]).all()
    assert told.daily["refunds"].sum() == refunded["amount_x"].sum()


def test_keep_1_grd_13_the_shipped_benefits_and_what_stores_switch_are_accounted_for_too() -> None:
    """Strategies switch them on and off; one is for a level, one costs points, one may be claimed 4,000 times."""
    market = shipped(700, past={"days": 60, "short": True}, days=100)
    told = Told(market | {"extends": str(MARKET.with_name("members.yaml"))})
    industries = [merchant.settings.industry for merchant in told.scenario.merchants]
    assert findings(told.events, told.scenario.resolved, industries, told.names, told.days * DAY) == []
    used = table_of(told).groupby("benefit")["redeemed"].sum()
    assert (used > 0).all(), f"not one of these was used: {used[used == 0].index.tolist()}"
    assert len(of_kind(told, "benefit_off")) > 0


CLAIMED = ("amount_off", "percent_off", "points_exchange", "gift", "red_packet")


# The best price


@st.composite
def baskets(draw: st.DrawFn) -> tuple[int, list[tuple[int, str, float]]]:
    """Goods of a price, and benefits: group, kind, what it takes off."""
    benefit = st.tuples(st.integers(0, 3), st.sampled_from(["amount", "share"]), st.integers(1, 60))
    return draw(st.integers(1, 20_000)), draw(st.lists(benefit, max_size=7))


@settings(max_examples=150, deadline=None, derandomize=True)
@given(baskets())
def test_keep_1_no_choice_of_benefits_is_cheaper_than_the_best_price(basket: tuple[int, list[tuple[int, str, float]]]) -> None:
    goods, benefits = basket
    paid = best_price_of(goods, benefits)
    choices = itertools.product(*([*(b for b in benefits if b[0] == group), None] for group in range(4)))
    assert paid == min(price_with(goods, [b for b in choice if b is not None]) for choice in choices)


def price_with(goods: int, used: list[tuple[int, str, float]]) -> int:
    """Percentages by group, then amounts (here hundreds), each rounded half up."""
    price = goods
    for _, kind, worth in sorted(used):
        if kind == "share":
            price -= math.floor(worth / 100 * price + 0.5)
    return max(price - sum(int(worth) * 100 for _, kind, worth in used if kind == "amount"), 0)


def best_price_of(goods: int, benefits: list[tuple[int, str, float]]) -> int:
    """What the kernel makes of the same benefits, as offers to anybody."""
    from sim.stages.best_price import best_price

    table = BENEFIT.rows(max(len(benefits), 1))
    table["online"] = table["goods"] = 1
    table["orders_to"] = 9
    for row, (group, kind, worth) in zip(table, benefits):
        row["stack"], row["effect"] = group, SHARE_OFF if kind == "share" else AMOUNT_OFF
        row["share"], row["amount"] = (worth / 100, 0) if kind == "share" else (0.0, int(worth) * 100)
    merchant, c, r = MERCHANT.rows(1), CONSUMER.rows(1), RELATION.rows(1)
    merchant["offers_count"] = len(benefits)
    offers, picks = np.arange(len(benefits), dtype=np.int32), np.zeros((2 * MOST_GROUPS, 3), np.int64)
    told = table, offers, NAMED_CROWD.rows(0), LOYALTY.rows(1)
    return int(best_price(*told, PENDING.rows(1), picks, merchant[0], 0, c[0], r[0], 0, 0, goods, np.uint64(1), -1))


# Follow discount


@pytest.mark.parametrize(("other", "is_shown"), [(1_000, True), (1_001, False)])
def test_int_2_the_follow_discount_is_hidden_where_another_coupon_is_strictly_better(other: int, is_shown: bool) -> None:
    coupon = gives(amount=other, claim={"at": "visit", "probability": 1}, per_person=15, valid={"days": 30})
    follow = gives("follow", kind="follow_discount", amount=1_000, taken=1)
    told = Told(one_store({"orders": {"own": {"base": 0.3}}}, coupon, follow, consumers=300, days=12))
    used = table_of(told)["redeemed"]
    assert bool(used["follow"] > 0) is is_shown
    assert len(of_kind(told, "follow")) == used["follow"]  # who takes it follows by it, and only so
    assert used["coupon"] > 0


def test_int_2_only_who_came_before_is_shown_it_it_is_had_once_and_raises_conversion() -> None:
    base = {"orders": {"own": {"base": 0.3}}}
    follow = gives("follow", kind="follow_discount", amount=500, taken=1, conversion=0.5, potential_days=5)
    told = Told(one_store(base, follow, consumers=400, days=15))
    uses, visits = of_kind(told, "redeem"), of_kind(told, "visit")
    assert uses.groupby("consumer").size().max() == 1
    first = visits.groupby("consumer")["time"].min()
    assert (uses["time"].to_numpy() > first[uses["consumer"]].to_numpy()).all()
    day_before = [
        visits[(visits["consumer"] == use.consumer) & (visits["time"] < use.time)]["time"].max() for use in uses.itertuples()
    ]
    assert (uses["time"].to_numpy() // DAY - np.array(day_before) // DAY <= 5).all()
    orders = len(of_kind(told, "order"))
    assert orders > len(of_kind(Told(one_store(base, gives("follow", kind="follow_discount", amount=500, taken=1, conversion=0,
                                                           potential_days=5), consumers=400, days=15)), "order"))  # fmt: skip


# New-member gift


@pytest.mark.parametrize(("delay", "claimed"), [(24.0, True), (24 + 1 / HOUR, False)])
def test_int_4_the_new_member_gift_is_claimed_within_24_hours_their_end_included(delay: float, claimed: bool) -> None:
    claim = {"at": "join", "probability": 1, "delay_hours": delay, "fixed_delay": True, "within_hours": 24}
    world = one_store({"visits": {"follow": 0.5, "join": 0.5}}, gives(amount=500, claim=claim | {"within_hours": 30}), days=12)
    assert len(of_kind(Told(world), "claim")) > 0
    world["policies"]["coupon"]["claim"]["within_hours"] = 24
    if not claimed:
        with pytest.raises(BadInput, match="always more than within_hours"):
            Told(world)
        return
    told = Told(world)
    joins = of_kind(told, "join").set_index("consumer")["time"]
    claims = of_kind(told, "claim").set_index("consumer")["time"]
    in_time = joins[joins < (told.days - 1) * DAY - 1]
    assert (claims[in_time.index] == in_time + DAY).all()
    assert len(claims) == len(in_time) > 100


@pytest.mark.parametrize("told", [{"within_hours": 24}, {}], ids=["told", "unless told otherwise"])
def test_int_4_a_claim_too_late_is_refused_and_counted_as_such(told: Settings) -> None:
    claim = {"at": "join", "probability": 1, "delay_hours": 24, **told}
    run = Told(one_store({"visits": {"follow": 0.5, "join": 0.5}}, gives(amount=500, claim=claim), days=20))
    of = table_of(run).loc["coupon"]
    joins = of_kind(run, "join").set_index("consumer")["time"]
    claims = of_kind(run, "claim").set_index("consumer")["time"]
    assert ((claims - joins[claims.index]) <= DAY).all()
    asked = of["claimed"] + of["refused_too_late"]
    assert stats.binomtest(int(of["claimed"]), int(asked), 1 - math.exp(-1)).pvalue > ALPHA


def test_int_4_an_order_within_24_hours_of_the_claim_makes_it_a_success() -> None:
    claim = {"at": "join", "probability": 1}
    behaviour = {"visits": {"follow": 0.5, "join": 0.5}, "orders": {"own": {"base": 0.2}}}
    told = Told(one_store(behaviour, gives(amount=500, claim=claim), days=20))
    claims = of_kind(told, "claim").set_index("consumer")["time"]
    orders = of_kind(told, "order")
    after = orders[orders["consumer"].isin(claims.index)]
    since = after["time"] - claims[after["consumer"]].to_numpy()
    first = since[since >= 0].groupby(after["consumer"]).min()
    assert table_of(told).loc["coupon", "successes"] == (first <= DAY).sum() > 0
    assert (first > DAY).sum() > 0


@pytest.mark.parametrize("fourth", [{"amount": 100}, {"kind": "gift", "gift_cost": 5}])
def test_int_4_a_fourth_coupon_or_a_second_gift_is_refused(fourth: Settings) -> None:
    at_join = {"claim": {"at": "join"}}
    three = [gives(f"c{k}", amount=100 * k, **at_join) for k in (1, 2, 3)]
    gift = gives("gift", kind="gift", gift_cost=9, **at_join)
    Told(one_store({"visits": {"follow": 0.5, "join": 0.5}}, *three, gift, days=3))
    with pytest.raises(BadInput, match="at most 3 coupons and 1 gift"):
        Told(one_store({"visits": {"follow": 0.5, "join": 0.5}}, *three, gift, gives("one more", **fourth, **at_join), days=3))


# Second order, points, levels, bearers, stock


def test_keep_2_the_repurchase_coupon_is_for_the_second_order_alone() -> None:
    who = {"orders_from": 1, "orders_to": 1}
    coupon = gives(amount=500, who=who, claim={"at": "order", "probability": 1}, valid={"days": 60})
    told = Told(one_store({"orders": {"own": {"base": 0.2}}}, coupon, days=40))
    orders, claims, uses = (of_kind(told, kind) for kind in ("order", "claim", "redeem"))
    number = orders.sort_values(["time", "seq"]).groupby("consumer").cumcount()
    first = orders[number == 0].set_index("consumer")["time"]
    second = orders[number == 1].set_index("consumer")
    assert (claims.set_index("consumer")["time"] == first[claims["consumer"]]).all()
    assert len(claims) == len(first)
    used = uses.set_index("consumer")
    assert set(used.index) == set(second.index)
    assert (used["time"] == second["time"][used.index]).all()


def test_keep_1_points_are_earned_by_what_is_paid_and_spent_by_claims() -> None:
    behaviour = {"visits": {"follow": 1, "join": 1}, "orders": {"own": {"base": 0.3}, "amount": 2_000}}
    exchange = gives(kind="points_exchange", points=30, amount=100, claim={"at": "visit", "probability": 1}, per_person=15)
    world = one_store(behaviour, exchange, policies={"programme": {"points_per_hundred": 2}}, days=30, consumers=200)
    told = Told(world)
    joined = of_kind(told, "join").set_index("consumer")["time"]
    orders = of_kind(told, "order")
    as_member = orders[orders["time"].to_numpy() >= joined.reindex(orders["consumer"]).fillna(10**12).to_numpy()]
    earned = as_member.groupby("consumer")["amount"].apply(lambda paid: sum(int(amount * 0.02) for amount in paid))
    spent = of_kind(told, "claim").groupby("consumer").size() * 30
    left = {}
    for shard in told.simulation.population.shards:
        for c, row in enumerate(np.asarray(shard.consumers)):
            if row["relation_count"]:
                left[shard.first + c] = int(np.asarray(shard.loyalty)[row["relation_first"]]["points"])
    expected = earned.sub(spent, fill_value=0)
    assert {c: left[c] for c in expected.index} == expected.astype(int).to_dict()
    assert (expected >= 0).all()
    assert spent.sum() > 0


def test_grd_13_a_member_level_is_what_was_paid_at_the_store_in_all() -> None:
    behaviour = {"visits": {"follow": 1, "join": 1}, "orders": {"own": {"base": 0.3}, "amount": 2_000}}
    gold = gives(kind="spend_percent_off", share=0.1, threshold=1, who={"level": 3})
    world = one_store(behaviour, gold, policies={"programme": {"levels": [3_000, 7_000]}}, days=30, consumers=200)
    told = Told(world)
    events = told.events[told.events["kind"].isin(["order", "redeem", "join"])].sort_values(["consumer", "time", "seq"])
    seen = 0
    for _, rows in events.groupby("consumer"):
        paid, member = 0, False
        rows = rows.reset_index(drop=True)
        for k, event in rows.iterrows():
            member = member or event["kind"] == "join"
            if event["kind"] == "order":
                used = k + 1 < len(rows) and rows.loc[k + 1, "kind"] == "redeem"
                assert used is (member and paid >= 7_000)
                paid += event["amount"]
                seen += used
    assert seen > 50


def test_a_stock_is_claimed_by_the_first_and_by_no_more() -> None:
    coupon = gives(amount=500, stock=40, claim={"at": "visit", "probability": 1})
    told = Told(one_store({}, coupon, days=3))
    claims = of_kind(told, "claim").sort_values(["time", "consumer"])
    visits = of_kind(told, "visit").sort_values("time").drop_duplicates("consumer")
    assert claims["consumer"].tolist() == visits["consumer"].tolist()[:40]
    of = table_of(told).loc["coupon"]
    assert of["claimed"] == 40
    assert of["refused_out_of_stock"] == len(of_kind(told, "visit")) - 40 - repeated(told, claims)
    assert len(of_kind(told, "resource_exhausted")) == 1


def repeated(told: Told, claims: pd.DataFrame) -> int:
    """Visits of who has claimed already: it is not shown again."""
    since = claims.set_index("consumer")["time"]
    visits = of_kind(told, "visit")
    visits = visits[visits["consumer"].isin(since.index)]
    return int((visits["time"].to_numpy() > since[visits["consumer"]].to_numpy()).sum())


def test_a_coupon_for_an_industry_is_good_at_its_stores_alone_also_where_nobody_has_needs() -> None:
    """Consumers who know four stores of two industries, and come to each as they like."""
    behaviour = {
        "sessions": {"per_day": 2, "shape": None},
        "stores": {"choice": "any_known", "known": 4},
        "needs": None,
        "orders": {"own": {"base": 0.5}},
    }
    merchants = {name: {"industry": name[:-2]} for name in ("food-1", "food-2", "beauty-1", "beauty-2")}
    packet = gives("packet", kind="red_packet", amount=300, scope="category", claim={"at": "visit", "probability": 1})
    world = {"days": 12, "consumers": 300, "behaviour": behaviour, "merchants": merchants, "policies": packet}
    told = Told(world)
    industry = {k: name[:-2] for k, name in enumerate(told.names)}
    claimed, used = (of_kind(told, kind).set_index("ref")["merchant"] for kind in ("claim", "redeem"))
    claimed = claimed[used.index]
    assert (used.map(industry) == claimed.map(industry)).all()
    assert (used != claimed).sum() > 50
    assert table_of(told).groupby("merchant")["redeemed"].sum().gt(50).all()


def test_int_7_the_new_member_gift_is_no_part_of_the_lowest_price_and_other_coupons_are() -> None:
    def exposure(**rule: Any) -> float:
        looking = {"stores": {"preference": {"exposure": 1}, "price_power": 2.0}, "visits": {"follow": 0.1, "join": 0.1}}
        world = plain({"shop": {}, "other": {}}, merged(merged(EVERYONE_COMES, looking), MEAN_OF_10_000))
        return float(Told(world | {"days": 3, "consumers": 20, "policies": gives(merchants=["shop"], **rule)}).exposure()[1])

    assert exposure(amount=2_000, claim={"at": "join"}) == 0
    assert exposure(amount=2_000, claim={"at": "visit"}) == pytest.approx(-2 * math.log(1 - 0.2 * 10_000 / 10_000))
    assert exposure(amount=2_000, claim={"at": "visit"}, in_lowest_price=False) == 0


def test_int_5_the_red_packet_of_a_live_room_is_for_who_is_new_to_the_store() -> None:
    watch = {"stranger": 0.5, "fan": 0.5, "member": 0.5}
    rooms = {"opens": "00:00", "closes": "23:59", "watch": watch, "follow": {"stranger": 0.7}}
    claim = {"at": "live", "probability": 1}
    packet = gives("packet", kind="red_packet", amount=300, who={"relation": "stranger"}, claim=claim, per_person=15)
    told = Told(one_store({"orders": {"own": {"base": 0.2}}}, packet, policies={"live_rooms": rooms}, days=12, consumers=400))
    events = told.events.sort_values(["consumer", "time", "seq"])
    known: set[int] = set()
    claimed = watched = 0
    for event in events.itertuples():
        if event.kind == "live_view":
            watched += event.consumer not in known
        elif event.kind == "claim":
            assert event.consumer not in known
            claimed += 1
        elif event.kind in ("follow", "join", "order"):
            known.add(event.consumer)
    assert claimed == watched > 100  # the store's own prompts come after it
    assert len(known) > 100


def test_trap_3_who_is_targeted_with_coupons_has_spent_more_already() -> None:
    """Of a coupon for who has ordered thrice, worth a fen: what is seen of its holders is who they are (evidence, trap 3)."""
    coupon = gives(amount=1, who={"orders_from": 3}, claim={"at": "visit", "probability": 1}, from_=60)
    coupon["coupon"]["from"] = coupon["coupon"].pop("from_")
    market = shipped(3_000, past="cold", days=120, policies=coupon)
    events = Told(market).events
    spent = events[(events["kind"] == "order") & (events["time"] < 60 * DAY)].groupby("consumer")["amount"].sum()
    holders = events[events["kind"] == "claim"]["consumer"].unique()
    visitors = events[(events["kind"] == "visit") & (events["time"] >= 60 * DAY)]["consumer"].unique()
    of_holders = spent.reindex(holders).fillna(0).to_numpy()
    of_others = spent.reindex(np.setdiff1d(visitors, holders)).fillna(0).to_numpy()
    low, _ = ratio_of_means(of_holders, of_others)
    assert low > 2, "those who are targeted spent more before anybody was"


def ratio_of_means(one: np.ndarray, other: np.ndarray) -> tuple[float, float]:
    """The 99 % interval of the ratio of two means, by the delta method on its logarithm."""
    parts = [(x.mean(), x.var(ddof=1) / len(x)) for x in (one, other)]
    centre = math.log(parts[0][0] / parts[1][0])
    half = stats.norm.ppf(0.995) * math.sqrt(sum(variance / mean**2 for mean, variance in parts))
    return math.exp(centre - half), math.exp(centre + half)


# When coupons are redeemed

HAZARD = Hazard(0.03, 0.15, 0.02, 0.4)
VALID = 30.0


def times_of_redemption(trip: str, per_day: float) -> tuple[np.ndarray, int]:
    """Days from claims to redemptions, and the number of coupons that have had all their time."""
    coupons = {**HAZARD._asdict(), "trip": trip}
    behaviour = {"sessions": {"per_day": per_day}, "coupons": coupons}
    coupon = gives(amount=1, claim={"at": "visit", "probability": 1}, valid={"days": VALID}, until=20)
    told = Told(one_store(behaviour, coupon, consumers=12_000, days=52), events="all")
    claims, uses = (of_kind(told, kind).set_index("ref")["time"] for kind in ("claim", "redeem"))
    return ((uses - claims[uses.index]) / DAY).to_numpy(), len(claims)


@pytest.mark.parametrize(("trip", "per_day"), [("at_once", 1.0), ("next_session", 0.4)])
def test_d7_redemptions_come_as_the_closed_form_says(trip: str, per_day: float) -> None:
    """Chi-square over ten parts of the window and those never redeemed, at ALPHA."""
    days, claimed = times_of_redemption(trip, per_day)
    p = redeemed_by_part(HAZARD, VALID, 10, trip_days=0 if trip == "at_once" else 1 / per_day)
    counts = np.histogram(days, np.linspace(0, VALID, 11))[0]
    observed = np.append(counts, claimed - counts.sum())
    assert stats.chisquare(observed, claimed * np.append(p, 1 - p.sum())).pvalue > ALPHA
    off = redeemed_by_part(
        HAZARD._replace(early_decay=HAZARD.early_decay * 1.5), VALID, 10, 0 if trip == "at_once" else 1 / per_day
    )
    assert stats.chisquare(observed, claimed * np.append(off, 1 - off.sum())).pvalue < ALPHA  # the test can fail


def test_d7_the_delay_to_the_next_trip_brings_the_two_humps_to_the_second_decile() -> None:
    """Of evidence C.4's deciles: two humps alone miss that the second tenth of the window has most."""
    alone = fitted(COMPLETE_JOURNEY, COMPLETE_JOURNEY_DAYS)
    with_trip = fitted(COMPLETE_JOURNEY, COMPLETE_JOURNEY_DAYS, trip_days=1 / 0.45)
    assert alone.expected.argmax() == 0
    assert with_trip.expected.argmax() == np.argmax(COMPLETE_JOURNEY) == 1
    assert with_trip.chi_square < alone.chi_square / 2
    assert LOYALTY.dtype.itemsize <= 32  # what a benefit costs each relation
