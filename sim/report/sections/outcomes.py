"""What became of the messages: refused by each reason in the order of the checks, delivered, read. [MSG-1 ... MSG-18]"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from markupsafe import Markup

from sim.report.folder import RunFolder
from sim.report.page import DASH, Page, count, traced
from sim.report.words import Words, phrase, say, shown
from sim.report.words.reasons import REASONS
from sim.state import names

READ, UNREAD = "read", "unread"
COLOURS = {READ: "#2b8a6e", UNREAD: "#a9d3c4"}
OF_REASONS = (
    "#d9b44a", "#c8622b", "#b84a62", "#8457a6", "#5b7083", "#e0a387", "#7a4a2f", "#d98aa0", "#b3a1d1", "#9aa5b1", "#3e4c59",
)  # fmt: skip
"""In the order of the checks, and again from the first for a user's own reasons."""
WIDE = 7.0  # percent of the bar, below which its share does not fit into a part


def outcomes(page: Page) -> dict[str, Any] | None:
    """Nothing, where no message and no task was refused or sent."""
    arms = [arm for arm, runs in page.material.runs.items() if runs]
    sums = {arm: _sums(page.material.runs[arm]) for arm in arms}
    parts = _parts(sums)
    before = _before(page, arms)
    if not parts and not before:
        return None
    return {
        "bars": [_bar(page, arm, parts, sums[arm]) for arm in arms if any(sums[arm].values())],
        "rows": [
            {
                "label": _label(part),
                "colour": _colour(part, parts),
                "cells": [_cell(page, arm, part, sums[arm]) for arm in arms],
            }
            for part in parts
        ],
        "total": [traced(_written(page, sum(sums[arm].values())), _source(page, arm, "sent, refused")) for arm in arms],
        "before": before,
        "arms": [page.name(arm) for arm in arms],
    }


def _sums(runs: Sequence[RunFolder]) -> dict[str, float]:
    """Consumers of the crowds by what became of the message, as a mean over the runs."""
    sums: dict[str, float] = {}
    for run in runs:
        sent, read = run.outcomes.get("sent", 0), run.outcomes.get("read", 0)
        of_run = {reason: number for reason, number in run.refused.items() if reason != names.NOT_EFFECTIVE}
        for part, number in (of_run | {UNREAD: sent - read, READ: read}).items():
            sums[part] = sums.get(part, 0.0) + number / len(runs)
    return sums


def _parts(sums: dict[str, dict[str, float]]) -> list[str]:
    """Reasons in the order of the checks, then a user's own, then what was delivered: the parts that any arm has."""
    present = {part for of_arm in sums.values() for part, number in of_arm.items() if number}
    order = [*names.REASONS, *sorted(present - set(names.REASONS) - {UNREAD, READ}), UNREAD, READ]
    return [part for part in order if part in present]


def _bar(page: Page, arm: str, parts: list[str], sums: dict[str, float]) -> dict[str, Any]:
    whole = sum(sums.values())
    shares = {part: 100 * sums.get(part, 0.0) / whole if whole else 0.0 for part in parts}
    return {
        "arm": page.name(arm),
        "parts": [
            {
                "width": round(share, 3),
                "colour": _colour(part, parts),
                "text": f"{share:.0f}%" if share >= WIDE else "",
                "dark": part == UNREAD,
            }
            for part, share in shares.items()
            if share
        ],
    }


def _colour(part: str, parts: list[str]) -> str:
    if part in COLOURS:
        return COLOURS[part]
    order = [*names.REASONS[1:], *(own for own in parts if own not in names.REASONS)]
    return OF_REASONS[order.index(part) % len(OF_REASONS)]


def _label(part: str) -> Markup:
    if part in COLOURS:
        return say(f"outcome_{part}")
    return shown(phrase("reason", words=REASONS[part], code=_code(part))) if part in REASONS else _code(part)


def _code(reason: str) -> Markup:
    return Markup("<code>{}</code>").format(reason)


def _cell(page: Page, arm: str, part: str, sums: dict[str, float]) -> Markup:
    number, whole = sums.get(part, 0.0), sum(sums.values())
    what = {UNREAD: "sent - read", READ: "read"}.get(part, f"reason {part}")
    figure = traced(_written(page, number), _source(page, arm, what))
    return Markup("{} <small>{}</small>").format(figure, f"{100 * number / whole:.1f}%") if whole else figure


def _before(page: Page, arms: list[str]) -> list[dict[str, Any]]:
    """Who or what was out before there was a crowd to count: consumers for not_effective, whole tasks for the rest."""
    rows = []
    for reason in (names.NOT_EFFECTIVE, *names.TASK_REASONS):
        consumers = reason == names.NOT_EFFECTIVE
        key = "refused" if consumers else "tasks_refused"
        sums = {arm: _mean([getattr(run, key).get(reason, 0) for run in page.material.runs[arm]]) for arm in arms}
        if any(sums.values()):
            unit: Words = phrase("out_consumers" if consumers else "out_tasks")
            rows.append(
                {
                    "label": shown(phrase("reason", words=REASONS[reason], code=_code(reason))),
                    "unit": shown(unit),
                    "cells": [
                        traced(_written(page, sums[arm]), _source(page, arm, f"reason {reason}")) if sums[arm] else DASH
                        for arm in arms
                    ],
                }
            )
    return rows


def _mean(numbers: list[int]) -> float:
    return sum(numbers) / len(numbers)


def _written(page: Page, number: float) -> str:
    return count(number, 0 if page.comparison is None else None)


def _source(page: Page, arm: str, what: str) -> str:
    return f"{page.tables(arm, 'messages.parquet')}: {what}"
