"""GMV and profit: the difference of each arm with its two kinds of uncertainty."""

from __future__ import annotations

from typing import Any

from sim.report.intervals import Ends, Scale
from sim.report.page import Page
from sim.report.words import phrase, say, shown

KEYS = ("difference", "low", "high", "assumption_low", "assumption_high")


def money(page: Page) -> dict[str, Any] | None:
    """One panel for each of GMV and profit: an interval per arm on a common scale."""
    metrics = [metric for metric in ("gmv", "profit") if metric in page.metrics]
    if page.comparison is None or not metrics:
        return None
    assumed = page.assumed is not None
    notes = [say("money_note", base=page.base)]
    if assumed:
        notes.append(shown(phrase("money_note_assumed", draws=page.draws)))
    return {"notes": notes, "panels": [panel(page, metric) for metric in metrics]}


def panel(page: Page, metric: str) -> dict[str, Any]:
    ends = {arm: Ends(*(page.estimate(metric, arm, key).value for key in KEYS)) for arm in page.others}
    scale = Scale(ends.values())
    mean = page.figure(metric, page.estimate(metric, page.base, "mean"))
    return {
        "label": shown(page.label(metric)),
        "base": say("money_base", base=page.name(page.base), value=mean),
        "zero": scale.at(0.0),
        "rows": [
            {
                "name": arm,
                "colour": page.colour(arm),
                "difference": page.figure(metric, page.estimate(metric, arm, "difference"), signed=True),
                "relative": page.relative(metric, arm),
                "interval": say("error_interval", interval=page.interval(metric, arm)),
                "assumed": page.assumption_range(metric, arm),
                "track": scale.track(ends[arm]),
            }
            for arm in page.others
        ],
    }
