"""The figures that a run rests on, each with its kind and source."""

from __future__ import annotations

from collections import Counter
from typing import Any

from sim.report import words
from sim.report.declared import KINDS, declared_rows
from sim.report.page import Page
from sim.report.words import joined, phrase, say


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
        "rows": declared_rows([row for row in rows if row.get("kind") != "chosen"]),
        "chosen": declared_rows([row for row in rows if row.get("kind") == "chosen"]),
        "chosen_count": counts["chosen"],
    }
