"""Pasts that were simulated before: kept in the user's cache, by the hash of all that they follow from.

What comes out does not depend on whether a past was found there: a file that is not whole, or not the one that was looked
for, is as good as none.
"""

from __future__ import annotations

import fcntl
import functools
import hashlib
import json
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib.metadata import version
from pathlib import Path

from sim.cache import hash_of, user_cache
from sim.engine.snapshot import Snapshot, form, restore, save
from sim.engine.world import longest_window
from sim.errors import BadInput
from sim.scenario.load import Scenario
from sim.state.tables import LOG

MOST_BYTES = 2 * 10**9  # of all pasts that are kept; those that were used longest ago go first
SOURCES = ("state", "agents", "stages", "policies", "engine", "scenario")  # that a past is computed by
LIBRARIES = ("numpy", "scipy", "numba")
DRAFT_SECONDS = 86_400  # after which an unfinished file belongs to a process that has died
LONGEST_WAIT = 3_600.0  # s, for another process
LOOK_EVERY = 0.2  # s


def folder() -> Path:
    """Where pasts are kept."""
    return user_cache() / "pasts"


def past_hash(scenario: Scenario, seed: int) -> str:
    """sha256 of everything that the scenario's own past follows from, the program included."""
    of = {"settings": scenario.past_settings, "seed": seed, "window": longest_window(scenario), "program": program()}
    return hashlib.sha256(json.dumps(of, sort_keys=True).encode()).hexdigest()


@functools.cache
def program() -> list[str]:
    """What a past is computed by; it does not change while it runs."""
    return [form(), hash_of(SOURCES), *(version(name) for name in LIBRARIES), sys.version]


def find(key: str) -> Snapshot | None:
    """The past of this hash, up to 00:00 of day 0, or None: it is not kept, or not whole."""
    path = _path(key)
    try:
        if not path.exists():
            return None
        snapshot, notes = restore(path)
        if notes != {"past": key}:
            return None
        os.utime(path)
    except (OSError, BadInput):
        return None
    return snapshot


def keep(key: str, snapshot: Snapshot) -> None:
    """Keep a past, as far as there is room for it. What the scenario would do after it is left out."""
    path = _path(key)
    draft = path.with_name(f"{key}-{os.getpid()}-{threading.get_ident()}.npz")
    with suppress(OSError):
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            save(snapshot._replace(actions=[], log=LOG.rows(0)), draft, {"past": key})
            if draft.stat().st_size <= MOST_BYTES:
                draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)
            draft.with_suffix(".part").unlink(missing_ok=True)
        _make_room()


@contextmanager
def alone(key: str, given_up: Callable[[], bool]) -> Iterator[None]:
    """Hold this past, so that of several processes one computes it and the others find it; waits until then.

    The hold ends with the process, however that ends. `given_up`, asked while waiting, may end that, and so does time:
    whoever does not wait computes the past once more, to the same result.
    """
    held = None
    try:
        with suppress(OSError):
            folder().mkdir(parents=True, exist_ok=True)
            held = os.open(_path(key).with_suffix(".lock"), os.O_RDWR | os.O_CREAT, 0o600)
            _wait_for(held, given_up)
        yield
    finally:
        if held is not None:
            os.close(held)


def _wait_for(held: int, given_up: Callable[[], bool]) -> None:
    """Lock an open file, or give up waiting for whoever has locked it."""
    until = time.monotonic() + LONGEST_WAIT
    while True:
        with suppress(BlockingIOError):
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        if given_up() or time.monotonic() > until:
            return
        time.sleep(LOOK_EVERY)


def _path(key: str) -> Path:
    return folder() / f"{key}.npz"


def _make_room() -> None:
    """Remove what is too much, and what was left behind."""
    now = time.time()
    used = 0
    for path in sorted(folder().iterdir(), key=lambda path: path.stat().st_mtime, reverse=True):
        found = path.stat()
        if path.suffix == ".npz" and "-" not in path.stem:
            used += found.st_size
            if used > MOST_BYTES:
                path.unlink(missing_ok=True)
        elif now - found.st_mtime > DRAFT_SECONDS:
            path.unlink(missing_ok=True)
