"""One run: from a scenario to its results, in memory or in a run folder that can be resumed."""

from __future__ import annotations

import json
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from sim import cache
from sim.engine.simulation import LOG_MODES, Simulation
from sim.engine.snapshot import restore, save
from sim.errors import BadInput, Problem
from sim.results import folder as files
from sim.results import tables
from sim.results.events import EventLog
from sim.results.progress import Progress
from sim.scenario.load import Scenario, load

CHECKPOINT_SECONDS = 120.0


class Run:
    """What came out of a run. Money is in minor units of the scenario's currency."""

    def __init__(self, summary: dict[str, Any], read: Callable[[str], pd.DataFrame], folder: Path | None) -> None:
        self.summary = summary
        self.folder = folder
        self._read = read

    @cached_property
    def daily(self) -> pd.DataFrame:
        """Figures by day and merchant."""
        return self._read("daily")

    @cached_property
    def daily_by_channel(self) -> pd.DataFrame:
        """Visits, orders and GMV by day, merchant and channel."""
        return self._read("daily_by_channel")

    @cached_property
    def messages(self) -> pd.DataFrame:
        """Message tasks by outcome."""
        return self._read("messages")

    @cached_property
    def grades(self) -> pd.DataFrame:
        """Merchants' grades; without a rule of grading, no rows."""
        return self._read("grades")

    @cached_property
    def events(self) -> pd.DataFrame:
        """The event log, if the run was asked for one."""
        return self._read("events")


class Interrupted(Exception):  # noqa: N818 - not a fault
    """The run was interrupted; its folder says how far it got and can be resumed."""


def run(
    scenario: Scenario,
    seed: int | None = None,
    out: str | Path | None = None,
    events: str = "none",
    threads: int | None = None,
    shards: int | None = None,
    progress: bool = False,
) -> Run:
    """Run a scenario. Results do not depend on `threads` (default: all cores) and `shards`.

    `events` is none, sample (1 % of the consumers), all, or full. With `out`, a folder that must be new or empty, results
    are written there as the run goes. Raises BadInput for what cannot be run, Interrupted at an interrupt.
    """
    if events not in LOG_MODES:
        raise BadInput(f"events: one of {', '.join(LOG_MODES)} is needed, not {events!r}")
    for name, number in (("threads", threads), ("shards", shards)):
        if number is not None and number < 1:
            raise BadInput(f"{name}: at least 1 is needed, not {number}")
    seed = scenario.seed if seed is None else seed
    home = None if out is None else files.new_folder(Path(out))
    log = EventLog(home if events != "none" else None)
    if progress and not cache.is_warm():
        print("compiling the kernel, once after each installation: about 20 s", file=sys.stderr, flush=True)
    if home is not None:
        files.write_scenario(home / "scenario.yaml", scenario, seed)
        files.write_json(home / "manifest.json", files.manifest(scenario, seed, status=files.RUNNING, events=events))
    simulation = Simulation(scenario, seed, threads, shards, events, log.add)
    return _go_on(simulation, home, log, progress, 0.0)


def resume(folder: str | Path, threads: int | None = None, progress: bool = False) -> Run:
    """Go on with an interrupted run from its last snapshot, or from its beginning if there is none."""
    home = Path(folder)
    try:
        state = json.loads((home / "manifest.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BadInput(Problem(f"not a run folder: {error}", str(home))) from error
    if state["status"] == files.COMPLETE:
        return read_run(home)
    scenario = load(home / "scenario.yaml")
    if scenario.hash != state["scenario_hash"]:
        raise BadInput(Problem("a table or a plug-in of the scenario has changed since the run began", str(home)))
    path = home / files.SNAPSHOT
    snapshot, notes = restore(path) if path.exists() else (None, {"parts": 0, "seconds": 0.0})
    log = EventLog(home if state["events"] != "none" else None, notes["parts"])
    simulation = Simulation(scenario, state["seed"], threads, None, state["events"], log.add, snapshot)
    object.__setattr__(scenario, "name", state["scenario"])
    return _go_on(simulation, home, log, progress, notes["seconds"])


def read_run(folder: str | Path) -> Run:
    """A run from its folder."""
    home = Path(folder)
    summary = json.loads((home / "summary.json").read_text(encoding="utf-8"))

    def read(name: str) -> pd.DataFrame:
        path = home / f"{name}.parquet"
        return pd.read_parquet(path) if path.exists() else pd.DataFrame()

    return Run(summary, read, home)


def _go_on(simulation: Simulation, home: Path | None, log: EventLog, progress: bool, seconds_before: float) -> Run:
    """Let the simulation run to its end, and write what came out."""
    began = time.perf_counter()

    def seconds() -> float:
        return seconds_before + time.perf_counter() - began

    def note(status: str, **facts: Any) -> None:
        if home is not None:
            whole = files.manifest(simulation.scenario, simulation.seed, status=status, events=simulation.events)
            whole |= {"seconds": seconds(), "seconds_by_part": simulation.seconds, "peak_bytes": files.peak_bytes()}
            whole |= {"threads": simulation.threads, "shards": len(simulation.population.shards)}
            files.write_json(home / "manifest.json", whole | facts)

    def store() -> None:
        if home is not None:
            log.flush()
            save(simulation.snapshot(), home / files.SNAPSHOT, {"parts": log.parts, "seconds": seconds()})

    last_stored = began
    try:
        with Progress(simulation.end, progress, simulation.scenario.name) as bar, _interrupts() as interrupted:

            def on_instant(now: int) -> bool:
                nonlocal last_stored
                bar.at(now)
                if home is not None and time.perf_counter() - last_stored > CHECKPOINT_SECONDS:
                    store()
                    last_stored = time.perf_counter()
                return interrupted.is_set()

            finished = simulation.run(on_instant=on_instant)
            cache.note_warm()
    except BaseException as error:
        note(files.FAILED, error=f"{type(error).__name__}: {error}")
        raise
    if not finished:
        store()
        note(files.INTERRUPTED, until=simulation.clock.now)
        where = f"; `sim resume {home}` goes on" if home is not None else ""
        raise Interrupted(f"interrupted on day {simulation.clock.now // 86_400} of {simulation.days}{where}")
    return _write(simulation, home, log, note)


def _write(simulation: Simulation, home: Path | None, log: EventLog, note: Callable[..., None]) -> Run:
    """The results of a finished run, in its folder if it has one."""
    frames = {
        "daily": tables.daily(simulation),
        "daily_by_channel": tables.daily_by_channel(simulation),
        "messages": tables.messages(simulation),
        "grades": pd.DataFrame(),
    }
    summary = tables.summary(simulation, frames["daily"])
    if home is None:
        return Run(summary, lambda name: log.frame() if name == "events" else frames[name], None)
    for name, frame in frames.items():
        if len(frame.columns):
            files.write_table(home / f"{name}.parquet", frame, simulation.scenario.settings.currency)
    if simulation.events != "none":
        log.close()
    files.write_json(home / "summary.json", summary)
    note(files.COMPLETE)
    (home / files.SNAPSHOT).unlink(missing_ok=True)
    return read_run(home)


@contextmanager
def _interrupts() -> Iterator[threading.Event]:
    """An interrupt or a request to end stops the run at its next instant, so that it can be resumed."""
    asked = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield asked
        return

    def stop(number: int, frame: object) -> None:
        asked.set()

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
