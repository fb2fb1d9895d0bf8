"""The figures that a run rests on, each with its kind and source."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from markupsafe import Markup

from sim.report import words
from sim.report.page import Page
from sim.report.words import joined, phrase, say, shown

KINDS = ("assumed", "sourced", "fitted", "chosen")


def assumptions(page: Page) -> dict[str, Any]:
    rows = list(page.material.a_run.manifest.get("assumptions") or [])
    order = {kind: i for i, kind in enumerate(KINDS)}
    rows.sort(key=lambda row: order.get(row.get("kind", ""), len(KINDS)))
    counts = Counter(row.get("kind") for row in rows)
    by_kind = joined(
        "list", (phrase("kind_count", count=counts[kind], kind=words.TEXT[f"kind_{kind}"]) for kind in KINDS if counts[kind])
    )
    note = say("assumptions_note", count=len(rows), base=page.name(page.base), by_kind=by_kind) if rows else None
    return {
        "note": note,
        "rows": [_assumption(row) for row in rows if row.get("kind") != "chosen"],
        "chosen": [_assumption(row) for row in rows if row.get("kind") == "chosen"],
    }


def _assumption(row: dict[str, Any]) -> dict[str, Any]:
    kind, value = row.get("kind", ""), row.get("value")
    return {
        "path": row.get("path", ""),
        "meaning": row.get("meaning", ""),
        "value": say("absent") if value is None else _plain(value),
        "unit": _plain(row.get("unit")),
        "between": _between(row.get("low"), row.get("high")),
        "kind": kind,
        "kind_label": say(f"kind_{kind}") if kind in KINDS else kind,
        "source": _plain(row.get("source")),
    }


def _between(low: Any, high: Any) -> Markup | str:
    return "" if low is None or high is None else shown(phrase("to", low=_plain(low), high=_plain(high)))


def _plain(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.6g}"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
