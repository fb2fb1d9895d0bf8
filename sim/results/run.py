"""One run: from a scenario to its results, in memory or in a run folder that can be resumed."""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from sim import cache
from sim.engine import past
from sim.engine.platform_log import LOG_MODES
from sim.engine.simulation import Simulation
from sim.engine.snapshot import Snapshot, restore, save
from sim.errors import BadInput, Problem
from sim.garbage import set_up_left_alone
from sim.results import folder as run_folder
from sim.results import memory, tables
from sim.results.events import EventLog, has_parts
from sim.results.events import nothing as no_events
from sim.results.files import write_json
from sim.results.peak import peak_bytes
from sim.results.progress import Progress
from sim.scenario.load import Scenario, load
from sim.state.names import DAY

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
    def segments(self) -> pd.DataFrame:
        """What consumers did, by segment: by the orders that they had made before the run."""
        return self._read("segments")

    @cached_property
    def messages(self) -> pd.DataFrame:
        """Message tasks by outcome."""
        return self._read("messages")

    @cached_property
    def benefits(self) -> pd.DataFrame:
        """What became of coupons and benefits, by benefit and store."""
        return self._read("benefits")

    @cached_property
    def grades(self) -> pd.DataFrame:
        """Merchants' grades by refresh, with indicators, lines and distance; without a rule of grading, no rows."""
        return self._read("grades")

    @cached_property
    def refusals(self) -> pd.DataFrame:
        """What was refused to consumers and merchants, by day, merchant and reason; messages have a table of their own."""
        return self._read("refusals")

    @cached_property
    def events(self) -> pd.DataFrame:
        """The event log, if the run was asked for one."""
        return self._read("events")


class Interrupted(Exception):  # noqa: N818 - not a fault
    """The run was interrupted; its folder says how far it got and can be resumed."""


def check_options(seed: int | None, events: str, threads: int | None, shards: int | None) -> None:
    """Refuse, by BadInput, what no run can have; all at once."""
    problems = []
    if seed is not None and not 0 <= seed < 2**63:
        problems.append(f"seed: must be a whole number from 0 to 2**63 - 1; given {seed}")
    if events not in LOG_MODES:
        problems.append(f"events: must be one of {', '.join(LOG_MODES)}; given {events!r}")
    for name, number in (("threads", threads), ("shards", shards)):
        if number is not None and number < 1:
            problems.append(f"{name}: must be at least 1; given {number}")
    if problems:
        raise BadInput(map(Problem, problems))


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
    check_options(seed, events, threads, shards)
    size = memory.needed(scenario, threads or os.cpu_count() or 1, shards, events)
    memory.check([size])
    if progress and sum(size.values()) >= memory.LARGE:
        words = f"needs about {memory.told(sum(size.values()))} of memory, {memory.largest_of(size)}"
        print(words, file=sys.stderr, flush=True)
    home = None if out is None else Path(out)
    work = _Work(scenario, scenario.seed if seed is None else seed, events, home, predicted=sum(size.values()))
    if work.home is None:
        return work.do(threads, shards, progress)
    with run_folder.claimed(work.home, new=True):
        run_folder.write_scenario(work.home / "scenario.yaml", scenario, work.seed)
        work.note(run_folder.RUNNING)
        return work.do(threads, shards, progress)


def resume(folder: str | Path, threads: int | None = None, progress: bool = False) -> Run:
    """Go on with an interrupted run from its last snapshot, or from its beginning if there is none."""
    check_options(None, "none", threads, None)
    home = Path(folder)
    state = _manifest(home)
    if state["status"] == run_folder.COMPLETE:
        return read_run(home)
    scenario = load(home / "scenario.yaml")
    if scenario.hash != state["scenario_hash"]:
        raise BadInput(Problem("a table or a plug-in of the scenario has changed since the run began", str(home)))
    size = memory.needed(scenario, threads or os.cpu_count() or 1, None, state["events"])
    memory.check([size])
    scenario = replace(scenario, name=state["scenario"])
    work = _Work(scenario, state["seed"], state["events"], home, predicted=sum(size.values()))
    with run_folder.claimed(home, new=False):
        run_folder.remove_drafts(home)
        return work.do(threads, None, progress)


def read_run(folder: str | Path) -> Run:
    """A run from its folder. Raises BadInput if it is not complete."""
    home = Path(folder)
    status = _manifest(home)["status"]
    if status != run_folder.COMPLETE:
        raise BadInput(Problem(f"this run is not complete but {status}; `sim resume {home}` goes on", str(home)))
    summary = json.loads((home / "summary.json").read_text(encoding="utf-8"))

    def read(name: str) -> pd.DataFrame:
        path = home / f"{name}.parquet"
        return no_events() if name == "events" and not path.exists() else pd.read_parquet(path)

    return Run(summary, read, home)


def _manifest(home: Path) -> dict[str, Any]:
    try:
        state = json.loads((home / "manifest.json").read_text(encoding="utf-8"))
    except OSError as error:
        words = f"not the folder of a run: manifest.json cannot be read: {error.strerror}"
        raise BadInput(Problem(words, str(home))) from error
    except ValueError as error:
        raise BadInput(Problem(f"not the folder of a run: manifest.json is no JSON: {error}", str(home))) from error
    if not isinstance(state, dict) or not {"status", "scenario", "scenario_hash", "seed", "events"} <= state.keys():
        raise BadInput(Problem("not the folder of a run: manifest.json is none of this program", str(home)))
    return state


@dataclass
class _Work:
    """One run that is being done, and what its folder, if it has one, says of it."""

    scenario: Scenario
    seed: int
    events: str
    home: Path | None
    simulation: Simulation | None = None
    past: dict[str, Any] | None = None  # of a simulated past: its hash, days, and the time until it was there
    predicted: int | None = None  # bytes
    seconds_before: float = 0.0  # of what is resumed
    began: float = field(default_factory=time.perf_counter)

    @property
    def seconds(self) -> float:
        """Time spent so far."""
        return self.seconds_before + time.perf_counter() - self.began

    def note(self, status: str, **facts: Any) -> None:
        """Write the manifest."""
        if self.home is None:
            return
        facts |= {"seconds": self.seconds, "peak_bytes": peak_bytes()}
        if self.predicted is not None:
            facts |= {"predicted_bytes": self.predicted}
        if self.past is not None:
            facts |= {"past": self.past}
        if self.simulation is not None:
            facts |= {"seconds_by_part": self.simulation.seconds, "host_seconds": self.simulation.host_seconds}
            facts |= {"threads": self.simulation.threads, "shards": len(self.simulation.population.shards)}
        whole = run_folder.manifest(self.scenario, self.seed, status=status, events=self.events, **facts)
        write_json(self.home / "manifest.json", whole)

    def do(self, threads: int | None, shards: int | None, progress: bool) -> Run:
        """Run to the end, from the snapshot if there is one."""
        if progress and not cache.is_warm():
            print(cache.COMPILING, file=sys.stderr, flush=True)
        try:
            with _interrupts() as interrupted, set_up_left_alone():
                snapshot, parts = self._stored()
                log = EventLog(self.home if self.events != "none" else None, parts)

                def begin(at: Snapshot | None) -> Simulation:
                    self.simulation = Simulation(self.scenario, self.seed, threads, shards, self.events, log.add, at)
                    log.plans, log.own = self.simulation.tasks.plans, self.simulation.gates.reasons
                    log.benefits = self.simulation.benefits.names
                    return self.simulation

                def go_on(simulation: Simulation, until: int, name: str) -> bool:
                    began = self.scenario.first_day * DAY if simulation.in_past else 0
                    with Progress(began, until, progress, name) as bar:
                        return self._go_on(simulation, until, log, interrupted, bar)

                if self.scenario.own_past is not None and (snapshot is None or snapshot.now < 0):
                    simulation = self._come_to_start(snapshot, begin, go_on, interrupted, progress)
                else:
                    simulation = begin(snapshot)
                if not simulation.in_past and go_on(simulation, simulation.end, self.scenario.name):
                    return self._write(simulation, log)
                self.note(run_folder.INTERRUPTED, until=simulation.clock.now)
        except KeyboardInterrupt as again:
            self.note(run_folder.INTERRUPTED)
            raise self._interrupted("interrupted at once: what was done since the last snapshot is lost") from again
        except BaseException as error:
            self.note(run_folder.FAILED, error=f"{type(error).__name__}: {error}")
            raise
        day = simulation.clock.now // DAY
        where = f"in its past, {-day} days before the start" if day < 0 else f"on day {day} of {simulation.days}"
        raise self._interrupted(f"interrupted {where}")

    def _stored(self) -> tuple[Snapshot | None, int]:
        """The last snapshot, with as many parts of the event log as belong to it; none if not all of that is whole."""
        path = None if self.home is None else self.home / run_folder.SNAPSHOT
        if self.home is None or path is None or not path.exists():
            return None, 0
        try:
            snapshot, notes = restore(path)
        except BadInput as error:
            print(f"{error}; the run begins anew", file=sys.stderr, flush=True)
            return None, 0
        if not has_parts(self.home, notes["parts"]):
            return None, 0
        self.seconds_before, self.past = notes["seconds"], notes["past"]
        return snapshot, notes["parts"]

    def _come_to_start(
        self,
        snapshot: Snapshot | None,
        begin: Callable[[Snapshot | None], Simulation],
        go_on: Callable[[Simulation, int, str], bool],
        interrupted: threading.Event,
        progress: bool,
    ) -> Simulation:
        """The simulation at 00:00 of day 0, its own past taken from the cache or simulated; in its past: interrupted there.

        A run with an event log needs rows of its past, and simulates it anew.
        """
        key, shared = past.past_hash(self.scenario, self.seed), self.events == "none"
        told = not progress

        def given_up() -> bool:
            nonlocal told
            if not told:
                print("another process simulates this past; waiting for it", file=sys.stderr, flush=True)
            told = True
            return interrupted.is_set()

        with past.alone(key, given_up) if shared else nullcontext():
            kept = past.find(key) if shared else None
            simulation = begin(kept or snapshot)
            if kept is None and go_on(simulation, 0, f"{self.scenario.name}, its past") and shared:
                past.keep(key, simulation.snapshot())
        if not simulation.in_past:
            days = -self.scenario.first_day
            self.past = {"hash": key, "from_cache": kept is not None, "days": days, "seconds": self.seconds}
        return simulation

    def _go_on(self, simulation: Simulation, until: int, log: EventLog, interrupted: threading.Event, bar: Progress) -> bool:
        """Whether the run came to `until` (s). Its state is stored now and then, and when it is interrupted."""
        last = time.perf_counter()

        def store() -> None:
            if self.home is not None:
                log.flush()
                notes = {"parts": log.parts, "seconds": self.seconds, "past": self.past}
                save(simulation.snapshot(), self.home / run_folder.SNAPSHOT, notes)

        def on_instant(now: int) -> bool:
            nonlocal last
            bar.at(now)
            if time.perf_counter() - last > CHECKPOINT_SECONDS:
                store()
                last = time.perf_counter()
            return interrupted.is_set()

        finished = simulation.run(until, on_instant)
        cache.note_warm()
        if not finished:
            store()
        return finished

    def _write(self, simulation: Simulation, log: EventLog) -> Run:
        """The results of a finished run, in its folder if it has one: the manifest, which says so, comes last."""
        frames = {
            "daily": tables.daily(simulation),
            "daily_by_channel": tables.daily_by_channel(simulation),
            "segments": tables.segments(simulation),
            "messages": tables.messages(simulation),
            "benefits": tables.benefits(simulation),
            "grades": tables.grades(simulation),
            "refusals": tables.refused(simulation),
        }
        summary = tables.summary(simulation, frames["daily"])
        if self.home is None:
            return Run(summary, lambda name: log.frame() if name == "events" else frames[name], None)
        for name, frame in frames.items():
            run_folder.write_table(self.home / f"{name}.parquet", frame, self.scenario.settings.currency)
        log.close()
        write_json(self.home / "summary.json", summary)
        self.note(run_folder.COMPLETE)
        (self.home / run_folder.SNAPSHOT).unlink(missing_ok=True)
        log.clear()
        return read_run(self.home)

    def _interrupted(self, words: str) -> Interrupted:
        return Interrupted(words if self.home is None else f"{words}; `sim resume {self.home}` goes on")


@contextmanager
def _interrupts() -> Iterator[threading.Event]:
    """An interrupt or a request to end stops the run at its next instant, so that it can be resumed; a second one, now."""
    asked = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield asked
        return

    def stop(number: int, frame: object) -> None:
        if asked.is_set():
            raise KeyboardInterrupt
        asked.set()

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield asked
    finally:
        for number, handler in before.items():
            signal.signal(number, signal.SIG_DFL if handler is None else handler)
