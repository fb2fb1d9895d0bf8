"""Messages over time and in total."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from sim.report import weekly, words
from sim.report.charts import Line, chart
from sim.report.page import DASH, Page, traced
from sim.report.words import say, shown


def messages(page: Page) -> dict[str, Any] | None:
    """Nothing, where no arm sends any."""
    material = page.material
    sent = [page.estimate("messages_sent", arm, "mean").value or 0 for arm in material.arms]
    if not any(sent):
        return None
    charts = []
    for metric in ("messages_sent", "messages_read", "opt_outs"):
        lines = []
        for arm, runs in material.runs.items():
            if not runs:
                continue
            starts, days = weekly.own_weeks(runs[0])
            if len(starts) < 2:
                continue
            mean = weekly.in_weeks(runs, metric, starts, days).mean(axis=0)
            lines.append(Line(starts, mean.cumsum() if metric == "opt_outs" else mean, page.colour(arm), name=arm))
        if lines:
            charts.append({"title": say(f"chart_{metric}"), "svg": Markup(chart(metric, lines))})
    rows = []
    for metric in ("messages_sent", "messages_read", "messages_refused", "opt_outs"):
        if metric in page.metrics:
            cells = [page.figure(metric, page.estimate(metric, arm, "mean")) for arm in material.arms]
            rows.append({"label": shown(words.metric(metric)), "cells": cells})
    rows += [
        {"label": say("read_rate"), "cells": [_per_sent(page, "messages_read", arm, 100, "%") for arm in material.arms]},
        {
            "label": say("opt_outs_per_thousand"),
            "cells": [_per_sent(page, "opt_outs", arm, 1000, "") for arm in material.arms],
        },
    ]
    return {"charts": charts, "rows": rows}


def _per_sent(page: Page, metric: str, arm: str, factor: int, unit: str) -> Markup:
    sent, part = page.estimate("messages_sent", arm, "mean"), page.estimate(metric, arm, "mean")
    if not sent.value or part.value is None:
        return DASH
    return traced(f"{factor * part.value / sent.value:.2f}{unit}", f"{part.source} / {sent.source}")
