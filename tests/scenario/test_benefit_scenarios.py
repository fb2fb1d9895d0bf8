"""Benefits that could never apply are pointed out: where, why, and what to do. And those that could are not."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from reading import problems, write

from sim.engine.benefits import Benefits
from sim.scenario.load import Scenario, load
from sim.state.benefits import MOST_COUPONS

pytestmark = pytest.mark.usefixtures("in_a_folder_of_its_own")

MARKET = """\
start: 2024-01-01
days: 30
consumers: 10
behaviour:
  visits: {{follow: {follow}, join: {join}, follow_at_cart: 0}}
  orders: {{follow: 0, join: 0, receive_hours: {receive}}}
  stores: {{choice: compete}}
  needs: {{rates: {{food: {{per_year: 20}}}}}}
merchants: {{tea: {{industry: food}}, noodles: {{industry: food}}}}
policies:
"""
FIRST = MARKET.count("\n") + 1  # line of the first policy
NEVER = "it could never apply: "
GIFT = "a new-member gift has at most 3 coupons and 1 gift, and 'tea' gives"
GIFT_END = "take one away, or let it begin when another ends (from, until)"


def market(*policies: str, follow: float = 0.1, join: float = 0.1, receive: str = "20") -> str:
    """The file's text, a line per policy."""
    return MARKET.format(follow=follow, join=join, receive=receive) + "".join(f"  {policy}\n" for policy in policies)


def loaded(*policies: str, **settings: object) -> Scenario:
    return load(write("a.yaml", market(*policies, **settings)))


def refused(*policies: str, **settings: object) -> list[str]:
    return problems(lambda: loaded(*policies, **settings))


def at(policy: str, shown: str, path: str, words: str) -> list[str]:
    """The problem of the first policy, at the last place in its line that reads `shown`."""
    return [f"a.yaml:{FIRST}:{3 + policy.rindex(shown)}: {path}: {words}"]


def of_all(words: str) -> list[str]:
    """The problem of all policies together."""
    return [f"a.yaml:{FIRST - 1}:1: policies: {words}"]


NOBODY_JOINS = (
    "nobody joins a store: 'behaviour.visits.join' or 'behaviour.orders.join' above 0, or a policy 'use: invitation' "
    "or 'use: live_rooms', is needed"
)
NOBODY_FOLLOWS = (
    "nobody follows a store: 'behaviour.visits.follow' or 'behaviour.orders.follow' above 0, a benefit "
    "'kind: follow_discount', or a policy 'use: live_rooms', is needed"
)


@pytest.mark.parametrize(
    "part", ["claim: {at: join}", "who: {relation: member}", "who: {relation: member, tiers: [potential]}"]
)
def test_grd_3_what_is_for_members_where_nobody_joins(part: str) -> None:
    policy = f"a: {{use: benefit, amount: 5, {part}}}"
    assert refused(policy, join=0) == at(policy, "a: {use", "policies.a", NEVER + NOBODY_JOINS)
    assert loaded(policy, join=0.1)
    assert loaded(policy, "b: {use: invitation, days: [3]}", join=0)
    assert loaded(policy, "b: {use: live_rooms}", join=0)


@pytest.mark.parametrize("part", ["claim: {at: follow}", "who: {relation: fan}"])
def test_int_1_what_is_for_fans_where_nobody_follows(part: str) -> None:
    policy = f"a: {{use: benefit, amount: 5, {part}}}"
    assert refused(policy, follow=0) == at(policy, "a: {use", "policies.a", NEVER + NOBODY_FOLLOWS)
    assert loaded(policy, follow=0.1)
    assert loaded(policy, "b: {use: benefit, kind: follow_discount, amount: 5}", follow=0)
    assert loaded(policy, "b: {use: live_rooms}", follow=0)


def test_keep_1_claimed_at_receipts_that_nobody_confirms() -> None:
    policy = "a: {use: benefit, amount: 5, claim: {at: receipt}}"
    words = "no receipt is ever confirmed: 'behaviour.orders.receive_hours' is needed"
    assert refused(policy, receive="null") == at(policy, "at:", "policies.a.claim.at", NEVER + words)
    assert loaded(policy)


def test_claimed_in_live_rooms_that_no_giver_has() -> None:
    policy = "a: {use: benefit, amount: 5, merchants: [tea], claim: {at: live}}"
    words = NEVER + "no store that gives it goes live: a policy 'use: live_rooms' of one of them is needed"
    assert refused(policy) == at(policy, "at:", "policies.a.claim.at", words)
    assert refused(policy, "b: {use: live_rooms, merchants: [noodles]}") == at(policy, "at:", "policies.a.claim.at", words)
    assert loaded(policy, "b: {use: live_rooms, merchants: [tea]}")


def test_of_an_industry_without_stores() -> None:
    words = NEVER + "no store is of beauty, health; there are stores of food"
    policy = "a: {use: benefit, amount: 5, industries: [beauty, health]}"
    assert refused(policy) == at(policy, "industries", "policies.a.industries", words)
    assert loaded("a: {use: benefit, amount: 5, industries: [beauty, food]}")


def test_of_a_store_that_is_not_there() -> None:
    words = "there is no merchant 'teas' - did you mean 'tea'?"
    for policy in ("a: {use: benefit, amount: 5, merchants: [teas]}", "a: {use: programme, merchants: [teas]}"):
        assert refused(policy) == at(policy, "teas", "policies.a.merchants[0]", words)


def test_a_stock_of_nothing() -> None:
    words = NEVER + "there is none of it: give 1 or more, or null for no limit"
    policy = "a: {use: benefit, amount: 5, stock: 0}"
    assert refused(policy) == at(policy, "stock", "policies.a.stock", words)
    assert loaded("a: {use: benefit, amount: 5, stock: 1}")


@pytest.mark.parametrize("until", ["10", "2024-01-11"])
def test_keep_1_it_ends_before_it_can_be_claimed(until: str) -> None:
    assert dt.date(2024, 1, 11) - dt.date(2024, 1, 1) == dt.timedelta(days=10)
    words = NEVER + "it ends on day 10, and is claimed from day 10 on: end it later, or give it earlier ('from')"
    policy = f"a: {{use: benefit, amount: 5, from: 10, valid: {{until: {until}}}}}"
    assert refused(policy) == at(policy, "until", "policies.a.valid.until", words)
    assert loaded("a: {use: benefit, amount: 5, from: 10, valid: {until: 11}}")


def test_keep_1_every_coupon_ends_before_it_begins() -> None:
    """Claimed until day 5, it lasts a week, to day 12; without `until` and `days`, from day 30 for 30 days."""
    words = NEVER + "every coupon has ended before day {day}: begin earlier, or give more 'days'"
    early = "a: {use: benefit, amount: 5, until: 5, valid: {from: 13, days: 7}}"
    assert refused(early) == at(early, "from", "policies.a.valid.from", words.format(day=13))
    assert loaded("a: {use: benefit, amount: 5, until: 5, valid: {from: 12, days: 7}}")
    late = "a: {use: benefit, amount: 5, valid: {from: 61}}"
    assert refused(late) == at(late, "from", "policies.a.valid.from", words.format(day=61))
    assert loaded("a: {use: benefit, amount: 5, valid: {from: 60}}")


def test_keep_1_it_ends_no_later_than_it_begins() -> None:
    words = NEVER + "it begins on day 10 and ends on day 10: it must end later than it begins"
    policy = "a: {use: benefit, amount: 5, valid: {from: 10, until: 10}}"
    assert refused(policy) == at(policy, "from", "policies.a.valid.from", words)
    assert loaded("a: {use: benefit, amount: 5, valid: {from: 10, until: 11}}")


def test_keep_1_a_threshold_above_every_order() -> None:
    """Where orders do not spread, their amount is that of all."""
    one = "days: 3\nconsumers: 10\nbehaviour:\n  stores: {choice: any_known}\n  needs: null\n"
    one += "  orders: {amount: 4000}\npolicies:\n"
    policy = "  a: {use: benefit, amount: 5, threshold: %d}\n"
    words = "every order is of 4000 ('behaviour.orders.amount'): the threshold must not be above that"
    told = f"a.yaml:8:{1 + policy.index('threshold')}: policies.a.threshold: {NEVER}{words}"
    assert problems(lambda: load(write("a.yaml", one + policy % 4001))) == [told]
    assert load(write("a.yaml", one + policy % 4000))


NO_POINTS = ("", "p: {use: programme, points_per_hundred: 0}", "p: {use: programme, merchants: [noodles]}")


@pytest.mark.parametrize("programme", NO_POINTS)
def test_keep_1_points_that_nobody_gives(programme: str) -> None:
    policy = "a: {use: benefit, kind: points_exchange, amount: 5, points: 9}"
    words = "'tea' gives no points: it needs a policy 'use: programme' with points_per_hundred above 0"
    assert refused(policy, *filter(None, [programme])) == at(policy, "points", "policies.a.points", words)
    assert loaded(policy, "p: {use: programme}")


@pytest.mark.parametrize("programme", ["", "p: {use: programme, levels: [100]}"])
def test_grd_13_a_level_that_no_programme_has(programme: str) -> None:
    policy = "a: {use: benefit, amount: 5, who: {relation: member, level: 3}}"
    words = "'tea' has no level 3: it needs a policy 'use: programme' with 2 'levels'"
    assert refused(policy, *filter(None, [programme])) == at(policy, "level", "policies.a.who.level", words)
    assert loaded(policy, "p: {use: programme, levels: [100, 200]}")


def test_int_4_a_gift_has_at_most_three_coupons_and_one_gift() -> None:
    coupons = [f"c{k}: {{use: benefit, amount: 5, claim: {{at: join}}}}" for k in range(4)]
    gifts = [f"g{k}: {{use: benefit, kind: gift, gift_cost: 5, claim: {{at: join}}}}" for k in range(2)]
    assert refused(*coupons) == at(coupons[0], "c0", "policies.c0", f"{GIFT} c0, c1, c2, c3 on day 0: {GIFT_END}")
    assert refused(*gifts) == at(gifts[0], "g0", "policies.g0", f"{GIFT} g0, g1 on day 0: {GIFT_END}")
    assert loaded(*coupons[:3], gifts[0])
    spans = ("until: 9", "from: 9")
    turns = [f"t{k}: {{use: benefit, kind: gift, gift_cost: 5, claim: {{at: join}}, {of}}}" for k, of in enumerate(spans)]
    assert loaded(*turns)


def test_more_stacking_groups_than_there_are() -> None:
    policies = [f"a{k}: {{use: benefit, amount: 5, stack: s{k}}}" for k in range(9)]
    groups = ", ".join(f"s{k}" for k in range(9))
    words = f"benefits have 9 stacking groups, {groups}; at most 8 are known"
    assert refused(*policies) == of_all(words)
    assert loaded(*policies[:8])


MOST = f"a store can have at most {MOST_COUPONS} coupons in a run and its past, and so can all industries together; "
ELSEWHERE = "give some in other stores, or as offers that need no claim"


def test_more_coupons_of_a_store_than_a_relation_counts() -> None:
    coupons = [f"a{k}: {{use: benefit, amount: 5, merchants: [tea]}}" for k in range(MOST_COUPONS)]
    offer = "offer: {use: benefit, kind: member_price, share: 0.1}"
    other = "other: {use: benefit, amount: 5, merchants: [noodles]}"
    assert len(Benefits(loaded(*coupons, offer, other))) == MOST_COUPONS + 3
    one_more = refused(*coupons, "more: {use: benefit, amount: 5}")
    assert one_more == of_all(f"{MOST}'tea': {MOST_COUPONS + 1}; {ELSEWHERE}")


def test_coupons_of_the_past_need_room_too() -> None:
    coupons = [f"a{k}: {{use: benefit, amount: 5}}" for k in range(MOST_COUPONS)]
    past = "past: {days: 9, short: true, policies: {b: {use: benefit, amount: 5}}}\n"
    found = problems(lambda: load(write("a.yaml", past + market(*coupons))))
    assert found == [f"a.yaml:{FIRST}:1: policies: {MOST}'tea': {MOST_COUPONS + 1}; {ELSEWHERE}"]


def test_coupons_of_whole_industries_need_room_too() -> None:
    coupons = [f"a{k}: {{use: benefit, amount: 5, scope: category}}" for k in range(MOST_COUPONS + 1)]
    words = f"{MOST}those good in whole industries: {MOST_COUPONS + 1}; {ELSEWHERE}"
    assert refused(*coupons) == of_all(words)
    assert loaded(*coupons[:-1])


OF_ITSELF = {  # what it says; the policy; where that is shown, and in which part of it
    "amount_off needs it": ("a: {use: benefit}", "a:", "amount"),
    "percent_off has none; it has share": ("a: {use: benefit, kind: percent_off, share: 0.1, amount: 5}", "5}", "amount"),
    "an exchange of points is for a coupon (amount) or a gift (gift_cost): give one of them": (
        "a: {use: benefit, kind: points_exchange, points: 5}", "a:", "amount"),
    "priority has none; it has no worth": ("a: {use: benefit, kind: priority, amount: 5}", "5}", "amount"),
    "member_price is not claimed: who it is for has it at the order": (
        "a: {use: benefit, kind: member_price, share: 0.1, stock: 5}", "5}", "stock"),
    "buy_and_gift is not claimed: who it is for has it at the order": (
        "a: {use: benefit, kind: buy_and_gift, gift_cost: 5, valid: {days: 3}}", "valid", "valid"),
    "spend_percent_off is not claimed: each of its 'merchants' or 'industries' has its own": (
        "a: {use: benefit, kind: spend_percent_off, share: 0.1, threshold: 9, scope: category}", "category", "scope"),
    "is of 'kind: follow_discount', and this is percent_off": (
        "a: {use: benefit, kind: percent_off, share: 0.1, taken: 0.5}", "0.5", "taken"),
    "orders_to 1 is below orders_from 3: nobody could ever have it": (
        "a: {use: benefit, amount: 5, who: {orders_from: 3, orders_to: 1}}", "who", "who"),
    "tiers and levels are of members, not of 'anyone': set relation: member": (
        "a: {use: benefit, amount: 5, who: {level: 2}}", "who", "who"),
    "a stranger has not followed, joined or ordered: nobody could ever have it": (
        "a: {use: benefit, amount: 5, who: {relation: stranger, orders_from: 1}}", "who", "who"),
    "whoever orders, confirms a receipt or is an old customer has ordered: orders_to 0 is nobody": (
        "a: {use: benefit, amount: 5, claim: {at: receipt}, who: {orders_to: 0}}", "who", "who"),
    "a fan follows already: nobody could ever have it": (
        "a: {use: benefit, kind: follow_discount, amount: 5, who: {relation: fan}}", "who", "who"),
    "who joins is of no tier until the next 00:00: nobody could ever have it": (
        "a: {use: benefit, amount: 5, claim: {at: join}, who: {relation: member, tiers: [silent]}}", "who", "who"),
    "a probability of 0: nobody could ever claim it": (
        "a: {use: benefit, amount: 5, claim: {probability: 0}}", "claim", "claim"),
    "500 off goods of 100 is more than they cost": ("a: {use: benefit, amount: 500, threshold: 100}", "500", "amount"),
    "delay_hours is always more than within_hours: nobody could ever claim it": (
        "a: {use: benefit, amount: 5, claim: {delay_hours: 30, fixed_delay: true, within_hours: 24}}", "claim", "claim"),
    "delay_hours is always more than within_hours: nobody could ever claim it ": (  # 24 h is what a new-member gift has
        "a: {use: benefit, amount: 5, claim: {at: join, delay_hours: 24.1, fixed_delay: true}}", "claim", "claim"),
    "a coupon ends so many days after its claim or on a day of its own (until), not both": (
        "a: {use: benefit, amount: 5, valid: {days: 3, until: 5}}", "3", "valid.days"),
}  # fmt: skip


@pytest.mark.parametrize("words", OF_ITSELF)
def test_what_a_benefit_says_of_itself(words: str) -> None:
    policy, shown, part = OF_ITSELF[words]
    assert refused(policy) == at(policy, shown, f"policies.a.{part}", words.strip())


@pytest.mark.parametrize("claim", ["{at: order}", "{at: receipt}", "{at: visit}"])
def test_keep_1_a_first_order_is_that_of_who_has_none_yet(claim: str) -> None:
    """A coupon for who has not ordered can be claimed at a visit, and not at the order that makes it a customer."""
    policy = f"a: {{use: benefit, amount: 5, who: {{orders_to: 0}}, claim: {claim}}}"
    assert loaded(policy) if claim == "{at: visit}" else refused(policy)


ALL_PAY_IT = "all members of the store pay it for anything, and the store bears it; 'kind: spend_percent_off' can be told"


@pytest.mark.parametrize(
    "part",
    ["who: {level: 2}", "who: {relation: fan}", "who: {orders_from: 2}", "threshold: 9", "goods: 0.5", "merchant_bears: 0.5"],
)
def test_keep_1_a_member_price_has_no_conditions(part: str) -> None:
    policy = f"a: {{use: benefit, kind: member_price, share: 0.1, {part}}}"
    name = part.split(":")[0]
    shown = name if name == "who" else part.split(": ")[1]
    assert refused(policy) == at(policy, shown, f"policies.a.{name}", f"member_price has none: {ALL_PAY_IT}")
    assert loaded("a: {use: benefit, kind: member_price, share: 0.1, who: {relation: member}}")


def test_a_gift_may_cost_nothing() -> None:
    assert loaded("a: {use: benefit, kind: gift, gift_cost: 0}")


def test_levels_rise() -> None:
    words = "each level takes more than the one below it; given 300, 100"
    policy = "a: {use: programme, levels: [300, 100]}"
    assert refused(policy) == at(policy, "levels", "policies.a.levels", words)


def test_a_past_is_judged_by_its_own_policies() -> None:
    past = "past: {days: 9, short: true, policies: {b: {use: benefit, amount: 5, stock: 0}}}\n"
    words = "there is none of it: give 1 or more, or null for no limit"
    found = problems(lambda: load(write("a.yaml", past + market("a: {use: benefit, amount: 5}"))))
    assert found == [f"a.yaml:1:{1 + past.index('stock')}: past.policies.b.stock: {NEVER}{words}"]


def test_all_that_is_wrong_is_told_at_once() -> None:
    found = refused(
        "a: {use: benefit, amount: 5, stock: 0, claim: {at: live}}", "b: {use: benefit, amount: 5, industries: [health]}"
    )
    assert [problem.split(": ")[1] for problem in found] == ["policies.a.stock", "policies.a.claim.at", "policies.b.industries"]


CROWDS = "crowds: {regulars: {relation: member, orders_from: 2}, lapsed: {not_visited_days: 30, bought_days: 90}}\n"


def named(policy: str, crowds: str = CROWDS) -> list[str]:
    """The problems of a market with crowds by name and one policy."""
    return problems(lambda: load(write("a.yaml", market(policy) + crowds)))


@pytest.mark.parametrize(
    ("crowds", "allowed"),
    [(CROWDS, " - did you mean 'lapsed'? (allowed: regulars, lapsed)"), ("", " (none is: name it under 'crowds')")],
)
def test_a_crowd_that_nobody_has_named(crowds: str, allowed: str) -> None:
    policy = "a: {use: benefit, amount: 5, who: {crowd: lapsd}}"
    assert named(policy, crowds) == at(policy, "crowd:", "policies.a.who.crowd", f"there is no crowd 'lapsd'{allowed}")


@pytest.mark.parametrize(
    ("part", "words"),
    [
        ("claim: {at: join}, who: {crowd: regulars}", "who joins was no member at 00:00, and this crowd is of members"),
        (
            "who: {relation: stranger, crowd: lapsed}",
            "a stranger is no member and has not ordered, and all of this crowd are or have",
        ),
        ("who: {orders_to: 1, crowd: regulars}", "orders_to is 1, and all of this crowd have 2 orders or more"),
    ],
)
def test_a_crowd_of_which_nobody_could_ever_have_the_benefit(part: str, words: str) -> None:
    policy = f"a: {{use: benefit, amount: 5, {part}}}"
    assert named(policy) == at(policy, "crowd:", "policies.a.who.crowd", NEVER + words)
    assert load(write("a.yaml", market("a: {use: benefit, amount: 5, who: {orders_to: 2, crowd: regulars}}") + CROWDS))


@pytest.mark.parametrize(
    ("crowd", "key", "words"),
    [
        ("visited_days: 20, not_visited_days: 20", "not_visited_days", "20 days without leave none of visited_days, 20"),
        ("bought_days: 9, not_visited_days: 30", "not_visited_days", "30 days without leave none of bought_days, 9"),
        ("bought_days: 60, not_bought_days: 90", "not_bought_days", "90 days without leave none of bought_days, 60"),
        (
            "relation: old_customer, not_bought_days: 365",
            "not_bought_days",
            "365 days without leave none of an old customer's days, 365",
        ),
        ("orders_from: 3, orders_to: 2", "orders_to", "2 is below orders_from, 3"),
        ("bought_days: 9, orders_to: 0", "orders_to", "0 is who has not ordered, and the rest is of who has"),
    ],
)
def test_a_crowd_that_could_never_be_met(crowd: str, key: str, words: str) -> None:
    text = f"crowds: {{nobody: {{{crowd}}}}}"
    found = problems(lambda: load(write("a.yaml", market("caps: {}") + text)))
    place = text.rindex(f" {key}: ") + len(f" {key}: ") + 1 if f" {key}: " in text else text.index(f"{key}: ") + len(key) + 3
    assert found == [f"a.yaml:{FIRST + 1}:{place}: crowds.nobody.{key}: {words}: nobody could ever be in this crowd"]


def test_validate_tells_of_crowds_that_nobody_names(command: Callable) -> None:
    write("a.yaml", market("a: {use: benefit, amount: 5, who: {crowd: lapsed}}") + CROWDS)
    said = command("validate", "a.yaml")
    assert (said.code, said.err) == (0, "")
    assert said.out.splitlines()[1:] == ["  crowds.regulars is of no use: no policy names it"]


def test_crowds_are_laid_over_each_other_by_name() -> None:
    write("base.yaml", market("a: {use: benefit, amount: 5, who: {crowd: lapsed}}") + CROWDS)
    write("a.yaml", "extends: base.yaml\ncrowds: {lapsed: {bought_days: 120}}\n")
    crowds = load("a.yaml", sets=["crowds.lapsed.not_visited_days=45"]).settings.crowds
    assert list(crowds) == ["regulars", "lapsed"]
    assert (crowds["lapsed"].bought_days, crowds["lapsed"].not_visited_days) == (120, 45)
