"""The platform's filter of the least active, as runs of the simulator [MSG-2, MSG-9]."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from market import Market, Result

from sim.policies.algorithm_filter import AlgorithmFilter, points_of
from sim.state.compiled import entry

NEVER = -30_000
SEND = "a 09-24 10:00"  # day 4 of the run
TODAY = 4


def run_of(consumers: list[dict[str, int]], **parameters: Any) -> Result:
    """A task for these consumers; days are days of the run."""
    market = Market({"algorithm_filter": parameters}, consumers=len(consumers), declare=lambda store, i: consumers[i])
    return market.run(SEND)[0]


def dropped(consumers: list[dict[str, int]], **parameters: Any) -> list[int]:
    """Those of the consumers whom the filter refuses; all others are sent to."""
    events = run_of(consumers, **parameters).events
    met = events[events["kind"].isin(["message_sent", "message_blocked"])]
    assert sorted(met["consumer"]) == list(range(len(consumers)))
    refused = met[met["kind"] == "message_blocked"]
    assert set(refused["reason"]) <= {"algorithm_filter"}
    assert set(refused["rule"]) <= {"MSG-9"}
    assert (met["time"] == TODAY * 86_400 + 36_000).all(), "refused at the send time"
    return sorted(refused["consumer"].tolist())


class TestTheScore:
    """Pairs of consumers who differ in one quantity: with a share of a half the less active is dropped."""

    @pytest.mark.parametrize(
        "less",
        [
            {"session_day": TODAY - 3},
            {"visit_day": -30},
            {"favourite": 0},
            {"delivered": 9, "read": 3},
            {"delivered": 0, "read": 0},  # 1/2 is less than 5/10
        ],
        ids=str,
    )
    def test_msg_9_each_sign_of_activity_counts(self, less: dict[str, int]) -> None:
        more = {"session_day": TODAY - 1, "visit_day": -3, "favourite": 1, "delivered": 9, "read": 8}
        assert dropped([more, more | less], share=0.5) == [1]
        assert dropped([more | less, more], share=0.5) == [0]

    @pytest.mark.parametrize(
        ("weight", "less"),
        [
            ("login_weight", {"session_day": TODAY - 3}),
            ("visit_weight", {"visit_day": -30}),
            ("favourite_weight", {"favourite": 0}),
            ("read_weight", {"read": 3}),
        ],
    )
    def test_msg_9_without_its_weight_a_sign_counts_for_nothing(self, weight: str, less: dict[str, int]) -> None:
        more = {"session_day": TODAY - 1, "visit_day": -3, "favourite": 1, "delivered": 9, "read": 8}
        assert dropped([more, more | less], share=0.5, **{weight: 0}) == []

    def test_msg_9_who_does_not_log_in_is_always_dropped(self) -> None:
        """On day 4, 30 days back is day -26; whatever else is known of the others."""
        eager = {"visit_day": 3, "favourite": 1, "delivered": 5, "read": 5}
        logins = [NEVER, TODAY - 31, TODAY - 30, TODAY - 1]
        assert dropped([eager | {"session_day": day} for day in logins], share=1) == [0, 1]
        assert dropped([eager | {"session_day": day} for day in logins], share=1, login_days=31) == [0]

    def test_msg_9_an_order_at_the_store_is_a_login_and_a_visit(self) -> None:
        assert dropped([{"order_day": TODAY - 30}, {"order_day": TODAY - 31}], share=1) == [1]

    def test_msg_2_a_tie_at_the_threshold_is_kept(self) -> None:
        """Ten alike: none is strictly below the threshold, whatever the share."""
        assert dropped([{"session_day": 3}] * 10, share=0.3) == []

    def test_msg_2_four_fifths_are_kept(self) -> None:
        """Ten whose last visits are on different days: the two that visited longest ago are dropped."""
        consumers = [{"session_day": 3, "visit_day": 3 - 5 * k} for k in range(10)]
        assert dropped(consumers) == [8, 9]

    def test_msg_2_who_scores_0_counts_to_the_share(self) -> None:
        """Of ten, two never log in: no more than these are dropped."""
        consumers = [{"session_day": NEVER if k < 2 else 3, "visit_day": 3 - 5 * k} for k in range(10)]
        assert dropped(consumers) == [0, 1]

    def test_msg_2_without_a_share_nobody_is_left(self) -> None:
        assert dropped([{"session_day": 3, "favourite": 1}] * 3, share=0) == [0, 1, 2]


class TestTheThreshold:
    @settings(derandomize=True, max_examples=300)
    @given(st.lists(st.integers(0, 600), min_size=1, max_size=60), st.integers(0, 100))
    def test_msg_2_is_the_largest_below_which_no_more_than_allowed_lie(self, scores: list[int], percent: int) -> None:
        policy = AlgorithmFilter(share=percent / 100)
        histogram = np.bincount(scores, minlength=policy.highest + 1)
        may_drop = Fraction(100 - percent, 100) * len(scores)
        right = [s for s in range(policy.highest + 2) if sum(score < s for score in scores) <= may_drop]
        assert policy.thresholds(histogram[np.newaxis]).tolist() == [max(1, *right)]

    def test_of_nobody_is_a_number(self) -> None:
        policy = AlgorithmFilter()
        assert (policy.thresholds(np.zeros((1, policy.highest + 1), np.int64)) > 0).all()


def test_msg_9_is_about_the_old_customer_scenes() -> None:
    sleeper = Market({"algorithm_filter": {}}, declare=lambda store, consumer: {"session_day": NEVER})
    channels = ("cs.custom", "cs.member_day", "cs.service", "group.member", "feed")
    outcomes = sleeper.outcomes(*(f"a 09-24 10:0{k} {channel}" for k, channel in enumerate(channels)))
    assert outcomes == ["algorithm_filter", "algorithm_filter", "sent", "sent", "sent"]


def test_msg_9_of_two_filters_each_drops_its_own() -> None:
    """One looks at visits alone, the other at favourites alone."""
    nothing = dict.fromkeys(("login_weight", "visit_weight", "favourite_weight", "read_weight"), 0)
    filters = {
        "by visit": {"use": "algorithm_filter", "share": 0.5} | nothing | {"visit_weight": 1},
        "by favourite": {"use": "algorithm_filter", "share": 0.5} | nothing | {"favourite_weight": 1},
    }
    consumers = [
        {"session_day": 3, "visit_day": 3, "favourite": 1},
        {"session_day": 3, "visit_day": -40, "favourite": 1},
        {"session_day": 3, "visit_day": 3, "favourite": 0},
        {"session_day": 3, "visit_day": 3, "favourite": 1},
    ]
    market = Market(filters, consumers=4, declare=lambda store, i: consumers[i])
    events = market.run(SEND)[0].events
    assert events["consumer"][events["kind"] == "message_sent"].tolist() == [0, 3]


def test_msg_9_what_is_filtered_uses_no_cap() -> None:
    """Filtered on the 24th; on the 25th the store may send, for nothing was delivered."""
    rules = {"algorithm_filter": {"until": "2023-09-25"}, "caps": {}}
    market = Market(rules, declare=lambda store, consumer: {"session_day": NEVER})
    assert market.outcomes(SEND, "a 09-25 10:00", "a 09-26 10:00") == ["algorithm_filter", "sent", "store_window"]


@entry
def points(part: int, whole: int) -> int:
    return points_of(part, whole)


@settings(deadline=None)
@given(st.integers(0, 2**40), st.integers(1, 2**40))
def test_msg_9_points_are_the_quotient_rounded_down(part: int, whole: int) -> None:
    assert points(part, whole) == 100 * part // whole


@settings(deadline=None)
@given(st.integers(1, 2**25), st.integers(0, 2**13))
def test_msg_9_points_next_to_a_whole_number_are_the_quotient_too(whole: int, times: int) -> None:
    for part in (whole * times // 100, max(whole * times // 100 - 1, 0), whole * times // 100 + 1):
        assert points(part, whole) == 100 * part // whole
