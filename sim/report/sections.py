"""The contents of the report, section by section, as plain values for the template."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from typing import Any

from markupsafe import Markup

from sim.experiments import units
from sim.report import weekly, words
from sim.report.against_log import against_log
from sim.report.charts import Line, chart
from sim.report.folder import Material
from sim.report.page import DASH, Page, count, traced, typeset
from sim.report.words import Words, joined, phrase, say, shown

KINDS = ("assumed", "sourced", "fitted", "chosen")


def build(material: Material) -> dict[str, Any]:
    """What the template needs, by name."""
    page = Page(material)
    return {
        "arms": [{"name": arm, "colour": page.colour(arm)} for arm in material.arms],
        "head": head(page),
        "answer": answer(page),
        "cautions": cautions(page),
        "log": against_log(page),
        "messages": messages(page),
        "money": money(page),
        "changed": changed(page),
        "assumptions": assumptions(page),
        "figures": figures(page),
        "again": again(page),
    }


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


def _strong(key: str) -> Words:
    return Words(*(Markup("<strong>{}</strong>").format(side) for side in words.TEXT[key]))


def _named(arm: str) -> Markup:
    return Markup("<em>{}</em>").format(arm)


def answer(page: Page) -> dict[str, Any]:
    if page.comparison is None:
        wanted = (page.purchases, *units.HEADLINES[2:])  # purchases once, by their best name
        totals = [
            {"label": shown(page.label(m)), "value": page.figure(m, page.estimate(m, page.base, "mean"))}
            for m in page.metrics
            if m in wanted
        ]
        return {"lines": [], "cards": [], "totals": totals, "certainty": [say("certainty_run")]}
    asked = [metric for metric in (page.purchases, "profit", "opt_outs") if metric in page.metrics]
    return {
        "lines": [_line(page, metric) for metric in asked if metric != "opt_outs"],
        "cards": [_card(page, arm, asked) for arm in page.others],
        "totals": [],
        "certainty": _certainty(page, int(page.comparison["draws"])),
    }


def _certainty(page: Page, draws: int) -> list[Markup]:
    """The two kinds of uncertainty, each by its name; they are never mixed."""
    key = "certainty" if page.replications > 1 else "certainty_single"
    texts = [phrase(key, how=_strong("how_sure"), base=page.base, replications=page.replications)]
    if page.replications > 1 and len(page.others) > 1:
        texts.append(phrase("certainty_together"))
    assumed = phrase("assumptions_done", draws=draws) if draws else phrase("assumptions_open")
    return [shown(joined("sentences", texts)), shown(assumed)]


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


def cautions(page: Page) -> list[Markup]:
    warnings = page.comparison["warnings"] if page.comparison is not None else []
    found = [shown(Words(typeset(one["en"]), typeset(one["zh"]))) for one in warnings]
    for runs in page.material.runs.values():
        for run in runs:
            status = run.manifest.get("status")
            if status != "complete":
                found.append(say("incomplete", run=run.link or page.base, status=status))
    return found


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


def money(page: Page) -> list[dict[str, Any]]:
    """One panel for each of GMV and profit: an interval per arm on a common scale."""
    panels: list[dict[str, Any]] = []
    if page.comparison is None:
        return panels
    for metric in ("gmv", "profit"):
        if metric not in page.metrics:
            continue
        ends = [0.0]
        for arm in page.others:
            places = [page.estimate(metric, arm, key).value for key in ("difference", "low", "high")]
            ends += [value for value in places if value is not None]
        low, high = min(ends), max(ends)
        span = (high - low) or 1.0
        low, high = low - 0.06 * span, high + 0.06 * span
        panels.append(
            {
                "label": shown(page.label(metric)),
                "base": say(
                    "money_base", base=page.name(page.base), value=page.figure(metric, page.estimate(metric, page.base, "mean"))
                ),
                "zero": _at(0.0, low, high),
                "rows": [_bar(page, metric, arm, low, high) for arm in page.others],
            }
        )
    return panels


def _bar(page: Page, metric: str, arm: str, low: float, high: float) -> dict[str, Any]:
    difference, left, right = (page.estimate(metric, arm, key).value for key in ("difference", "low", "high"))
    return {
        "name": arm,
        "colour": page.colour(arm),
        "mean": page.figure(metric, page.estimate(metric, arm, "mean")),
        "difference": page.figure(metric, page.estimate(metric, arm, "difference"), signed=True),
        "relative": page.relative(metric, arm),
        "interval": shown(page.interval(metric, arm)),
        "dot": None if difference is None else _at(difference, low, high),
        "left": None if left is None else _at(left, low, high),
        "right": None if right is None else 100 - _at(right, low, high),
    }


def _at(value: float, low: float, high: float) -> float:
    return round(100 * (value - low) / (high - low), 3)


def changed(page: Page) -> list[dict[str, Any]]:
    """A row per setting that any arm changes, a column per arm; an arm that keeps the base's value has a blank."""
    if page.comparison is None:
        return []
    rows: dict[str, dict[str, Any]] = {}
    for arm, changes in page.comparison["changed"].items():
        for change in changes:
            row = rows.setdefault(change["path"], {"base": change["base"], "arms": {}})
            row["arms"][arm] = change["arm"]
    return [
        {
            "path": path,
            "base": _setting(row["base"]),
            "cells": [_setting(row["arms"][arm]) if arm in row["arms"] else "" for arm in page.others],
        }
        for path, row in sorted(rows.items())
    ]


def _setting(value: Any) -> Markup:
    if value is None:
        return say("absent")
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return Markup("<code>{}</code>").format(text)


def assumptions(page: Page) -> dict[str, Any]:
    rows = list(page.material.a_run.manifest.get("assumptions") or [])
    order = {kind: i for i, kind in enumerate(KINDS)}
    rows.sort(key=lambda row: order.get(row.get("kind", ""), len(KINDS)))
    counts = Counter(row.get("kind") for row in rows)
    by_kind = joined(
        "list", (phrase("kind_count", count=counts[kind], kind=words.TEXT[f"kind_{kind}"]) for kind in KINDS if counts[kind])
    )
    note = say("assumptions_note", count=len(rows), base=page.name(page.base), by_kind=by_kind) if rows else None
    return {
        "note": note,
        "rows": [_assumption(row) for row in rows if row.get("kind") != "chosen"],
        "chosen": [_assumption(row) for row in rows if row.get("kind") == "chosen"],
    }


def _assumption(row: dict[str, Any]) -> dict[str, Any]:
    kind, value = row.get("kind", ""), row.get("value")
    return {
        "path": row.get("path", ""),
        "meaning": row.get("meaning", ""),
        "value": say("absent") if value is None else _plain(value),
        "unit": _plain(row.get("unit")),
        "between": _between(row.get("low"), row.get("high")),
        "kind": kind,
        "kind_label": say(f"kind_{kind}") if kind in KINDS else kind,
        "source": _plain(row.get("source")),
    }


def _between(low: Any, high: Any) -> Markup | str:
    return "" if low is None or high is None else shown(phrase("to", low=_plain(low), high=_plain(high)))


def _plain(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.6g}"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


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


def again(page: Page) -> dict[str, Any]:
    manifest = page.material.a_run.manifest
    versions = manifest.get("versions")
    if page.comparison is None:
        seeds = [manifest.get("seed")]
        command = manifest.get("command") or f"sim run scenario.yaml --seed {seeds[0]}"
        folders = [
            {"name": page.name(page.base), "links": [{"href": "manifest.json", "text": "manifest.json", "failed": False}]}
        ]
    else:
        seeds, command = page.comparison["seeds"], page.comparison["command"]
        failed = {failure["folder"]: failure["error"] for failure in page.comparison["failures"]}
        folders = [
            {
                "name": page.name(arm),
                "links": [
                    {"href": f"{link}/manifest.json", "text": link.rsplit("/", 1)[-1], "failed": failed.get(link)}
                    for link in links
                ],
            }
            for arm, links in page.comparison["runs"].items()
        ]
    return {
        "command": command,
        "seeds": shown(phrase("to", low=seeds[0], high=seeds[-1])) if len(seeds) > 1 else seeds[0],
        "versions": ", ".join(f"{k} {v}" for k, v in versions.items()) if isinstance(versions, dict) else None,
        "hashes": [
            {"name": page.name(arm), "hash": runs[0].manifest["scenario_hash"]}
            for arm, runs in page.material.runs.items()
            if runs and runs[0].manifest.get("scenario_hash")
        ],
        "folders": folders,
    }
