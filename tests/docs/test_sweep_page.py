"""The page of sweeps: its examples work, and it names what there is."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from sim.experiments.store import COMPLETE, FAILED, PENDING, RUNNING

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "sweep.md").read_text(encoding="utf-8")


def block(language: str) -> str:
    (found,) = re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    return found


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("store", "store_weekly", "market"):
        (tmp_path / f"{name}.yaml").write_text((ROOT / "scenarios" / f"{name}.yaml").read_text(encoding="utf-8"))


def test_the_example_in_python_and_its_file(command: Callable, capsys: pytest.CaptureFixture[str]) -> None:
    names: dict = {}
    exec(block("python"), names)
    done = names["done"]
    assert len(names["runs"]) == 3 * 2 * 4
    assert names["effect"]["level"].tolist() == ["2", "7", "14"]
    assert (names["effect"]["difference"].dropna() < 0).all()
    Path("grid.yaml").write_text(block("yaml"))
    words = ["--set", "consumers=300", "--set", "days=60", "--grid", "grid.yaml", "-r", 4, "--out", "again", "--json"]
    assert command("sweep", "store_weekly.yaml", *words).code == 0
    pd.testing.assert_frame_equal(pd.read_parquet("again/table.parquet"), done.table)
    for path in Path("again").iterdir():
        assert f"`{path.name}`" in PAGE, path.name
    for column in ("point", "replication", "seed", "status", "seconds", "peak_bytes", "error", "place"):
        assert f"`{column}`" in PAGE
        assert column in names["runs"]


def test_the_mistake_reads_as_the_page_says(command: Callable) -> None:
    said = command("sweep", "market.yaml", "--grid", "policies.caps.store_dayz=1")
    assert (said.code, said.err) == (2, block("text"))


def test_every_option_and_status_is_on_the_page(command: Callable) -> None:
    options = set(re.findall(r"--[a-z]+(?:-[a-z]+)*", command("sweep", "--help").out)) - {"--help", "--replications"}
    assert {option for option in options if f"`{option}" not in PAGE} == set()
    for status in (PENDING, RUNNING, COMPLETE, FAILED):
        assert status in PAGE
