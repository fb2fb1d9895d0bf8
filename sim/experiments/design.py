"""What a sweep is to do, kept in its folder: enough to go on with it, and to know later what was asked."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from sim.errors import BadInput
from sim.experiments.grid import Factor, Level, Point
from sim.experiments.runs import Task
from sim.experiments.store import Key
from sim.results.files import write_json
from sim.results.folder import LIBRARIES
from sim.scenario.load import Scenario, from_resolved

FILE = "design.json"


@dataclass(frozen=True)
class Design:
    """The points of a grid over `scenario`, each with the same replications, `workers` runs at a time (all cores).

    With `keep_runs` every run leaves its folder.
    """

    folder: Path
    scenario: Scenario
    factors: list[Factor]
    points: list[Point]
    replications: int
    keep_runs: bool
    workers: int | None
    command: str

    @property
    def seeds(self) -> list[int]:
        """One per replication, the same at every point: common random numbers."""
        return [self.scenario.seed + k for k in range(self.replications)]

    @property
    def currency(self) -> str:
        """Of the base."""
        return str(self.scenario.settings.currency)

    def tasks(self, threads: int) -> list[Task]:
        """All runs; the replications of a point behind each other, for they have different pasts to wait for."""
        return [
            Task(point.name, k, self.scenario, seed, self._place(point, k), threads=threads, values=point.changed)
            for point in self.points
            for k, seed in enumerate(self.seeds)
        ]

    def planned(self) -> dict[Key, dict[str, Any]]:
        """What is known of each run before it is done, in the order of the tasks."""
        return {
            (point.name, k): {"point": point.name, "replication": k, "seed": seed} | self.settings(point)
            for point in self.points
            for k, seed in enumerate(self.seeds)
        }

    def settings(self, point: Point) -> dict[str, Any]:
        """The levels of a point by path."""
        levels = zip(self.factors, (factor.levels[level] for factor, level in zip(self.factors, point.levels)))
        return {factor.path: level.value if factor.numeric else level.shown for factor, level in levels}

    def _place(self, point: Point, replication: int) -> Path | None:
        return self.folder / "runs" / point.name / f"r{replication:03d}" if self.keep_runs else None


def write(design: Design) -> None:
    """Write the file, whole or not at all."""
    scenario, varied = design.scenario, {factor.path for factor in design.factors}
    facts = {
        "scenario": {"name": scenario.name, "hash": scenario.hash, "resolved": scenario.resolved},
        "meanings": {row["path"]: row["meaning"] for row in scenario.assumptions if row["path"] in varied},
        "versions": {name: version(name) for name in LIBRARIES},
        "grid": {factor.path: [level.text for level in factor.levels] for factor in design.factors},
        "points": [asdict(point) for point in design.points],
        **{key: getattr(design, key) for key in ("replications", "keep_runs", "workers", "command")},
    }
    write_json(design.folder / FILE, facts)


def read(folder: Path) -> Design:
    """Raises BadInput where there is none, or its scenario has become another."""
    try:
        found = json.loads((folder / FILE).read_text(encoding="utf-8"))
        base = from_resolved(found["scenario"]["resolved"], found["scenario"]["name"])
        design = Design(
            folder=folder,
            scenario=base,
            factors=[Factor(path, tuple(map(Level, texts))) for path, texts in found["grid"].items()],
            points=[Point(one["name"], tuple(one["levels"]), one["changed"], one["hash"]) for one in found["points"]],
            **{key: found[key] for key in ("replications", "keep_runs", "workers", "command")},
        )
    except OSError as error:
        raise BadInput(f"{folder}: not the folder of a sweep: {FILE}: {error.strerror}") from None
    except (ValueError, KeyError, TypeError) as error:
        raise BadInput(f"{folder / FILE}: is not the design of a sweep: {error}") from None
    if base.hash != found["scenario"]["hash"]:
        raise BadInput(_changed(folder, base.name))
    return design


def check(design: Design, points: Sequence[Point]) -> None:
    """Refuse, by BadInput, points whose scenario has become another."""
    for point in points:
        if design.scenario.with_values(point.changed).hash != point.hash:
            raise BadInput(_changed(design.folder, point.name))


def _changed(folder: Path, what: str) -> str:
    return f"{folder}: a table or a plug-in of {what} has changed since the sweep began"
