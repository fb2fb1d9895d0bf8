"""The table that `sim compare` prints, and below it the verdicts in words."""

from __future__ import annotations

import shutil

from sim.experiments import units
from sim.experiments.aligned import GAP, aligned, wide
from sim.experiments.compare import Assumptions, Comparison
from sim.experiments.flips import Flip
from sim.experiments.statistics import Estimate
from sim.experiments.verdicts import which_flip
from sim.experiments.winners import GroupEstimate, tally

SHORT = {"unclear": "not seen", "constant": "exactly", "single": "1 run", "missing": "no runs"}
NAMED = 3  # winners and losers of each arm


def render(comparison: Comparison, width: int | None = None) -> str:
    """Plain text, aligned; arms beside each other as far as `width` characters (the terminal's) allow."""
    width = width or shutil.get_terminal_size((120, 24)).columns
    idle = [metric for metric in comparison.idle if metric not in units.HEADLINES]
    shown = [metric for metric in comparison.metrics if metric not in idle]
    lines = [_title(comparison), "", *_figures(comparison, shown, width), *_notes(comparison, idle), ""]
    for arm in comparison.arms[1:]:
        lines += [*_in_words(comparison, arm), ""]
    lines += [*_flips(comparison), *_winners(comparison)]
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
    left = aligned([["", comparison.base], ["", "mean"], *map(list, zip(labels, means))], "<>")
    lines: list[str] = []
    block = left
    for arm in comparison.arms[1:]:
        wider = [GAP.join(pair) for pair in zip(block, _arm(comparison, metrics, arm))]
        if block is not left and wide(wider[0]) > width:
            lines += [*block, ""]
            wider = [GAP.join(pair) for pair in zip(left, _arm(comparison, metrics, arm))]
        block = wider
    return [*lines, *block, ""]


def _arm(comparison: Comparison, metrics: list[str], arm: str) -> list[str]:
    drawn = comparison.draws > 0
    rows = [["difference", "95% interval", *(["assumption range"] if drawn else []), "verdict"]]
    for metric in metrics:
        one, kind = comparison.metrics[metric][arm], comparison.verdicts[metric][arm].kind
        figures = [_figure(comparison, metric, one["difference"], signed=True)]
        figures += [_between(comparison, metric, one["low"], one["high"])]
        if drawn:
            figures += [_between(comparison, metric, one["assumption_low"], one["assumption_high"])]
        rows.append([*figures, SHORT.get(kind, kind)])
    body = aligned(rows, ">>><" if drawn else ">><")
    return aligned([[line] for line in [arm, *body]], "<")


def _between(comparison: Comparison, metric: str, low: float | None, high: float | None) -> str:
    if low is None or high is None:
        return "-"
    return f"{_figure(comparison, metric, low, signed=True)} to {_figure(comparison, metric, high, signed=True)}"


def _notes(comparison: Comparison, idle: list[str]) -> list[str]:
    together = ", simultaneous for all arms of a row" if len(comparison.arms) > 2 else ""
    return [
        f"Intervals: simulation error of the paired difference{together}.",
        *_range_note(comparison.assumptions),
        "Gain: variance of independent runs over that of paired ones. For 1%: replications in all for an interval of",
        "+-1% of the base's mean.",
        *([f"Zero in every run: {', '.join(metric.replace('_', ' ') for metric in idle)}."] if idle else []),
    ]


def _range_note(assumptions: Assumptions | None) -> list[str]:
    if assumptions is None:
        return ["Assumption range: not computed."]
    if not assumptions.parameters:
        return ["Assumption range: not computed, for no figure that is assumed has a range."]
    on = ""
    if assumptions.scale != 1:
        on = f", on {assumptions.consumers:,} of {assumptions.of_consumers:,} consumers, scaled"
    return [
        f"Assumption range: smallest and largest difference over {assumptions.draws} draws of"
        f" {len(assumptions.parameters)} assumed figures{on};",
        f"each draw is one run per arm, seed {assumptions.seed}, so the range holds the simulation error of one run as well.",
    ]


def _flips(comparison: Comparison) -> list[str]:
    """Of the metrics that people ask for first, those whose sign the draws turn, and those whose sign they do not."""
    if comparison.assumptions is None or not comparison.draws:
        return []
    rows, steady = [], []
    for arm in comparison.arms[1:]:
        asked = {m: of[arm] for m, of in comparison.assumptions.flips.items() if m in units.HEADLINES}
        rows += [[f"  {arm}: {m.replace('_', ' ')}", which_flip(one).en] for m, one in asked.items() if one["flips"]]
        firm = [m.replace("_", " ") for m, one in asked.items() if not one["flips"] and _moves(one)]
        steady += [f"No draw turns the sign, {arm}: {', '.join(firm)}."] if firm else []
    lines = ["Which assumptions could flip it", *aligned(rows, "<<"), *steady] if rows else steady
    return [*lines, ""] if lines else []


def _moves(flip: Flip) -> bool:
    return bool(flip["range_low"] or flip["range_high"])


def _winners(comparison: Comparison) -> list[str]:
    """Merchants by profit, where there are several."""
    groups = comparison.by.get("merchant", {})
    metric = comparison.headline["merchant"][0] if groups else ""
    if len(groups) < 2 or not all(metric in metrics for metrics in groups.values()):
        return []
    lines = [f"Merchants by {metric} (intervals: 95% for all merchants and arms together)"]
    for arm in comparison.arms[1:]:
        found = tally(groups, metric, arm)
        of_arm = {group: groups[group][metric][arm] for group in groups}
        counts = [f"{len(found[name])} {word}" for name, word in _OUTCOMES if found[name] or name != "equal"]
        lines.append(f"  {arm}: {', '.join(counts)}{_robust(comparison, of_arm, found)}")
        for name, word in _OUTCOMES[:2]:
            largest = [_named(comparison, metric, group, of_arm[group]) for group in found[name][:NAMED]]
            lines += [f"    {word} most: {'; '.join(largest)}"] if largest else []
    return [*lines, ""]


_OUTCOMES = (("wins", "win"), ("loses", "lose"), ("unclear", "unclear"), ("equal", "equal"))


def _robust(comparison: Comparison, of_arm: dict[str, GroupEstimate], found: dict[str, list[str]]) -> str:
    """How many winners and losers remain so over the whole assumption range."""
    judged = [of_arm[group] for group in [*found["wins"], *found["loses"]]]
    if not comparison.draws or not judged:
        return ""
    low_high = [(one["difference"] or 0.0, one["assumption_low"], one["assumption_high"]) for one in judged]
    same = sum(low is not None and high is not None and min(low * size, high * size) > 0 for size, low, high in low_high)
    return f"; {same} of the {len(judged)} winners and losers are so in all {comparison.draws} assumption draws"


def _named(comparison: Comparison, metric: str, group: str, one: GroupEstimate) -> str:
    write = units.writer(metric, comparison.currency, (one["difference"], one["low"], one["high"]))
    low, high = one["low"], one["high"]
    interval = "" if low is None or high is None else f" ({write(low)} to {write(high)})"
    return f"{group} {write(one['difference'] or 0.0)}{interval}"


def _in_words(comparison: Comparison, arm: str) -> list[str]:
    rows = [[arm, "gain", "for 1%", "verdict"]]
    for metric, of_arms in comparison.metrics.items():
        if metric in units.HEADLINES:
            gain, needed = _precision(of_arms[arm])
            rows.append([f"  {units.label(metric, comparison.currency)}", gain, needed, comparison.verdicts[metric][arm].en])
    return aligned(rows, "<>><")


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
