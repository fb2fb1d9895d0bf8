"""A small store whose customers are eager to buy and to read, and what a run of it leaves: the means of these tests."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd

ROOT = Path(__file__).parents[2]
TABLES = ("daily", "daily_by_channel", "messages", "grades", "events")


def small_store(folder: Path, **changes: Any) -> Path:
    """The scenario file of the store; `changes` are top keys."""
    scenario = {
        "extends": str(ROOT / "scenarios" / "store_every_2_days.yaml"),
        "consumers": 120,
        "days": 30,
        "past": {"bg_nbd": {"r": 2.0, "alpha": 2.0, "a": 1.0, "b": 6.0}},
        "behaviour": {"reading": {"intercept": -1.0}, "opt_out": {"hazard": 0.02}},
        "policies": {"caps": {"store_days": 3}, "mood": {"use": "adjust", "reading": 1.5, "until": 20}},
    }
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "small.yaml"
    path.write_text(json.dumps(scenario | changes), encoding="utf-8")
    return path


def contents(folder: Path) -> dict[str, pd.DataFrame]:
    """The tables of a run folder."""
    return {name: pd.read_parquet(folder / f"{name}.parquet") for name in TABLES if (folder / f"{name}.parquet").exists()}


def assert_same_results(one: Path, other: Path) -> None:
    """Equal contents of tables, log and summary."""
    first, second = contents(one), contents(other)
    assert first.keys() == second.keys()
    for name, frame in first.items():
        pd.testing.assert_frame_equal(frame, second[name], check_exact=True, obj=name)
    assert in_json(one, "summary") == in_json(other, "summary")


def in_json(folder: Path, name: str) -> Any:
    """A JSON file of a run folder."""
    return json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
