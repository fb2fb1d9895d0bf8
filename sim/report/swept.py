"""The report of a sweep: what each setting does to each figure, and how to get that again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from markupsafe import Markup

from sim.errors import BadInput
from sim.experiments import units
from sim.report import words
from sim.report.drawing import COLOURS
from sim.report.folder import read_json
from sim.report.intervals import Ends, Scale
from sim.report.levels import Dot, levels
from sim.report.page import DASH, percent, traced
from sim.report.sections.changed import meaning_of
from sim.report.words import Words, joined, phrase, say, shown

FILE, DESIGN, RUNS = "sweep.json", "design.json", "runs.parquet"
MOST_POINTS = 200  # in the table of the page
MOST_FAILURES = 10  # named in the page

Effect = Mapping[str, Any]


@dataclass(frozen=True)
class Material:
    """What `sweep.json` and `design.json` hold, and the table of runs."""

    sweep: Mapping[str, Any]
    design: Mapping[str, Any]
    runs: pd.DataFrame

    @property
    def currency(self) -> str:
        return str(self.sweep["currency"])

    @property
    def resolved(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.design["scenario"]["resolved"]
        return found

    @property
    def shown(self) -> list[str]:
        """The metrics that are not zero in every run."""
        return [metric for metric in self.sweep["metrics"] if metric not in self.sweep["idle"]]

    @property
    def headlines(self) -> list[str]:
        """What people ask for first."""
        return [metric for metric in units.HEADLINES if metric in self.shown]

    def effects(self, metric: str, path: str) -> Sequence[Effect]:
        found: Sequence[Effect] = self.sweep["effects"][metric][path]
        return found


def read(folder: Path) -> Material:
    """Raises `BadInput` that names what is missing or cannot be read."""
    try:
        runs = pd.read_parquet(folder / RUNS)
    except (OSError, ValueError) as fault:
        raise BadInput(f"{folder / RUNS}: cannot be read: {fault}") from None
    return Material(read_json(folder / FILE), read_json(folder / DESIGN), runs)


def build(material: Material) -> dict[str, Any]:
    """What the template needs, by name."""
    error = say("sweep_single" if material.sweep["replications"] == 1 else "sweep_how_error")
    return {
        "head": _head(material),
        "how": [say("sweep_how_means"), error, say("assumptions_open")] if material.shown else [],
        "failures": _failures(material),
        "factors": [_factor(material, number) for number in range(len(material.sweep["factors"]))] if material.shown else [],
        "points": _points(material),
        "again": _again(material),
    }


def _head(material: Material) -> dict[str, Any]:
    paths = [factor["path"] for factor in material.sweep["factors"]]
    settings = joined("sweep_and", map(_named, paths))
    when = {key: material.resolved.get(key) for key in ("start", "days")}
    of_sweep = {key: material.sweep[key] for key in ("points", "replications")}
    return {
        "kicker": say("sweep_kicker"),
        "question": say(
            "sweep_question" if len(paths) > 1 else "sweep_question_one",
            settings=settings,
            scenario=_named(material.sweep["scenario"]),
        ),
        "plain": f"{material.sweep['scenario']}: {', '.join(paths)}",
        "period": say("sweep_size", **of_sweep) if set(paths) & set(when) else say("sweep_period", **when, **of_sweep),
    }


def _named(text: str) -> Markup:
    return Markup("<em>{}</em>").format(text)


def _failures(material: Material) -> list[Markup]:
    failures = material.sweep["failures"]
    if not failures:
        return []
    lines = [say("sweep_failed_count", failed=len(failures), runs=len(material.runs))]
    replications, points = material.sweep["replications"], material.sweep["points"]
    for factor in material.sweep["factors"]:
        used = material.sweep["used"].get(factor["path"])
        of_points = points // len(factor["levels"])
        if used is not None and (used["points"], used["replications"]) != (of_points, replications):
            less = {**used, "of_points": of_points, "of_replications": replications}
            lines.append(say("sweep_used_less", path=_code(factor["path"]), **less))
    for one in failures[:MOST_FAILURES]:
        settings = ", ".join(f"{path} = {value}" for path, value in one["settings"].items())
        of_run = {key: one[key] for key in ("point", "replication", "error")}
        lines.append(say("sweep_failed_run", settings=settings, **of_run))
    if len(failures) > MOST_FAILURES:
        lines.append(say("sweep_more_failed", count=len(failures) - MOST_FAILURES))
    return lines


def _factor(material: Material, number: int) -> dict[str, Any]:
    factor = material.sweep["factors"][number]
    path, used = factor["path"], material.sweep["used"][factor["path"]]
    colour = COLOURS[number % len(COLOURS)]
    return {
        "path": path,
        "colour": colour,
        "meaning": meaning_of(path, material.design.get("meanings", {}).get(path), [material.resolved]),
        "used": say("sweep_used", points=used["points"], replications=used["replications"]),
        "charts": [
            {"title": shown(words.metric(metric)), "svg": Markup(svg)}
            for metric in material.headlines
            if (svg := _chart(material, metric, number, colour))
        ],
        "rows": [row for metric in material.headlines for row in _rows(material, metric, path)],
        "all": [row for metric in material.shown if metric not in material.headlines for row in _rows(material, metric, path)],
    }


def _chart(material: Material, metric: str, number: int, colour: str) -> str:
    factor = material.sweep["factors"][number]
    found = material.effects(metric, factor["path"])
    scale = units.scale(metric, material.currency)
    first = found[0]["mean"]
    if first is None:
        return ""
    dots = [
        Dot(
            label,
            float(one["level"]) if factor["numeric"] else None,
            one["mean"] / scale,
            None if one["mean_low"] is None else one["mean_low"] / scale,
            None if one["mean_high"] is None else one["mean_high"] / scale,
            None if one["low"] is None else ((first + one["low"]) / scale, (first + one["high"]) / scale),
        )
        for label, one in zip(factor["levels"], found)
        if one["mean"] is not None
    ]
    unit = Words(material.currency, material.currency) if units.is_money(metric) else None
    return levels(f"f{number}-{metric}", dots, colour, unit)


def _rows(material: Material, metric: str, path: str) -> list[dict[str, Any]]:
    """A row per level: figures, and the difference with its interval on a track."""
    found = material.effects(metric, path)
    labels = next(factor["levels"] for factor in material.sweep["factors"] if factor["path"] == path)
    sizes = [abs(one["mean"]) for one in found if one["mean"] is not None]
    places = units.decimals_for(max(sizes, default=0.0) / units.scale(metric, material.currency))
    ends = [Ends(one["difference"], one["low"], one["high"]) for one in found]
    scale = Scale(ends)

    def figure(number: int, key: str) -> Markup:
        value = found[number][key]
        if value is None:
            return DASH
        text = units.write(value, metric, material.currency, signed=key in {"difference", "low", "high"}, decimals=places)
        return traced(text, f"{FILE}: effects.{metric}.{path}[{number}].{key}")

    def between(number: int, low: str, high: str) -> Markup:
        if found[number][low] is None:
            return DASH
        return say("to", low=figure(number, low), high=figure(number, high))

    rows = []
    for number, one in enumerate(found):
        relative, gain = one["relative"], one["variance_reduction"]
        source = f"{FILE}: effects.{metric}.{path}[{number}]"
        rows.append(
            {
                "first": number == 0,
                "label": shown(_label(metric, material.currency)) if number == 0 else "",
                "level": _code(labels[number]),
                "mean": figure(number, "mean"),
                "mean_interval": between(number, "mean_low", "mean_high"),
                "difference": figure(number, "difference"),
                "relative": DASH if relative is None else traced(percent(relative), f"{source}.relative"),
                "interval": between(number, "low", "high"),
                "gain": DASH if gain is None else traced(f"{gain:,.1f}", f"{source}.variance_reduction"),
                "zero": scale.at(0.0),
                "track": None if one["difference"] is None else scale.track(ends[number]),
            }
        )
    return rows


def _label(metric: str, currency: str) -> Words:
    plain = words.metric(metric)
    return phrase("metric_in", metric=plain, currency=currency) if units.is_money(metric) else plain


def _code(text: object) -> Markup:
    return Markup("<code>{}</code>").format(text)


def _points(material: Material) -> dict[str, Any] | None:
    metrics = material.headlines
    if not metrics:
        return None
    paths = [factor["path"] for factor in material.sweep["factors"]]
    runs = material.runs
    groups = runs.groupby("point", sort=False)
    first = groups[paths].first()
    means = groups[metrics].mean()
    finished = (runs["status"] == "complete").groupby(runs["point"], sort=False).sum()
    rows = [
        {
            "name": _code(point),
            "settings": [_code(_plain(first.at[point, path])) for path in paths],
            "finished": int(finished[point]),
            "cells": [_mean(material, metric, means.at[point, metric], str(point)) for metric in metrics],
        }
        for point in first.index[:MOST_POINTS]
    ]
    cut = len(first) > MOST_POINTS
    return {
        "paths": paths,
        "metrics": [shown(_label(metric, material.currency)) for metric in metrics],
        "rows": rows,
        "cut": say("sweep_points_cut", count=MOST_POINTS, points=len(first)) if cut else None,
    }


def _plain(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _mean(material: Material, metric: str, value: Any, point: str) -> Markup:
    if pd.isna(value):
        return DASH
    return traced(units.write(float(value), metric, material.currency), f"{RUNS}: mean of {metric} where point = {point}")


def _again(material: Material) -> dict[str, Any]:
    seeds = material.sweep["seeds"]
    versions = material.design.get("versions", {})
    return {
        "command": material.sweep["command"],
        "seeds": say("to", low=seeds[0], high=seeds[-1]) if len(seeds) > 1 else seeds[0],
        "versions": ", ".join(f"{name} {version}" for name, version in versions.items()),
        "hash": material.design["scenario"]["hash"],
        "tables": ["runs.parquet", "runs.csv", "table.parquet", "table.csv", FILE, DESIGN],
    }
