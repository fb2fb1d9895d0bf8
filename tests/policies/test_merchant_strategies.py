"""The four strategies of `scenarios/merchants`: what each does in a small run, against the rules of grading."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from graded_market import DAY, EASY, GradedRun, load, world

from sim.state.policy import SeenGrade, Switch, View

FOLDER = Path(__file__).parents[2] / "scenarios" / "merchants"
CLASSES = {
    "GradeChaser": "grade_chaser.py",
    "Handbook": "handbook.py",
    "Procrastinator": "procrastinator.py",
    "ProfitKeeper": "profit_keeper.py",
}
OFF: dict[str, Any] = {"use": "benefit", "online_at_start": False}
FEW = OFF | {"kind": "spend_percent_off", "share": 0.02, "threshold": 6_000}  # of orders of 50.00 in the mean: a few
ALL = OFF | {"kind": "member_price", "share": 0.05}
NOBODY_REACHES = 10**6  # members


def strategy(name: str, *benefits: str, **given: Any) -> dict[str, Any]:
    return {"use": f"{FOLDER / CLASSES[name]}:{name}", "benefits": list(benefits or ("few", "all")), "days": [], **given}


def strategy_of(name: str, **given: Any) -> Any:
    """The strategy itself, to be asked by hand."""
    return load(market("2022-01-01", "2022-01-05", {"a": {"strategy": strategy(name, **given)}}, {})).merchants[0].strategy


def market(start: str, end: str, stores: dict[str, dict[str, Any]], lines: dict[str, Any], **more: Any) -> dict[str, Any]:
    policies = {"few": FEW, "all": ALL} | more.pop("policies", {})
    grading = {"lines": {"default": {"quality": EASY | lines}}} | more.pop("grading", {})
    return world(start, end, stores, grading, policies=policies, **more)


def refreshes(run: GradedRun, store: str, column: str) -> list[Any]:
    """A column of the store's refreshes, but for the first, whose period it had to find its way in."""
    of = run.run.grades[run.run.grades["merchant"] == store]
    return of[column].tolist()[1:]


# GradeChaser


def test_the_chaser_is_online_for_the_days_of_the_line_and_no_more() -> None:
    """More than 5 days are needed [GRD-4]: 6 in periods of 13 to 16 days."""
    run = GradedRun(
        market("2022-01-01", "2022-04-02", {"a": {"strategy": strategy("GradeChaser", margin=0)}}, {"penetration": 0})
    )
    assert refreshes(run, "a", "online_days") == [6] * 5
    more = {"grading": {"online_days_above": 8}}
    run = GradedRun(
        market("2022-01-01", "2022-04-02", {"a": {"strategy": strategy("GradeChaser", margin=0)}}, {"penetration": 0}, **more)
    )
    assert refreshes(run, "a", "online_days") == [9] * 5


def test_the_chaser_reaches_penetration_and_stops_there() -> None:
    """Half of its buyers are to use a benefit; all who buy while everything is online do, which takes about half the days."""
    store = {"a": {"strategy": strategy("GradeChaser", margin=0.05)}}
    run = GradedRun(market("2022-01-01", "2022-06-02", store, {"penetration": 0.5}, consumers=1_000))
    assert all(0.5 <= share < 0.65 for share in refreshes(run, "a", "penetration"))
    assert all(6 <= days <= 12 for days in refreshes(run, "a", "online_days"))
    assert set(refreshes(run, "a", "grade")) == {"quality"}


def test_grd_7_the_chaser_drops_its_threshold_with_the_refresh_that_gives_the_right() -> None:
    store = {"a": {"strategy": strategy("GradeChaser"), "join": {"setting": "purchased"}, "start": {"grade": "potential"}}}
    run = GradedRun(market("2022-01-01", "2022-03-02", store, {"penetration": 0}))
    first = next(date for date, (grade, _) in run.grades("a").items() if grade == "quality")
    assert run.log("a", "setting") == [f"{first} 00:00:00 setting zero"]


# Procrastinator and Handbook


def case_a(name: str, **given: Any) -> GradedRun:
    """Of quality on 12-16 without a threshold, of potential ever after, for it never has enough members."""
    store = {"strategy": strategy(name, **given), "join": {"setting": "zero"}, "start": {"grade": "quality"}}
    return GradedRun(market("2021-12-16", "2022-02-10", {"a": store}, {"scale": NOBODY_REACHES}))


def test_grd_7_the_procrastinator_is_locked_in_the_circumstances_of_case_a() -> None:
    """Potential on 1-1 is the buffer, on 1-16 the grace; the lock is from 1-17 00:00 until 2-1, a threshold or not."""
    run = case_a("Procrastinator")
    assert list(run.grades("a").items()) == [
        ("2022-01-01", ("potential", "buffer")),
        ("2022-01-16", ("potential", "grace")),
        ("2022-02-01", ("potential", "none")),
    ]
    assert run.log("a", "setting") == ["2022-01-17 00:00:00 setting purchased"]
    assert run.joins("a", "2022-01-16", "2022-01-17").keys() == {"zero_yuan"}
    assert run.joins("a", "2022-01-17", "2022-02-01") == {}
    assert run.refused("a", "2022-01-17", "2022-02-01").keys() == {"locked"}
    assert run.joins("a", "2022-02-01", "2022-02-10").keys() == {"purchased"}


@pytest.mark.parametrize(("name", "given"), [("Procrastinator", {"hours_left": 24}), ("Handbook", {}), ("GradeChaser", {})])
def test_grd_7_who_sets_a_threshold_in_the_grace_goes_on_recruiting(name: str, given: dict[str, int]) -> None:
    run = case_a(name, **given)
    assert run.log("a", "setting") == ["2022-01-16 00:00:00 setting purchased"]
    assert run.joins("a", "2022-01-17", "2022-02-01").keys() == {"purchased"}
    assert "locked" not in run.refused("a", "2021-12-16", "2022-02-10")


def test_the_procrastinator_is_a_follower_of_the_handbook_until_there_is_a_grace() -> None:
    both = [
        GradedRun(market("2022-01-01", "2022-03-02", {"a": {"strategy": strategy(name)}}, {"penetration": 0.5}))
        for name in ("Handbook", "Procrastinator")
    ]
    assert both[0].run.events.equals(both[1].run.events)
    assert len(both[0].log("a", "benefit_on", "setting")) >= 2


def test_grd_12_the_handbook_has_one_more_benefit_online_when_penetration_is_the_cheapest_gap() -> None:
    store = {"a": {"strategy": strategy("Handbook")}}
    run = GradedRun(market("2022-01-01", "2022-03-02", store, {"penetration": 0.9}))
    grades = run.run.grades.set_index("time")
    first, second = (run.second(date) for date in ("2022-01-16", "2022-02-01"))
    assert grades.loc[first, "cheapest"] == "penetration"
    used = run.rows("a", "redeem")
    members_pay = run.rows("a", "order").query("reason == 'member_price'")
    assert len(used[used["time"] < first]) > 0, "the cheapest benefit is online from the first day on"
    assert members_pay["time"].min() >= first + DAY, "what is switched is so from the next 00:00 on"
    assert grades.loc[second, "penetration"] > 0.9 > grades.loc[first, "penetration"]
    assert grades.loc[second, "grade"] == "quality"


@pytest.mark.parametrize(("lever", "crowd"), [("scale", "customers"), ("quality_ratio", "members"), ("penetration", "members")])
def test_grd_12_the_handbook_writes_to_old_customers_when_scale_is_the_cheapest_gap(lever: str, crowd: str) -> None:
    plan = strategy_of("Handbook", cycle=7, days=[3], at="09:30")
    grades = SeenGrade(
        "potential",
        "none",
        "purchased",
        None,
        frozenset({"benefit_tools"}),
        None,
        0,
        {},
        {},
        {},
        "quality",
        {lever: 1, "other": 2},
        1,
    )
    acts = list(plan.plan(View(2, 0, (), {}, {}, grades, {"few": True, "all": False})))
    assert [(act.crowd, act.time) for act in acts] == [(crowd, 3 * DAY + 9 * 3_600 + 1_800)]


# ProfitKeeper


def keeper(share: float, goods_cost: float, price: float) -> GradedRun:
    """A store beside a rival; what members pay less is `share`, and what a lower price is worth to consumers `price`."""
    behaviour = {"stores": {"preference": {"price": price}}}
    stores = {
        "a": {
            "strategy": strategy("ProfitKeeper", "offer"),
            "goods_cost": goods_cost,
            "start": {"newcomer_since": "2022-01-01"},
        },
        "rival": {},
    }
    offer = {"offer": ALL | {"share": share, "merchants": ["a"]}}
    return GradedRun(market("2022-01-01", "2022-03-20", stores, {}, consumers=1_500, behaviour=behaviour, policies=offer))


def online(run: GradedRun) -> list[int]:
    return run.run.daily[run.run.daily["merchant"] == "a"].sort_values("day")["benefit_days"].tolist()


def test_the_profit_keeper_gives_up_a_benefit_that_does_not_pay() -> None:
    """Half the price where goods cost 70 % of it: a week without, a week of trial, off as long as it remembers that."""
    days = online(keeper(share=0.5, goods_cost=0.7, price=0))
    assert days[:7] == [0] * 7
    tried = [day for day, is_on in enumerate(days[:60]) if is_on]
    assert tried == list(range(tried[0], tried[0] + len(tried))), "one trial"
    assert 7 <= len(tried) <= 8
    assert any(days[67:]), "when the trial is forgotten, there is another"


def test_the_profit_keeper_keeps_a_benefit_that_pays() -> None:
    """A tenth off of what costs it a tenth, where consumers look at nothing but prices."""
    days = online(keeper(share=0.1, goods_cost=0.1, price=20))
    assert all(days[16:60])
    assert not all(days), "when the days without are forgotten, it sees whether that still holds"


def view_of(figures: dict[str, list[int]], benefits: dict[str, bool]) -> View:
    return View(len(figures["gmv"]), 0, (), figures, {}, None, benefits)


@pytest.mark.parametrize(("paid", "keeps"), [(1_100, True), (900, False)])
def test_the_profit_keeper_compares_days_with_and_without(paid: int, keeps: bool) -> None:
    """Goods cost half of list prices, and 1,000 paid a day leave 500. Of 1,100 as they are, 550 are left, of 900 less; of 1,100
    paid for goods of 1,222 only 489."""
    on, off = 10, 20
    figures = {
        "gmv_member": [1_000] * off + [paid] * on,
        "gmv": [1_000] * off + [paid] * on,
        "discount": [0] * (off + on),
        "goods_cost": [500] * off + [paid // 2] * on,
        "gift_cost": [0] * (off + on),
        "benefit_days": [0] * off + [1] * on,
    }
    plan = strategy_of("ProfitKeeper")
    assert plan.pays(view_of(figures, {})) is keeps
    gifts = figures | {"gift_cost": [0] * off + [51] * on}
    assert not plan.pays(view_of(gifts, {}))
    discounted = figures | {"discount": [0] * off + [122] * on, "goods_cost": [500] * off + [611] * on}
    assert not plan.pays(view_of(discounted, {}))
    acts = list(plan.plan(view_of(figures, {"few": not keeps, "all": keeps})))
    assert acts == [Switch("few", keeps)]


# Files


def test_a_class_that_builds_on_one_of_another_file_is_known_by_both(tmp_path: Path) -> None:
    known = []
    for change in ("", "# changed\n"):
        folder = tmp_path / f"with {len(change)}"
        folder.mkdir()
        for file in ("handbook.py", "procrastinator.py"):
            (folder / file).write_text((FOLDER / file).read_text(encoding="utf-8"), encoding="utf-8")
        with (folder / "handbook.py").open("a", encoding="utf-8") as handbook:
            handbook.write(change)
        late = strategy("Procrastinator") | {"use": f"{folder / 'procrastinator.py'}:Procrastinator"}
        loaded = load(market("2022-01-01", "2022-01-05", {"a": {"strategy": late}}, {}))
        known.append(loaded.sources["merchants.a.strategy"]["sha256"])
    assert known[0] != known[1]
