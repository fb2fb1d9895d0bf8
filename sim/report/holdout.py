"""The simulated repeat purchases beside those that the log has of the same weeks, in lines for the terminal."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from sim.report import weekly
from sim.report.folder import read

LOG, CLOSED_FORM = "the log's own", "BG/NBD in closed form"


def holdout_lines(folder: Path) -> Iterator[str]:
    """Nothing, where there is no log of the simulated time."""
    material = read(folder)
    weeks = weekly.common(material.weeks, material.a_run)
    if not weeks:
        return
    last = weeks[-1].first_day + timedelta(days=weeks[-1].days - 1)
    actual = sum(week.repeats for week in weeks)
    yield f"Repeat purchases, {weeks[0].first_day} to {last} ({len(weeks)} weeks that the fit has not seen):"
    arms = {arm: f"simulated, {arm}" for arm, runs in material.runs.items() if runs}
    width = max(map(len, [CLOSED_FORM, *arms.values()]))
    yield f"  {LOG:<{width}}{actual:>9,}"
    closed = weekly.closed_form(material, weeks)
    if closed is not None:
        gap = f"{closed.sum() / actual - 1:+.1%} against the log: the model's known error, not tuned away"
        yield f"  {CLOSED_FORM:<{width}}{closed.sum():>11,.1f}  {gap}"
    starts, days = [week.first_day for week in weeks], [week.days for week in weeks]
    for arm, label in arms.items():
        mean = weekly.in_weeks(material.runs[arm], "repeat_orders", starts, days).sum(axis=1).mean()
        yield f"  {label:<{width}}{mean:>11,.1f}  {mean / actual - 1:+.1%}"
