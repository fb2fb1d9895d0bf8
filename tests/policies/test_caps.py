"""Message caps as runs of the simulator: who is reached, and why who is not [MSG-3, MSG-4, MSG-5]."""

from __future__ import annotations

from typing import Any

import pytest
from market import Market

LOOSE = {"store_limit": None, "stores_per_day": None, "per_store_per_day": None, "total_per_day": None}
SCENES = ("cs.custom", "cs.new_arrival", "cs.follow_gift", "cs.repurchase_coupon", "cs.promotion", "cs.member_day")
SERVICE = "cs.service"
UNCAPPED = ("group.member", "group.ordinary", "feed")


def default_caps() -> Market:
    """The caps of the rulebook."""
    return Market({"caps": {}})


def only(**caps: int) -> Market:
    """These caps and no other."""
    return Market({"caps": LOOSE | caps})


class TestStoreWindow:
    def test_msg_3_next_message_on_the_seventh_day_after(self) -> None:
        sends = "a 09-24 10:00", "a 09-30 23:59", "a 10-01 00:00"
        assert default_caps().outcomes(*sends) == ["sent", "store_window", "sent"]

    def test_msg_3_natural_days_not_hours(self) -> None:
        """Sent late, and early on the seventh day after: 6 days and a minute apart."""
        assert default_caps().outcomes("a 09-24 23:59", "a 10-01 00:00") == ["sent", "sent"]
        assert default_caps().outcomes("a 09-24 00:00", "a 09-30 23:59") == ["sent", "store_window"]

    def test_msg_3_days_roll_and_are_no_calendar_weeks(self) -> None:
        """From a Sunday to the Monday after, a new week, and on to the day that is allowed."""
        sends = [
            f"a {date} 10:00" for date in ("09-24", "09-25", "09-26", "09-29", "09-30", "10-01", "10-02", "10-07", "10-08")
        ]
        expected = ["sent", *["store_window"] * 4, "sent", *["store_window"] * 2, "sent"]
        assert default_caps().outcomes(*sends) == expected

    def test_msg_3_is_per_store(self) -> None:
        assert default_caps().outcomes("a 09-24 10:00", "b 09-25 10:00", "a 09-26 10:00") == ["sent", "sent", "store_window"]

    @pytest.mark.parametrize("scene", SCENES[1:])
    def test_msg_3_all_scenes_share_the_cap(self, scene: str) -> None:
        sends = "a 09-24 10:00 cs.custom", f"a 09-25 10:00 {scene}", f"a 10-01 10:00 {scene}", "a 10-02 10:00 cs.custom"
        assert default_caps().outcomes(*sends) == ["sent", "store_window", "sent", "store_window"]

    @pytest.mark.parametrize("channel", [SERVICE, *UNCAPPED])
    def test_msg_3_other_channels_neither_count_nor_are_counted(self, channel: str) -> None:
        sends = f"a 09-24 10:00 {channel}", "a 09-25 10:00", f"a 09-26 10:00 {channel}", "a 09-27 10:00"
        assert default_caps().outcomes(*sends) == ["sent", "sent", "sent", "store_window"]

    def test_msg_3_only_delivered_messages_count(self) -> None:
        """Refused on the 30th: still allowed on the 1st, and the next seven days count from there."""
        sends = [f"a {date} 10:00" for date in ("09-24", "09-27", "09-30", "10-01", "10-07", "10-08")]
        assert default_caps().outcomes(*sends) == ["sent", "store_window", "store_window", "sent", "store_window", "sent"]

    def test_msg_3_two_per_five_days(self) -> None:
        sends = [f"a 09-{day} 10:00" for day in range(21, 31)]
        refused = "store_window"
        expected = ["sent", "sent", refused, refused, refused, "sent", "sent", refused, refused, refused]
        assert only(store_limit=2, store_days=5).outcomes(*sends) == expected

    def test_msg_3_three_per_seven_days(self) -> None:
        """Delivered on the 21st, 22nd and 25th: each frees its place on the seventh day after."""
        days = (21, 22, 25, 26, 27, 28, 29, 30)
        refused = "store_window"
        expected = ["sent", "sent", "sent", refused, refused, "sent", "sent", refused]
        assert only(store_limit=3, store_days=7).outcomes(*(f"a 09-{day} 10:00" for day in days)) == expected

    def test_msg_3_several_on_one_day(self) -> None:
        sends = "a 09-21 10:00", "a 09-21 11:00", "a 09-21 12:00", "a 09-24 10:00", "a 09-24 11:00", "a 09-24 12:00"
        refused = "store_window"
        assert only(store_limit=2, store_days=3).outcomes(*sends) == ["sent", "sent", refused, "sent", "sent", refused]

    def test_msg_3_one_per_day(self) -> None:
        sends = "a 09-21 00:00", "a 09-21 23:59", "a 09-22 00:00"
        assert only(store_limit=1, store_days=1).outcomes(*sends) == ["sent", "store_window", "sent"]

    def test_msg_3_none_at_all(self) -> None:
        sends = "a 09-21 10:00", "a 09-30 10:00 cs.promotion", "a 09-30 11:00 cs.service"
        assert only(store_limit=0).outcomes(*sends) == ["store_window", "store_window", "sent"]


class TestStoresPerDay:
    STORES = "abcdef"

    def test_msg_4_the_sixth_store_is_blocked(self) -> None:
        sends = [f"{store} 09-24 09:0{k}" for k, store in enumerate(self.STORES)]
        assert default_caps().outcomes(*sends) == [*["sent"] * 5, "stores_per_day"]

    def test_msg_4_the_next_natural_day_begins_anew(self) -> None:
        sends = [f"{store} 09-24 23:59" for store in "abcde"] + ["f 09-24 23:59:59", "f 09-25 00:00"]
        assert default_caps().outcomes(*sends) == [*["sent"] * 5, "stores_per_day", "sent"]

    def test_msg_4_counts_distinct_stores(self) -> None:
        """A second message of a store that has reached the consumer takes no further place."""
        sends = "a 09-24 09:00", "b 09-24 09:01", "a 09-24 09:02", "c 09-24 09:03", "b 09-24 09:04"
        assert only(stores_per_day=2).outcomes(*sends) == ["sent", "sent", "sent", "stores_per_day", "sent"]

    @pytest.mark.parametrize("channel", [SERVICE, *UNCAPPED])
    def test_msg_4_counts_old_customer_scenes_only(self, channel: str) -> None:
        sends = f"a 09-24 09:00 {channel}", "b 09-24 09:01", f"c 09-24 09:02 {channel}", "d 09-24 09:03", "a 09-24 09:04"
        expected = ["sent", "sent", "sent", "stores_per_day", "stores_per_day"]
        assert only(stores_per_day=1).outcomes(*sends) == expected

    def test_msg_4_only_delivered_messages_count(self) -> None:
        """A store that the seven-day cap refuses takes no place."""
        sends = ["a 09-22 09:00", *(f"{store} 09-24 09:0{k}" for k, store in enumerate(self.STORES))]
        assert default_caps().outcomes(*sends) == ["sent", "store_window", *["sent"] * 5]

    def test_msg_4_at_one_second_stores_come_in_the_order_of_names(self) -> None:
        sends = "c 09-24 09:00", "a 09-24 09:00", "b 09-24 09:00"
        assert only(stores_per_day=2).outcomes(*sends) == ["stores_per_day", "sent", "sent"]


class TestBaseCaps:
    def test_msg_5_the_third_message_of_a_store_is_blocked(self) -> None:
        sends = [f"a 09-24 09:0{k} {SERVICE}" for k in range(3)]
        assert default_caps().outcomes(*sends) == ["sent", "sent", "store_per_day"]

    def test_msg_5_the_eleventh_message_overall_is_blocked(self) -> None:
        sends = [f"{store} 09-24 09:{k}{n} {SERVICE}" for k, store in enumerate("abcdef") for n in (0, 1)]
        assert default_caps().outcomes(*sends) == [*["sent"] * 10, "total_per_day", "total_per_day"]

    def test_msg_5_all_scenes_count(self) -> None:
        """Old-customer scenes and other dedicated service together."""
        sends = (
            "a 09-24 09:00 cs.custom",
            f"a 09-24 09:01 {SERVICE}",
            f"a 09-24 09:02 {SERVICE}",
            "b 09-24 09:03",
            "c 09-24 09:04",
        )
        expected = ["sent", "sent", "store_per_day", "sent", "total_per_day"]
        assert only(per_store_per_day=2, total_per_day=3).outcomes(*sends) == expected

    def test_msg_5_the_next_natural_day_begins_anew(self) -> None:
        sends = [f"a 09-24 23:5{k} {SERVICE}" for k in range(3)] + [f"a 09-25 00:0{k} {SERVICE}" for k in range(3)]
        assert default_caps().outcomes(*sends) == ["sent", "sent", "store_per_day"] * 2

    def test_msg_5_only_delivered_messages_count(self) -> None:
        """What one cap refuses takes no place of the other."""
        sends = [f"a 09-24 09:0{k} {SERVICE}" for k in range(5)] + [f"b 09-24 10:00 {SERVICE}", f"c 09-24 10:01 {SERVICE}"]
        expected = ["sent", "sent", *["store_per_day"] * 3, "sent", "total_per_day"]
        assert only(per_store_per_day=2, total_per_day=3).outcomes(*sends) == expected

    @pytest.mark.parametrize("channel", UNCAPPED)
    def test_msg_5_groups_and_feed_are_neither_capped_nor_counted(self, channel: str) -> None:
        free = [f"a 09-24 08:{minute} {channel}" for minute in range(10, 22)]
        sends = [
            *free,
            f"a 09-24 09:00 {SERVICE}",
            f"a 09-24 09:01 {SERVICE}",
            f"a 09-24 09:02 {SERVICE}",
            f"a 09-24 09:03 {channel}",
        ]
        assert default_caps().outcomes(*sends) == [*["sent"] * 12, "sent", "sent", "store_per_day", "sent"]

    @pytest.mark.parametrize("channel", UNCAPPED)
    def test_even_caps_of_none_let_groups_and_feed_pass(self, channel: str) -> None:
        nothing = only(store_limit=0, stores_per_day=0, per_store_per_day=0, total_per_day=0)
        assert nothing.outcomes(f"a 09-24 09:00 {channel}", "a 09-24 09:01") == ["sent", "store_window"]


class TestOrderOfReasons:
    """One reason each, the first in the documented order of checks."""

    BOTH = "a 09-24 09:00", "a 09-24 09:01"

    @pytest.mark.parametrize(
        ("caps", "reason"),
        [
            ({"store_limit": 1, "per_store_per_day": 1, "stores_per_day": 1, "total_per_day": 1}, "store_window"),
            ({"per_store_per_day": 1, "stores_per_day": 1, "total_per_day": 1}, "store_per_day"),
            ({"stores_per_day": 0, "total_per_day": 0}, "stores_per_day"),
            ({"total_per_day": 1}, "total_per_day"),
        ],
    )
    def test_of_caps(self, caps: dict[str, int], reason: str) -> None:
        assert only(**caps).outcomes(*self.BOTH)[-1] == reason

    def test_of_another_store(self) -> None:
        caps = only(store_limit=1, per_store_per_day=1, stores_per_day=1, total_per_day=1)
        assert caps.outcomes("a 09-24 09:00", "b 09-24 09:01") == ["sent", "stores_per_day"]

    def test_msg_14_having_opted_out_comes_first(self) -> None:
        """Who certainly opts out at the first delivery, of that store, for good."""
        leaves = {"opt_out": {"hazard": 1_000, "all_stores": 0}}
        market = Market({"caps": {}}, leaves)
        sends = "a 09-24 09:00", "a 09-24 09:01", f"a 09-24 09:02 {SERVICE}", "b 09-24 09:03", "a 10-02 09:00"
        assert market.outcomes(*sends) == ["sent", "opted_out", "opted_out", "sent", "opted_out"]

    def test_what_was_refused_for_an_opt_out_takes_no_place(self) -> None:
        leaves = {"opt_out": {"hazard": 1_000, "all_stores": 0}}
        market = Market({"caps": LOOSE | {"total_per_day": 2}}, leaves)
        sends = "a 09-24 09:00", "a 09-24 09:01", "b 09-24 09:02", "c 09-24 09:03"
        assert market.outcomes(*sends) == ["sent", "opted_out", "sent", "total_per_day"]


class TestSeveralPolicies:
    def test_the_strictest_wins(self) -> None:
        """One policy allows two a week, another one in two days."""
        policies: dict[str, Any] = {
            "weekly": {"use": "caps"} | LOOSE | {"store_limit": 2, "store_days": 7},
            "every other day": {"use": "caps"} | LOOSE | {"store_limit": 1, "store_days": 2},
        }
        sends = [f"a 09-{day} 10:00" for day in range(21, 30)]
        refused = "store_window"
        expected = ["sent", refused, "sent", refused, refused, refused, refused, "sent", refused]
        assert Market(policies).outcomes(*sends) == expected

    def test_caps_hold_from_the_day_on_and_look_back(self) -> None:
        """What was delivered before the rule counts to it."""
        policies = {"caps": {"from": 4, "until": "2023-09-27"}}  # in force from 09-24 to 09-26
        sends = [f"a 09-{day} 10:00" for day in range(21, 29)]
        assert Market(policies).outcomes(*sends) == ["sent", "sent", "sent", *["store_window"] * 3, "sent", "sent"]

    def test_without_a_policy_nothing_is_capped(self) -> None:
        sends = [f"{store} 09-24 09:{minute}" for store in "abcdefg" for minute in (10, 11, 12)]
        assert set(Market({}).outcomes(*sends)) == {"sent"}

    @pytest.mark.parametrize("name", LOOSE)
    def test_null_is_no_limit(self, name: str) -> None:
        """Each cap can be switched off alone: then a message that it alone would refuse is sent."""
        binding = LOOSE | {name: 1}
        sends = {
            "store_limit": ("a 09-24 09:00", "a 09-25 09:00"),
            "stores_per_day": ("a 09-24 09:00", "b 09-24 09:01"),
            "per_store_per_day": ("a 09-24 09:00", "a 09-24 09:01"),
            "total_per_day": ("a 09-24 09:00", "b 09-24 09:01"),
        }[name]
        assert Market({"caps": binding}).outcomes(*sends)[1] != "sent"
        assert Market({"caps": LOOSE}).outcomes(*sends)[1] == "sent"
