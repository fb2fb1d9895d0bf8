"""What a report is made of, read from a run folder or a comparison folder; a file that is not there is named."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from sim.errors import BadInput, Problem
from sim.state.names import TASK_REASONS

NOT_ALWAYS = {
    "grades": ("merchant", "time", "grade", "register_join", "cheapest"),
    "benefits": ("benefit", "kind", "of_past"),
    "refusals": ("what", "reason", "count"),
}
"""Tables of which older runs have none, with the columns that are asked for."""


@dataclass(frozen=True)
class RunFolder:
    """`link` leads there from the report; `daily` has one row per date, summed over merchants, with integer columns.

    `outcomes` (sent, read) and `refused` (by reason) count messages, `tasks_refused` (by reason) tasks refused as a whole.
    `consumers` is None where the run does not say it; `industries` are those of the merchants by name. `grades`, `benefits`
    and `refusals` are the tables of these names, without rows where there is none.
    """

    link: str
    manifest: Mapping[str, Any]
    scenario: Mapping[str, Any]
    totals: Mapping[str, float]
    consumers: int | None
    daily: pd.DataFrame
    industries: Mapping[str, str]
    outcomes: Mapping[str, int]
    refused: Mapping[str, int]
    tasks_refused: Mapping[str, int]
    grades: pd.DataFrame
    benefits: pd.DataFrame
    refusals: pd.DataFrame


@dataclass(frozen=True)
class LogWeek:
    """A week of the log behind the scenario's past; `repeats` are the purchases after a customer's first."""

    week: int
    first_day: date
    days: int
    first: int
    repeats: int


@dataclass(frozen=True)
class Material:
    """`comparison` is None for a single run, `runs[arm]` are those that finished.

    Without a log `weeks` is empty; `customers` are its customers at the start, where their table is still there.
    """

    folder: Path
    comparison: Mapping[str, Any] | None
    arms: list[str]
    runs: dict[str, list[RunFolder]]
    weeks: list[LogWeek]
    customers: pd.DataFrame | None

    @property
    def base(self) -> str:
        return self.arms[0]

    @property
    def a_run(self) -> RunFolder:
        """Of the base where one finished."""
        return next(run for arm in self.arms for run in self.runs[arm])


def read(folder: str | Path) -> Material:
    """Raises `BadInput` that names what is missing or cannot be read."""
    folder = Path(folder)
    if not folder.is_dir():
        raise BadInput(f"{folder}: no such folder; give a run folder or a comparison folder")
    if (folder / "comparison.json").exists():
        return _comparison(folder)
    if (folder / "manifest.json").exists():
        run = _run(folder, "")
        name = str(run.manifest.get("scenario") or _name(folder.resolve()))
        return Material(folder, None, [name], {name: [run]}, _weeks(folder, run), _customers(folder, run))
    raise BadInput(
        f"{folder}: not the folder of a comparison (comparison.json is missing), of a sweep that has come to its end"
        " (sweep.json), or of a run (manifest.json)"
    )


def _name(folder: Path) -> str:
    """Of a run by itself its folder's, of a replication its arm's."""
    return folder.parent.name if re.fullmatch(r"r\d+", folder.name) else folder.name


def _comparison(folder: Path) -> Material:
    comparison = read_json(folder / "comparison.json")
    try:
        arms = list(comparison["arms"])
        failed = {failure["folder"] for failure in comparison["failures"]}
        links = {arm: [link for link in comparison["runs"][arm] if link not in failed] for arm in arms}
    except (KeyError, TypeError) as fault:
        raise BadInput(f"{folder / 'comparison.json'}: is not a comparison: {fault} is missing") from None
    runs = {arm: [_run(folder / link, link) for link in links[arm]] for arm in arms}
    if not any(runs.values()):
        raise BadInput(f"{folder}: every run of this comparison failed; there is nothing to report")
    a_run = next(run for arm in arms for run in runs[arm])
    return Material(folder, comparison, arms, runs, _weeks(folder, a_run), _customers(folder, a_run))


def _run(folder: Path, link: str) -> RunFolder:
    needed = ("manifest.json", "summary.json", "daily.parquet", "messages.parquet")
    missing = [name for name in needed if not (folder / name).exists()]
    if missing:
        raise BadInput(Problem("is missing; the run is not whole", str(folder / name)) for name in missing)
    summary, manifest = read_json(folder / "summary.json"), read_json(folder / "manifest.json")
    daily, messages = _days(folder / "daily.parquet"), _messages(folder / "messages.parquet")
    as_a_whole = messages["reason"].isin(TASK_REASONS)
    return RunFolder(
        link=link,
        manifest=manifest,
        scenario=manifest.get("resolved", {}),
        totals=summary.get("totals", {}),
        consumers=summary.get("consumers"),
        daily=_summed(daily),
        industries=_industries(daily),
        outcomes=_counted(messages[messages["reason"] == ""], "outcome"),
        refused=_counted(messages[(messages["reason"] != "") & ~as_a_whole], "reason"),
        tasks_refused={str(reason): int(tasks) for reason, tasks in messages[as_a_whole].groupby("reason").size().items()},
        **{name: _table_if_any(folder / f"{name}.parquet", columns) for name, columns in NOT_ALWAYS.items()},
    )


def read_json(path: Path) -> dict[str, Any]:
    """Raises `BadInput` where it is not a file with one JSON object."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as fault:
        raise BadInput(f"{path}: cannot be read: {fault}") from None
    if not isinstance(content, dict):
        raise BadInput(f"{path}: cannot be read: not a JSON object")
    return content


def _table(path: Path) -> pd.DataFrame:
    try:
        return pd.read_parquet(path)
    except (OSError, ValueError) as fault:
        raise BadInput(f"{path}: cannot be read: {fault}") from None


def _table_if_any(path: Path, columns: tuple[str, ...]) -> pd.DataFrame:
    """A table that older runs do not have."""
    return _table(path) if path.exists() else pd.DataFrame(columns=list(columns))


def _days(path: Path) -> pd.DataFrame:
    table = _table(path)
    if "date" not in table.columns or table.empty:
        raise BadInput(f"{path}: has no days (column `date`)")
    return table


def _summed(table: pd.DataFrame) -> pd.DataFrame:
    figures = table.drop(columns=[name for name in ("day", "merchant") if name in table.columns])
    figures = figures.select_dtypes("number").assign(date=pd.to_datetime(table["date"]))
    return figures.groupby("date", sort=True).sum()


def _industries(table: pd.DataFrame) -> dict[str, str]:
    if not {"merchant", "industry"} <= set(table.columns):
        return {}
    pairs = table[["merchant", "industry"]].drop_duplicates("merchant")
    return dict(zip(pairs["merchant"].astype(str), pairs["industry"].astype(str)))


def _messages(path: Path) -> pd.DataFrame:
    """The outcomes with their counts; none of a table in which they are not."""
    table = _table(path)
    if not {"outcome", "reason", "count"} <= set(table.columns):
        return pd.DataFrame({"outcome": pd.Series(dtype=str), "reason": pd.Series(dtype=str), "count": pd.Series(dtype=int)})
    return table[["outcome", "count"]].assign(reason=table["reason"].fillna("").astype(str))


def _counted(table: pd.DataFrame, by: str) -> dict[str, int]:
    return {str(key): int(count) for key, count in table.groupby(table[by].astype(str))["count"].sum().items()}


def _weeks(folder: Path, run: RunFolder) -> list[LogWeek]:
    given = _of_past(run, "weeks")
    if not given:
        return []
    path = _find(folder, run, given)
    if path is None:
        raise BadInput(Problem("is missing: the weeks of the log (past.weeks of the scenario)", given))
    try:
        table = pd.read_csv(path)
        columns = (table[name].tolist() for name in ("week", "date", "days", "first", "repeats"))
        return [
            LogWeek(int(week), date.fromisoformat(day), int(days), int(first), int(repeats))
            for week, day, days, first, repeats in zip(*columns)
        ]
    except (OSError, ValueError, TypeError, KeyError) as fault:
        what = f"cannot be read as weeks (week,date,days,first,repeats,amount): {fault}"
        raise BadInput(Problem(what, str(path))) from None


def _customers(folder: Path, run: RunFolder) -> pd.DataFrame | None:
    given = _of_past(run, "customers")
    path = _find(folder, run, given) if given else None
    return None if path is None else pd.read_csv(path)


def _of_past(run: RunFolder, key: str) -> str | None:
    past = run.scenario.get("past")
    return past.get(key) if isinstance(past, dict) else None


def _find(folder: Path, run: RunFolder, given: str) -> Path | None:
    """As the scenario says, or beside the results that may have been moved with it."""
    return next((place for place in (Path(given), folder / run.link / given, folder / given) if place.is_file()), None)
