"""Folders that the tests of reports read."""

from __future__ import annotations

from pathlib import Path

import pytest
from store_scenario import Scenario, run, write_log

from sim.experiments.compare import compare


@pytest.fixture
def past(tmp_path: Path) -> dict:
    return write_log(tmp_path)


@pytest.fixture
def compared(tmp_path: Path, past: dict) -> Path:
    """Four replications of three arms: 14 to 17, 18 to 21 and 10 to 13 orders a day."""
    arms = [Scenario("quiet", 14, past=past), Scenario("weekly", 18, 40, past=past), Scenario("daily", 10, 200, past=past)]
    return compare(arms, 4, tmp_path / "comparison", draws=0, runner=run, jobs=1).folder


@pytest.fixture
def one_run(tmp_path: Path, past: dict) -> Path:
    run(Scenario("weekly", 18, 40, past=past), seed=5, out=tmp_path / "my-run")
    return tmp_path / "my-run"
