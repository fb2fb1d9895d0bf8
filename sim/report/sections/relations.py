"""Relation users: fans, members, old customers and who is in groups over time, and their share of GMV. [LINK-2]"""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from sim.report import series, words
from sim.report.charts import chart
from sim.report.page import DASH, Page, traced
from sim.report.words import say, shown

STOCKS = ("fans", "members", "old_customers", "group_members")
PAID = ("gmv_relation", "gmv_old", "gmv_fan", "gmv_member")


def relations(page: Page) -> dict[str, Any] | None:
    """Nothing, where no run has a relation user."""
    stocks = [stock for stock in STOCKS if series.moves(page, stock)]
    if not stocks:
        return None
    arms = page.material.arms
    rows = [
        {
            "label": say("at_the_end", stock=words.metric(stock)),
            "cells": [page.figure(stock, page.estimate(stock, arm, "mean")) for arm in arms],
        }
        for stock in stocks
        if stock in page.metrics
    ]
    rows += [
        {"label": shown(words.TEXT[f"share_{paid}"]), "cells": [_share(page, paid, arm) for arm in arms]}
        for paid in PAID
        if paid in page.metrics and not page.idle(paid)
    ]
    charts = [
        {
            "title": shown(words.metric(stock)),
            "svg": Markup(chart(f"stock-{stock}", series.lines(page, stock), unit=words.TEXT["unit_relations"])),
        }
        for stock in stocks
    ]
    return {"charts": charts, "rows": rows}


def _share(page: Page, paid: str, arm: str) -> Markup:
    part, whole = page.estimate(paid, arm, "mean"), page.estimate("gmv", arm, "mean")
    if part.value is None or not whole.value:
        return DASH
    return traced(f"{100 * part.value / whole.value:.1f}%", f"{part.source} / {whole.source}")
