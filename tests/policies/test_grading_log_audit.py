"""Grading in runs held against a reading of the event log alone, in random worlds."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from graded_market import DAY, GradedRun, world
from grading_log_audit import LADDER, StoreAudit
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from sim.policies.grading.indicators import Indicators

SHIPPED = Path(__file__).parents[2] / "scenarios"
START = dt.date(2021, 10, 25)
DAYS = 110


def date(day: int) -> str:
    return str(START + dt.timedelta(days=day))


days = st.integers(0, DAYS - 1)
moments = st.integers(1, (DAYS - 5) * DAY).map(
    lambda second: (dt.datetime.combine(START, dt.time()) + dt.timedelta(seconds=second)).isoformat()
)
newcomers = st.integers(1, 300).map(lambda before: f"{START - dt.timedelta(days=before)}T12:34:56") | moments
starts = st.fixed_dictionaries(
    {},
    optional={
        "grade": st.sampled_from(["quality", "potential", "improving"]),
        "register_join": st.sampled_from(["held", "buffer", "grace", "locked", "none"]),
        "custom_until": moments,
        "member_link": st.booleans(),
        "newcomer_since": newcomers,
    },
)
stores = st.fixed_dictionaries(
    {
        "start": starts,
        "join": st.fixed_dictionaries(
            {"setting": st.sampled_from([None, "zero", "purchased"]), "orders": st.integers(0, 3)},
            optional={"amount": st.sampled_from([100_00, 500_00])},
        ),
        "benefits": st.lists(st.tuples(days, st.integers(1, 25)), max_size=6).map(
            lambda spans: [(date(first), date(first + length)) for first, length in spans]
        ),
        "settings": st.dictionaries(days.map(date), st.sampled_from(["zero", "purchased"]), max_size=8),
    }
)
ratios = st.sampled_from([0, 0.3, 0.6, 0.9])
lines = st.fixed_dictionaries(
    {"scale": st.integers(0, 60), "gmv_share": ratios, "quality_ratio": ratios, "penetration": ratios}
)


REWARDS = {
    "welcome": {"use": "benefit", "amount": 300, "claim": {"at": "join", "probability": 0.8}, "from": 20},
    "spend": {"use": "benefit", "kind": "spend_percent_off", "share": 0.1, "threshold": 4_000, "until": 45},
    "for all": {"use": "benefit", "amount": 100, "claim": {"at": "visit", "probability": 0.5}, "per_person": 5},
    "present": {"use": "benefit", "kind": "buy_and_gift", "gift_cost": 50, "from": 30, "until": 33},
    "exchange": {"use": "benefit", "kind": "points_exchange", "points": 20, "amount": 100, "claim": {"at": "order"}},
    "price": {"use": "benefit", "kind": "member_price", "share": 0.04, "from": 40, "until": 70},
    "level": {"use": "benefit", "kind": "percent_off", "share": 0.1, "who": {"relation": "member", "level": 2}},
}
PROGRAMME = {"programme": {"points_per_hundred": 1, "levels": [100_00]}}


@st.composite
def graded_worlds(draw: st.DrawFn) -> dict[str, Any]:
    tiers = {"quality_visited_days": draw(st.integers(5, 40)), "potential_visited_days": draw(st.integers(10, 60))}
    tiers |= {"quality_bought_days": draw(st.integers(5, 60)), "potential_bought_days": draw(st.integers(10, 60))}
    rules = {"lines": {"default": {"quality": draw(lines)}}, "tiers": tiers, "potential_min": draw(st.integers(0, 2))}
    several = {f"store {k}": draw(stores) for k in range(draw(st.integers(1, 3)))}
    behaviour = {"needs": {"rates": {"food": {"per_year": draw(st.sampled_from([12, 40]))}}}}
    end = str(START + dt.timedelta(days=DAYS))
    whole = world(str(START), end, several, rules, draw(st.integers(20, 90)), behaviour, seed=draw(st.integers(0, 2**40)))
    whole["policies"] |= PROGRAMME | {name: REWARDS[name] for name in draw(st.sets(st.sampled_from(sorted(REWARDS))))}
    return whole


def audited(run: GradedRun) -> tuple[int, int]:
    """All that the log says of grading is what the auditor finds; how many refreshes and joins there were."""
    refreshes = joins = 0
    for number, name in enumerate(run.names):
        audit = StoreAudit(run.run.events, run.scenario.resolved, name, number)
        expected = audit.history()
        table = run.run.grades[run.run.grades["merchant"] == name]
        columns = list(expected[0]._fields)
        found = [tuple(None if value != value else value for value in row) for row in table[columns].itertuples(index=False)]
        assert found == [tuple(row) for row in expected]
        logged = [(row.time, row.reason) for row in run.rows(name, "grade").itertuples()]
        assert logged == [(row.time, row.grade) for row in expected]
        refusals = run.run.refusals[run.run.refusals["merchant"] == name]
        of_joins, of_settings = (
            {
                (row.day, row.reason): row.count_
                for row in refusals[refusals["what"] == what].rename(columns={"count": "count_"}).itertuples()
            }
            for what in ("join", "setting")
        )
        assert of_joins == audit.refusals_of_asking()
        assert of_settings == dict(audit.refused_settings)
        joins += audit.check_joins()
        refreshes += len(expected)
    return refreshes, joins


@settings(
    max_examples=25, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow], phases=[Phase.generate]
)
@given(graded_worlds())
def test_grd_3_grd_4_grd_7_the_log_alone_gives_the_same_indicators_grades_and_joins(whole: dict[str, Any]) -> None:
    refreshes, _ = audited(GradedRun(whole, seed=whole["seed"]))
    assert refreshes > 0


@pytest.mark.parametrize("name", ["grading_2021", "members", "tournament"])
def test_grd_3_grd_4_the_log_alone_gives_the_indicators_and_results_of_what_is_shipped(name: str) -> None:
    """The log has the past that tells who is a member, of which tier."""
    few = {"past": {"days": 60, "short": True}, "days": 80, "consumers": 1_500}
    run = GradedRun({"extends": str(SHIPPED / f"{name}.yaml"), **few})
    columns = ["time", *Indicators._fields, "result"]
    found = run.run.grades.astype({"result": str}).sort_values(["merchant", "time"])
    for number, store in enumerate(run.names):
        audit = StoreAudit(run.run.events, run.scenario.resolved, store, number)
        expected = []
        for first, day in audit.refreshes():
            values = audit.indicators(first, day)
            expected.append((day * DAY, *values, LADDER[audit.result(values, day)]))
        rows = found[found["merchant"] == store][columns].itertuples(index=False)
        assert [tuple(None if value != value else value for value in row) for row in rows] == expected
    assert found["result"].nunique() > 1
    assert (found["penetration"] > 0).any()


@pytest.mark.slow
@settings(
    max_examples=200, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow], phases=[Phase.generate]
)
@given(graded_worlds())
def test_the_log_alone_in_many_worlds(whole: dict[str, Any]) -> None:
    audited(GradedRun(whole, seed=whole["seed"]))
