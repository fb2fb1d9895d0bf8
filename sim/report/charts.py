"""Line charts as SVG text for an HTML page: figures and dates only inside, all words stand in the page around them."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

MOST_POINTS = 500
"""Points of a line beyond which nobody sees a difference, and the file only grows."""

COLOURS = ("#2f5d8a", "#c8622b", "#2b8a6e", "#8457a6", "#b0892b", "#b84a62", "#5b7083", "#6f8f2f")
"""Of the arms in their order, told apart also by colour-blind readers when there are few."""

INK, FAINT = "#20262e", "#d9dee4"
SIZE = (4.1, 2.5)
"""Inches. Small, so that the figures stay legible on a phone, where a chart is as wide as the screen."""

SHORT = timedelta(days=92)
"""Below this, days are named on the axis; above, months."""

STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "font.family": ["sans-serif"],
    "font.size": 9.5,
    "axes.edgecolor": FAINT,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "axes.grid": True,
    "axes.grid.axis": "y",
    "axes.axisbelow": True,
    "grid.color": FAINT,
    "grid.linewidth": 0.6,
    "xtick.color": "#66717d",
    "ytick.color": "#66717d",
    "xtick.major.size": 3,
    "ytick.major.size": 0,
    "axes.xmargin": 0.02,
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "savefig.facecolor": "none",
}

Values = Sequence[float] | NDArray[np.float64]


@dataclass(frozen=True)
class Line:
    """One line, with a band where `low` and `high` are given; `dots` draws points instead, for what was observed."""

    dates: Sequence[date]
    values: Values
    colour: str
    low: Values | None = None
    high: Values | None = None
    dots: bool = False
    dashed: bool = False


def chart(name: str, lines: Sequence[Line], *, top: float | None = None, since: date | None = None) -> str:
    """The SVG. `name` makes its ids unique in the page, `top` fixes the scale, `since` marks a day."""
    # Slow to import, and wanted only where a report is written. No pyplot: it keeps figures and chooses a screen.
    from matplotlib import dates as days
    from matplotlib import rc_context
    from matplotlib.figure import Figure
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    with rc_context({**STYLE, "svg.hashsalt": name}):
        figure = Figure(figsize=SIZE, layout="constrained")
        axes = figure.add_subplot()
        for line in lines:
            kept = _kept(len(line.values))
            when = days.date2num([line.dates[i] for i in kept])
            if line.low is not None and line.high is not None:
                low, high = np.asarray(line.low)[kept], np.asarray(line.high)[kept]
                axes.fill_between(when, low, high, color=line.colour, alpha=0.16, linewidth=0)
            values = np.asarray(line.values)[kept]
            if line.dots:
                axes.plot(when, values, "o", color=line.colour, markersize=2.4, alpha=0.75, markeredgewidth=0, zorder=3)
            else:
                style, width = ((0, (4, 2)), 1.0) if line.dashed else ("-", 1.6)
                axes.plot(when, values, color=line.colour, linewidth=width, linestyle=style)
        if since is not None:
            axes.axvline(days.date2num(since), color="#9aa5b1", linewidth=0.9, linestyle=(0, (3, 3)))
        axes.set_ylim(bottom=min(0.0, axes.get_ylim()[0]) if _any_below_zero(lines) else 0.0, top=top)
        length = _length(lines)
        by_day = days.DayLocator(interval=max(1, -(-length.days // 4)))
        axes.xaxis.set_major_locator(by_day if length < SHORT else days.AutoDateLocator(minticks=3, maxticks=5))
        axes.xaxis.set_major_formatter(days.DateFormatter("%Y-%m-%d" if length < SHORT else "%Y-%m"))
        axes.yaxis.set_major_locator(MaxNLocator(nbins=4, integer=True))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: _tick(value)))
        text = io.StringIO()
        figure.savefig(text, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    return _for_page(text.getvalue())


def _kept(count: int) -> NDArray[np.int64]:
    """Which points to draw: all, or evenly chosen ones with both ends."""
    return np.unique(np.linspace(0, count - 1, min(count, MOST_POINTS)).round().astype(np.int64))


def _any_below_zero(lines: Sequence[Line]) -> bool:
    return any(np.min(series) < 0 for line in lines for series in (line.values, line.low) if series is not None)


def _length(lines: Sequence[Line]) -> timedelta:
    return max(line.dates[-1] for line in lines) - min(line.dates[0] for line in lines)


def _tick(value: float) -> str:
    return f"{value:,.0f}".replace("-", "−") if value == round(value) else f"{value:g}".replace("-", "−")


def _for_page(svg: str) -> str:
    """Only the drawing: no prologue, fixed size, name spaces (a page knows them), fonts, or ids but those referred to."""
    svg = svg[svg.index("<svg") :].strip()
    svg = re.sub(r"<!--.*?-->\s*|<defs>\s*<style.*?</style>\s*</defs>\s*", "", svg, flags=re.DOTALL)
    svg = re.sub(r"font-family: [^;\"]*;? ?", "", svg)
    svg = re.sub(r'<g id="[^"]*"', "<g", svg)
    opening, rest = svg.split(">", 1)
    opening = re.sub(r'\s(?:width|height|version|xmlns(?::\w+)?)="[^"]*"', "", opening)
    rest = rest.replace("xlink:href", "href")
    return f'{opening} aria-hidden="true" focusable="false">{rest}'
