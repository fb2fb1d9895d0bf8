"""A metric against the values of a setting: means with their intervals, and that of the difference to the first value."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from sim.report.charts import broken, tick
from sim.report.drawing import SOFT, drawing
from sim.report.words import Words

LEAST_GAP = 0.09  # of the axis, below which labels of neighbouring values would stand on each other


class Dot(NamedTuple):
    """One value of the setting; `low` and `high` of the mean, `paired` of the mean as the difference to the first leaves it."""

    label: str
    value: float | None  # where values are numbers
    mean: float
    low: float | None
    high: float | None
    paired: tuple[float, float] | None


def levels(name: str, dots: Sequence[Dot], colour: str, unit: Words | None = None) -> str:
    """The SVG. `name` makes its ids unique in the page."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    with drawing(name) as canvas:
        axes = canvas.axes
        at = places([dot.value for dot in dots])
        if all(dot.value is not None for dot in dots):
            order = sorted(range(len(dots)), key=lambda i: at[i])
            axes.plot([at[i] for i in order], [dots[i].mean for i in order], color=colour, linewidth=1.2, alpha=0.6)
        axes.axhline(dots[0].mean, color="#9aa5b1", linewidth=0.9, linestyle=(0, (3, 3)), zorder=1)
        for x, dot in zip(at, dots):
            if dot.low is not None and dot.high is not None:
                axes.plot([x, x], [dot.low, dot.high], color=colour, linewidth=7, alpha=0.2, solid_capstyle="butt")
            if dot.paired is not None:
                axes.plot([x, x], dot.paired, color=colour, linewidth=2.6, solid_capstyle="butt", zorder=3)
            axes.plot([x], [dot.mean], "o", color=colour, markersize=5, markeredgecolor="white", markeredgewidth=0.8, zorder=4)
        axes.set_xlim(-0.07, 1.07)
        axes.set_xticks(at, [broken(dot.label) for dot in dots], parse_math=False)
        _room(axes, dots)
        axes.yaxis.set_major_locator(MaxNLocator(nbins=4))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: tick(value)))
        axes.tick_params(axis="x", labelcolor=SOFT)
        if unit is not None:
            canvas.unit(unit)
    return canvas.svg


def places(values: Sequence[float | None]) -> list[float]:
    """Where on the axis, from 0 to 1: true to scale, else by logarithm, else evenly, as far as neighbours keep apart."""
    count = len(values)
    numbers = [value for value in values if value is not None]
    if len(numbers) == count > 1:
        scales = [numbers]
        if min(numbers) > 0:
            scales.append([math.log(value) for value in numbers])
        for scale in scales:
            low, high = min(scale), max(scale)
            at = [(value - low) / (high - low) for value in scale]
            if min(after - before for before, after in zip(sorted(at), sorted(at)[1:])) >= LEAST_GAP:
                return at
    return [0.5] if count == 1 else [i / (count - 1) for i in range(count)]


def _room(axes: object, dots: Sequence[Dot]) -> None:
    """A flat line is drawn flat: no axis finer than a thousandth of the mean, for nobody would look at less."""
    low, high = axes.get_ylim()  # type: ignore[attr-defined]
    least = 0.001 * max(abs(dot.mean) for dot in dots) or 1.0
    if high - low < least:
        middle = (low + high) / 2
        axes.set_ylim(middle - least, middle + least)  # type: ignore[attr-defined]
