"""A store on its way through the state machine of grading, told as stories."""

from __future__ import annotations

import pytest
from graded_store import Store, at

from sim.policies.grading.machine import Wait, step
from sim.policies.grading.standing import Standing


def in_buffer(**rules: object) -> Store:
    """Quality on 12-16 with 0-yuan joins, potential at 1-1."""
    store = Store(**rules).refresh("2021-12-16", "Q").sets("2021-12-16", "zero")
    return store.refresh("2022-01-01", "P")


def locked(**rules: object) -> Store:
    return in_buffer(**rules).refresh("2022-01-16", "P").wait("2022-01-17").is_("potential", "locked", "closed")


# ---- GRD-2, GRD-5


def test_grd_2_up_and_down_take_effect_at_once_but_for_register_join() -> None:
    store = Store().refresh("2021-12-16", "P").is_("potential", "none")
    store.refresh("2022-01-01", "Q").is_("quality", "held")
    assert {"register_join", "member_open", "search_display", "recruiting"} <= store.switches
    store.sets("2022-01-01", "zero").refresh("2022-01-16", "P").is_("potential", "buffer", "zero")
    assert store.switches == {
        "benefit_tools", "outreach", "member_tab", "live_members", "group_members", "recruiting", "register_join",
    }  # fmt: skip
    store.refresh("2022-02-01", "I")
    assert store.switches == {"benefit_tools", "outreach", "register_join"}, "in grace, with 0-yuan joins open"
    store.wait("2022-02-02")
    assert store.switches == {"benefit_tools", "outreach"}


def test_grd_5_effects_are_rows_of_the_event_log() -> None:
    store = Store()
    assert store.switches == {"benefit_tools", "outreach", "recruiting"}  # no grade yet
    store.refresh("2021-12-16", "I")
    assert [effect[1:4] for effect in store.effects] == [
        ("grade", "", "improving"),
        ("privilege", "recruiting", "withdrawn"),
    ]
    store.effects.clear()
    store.refresh("2022-01-01", "I").is_("noncompliant", "none", "closed")
    assert [effect[1:4] for effect in store.effects] == [
        ("grade", "", "noncompliant"),
        ("privilege", "benefit_tools", "withdrawn"),
        ("privilege", "outreach", "withdrawn"),
    ]
    assert store.switches == set()


def test_grd_5_what_a_timer_does_bears_the_timers_own_time() -> None:
    store = in_buffer().refresh("2022-01-16", "P")
    store.effects.clear()
    store.wait("2022-01-25")
    assert [effect[:4] for effect in store.effects] == [
        (at("2022-01-17"), "privilege", "recruiting", "withdrawn"),
        (at("2022-01-17"), "privilege", "register_join", "withdrawn"),
    ]


def test_grd_5_improving_recruits_where_its_privileges_say_so() -> None:
    store = Store(privileges={"improving": ["recruiting"]}).refresh("2021-12-16", "I")
    assert store.is_("improving", "none", "purchased").refuses() is None


# ---- GRD-4: non-compliance


@pytest.mark.parametrize(
    ("results", "grades"),
    [
        ("II", "improving noncompliant"),
        ("IPI", "improving potential improving"),
        ("III", "improving noncompliant noncompliant"),
        ("IQI", "improving quality improving"),
        ("IIPI", "improving noncompliant potential improving"),
        ("IIQ", "improving noncompliant quality"),
        ("PII", "potential improving noncompliant"),
    ],
)
def test_grd_4_two_improving_results_in_a_row(results: str, grades: str) -> None:
    store = Store()
    seen = []
    for time, result in zip(("2021-12-16", "2022-01-01", "2022-01-16", "2022-02-01"), results):
        seen.append(store.refresh(time, result).standing.grade)
    assert seen == grades.split()


def test_grd_4_the_number_of_results_is_a_parameter() -> None:
    store = Store(noncompliant_after=3).refresh("2021-12-16", "I").refresh("2022-01-01", "I").is_("improving", "none")
    store.refresh("2022-01-16", "I").is_("noncompliant", "none")


# ---- GRD-6: other rights


def test_grd_6_custom_version_until_it_expires() -> None:
    store = Store().told("2021-12-15", custom_until="2022-01-20T12:00:00")
    store.sets("2021-12-15", "zero").refresh("2021-12-16", "P").is_("potential", "none", "zero")
    store.wait("2022-01-20T11:59:59").is_("potential", "none", "zero")
    store.wait("2022-01-20T12:00:00").is_("potential", "grace", "zero")
    store.wait("2022-01-21T11:59:59").is_("potential", "grace")
    store.wait("2022-01-21T12:00:00").is_("potential", "locked", "closed")


def test_grd_6_a_custom_version_must_have_been_ordered_in_time() -> None:
    until = {"custom_until": "2022-06-01"}
    Store().told("2021-12-15", custom_ordered="2021-09-09T23:59:59", **until).sets("2021-12-15", "zero")
    late = Store().told("2021-12-15", custom_ordered="2021-09-10", **until)
    late.cannot_set("2021-12-15", "zero", "no_right")


def test_grd_6_a_renewal_extends_nothing() -> None:
    store = Store().told("2021-12-15", custom_until="2022-01-20").sets("2021-12-15", "zero")
    store.told("2022-01-10", custom_until="2023-01-20").wait("2022-01-20").is_(None, "grace")
    store.told("2022-01-20", custom_until="2023-01-20").wait("2022-01-21").is_(None, "locked", "closed")


def test_grd_6_a_right_that_is_over_when_it_becomes_known_is_none() -> None:
    store = Store().told("2021-12-15", custom_until="2021-12-15", newcomer_since="2021-06-15")
    store.cannot_set("2021-12-15", "zero", "no_right")


def test_grd_6_an_expiry_with_a_right_left_or_a_threshold_is_no_duty() -> None:
    both = {"custom_until": "2022-01-10", "member_link": True}
    Store().told("2021-12-15", **both).sets("2021-12-15", "zero").wait("2022-02-01").is_(None, "none", "zero")
    Store().told("2021-12-15", custom_until="2022-01-10").wait("2022-02-01").is_(None, "none", "purchased")


def test_grd_6_expiry_inside_held_and_buffer_changes_nothing_until_the_buffer_ends() -> None:
    store = Store().told("2021-12-15", custom_until="2022-01-10").refresh("2021-12-16", "Q").sets("2021-12-16", "zero")
    store.refresh("2022-01-01", "P").is_("potential", "buffer", "zero")
    store.wait("2022-01-10").is_("potential", "buffer", "zero")
    store.refresh("2022-01-16", "P").is_("potential", "grace", "zero")


def test_grd_6_another_right_outlasts_the_buffer() -> None:
    store = Store().told("2021-12-15", custom_until="2022-01-20").refresh("2021-12-16", "Q").sets("2021-12-16", "zero")
    store.refresh("2022-01-01", "P").refresh("2022-01-16", "P").is_("potential", "none", "zero")
    store.wait("2022-01-20").is_("potential", "grace").sets("2022-01-20T23:59:59", "purchased")
    store.is_("potential", "none", "purchased")


def test_grd_6_expiry_at_the_end_of_the_buffer() -> None:
    store = Store().told("2021-12-15", custom_until="2022-01-16").refresh("2021-12-16", "Q").sets("2021-12-16", "zero")
    store.refresh("2022-01-01", "P").refresh("2022-01-16", "P").is_("potential", "grace", "zero")
    assert store.standing.deadline == at("2022-01-17")


def test_grd_6_a_right_gained_and_lost_inside_the_lock_opens_nothing() -> None:
    store = locked().told("2022-01-18", newcomer_since="2021-07-20")
    store.wait("2022-01-19").is_("potential", "locked", "closed")
    store.wait("2022-01-20").is_("potential", "locked", "closed")
    store.refresh("2022-02-01", "P").is_("potential", "locked", "closed")


def test_grd_6_a_right_lost_inside_the_grace_moves_no_deadline() -> None:
    store = in_buffer().refresh("2022-01-16", "P").told("2022-01-16T01:00:00", custom_until="2022-01-16T12:00:00")
    store.wait("2022-01-16T12:00:00").is_("potential", "grace", "zero")
    store.wait("2022-01-17").is_("potential", "locked")


def test_grd_6_incumbents_of_member_link_lose_it_after_misses_in_a_row() -> None:
    store = Store(link_withdraw_after_cycles=2).told("2021-12-15", member_link=True).sets("2021-12-15", "zero")
    store.refresh("2021-12-16", "P").refresh("2022-01-01", "Q").refresh("2022-01-16", "P").is_("potential", "buffer")
    assert "member_link" in store.switches
    store.refresh("2022-02-01", "P").is_("potential", "grace", "zero")
    assert "member_link" not in store.switches
    store.sets("2022-02-01", "purchased").told("2022-02-02", member_link=True)
    store.cannot_set("2022-02-02", "zero", "no_right")


def test_grd_6_member_link_withdrawn_without_a_buffer_begins_a_grace() -> None:
    store = Store(link_withdraw_after_cycles=1).told("2021-12-15", member_link=True).sets("2021-12-15", "zero")
    store.refresh("2021-12-16", "P").is_("potential", "grace", "zero")
    never = Store(link_withdraw_after_cycles=None).told("2021-12-15", member_link=True).sets("2021-12-15", "zero")
    for month in range(1, 13):
        never.refresh(f"2022-{month:02d}-01", "P").is_("potential", "none", "zero")


def test_grd_6_member_link_taken_away_begins_a_grace() -> None:
    store = Store().told("2021-12-15", member_link=True).sets("2021-12-15", "zero")
    store.told("2021-12-20T10:00:00", member_link=False).is_(None, "grace", "zero")
    assert store.standing.deadline == at("2021-12-21T10:00:00")


def test_int_6_a_newcomer_has_the_right_for_six_months_and_still_has_to_set_it() -> None:
    store = Store("2023-12-05").told("2023-12-05", newcomer_since="2023-12-05").is_(None, "none", "purchased")
    store.sets("2023-12-05", "zero").refresh("2023-12-16", "P").is_("potential", "none", "zero")
    store.wait("2024-06-04T23:59:59").is_("potential", "none", "zero")
    store.wait("2024-06-05").is_("potential", "grace", "zero")
    store.wait("2024-06-06").is_("potential", "locked", "closed")


def test_grd_6_a_newcomer_is_exempt_from_closure_and_non_compliance() -> None:
    store = Store("2023-12-05").told("2023-12-05", newcomer_since="2023-12-05").sets("2023-12-05", "zero")
    store.refresh("2023-12-16", "I").refresh("2024-01-01", "I").is_("improving", "none", "zero")
    assert store.refuses() is None
    store.wait("2024-06-05").is_("improving", "grace", "closed")
    store.refresh("2024-06-16", "I").is_("noncompliant", "locked", "closed")
    strict = Store("2023-12-05", newcomer_exempt=False).told("2023-12-05", newcomer_since="2023-12-05")
    strict.refresh("2023-12-16", "I").is_("improving", "none", "closed")
    strict.refresh("2024-01-01", "I").is_("noncompliant", "none", "closed")


def test_grd_6_a_refresh_at_the_instant_at_which_the_newcomer_time_ends_comes_before_that() -> None:
    store = Store("2023-12-16").told("2023-12-16", newcomer_since="2023-12-16").sets("2023-12-16", "zero")
    store.refresh("2024-06-01", "I").refresh("2024-06-16", "I").is_("improving", "grace", "closed")
    assert store.standing.deadline == at("2024-06-17")


# ---- GRD-7


def test_grd_7_case_a_nothing_is_changed_in_time() -> None:
    store = in_buffer().is_("potential", "buffer", "zero")
    store.wait("2022-01-15T23:59:59").is_("potential", "buffer", "zero")
    store.refresh("2022-01-16", "P").is_("potential", "grace", "zero")
    store.wait("2022-01-16T23:59:59").is_("potential", "grace", "zero")
    store.wait("2022-01-17T00:00:00").is_("potential", "locked", "closed")
    store.sets("2022-01-20", "purchased").is_("potential", "locked", "closed")
    assert store.refuses() == "locked"
    store.wait("2022-01-31T23:59:59").is_("potential", "locked", "closed")
    store.refresh("2022-02-01", "P").is_("potential", "none", "purchased")
    store.cannot_set("2022-02-01", "zero", "no_right")


def test_grd_7_case_a_never_mended() -> None:
    store = locked().refresh("2022-02-01", "P").is_("potential", "locked", "closed")
    store.refresh("2022-02-16", "Q").is_("quality", "held", "zero")


def test_grd_7_case_b_quality_again_is_never_interrupted() -> None:
    in_buffer().refresh("2022-01-16", "Q").is_("quality", "held", "zero").wait("2022-01-31").is_("quality", "held", "zero")


def test_grd_7_changed_in_grace() -> None:
    store = in_buffer().refresh("2022-01-16", "P").sets("2022-01-16T23:59:59", "purchased")
    store.is_("potential", "none", "purchased").wait("2022-01-17").is_("potential", "none", "purchased")


def test_grd_7_at_the_deadline_it_is_too_late() -> None:
    store = in_buffer().refresh("2022-01-16", "P").sets("2022-01-17", "purchased")
    store.is_("potential", "locked", "closed").refresh("2022-02-01", "I").is_("improving", "none", "closed")


def test_grd_7_changed_in_the_buffer() -> None:
    store = in_buffer().sets("2022-01-05", "purchased").is_("potential", "buffer", "purchased")
    store.sets("2022-01-06", "zero").sets("2022-01-07", "purchased")
    store.refresh("2022-01-16", "P").is_("potential", "none", "purchased")


def test_grd_7_zero_cannot_be_set_in_grace() -> None:
    in_buffer().refresh("2022-01-16", "P").cannot_set("2022-01-16T12:00:00", "zero", "no_right").is_(
        "potential", "grace", "zero"
    )


def test_grd_7_zero_cannot_be_set_in_the_lock() -> None:
    locked().sets("2022-01-20", "purchased").cannot_set("2022-01-21", "zero", "no_right").refresh("2022-02-01", "P").is_(
        "potential", "none", "purchased"
    )


def test_grd_7_zero_yuan_joins_closed_in_grace() -> None:
    store = in_buffer(grace_zero_yuan="closed").refresh("2022-01-16", "P").is_("potential", "grace", "closed")
    assert store.refuses() == "no_right"


def test_grd_7_a_lock_that_opens_when_it_is_mended() -> None:
    locked(reopen="setting").sets("2022-01-20T08:00:00", "purchased").is_("potential", "none", "purchased")


def test_grd_7_lengths_of_buffer_and_grace() -> None:
    in_buffer(buffer_cycles=0).is_("potential", "grace", "zero")
    store = in_buffer(buffer_cycles=2, grace_hours=48).refresh("2022-01-16", "P").is_("potential", "buffer", "zero")
    store.refresh("2022-02-01", "P").wait("2022-02-02T23:59:59").is_("potential", "grace")
    store.wait("2022-02-03").is_("potential", "locked")
    in_buffer(grace_hours=0).refresh("2022-01-16", "P").is_("potential", "locked", "closed")


def test_grd_7_improving_during_the_buffer() -> None:
    store = Store().refresh("2021-12-16", "Q").sets("2021-12-16", "zero").refresh("2022-01-01", "I")
    store.is_("improving", "buffer", "closed")
    assert store.refuses() == "improving"
    store.sets("2022-01-02", "purchased").sets("2022-01-03", "zero")
    store.refresh("2022-01-16", "P").is_("potential", "grace", "zero")


def test_grd_7_the_duty_waits_until_non_compliance_lifts() -> None:
    store = Store().refresh("2021-12-16", "Q").sets("2021-12-16", "zero").refresh("2022-01-01", "I")
    store.refresh("2022-01-16", "I").is_("noncompliant", "none", "closed")
    store.cannot_set("2022-01-20", "purchased", "noncompliant").cannot_set("2022-01-20", "zero", "noncompliant")
    store.refresh("2022-02-01", "I").is_("noncompliant", "none", "closed")
    store.refresh("2022-02-16", "P").is_("potential", "grace", "zero")
    store.wait("2022-02-16T23:59:59").is_("potential", "grace").wait("2022-02-17").is_("potential", "locked", "closed")


def test_grd_7_quality_lifts_non_compliance_and_its_duty() -> None:
    store = Store().refresh("2021-12-16", "Q").sets("2021-12-16", "zero").refresh("2022-01-01", "I")
    store.refresh("2022-01-16", "I").refresh("2022-02-01", "Q").is_("quality", "held", "zero")


def test_grd_7_no_duty_is_pending_where_there_is_a_threshold_or_a_right() -> None:
    store = Store().refresh("2021-12-16", "I").refresh("2022-01-01", "I").refresh("2022-01-16", "P")
    store.is_("potential", "none", "purchased")
    store = Store().told("2021-12-15", custom_until="2022-06-01").sets("2021-12-15", "zero")
    store.refresh("2021-12-16", "I").refresh("2022-01-01", "I").is_("noncompliant", "none", "closed")
    store.refresh("2022-01-16", "P").is_("potential", "none", "zero")


@pytest.mark.parametrize(("result", "state"), [("Q", "held"), ("P", "locked"), ("I", "locked")])
def test_grd_7_a_refresh_at_the_very_deadline_comes_before_it(result: str, state: str) -> None:
    store = Store().told("2021-12-16", custom_until="2021-12-31").sets("2021-12-16", "zero")
    store.wait("2021-12-31").is_(None, "grace", "zero")
    assert store.standing.deadline == at("2022-01-01")
    store.refresh("2022-01-01", result)
    assert store.standing.register_join == state


@pytest.mark.parametrize(("result", "state"), [("Q", "held"), ("P", "grace")])
def test_grd_7_a_refresh_inside_the_grace(result: str, state: str) -> None:
    store = Store().told("2021-12-16", custom_until="2021-12-31T12:00:00").sets("2021-12-16", "zero")
    store.refresh("2022-01-01", result)
    assert store.standing.register_join == state
    store.wait("2022-01-01T12:00:00")
    assert store.standing.register_join == {"held": "held", "grace": "locked"}[state]


def test_grd_7_reasons_of_refusal_in_their_order() -> None:
    store = Store().told("2021-12-15", custom_until="2022-01-14").sets("2021-12-15", "zero")
    store.refresh("2021-12-16", "I").refresh("2022-01-01", "P").wait("2022-01-15").is_("potential", "locked")
    refuse = {"receipt_confirmed": False, "threshold_met": False}
    assert store.refuses(**refuse) == "locked"
    assert store.refresh("2022-01-16", "I").is_("improving", "locked").refuses(**refuse) == "improving"
    assert store.refresh("2022-02-01", "I").is_("noncompliant", "locked").refuses(**refuse) == "noncompliant"
    store.refresh("2022-02-16", "Q").is_("quality", "held", "zero")
    assert store.refuses(**refuse) is None, "0-yuan joins ask for nothing"
    store.sets("2022-02-16", "purchased")
    assert store.refuses(**refuse) == "no_receipt"
    assert store.refuses(threshold_met=False) == "threshold"
    assert store.refuses() is None


def test_grd_7_time_does_not_go_back() -> None:
    store = Store().wait("2022-01-01")
    with pytest.raises(ValueError, match="2021-12-31 23:59:59 is before 2022-01-01"):
        step(store.standing, Wait(), at("2021-12-31T23:59:59"), store.rules)


# ---- GRD-9


def test_grd_9_before_mid_september_zero_yuan_joins_are_everybodys() -> None:
    store = Store("2021-09-01").sets("2021-09-01", "zero").is_(None, "none", "zero")
    store.wait("2021-09-14T23:59:59").is_(None, "none", "zero")
    store.wait("2021-09-15").is_(None, "grace", "zero")
    store.wait("2021-09-16").is_(None, "locked", "closed")


def test_grd_9_quality_keeps_them_and_so_does_another_right() -> None:
    kept = Store("2021-08-20").sets("2021-08-20", "zero").refresh("2021-09-01", "Q").wait("2021-09-16")
    kept.is_("quality", "held", "zero")
    custom = Store("2021-08-20").told("2021-08-20", custom_until="2022-01-01").sets("2021-08-20", "zero")
    custom.wait("2021-09-20").is_(None, "none", "zero")
    threshold = Store("2021-08-20").wait("2021-09-20").is_(None, "none", "purchased")
    threshold.cannot_set("2021-09-20", "zero", "no_right")


def test_grd_9_a_store_that_the_rules_find_later_has_no_such_term() -> None:
    assert Standing.begin(at("2021-09-15"), Store().rules).rights == frozenset()
    Store("2020-01-01", phases={"register_join_from": None}).cannot_set("2020-01-01", "zero", "no_right")


@pytest.mark.parametrize(
    ("times", "grades"),
    [
        # counted from the refresh of 11-16, awarded from that of 12-16
        (("2021-11-01", "2021-11-16", "2021-12-01", "2021-12-16"), "improving improving improving noncompliant"),
        (("2021-11-16", "2021-12-01"), "improving improving"),
        (("2021-12-01", "2021-12-16"), "improving noncompliant"),
        (("2021-12-16", "2022-01-01"), "improving noncompliant"),
        (("2021-10-16", "2021-11-01"), "improving improving"),
    ],
)
def test_grd_9_non_compliance_is_counted_and_awarded_from_its_dates(times: tuple[str, ...], grades: str) -> None:
    store = Store("2021-10-01")
    assert [store.refresh(time, "I").standing.grade for time in times] == grades.split()


def test_grd_9_results_before_the_count_begins_do_not_count() -> None:
    dates = {"improving_counted_from": "2022-01-01", "noncompliant_from": "2021-12-16"}
    store = Store(phases=dates).refresh("2021-12-16", "I").refresh("2022-01-01", "I").is_("improving", "none")
    store.refresh("2022-01-16", "I").is_("noncompliant", "none")


def test_grd_9_further_privileges_are_granted_when_their_date_comes() -> None:
    store = Store("2021-10-20", phases={"quality_extras_from": "2021-11-20"}).refresh("2021-11-16", "Q")
    assert "search_display" not in store.switches
    store.effects.clear()
    store.wait("2021-11-20")
    assert [effect[1:4] for effect in store.effects] == [("privilege", "search_display", "granted")]


# ---- GRD-11


def test_grd_11_improving_keeps_benefits_and_outreach_and_recovers_at_the_next_refresh() -> None:
    store = Store().refresh("2021-12-16", "I").is_("improving", "none", "closed")
    assert store.switches == {"benefit_tools", "outreach"}
    store.wait("2021-12-31T23:59:59").is_("improving", "none", "closed")
    store.refresh("2022-01-01", "P").is_("potential", "none", "purchased")
    Store().refresh("2021-12-16", "I").refresh("2022-01-01", "Q").is_("quality", "held", "purchased")
