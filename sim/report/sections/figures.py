"""All figures of the comparison or the run."""

from __future__ import annotations

from typing import Any

from sim.report import words
from sim.report.page import DASH, Page, traced
from sim.report.words import joined, say, shown


def figures(page: Page) -> dict[str, Any]:
    idle = [metric for metric in page.metrics if page.idle(metric)]
    rows = []
    for metric in page.metrics:
        if metric in idle:
            continue
        for arm in page.material.arms:
            needed = page.estimate(metric, arm, "replications_for_1_percent")
            gain = page.estimate(metric, arm, "variance_reduction")
            rows.append(
                {
                    "label": shown(page.label(metric)) if arm == page.base else "",
                    "first": arm == page.base,
                    "arm": page.name(arm),
                    "mean": page.figure(metric, page.estimate(metric, arm, "mean")),
                    "difference": page.figure(metric, page.estimate(metric, arm, "difference"), signed=True),
                    "relative": page.relative(metric, arm),
                    "interval": shown(page.interval(metric, arm)),
                    "assumption": shown(page.interval(metric, arm, "assumption_low", "assumption_high")),
                    "gain": DASH if gain.value is None else traced(f"{gain.value:,.1f}", gain.source),
                    "needed": DASH if needed.value is None else traced(f"{needed.value:,}", needed.source),
                }
            )
    note = say("figures_idle", metrics=joined("list", map(words.metric, idle))) if idle else None
    return {"rows": rows, "idle": note}
