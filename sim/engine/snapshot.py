"""A run's state at an instant, as arrays and JSON in one file without pickle: to resume, to branch, to move."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from sim.engine.clock import Action
from sim.engine.tasks import Task
from sim.errors import BadInput, Problem
from sim.state.policy import Message
from sim.state.shard import LOG_END, PENDING_END, RELATION_END, Shard

VERSION = 1
FREE_ROOM = {"relations": RELATION_END, "recent": RELATION_END, "pending": PENDING_END, "log": LOG_END}


class Books:
    """What was closed at the end of each day, for all merchants: figures, figures by source, stocks."""

    def __init__(self) -> None:
        self.figures: list[np.ndarray] = []  # per day (merchants, FIGURES)
        self.sources: list[np.ndarray] = []  # per day (merchants, CHANNELS, SOURCE_FIGURES)
        self.stocks: list[np.ndarray] = []  # per day (merchants, STOCKS), at its end


class Snapshot(NamedTuple):
    """Everything that a run's future depends on, beside its scenario and seed."""

    now: int  # s, the last instant
    started: bool  # whether that instant was taken
    actions: list[Action]
    tasks: list[Task]
    shards: list[Shard]
    books: Books
    log: np.ndarray  # rows not yet handed over


def save(snapshot: Snapshot, path: Path, notes: dict[str, Any]) -> None:
    """Write a snapshot, whole or not at all; `notes` are what the caller wants to find again (JSON)."""
    arrays: dict[str, np.ndarray] = {"log": snapshot.log}
    for k, shard in enumerate(snapshot.shards):
        for name, array in shard._asdict().items():
            if name != "first":
                used = shard.ends[FREE_ROOM[name]] if name in FREE_ROOM else None
                arrays[f"shard.{k}.{name}"] = np.asarray(array[:used])
    for name, days in vars(snapshot.books).items():
        arrays[f"books.{name}"] = np.array(days)
    state = {
        "version": VERSION,
        "notes": notes,
        "now": snapshot.now,
        "started": snapshot.started,
        "actions": snapshot.actions,
        "tasks": snapshot.tasks,
        "shards": [shard.first for shard in snapshot.shards],
    }
    arrays["state"] = np.frombuffer(json.dumps(state).encode(), np.uint8)
    part = path.with_suffix(".part")
    with part.open("wb") as file:
        np.savez(file, **arrays)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


def restore(path: Path) -> tuple[Snapshot, dict[str, Any]]:
    """A snapshot from its file, and its notes. Raises BadInput for a file that is none, or of another version."""
    try:
        with np.load(path, allow_pickle=False) as stored:
            arrays = dict(stored)
        state = json.loads(arrays["state"].tobytes())
    except (OSError, ValueError, KeyError) as error:
        raise BadInput(Problem(f"not a snapshot of a run: {error}", str(path))) from error
    if state["version"] != VERSION:
        raise BadInput(Problem(f"a snapshot of version {state['version']}; this program reads version {VERSION}", str(path)))
    books = Books()
    for name in vars(books):
        setattr(books, name, list(arrays[f"books.{name}"]))
    shards = [
        Shard(first, **{name: arrays[f"shard.{k}.{name}"] for name in Shard._fields if name != "first"})
        for k, first in enumerate(state["shards"])
    ]
    snapshot = Snapshot(
        now=state["now"],
        started=state["started"],
        actions=[Action(*action) for action in state["actions"]],
        tasks=[Task(id_, merchant, Message(*message), created) for id_, merchant, message, created in state["tasks"]],
        shards=shards,
        books=books,
        log=arrays["log"],
    )
    return snapshot, state["notes"]
