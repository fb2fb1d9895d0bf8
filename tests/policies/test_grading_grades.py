"""From counts to indicators, from indicators to a result, and how far the next grade is."""

from __future__ import annotations

import datetime as dt

import pytest
from graded_store import at
from pydantic import ValidationError

from sim.policies.grading.calendar import Calendar, months_after
from sim.policies.grading.grade import grade_of
from sim.policies.grading.indicators import Indicators, measured
from sim.policies.grading.levers import distance
from sim.policies.grading.names import PRIVILEGES, Grade
from sim.policies.grading.rules import Grading

RULES = Grading()
LINES = RULES.lines_of("")
LATER = at("2022-01-01")


def result(days: int, scale: bool, share: bool, ratio: bool, penetration: bool, time: dt.datetime = LATER) -> Grade:
    lines = LINES.quality
    below = {name: line / 2 for name, line in lines.items()}
    values = {
        name: lines[name] if reached else below[name]
        for name, reached in zip(lines, (scale, share, ratio, penetration), strict=True)
    }
    return grade_of(Indicators(days, **values), LINES, time, RULES)  # type: ignore[arg-type]


# ---- GRD-1, GRD-2


def test_grd_1_grades_from_the_best() -> None:
    assert list(Grade) == ["quality", "potential", "improving", "noncompliant"]


@pytest.mark.parametrize(
    ("refresh", "begin", "days"),
    [
        ("2022-01-16", "2022-01-01", 15),
        ("2022-02-01", "2022-01-16", 16),
        ("2022-03-01", "2022-02-16", 13),
        ("2024-03-01", "2024-02-16", 14),  # a leap year
        ("2100-03-01", "2100-02-16", 13),  # none
        ("2022-01-01", "2021-12-16", 16),
        ("2022-05-01", "2022-04-16", 15),
    ],
)
def test_grd_2_the_half_month_just_ended(refresh: str, begin: str, days: int) -> None:
    calendar = RULES.calendar
    assert calendar.is_refresh(at(refresh))
    assert calendar.period(at(refresh)) == (at(begin), at(refresh))
    assert (at(refresh) - at(begin)).days == days
    assert calendar.next_after(at(begin)) == at(refresh)


def test_grd_2_at_midnight_of_the_first_and_the_sixteenth() -> None:
    year = list(RULES.calendar.refreshes(at("2024-01-01"), at("2025-01-01")))
    assert len(year) == 24
    assert {time.day for time in year} == {1, 16}
    assert {(time.hour, time.minute, time.second) for time in year} == {(0, 0, 0)}
    assert not RULES.calendar.is_refresh(at("2024-01-16T00:00:01"))
    assert list(RULES.calendar.refreshes(at("2024-01-16"), at("2024-02-01"))) == [at("2024-01-16")]


@pytest.mark.parametrize(
    ("days", "begin", "expected"),
    [
        ((1,), "2024-01-01", ["2024-01-01", "2024-02-01", "2024-03-01"]),
        ((31,), "2024-01-01", ["2024-01-31", "2024-02-29", "2024-03-31"]),
        ((30, 31), "2023-02-01", ["2023-02-28", "2023-03-30", "2023-03-31"]),
        ((1, 11, 21), "2023-02-01", ["2023-02-01", "2023-02-11", "2023-02-21"]),
    ],
)
def test_grd_2_any_days_of_the_month(days: tuple[int, ...], begin: str, expected: list[str]) -> None:
    refreshes = Calendar(days=days).refreshes(at(begin), at("2030-01-01"))
    assert [next(refreshes) for _ in expected] == [at(day) for day in expected]


# ---- GRD-3


COUNTS: dict[str, int] = {
    "online_days": 7,
    "quality_members": 30,
    "potential_members": 70,
    "member_gmv": 1_000,
    "store_gmv": 4_000,
    "users": 2,
    "buyers": 8,
}


def test_grd_3_indicators_from_counts() -> None:
    assert measured(**COUNTS) == Indicators(7, 100, 0.25, 0.3, 0.25)


def test_grd_3_nothing_over_nothing_reaches_no_line() -> None:
    found = measured(**dict.fromkeys(COUNTS, 0))
    assert found == Indicators(0, 0, None, None, None)
    every_line_zero = {"scale": 0, "gmv_share": 0, "quality_ratio": 0, "penetration": 0}
    rules = Grading(lines={"default": {"quality": every_line_zero}})
    assert grade_of(found._replace(online_days=6), rules.lines_of(""), LATER, rules) == "improving"
    zeros = Indicators(6, 0, 0.0, 0.0, 0.0)
    assert grade_of(zeros, rules.lines_of(""), LATER, rules) == "quality"


# ---- GRD-4


@pytest.mark.parametrize(
    ("days", "scale", "ratios", "expected"),
    [
        (5, True, (True, True, True), "improving"),
        (6, True, (False, False, False), "improving"),
        (6, False, (False, False, False), "improving"),
        (6, False, (True, False, False), "potential"),
        (6, True, (False, True, False), "potential"),
        (6, True, (False, False, True), "potential"),
        (6, True, (True, True, False), "potential"),
        (6, False, (True, True, True), "potential"),
        (6, True, (True, True, True), "quality"),
        (0, True, (True, True, True), "improving"),
        (16, True, (True, True, True), "quality"),
    ],
)
def test_grd_4_grid(days: int, scale: bool, ratios: tuple[bool, bool, bool], expected: str) -> None:
    assert result(days, scale, *ratios) == expected


@pytest.mark.parametrize("name", ["scale", "gmv_share", "quality_ratio", "penetration"])
def test_grd_4_a_line_is_reached_at_its_value(name: str) -> None:
    lines = LINES.quality
    on_the_line = Indicators(6, **lines)  # type: ignore[arg-type]
    assert grade_of(on_the_line, LINES, LATER, RULES) == "quality"
    assert grade_of(on_the_line._replace(**{name: lines[name] * (1 - 1e-12)}), LINES, LATER, RULES) == "potential"


def test_grd_4_lines_by_industry_standard_and_indicator() -> None:
    rules = Grading(
        lines={
            "default": {"quality": {"scale": 500}, "potential": {"penetration": 0.1}},
            "beauty": {"quality": {"gmv_share": 0.4, "penetration": 0.05}, "potential": {"gmv_share": 0.3}},
        }
    )
    default, beauty = rules.lines_of("unheard of"), rules.lines_of("beauty")
    assert default.quality == {"scale": 500, "gmv_share": 0.2, "quality_ratio": 0.2, "penetration": 0.2}
    assert default.potential == {"gmv_share": 0.2, "quality_ratio": 0.2, "penetration": 0.1}
    assert beauty.quality == {"scale": 500, "gmv_share": 0.4, "quality_ratio": 0.2, "penetration": 0.05}
    assert beauty.potential == {"gmv_share": 0.3, "quality_ratio": 0.2, "penetration": 0.05}
    found = Indicators(6, 500, 0.3, 0.1, 0.04)
    assert [grade_of(found, lines, LATER, rules) for lines in (default, beauty)] == ["potential", "potential"]
    assert grade_of(found._replace(gmv_share=0.25), beauty, LATER, rules) == "improving"


def test_grd_4_potential_lines_are_at_most_quality_lines() -> None:
    assert {name: RULES.lines_of("").quality[name] for name in LINES.potential} == LINES.potential, "equal by default"
    with pytest.raises(ValidationError, match=r"at most the quality line, 0\.2; given 0\.3"):
        Grading(lines={"default": {"potential": {"gmv_share": 0.3}}})


def test_grd_4_how_many_ratios_make_potential() -> None:
    two = Grading(potential_min=2)
    one_reached = Indicators(6, 0, 1.0, 0.0, 0.0)
    assert grade_of(one_reached, LINES, LATER, two) == "improving"
    assert grade_of(one_reached._replace(penetration=1.0), LINES, LATER, two) == "potential"


# ---- GRD-5, GRD-8, GRD-9: what depends on grade and date alone

IMPROVING = {"benefit_tools", "outreach"}
POTENTIAL = IMPROVING | {"member_tab", "live_members", "group_members", "recruiting"}
OCTOBER = POTENTIAL | {"register_join", "member_open", "member_link", "my_members", "traffic_package"}


def test_grd_5_privileges_are_cumulative_upward() -> None:
    of = {grade: RULES.privileges_of(grade, LATER) for grade in Grade}
    assert of == {
        "quality": OCTOBER | {"search_display"},
        "potential": POTENTIAL,
        "improving": IMPROVING,
        "noncompliant": set(),
    }
    assert set(of[Grade.QUALITY]) == set(PRIVILEGES)


def test_grd_5_privileges_unbundled() -> None:
    rules = Grading(privileges={"cumulative": False, "potential": ["recruiting"]})
    assert rules.privileges_of(Grade.POTENTIAL, LATER) == {"recruiting"}
    assert "recruiting" not in rules.privileges_of(Grade.QUALITY, LATER)


def test_grd_9_quality_has_more_from_december() -> None:
    assert RULES.privileges_of(Grade.QUALITY, at("2021-11-30T23:59:59")) == OCTOBER
    assert RULES.privileges_of(Grade.QUALITY, at("2021-12-01")) == OCTOBER | {"search_display"}


def test_grd_8_silent_members_are_protected_from_december() -> None:
    assert RULES.reaches_silent_members(at("2021-11-30T23:59:59"))
    assert not RULES.reaches_silent_members(at("2021-12-01"))
    always = Grading(phases={"silent_protection_from": None})
    assert not always.reaches_silent_members(at("2021-01-01"))


def test_grd_9_three_more_indicators_for_potential_from_mid_november() -> None:
    none_of_three = (6, True, False, False, False)
    assert result(*none_of_three, time=at("2021-11-01")) == "potential"
    assert result(*none_of_three, time=at("2021-11-16")) == "improving"
    assert result(5, True, True, True, True, time=at("2021-11-01")) == "improving"


# ---- GRD-6: how long half a year is


@pytest.mark.parametrize(
    ("since", "until"),
    [
        ("2023-12-01T10:00:00", "2024-06-01T10:00:00"),
        ("2023-08-31", "2024-02-29"),
        ("2022-08-31", "2023-02-28"),
        ("2023-08-29", "2024-02-29"),
        ("2023-07-15", "2024-01-15"),
    ],
)
def test_grd_6_six_months_by_the_calendar(since: str, until: str) -> None:
    assert months_after(at(since), 6) == at(until)


# ---- GRD-12


def test_grd_12_quality_needs_every_gap_closed() -> None:
    far = distance(Indicators(6, 900, 0.5, 0.1, 0.05), LINES, LATER, RULES)
    assert far is not None
    assert far.grade == "quality"
    assert far.gaps == pytest.approx({"scale": 100, "quality_ratio": 0.1, "penetration": 0.15})
    assert far.cheapest == "scale", "the smallest in proportion: a tenth of its line"
    assert far.cost is None


def test_grd_12_the_cheapest_lever_by_unit_costs() -> None:
    rules = Grading(costs={"scale": 10, "quality_ratio": 50, "penetration": 5})
    far = distance(Indicators(6, 900, 0.5, 0.1, 0.05), LINES, LATER, rules)
    assert far is not None
    assert list(far.gaps) == ["penetration", "quality_ratio", "scale"]
    assert far.cost == pytest.approx(15 * 5 + 10 * 50 + 100 * 10)


def test_grd_12_what_costs_nobody_knows_comes_last() -> None:
    far = distance(Indicators(6, 900, 0.5, 0.1, 0.05), LINES, LATER, Grading(costs={"penetration": 1_000}))
    assert far is not None
    assert list(far.gaps) == ["penetration", "scale", "quality_ratio"]
    assert far.cost is None


def test_grd_12_potential_needs_days_and_the_cheapest_ratio_it_lacks() -> None:
    costs = {"online_days": 3, "gmv_share": 9, "quality_ratio": 2, "penetration": 4}
    rules = Grading(costs=costs)
    far = distance(Indicators(4, 0, 0.0, 0.0, 0.0), LINES, LATER, rules)
    assert far is not None
    assert (far.grade, far.gaps) == ("potential", {"online_days": 2, "quality_ratio": 0.2})
    assert far.cost == pytest.approx(2 * 3 + 20 * 2)
    only_days = distance(Indicators(5, 0, 0.0, 0.0, 0.2), LINES, LATER, rules)
    assert only_days is not None
    assert only_days.gaps == {"online_days": 1}


def test_grd_12_nothing_is_above_quality() -> None:
    assert distance(Indicators(6, 1_000, 0.2, 0.2, 0.2), LINES, LATER, RULES) is None


def test_every_parameter_says_what_it_is_and_the_rule_it_is_from() -> None:
    def fields(model: Any) -> Any:
        for name, field in type(model).model_fields.items():
            below = getattr(model, name)
            yield name, field.description
            yield from fields(below) if hasattr(type(below), "model_fields") else ()

    for name, description in [*fields(RULES), *fields(RULES.lines["default"])]:
        is_ratio_line = name in LINES.potential and "fraction" in description
        assert "[GRD-" in description or is_ratio_line, name
