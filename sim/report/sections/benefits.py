"""What became of coupons and benefits: claimed, used, expired, held, what they cost and whom. [KEEP-1, KEEP-2, INT-2, INT-4]"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import pandas as pd
from markupsafe import Markup

from sim.experiments import units
from sim.report.folder import RunFolder
from sim.report.page import DASH, Page, count, traced
from sim.report.sections.money import panel
from sim.report.words import say, shown
from sim.report.words.benefits import KINDS
from sim.report.words.reasons import REASONS

FILE = "benefits.parquet"
COUNTS = ("claimed", "redeemed", "expired", "held", "returned", "successes")
MONEY = ("discount", "gift_cost", "discount_merchant", "discount_platform")
COMPARED = ("claims", "redemptions", "discount", "discount_platform", "gift_cost")
REFUSED = "refused_"
COLOURS = {"used": "#2b8a6e", "held": "#a9d3c4", "expired": "#c3cad2"}
WIDE = 7.0  # percent of a bar, below which its share does not fit into a part


class Of(NamedTuple):
    """A benefit; one of the past that a run came out of is told apart from that of the run."""

    benefit: str
    kind: str
    of_past: bool


Figures = dict[Of, dict[str, float]]


def benefits(page: Page) -> dict[str, Any] | None:
    """Nothing, where no store gives any."""
    arms = [arm for arm, runs in page.material.runs.items() if runs]
    found = {arm: _figures(page.material.runs[arm]) for arm in arms}
    known = list(dict.fromkeys(of for arm in arms for of in found[arm]))
    known = [of for of in known if not of.of_past or any(any(found[arm].get(of, {}).values()) for arm in arms)]
    if not known:
        return None
    successes = any(of["successes"] for arm in arms for of in found[arm].values())
    columns = [*(name for name in COUNTS if name != "successes" or successes), *MONEY]
    return {
        "arms": [page.name(arm) for arm in arms],
        "several": page.comparison is not None,
        "bars": [{"name": _name(of), "arms": bars} for of in known if (bars := _bars(page, of, found))],
        "colours": [{"colour": colour, "words": say(f"coupon_{part}")} for part, colour in COLOURS.items()],
        "columns": [say(f"benefit_{name}", currency=page.currency) for name in columns],
        "rows": [row for of in known for row in _rows(page, of, arms, found, columns)],
        "refused": _refused(page, known, arms, found),
        "panels": _panels(page),
        "note": say("money_note", base=page.base) if page.comparison is not None else None,
    }


def _figures(runs: Sequence[RunFolder]) -> Figures:
    """All stores together, as a mean over the runs."""
    tables = [run.benefits for run in runs if len(run.benefits)]
    if not tables:
        return {}
    sums = pd.concat(tables).groupby(["benefit", "kind", "of_past"], sort=False).sum(numeric_only=True) / len(runs)
    names = [str(column) for column in sums]
    rows = (dict(zip(names, row)) for row in sums.to_numpy().tolist())
    return {Of(name, kind, bool(past)): row for (name, kind, past), row in zip(sums.index.tolist(), rows)}


def _name(of: Of) -> Markup:
    kind = shown(KINDS[of.kind])
    past = Markup(" ({})").format(say("benefit_of_past")) if of.of_past else ""
    return Markup('<span class="benefit">{} <small>{}{}</small></span>').format(of.benefit, kind, past)


def _used(figures: dict[str, float]) -> float:
    """Used and not come back with a refund: what was claimed is used, held or expired."""
    return figures["redeemed"] - figures["returned"]


def _bars(page: Page, of: Of, found: dict[str, Figures]) -> list[dict[str, Any]]:
    """Of a coupon that was claimed, a bar per arm."""
    return [_bar(page, arm, figures[of]) for arm, figures in found.items() if figures.get(of, {}).get("claimed")]


def _bar(page: Page, arm: str, figures: dict[str, float]) -> dict[str, Any]:
    parts = {"used": _used(figures), "held": figures["held"], "expired": figures["expired"]}
    shares = {part: 100 * number / figures["claimed"] for part, number in parts.items()}
    return {
        "arm": page.name(arm),
        "parts": [
            {
                "width": round(share, 3),
                "colour": COLOURS[part],
                "text": f"{share:.0f}%" if share >= WIDE else "",
                "dark": part != "used",
            }
            for part, share in shares.items()
            if share > 0
        ],
    }


def _rows(page: Page, of: Of, arms: list[str], found: dict[str, Figures], columns: list[str]) -> list[dict[str, Any]]:
    return [
        {
            "first": k == 0,
            "name": _name(of),
            "arm": page.name(arm),
            "cells": [_cell(page, of, arm, found[arm].get(of), name) for name in columns],
        }
        for k, arm in enumerate(arms)
    ]


def _cell(page: Page, of: Of, arm: str, figures: dict[str, float] | None, name: str) -> Markup:
    if figures is None or (name in ("claimed", "expired", "held", "returned") and not figures["claimed"]):
        return DASH
    if name == "successes" and not figures[name]:
        return DASH
    number, source = figures[name], f"{page.tables(arm, FILE)}: {name}, {of.benefit}"
    if name in MONEY:
        return traced(units.write(number, "discount", page.currency), source)
    figure = traced(_written(page, number), source)
    if name == "redeemed" and figures["claimed"]:
        return Markup("{} <small>{}</small>").format(figure, f"{100 * _used(figures) / figures['claimed']:.1f}%")
    return figure


def _refused(page: Page, known: list[Of], arms: list[str], found: dict[str, Figures]) -> list[dict[str, Any]]:
    """Claims that were refused, by benefit and reason."""
    rows: list[dict[str, Any]] = []
    for of in known:
        names = dict.fromkeys(name for arm in arms for name in found[arm].get(of, {}) if name.startswith(REFUSED))
        first = True
        for name in names:
            numbers = [found[arm].get(of, {}).get(name, 0.0) for arm in arms]
            if not any(numbers):
                continue
            cells = [
                traced(_written(page, number), f"{page.tables(arm, FILE)}: {name}, {of.benefit}")
                for arm, number in zip(arms, numbers)
            ]
            code = name.removeprefix(REFUSED)
            rows.append({"first": first, "name": _name(of), "label": shown(REASONS[code]), "code": code, "cells": cells})
            first = False
    return rows


def _written(page: Page, number: float) -> str:
    return count(number, 0 if page.comparison is None else None)


def _panels(page: Page) -> list[dict[str, Any]]:
    """The differences to the base in what benefits were used for and cost."""
    if page.comparison is None:
        return []
    return [panel(page, metric) for metric in COMPARED if metric in page.metrics and not page.idle(metric)]
