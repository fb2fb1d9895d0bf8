"""The table that `sim compare` prints, and below it the verdicts in words."""

from __future__ import annotations

import shutil
import unicodedata

from sim.experiments import units
from sim.experiments.compare import Comparison
from sim.experiments.statistics import Estimate

SHORT = {"unclear": "not seen", "constant": "exactly", "single": "1 run", "missing": "no runs"}
GAP = "   "


def render(comparison: Comparison, width: int | None = None) -> str:
    """Plain text, aligned; arms beside each other as far as `width` characters (the terminal's) allow."""
    width = width or shutil.get_terminal_size((120, 24)).columns
    idle = [metric for metric in comparison.idle if metric not in units.HEADLINES]
    shown = [metric for metric in comparison.metrics if metric not in idle]
    lines = [_title(comparison), "", *_figures(comparison, shown, width), *_notes(comparison, idle), ""]
    for arm in comparison.arms[1:]:
        lines += [*_in_words(comparison, arm), ""]
    lines += [f"WARNING: {warning.en}" for warning in comparison.warnings]
    lines += [f"FAILED: {one['folder']} (seed {one['seed']}): {one['error']}" for one in comparison.failures]
    return "\n".join(line.rstrip() for line in lines).rstrip()


def _title(comparison: Comparison) -> str:
    seeds = comparison.seeds
    of = f"seed {seeds[0]}" if len(seeds) == 1 else f"seeds {seeds[0]} to {seeds[-1]}"
    return f"Compared with {comparison.base}: {comparison.replications} paired replications, {of}"


def _figures(comparison: Comparison, metrics: list[str], width: int) -> list[str]:
    labels = [units.label(metric, comparison.currency) for metric in metrics]
    means = [_figure(comparison, metric, comparison.metrics[metric][comparison.base]["mean"]) for metric in metrics]
    left = _aligned([["", comparison.base], ["", "mean"], *map(list, zip(labels, means))], "<>")
    lines: list[str] = []
    block = left
    for arm in comparison.arms[1:]:
        wider = [GAP.join(pair) for pair in zip(block, _arm(comparison, metrics, arm))]
        if block is not left and _wide(wider[0]) > width:
            lines += [*block, ""]
            wider = [GAP.join(pair) for pair in zip(left, _arm(comparison, metrics, arm))]
        block = wider
    return [*lines, *block, ""]


def _arm(comparison: Comparison, metrics: list[str], arm: str) -> list[str]:
    rows = [["difference", "95% interval", "verdict"]]
    for metric in metrics:
        one, kind = comparison.metrics[metric][arm], comparison.verdicts[metric][arm].kind
        low, high = (_figure(comparison, metric, one[end], signed=True) for end in ("low", "high"))
        interval = "-" if one["low"] is None else f"{low} to {high}"
        rows.append([_figure(comparison, metric, one["difference"], signed=True), interval, SHORT.get(kind, kind)])
    body = _aligned(rows, ">><")
    return _aligned([[line] for line in [arm, *body]], "<")


def _notes(comparison: Comparison, idle: list[str]) -> list[str]:
    together = ", simultaneous for all arms of a row" if len(comparison.arms) > 2 else ""
    return [
        f"Intervals: simulation error of the paired difference{together}. Assumption range: not computed.",
        "Gain: variance of independent runs over that of paired ones. For 1%: replications in all for an interval of",
        "+-1% of the base's mean.",
        *([f"Zero in every run: {', '.join(metric.replace('_', ' ') for metric in idle)}."] if idle else []),
    ]


def _in_words(comparison: Comparison, arm: str) -> list[str]:
    rows = [[arm, "gain", "for 1%", "verdict"]]
    for metric, of_arms in comparison.metrics.items():
        if metric in units.HEADLINES:
            gain, needed = _precision(of_arms[arm])
            rows.append([f"  {units.label(metric, comparison.currency)}", gain, needed, comparison.verdicts[metric][arm].en])
    return _aligned(rows, "<>><")


def _precision(one: Estimate) -> tuple[str, str]:
    gain, needed = one["variance_reduction"], one["replications_for_1_percent"]
    return "-" if gain is None else f"{gain:,.1f}", "-" if needed is None else f"{needed:,}"


def _figure(comparison: Comparison, metric: str, value: float | None, *, signed: bool = False) -> str:
    """With the same decimals in a whole row, so that its figures can be compared at a glance."""
    if value is None:
        return "-"
    means = [abs(one["mean"]) for one in comparison.metrics[metric].values() if one["mean"] is not None]
    places = units.decimals_for(max(means, default=0.0) / units.scale(metric, comparison.currency))
    return units.write(value, metric, comparison.currency, signed=signed, decimals=places)


def _aligned(rows: list[list[str]], sides: str) -> list[str]:
    widths = [max(_wide(row[column]) for row in rows) for column in range(len(sides))]
    return [GAP.join(_padded(cell, side, wide) for cell, side, wide in zip(row, sides, widths)) for row in rows]


def _padded(cell: str, side: str, width: int) -> str:
    space = " " * (width - _wide(cell))
    return cell + space if side == "<" else space + cell


def _wide(text: str) -> int:
    """Columns on a terminal: a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)
