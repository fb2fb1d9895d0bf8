"""The stages of LINK+ side by side: how many relations moved into each, how many stand there, and who left where. [LINK-1]"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from sim.report import series, words
from sim.report.charts import chart
from sim.report.folder import RunFolder
from sim.report.page import DASH, Page, count, traced
from sim.report.words import phrase, say, shown

STAGES = ("lead", "interlock", "engage", "keep")
ENTERED = tuple(f"{stage}_entered" for stage in STAGES)
COLUMNS = (*STAGES, *ENTERED, "left")


class Balance(NamedTuple):
    """Relations by stage, each of shape (4,): start + entered = moved + left + end.

    No stage is skipped, so what moved on from a stage is what entered the next; what remains has left the store.
    """

    start: NDArray[np.float64]
    entered: NDArray[np.float64]
    moved: NDArray[np.float64]
    left: NDArray[np.float64]
    end: NDArray[np.float64]


def balance(runs: Sequence[RunFolder]) -> Balance:
    """From the end of the first day to that of the last, as a mean over the runs: the stocks before the first are not kept."""
    stocks = np.array([series.by_day(runs, stage).values for stage in STAGES])
    entered = np.array([series.by_day(runs, column).values[1:].sum() for column in ENTERED])
    moved = np.append(entered[1:], 0.0)
    start, end = stocks[:, 0], stocks[:, -1]
    return Balance(start, entered, moved, start + entered - moved - end, end)


def funnel(page: Page) -> dict[str, Any] | None:
    """Nothing, where a run has no stages or nobody in them."""
    if not series.known(page, COLUMNS) or not any(series.moves(page, stage) for stage in STAGES):
        return None
    if not set(STAGES) | set(ENTERED) <= set(page.metrics):
        return None
    return {
        "text": [_flow(page, arm) for arm, runs in page.material.runs.items() if runs],
        "sides": [
            {"title": say("funnel_entered"), "stages": _stages(page, ENTERED)},
            {"title": say("funnel_stock"), "stages": _stages(page, STAGES)},
        ],
        "charts": [
            {
                "title": shown(words.TEXT[f"stage_{stage}"]),
                "svg": Markup(chart(f"stage-{stage}", series.lines(page, stage), unit=words.TEXT["unit_relations"])),
            }
            for stage in STAGES
            if series.moves(page, stage)
        ],
        "balance": [row for arm, runs in page.material.runs.items() if runs for row in _balance(page, arm, runs)],
    }


def _flow(page: Page, arm: str) -> Markup:
    """In one sentence: the entries of each further stage for a hundred of Lead; of the run, not of one cohort."""
    places = [page.estimate(column, arm, "mean") for column in ENTERED]
    first = places[0].value or 0.0
    shares = [traced(f"{100 * (one.value or 0) / first:.1f}" if first else "–", f"{one.source} / lead") for one in places[1:]]
    return say("funnel_flow", arm=page.name(arm), interlock=shares[0], engage=shares[1], keep=shares[2])


def _stages(page: Page, metrics: Sequence[str]) -> list[dict[str, Any]]:
    places = {(metric, arm): page.estimate(metric, arm, "mean") for metric in metrics for arm in page.material.arms}
    widest = max((place.value or 0 for place in places.values()), default=0) or 1.0
    return [
        {
            "name": shown(words.TEXT[f"stage_{stage}"]),
            "rows": [
                {
                    "arm": arm,
                    "colour": page.colour(arm),
                    "width": round(100 * (places[metric, arm].value or 0) / widest, 2),
                    "value": page.figure(metric, places[metric, arm]),
                    "change": _change(page, metric, arm),
                }
                for arm in page.material.arms
            ],
        }
        for stage, metric in zip(STAGES, metrics)
    ]


def _change(page: Page, metric: str, arm: str) -> Markup | None:
    """The difference to the base, and in brackets its size."""
    if arm == page.base:
        return None
    difference = page.estimate(metric, arm, "difference")
    if difference.value is None:
        return DASH
    written = page.figure(metric, difference, signed=True)
    return shown(phrase("arm_with", arm=written, value=page.relative(metric, arm)))


def _balance(page: Page, arm: str, runs: Sequence[RunFolder]) -> list[dict[str, Any]]:
    parts = balance(runs)
    table = page.tables(arm, "daily.parquet")
    decimals = 0 if page.replications == 1 else 1
    rows = []
    for k, stage in enumerate(STAGES):
        onward = ENTERED[k + 1] if k + 1 < len(STAGES) else ""
        sources = (stage, ENTERED[k], onward, f"{stage}, {ENTERED[k]}, {onward or 'end'}", stage)
        cells = [traced(count(float(part[k]), decimals), f"{table}: {source}") for part, source in zip(parts, sources)]
        if not onward:
            cells[2] = DASH
        rows.append({"arm": page.name(arm) if k == 0 else "", "stage": shown(words.TEXT[f"stage_{stage}"]), "cells": cells})
    return rows
