"""The simulated purchases against those of the log, week by week, with the model's own error named."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from sim.report import weekly
from sim.report.charts import Line, chart
from sim.report.drawing import INK
from sim.report.folder import LogWeek
from sim.report.page import DASH, Page, count, percent, traced
from sim.report.words import phrase, say, shown

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Panel:
    name: str
    colour: str
    svg: Markup


@dataclass(frozen=True)
class Row:
    label: Markup
    mean: Markup
    range: Markup
    actual: Markup
    gap: Markup


@dataclass(frozen=True)
class AgainstLog:
    """`band`, `closed` and `since`: whether the charts show the range, the closed form and the first simulated day."""

    text: list[Markup]
    charts: list[Panel] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    band: bool = False
    closed: bool = False
    since: bool = False


def against_log(page: Page) -> AgainstLog | None:
    """Nothing, where there is no log of the simulated time; the answer says so."""
    material = page.material
    weeks = weekly.common(material.weeks, material.a_run)
    if not weeks:
        return None
    starts, days = [week.first_day for week in weeks], [week.days for week in weeks]
    some = timedelta(weeks=max(len(weeks) // 3, 4))  # of what came before: enough to see where the run sets out from
    before = [week for week in material.weeks if starts[0] - some <= week.first_day < starts[0]]
    of_arm = {arm: weekly.in_weeks(runs, page.purchases, starts, days) for arm, runs in material.runs.items() if runs}
    closed = weekly.closed_form(material, weeks)
    return AgainstLog(
        text=_text(page, weeks, of_arm, closed),
        charts=_panels(page, [*before, *weeks], starts, of_arm, closed),
        rows=_rows(page, weeks, of_arm, closed),
        band=page.replications > 1,
        closed=closed is not None,
        since=bool(before),
    )


def _text(page: Page, weeks: list[LogWeek], of_arm: dict[str, Floats], closed: Floats | None) -> list[Markup]:
    log = sum(week.repeats for week in weeks)
    text = []
    if page.base in of_arm:
        total = weekly.spread(of_arm[page.base].sum(axis=1))
        predicted = float(total.mean)
        text.append(
            say(
                "log_result" if page.comparison is not None else "log_result_run",
                weeks=len(weeks),
                first=weeks[0].first_day,
                last=weeks[-1].first_day + timedelta(days=weeks[-1].days - 1),
                actual=_logged(log),
                base=page.name(page.base),
                predicted=_simulated(page, page.base, predicted),
                gap=_gap(predicted, log),
            )
        )
        if total.low is not None and total.high is not None:
            low, high = count(float(total.low), 0), count(float(total.high), 0)
            text.append(say("log_range", base=page.name(page.base), low=low, high=high))
    if closed is not None:
        expected = float(closed.sum())
        text.append(say("log_closed_form", closed=_closed(expected), gap=_gap(expected, log)))
    else:
        text.append(say("log_no_closed_form", base=page.name(page.base)))
    newcomers = sum(week.first for week in weeks)
    if newcomers:
        text.append(say("log_newcomers", first=f"{newcomers:,}"))
    return text


def _panels(
    page: Page, logged: list[LogWeek], starts: list[date], of_arm: dict[str, Floats], closed: Floats | None
) -> list[Panel]:
    """One per arm, all on the same scale, so that arms can be compared by eye."""
    spreads = {arm: weekly.spread(values) for arm, values in of_arm.items()}
    tops = [float(np.max(one.mean if one.high is None else one.high)) for one in spreads.values()]
    top = 1.05 * max(*tops, *(week.repeats for week in logged), 1.0)
    panels = []
    for arm, one in spreads.items():
        lines = [Line(starts, one.mean, page.colour(arm), one.low, one.high)]
        if closed is not None:
            lines.append(Line(starts, closed, INK, dashed=True))
        lines.append(Line([week.first_day for week in logged], [week.repeats for week in logged], INK, dots=True))
        since = starts[0] if logged[0].first_day < starts[0] else None
        svg = chart(f"log-{page.material.arms.index(arm)}", lines, top=top, since=since)
        panels.append(Panel(arm, page.colour(arm), Markup(svg)))
    return panels


def _rows(page: Page, weeks: list[LogWeek], of_arm: dict[str, Floats], closed: Floats | None) -> list[Row]:
    log = sum(week.repeats for week in weeks)
    rows = []
    for arm, values in of_arm.items():
        total = weekly.spread(values.sum(axis=1))
        mean, low, high = float(total.mean), total.low, total.high
        between = DASH
        if low is not None and high is not None:
            between = shown(phrase("to", low=count(float(low), 0), high=count(float(high), 0)))
        rows.append(Row(page.name(arm), _simulated(page, arm, mean), between, _logged(log), _gap(mean, log)))
    if closed is not None:
        expected = float(closed.sum())
        rows.append(Row(say("row_closed"), _closed(expected), DASH, _logged(log), _gap(expected, log)))
    return rows


def _simulated(page: Page, arm: str, mean: float) -> Markup:
    return traced(count(mean, 0 if page.comparison is None else None), f"{page.tables(arm, 'daily.parquet')}: {page.purchases}")


def _logged(total: int) -> Markup:
    return traced(f"{total:,}", "scenario.yaml: past.weeks: repeats")


def _closed(expected: float) -> Markup:
    return traced(count(expected), "scenario.yaml: past.bg_nbd, past.customers")


def _gap(predicted: float, log: int) -> Markup:
    return DASH if log == 0 else traced(percent(predicted / log - 1), "scenario.yaml: past.weeks: repeats")
