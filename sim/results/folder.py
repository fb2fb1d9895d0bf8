"""The run folder: written as the run goes, each file whole or not at all, never mistaken for another run's."""

from __future__ import annotations

import fcntl
import os
import platform
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import yaml

from sim.errors import BadInput, Problem
from sim.results.files import write_text
from sim.results.tables import MONEY, NUMBERS, TEXTS
from sim.scenario.load import Scenario
from sim.scenario.source import scalar

LIBRARIES = ("sim", "numpy", "scipy", "numba", "simpy", "pandas", "pyarrow", "pydantic")
RUNNING, COMPLETE, INTERRUPTED, FAILED = "running", "complete", "interrupted", "failed"
SNAPSHOT = "snapshot.npz"


@contextmanager
def claimed(path: Path, new: bool) -> Iterator[None]:
    """Hold a run folder, so that no other process writes there meanwhile; a new one is made, and must be empty.

    Raises BadInput if it cannot be had. The hold ends with the process, however that ends.
    """
    try:
        if new:
            path.mkdir(parents=True, exist_ok=True)
        folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise BadInput(Problem(f"cannot be a folder for results: {error.strerror}", str(path))) from error
    try:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BadInput(Problem("another process is writing its results here", str(path))) from None
        except OSError:
            pass  # a file system without locks
        if new and any(path.iterdir()):
            raise BadInput(Problem("exists and is not empty; name a new folder with --out", str(path)))
        yield
    finally:
        os.close(folder)


def remove_drafts(path: Path) -> None:
    """Remove what a run that was cut off was just writing."""
    for draft in path.glob("*.part"):
        draft.unlink()


def write_table(path: Path, frame: pd.DataFrame, currency: str) -> None:
    """Write a Parquet file, whole or not at all; money columns carry their unit."""
    fields = []
    for name in frame:
        kind = pa.date32() if name == "date" else pa.string() if name in TEXTS else pa.int64()
        kind = pa.float64() if name in NUMBERS else kind
        fields.append(pa.field(name, kind, metadata={"unit": f"{currency}, minor unit"} if name in MONEY else None))
    table = pa.Table.from_pandas(frame, pa.schema(fields), preserve_index=False, nthreads=1)  # to start others takes longer
    part = path.with_name(path.name + ".part")
    repeating = [name for name in frame if name in TEXTS or name == "date"]
    pq.write_table(table, part, compression="zstd", use_dictionary=repeating)
    part.replace(path)


def write_scenario(path: Path, scenario: Scenario, seed: int) -> None:
    """The resolved scenario as a file that can be run again."""
    words = "# The whole scenario of this run, defaults included.\n"
    data = scenario.resolved | {"seed": seed}
    write_text(path, words + yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120))


class _Dumper(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc]
    """Puts every text in quotes that would be read as something else."""


def _text(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    try:
        plain = isinstance(scalar(text), str)
    except ValueError:
        plain = False
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, None if plain else '"')


_Dumper.add_representer(str, _text)


def manifest(scenario: Scenario, seed: int, **facts: Any) -> dict[str, Any]:
    """What is known of a run: what it was made from, with what, where."""
    return {
        "scenario": scenario.name,
        "scenario_hash": scenario.hash,
        "resolved": scenario.resolved | {"seed": seed},
        "files": [source._asdict() for source in scenario.files],
        "tables": scenario.table_hashes,
        "seed": seed,
        "policies": scenario.sources,
        "assumptions": scenario.assumptions,
        "versions": dict(versions()),
        "machine": dict(machine()),
        **facts,
    }


@cache
def versions() -> dict[str, str]:
    """What a run was made with."""
    return {name: version(name) for name in LIBRARIES} | {"python": platform.python_version()}


@cache
def machine() -> dict[str, Any]:
    """The machine that a run was made on."""
    return {"system": platform.platform(), "processor": platform.processor() or platform.machine(), "cores": os.cpu_count()}
