"""Cases and boundaries of merchant grading through runs: to the second, by what consumers did."""

from __future__ import annotations

from typing import Any

import pytest
from graded_market import DAY, GradedRun, world

QUALITY = {"start": {"grade": "quality"}, "join": {"setting": "zero"}}
WHOLE = [("2021-12-16", "2022-02-16")]
SIX_DAYS_OF_TWO_PERIODS = [("2021-12-16", "2021-12-22"), ("2022-01-01", "2022-01-07"), ("2022-01-16", "2022-02-16")]


@pytest.fixture(scope="module")
def winter() -> GradedRun:
    """Case A without and with a mended setting, and case B; one that stays of quality beside them."""
    stores = {
        "always": {**QUALITY, "benefits": WHOLE},
        "case a": {**QUALITY, "benefits": SIX_DAYS_OF_TWO_PERIODS},
        "case a mended": {**QUALITY, "benefits": SIX_DAYS_OF_TWO_PERIODS, "settings": {"2022-01-20": "purchased"}},
        "case a in time": {**QUALITY, "benefits": SIX_DAYS_OF_TWO_PERIODS, "settings": {"2022-01-16": "purchased"}},
        "case a too late": {**QUALITY, "benefits": SIX_DAYS_OF_TWO_PERIODS, "settings": {"2022-01-17": "purchased"}},
        "case b": {**QUALITY, "benefits": [SIX_DAYS_OF_TWO_PERIODS[0], ("2022-01-01", "2022-02-16")]},
        "weak": {**QUALITY, "benefits": [*SIX_DAYS_OF_TWO_PERIODS[:2], ("2022-01-16", "2022-01-22")]},
    }
    return GradedRun(world("2021-12-16", "2022-02-16", stores, consumers=4_000))


def test_grd_7_case_a_is_locked_after_the_grace(winter: GradedRun) -> None:
    assert winter.grades("case a") == {
        "2022-01-01": ("potential", "buffer"),
        "2022-01-16": ("potential", "grace"),
        "2022-02-01": ("quality", "held"),
    }
    held = [row for row in winter.log("case a", "privilege") if "register_join" in row or "recruiting" in row]
    assert held == [
        "2022-01-17 00:00:00 privilege recruiting withdrawn",
        "2022-01-17 00:00:00 privilege register_join withdrawn",
        "2022-02-01 00:00:00 privilege recruiting granted",
        "2022-02-01 00:00:00 privilege register_join granted",
    ]


def test_grd_7_case_a_zero_yuan_joins_go_on_to_the_last_second_and_then_none_is_taken(winter: GradedRun) -> None:
    for begin, end in (("2021-12-16", "2022-01-01"), ("2022-01-01", "2022-01-16"), ("2022-01-16", "2022-01-17")):
        assert winter.joins("case a", begin, end).keys() == {"zero_yuan"}
        assert winter.refused("case a", begin, end) == {}
    assert winter.joins("case a", "2022-01-17", "2022-02-01") == {}
    assert winter.refused("case a", "2022-01-17", "2022-02-01").keys() == {"locked"}
    assert winter.joins("case a", "2022-02-01", "2022-02-16").keys() == {"zero_yuan"}
    assert winter.refused("case a", "2022-02-01", "2022-02-16") == {}


def test_grd_7_case_a_a_fix_in_the_lock_reopens_at_the_next_refresh_only(winter: GradedRun) -> None:
    assert winter.joins("case a mended", "2022-01-17", "2022-02-01") == {}
    assert winter.refused("case a mended", "2022-01-17", "2022-02-01").keys() == {"locked"}
    assert winter.joins("case a mended", "2022-02-01", "2022-02-16").keys() == {"purchased"}
    assert winter.log("case a mended", "setting") == ["2022-01-20 00:00:00 setting purchased"]


def test_grd_7_a_setting_before_the_deadline_keeps_purchased_joins_open(winter: GradedRun) -> None:
    assert winter.grades("case a in time")["2022-01-16"] == ("potential", "grace")  # settings come after grades
    assert winter.joins("case a in time", "2022-01-16", "2022-02-01").keys() == {"purchased"}
    assert not winter.refused("case a in time", "2022-01-16", "2022-02-01").keys() & {"locked", "no_right"}


def test_grd_7_a_setting_at_the_deadline_comes_too_late(winter: GradedRun) -> None:
    assert winter.joins("case a too late", "2022-01-17", "2022-02-01") == {}
    assert winter.joins("case a too late", "2022-02-01", "2022-02-16").keys() == {"purchased"}


def test_grd_7_case_b_is_never_interrupted(winter: GradedRun) -> None:
    assert winter.grades("case b") == {
        "2022-01-01": ("potential", "buffer"),
        "2022-01-16": ("quality", "held"),
        "2022-02-01": ("quality", "held"),
    }
    assert winter.refused("case b", "2021-12-16", "2022-02-16") == {}
    assert winter.refused("always", "2021-12-16", "2022-02-16") == {}
    assert winter.joins("case b", "2021-12-16", "2022-02-16").keys() == {"zero_yuan"}


def test_grd_7_a_lock_lasts_as_long_as_nothing_is_mended(winter: GradedRun) -> None:
    assert winter.grades("weak")["2022-02-01"] == ("potential", "locked")
    assert winter.joins("weak", "2022-01-17", "2022-02-16") == {}


def test_grd_7_cases_c_and_d() -> None:
    stores = {
        "case c": {"start": {"grade": "potential"}, "benefits": [("2022-05-16", "2022-06-20")]},
        "case d": {**QUALITY, "benefits": [("2022-05-16", "2022-05-22")]},
    }
    run = GradedRun(world("2022-05-16", "2022-06-20", stores, consumers=1_200))
    assert run.grades("case c")["2022-06-01"] == ("quality", "held")
    gained = run.log("case c", "privilege")
    assert {row.split()[3] for row in gained if row.startswith("2022-06-01 00:00:00") and row.endswith("granted")} == {
        "register_join", "member_open", "member_link", "my_members", "traffic_package", "search_display",
    }  # fmt: skip
    assert run.grades("case d") == {"2022-06-01": ("potential", "buffer"), "2022-06-16": ("improving", "grace")}
    lost = [row for row in run.log("case d", "privilege") if row.startswith("2022-06-01")]
    assert {row.split()[3] for row in lost} == {"member_open", "member_link", "my_members", "traffic_package", "search_display"}
    assert {row.split()[4] for row in lost} == {"withdrawn"}
    assert run.joins("case d", "2022-06-01", "2022-06-16").keys() == {"zero_yuan"}


def test_grd_3_grd_4_days_online_of_two_benefits_are_a_union() -> None:
    """Five days with two benefits at once are five: not more than five; a sixth makes the difference."""
    five = [("2022-01-03", "2022-01-08")]
    stores = {"five": {"benefits": five * 2}, "six": {"benefits": [*five, ("2022-01-07", "2022-01-09")]}}
    run = GradedRun(world("2022-01-01", "2022-01-17", stores))
    grades = run.run.grades.set_index("merchant")
    assert grades["online_days"].to_dict() == {"five": 5, "six": 6}
    assert grades["result"].to_dict() == {"five": "improving", "six": "potential"}
    assert run.log("five", "benefit_on", "benefit_off") == [
        "2022-01-03 00:00:00 benefit_on",
        "2022-01-08 00:00:00 benefit_off",
    ]


@pytest.mark.parametrize(("start", "days"), [("2022-02-01", [15, 13]), ("2024-02-01", [15, 14]), ("2023-12-16", [16, 15])])
def test_grd_2_end_of_february_and_of_the_year(start: str, days: list[int]) -> None:
    """A benefit that is always online is online on as many days as the period has."""
    whole = world(start, f"{int(start[:4]) + (start[5:7] == '12')}-03-02", {"a": {"benefits": [(start, "2030-01-01")]}})
    grades = GradedRun(whole, seed=2).run.grades
    assert grades["online_days"].tolist()[:2] == days
    assert set(grades["time"] % DAY) == {0}


def test_grd_2_a_monthly_cycle_is_a_parameter() -> None:
    whole = world("2022-01-01", "2022-04-02", {"a": {"benefits": [("2022-01-01", "2022-05-01")]}}, {"calendar": {"days": [1]}})
    assert GradedRun(whole).run.grades["online_days"].tolist() == [31, 28, 31]


def test_grd_3_a_member_who_uses_and_buys_often_counts_once_a_period() -> None:
    run = GradedRun(
        world("2022-01-01", "2022-02-17", {"a": {"benefits": WHOLE, "join": {"setting": "zero"}, **QUALITY}}, consumers=60)
    )
    daily = run.run.daily
    orders = run.rows("a", "order")
    of_first = orders[(orders["time"] < 15 * DAY) & (orders["reason"] == "member_price")]
    assert len(of_first) > of_first["consumer"].nunique() > 5
    assert daily[daily["day"] < 15]["benefit_users"].sum() == of_first["consumer"].nunique()
    assert daily[daily["day"] < 15]["member_buyers"].sum() == of_first["consumer"].nunique()


def test_grd_3_points_exchanged_in_one_period_and_redeemed_in_the_next_count_there_alone() -> None:
    """Claimed at an order and used at the next: who claims before 1-16 and comes back after it has used it after it only."""
    claim = {"at": "order", "probability": 1}
    exchange = {"use": "benefit", "kind": "points_exchange", "points": 1, "amount": 100, "claim": claim, "valid": {"days": 60}}
    policies = {"exchange": exchange, "programme": {"points_per_hundred": 1}}
    store = {"join": {"setting": "zero"}, "start": {"grade": "quality"}}
    run = GradedRun(world("2022-01-01", "2022-02-02", {"a": store}, policies=policies))
    claims, uses = (run.rows("a", kind) for kind in ("claim", "redeem"))
    of_first, of_second = (uses["time"] < 15 * DAY), (uses["time"] >= 15 * DAY) & (uses["time"] < 31 * DAY)
    later = set(claims[claims["time"] < 15 * DAY]["consumer"]) & set(uses[of_second]["consumer"]) - set(
        uses[of_first]["consumer"]
    )
    assert len(later) > 20
    daily = run.run.daily
    for days, used in ((daily["day"] < 15, of_first), (daily["day"].between(15, 30), of_second)):
        assert daily[days]["benefit_users"].sum() == uses[used]["consumer"].nunique()
    buyers = [daily[daily["day"] < 15]["member_buyers"].sum(), daily[daily["day"].between(15, 30)]["member_buyers"].sum()]
    users = [uses[used]["consumer"].nunique() for used in (of_first, of_second)]
    assert run.run.grades["penetration"].tolist() == [users[0] / buyers[0], users[1] / buyers[1]]


def receipts(**start: Any) -> GradedRun:
    """A store whose members must have bought: those who visit as fans ask to join, before and after they confirm receipt."""
    store = {"join": {"setting": "purchased"}, "start": start, "benefits": WHOLE}
    visits = {"follow": 1, "join": 1}
    behaviour = {"sessions": {"per_day": 3}, "stores": {"browse": 1}, "visits": visits, "orders": {"join": 0}}
    return GradedRun(world("2022-01-01", "2022-01-16", {"a": store}, consumers=300, behaviour=behaviour))


def test_int_3_a_purchased_join_needs_a_confirmed_receipt() -> None:
    """Of who buys and visits often: every refusal is before the receipt, every join at or after it."""
    run = receipts()
    received = run.rows("a", "receive").groupby("consumer")["time"].min()
    joins = run.rows("a", "join").set_index("consumer")
    assert len(joins) > 100
    assert set(joins["channel"]) == {"purchased"}
    assert (joins["time"] >= received.reindex(joins.index)).all()
    asked = run.rows("a", "visit", "follow").sort_values(["consumer", "time", "seq"])
    first_follow = asked[asked["kind"] == "follow"].groupby("consumer")["time"].min()
    visits = asked[(asked["kind"] == "visit")]
    later = visits[visits["time"] > visits["consumer"].map(first_follow)]
    joined = later["consumer"].map(joins["time"])
    refused = later[~(joined <= later["time"])]
    assert run.refused("a", "2022-01-01", "2022-01-16") == {"no_receipt": len(refused)}
    assert (refused["time"] < refused["consumer"].map(received).fillna(10**9)).all()


def test_int_3_who_confirms_receipt_at_t_joins_at_t() -> None:
    """Asked by the purchase itself: the join stands in the second of the receipt, and not a second before."""
    run = GradedRun(world("2022-01-01", "2022-01-16", {"a": {"join": {"setting": "purchased"}}}))
    joins, received = (run.rows("a", kind).groupby("consumer")["time"].min() for kind in ("join", "receive"))
    assert len(joins) > 100
    assert joins.equals(received.rename("time").loc[joins.index])


@pytest.mark.parametrize(
    ("threshold", "orders"), [({"orders": 3}, 3), ({"amount": 2}, 1), ({"orders": 1, "amount": 10**9}, None)]
)
def test_int_3_thresholds_of_orders_and_amounts(threshold: dict[str, int], orders: int | None) -> None:
    store = {"join": {"setting": "purchased", **threshold}}
    run = GradedRun(
        world(
            "2022-01-01", "2022-03-16", {"a": store}, {"calendar": {"days": [1]}, "phases": {"potential_indicators_from": None}}
        )
    )
    joins = run.rows("a", "join")
    if orders is None:
        assert len(joins) == 0
        assert run.refused("a", "2022-01-01", "2022-02-01").keys() == {"threshold"}
        return
    bought = run.rows("a", "order")
    for join in joins.head(40).itertuples():
        before = bought[(bought["consumer"] == join.consumer) & (bought["time"] <= join.time)]
        assert len(before) >= orders
    assert len(joins) > 20


def test_int_3_paid_is_exact_to_the_fen() -> None:
    """With the threshold at what one customer has paid by its first receipt, it joins then; one fen more, and it does not."""
    free = GradedRun(world("2022-01-01", "2022-01-16", {"a": {"join": {"setting": "purchased"}}}))
    one = free.rows("a", "join").iloc[0]
    orders = free.rows("a", "order")
    paid = int(orders[(orders["consumer"] == one["consumer"]) & (orders["time"] <= one["time"])]["amount"].sum())
    assert paid > 0
    for amount, joins in ((paid, True), (paid + 1, False)):
        run = GradedRun(world("2022-01-01", "2022-01-16", {"a": {"join": {"setting": "purchased", "amount": amount}}}))
        found = run.rows("a", "join")
        assert ((found["consumer"] == one["consumer"]) & (found["time"] == one["time"])).any() == joins


def test_int_3_without_grading_the_own_setting_counts() -> None:
    whole = world("2022-01-01", "2022-02-01", {"a": {"join": {"setting": "purchased"}, "settings": {"2022-01-16": "zero"}}})
    del whole["policies"]["grading"]
    run = GradedRun(whole)
    assert run.joins("a", "2022-01-01", "2022-01-16").keys() == {"purchased"}
    assert run.joins("a", "2022-01-16", "2022-02-01").keys() == {"zero_yuan"}
    assert len(run.run.grades) == 0
    assert run.log("a", "setting") == ["2022-01-16 00:00:00 setting zero"]


def test_grd_6_int_6_newcomers_have_the_right_for_six_months_and_then_a_day() -> None:
    """The end of August has no counterpart in February; no buffer, 24 hours of grace; improving, it goes on recruiting."""
    store = {"join": {"setting": "zero"}, "start": {"newcomer_since": "2021-08-31T10:30:00"}}
    rules = {"phases": {"register_join_from": "2021-09-15"}}
    run = GradedRun(world("2022-02-01", "2022-03-05", {"a": store}, rules, consumers=4_000))
    assert run.grades("a") == {"2022-02-16": ("improving", "none"), "2022-03-01": ("noncompliant", "grace")}
    right = [row for row in run.log("a", "privilege") if "register_join" in row or "recruiting" in row]
    assert right == [
        "2022-02-28 10:30:00 privilege recruiting withdrawn",
        "2022-03-01 00:00:00 privilege register_join withdrawn",
    ]
    assert run.joins("a", "2022-02-16", "2022-02-28T10:30:00").keys() == {"zero_yuan"}
    assert run.joins("a", "2022-02-28T10:30:00", "2022-03-05") == {}


def test_int_6_who_becomes_a_newcomer_in_the_run_has_the_right_from_that_second() -> None:
    store = {
        "start": {"newcomer_since": "2022-01-10T09:00:00"},
        "join": {"setting": "purchased"},
        "settings": {"2022-01-10": "zero", "2022-01-11": "zero"},
    }
    run = GradedRun(world("2022-01-01", "2022-01-16", {"a": store}))
    assert run.log("a", "privilege", "setting") == [
        "2022-01-10 09:00:00 privilege register_join granted",
        "2022-01-11 00:00:00 setting zero",
    ]
    assert run.refused("a", "2022-01-10", "2022-01-11", "setting") == {"no_right": 1}


def test_grd_6_a_custom_version_gives_the_right_until_it_expires() -> None:
    store = {"join": {"setting": "zero"}, "benefits": WHOLE, "start": {"custom_until": "2022-01-10T12:00:00"}}
    late = {**store, "start": {"custom_until": "2022-01-10T12:00:00", "custom_ordered": "2021-09-10T00:00:00"}}
    run = GradedRun(world("2022-01-01", "2022-01-16", {"late": late, "timely": store}))
    assert run.joins("timely", "2022-01-01", "2022-01-11T12:00:00").keys() == {"zero_yuan"}
    assert run.joins("timely", "2022-01-11T12:00:00", "2022-01-16") == {}
    assert run.joins("late", "2022-01-02", "2022-01-16") == {}  # 24 hours after the rules came into force for it


def test_grd_9_with_zero_yuan_joins_but_no_right_at_phase_in_there_is_a_term() -> None:
    run = GradedRun(world("2022-01-01", "2022-01-10", {"a": {"join": {"setting": "zero"}}}))
    assert run.joins("a", "2022-01-01", "2022-01-02").keys() == {"zero_yuan"}
    assert run.joins("a", "2022-01-02", "2022-01-10") == {}
    assert run.refused("a", "2022-01-01", "2022-01-10").keys() == {"locked"}


def test_grd_9_zero_yuan_joins_are_everybodys_until_they_are_kept_for_quality() -> None:
    run = GradedRun(world("2021-09-10", "2021-09-20", {"a": {"join": {"setting": "zero"}}}, consumers=3_000))
    assert run.joins("a", "2021-09-10", "2021-09-16").keys() == {"zero_yuan"}
    assert run.joins("a", "2021-09-16", "2021-09-20") == {}


def test_grd_9_phases_through_a_run() -> None:
    """Days online alone make potential until 11-16; improving results count from then; non-compliance is awarded on 12-16."""
    stores = {
        "idle": {},
        "online": {"benefits": [("2021-11-01", "2022-02-01")]},
    }
    unreached = {"scale": 10**6, "gmv_share": 1, "quality_ratio": 1, "penetration": 9}
    lines = {"lines": {"default": {"quality": unreached}}, "tiers": {"quality_bought_days": 2}}
    behaviour = {"orders": {"join": 0.3}}
    run = GradedRun(world("2021-11-01", "2022-01-02", stores, lines, behaviour=behaviour, policies={}))
    assert [grade for grade, _ in run.grades("idle").values()] == ["improving", "improving", "noncompliant", "noncompliant"]
    assert run.refused("idle", "2021-12-16", "2022-01-02").keys() == {"noncompliant"}
    early = GradedRun(world("2021-10-20", "2021-11-18", {"online": {"benefits": [("2021-10-20", "2022-02-01")]}}, lines))
    assert list(early.grades("online").values()) == [("potential", "none"), ("improving", "none")]


def test_grd_11_who_is_improving_keeps_outreach_and_recovers_at_the_next_refresh() -> None:
    store = {"benefits": [("2022-01-16", "2022-03-02")], "sends": ["2022-01-20"], "join": {"setting": "purchased"}}
    run = GradedRun(world("2022-01-01", "2022-02-05", {"a": store}))
    assert run.grades("a") == {"2022-01-16": ("improving", "none"), "2022-02-01": ("quality", "held")}
    assert (run.run.messages["outcome"] == "sent").any()
    assert run.joins("a", "2022-01-16", "2022-02-01") == {}
    assert run.refused("a", "2022-01-16", "2022-02-01").keys() == {"improving"}
    assert run.joins("a", "2022-02-01", "2022-02-05").keys() == {"purchased"}


def test_grd_5_who_is_not_compliant_reaches_no_members() -> None:
    store = {"sends": ["2022-01-10", "2022-01-20", "2022-02-05"], "benefits": [("2022-01-16", "2022-02-10")]}
    start = {"grade": "noncompliant", "improving": 2}
    run = GradedRun(world("2022-01-01", "2022-02-10", {"a": {**store, "start": start}}))
    messages = run.run.messages.set_index("time")
    assert messages["reason"].iloc[:2].tolist() == ["not_invited", "not_invited"]
    assert (messages["outcome"].iloc[2:] != "refused").any()


def test_grd_8_silent_members_are_in_no_crowd_from_their_phase_on() -> None:
    """A member is silent who has neither come nor bought for 20 days; before the phase it is reached, after it is not."""
    sends = [f"2021-{month}-{day:02d}" for month, day in (("11", 25), ("11", 30), ("12", 1), ("12", 2), ("12", 9))]
    tiers = {"potential_visited_days": 20, "potential_bought_days": 20}
    store = {
        "sends": sends,
        "join": {"setting": "zero"},
        "start": {"grade": "quality"},
        "benefits": [("2021-10-01", "2022-01-01")],
    }
    run = GradedRun(
        world(
            "2021-10-01", "2021-12-12", {"a": store}, {"tiers": tiers}, policies={}, behaviour={"reading": {"probability": 0}}
        )
    )
    orders, joins, sent = run.rows("a", "order"), run.rows("a", "join"), run.rows("a", "message_sent")
    spared = 0
    for date in sends:
        noon = run.second(f"{date}T12:00:00")
        midnight = noon // DAY * DAY
        members = set(joins[joins["time"] < midnight]["consumer"])
        active = set(orders[orders["time"].between(midnight - 20 * DAY, midnight - 1)]["consumer"])
        expected = members & active if date >= "2021-12-01" else members
        assert set(sent[sent["time"] == noon]["consumer"]) == expected
        spared += len(members - expected)
    assert spared > 20
    assert set(joins["consumer"]) >= set(sent["consumer"]), "they stay members"
    table = run.run.messages
    assert table[table["reason"] == "not_effective"]["count"].sum() == spared
