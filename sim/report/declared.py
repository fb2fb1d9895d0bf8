"""Declared parameters as rows of a table; what many merchants, or all industries, declare alike stands there once."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

from markupsafe import Markup

from sim.report import words
from sim.report.words import Words, phrase, say, shown
from sim.report.words.meanings import meaning

KINDS = ("assumed", "sourced", "fitted", "chosen")
MANY = re.compile(r"^(merchants|behaviour\.needs\.rates)\.[^.]+\.")
MOST_ALIKE = 3  # rows that differ in a name alone, beyond which they become one


def declared_rows(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """One per figure, but one for all merchants, or all industries, where they are more than a few."""
    alike: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for row in rows:
        path = MANY.sub(r"\1.*.", row.get("path", ""))
        alike.setdefault((path, str(row.get("kind")), str(row.get("low")), str(row.get("high"))), []).append(row)
    found = []
    for (path, *_), of_path in alike.items():
        found += [_assumption(row) for row in of_path] if len(of_path) <= MOST_ALIKE else [_together(path, of_path)]
    return found


def _together(path: str, rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    values = [row.get("value") for row in rows]
    numbers = [value for value in values if isinstance(value, int | float) and not isinstance(value, bool)]
    if len(set(map(str, values))) == 1:
        value = phrase("each_of", value=_value(values[0]), count=len(values))
    elif len(numbers) == len(values):
        value = phrase("from_to_of", low=_plain(min(numbers)), high=_plain(max(numbers)), count=len(values))
    else:
        value = phrase("different_of", count=len(values))
    return _assumption(rows[0]) | {"path": path, "value": shown(value)}


def _assumption(row: dict[str, Any]) -> dict[str, Any]:
    kind = row.get("kind", "")
    return {
        "path": row.get("path", ""),
        "meaning": shown(meaning(row.get("path", ""), row.get("meaning") or "")),
        "value": shown(_value(row.get("value"))),
        "unit": shown(words.unit(_plain(row.get("unit")))),
        "between": _between(row.get("low"), row.get("high")),
        "kind": kind,
        "kind_label": say(f"kind_{kind}") if kind in KINDS else kind,
        "source": _plain(row.get("source")),
    }


def _value(value: Any) -> Words:
    return words.TEXT["absent"] if value is None else Words(_plain(value), _plain(value))


def _between(low: Any, high: Any) -> Markup | str:
    return "" if low is None or high is None else shown(phrase("to", low=_plain(low), high=_plain(high)))


def _plain(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.6g}".replace("-", "−")
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
