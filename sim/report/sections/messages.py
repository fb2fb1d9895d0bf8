"""Messages over time and in total."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from sim.report import weekly, words
from sim.report.charts import Line, chart
from sim.report.page import DASH, Page, count, traced
from sim.report.words import say, shown


def messages(page: Page) -> dict[str, Any]:
    material = page.material
    sent = [page.estimate("messages_sent", arm, "mean").value or 0 for arm in material.arms]
    if not any(sent):
        return {"none": True, "charts": [], "rows": []}
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
            lines.append(Line(starts, mean.cumsum() if metric == "opt_outs" else mean, page.colour(arm)))
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
    reasons = sorted({reason for runs in material.runs.values() for run in runs for reason in run.refused})
    rows += [
        {
            "label": say("refused_because", reason=Markup("<code>{}</code>").format(reason)),
            "cells": [_refused(page, arm, reason) for arm in material.arms],
        }
        for reason in reasons
    ]
    return {"none": False, "charts": charts, "rows": rows}


def _per_sent(page: Page, metric: str, arm: str, factor: int, unit: str) -> Markup:
    sent, part = page.estimate("messages_sent", arm, "mean"), page.estimate(metric, arm, "mean")
    if not sent.value or part.value is None:
        return DASH
    return traced(f"{factor * part.value / sent.value:.2f}{unit}", f"{part.source} / {sent.source}")


def _refused(page: Page, arm: str, reason: str) -> Markup:
    runs = page.material.runs[arm]
    if not runs:
        return DASH
    mean = sum(run.refused.get(reason, 0) for run in runs) / len(runs)
    decimals = 0 if page.comparison is None else None
    return traced(count(mean, decimals), f"{page.tables(arm, 'messages.parquet')}: reason {reason}")
