"""A run's state at an instant, as arrays and JSON in one file without pickle: to resume, to branch, to move."""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
import zlib
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from sim.engine.asks import no_asks
from sim.engine.clock import Action
from sim.engine.tasks import Plan, Task, Verdict
from sim.errors import BadInput, Problem
from sim.state.benefits import BENEFIT_FIGURES, LOYALTY
from sim.state.columns import Table
from sim.state.grades import REFRESHED, STANDING
from sim.state.names import CHANNELS, FIGURES, LOG_REASONS, PENDING_NAMES, REFUSALS, SOURCE_FIGURES, STOCKS, TASK_FIGURES
from sim.state.policy import Message
from sim.state.shard import LOG_END, PENDING_END, RELATION_END, Shard
from sim.state.tables import CONSUMER, CONTACT, LOG, NEED, PENDING, RELATION

VERSION = 11
NOT_STORED = ("first", "asks")  # between two windows nothing has been asked
TABLES = {
    "consumers": CONSUMER,
    "needs": NEED,
    "relations": RELATION,
    "contacts": CONTACT,
    "loyalty": LOYALTY,
    "pending": PENDING,
    "ahead": PENDING,
    "log": LOG,
}
GRADES = {"standings": STANDING, "refreshed": REFRESHED}
DAMAGED = (OSError, EOFError, ValueError, KeyError, TypeError, AttributeError, RuntimeError, zipfile.BadZipFile, zlib.error)
CHUNK = 1 << 18  # bytes that are read at a time
FREE_ROOM = {
    "relations": RELATION_END,
    "contacts": RELATION_END,
    "recent": RELATION_END,
    "loyalty": RELATION_END,
    "pending": PENDING_END,
    "log": LOG_END,
}


class Books:
    """What was closed at the end of each day, for all merchants: figures, figures by source, refusals, stocks."""

    def __init__(self) -> None:
        self.figures: list[np.ndarray] = []  # per day (merchants, FIGURES)
        self.sources: list[np.ndarray] = []  # per day from day 0 on (merchants, CHANNELS, SOURCE_FIGURES)
        self.refusals: list[np.ndarray] = []  # per day from day 0 on (merchants, REFUSALS)
        self.stocks: list[np.ndarray] = []  # per day (merchants, STOCKS), at its end


class Snapshot(NamedTuple):
    """Everything that a run's future depends on, beside its scenario and seed."""

    now: int  # s, the last instant
    started: bool  # whether that instant was taken
    actions: list[Action]
    tasks: list[Task]
    verdicts: dict[int, Verdict]  # on tasks, by row
    tallies: dict[int, int]  # tasks under way by row, with their rows of the shards' `tasks`
    figures: np.ndarray  # (tasks, figures) of all tasks up to the last 00:00, as `Tallies` has them
    plans: dict[Plan, int]  # plans of several tasks under way, with their rows of `reached`
    shards: list[Shard]
    books: Books
    log: np.ndarray  # rows not yet handed over
    benefits: dict[str, Any]  # what strategies have switched, what is online; as JSON
    groups: dict[str, Any]  # which may be operated, and let a crowd in, by the last 00:00; as JSON
    coupling: dict[str, Any]  # of what consumers share: what is left, what is over; as JSON
    grades: dict[str, np.ndarray]  # of GRADES, rows of STANDING and REFRESHED


def save(snapshot: Snapshot, path: Path, notes: dict[str, Any]) -> None:
    """Write a snapshot, whole or not at all; `notes` are what the caller wants to find again (JSON)."""
    arrays: dict[str, np.ndarray] = {"log": snapshot.log, "figures": snapshot.figures}
    for k, shard in enumerate(snapshot.shards):
        for name, array in shard._asdict().items():
            if name not in NOT_STORED:
                used = shard.ends[FREE_ROOM[name]] if name in FREE_ROOM else None
                arrays[f"shard.{k}.{name}"] = np.asarray(array[:used])
    arrays |= {f"grades.{name}": rows for name, rows in snapshot.grades.items()}
    for name, days in vars(snapshot.books).items():
        arrays[f"books.{name}"] = np.array(days)
    state = {
        "version": VERSION,
        "form": form(),
        "notes": notes,
        "now": snapshot.now,
        "started": snapshot.started,
        "actions": snapshot.actions,
        "tasks": snapshot.tasks,
        "verdicts": [(row, *verdict) for row, verdict in snapshot.verdicts.items()],
        "tallies": list(snapshot.tallies.items()),
        "plans": [(*plan, row) for plan, row in snapshot.plans.items()],
        "shards": [shard.first for shard in snapshot.shards],
        "coupling": snapshot.coupling,
        "benefits": snapshot.benefits,
        "groups": snapshot.groups,
    }
    arrays["state"] = np.frombuffer(json.dumps(state).encode(), np.uint8)
    part = path.with_suffix(".part")
    with part.open("wb") as file:
        np.savez(file, **arrays)  # type: ignore[arg-type]
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


def restore(path: Path) -> tuple[Snapshot, dict[str, Any]]:
    """A snapshot from its file, and its notes. Raises BadInput for a file that is none, or of another version."""
    try:
        with zipfile.ZipFile(path) as file:
            arrays = {name.removesuffix(".npy"): _read(file, name) for name in file.namelist()}
        state = json.loads(arrays["state"].tobytes())
        version = state["version"]
        if version == VERSION and state["form"] == form():
            return _from_arrays(state, arrays), state["notes"]
    except DAMAGED as error:
        raise BadInput(Problem(f"not a snapshot of a run, or damaged: {error}", str(path))) from error
    words = f"a snapshot of version {version}; this program reads version {VERSION}"
    if version == VERSION:
        words = "a snapshot of another edition of this program, with other columns"
    raise BadInput(Problem(words, str(path)))


def form() -> str:
    """A hash of all declared columns and of the lengths of the tallies: what a snapshot must have been written with."""
    declared = [table.dtype.descr for table in (*TABLES.values(), *GRADES.values())]
    tallied = (FIGURES, CHANNELS, SOURCE_FIGURES, STOCKS, REFUSALS, PENDING_NAMES, LOG_REASONS, BENEFIT_FIGURES)
    lengths = [*map(len, tallied), TASK_FIGURES]
    return hashlib.sha256(repr((declared, lengths, Shard._fields)).encode()).hexdigest()


def _read(file: zipfile.ZipFile, name: str) -> np.ndarray:
    """An array as it was written. To its very end: only there its checksum is compared, which raises zipfile.BadZipFile."""
    with file.open(name) as stored:
        np.lib.format.read_magic(stored)
        shape, _, dtype = np.lib.format.read_array_header_1_0(stored)
        if dtype.hasobject:
            raise ValueError(f"{name} is pickled")
        array = np.empty(shape, dtype)
        contents = array.reshape(-1).view(np.uint8)  # rows of columns would be copied column by column
        for at in range(0, len(contents), CHUNK):
            contents[at : at + CHUNK] = np.frombuffer(stored.read(CHUNK), np.uint8)
        if stored.read(1):
            raise ValueError(f"{name} is longer than it says")
    return array


def _from_arrays(state: dict[str, Any], arrays: dict[str, np.ndarray]) -> Snapshot:
    for k in range(len(state["shards"])):
        for name, table in TABLES.items():
            arrays[f"shard.{k}.{name}"] = _rows(arrays, f"shard.{k}.{name}", table)
    books = Books()
    for name in vars(books):
        setattr(books, name, list(arrays[f"books.{name}"]))
    return Snapshot(
        now=state["now"],
        started=state["started"],
        actions=[Action(*action) for action in state["actions"]],
        tasks=[Task(id_, merchant, Message(*message), *rest) for id_, merchant, message, *rest in state["tasks"]],
        verdicts={
            row: Verdict(reason, crowd, tuple(thresholds), used_up)
            for row, reason, crowd, thresholds, used_up in state["verdicts"]
        },
        tallies=dict(state["tallies"]),
        figures=arrays["figures"],
        plans={(merchant, plan): row for merchant, plan, row in state["plans"]},
        shards=[
            _shard(first, {name: arrays[f"shard.{k}.{name}"] for name in Shard._fields if name not in NOT_STORED})
            for k, first in enumerate(state["shards"])
        ],
        books=books,
        log=arrays["log"],
        coupling=state["coupling"],
        benefits=state["benefits"],
        groups=state["groups"],
        grades={name: _rows(arrays, f"grades.{name}", table) for name, table in GRADES.items()},
    )


def _rows(arrays: dict[str, np.ndarray], name: str, table: Table) -> np.ndarray:
    """Rows of a declared table: read from a file they are not known to be aligned, and the kernel would be compiled anew."""
    if arrays[name].dtype != table.dtype:
        raise ValueError(f"{name} with other columns than are declared")
    return arrays[name].view(table.dtype)


def _shard(first: int, arrays: dict[str, np.ndarray]) -> Shard:
    return Shard(first=first, asks=no_asks(arrays), **arrays)
