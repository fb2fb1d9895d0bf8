"""The event log: rows as the engine hands them over, written to disk as the run goes."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from sim.engine.platform_log import LOG_CHANNELS
from sim.state.names import KINDS, LOG_REASONS, RULE_OF_REASON
from sim.state.tables import LOG

ROWS_A_PART = 1_000_000
PARTS = "events.parts"
RULE_OF_KIND = {
    "follow": "INT-1",
    "join": "INT-3",
    "message_sent": "MSG-7",
    "opt_out": "MSG-14",
    "ship": "SRV-2",
    "pickup": "SRV-2",
    "receive": "SRV-2",
    "group_join": "GRP-2",
    "claim": "KEEP-1",
    "redeem": "KEEP-1",
    "expire": "KEEP-1",
    "benefit_on": "GRD-3",
    "benefit_off": "GRD-3",
}
RULES = ("", *dict.fromkeys([*RULE_OF_KIND.values(), *RULE_OF_REASON.values()]))
RULE_CODE_OF_KIND = np.array([RULES.index(RULE_OF_KIND.get(kind, "")) for kind in KINDS], np.int16)
RULE_CODE_OF_REASON = np.array([RULES.index(RULE_OF_REASON.get(reason, "")) for reason in LOG_REASONS], np.int16)
UNITS = {"time": "s", "amount": "minor unit of the currency"}


def table(
    rows: np.ndarray, plans: Iterable[str] = (), own: Iterable[str] = (), benefits: Iterable[str] = ()
) -> pa.Table:  # fmt: skip
    """Rows of the engine's log as the columns of the contract; order is kept.

    `own` are the reasons of the scenario's own policies. A task has its plan's name for a reason; what
    happens to a benefit has the benefit's, by a code below 0.
    """
    words = (*LOG_REASONS, *own, *plans)
    reasons = np.where(rows["reason"] < 0, len(words) - 1 - rows["reason"], rows["reason"])
    plain = np.where(reasons < len(LOG_REASONS), reasons, 0)
    rule = np.where(plain > 0, RULE_CODE_OF_REASON[plain], RULE_CODE_OF_KIND[rows["kind"]])
    columns = {
        "time": pa.array(rows["time"]),
        "seq": pa.array(rows["seq"]),
        "kind": _words(rows["kind"], KINDS),
        "consumer": pa.array(rows["consumer"]),
        "merchant": pa.array(rows["merchant"]),
        "channel": _words(rows["channel"], LOG_CHANNELS),
        "ref": pa.array(rows["ref"]),
        "amount": pa.array(rows["amount"]),
        "reason": _words(reasons, (*words, *benefits)),
        "rule": _words(rule, RULES),
    }
    fields = [pa.field(name, array.type, metadata={"unit": UNITS.get(name, "")}) for name, array in columns.items()]
    return pa.table(list(columns.values()), pa.schema(fields))


def _words(codes: np.ndarray, words: tuple[str, ...]) -> pa.DictionaryArray:
    """Codes as words. A plan may be called like a reason: every word is in the dictionary once."""
    once = {word: k for k, word in enumerate(dict.fromkeys(words))}
    codes = np.array([once[word] for word in words], np.int32)[codes]
    return pa.DictionaryArray.from_arrays(pa.array(codes, pa.int32()), pa.array(list(once)))


def nothing() -> pd.DataFrame:
    """A log without rows: the columns."""
    return table(LOG.rows(0)).to_pandas()


def has_parts(folder: Path, parts: int) -> bool:
    """Whether the first `parts` parts of a log are there."""
    return all(_part(folder / PARTS, number).exists() for number in range(parts))


def _part(folder: Path, number: int) -> Path:
    return folder / f"{number:06d}.parquet"


class EventLog:
    """Keeps the rows in memory, or in parts in a folder that become one file at the end."""

    def __init__(self, folder: Path | None = None, parts: int = 0) -> None:
        self._parts = None if folder is None else folder / PARTS
        self._file = None if folder is None else folder / "events.parquet"
        self._rows: list[np.ndarray] = []
        self._kept = 0
        self.plans: Iterable[str] = ()  # names of the plans of tasks
        self.own: Iterable[str] = ()  # reasons of the scenario's own policies
        self.benefits: Iterable[str] = ()  # names of benefits
        self.parts = parts  # parts that are whole; what lies beyond them is of a run that was cut off
        if self._parts is not None:
            self._parts.mkdir(parents=True, exist_ok=True)
            whole = {_part(self._parts, number) for number in range(parts)}
            for path in set(self._parts.iterdir()) - whole:
                path.unlink()

    def add(self, rows: np.ndarray) -> None:
        """Rows of one window, later than all before."""
        self._rows.append(rows)
        self._kept += len(rows)
        if self._parts is not None and self._kept >= ROWS_A_PART:
            self.flush()

    def flush(self) -> None:
        """Write what is in memory as one more part."""
        if self._parts is None or not self._rows:
            return
        path = _part(self._parts, self.parts)
        pq.write_table(self._table(), path.with_suffix(".part"), compression="zstd")
        path.with_suffix(".part").replace(path)
        self.parts += 1
        self._rows.clear()
        self._kept = 0

    def _table(self) -> pa.Table:
        return table(np.concatenate(self._rows), self.plans, self.own, self.benefits)

    def close(self) -> None:
        """Join the parts into `events.parquet`. The parts stay until `clear`: until then a run that is cut off needs them."""
        if self._parts is None or self._file is None:
            return
        self.flush()
        draft = self._file.with_suffix(".parquet.part")
        with pq.ParquetWriter(draft, table(LOG.rows(0)).schema, compression="zstd") as writer:
            for number in range(self.parts):
                writer.write_table(pq.read_table(_part(self._parts, number)))
        draft.replace(self._file)

    def clear(self) -> None:
        """Remove the parts, when the run is noted as complete."""
        if self._parts is not None:
            shutil.rmtree(self._parts)

    def frame(self) -> pd.DataFrame:
        """All rows as a table; of a log on disk, after `close`."""
        if self._file is not None:
            return pd.read_parquet(self._file)
        return self._table().to_pandas() if self._rows else nothing()
