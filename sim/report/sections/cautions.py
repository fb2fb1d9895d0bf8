"""What a reader must know before believing the figures."""

from __future__ import annotations

from markupsafe import Markup

from sim.report.page import Page, typeset
from sim.report.words import Words, say, shown


def cautions(page: Page) -> list[Markup]:
    warnings = page.comparison["warnings"] if page.comparison is not None else []
    found = [shown(Words(typeset(one["en"]), typeset(one["zh"]))) for one in warnings]
    for runs in page.material.runs.values():
        for run in runs:
            status = run.manifest.get("status")
            if status != "complete":
                found.append(say("incomplete", run=run.link or page.base, status=status))
    return found
