"""Dots in a plane: one per run, with an arrow from the mean of one arm to that of each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sim.report.charts import broken
from sim.report.drawing import SOFT, drawing
from sim.report.words import Words

WIDTH = 18  # characters of a line of a name
CLOSE = 0.4  # of the axis: names of means that are no farther apart would lie over each other
GAP, LINE = 9, 12  # points


@dataclass(frozen=True)
class Cloud:
    """The dots of an arm."""

    name: str
    colour: str
    x: Sequence[float]
    y: Sequence[float]


def dots(name: str, clouds: Sequence[Cloud], across: Words, up: Words) -> str:
    """The SVG: every dot, every mean with its name, arrows from the first mean; `y` are percentages."""
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    with drawing(name) as canvas:
        axes = canvas.axes
        means = [(float(np.mean(cloud.x)), float(np.mean(cloud.y))) for cloud in clouds]
        right = 1.15 * max(max(cloud.x) for cloud in clouds)
        away = _distances([broken(cloud.name, WIDTH) for cloud in clouds], means, CLOSE * right)
        for cloud, mean, points in zip(clouds, means, away):
            axes.plot(cloud.x, cloud.y, "o", color=cloud.colour, markersize=4.5, alpha=0.55, markeredgewidth=0, zorder=3)
            below = points < 0
            axes.annotate(
                broken(cloud.name, WIDTH),
                mean,
                (0, points),
                textcoords="offset points",
                ha="center",
                va="top" if below else "bottom",
                fontsize=9.5,
                color=cloud.colour,
                parse_math=False,
            )
        for mean in means[1:]:
            arrow = {"arrowstyle": "->", "color": SOFT, "linewidth": 1.0, "shrinkA": 6, "shrinkB": 6}
            axes.annotate("", mean, means[0], arrowprops=arrow, zorder=2)
        axes.set_xlim(0, right)
        axes.set_ylim(0, 1.35 * max(max(cloud.y) for cloud in clouds))
        axes.xaxis.set_major_locator(MaxNLocator(nbins=5))
        axes.yaxis.set_major_locator(MaxNLocator(nbins=4))
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}%"))
        canvas.unit(up)
        canvas.across(across)
    return canvas.svg


def _distances(names: Sequence[str], means: Sequence[tuple[float, float]], close: float) -> list[int]:
    """How far above its mean each name stands, in points: below (negative) where no arrow comes from, clear of other names."""
    found: list[int] = []
    for k, (x, y) in enumerate(means):
        side = -1 if y < means[0][1] else 1
        near = [j for j in range(k) if found[j] * side > 0 and abs(means[j][0] - x) < close]
        taken = max((abs(found[j]) + LINE * (1 + names[j].count("\n")) for j in near), default=GAP)
        found.append(side * taken)
    return found
