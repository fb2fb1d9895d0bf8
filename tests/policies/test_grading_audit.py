"""Grading held against a second reading of the rulebook, its invariants, and the list of its transitions."""

from __future__ import annotations

import datetime as dt
import random
import tempfile
from collections import Counter
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import grading_audit
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.experiments.grade import grade
from sim.policies.grading.calendar import months_after
from sim.policies.grading.joins import join_refusal, purchased_join, zero_yuan_join
from sim.policies.grading.machine import Choose, Event, Refresh, Told, Wait, step
from sim.policies.grading.names import Grade, Refusal, RegisterJoin, Right, Setting
from sim.policies.grading.privileges import privileges
from sim.policies.grading.rules import Grading
from sim.policies.grading.standing import Standing

EPOCH = dt.datetime(2021, 1, 1)
DAY = 86_400
REFRESHES = [
    int((dt.datetime(year, month, day) - EPOCH).total_seconds())
    for year, months in ((2021, range(8, 13)), (2022, range(1, 7)))
    for month in months
    for day in (1, 16)
]
COLUMNS = (
    "merchant", "time", "event", "online_days", "scale", "gmv_share", "quality_ratio", "penetration", "setting", "industry",
    "custom_until", "member_link", "newcomer_since",
)  # fmt: skip

# Times at which something may be due: refreshes, a day after them, half a day in between; and a second around each.
moments = st.builds(
    lambda refresh, later, second: refresh + later + second,
    st.sampled_from(REFRESHES),
    st.sampled_from([0, 0, -DAY, DAY, DAY // 2, 3 * DAY]),
    st.sampled_from([0, 0, -1, 1]),
)
levels = st.sampled_from([None, 0.0, 0.1, 0.2, 0.5])
outcomes = st.one_of(
    st.just({"online_days": 6, "scale": 1_000, "gmv_share": 0.2, "quality_ratio": 0.2, "penetration": 0.2}),
    st.just({"online_days": 6, "scale": 999, "gmv_share": 0.2, "quality_ratio": 0.2, "penetration": 0.2}),
    st.just({"online_days": 5, "scale": 1_000, "gmv_share": 0.2, "quality_ratio": 0.2, "penetration": 0.2}),
    st.fixed_dictionaries(
        {
            "online_days": st.integers(4, 8),
            "scale": st.sampled_from([0, 999, 1_000]),
            "gmv_share": levels,
            "quality_ratio": levels,
            "penetration": levels,
        }
    ),
)
NO_RIGHTS: dict[str, Any] = {"custom_until": None, "member_link": False, "newcomer_since": None}
NO_INDICATORS: dict[str, Any] = dict.fromkeys(COLUMNS[3:8])


@st.composite
def lives(draw: st.DrawFn) -> list[dict[str, Any]]:
    """The rows of one merchant."""
    first = draw(st.integers(0, len(REFRESHES) - 6))
    refreshes = REFRESHES[first : first + draw(st.integers(2, 14))]
    rows = [{"time": time, "event": "refresh", "setting": None, **draw(outcomes)} for time in refreshes]
    chosen = draw(st.lists(st.tuples(moments, st.sampled_from(["zero", "zero", "purchased", None])), max_size=8))
    if draw(st.booleans()):
        chosen.append((refreshes[0] - 2 * DAY, "zero"))
    for time, setting in chosen:
        rows.append({"time": time, "event": "setting" if setting else "ask", "setting": setting, **NO_INDICATORS})
    rights = draw(
        st.fixed_dictionaries(
            {
                "custom_until": st.none() | moments | st.sampled_from([time - DAY for time in REFRESHES]),
                "member_link": st.booleans(),
                "newcomer_since": st.none() | moments,
            }
        )
        | st.just(NO_RIGHTS)
    )
    return draw(st.permutations([row | rights for row in rows]))


def cell(name: str, value: Any) -> str:
    if value is None:
        return ""
    if name in ("time", "custom_until", "newcomer_since"):
        return (EPOCH + dt.timedelta(seconds=value)).isoformat()
    return {True: "yes", False: ""}[value] if name == "member_link" else str(value)


def graded(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What the command answers."""
    lines = [",".join(COLUMNS), *(",".join(cell(name, row.get(name)) for name in COLUMNS) for row in rows)]
    with tempfile.TemporaryDirectory() as folder:
        table = Path(folder) / "table.csv"
        table.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return grade(table).to_json()


def without_names(answers: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{name: value for name, value in one.items() if name not in ("merchant", "time", "event")} for one in answers]


@given(lives())
@settings(max_examples=400, deadline=None, derandomize=True)
def test_grd_7_agrees_with_a_second_reading_of_the_rulebook(rows: list[dict[str, Any]]) -> None:
    assert without_names(graded([row | {"merchant": "a"} for row in rows])) == grading_audit.audit(rows)


@given(st.lists(lives(), min_size=2, max_size=3), st.randoms(use_true_random=False))
@settings(max_examples=40, deadline=None, derandomize=True)
def test_order_of_rows_is_irrelevant_across_merchants(several: list[list[dict[str, Any]]], shuffle: random.Random) -> None:
    alone = [graded([row | {"merchant": f"m{k}"} for row in rows]) for k, rows in enumerate(several)]
    queues = [[(row | {"merchant": f"m{k}"}, answer) for row, answer in zip(rows, alone[k])] for k, rows in enumerate(several)]
    mixed = []
    while any(queues):
        mixed.append(shuffle.choice([queue for queue in queues if queue]).pop(0))
    assert graded([row for row, _ in mixed]) == [answer for _, answer in mixed]


# ---- walks through the machine, one event or timer at a time

RULES = [
    Grading(),
    Grading(link_withdraw_after_cycles=1),
    Grading(grace_zero_yuan="closed", reopen="setting", buffer_cycles=2),
    Grading(buffer_cycles=0, newcomer_exempt=False),
]


def walk(dice: random.Random, rules: Grading) -> list[tuple[Standing, Event | str, Standing]]:
    """A random life: each standing, what happened, and the standing after it; timers one by one."""
    time = EPOCH + dt.timedelta(seconds=dice.choice(REFRESHES) - DAY)
    standing = Standing.begin(time, rules)
    met: list[tuple[Standing, Event | str, Standing]] = []

    def happens(event: Event, when: dt.datetime) -> None:
        nonlocal standing
        while due := [
            end for end in timers(standing, rules) if end < when or (end == when and isinstance(event, Choose | Wait))
        ]:
            fired = step(standing, Wait(), min(due), rules).standing
            met.append((standing, "deadline" if standing.deadline == min(due) else "expiry", fired))
            standing = fired
        after = step(standing, event, when, rules).standing
        met.append((standing, event, after))
        standing = after

    happens(
        Told(
            custom_until=dice.choice([None, time + dt.timedelta(days=dice.randrange(1, 90))]),
            member_link=dice.random() < 0.2,
            newcomer_since=dice.choice([None, None, time - dt.timedelta(days=dice.randrange(100, 180))]),
        ),
        time,
    )
    happens(Choose(dice.choice(list(Setting))), time)
    calendar = rules.calendar.refreshes(time, time + dt.timedelta(days=200))
    for refresh in calendar:
        if refresh > time:
            happens(Refresh(dice.choices([Grade.QUALITY, Grade.POTENTIAL, Grade.IMPROVING], [2, 3, 2])[0]), refresh)
        for hours in sorted(dice.sample(range(13 * 24), dice.randrange(3))):
            later = refresh + dt.timedelta(hours=dice.choice([hours, hours % 24]))
            if later > standing.at:
                gained = Told(newcomer_since=months_after(later, -6) + dt.timedelta(hours=dice.choice([1, 5, 30, 1_000])))
                happens(dice.choice([gained, *map(Choose, Setting), Choose(Setting.ZERO), Wait()]), later)
    return met


def timers(standing: Standing, rules: Grading) -> list[dt.datetime]:
    """When the standing may change by itself."""
    kept = rules.phases.register_join_from
    ends = {
        Right.OPEN: kept and dt.datetime.combine(kept, dt.time()),
        Right.CUSTOM: standing.custom_until,
        Right.NEWCOMER: standing.newcomer_until,
    }
    return [end for right, end in ends.items() if end and right in standing.rights] + [
        end for end in (standing.deadline,) if end is not None
    ]


@cache
def walks(which: int, count: int) -> list[tuple[Standing, Event | str, Standing]]:
    """The moves of so many lives under one of RULES."""
    dice = random.Random(7)
    return [move for _ in range(count) for move in walk(dice, RULES[which])]


# Every transition of the register-join state under the default rules: state, cause, state.
TRANSITIONS = {
    ("none", "quality", "held"),
    ("none", "short", "none"),
    ("none", "short, duty", "grace"),  # non-compliance lifts, or member-link is withdrawn, with 0-yuan still set
    ("none", "expiry", "none"),
    ("none", "expiry, duty", "grace"),
    ("held", "quality", "held"),
    ("held", "short", "buffer"),
    ("held", "expiry", "held"),
    ("buffer", "quality", "held"),
    ("buffer", "short", "none"),
    ("buffer", "short, duty", "grace"),
    ("buffer", "short, duty in N", "none"),
    ("none", "short, duty in N", "none"),
    ("buffer", "expiry", "buffer"),
    ("grace", "quality", "held"),
    ("grace", "short", "grace"),
    ("grace", "purchased", "none"),
    ("grace", "deadline", "locked"),
    ("grace", "expiry", "grace"),
    ("locked", "quality", "held"),
    ("locked", "short", "locked"),
    ("locked", "short, mended", "none"),
    ("locked", "purchased", "locked"),
    ("locked", "expiry", "locked"),
}


def cause(before: Standing, event: Event | str, after: Standing) -> str:
    """What moved the register-join state, in the words of TRANSITIONS; empty: nothing that could."""
    duty = after.setting is Setting.ZERO and not after.rights
    if isinstance(event, Refresh):
        if event.result is Grade.QUALITY:
            return "quality"
        if before.register_join is RegisterJoin.LOCKED:
            return "short" if before.setting is Setting.ZERO else "short, mended"
        if before.register_join in (RegisterJoin.HELD, RegisterJoin.GRACE) or not duty:
            return "short"
        return "short, duty in N" if after.grade is Grade.NONCOMPLIANT else "short, duty"
    if event == "expiry":
        return "expiry, duty" if duty and before.register_join is RegisterJoin.NONE else "expiry"
    if event == "deadline":
        return "deadline"
    chosen = isinstance(event, Choose) and after.setting is Setting.PURCHASED and before.setting is Setting.ZERO
    return "purchased" if chosen and before.register_join in (RegisterJoin.GRACE, RegisterJoin.LOCKED) else ""


def test_grd_7_every_transition_is_reached_and_no_other(tell: Callable[[str], None]) -> None:
    met = Counter(
        (str(before.register_join), why, str(after.register_join))
        for before, event, after in walks(0, 1_000)
        if (why := cause(before, event, after)) or before.register_join is not after.register_join
    )
    tell(f"register-join: {len(TRANSITIONS & set(met))} of {len(TRANSITIONS)} transitions reached, so often each:")
    for (before, why, after), times in sorted(met.items()):
        tell(f"  {before:8} {why:18} {after:8} {times:6}")
    assert set(met) == TRANSITIONS


GRADES = {
    (None, "quality", "quality"), (None, "potential", "potential"), (None, "improving", "improving"),
    *((before, result, result) for before in ("quality", "potential", "noncompliant") for result in ("quality", "potential")),
    ("quality", "improving", "improving"), ("potential", "improving", "improving"),
    ("improving", "quality", "quality"), ("improving", "potential", "potential"),
    ("improving", "improving", "improving"),  # before non-compliance is awarded, and newcomers
    ("improving", "improving", "noncompliant"),
    ("noncompliant", "improving", "noncompliant"),
    ("noncompliant", "improving", "improving"),  # it has become a newcomer meanwhile
}  # fmt: skip


def test_grd_4_every_transition_of_the_grade_is_reached_and_no_other(tell: Callable[[str], None]) -> None:
    met = Counter(
        (before.grade and str(before.grade), str(event.result), str(after.grade))
        for before, event, after in walks(0, 1_000)
        if isinstance(event, Refresh)
    )
    tell(f"grade: {len(GRADES & set(met))} of {len(GRADES)} transitions reached, so often each:")
    for (before, result, now), times in sorted(met.items(), key=str):
        tell(f"  {before or 'none yet':13} {result:13} {now:13} {times:6}")
    assert set(met) == GRADES


@pytest.mark.parametrize("which", range(len(RULES)))
def test_invariants_of_a_standing(which: int) -> None:
    rules, met = RULES[which], walks(which, 200)
    assert len(met) > 2_000
    for before, _, now in met:
        exempt = rules.newcomer_exempt and Right.NEWCOMER in now.rights
        closed = {Grade.NONCOMPLIANT} | (set() if exempt else {Grade.IMPROVING})
        assert now.is_recruiting(rules) == (now.grade not in closed and now.register_join is not RegisterJoin.LOCKED)
        assert not zero_yuan_join(now, rules) or now.has_right(rules)
        assert zero_yuan_join(now, rules) + purchased_join(now, rules) <= now.is_recruiting(rules)
        assert (now.register_join is RegisterJoin.GRACE) == (now.deadline is not None)
        if now.register_join is RegisterJoin.GRACE:
            assert now.setting is Setting.ZERO
        if now.register_join is RegisterJoin.LOCKED:
            assert before.register_join in (RegisterJoin.GRACE, RegisterJoin.LOCKED)
        if now.register_join is RegisterJoin.NONE and now.setting is Setting.ZERO and not now.rights:
            assert now.grade is Grade.NONCOMPLIANT, "else there is no setting of zero without a right or a duty"
        assert ("recruiting" in privileges(now, rules)) == now.is_recruiting(rules)


@pytest.mark.parametrize("which", range(len(RULES)))
def test_grd_7_a_join_is_refused_for_exactly_one_reason_in_the_documented_order(which: int) -> None:
    rules = RULES[which]
    seen: Counter[Refusal | None] = Counter()
    for _, _, now in walks(which, 200):
        for receipt in (False, True):
            for threshold in (False, True):
                exempt = rules.newcomer_exempt and Right.NEWCOMER in now.rights
                applies = {
                    "noncompliant": now.grade is Grade.NONCOMPLIANT,
                    "improving": now.grade is Grade.IMPROVING and not exempt,
                    "locked": now.register_join is RegisterJoin.LOCKED,
                    "no_right": now.setting is Setting.ZERO and not now.has_right(rules),
                    "no_receipt": now.setting is Setting.PURCHASED and not receipt,
                    "threshold": now.setting is Setting.PURCHASED and not threshold,
                }
                first = next((reason for reason, holds in applies.items() if holds), None)
                refusal = join_refusal(now, rules, receipt_confirmed=receipt, threshold_met=threshold)
                assert refusal == first
                seen[refusal] += 1
    assert set(seen) >= {None, *Refusal} - (set() if rules.grace_zero_yuan == "closed" else {Refusal.NO_RIGHT})
    assert list(Refusal) == list(applies)
