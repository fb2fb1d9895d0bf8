"""Where a sweep keeps what is planned, what is finished and what came out: a folder; a data base plugs in here."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from sim.experiments import journal, units
from sim.experiments.runs import Row, Task

JOURNAL = "runs.jsonl"
RUNS = "runs.parquet"
PENDING, RUNNING, COMPLETE, FAILED = "pending", "running", "complete", "failed"

WRITE_EVERY = 2.0  # s, at least, between two versions of the table while runs finish
SHARE_OF_TIME = 0.05  # at most, that goes into writing the table

Key = tuple[str, int]
"""A run: its point and replication."""


class Store(Protocol):
    """Keeps the rows of runs as they finish."""

    def finished(self) -> dict[Key, Row]:
        """The rows of all runs that finished, in this or an earlier process; the last word on each."""
        ...

    def begun(self, task: Task) -> None:
        """Note that a run is about to start."""
        ...

    def keep(self, task: Task, row: Row) -> None:
        """Keep the row of a run that finished, well or not, so that it is there however the program ends."""
        ...

    def table(self) -> pd.DataFrame:
        """A row per planned run, in the order of the plan: its point, its status, and its figures where it is complete."""
        ...


class FolderStore:
    """A journal of what finished, and a Parquet table of all runs that can be read at any time.

    `planned` has the facts of each run that are known before: point, replication, seed, and a column per setting varied.
    """

    def __init__(self, folder: Path, planned: Mapping[Key, Mapping[str, Any]], currency: str) -> None:
        self.folder, self.planned, self.currency = folder, planned, currency
        self._rows = {key: row for row, _ in journal.read(folder / JOURNAL) if (key := (row.arm, row.replication)) in planned}
        self._running: set[Key] = set()
        self._next = 0.0

    @property
    def metrics(self) -> list[str]:
        """Those that any finished run has."""
        return units.in_order(list(dict.fromkeys(name for row in self._rows.values() for name in row.totals)))

    def finished(self) -> dict[Key, Row]:
        """See `Store`."""
        return dict(self._rows)

    def begun(self, task: Task) -> None:
        """See `Store`."""
        key = task.arm, task.replication
        self._rows.pop(key, None)
        self._running.add(key)
        self._write_now_and_then()

    def keep(self, task: Task, row: Row) -> None:
        """See `Store`."""
        key = task.arm, task.replication
        journal.add(self.folder / JOURNAL, replace(row, groups={}))
        self._rows[key] = row
        self._running.discard(key)
        self._write_now_and_then()

    def close(self) -> None:
        """Write the table as it is; nothing runs any more. What was begun and has not finished is to be done again."""
        self._running.clear()
        self._write()

    def table(self) -> pd.DataFrame:
        """See `Store`."""
        rows, metrics = self._rows, self.metrics
        done = [rows.get(key) for key in self.planned]
        columns: dict[str, list[Any]] = {name: [] for facts in list(self.planned.values())[:1] for name in facts}
        for facts in self.planned.values():
            for name, value in facts.items():
                columns[name].append(value)
        columns["status"] = [self._status(key) for key in self.planned]
        for name in ("seconds", "peak_bytes"):
            columns[name] = [None if row is None else getattr(row, name) for row in done]
        for name in ("error", "place"):
            columns[name] = [None if row is None or row.error is None else getattr(row, name) for row in done]
        for name in metrics:
            columns[name] = [None if row is None or row.error is not None else row.totals.get(name) for row in done]
        return pd.DataFrame({name: _column(values) for name, values in columns.items()})

    def _status(self, key: Key) -> str:
        if key in self._running:
            return RUNNING
        row = self._rows.get(key)
        return PENDING if row is None else COMPLETE if row.error is None else FAILED

    def _write_now_and_then(self) -> None:
        if time.monotonic() < self._next:
            return
        began = time.monotonic()
        self._write()
        now = time.monotonic()
        self._next = now + max(WRITE_EVERY, (now - began) / SHARE_OF_TIME)

    def _write(self) -> None:
        unit = {"unit": f"{self.currency}, minor unit"}
        write_table(self.folder / RUNS, self.table(), {name: unit for name in self.metrics if units.is_money(name)})


def write_table(path: Path, frame: pd.DataFrame, about: Mapping[str, Mapping[str, str]] | None = None) -> None:
    """Write a Parquet file, whole or not at all; `about` has what is to be said of columns, by name."""
    table = pa.Table.from_pandas(frame, preserve_index=False)
    about = about or {}
    fields = [field.with_metadata(dict(about[field.name])) if field.name in about else field for field in table.schema]
    part = path.with_name(path.name + ".part")
    pq.write_table(table.cast(pa.schema(fields)), part, compression="zstd")
    part.replace(path)


def write_csv(path: Path, frame: pd.DataFrame) -> None:
    """Write a table for spreadsheets: they know by its first bytes that it is UTF-8."""
    part = path.with_name(path.name + ".part")
    frame.to_csv(part, index=False, encoding="utf-8-sig")
    part.replace(path)


def _column(values: Sequence[Any]) -> Any:
    """Whole numbers stay whole where some are missing."""
    known = [value for value in values if value is not None]
    if not known or all(isinstance(value, str) for value in known):
        return pd.array(values, dtype="string")
    if all(isinstance(value, bool) for value in known):
        return pd.array(values, dtype="boolean")
    if all(isinstance(value, int) for value in known):
        return pd.array(values, dtype="Int64")
    return pd.array(values, dtype="Float64")
