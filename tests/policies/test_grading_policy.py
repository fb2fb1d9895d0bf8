"""Grading as a policy: what a scenario may say of it, what merchants see, and that it does nothing where it should not."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from graded_market import DAY, EASY, GradedRun, load, world

import sim
from sim.errors import BadInput
from sim.policies.grading.names import PRIVILEGES, Grade, RegisterJoin, Right, Setting
from sim.policies.grading.names import Refusal as JoinRefusal
from sim.state import names

SCENARIO = Path(__file__).parents[2] / "scenarios" / "grading_2021.yaml"


def wrong(changes: dict[str, Any], **stores: dict[str, Any]) -> str:
    whole = world("2022-01-01", "2022-01-10", stores or {"a": {}})
    whole["policies"] |= changes
    with pytest.raises(BadInput) as caught:
        load(whole)
    return str(caught.value)


def test_words_of_the_rules_are_those_of_the_log() -> None:
    assert tuple(JoinRefusal) == names.JOIN_REASONS
    assert tuple(Grade) == names.GRADE_REASONS
    assert tuple(Setting) == names.JOIN_SETTINGS
    assert len(PRIVILEGES) <= 31  # bits
    assert len(Right) <= 15


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"merchants": {"b": {}}}, "policies.grading.merchants.b: there is no merchant 'b'"),
        ({"lines": {"fod": {}}}, "policies.grading.lines.fod: there is no industry 'fod' - did you mean 'food'?"),
        ({"merchants": {"a": {"grade": "best"}}}, "policies.grading.merchants.a.grade: must be one of quality, potential"),
        ({"merchants": {"a": {"deadline": "2022-01-03"}}}, "deadline: is the end of a grace, but 'register_join' is none"),
        (
            {"merchants": {"a": {"custom_until": "2022-01-03T00:00:00.5"}}},
            "custom_until: must be a local time in whole seconds, YYYY-MM-DDTHH:MM:SS",
        ),
        ({"lines": {"food": {"quality": {"scale": 1}, "potential": {"gmv_share": 0.9}}}}, "at most the quality line, 0.2"),
    ],
)
def test_mistakes_are_told_where_they_stand(given: dict[str, Any], words: str) -> None:
    assert words in wrong({"grading": given})


def test_two_gradings_must_not_be_in_force_on_one_day() -> None:
    said = wrong({"a grading": {"use": "grading", "until": 5}, "another": {"use": "grading", "from": 4}})
    assert "two gradings are in force on the same days" in said
    whole = world("2022-01-01", "2022-01-10", {"a": {}})
    del whole["policies"]["grading"]
    whole["policies"] |= {"a grading": {"use": "grading", "until": 5}, "another": {"use": "grading", "from": 5}}
    load(whole)


def test_int_3_members_who_must_have_bought_need_receipts() -> None:
    whole = world(
        "2022-01-01", "2022-01-10", {"a": {"join": {"setting": "purchased"}}}, behaviour={"orders": {"receive_hours": None}}
    )
    with pytest.raises(BadInput, match=r"merchants\.a\.join\.setting: nobody could join"):
        load(whole)


def test_a_setting_that_is_none_is_the_strategys_mistake(tmp_path: Path) -> None:
    plugin = tmp_path / "odd.py"
    plugin.write_text(
        "from sim.state.policy import JoinSetting, Strategy\n\n\n"
        "class Odd(Strategy):\n    def plan(self, view):\n        yield JoinSetting('free')\n"
    )
    whole = world("2022-01-01", "2022-01-10", {"a": {}})
    whole["merchants"]["a"]["strategy"] = {"use": f"{plugin}:Odd"}
    with pytest.raises(BadInput, match="setting of a JoinSetting must be one of zero, purchased; given 'free'"):
        sim.run(load(whole), threads=1)


def test_grd_10_grd_12_a_merchant_sees_its_own_grade_lines_and_distance_and_no_consumer_does(tmp_path: Path) -> None:
    seen = tmp_path / "seen.jsonl"
    store = {
        "benefits": [("2022-01-01", "2022-01-07")],
        "seen": str(seen),
        "join": {"setting": "zero"},
        "start": {"grade": "quality"},
    }
    store["settings"] = {"2022-02-02": "zero"}
    costs = {"costs": {"penetration": 2.0}}
    run = GradedRun(world("2022-01-01", "2022-02-05", {"a": store, "b": {}}, costs))
    notes = {(note["day"]): note["grades"] for note in map(json.loads, seen.read_text().splitlines())}
    assert notes[-1] is None  # before the rules were in force
    before, after = notes[14], notes[15]
    assert (before["grade"], before["refreshed"], before["indicators"]) == ("quality", None, {})
    first = run.run.grades.iloc[0]
    assert (first["merchant"], first["time"]) == ("a", 15 * DAY)
    assert (after["grade"], after["register_join"], after["refreshed"]) == ("potential", "buffer", 15 * DAY)
    assert after["quality_lines"] == {"online_days": 6, **EASY}
    assert after["potential_lines"] == {name: EASY[name] for name in ("gmv_share", "quality_ratio", "penetration")}
    for name, value in after["indicators"].items():
        assert value == pytest.approx(first[name])
    assert after["next_grade"] == first["next_grade"] == "quality"
    assert after["gaps"] == {"penetration": pytest.approx(0.9 - first["penetration"])}
    assert after["cost"] == first["cost"] == pytest.approx(after["gaps"]["penetration"] * 200)
    assert first["cheapest"] == "penetration"
    assert [notes[day]["deadline"] for day in (30, 31)] == [None, 32 * DAY]  # in grace from 2022-02-01
    assert notes[32]["refused"] is None
    assert notes[33]["refused"] == "no_right"
    assert run.refused("a", "2022-02-01", "2022-02-05", "setting") == {"no_right": 1}
    assert "grades" not in {kind for kind in run.run.events["kind"].unique()}


def test_a_grading_that_opens_every_door_changes_nothing_that_consumers_do() -> None:
    """Rights for good, no line that shuts out, factors of 1: the log differs by the merchants' own rows alone."""
    open_to_all = {
        "custom_until": "2100-01-01",
    }
    rules = {
        "noncompliant_after": 99,
        "privileges": {"improving": ["benefit_tools", "outreach", "recruiting"]},
        "phases": {"silent_protection_from": "2100-01-01"},
        "visibility": {"search_display": 1, "my_members": 1},
        "joining": {"member_tab": 1, "member_link": 1},
    }
    stores = {
        name: {"start": open_to_all, "sends": ["2022-01-20"], "benefits": [("2022-01-05", "2022-02-01")]} for name in "ab"
    }
    behaviour = {
        "sessions": {"per_day": 1},
        "stores": {"browse": 1, "preference": {"exposure": 0.5}},
        "visits": {"follow": 0.2, "join": 0.3},
    }
    whole = world("2022-01-01", "2022-02-10", stores, rules, behaviour=behaviour)
    without = {**whole, "policies": {name: policy for name, policy in whole["policies"].items() if name != "grading"}}
    graded, plain = GradedRun(whole), GradedRun(without)
    own = ["grade", "privilege", "setting"]
    events = graded.run.events
    left = events[~events["kind"].isin(own)].drop(columns="seq").reset_index(drop=True)
    pd.testing.assert_frame_equal(left, plain.run.events.drop(columns="seq"))
    assert (events["kind"] == "join").sum() > 100
    pd.testing.assert_frame_equal(graded.run.daily, plain.run.daily)
    pd.testing.assert_frame_equal(graded.run.messages, plain.run.messages)
    assert len(plain.run.refusals) == len(graded.run.refusals) == 0
    assert len(plain.run.grades) == 0 < len(graded.run.grades)


def test_grd_5_privileges_make_a_store_more_visible_and_joined() -> None:
    """Of two stores alike but for their grades: with the factors at work the better one is chosen, and joined, more."""
    stores = {
        "good": {"start": {"grade": "quality"}, "benefits": [("2022-01-01", "2022-03-01")], "join": {"setting": "zero"}},
        "plain": {"start": {"custom_until": "2100-01-01"}, "join": {"setting": "zero"}},
    }
    behaviour = {
        "sessions": {"per_day": 1},
        "stores": {"browse": 1, "preference": {"exposure": 1}},
        "visits": {"follow": 0.5, "join": 0.05},
        "orders": {"join": 0},
    }
    rules = {
        "privileges": {"improving": ["recruiting"]},
        "lines": {"default": {"quality": EASY | {"penetration": 0}}},
        "noncompliant_after": 99,
    }

    def done(visibility: float, joining: float) -> tuple[float, float]:
        factors = {"visibility": {"search_display": visibility}, "joining": {"member_tab": joining}}
        run = GradedRun(world("2022-01-01", "2022-02-15", stores, rules | factors, 800, behaviour))
        sums = run.run.daily.groupby("merchant")[["visits", "joins"]].sum()
        ratio = sums.loc["good"] / sums.loc["plain"]
        return float(ratio["visits"]), float(ratio["joins"])

    none, visible, joined = done(1, 1), done(3, 1), done(1, 4)
    assert visible[0] > 1.5 * none[0]
    assert joined[1] > 1.2 * none[1]
    assert joined[0] == pytest.approx(none[0], rel=0.02)


def test_grd_4_lines_by_industry() -> None:
    lines = {"default": {"quality": EASY}, "beauty": {"quality": {"scale": 10**6}}}
    benefits = [("2022-01-01", "2022-02-01")]
    stores = {"food": {"benefits": benefits}, "beauty": {"benefits": benefits, "industry": "beauty"}}
    behaviour = {"needs": {"rates": {"beauty": {"per_year": 20, "shape": 3}}}}
    grades = GradedRun(world("2022-01-01", "2022-01-17", stores, {"lines": lines}, behaviour=behaviour)).run.grades
    assert grades.set_index("merchant")["grade"].to_dict() == {"food": "quality", "beauty": "potential"}
    assert grades.set_index("merchant")["scale_line"].to_dict() == {"food": 1, "beauty": 10**6}


def test_standings_go_on_from_a_past_of_their_own(tmp_path: Path) -> None:
    """Grades of the past are those at the start; what the run's own rules would declare counts for new merchants only."""
    store = {"benefits": [("2022-01-01", "2022-03-01")], "start": {"grade": "improving"}, "join": {"setting": "zero"}}
    whole = world("2022-01-20", "2022-02-05", {"a": store})
    lines = {"lines": {"default": {"quality": EASY}}}
    given = {"grading": lines | {"merchants": {"a": {"grade": "quality", "custom_until": "2022-06-01"}}}}
    price = {"price": {"use": "relation_prices", "merchants": ["a"], "member": 0.1}}
    whole["past"] = {"days": 30, "short": True, "policies": given | price}
    run = GradedRun(whole)
    assert run.grades("a") == {"2022-02-01": ("quality", "held")}
    grades = [row for row in run.log("a", "grade") if row < "2022-01-20"]
    assert grades == ["2022-01-01 00:00:00 grade quality", "2022-01-16 00:00:00 grade quality"]
    kept = sim.run(load(whole), threads=1)  # its past may come from the cache
    assert kept.grades.equals(run.run.grades)
    assert sim.run(load(whole), threads=1).daily.equals(run.run.daily)


def test_a_run_folder_has_grades_and_refusals(tmp_path: Path) -> None:
    whole = world(
        "2022-01-01", "2022-02-05", {"a": {"benefits": [("2022-01-01", "2022-01-04")], "join": {"setting": "purchased"}}}
    )
    run = GradedRun(whole, out=tmp_path / "run")
    for name, table in (("grades", run.run.grades), ("refusals", run.run.refusals)):
        assert len(table) > 0
        pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "run" / f"{name}.parquet"), table)
    assert run.run.grades["penetration_gap"].dtype == np.float64
    assert run.run.summary["acted"]["policies.grading"] == len(run.run.grades) + run.run.refusals["count"].sum()


def test_the_shipped_scenario_goes_through_all_grades_and_states() -> None:
    run = sim.run(sim.load(SCENARIO), threads=1)
    grades = run.grades
    assert len(grades) == 7 * 7
    assert set(grades["grade"]) == set(Grade)
    assert set(grades["register_join"]) == set(RegisterJoin)
    moved = grades.groupby("merchant")["grade"].nunique()
    assert (moved > 1).sum() >= 5
    start = dt.date(2021, 11, 1)
    assert {str(start + dt.timedelta(days=int(day))) for day in grades["time"] // DAY} == {
        "2021-11-16", "2021-12-01", "2021-12-16", "2022-01-01", "2022-01-16", "2022-02-01", "2022-02-16",
    }  # fmt: skip
    assert all(run.summary["acted"].values())
