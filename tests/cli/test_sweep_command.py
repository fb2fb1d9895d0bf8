"""`sim sweep` as a person uses it: mistakes, failures, interrupts, and going on."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

SCENARIO = Path(__file__).parents[2] / "scenarios" / "store_weekly.yaml"
SMALL = ["--set", "consumers=40", "--set", "days=8"]
GRID = ["--grid", "merchants.store.strategy.cycle=2,7", "--grid", "merchants.store.message_cost=1,2"]
PLUGIN = '''
from sim.state.policy import Policy

class Breaks(Policy):
    """Cannot be asked, if it is told so."""

    breaks: bool = False

    def factors(self) -> dict[str, float]:
        if self.breaks:
            raise RuntimeError("broken on purpose")
        return {}
'''


def content(folder: Path) -> tuple[pd.DataFrame, pd.DataFrame, dict[str, Any]]:
    """What must not depend on how a sweep came to its end."""
    runs = pd.read_parquet(folder / "runs.parquet").drop(columns=["seconds", "peak_bytes"])
    whole = json.loads((folder / "sweep.json").read_text(encoding="utf-8"))
    for key in ("seconds", "run_seconds", "command", "workers"):
        del whole[key]
    return runs, pd.read_parquet(folder / "table.parquet"), whole


def test_a_sweep_from_the_command_line(command: Callable, tmp_path: Path) -> None:
    out = tmp_path / "out"
    said = command("sweep", SCENARIO, *SMALL, *GRID, "-r", 2, "--workers", 1, "--out", out)
    assert said.code == 0
    assert "4 points, 2 replications of each, seeds 1 to 2, alike at every point" in said.out
    assert "merchants.store.strategy.cycle (means over 2 points and 2 replications)" in said.out
    assert sorted(path.name for path in out.iterdir()) == [
        "design.json",
        "report.html",
        "runs.csv",
        "runs.parquet",
        "sweep.json",
        "table.csv",
        "table.parquet",
    ]
    assert (pd.read_parquet(out / "runs.parquet")["status"] == "complete").all()


def test_json_is_one_object_and_nothing_else(command: Callable, tmp_path: Path) -> None:
    said = command(
        "sweep", SCENARIO, *SMALL, *GRID, "-r", 1, "--workers", 1, "--out", tmp_path / "out", "--json", "--lang", "zh"
    )
    assert said.code == 0
    whole = json.loads(said.out)
    assert whole == json.loads((tmp_path / "out" / "sweep.json").read_text(encoding="utf-8"))
    assert (whole["points"], whole["complete"], whole["failures"]) == (4, 4, [])
    assert whole["effects"]["orders"]["merchants.store.message_cost"][1]["difference"] == 0


def test_mistakes_end_with_code_2_before_anything_runs(command: Callable, tmp_path: Path) -> None:
    said = command("sweep", SCENARIO, "--grid", "merchants.store.strategy.cycel=2,7", "--out", tmp_path / "out")
    assert said.code == 2
    assert all(line.startswith("--grid merchants.store.strategy.cycel=") for line in said.err.splitlines())
    assert "did you mean 'cycle'?" in said.err
    assert not (tmp_path / "out").exists()


def test_failed_runs_end_with_code_1_and_their_count(
    command: Callable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "plugin.py").write_text(PLUGIN)
    monkeypatch.chdir(tmp_path)
    out = tmp_path / "out"
    said = command(
        "sweep", SCENARIO, *SMALL, "--set", "policies.own.use=plugin.py:Breaks", "--grid", "policies.own.breaks=false,true",
        "-r", 2, "--workers", 1, "--out", out,
    )  # fmt: skip
    assert said.code == 1
    assert f"2 of 4 runs failed; `sim resume {out}` tries them again" in said.err
    assert f"FAILED: p1, replication 0 (seed 1): {tmp_path}/plugin.py:11:13: policies.own: " in said.out
    runs = pd.read_parquet(out / "runs.parquet")
    assert runs["status"].tolist() == ["complete", "complete", "failed", "failed"]
    assert runs["place"].dropna().tolist() == [f"{tmp_path}/plugin.py:11:13"] * 2
    assert command("resume", out, "--json").code == 1


def begun(out: Path, *options: object) -> subprocess.Popen[str]:
    """A sweep in another process of which some runs have finished, and others have not."""
    words = ["sweep", SCENARIO, "--set", "consumers=400", "--set", "days=300", *GRID, "-r", 8, "--out", out, *options]
    process = subprocess.Popen(
        [sys.executable, "-m", "sim.cli", *map(str, words)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a shell's background job would not hear it
    )
    journal = out / "runs.jsonl"
    while process.poll() is None and not (journal.exists() and journal.read_text().count("\n") >= 3):
        time.sleep(0.005)
    if process.poll():
        raise AssertionError(process.communicate()[1])
    return process


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_sweep_that_is_ended_in_the_middle_goes_on_to_the_same_tables(
    number: signal.Signals, command: Callable, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    process = begun(out, "--workers", 2)
    process.send_signal(number)
    _, errors = process.communicate(timeout=120)
    assert process.returncode != 0, "the sweep was faster than the signal: give it more to do"
    before = pd.read_parquet(out / "runs.parquet")
    assert len(before) == 4 * 8
    assert not (out / "sweep.json").exists()
    finished = (out / "runs.jsonl").read_text().count("\n")
    assert 3 <= finished < 4 * 8
    if number != signal.SIGKILL:
        assert process.returncode == 130
        assert f"`sim resume {out}` goes on" in errors
        assert set(before["status"]) == {"complete", "pending"}
    assert command("resume", out, "--json").code == 0
    whole = tmp_path / "whole"
    words = ["sweep", SCENARIO, "--set", "consumers=400", "--set", "days=300", *GRID, "-r", 8, "--out", whole]
    assert command(*words, "--workers", 1, "--json").code == 0
    (runs, table, told), (other_runs, other_table, other_told) = content(out), content(whole)
    pd.testing.assert_frame_equal(runs, other_runs)
    pd.testing.assert_frame_equal(table, other_table)
    assert told == other_told
    assert (out / "report.html").exists()
    assert not (out / "runs.jsonl").exists()
    assert command("resume", out).code == 2


def test_progress_is_a_plain_line_now_and_then_where_there_is_no_terminal(
    command: Callable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sim.experiments.runs.PLAIN_LINE_EVERY", 0.0)
    said = command("sweep", SCENARIO, *SMALL, *GRID, "-r", 1, "--workers", 1, "--out", tmp_path / "out")
    lines = [line for line in said.err.splitlines() if line.startswith("store_weekly: ")]
    assert [line.rsplit(", about ")[0] for line in lines] == ["store_weekly: 2 of 4 runs", "store_weekly: 3 of 4 runs"]
    assert all(line.endswith(" s left") for line in lines)
