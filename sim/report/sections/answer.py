"""The answer in one sentence per metric, a card per arm, and how sure it is."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from markupsafe import Markup

from sim.experiments import units
from sim.report import weekly, words
from sim.report.page import Page
from sim.report.words import Words, joined, phrase, say, shown


def _strong(key: str) -> Words:
    return Words(*(Markup("<strong>{}</strong>").format(side) for side in words.TEXT[key]))


def answer(page: Page) -> dict[str, Any]:
    if page.comparison is None:
        wanted = (page.purchases, *units.HEADLINES[2:])  # purchases once, by their best name
        totals = [
            {"label": shown(page.label(m)), "value": page.figure(m, page.estimate(m, page.base, "mean"))}
            for m in page.metrics
            if m in wanted
        ]
        return {"lines": [], "cards": [], "totals": totals, "certainty": [say("certainty_run"), *_log(page)]}
    asked = [metric for metric in (page.purchases, "profit", "opt_outs") if metric in page.metrics]
    return {
        "lines": [_line(page, metric) for metric in asked if metric != "opt_outs"],
        "cards": [_card(page, arm, asked) for arm in page.others],
        "totals": [],
        "certainty": _certainty(page),
    }


def _certainty(page: Page) -> list[Markup]:
    """The two kinds of uncertainty, each by its name; they are never mixed."""
    key = "certainty" if page.replications > 1 else "certainty_single"
    texts = [phrase(key, how=_strong("how_sure"), base=page.base, replications=page.replications)]
    if page.replications > 1 and len(page.others) > 1:
        texts.append(phrase("certainty_together"))
    if page.assumed is None:
        assumed = [phrase("assumptions_open")]
    else:
        assumed = [phrase("assumptions_done", draws=page.draws), *_signs(page)]
    return [shown(joined("sentences", texts)), shown(joined("sentences", assumed)), *_log(page)]


def _signs(page: Page) -> list[Words]:
    """With which arms the sign of a headline is the same over the whole assumption range."""
    said = []
    for metric in (page.purchases, "profit"):
        holds: dict[str, list[str]] = {"holds": [], "turns": []}
        for arm in page.others:
            if page.kind(metric, arm) not in ("higher", "lower", "constant"):
                continue
            ends = [page.estimate(metric, arm, key).value for key in ("difference", "assumption_low", "assumption_high")]
            difference, low, high = (0.0 if end is None else end for end in ends)
            if None not in ends:
                holds["holds" if (low if difference > 0 else -high) > 0 else "turns"].append(arm)
        clauses = [phrase(f"sign_{key}", arms=joined("list", map(page.name, arms))) for key, arms in holds.items() if arms]
        if clauses:
            said.append(phrase("sign", metric=words.metric(metric), clauses=joined("and", clauses)))
    return said


def _log(page: Page) -> list[Markup]:
    """That nothing real is there to be compared with."""
    if not page.material.weeks:
        return [say("log_none")]
    return [] if weekly.common(page.material.weeks, page.material.a_run) else [say("log_no_overlap")]


def _line(page: Page, metric: str) -> Markup:
    """One sentence over all arms: which are higher, which lower, of which nothing can be said."""
    clauses = []
    for kind in ("higher", "lower", "unclear", "equal", "single", "missing"):
        arms = [arm for arm in page.others if _direction(page, metric, arm) == kind]
        if arms:
            name = _with_size if kind in ("higher", "lower", "single") else _without_size
            clauses.append(phrase(f"is_{kind}", arms=joined("list", (name(page, metric, arm) for arm in arms))))
    return say("clause", metric=words.metric(metric), clauses=joined("and", clauses))


def _direction(page: Page, metric: str, arm: str) -> str:
    """The kind of the verdict; what differs by the same in every replication is higher or lower too."""
    kind = page.kind(metric, arm)
    if kind != "constant":
        return kind
    return "higher" if (page.estimate(metric, arm, "difference").value or 0) > 0 else "lower"


def _with_size(page: Page, metric: str, arm: str) -> Words:
    return phrase("arm_with", arm=page.name(arm), value=_size(page, metric, arm))


def _without_size(page: Page, metric: str, arm: str) -> Words:
    return Words(page.name(arm), page.name(arm))


def _size(page: Page, metric: str, arm: str) -> Markup:
    """The difference, as a share of the base where it has one."""
    if page.estimate(metric, arm, "relative").value is not None:
        return page.relative(metric, arm)
    return page.figure(metric, page.estimate(metric, arm, "difference"), signed=True)


def _card(page: Page, arm: str, metrics: Iterable[str]) -> dict[str, Any]:
    return {
        "name": arm,
        "colour": page.colour(arm),
        "rows": [
            {
                "label": shown(words.metric(metric)),
                "size": _size(page, metric, arm),
                "kind": page.kind(metric, arm),
                "verdict": shown(page.verdict(metric, arm)),
            }
            for metric in metrics
        ],
    }
