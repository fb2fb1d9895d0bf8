"""Merchants' grades by refresh, what they lack of the next, and who was not taken in as a member. [GRD-1 ... GRD-12]"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import pandas as pd
from markupsafe import Markup

from sim.policies.grading.names import RATIOS, Grade, RegisterJoin
from sim.report.folder import RunFolder
from sim.report.page import DASH, Page, count, traced
from sim.report.words import grading as words
from sim.report.words import say, shown
from sim.report.words.both import LANGUAGES, Words

FILE = "grades.parquet"
COLOURS = {
    Grade.QUALITY: "#1f6650",
    Grade.POTENTIAL: "#8cc3ae",
    Grade.IMPROVING: "#f3e4bd",
    Grade.NONCOMPLIANT: "repeating-linear-gradient(135deg, #fff 0 3px, #e3aeab 3px 5px)",
}
"""From dark to light, and hatched: told apart without colours too."""
MARKS = {
    RegisterJoin.HELD: "●",
    RegisterJoin.BUFFER: "◐",
    RegisterJoin.GRACE: "○",
    RegisterJoin.LOCKED: "✕",
    RegisterJoin.NONE: "",
}
MOST_MERCHANTS = 40  # of whom a run shows the strip; more of them are in the table
WIDE = 7.0  # percent of a bar, below which its share does not fit into a part


def grades(page: Page) -> dict[str, Any] | None:
    """Nothing, where no merchant is graded and no join was refused."""
    arms = [arm for arm, runs in page.material.runs.items() if runs]
    graded = any(len(run.grades) for arm in arms for run in page.material.runs[arm])
    refused = _refused(page, arms)
    if not graded and not refused:
        return None
    alone = graded and page.comparison is None
    return {
        "arms": [page.name(arm) for arm in arms],
        "legend": _legend() if graded else None,
        "strips": _strips(page.material.a_run) if alone else None,
        "bars": [] if alone or not graded else [_bar(page, arm) for arm in arms],
        "counts": [] if alone or not graded else _counts(page, arms),
        "keepers": [] if alone or not graded else _keepers(page, arms),
        "missing": _missing(page.material.a_run) if alone else [],
        "costs": alone and _last(page.material.a_run)["cost"].notna().any(),
        "levers": [] if alone or not graded else _levers(page, arms),
        "refused": refused,
    }


def _legend() -> dict[str, Any]:
    return {
        "grades": [{**_cell(grade), "words": shown(words.GRADES[grade])} for grade in Grade],
        "marks": [{"mark": mark, "words": shown(words.STANDINGS[state])} for state, mark in MARKS.items() if mark],
    }


def _cell(grade: Grade) -> dict[str, Any]:
    return {
        "short": shown(words.SHORT[grade]),
        "colour": COLOURS[grade],
        "dark": grade is not Grade.QUALITY,
    }


# A run: a strip of refreshes per merchant


def _strips(run: RunFolder) -> dict[str, Any]:
    times = sorted(run.grades["time"].unique().tolist())
    first = run.daily.index[0].date()
    days = [first + timedelta(seconds=int(time)) for time in times]
    merchants = list(dict.fromkeys(run.grades["merchant"]))
    found = {(row["merchant"], row["time"]): row for row in run.grades.to_dict("records")}
    rows = [
        {"name": merchant, "cells": [_refresh(found.get((merchant, time)), day) for time, day in zip(times, days)]}
        for merchant in merchants[:MOST_MERCHANTS]
    ]
    return {
        "days": [{"year": day.year if k == 0 or day.year != days[k - 1].year else "", "day": f"{day:%m-%d}"}
                 for k, day in enumerate(days)],
        "rows": rows,
        "more": say("grades_more", count=len(merchants) - MOST_MERCHANTS) if len(merchants) > MOST_MERCHANTS else None,
    }  # fmt: skip


def _refresh(row: dict[Any, Any] | None, day: date) -> dict[str, Any] | None:
    """One cell of a strip; its title has the words of the table, with the privileges gained and lost."""
    if row is None:
        return None
    changed = [f"{sign}{row[names]}" for sign, names in (("+", "gained"), ("-", "lost")) if row[names]]
    title = " ".join((str(day), row["grade"], row["register_join"], row["setting"], *changed))
    return {**_cell(Grade(row["grade"])), "mark": MARKS[RegisterJoin(row["register_join"])], "title": title}


def _missing(run: RunFolder) -> list[dict[str, Any]]:
    """What merchants lacked of their next grade at the last refresh, and what to begin with. [GRD-12]"""
    last = _last(run)
    short = last[last["next_grade"].notna()]
    return [
        {
            "merchant": row["merchant"],
            "grade": shown(words.GRADES[Grade(row["grade"])]),
            "next": shown(words.GRADES[Grade(row["next_grade"])]),
            "gaps": shown(_gaps(row)),
            "lever": shown(words.LEVERS[row["cheapest"]]),
            "cost": DASH if pd.isna(row["cost"]) else traced(f"{row['cost']:,.2f}", f"{FILE}: cost"),
        }
        for _, row in short.head(MOST_MERCHANTS).iterrows()
    ]


def _last(run: RunFolder) -> pd.DataFrame:
    return run.grades[run.grades["time"] == run.grades["time"].max()]


def _gaps(row: pd.Series) -> Words:
    gaps = {name: row[f"{name}_gap"] for name in words.INDICATORS if not pd.isna(row[f"{name}_gap"])}
    en, zh = (
        getattr(words.BETWEEN, side).join(
            getattr(words.INDICATORS[name], side).format(gap=100 * gap if name in RATIOS else gap) for name, gap in gaps.items()
        )
        for side in LANGUAGES
    )
    return Words(en, zh)


# A comparison: how many refreshes of merchants ended at each grade


def _shares(runs: Sequence[RunFolder], column: str) -> dict[str, float]:
    """How many refreshes of merchants a run has with each value, as a mean over the runs."""
    counts = pd.concat([run.grades[column] for run in runs]).value_counts()
    return {str(name): number / len(runs) for name, number in counts.items()}


def _bar(page: Page, arm: str) -> dict[str, Any]:
    found = _shares(page.material.runs[arm], "grade")
    whole = sum(found.values())
    parts = [(grade, 100 * found.get(grade.value, 0.0) / whole if whole else 0.0) for grade in Grade]
    return {
        "arm": page.name(arm),
        "parts": [
            {**_cell(grade), "width": round(share, 3), "text": f"{share:.0f}%" if share >= WIDE else ""}
            for grade, share in parts
            if share
        ],
    }


def _counts(page: Page, arms: list[str]) -> list[dict[str, Any]]:
    """Refreshes at each grade, then those in each state of the right to 0-yuan joins."""
    by_grade = {arm: _shares(page.material.runs[arm], "grade") for arm in arms}
    by_state = {arm: _shares(page.material.runs[arm], "register_join") for arm in arms}
    of_grades = [
        {
            "grade": _cell(grade),
            "label": shown(words.GRADES[grade]),
            "cells": [_of_all(page, arm, "grade", by_grade[arm], grade) for arm in arms],
        }
        for grade in Grade
        if any(by_grade[arm].get(grade) for arm in arms)
    ]
    of_states = [
        {
            "grade": None,
            "mark": mark,
            "label": shown(words.STANDINGS[state]),
            "cells": [_of_all(page, arm, "register_join", by_state[arm], state) for arm in arms],
        }
        for state, mark in MARKS.items()
        if any(by_state[arm].get(state) for arm in arms)
    ]
    return [*of_grades, *of_states]


def _of_all(page: Page, arm: str, column: str, found: dict[str, float], name: str) -> Markup:
    number, whole = found.get(name, 0.0), sum(found.values())
    figure = traced(_written(page, number), f"{page.tables(arm, FILE)}: {column} {name}")
    return Markup("{} <small>{}</small>").format(figure, f"{100 * number / whole:.1f}%") if whole else figure


def _keepers(page: Page, arms: list[str]) -> list[dict[str, Any]]:
    """By merchant, at how many of its refreshes it was of quality."""
    kept: dict[str, dict[str, float]] = {}
    for arm in arms:
        runs = page.material.runs[arm]
        for run in runs:
            at_quality = run.grades["grade"] == Grade.QUALITY.value
            for merchant, number in at_quality.groupby(run.grades["merchant"], sort=False).sum().items():
                of = kept.setdefault(str(merchant), dict.fromkeys(arms, 0.0))
                of[arm] += number / len(runs)
    return [
        {
            "merchant": merchant,
            "cells": [traced(_written(page, of[arm]), f"{page.tables(arm, FILE)}: grade quality, {merchant}") for arm in arms],
        }
        for merchant, of in kept.items()
    ]


def _levers(page: Page, arms: list[str]) -> list[dict[str, Any]]:
    """At the last refresh, of how many merchants each lever is the cheapest. [GRD-12]"""
    found = {}
    for arm in arms:
        runs = page.material.runs[arm]
        cheapest = pd.concat([_last(run)["cheapest"] for run in runs]).dropna().value_counts()
        found[arm] = {str(name): number / len(runs) for name, number in cheapest.items()}
    return [
        {
            "label": shown(words.LEVERS[lever]),
            "cells": [
                traced(_written(page, found[arm].get(lever, 0.0)), f"{page.tables(arm, FILE)}: cheapest {lever}")
                for arm in arms
            ],
        }
        for lever in words.LEVERS
        if any(found[arm].get(lever) for arm in arms)
    ]


# Refusals


def _refused(page: Page, arms: list[str]) -> list[dict[str, Any]]:
    """What was refused to consumers who wanted to join or a seat, and to merchants who set something, by reason."""
    found = {arm: _refusals(page.material.runs[arm]) for arm in arms}
    rows: list[dict[str, Any]] = []
    for what, reasons in words.REFUSED.items():
        for reason, label in reasons.items():
            if any((what, reason) in found[arm] for arm in arms):
                source = f"refusals.parquet: {what}, {reason}"
                rows.append(
                    {
                        "what": say(f"refused_{what}"),
                        "first": all(row["key"] != what for row in rows),
                        "key": what,
                        "label": shown(label),
                        "code": reason,
                        "cells": [
                            traced(_written(page, found[arm].get((what, reason), 0.0)), page.tables(arm, source))
                            for arm in arms
                        ],
                    }
                )
    return rows


def _refusals(runs: Sequence[RunFolder]) -> dict[tuple[str, str], float]:
    """By what and reason, as a mean over the runs."""
    found: dict[tuple[str, str], float] = {}
    for run in runs:
        for row in run.refusals.to_dict("records"):
            key = (row["what"], row["reason"])
            found[key] = found.get(key, 0.0) + row["count"] / len(runs)
    return found


def _written(page: Page, number: float) -> str:
    return count(number, 0 if page.comparison is None else None)
