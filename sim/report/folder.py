"""What a report is made of, read from a run folder or a comparison folder; a file that is not there is named."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from sim.errors import BadInput, Problem
from sim.state.names import TASK_REASONS

NOT_ALWAYS = {
    "grades": ("merchant", "time", "grade", "register_join", "cheapest"),
    "benefits": ("benefit", "kind", "of_past"),
    "refusals": ("what", "reason", "count"),
}
"""Tables of which older runs have none, with the columns that are asked for."""


class _Outcome(NamedTuple):
    """What became of messages, and of how many tasks; `reason` is empty where they were not refused."""

    outcome: str
    reason: str
    messages: int
    tasks: int


@dataclass(frozen=True)
class RunFolder:
    """A run of which each file is read when it is first asked for; `link` leads there from the report.

    Raises `BadInput` that names the file where it cannot be read.
    """

    folder: Path
    link: str

    @cached_property
    def manifest(self) -> Mapping[str, Any]:
        return read_json(self.folder / "manifest.json")

    @property
    def scenario(self) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.manifest.get("resolved", {})
        return found

    @cached_property
    def _summary(self) -> Mapping[str, Any]:
        return read_json(self.folder / "summary.json")

    @property
    def totals(self) -> Mapping[str, float]:
        found: Mapping[str, float] = self._summary.get("totals", {})
        return found

    @property
    def consumers(self) -> int | None:
        """None where the run does not say it."""
        return self._summary.get("consumers")

    @cached_property
    def daily(self) -> pd.DataFrame:
        """One row per date, summed over merchants, with numeric columns."""
        path = self.folder / "daily.parquet"
        with _opened(path) as file:
            schema = file.schema_arrow
        figures = [one.name for one in schema if pa.types.is_integer(one.type) or pa.types.is_floating(one.type)]
        table = _read(path, ["date", *(name for name in figures if name != "day")]).to_pandas(date_as_object=False)
        if "date" not in table or table.empty:
            raise BadInput(f"{path}: has no days (column `date`)")
        return table.assign(date=pd.to_datetime(table["date"])).groupby("date", sort=True).sum()

    @cached_property
    def industries(self) -> Mapping[str, str]:
        """Those of the merchants, by name."""
        table = _read(self.folder / "daily.parquet", ["merchant", "industry"])
        if table.num_columns < 2:
            return {}
        return dict(zip(*(map(str, column) for column in table.to_pydict().values())))

    @cached_property
    def _messages(self) -> list[_Outcome]:
        """None of a table in which they are not counted."""
        keys = ["outcome", "reason"]
        table = _read(self.folder / "messages.parquet", [*keys, "count"], read_dictionary=keys)
        if table.num_columns < 3:
            return []
        counted = table.group_by(keys, use_threads=False).aggregate([("count", "sum"), ([], "count_all")])
        rows = counted.select([*keys, "count_sum", "count_all"]).to_pydict().values()
        return [_Outcome(str(outcome), str(reason or ""), *counts) for outcome, reason, *counts in zip(*rows)]

    @cached_property
    def outcomes(self) -> Mapping[str, int]:
        """Messages sent, read, ..."""
        return _counted((one.outcome, one.messages) for one in self._messages if not one.reason)

    @cached_property
    def refused(self) -> Mapping[str, int]:
        """Messages refused to a consumer, by reason."""
        refused = (one for one in self._messages if one.reason and one.reason not in TASK_REASONS)
        return _counted((one.reason, one.messages) for one in refused)

    @cached_property
    def tasks_refused(self) -> Mapping[str, int]:
        """Tasks refused as a whole, by reason."""
        return _counted((one.reason, one.tasks) for one in self._messages if one.reason in TASK_REASONS)

    @cached_property
    def grades(self) -> pd.DataFrame:
        return self._table_if_any("grades")

    @cached_property
    def benefits(self) -> pd.DataFrame:
        return self._table_if_any("benefits")

    @cached_property
    def refusals(self) -> pd.DataFrame:
        return self._table_if_any("refusals")

    def _table_if_any(self, name: str) -> pd.DataFrame:
        """Without rows where there is no such table, or it has none."""
        path = self.folder / f"{name}.parquet"
        if path.exists():
            with _opened(path) as file:
                if file.metadata.num_rows:
                    return file.read(use_threads=False).to_pandas()
        return pd.DataFrame(columns=list(NOT_ALWAYS[name]))


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
    return RunFolder(folder, link)


def read_json(path: Path) -> dict[str, Any]:
    """Raises `BadInput` where it is not a file with one JSON object."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as fault:
        raise BadInput(f"{path}: cannot be read: {fault}") from None
    if not isinstance(content, dict):
        raise BadInput(f"{path}: cannot be read: not a JSON object")
    return content


def _read(path: Path, columns: Sequence[str] | None = None, **how: Any) -> pa.Table:
    """Those of the columns that there are."""
    with _opened(path, **how) as file:
        return file.read(columns, use_threads=False)


@contextmanager
def _opened(path: Path, **how: Any) -> Iterator[pq.ParquetFile]:
    try:
        with pq.ParquetFile(path, **how) as file:
            yield file
    except (OSError, ValueError) as fault:
        raise BadInput(f"{path}: cannot be read: {fault}") from None


def _counted(pairs: Iterable[tuple[str, int]]) -> dict[str, int]:
    found: Counter[str] = Counter()
    for key, count in pairs:
        found[key] += count
    return dict(sorted(found.items()))


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
