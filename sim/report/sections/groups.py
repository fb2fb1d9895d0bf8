"""Who wins and who loses: merchants, industries and segments of consumers, each judged by what matters to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from sim.report import words
from sim.report.intervals import Ends, Scale
from sim.report.page import DASH, Page, percent, traced
from sim.report.words import Words, joined, phrase, say, shown
from sim.report.words.groups import INDUSTRIES, SEGMENTS

KINDS = ("merchant", "industry", "segment")
VERDICTS = ("wins", "loses", "unclear", "equal")
KEYS = ("difference", "low", "high", "assumption_low", "assumption_high")
MOST_NAMED = 3
Of = Mapping[str, Mapping[str, Mapping[str, Any]]]  # group, metric, arm


def groups(page: Page) -> list[dict[str, Any]]:
    """A part for each kind of which there are two groups or more."""
    by = (page.comparison or {}).get("by") or {}
    headline = (page.comparison or {}).get("headline") or {}
    return [
        _kind(page, kind, by[kind], [metric for metric in headline.get(kind, []) if _has(by[kind], metric)])
        for kind in KINDS
        if len(by.get(kind, {})) > 1
    ]


def _has(of: Of, metric: str) -> bool:
    return any(metric in metrics for metrics in of.values())


def _kind(page: Page, kind: str, of: Of, judged: list[str]) -> dict[str, Any]:
    return {
        "title": say(f"groups_{kind}"),
        "text": [_tally(page, kind, of, metric, arm) for metric in judged for arm in page.others],
        "family": _family(page, kind, len(of)),
        "panels": [_panel(page, kind, of, metric, arm) for metric in judged for arm in page.others],
        "table": _table(page, kind, of, judged),
    }


def _family(page: Page, kind: str, count: int) -> Markup:
    """What the 95 % hold for: as every interval of many, those of a family are wider than one alone."""
    if page.replications < 2:
        return say("family_single")
    return say("family", groups=phrase(f"of_{kind}", count=count), arms=len(page.others))


def _tally(page: Page, kind: str, of: Of, metric: str, arm: str) -> Markup:
    """So many of them win, so many lose, and who does most."""
    listed: dict[str, list[str]] = {verdict: [] for verdict in VERDICTS}
    for group, metrics in of.items():
        verdict = metrics.get(metric, {}).get(arm, {}).get("verdict")
        if verdict in listed:
            listed[verdict].append(group)
    clauses = [
        phrase(f"tally_{verdict}", count=traced(str(len(listed[verdict])), _source(kind, "*", metric, arm, "verdict")))
        for verdict in VERDICTS
        if listed[verdict] or verdict != "equal"
    ]
    texts = [
        phrase(
            "tally",
            arm=page.name(arm),
            groups=phrase(f"of_{kind}", count=len(of)),
            metric=words.metric(metric),
            clauses=joined("list", clauses),
        )
    ]
    for verdict in ("wins", "loses"):
        most = sorted(listed[verdict], key=lambda group: -abs(of[group][metric][arm]["difference"] or 0.0))[:MOST_NAMED]
        if most:
            named = joined("list", (_with_size(page, kind, of, group, metric, arm) for group in most))
            texts.append(phrase(f"most_{verdict}", groups=named))
    return shown(joined("sentences", texts))


def _with_size(page: Page, kind: str, of: Of, group: str, metric: str, arm: str) -> Words:
    one = of[group][metric][arm]
    key = "difference" if one["relative"] is None else "relative"
    source = _source(kind, group, metric, arm, key)
    size = traced(percent(one[key]) if key == "relative" else _written(page, metric, one[key]), source)
    return phrase("arm_with", arm=_name(kind, group), value=size)


def _panel(page: Page, kind: str, of: Of, metric: str, arm: str) -> dict[str, Any]:
    known = {group: metrics[metric][arm] for group, metrics in of.items() if metric in metrics}
    figures = [metrics[metric][one] for metrics in of.values() if metric in metrics for one in page.others]
    scale = Scale(_ends(figure) for figure in figures)  # the same for all arms
    order = sorted(known, key=lambda group: -(known[group]["difference"] or 0.0))
    return {
        "arm": page.name(arm),
        "label": shown(page.label(metric)),
        "zero": scale.at(0.0),
        "rows": [
            {
                "name": shown(_name(kind, group)),
                "industry": shown(_of_industry(page, group)) if kind == "merchant" else None,
                "verdict": known[group]["verdict"],
                "said": say(f"is_{known[group]['verdict']}_short") if known[group]["verdict"] else DASH,
                "size": _figure(page, kind, of, group, metric, arm, "difference"),
                "relative": _relative(kind, of, group, metric, arm),
                "track": scale.track(_ends(known[group])),
            }
            for group in order
        ],
    }


def _ends(figure: Mapping[str, Any]) -> Ends:
    return Ends(*(figure.get(key) for key in KEYS))


def _table(page: Page, kind: str, of: Of, judged: list[str]) -> dict[str, Any]:
    """All figures of all groups: the judged ones with both kinds of uncertainty, of the others the difference."""
    metrics = list(dict.fromkeys(metric for metrics in of.values() for metric in metrics))
    others = [metric for metric in metrics if metric not in judged and _any(of, metric)]
    rows = []
    for group in of:
        for arm in page.others:
            judgements = [
                {
                    "base": _figure(page, kind, of, group, metric, page.base, "mean"),
                    "difference": _figure(page, kind, of, group, metric, arm, "difference"),
                    "interval": shown(_range(page, kind, of, group, metric, arm, "low", "high")),
                    "assumed": shown(_range(page, kind, of, group, metric, arm, "assumption_low", "assumption_high")),
                }
                for metric in judged
            ]
            cells = [_figure(page, kind, of, group, metric, arm, "difference") for metric in others]
            first = arm == page.others[0]
            rows.append(
                {
                    "name": shown(_name(kind, group)) if first else "",
                    "arm": page.name(arm),
                    "judged": judgements,
                    "cells": cells,
                }
            )
    return {
        "judged": [shown(page.label(metric)) for metric in judged],
        "others": [shown(phrase("difference_in", metric=page.label(metric))) for metric in others],
        "rows": rows,
        "assumed": page.assumed is not None,
    }


def _any(of: Of, metric: str) -> bool:
    return any(one.get("mean") or one.get("difference") for metrics in of.values() for one in metrics.get(metric, {}).values())


def _range(page: Page, kind: str, of: Of, group: str, metric: str, arm: str, low: str, high: str) -> Words:
    one = of[group].get(metric, {}).get(arm, {})
    if one.get(low) is None or one.get(high) is None:
        return Words(DASH, DASH)
    lower, upper = (_figure(page, kind, of, group, metric, arm, key) for key in (low, high))
    return phrase("to", low=lower, high=upper)


def _figure(page: Page, kind: str, of: Of, group: str, metric: str, arm: str, key: str) -> Markup:
    value = of[group].get(metric, {}).get(arm, {}).get(key)
    if value is None:
        return DASH
    return traced(_written(page, metric, value, signed=key != "mean"), _source(kind, group, metric, arm, key))


def _written(page: Page, metric: str, value: float, signed: bool = True) -> str:
    return page.written(metric, value, signed=signed)


def _relative(kind: str, of: Of, group: str, metric: str, arm: str) -> Markup:
    value = of[group].get(metric, {}).get(arm, {}).get("relative")
    return DASH if value is None else traced(percent(value), _source(kind, group, metric, arm, "relative"))


def _source(kind: str, group: str, metric: str, arm: str, key: str) -> str:
    return f"comparison.json: by.{kind}.{group}.{metric}.{arm}.{key}"


def _name(kind: str, group: str) -> Words:
    known = {"industry": INDUSTRIES, "segment": SEGMENTS}.get(kind, {})
    return known.get(group, Words(group, group))


def _of_industry(page: Page, group: str) -> Words:
    return _name("industry", page.material.a_run.industries.get(group, ""))
