"""The question, and what was run to answer it."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from sim.report import weekly
from sim.report.page import Page
from sim.report.words import joined, say


def head(page: Page) -> dict[str, Any]:
    first, last = weekly.simulated(page.material.a_run)
    days = (last - first).days + 1
    if page.comparison is None:
        return {
            "kicker": say("kicker_run"),
            "question": say("question_run", base=_named(page.base)),
            "plain": f"{page.base}",
            "period": say("period_run", first=first, last=last, days=days),
        }
    arms = joined("or", map(_named, page.others))
    return {
        "kicker": say("kicker"),
        "question": say("question", base=_named(page.base), arms=arms),
        "plain": " / ".join(page.material.arms),
        "period": say("period", first=first, last=last, days=days, replications=page.replications),
    }


def _named(arm: str) -> Markup:
    return Markup("<em>{}</em>").format(arm)
