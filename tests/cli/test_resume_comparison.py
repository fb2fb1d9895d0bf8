"""A comparison that was interrupted goes on where it was, and ends like one that was not."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import sim.results.run
from sim.errors import BadInput
from sim.experiments.compare import compare, resume
from sim.experiments.runs import Interrupted
from sim.scenario.load import Scenario, load

SCENARIOS = Path(__file__).parents[2] / "scenarios"
SMALL = ["consumers=30", "days=8"]
OPTIONS: dict[str, Any] = {"replications": 2, "draws": 3, "jobs": 1, "progress": False, "command": "sim compare"}
RUNS, DRAWN = 2 * 2, 2 * 3


class Runs:
    """Stands for `sim.results.run.run`: counts, and is interrupted where it is told."""

    def __init__(self) -> None:
        self.run = sim.results.run.run
        self.begun = 0
        self.stop_at: int | None = None

    def __call__(self, *given: Any) -> Any:
        self.begun += 1
        if self.begun == self.stop_at:
            raise KeyboardInterrupt
        return self.run(*given)


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> Runs:
    counted = Runs()
    monkeypatch.setattr(sim.results.run, "run", counted)
    return counted


@pytest.fixture
def arms() -> list[Scenario]:
    return [load(SCENARIOS / f"{name}.yaml", sets=SMALL) for name in ("store", "store_weekly")]


def content(folder: Path) -> dict[str, Any]:
    whole = json.loads((folder / "comparison.json").read_text(encoding="utf-8"))
    del whole["seconds"]
    return whole


@pytest.mark.parametrize("stop_at", [1, 3, RUNS + 1, RUNS + 4])
def test_finished_runs_and_draws_are_kept_and_the_end_is_the_same(
    arms: list[Scenario], runs: Runs, stop_at: int, tmp_path: Path
) -> None:
    compare(arms, out=tmp_path / "whole", **OPTIONS)
    assert runs.begun == RUNS + DRAWN
    runs.begun, runs.stop_at = 0, stop_at
    with pytest.raises(Interrupted, match=f"sim resume {tmp_path}/cut"):
        compare(arms, out=tmp_path / "cut", **OPTIONS)
    assert not (tmp_path / "cut" / "comparison.json").exists()
    runs.begun, runs.stop_at = 0, None
    resume(tmp_path / "cut", jobs=1, progress=False)
    assert runs.begun == RUNS + DRAWN - (stop_at - 1)
    assert content(tmp_path / "cut") == content(tmp_path / "whole")
    assert sorted(path.name for path in (tmp_path / "cut").iterdir()) == [
        "comparison.json",
        "draws.parquet",
        "store",
        "store_weekly",
    ]


def test_what_is_left_of_a_run_that_was_cut_off_is_done_again(arms: list[Scenario], runs: Runs, tmp_path: Path) -> None:
    runs.stop_at = 4
    with pytest.raises(Interrupted):
        compare(arms, out=tmp_path / "cut", **OPTIONS)
    (tmp_path / "cut" / "store" / "r000" / "manifest.json").unlink()  # as if it had been cut off at its very beginning
    (tmp_path / "cut" / "draws.jsonl").write_text('{"values": {"behaviour.sess')
    runs.begun, runs.stop_at = 0, None
    resume(tmp_path / "cut", jobs=1, progress=False)
    assert runs.begun == RUNS + DRAWN - 2
    runs.begun = 0
    compare(arms, out=tmp_path / "whole", **OPTIONS)
    assert content(tmp_path / "cut") == content(tmp_path / "whole")


def test_what_cannot_be_resumed_is_refused(arms: list[Scenario], runs: Runs, tmp_path: Path) -> None:
    done = compare(arms, out=tmp_path / "done", **OPTIONS | {"draws": 0})
    with pytest.raises(BadInput, match="is complete"):
        resume(done.folder)
    with pytest.raises(BadInput, match="not the folder of an interrupted comparison"):
        resume(tmp_path)
    (tmp_path / "plan.json").write_text("{}")
    with pytest.raises(BadInput, match="is not the plan"):
        resume(tmp_path)
    runs.begun, runs.stop_at = 0, 2
    with pytest.raises(Interrupted):
        compare(arms, out=tmp_path / "cut", **OPTIONS)
    plan = tmp_path / "cut" / "plan.json"
    plan.write_text(plan.read_text().replace('"hash": "', '"hash": "0'))
    with pytest.raises(BadInput, match="has changed since"):
        resume(tmp_path / "cut")


def test_a_folder_with_an_interrupted_comparison_says_how_to_go_on(arms: list[Scenario], runs: Runs, tmp_path: Path) -> None:
    runs.stop_at = 2
    for expected in (pytest.raises(Interrupted), pytest.raises(BadInput, match=r"`sim resume .*cut` goes on")):
        with expected:
            compare(arms, out=tmp_path / "cut", **OPTIONS)


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_command_stops_at_a_signal_and_goes_on(number: signal.Signals, command: Callable, tmp_path: Path) -> None:
    out = tmp_path / "out"
    arms = [SCENARIOS / "store.yaml", SCENARIOS / "store_weekly.yaml"]
    words = [*arms, "--set", "days=60", "-r", 40, "--draws", 2, "--out", out]
    process = subprocess.Popen(
        [sys.executable, "-m", "sim.cli", "compare", *map(str, words), "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a shell's background job would not hear it
    )
    while process.poll() is None and not list(out.glob("*/r*/summary.json")):
        time.sleep(0.01)
    process.send_signal(number)
    printed, errors = process.communicate(timeout=60)
    assert process.returncode != 0, "the comparison was faster than the signal: give it more to do"
    assert (process.returncode, printed) == (130, "")
    assert f"`sim resume {out}` goes on" in errors
    said = command("resume", out, "--json")
    assert said.code == 0
    whole = json.loads(said.out)
    assert (whole["replications"], whole["draws"], whole["failures"]) == (40, 2, [])
    assert (out / "report.html").exists()
