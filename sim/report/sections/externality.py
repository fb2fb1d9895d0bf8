"""What the senders do to each other: the more messages a consumer gets, the smaller the share that is read."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from sim.report import words
from sim.report.dots import Cloud, dots
from sim.report.page import Page, traced
from sim.report.words import joined, phrase, say, shown

NONE = np.array([], np.float64)
APART = 1.05  # arms whose messages differ by less are no test of what more of them do


class Load(NamedTuple):
    """Of each run of an arm: messages delivered per consumer and week, and the share of them read in percent."""

    messages: NDArray[np.float64]
    read: NDArray[np.float64]


def externality(page: Page) -> dict[str, Any] | None:
    """Nothing, where fewer than two arms send, all send alike, or the number of consumers is not known."""
    loads = {arm: load for arm in page.material.arms if len((load := _load(page, arm)).messages)}
    if len(loads) < 2:
        return None
    order = sorted(loads, key=lambda arm: loads[arm].messages.mean())
    if loads[order[-1]].messages.mean() < APART * loads[order[0]].messages.mean():
        return None
    levels = joined(
        "and",
        (
            phrase(
                "load_of",
                arm=page.name(arm),
                messages=traced(f"{loads[arm].messages.mean():.2f}", _source(page, arm, "messages_sent / consumers / weeks")),
                read=traced(f"{loads[arm].read.mean():.2f}%", _source(page, arm, "messages_read / messages_sent")),
            )
            for arm in order
        ),
    )
    clouds = [Cloud(arm, page.colour(arm), load.messages.tolist(), load.read.tolist()) for arm, load in loads.items()]
    return {
        "text": [say("load", levels=levels), *_said(page, loads, order)],
        "svg": Markup(dots("load", clouds, words.TEXT["load_across"], words.TEXT["load_up"])),
    }


def _load(page: Page, arm: str) -> Load:
    rows = []
    for run in page.material.runs[arm]:
        sent, read = run.totals.get("messages_sent", 0), run.totals.get("messages_read", 0)
        if sent and run.consumers:
            rows.append((sent / run.consumers / (len(run.daily) / 7), 100 * read / sent))
    return Load(*np.array(rows, np.float64).T) if rows else Load(NONE, NONE)


def _said(page: Page, loads: dict[str, Load], order: list[str]) -> list[Markup]:
    """Whether more messages went with a smaller share read, and in how many replications."""
    least, most = loads[order[0]], loads[order[-1]]
    pairs = min(len(least.read), len(most.read))
    if len(least.read) == len(most.read) == page.replications:
        times = int((least.read > most.read).sum())
        if times == pairs:
            falls = say("load_falls", arm=page.name(order[-1]), base=page.name(order[0]), times=times)
            return [falls, say("load_shared")] if len(page.material.a_run.industries) > 1 else [falls]
        return [say("load_sometimes", arm=page.name(order[-1]), base=page.name(order[0]), times=times, count=pairs)]
    key = "load_lower" if most.read.mean() < least.read.mean() else "load_not_lower"
    return [shown(phrase(key, arm=page.name(order[-1]), base=page.name(order[0])))]


def _source(page: Page, arm: str, what: str) -> str:
    return f"{page.tables(arm, 'summary.json')}: {what}"
