"""The table that `sim sweep` prints: what people ask for first against each setting, a line per level."""

from __future__ import annotations

from sim.experiments import units
from sim.experiments.aligned import aligned
from sim.experiments.effects import Effect
from sim.experiments.sweep import Sweep

MOST_FAILURES = 10  # named here; the table of runs has all


def render(sweep: Sweep) -> str:
    """Plain text, aligned."""
    lines = [f"{sweep.scenario}: {sweep.points} points, {sweep.replications} replications of each, {_seeds(sweep)}"]
    shown = [metric for metric in units.HEADLINES if metric in sweep.effects and metric not in sweep.idle]
    for factor in sweep.factors if shown else ():
        path = factor["path"]
        used = sweep.used[path]
        lines += ["", f"{path} (means over {used.points} points and {used.replications} replications)"]
        rows = [["", "", "mean", "95% interval", "difference", "95% interval", "gain"]]
        for metric in shown:
            rows += _rows(sweep, metric, sweep.effects[metric][path])
        lines += aligned(rows, "<<>>>>>")
    if shown:
        lines += ["", f"Differences: to the first value, paired by seed; their intervals hold together. {_GAIN}"]
    lines += [_failed(one) for one in sweep.failures[:MOST_FAILURES]]
    if len(sweep.failures) > MOST_FAILURES:
        lines.append(f"FAILED: {len(sweep.failures) - MOST_FAILURES} more, see runs.csv")
    return "\n".join(line.rstrip() for line in lines)


_GAIN = "Gain: variance of independent runs over that of paired ones."


def _seeds(sweep: Sweep) -> str:
    first, last = sweep.seeds[0], sweep.seeds[-1]
    return f"seed {first}" if first == last else f"seeds {first} to {last}, alike at every point"


def _rows(sweep: Sweep, metric: str, of_levels: list[Effect]) -> list[list[str]]:
    sizes = [abs(one["mean"]) for one in of_levels if one["mean"] is not None]
    places = units.decimals_for(max(sizes, default=0.0) / units.scale(metric, sweep.currency))

    def written(value: float | None, signed: bool = False) -> str:
        return "-" if value is None else units.write(value, metric, sweep.currency, signed=signed, decimals=places)

    def between(low: float | None, high: float | None, signed: bool = False) -> str:
        return "-" if low is None or high is None else f"{written(low, signed)} to {written(high, signed)}"

    rows = []
    for number, one in enumerate(of_levels):
        gain = one["variance_reduction"]
        rows.append(
            [
                f"  {units.label(metric, sweep.currency)}" if number == 0 else "",
                str(one["level"]),
                written(one["mean"]),
                between(one["mean_low"], one["mean_high"]),
                written(one["difference"], signed=True),
                between(one["low"], one["high"], signed=True),
                "-" if gain is None else f"{gain:,.1f}",
            ]
        )
    return rows


def _failed(one: dict[str, object]) -> str:
    return f"FAILED: {one['point']}, replication {one['replication']} (seed {one['seed']}): {one['error']}"
