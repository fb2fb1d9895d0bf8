"""What grading makes of a table of merchants: the same rules as in a run, for a plan that is no more than numbers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from sim.errors import BadInput, Problem
from sim.experiments.grade_table import ASK, EVENTS, REFRESH, GradeTable, Row, read_grade_table
from sim.policies.grading.grade import grade_of
from sim.policies.grading.joins import purchased_join, zero_yuan_join
from sim.policies.grading.levers import Distance, distance
from sim.policies.grading.machine import Choose, Event, Refresh, Step, Told, Wait, step
from sim.policies.grading.names import Refusal
from sim.policies.grading.rules import Grading
from sim.policies.grading.standing import Standing
from sim.scenario.check import check
from sim.scenario.near_names import nearest
from sim.scenario.source import read_sets


class Answer(NamedTuple):
    """The standing just after a row, and what became of it."""

    merchant: str
    time: dt.datetime
    event: str
    standing: Standing
    refused: Refusal | None
    distance: Distance | None  # of a refresh: to the next grade

    def to_json(self, rules: Grading) -> dict[str, Any]:
        """The row of `sim grade --json`."""
        standing = self.standing
        return {
            "merchant": self.merchant,
            "time": self.time.isoformat(),
            "event": self.event,
            "grade": standing.grade,
            "register_join": standing.register_join,
            "setting": standing.setting,
            "recruiting": standing.is_recruiting(rules),
            "zero_yuan_join": zero_yuan_join(standing, rules),
            "purchased_join": purchased_join(standing, rules),
            "refused": self.refused,
        }


@dataclass(frozen=True)
class Graded:
    """One answer per row, in the order of the table."""

    rules: Grading
    answers: tuple[Answer, ...]
    warnings: tuple[Problem, ...]

    def to_json(self) -> list[dict[str, Any]]:
        return [answer.to_json(self.rules) for answer in self.answers]


def grade(path: str | Path, sets: Sequence[str] = ()) -> Graded:
    """Grade the merchants of a table; `sets` are changes of the rules (`"grace_hours=48"`). Raises BadInput."""
    rules = rules_with(sets)
    table = read_grade_table(path)
    order = sorted(range(len(table.rows)), key=lambda k: (table.rows[k].time, EVENTS.index(table.rows[k].event)))
    merchants: dict[str, _Merchant] = {}
    answers: dict[int, Answer] = {}
    for k in order:
        row = table.rows[k]
        if row.merchant not in merchants:
            merchants[row.merchant] = _Merchant(Standing.begin(row.time, rules), rules)
        answers[k] = merchants[row.merchant].live(row)
    return Graded(rules, tuple(answers[k] for k in range(len(answers))), tuple(_warnings(table, rules)))


def rules_with(sets: Sequence[str]) -> Grading:
    """The rules with some parameters changed. Raises BadInput."""
    tree = read_sets(sets)
    rules, problems = check(tree, Grading)
    if rules is None or tree.problems:
        raise BadInput(tree.sorted([*tree.problems, *problems]))
    return rules


@dataclass
class _Merchant:
    """A merchant on its way through its rows."""

    standing: Standing
    rules: Grading
    told: dict[str, Any] = field(default_factory=dict)  # what rows have said of other rights so far

    def live(self, row: Row) -> Answer:
        """What a row does, in the order in which the things of one instant happen."""
        self.told |= {name: value for name, value in row.told._asdict().items() if value is not None}
        self._step(Told(**self.told), row.time)
        to_next = None
        if row.indicators is not None:
            lines = self.rules.lines_of(row.industry)
            self._step(Refresh(grade_of(row.indicators, lines, row.time, self.rules)), row.time)
            to_next = distance(row.indicators, lines, row.time, self.rules)
        self._step(Wait(), row.time)
        refused = None
        stays = row.event == REFRESH and row.setting is self.standing.setting
        if row.setting is not None and row.event != ASK and not stays:
            refused = self._step(Choose(row.setting), row.time).refused
        return Answer(row.merchant, row.time, row.event, self.standing, refused, to_next)

    def _step(self, event: Event, time: dt.datetime) -> Step:
        done = step(self.standing, event, time, self.rules)
        self.standing = done.standing
        return done


def _warnings(table: GradeTable, rules: Grading) -> Iterator[Problem]:
    """What is allowed and probably not meant."""
    for name, _ in table.unused:
        hint = nearest(name, [column for column in _OPTIONAL if column not in table.columns])
        more = f"; is {hint} meant?" if hint else ""
        yield Problem(f"the column {name!r} is not used{more}", str(table.path), table.header_line, 1)
    days = ", ".join(map(str, rules.calendar.days))
    known: set[str] = set(rules.lines)
    for row in table.rows:
        if row.event == ASK and row.setting is not None:
            yield table.problem(row, "setting", "an ask changes nothing: this setting is not made (event: setting makes it)")
        if row.indicators is None:
            continue
        if row.industry and row.industry not in known:
            known.add(row.industry)
            has = ", ".join(rules.lines)
            words = f"{row.industry!r} has no lines of its own and takes the default ones; lines are set for {has}"
            yield table.problem(row, "industry", words)
        if not rules.calendar.is_refresh(row.time):
            yield table.problem(row, "time", f"grades are refreshed at 00:00 of the days {days} of a month, not at {row.time}")
            continue
        begin, end = rules.calendar.period(row.time)
        if row.indicators.online_days > (end - begin).days:
            words = f"{row.indicators.online_days} online days in a period of {(end - begin).days}"
            yield table.problem(row, "online_days", words)


_OPTIONAL = ("setting", "industry", "custom_until", "custom_ordered", "member_link", "newcomer_since")
