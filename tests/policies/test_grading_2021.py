"""`scenarios/grading_2021.yaml`: from November 2021 to February 2022 through all phases, grade by grade.

Its stores reach every line but that of penetration, which follows from the days on which members pay less: on all days of a
period whoever buys has a benefit, on six or seven of them too few have one. So grades follow from days alone.
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
import yaml
from graded_market import GradedRun

FILE = Path(__file__).parents[2] / "scenarios" / "grading_2021.yaml"
REFRESHES = [
    dt.date.fromisoformat(day)
    for day in ("2021-11-16", "2021-12-01", "2021-12-16", "2022-01-01", "2022-01-16", "2022-02-01", "2022-02-16")
]
BEGIN = dt.date(2021, 11, 1)
AWARDED_FROM = dt.date(2021, 12, 16)  # non-compliance [GRD-9]


@pytest.fixture(scope="module", params=[1, 2, 3])
def run(request: pytest.FixtureRequest) -> GradedRun:
    return GradedRun({"extends": str(FILE)}, seed=request.param)


def benefit_days(store: str) -> list[list[bool]]:
    """Whether the store's members pay less, by period and day, from the dates in the file."""
    data = yaml.safe_load(FILE.read_text(encoding="utf-8"))["policies"]
    spans = [
        (of.get("from", BEGIN), of.get("until", dt.date.max))
        for of in data.values()
        if of.get("use") == "relation_prices" and store in of["merchants"]
    ]
    periods = zip([BEGIN, *REFRESHES], REFRESHES)
    days = [[begin + dt.timedelta(days=k) for k in range((end - begin).days)] for begin, end in periods]
    return [[any(first <= day < end for first, end in spans) for day in period] for period in days]


def expected(store: str) -> list[str]:
    """GRD-4: more than 5 days online, and all lines: quality; some: potential; improving, and the second time non-compliant."""
    found: list[str] = []
    misses = 0
    for refresh, online in zip(REFRESHES, benefit_days(store)):
        misses = misses + 1 if sum(online) <= 5 else 0
        if misses:
            found.append("noncompliant" if misses >= 2 and refresh >= AWARDED_FROM else "improving")
        else:
            found.append("quality" if all(online) else "potential")
    return found


STORES = ("evergreen", "slipping", "climbing", "idle", "custom", "newcomer", "linked")


@pytest.mark.parametrize("store", STORES)
def test_grd_4_grades_by_date_follow_from_the_days_with_a_benefit(run: GradedRun, store: str) -> None:
    assert [grade for grade, _ in run.grades(store).values()] == expected(store)
    assert list(run.grades(store)) == [str(day) for day in REFRESHES]
    of = run.run.grades[run.run.grades["merchant"] == store]
    assert of["online_days"].tolist() == [sum(online) for online in benefit_days(store)]


def test_the_stores_go_through_every_grade() -> None:
    """What the file is for: told once by hand, from what its comments say of them."""
    assert set(expected("evergreen")) == {"quality"}
    assert expected("slipping") == ["quality", "quality", "potential", "improving", "potential", "quality", "quality"]
    assert expected("climbing") == ["improving", "improving", "potential", "quality", "quality", "quality", "quality"]
    assert expected("idle") == ["improving"] * 2 + ["noncompliant"] * 5
    assert all(
        expected(store) == ["quality"] * 4 + ["potential", "improving", "noncompliant"]
        for store in ("custom", "newcomer", "linked")
    )


def test_grd_7_the_slipping_store_is_locked_from_the_end_of_its_grace_to_its_next_quality(run: GradedRun) -> None:
    """Buffer on 12-16, withdrawn on 1-1, 24 h of grace with its zero unchanged; potential on 1-16 does not lift the lock."""
    states = {date: state for date, (_, state) in run.grades("slipping").items()}
    assert [states[day] for day in ("2021-12-16", "2022-01-01", "2022-01-16", "2022-02-01")] == [
        "buffer",
        "grace",
        "locked",
        "held",
    ]
    assert run.joins("slipping", "2022-01-02", "2022-02-01") == {}
    assert run.refused("slipping", "2022-01-16", "2022-02-01").keys() == {"locked"}
    assert run.joins("slipping", "2022-02-01", "2022-03-01").keys() == {"zero_yuan"}


@pytest.mark.parametrize("store", ["custom", "newcomer"])
def test_grd_6_a_right_that_expired_in_the_buffer_is_no_right_after_it(run: GradedRun, store: str) -> None:
    """The custom version ends on 1-10 and six months as a newcomer on 1-20; what was held is withdrawn on 2-1."""
    states = list(run.grades(store).items())[-3:]
    assert states == [
        ("2022-01-16", ("potential", "buffer")),
        ("2022-02-01", ("improving", "grace")),
        ("2022-02-16", ("noncompliant", "locked")),
    ]
    privileges = [row for row in run.log(store, "privilege") if "register_join" in row]
    assert privileges == ["2022-02-02 00:00:00 privilege register_join withdrawn"]


def test_grd_6_an_incumbent_of_member_link_needs_no_grace(run: GradedRun) -> None:
    """It has the right by member-link until six misses in a row; what is closed to it is closed by its grade."""
    assert run.grades("linked")["2022-02-01"] == ("improving", "none")
    assert run.refused("linked", "2022-02-01", "2022-02-16").keys() == {"improving"}
    assert run.refused("linked", "2022-02-16", "2022-03-01").keys() == {"noncompliant"}


def test_grd_9_quality_has_its_further_privileges_from_december_on(run: GradedRun) -> None:
    shown = [row for row in run.log("evergreen", "privilege") if "search_display" in row]
    assert shown == ["2021-12-01 00:00:00 privilege search_display granted"]
