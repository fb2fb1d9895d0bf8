"""The run folder: written as the run goes, each file whole or not at all, never mistaken for another run's."""

from __future__ import annotations

import json
import os
import platform
import resource
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import yaml

from sim.errors import BadInput, Problem
from sim.results.tables import MONEY
from sim.scenario.load import Scenario

LIBRARIES = ("sim", "numpy", "scipy", "numba", "simpy", "pandas", "pyarrow", "pydantic")
RUNNING, COMPLETE, INTERRUPTED, FAILED = "running", "complete", "interrupted", "failed"
SNAPSHOT = "snapshot.npz"


def new_folder(path: Path) -> Path:
    """A fresh, empty folder. Raises BadInput if there is something in it."""
    try:
        path.mkdir(parents=True, exist_ok=True)
        empty = not any(path.iterdir())
    except OSError as error:
        raise BadInput(Problem(f"cannot be used as a folder for results: {error.strerror}", str(path))) from error
    if not empty:
        raise BadInput(Problem("exists and is not empty; name a new folder with --out", str(path)))
    return path


def write_text(path: Path, text: str) -> None:
    """Write a file, whole or not at all."""
    part = path.with_name(path.name + ".part")
    part.write_text(text, encoding="utf-8")
    part.replace(path)


def write_json(path: Path, data: Any) -> None:
    """Write a JSON file, whole or not at all."""
    write_text(path, json.dumps(data, indent=2, ensure_ascii=False, allow_nan=False) + "\n")


def write_table(path: Path, frame: pd.DataFrame, currency: str) -> None:
    """Write a Parquet file, whole or not at all; money columns carry their unit."""
    table = pa.Table.from_pandas(frame, preserve_index=False)
    fields = [
        field.with_metadata({"unit": f"{currency}, minor unit"}) if field.name in MONEY else field for field in table.schema
    ]
    part = path.with_name(path.name + ".part")
    pq.write_table(table.cast(pa.schema(fields, table.schema.metadata)), part, compression="zstd")
    part.replace(path)


def write_scenario(path: Path, scenario: Scenario, seed: int) -> None:
    """The resolved scenario as a file that can be run again."""
    words = "# The whole scenario of this run, defaults included.\n"
    data = scenario.resolved | {"seed": seed}
    write_text(path, words + yaml.safe_dump(data, sort_keys=False, allow_unicode=True, width=120))


def manifest(scenario: Scenario, seed: int, **facts: Any) -> dict[str, Any]:
    """What is known of a run: what it was made from, with what, where."""
    return {
        "scenario": scenario.name,
        "scenario_hash": scenario.hash,
        "resolved": scenario.resolved,
        "files": [source._asdict() for source in scenario.files],
        "tables": scenario.table_hashes,
        "seed": seed,
        "policies": scenario.plugin_hashes,
        "assumptions": scenario.assumptions,
        "versions": {name: version(name) for name in LIBRARIES} | {"python": platform.python_version()},
        "machine": machine(),
        **facts,
    }


def machine() -> dict[str, Any]:
    """The machine that a run was made on."""
    return {"system": platform.platform(), "processor": platform.processor() or platform.machine(), "cores": os.cpu_count()}


def peak_bytes() -> int:
    """The most memory that this process has held."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
