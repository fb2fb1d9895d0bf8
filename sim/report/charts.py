"""Line charts over time: the arms of a comparison on one scale, each line named at its end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from sim.report.drawing import Drawing, drawing
from sim.report.words import Words

MOST_POINTS = 500
"""Points of a line beyond which nobody sees a difference, and the file only grows."""

MOST_NAMES = 4
"""Names at the ends of lines beyond which they would stand on each other: then the key below must do."""

SHORT = timedelta(days=92)
"""Below this, days are named on the axis; above, months."""

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
    name: str = ""


def chart(
    name: str, lines: Sequence[Line], *, top: float | None = None, since: date | None = None, unit: Words | None = None
) -> str:
    """The SVG. `name` makes its ids unique in the page, `top` fixes the scale, `since` marks a day."""
    with drawing(name) as canvas:
        _draw(canvas, lines, top, since)
        if unit is not None:
            canvas.unit(unit)
        _name(canvas, [line for line in lines if line.name])
    return canvas.svg


def _draw(canvas: Drawing, lines: Sequence[Line], top: float | None, since: date | None) -> None:
    from matplotlib import dates as days
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    axes = canvas.axes
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
    axes.xaxis.set_major_formatter(days.DateFormatter("%m-%d" if length < SHORT else "%Y-%m"))
    axes.yaxis.set_major_locator(MaxNLocator(nbins=4, integer=True))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: tick(value)))


def _name(canvas: Drawing, lines: Sequence[Line]) -> None:
    """Each line's name behind its end, moved apart where lines end close to each other."""
    if not 1 < len(lines) <= MOST_NAMES:
        return
    axes = canvas.axes
    low, high = axes.get_ylim()
    ends = [(float(line.values[-1]) - low) / (high - low) for line in lines]
    names = [broken(line.name) for line in lines]
    heights = [0.1 * (1 + name.count("\n")) for name in names]
    for line, name, place in zip(lines, names, apart(ends, heights)):
        axes.annotate(
            name,
            (1, place),
            (5, 0),
            xycoords="axes fraction",
            textcoords="offset points",
            va="center",
            fontsize=9.5,
            linespacing=1.05,
            color=line.colour,
            parse_math=False,
        )


def apart(places: Sequence[float], heights: Sequence[float]) -> list[float]:
    """Places in their order, shifted as little as it takes that things of these heights do not overlap."""
    order = sorted(range(len(places)), key=lambda i: places[i])
    groups: list[tuple[list[int], float]] = []  # things that touch, and where the middle of each group belongs
    for i in order:
        group, middle = [i], places[i]
        while groups:
            below, place = groups[-1]
            if middle - _sum(group, heights) / 2 >= place + _sum(below, heights) / 2:
                break
            groups.pop()
            middle = (place * len(below) + middle * len(group)) / (len(below) + len(group))
            group = below + group
        groups.append((group, middle))
    found = [0.0] * len(places)
    for group, middle in groups:
        edge = middle - _sum(group, heights) / 2
        for i in group:
            found[i] = edge + heights[i] / 2
            edge += heights[i]
    return found


def _sum(group: Sequence[int], heights: Sequence[float]) -> float:
    return sum(heights[i] for i in group)


def broken(name: str, width: int = 12) -> str:
    """A long name on up to three lines, broken where its words end; what is longer still is cut."""
    rows = [""]
    for part in _parts(name, width):
        if rows[-1] and _wide(rows[-1]) + _wide(part) > width:
            rows.append("")
        rows[-1] += part
    rows = rows[:3] if len(rows) <= 3 else [*rows[:2], rows[2].rstrip("_- ") + "…"]
    return "\n".join(row.strip() for row in rows)


def _parts(name: str, width: int) -> list[str]:
    """Words with the mark behind them; of a word that is too long, pieces; of Chinese, characters."""
    parts: list[str] = []
    for character in name:
        joins = parts and parts[-1][-1] not in "_- ." and _wide(character) == 1 and _wide(parts[-1][-1]) == 1
        if joins and len(parts[-1]) < width:
            parts[-1] += character
        else:
            parts.append(character)
    return parts


def _wide(text: str) -> int:
    return sum(1 if character < "ᄀ" else 2 for character in text)


def _kept(count: int) -> NDArray[np.int64]:
    """Which points to draw: all, or evenly chosen ones with both ends."""
    return np.unique(np.linspace(0, count - 1, min(count, MOST_POINTS)).round().astype(np.int64))


def _any_below_zero(lines: Sequence[Line]) -> bool:
    return any(np.min(series) < 0 for line in lines for series in (line.values, line.low) if series is not None)


def _length(lines: Sequence[Line]) -> timedelta:
    return max(line.dates[-1] for line in lines) - min(line.dates[0] for line in lines)


def tick(value: float) -> str:
    """A figure at an axis."""
    return f"{value:,.0f}".replace("-", "−") if value == round(value) else f"{value:g}".replace("-", "−")
