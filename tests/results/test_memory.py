"""A run that cannot fit into memory is refused before anything is allocated, with the figure and what to do."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from pathlib import Path

import pytest

import sim
from sim.errors import BadInput
from sim.experiments.runs import check_memory
from sim.results import memory
from sim.results.run import resume

W1 = Path(__file__).parents[2] / "benchmarks" / "w1.yaml"
MARKET = Path(__file__).parents[2] / "scenarios" / "market.yaml"


def test_a_run_that_is_too_large_is_refused(tmp_path: Path) -> None:
    large = sim.load(W1, consumers=2_000_000_000)
    with pytest.raises(BadInput) as refusal:
        sim.run(large, out=tmp_path / "run")
    words = str(refusal.value)
    assert "this run needs about" in words
    assert "most of it relations" in words
    assert "lower 'consumers'" in words
    assert not (tmp_path / "run").exists()


def test_on_the_command_line_it_is_bad_input(tmp_path: Path) -> None:
    script = (
        f"from sim import cli; import sys; sys.argv = ['sim', 'run', {str(W1)!r}, '--set', 'consumers=2000000000']; cli.main()"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=tmp_path, check=False)
    assert done.returncode == 2
    assert "GB of memory" in done.stderr
    assert not list(tmp_path.rglob("manifest.json"))


def test_a_run_that_is_resumed_must_fit_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "run"
    sim.run(sim.load(W1, consumers=20, days=2), out=home)
    manifest = home / "manifest.json"
    manifest.write_text(manifest.read_text().replace('"complete"', '"interrupted"'))
    before = {path: path.read_bytes() for path in home.iterdir()}
    monkeypatch.setattr(memory, "available", lambda: 0)
    with pytest.raises(BadInput, match="this run needs about"):
        resume(home)
    assert {path: path.read_bytes() for path in home.iterdir()} == before


def test_a_comparison_is_judged_by_the_runs_that_it_does_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    scenarios = [sim.load(W1, consumers=100_000), sim.load(W1, consumers=50_000)]
    one = sum(memory.needed(scenarios[0], 1, None).values())
    monkeypatch.setattr(memory, "available", lambda: int(2.5 * one))
    check_memory(scenarios, 2, 1, "none")
    with pytest.raises(BadInput, match=r"3 runs at once need .* run fewer at once"):
        check_memory(scenarios, 3, 1, "none")


def test_the_limit_of_the_process_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    free = memory.available()
    assert free is not None
    monkeypatch.setattr(resource, "getrlimit", lambda which: (10**15, 10**15))
    assert memory.available() == pytest.approx(free, rel=0.5)
    monkeypatch.setattr(resource, "getrlimit", lambda which: (1, 1))
    assert memory.available() == 0


def test_the_limit_of_a_container_counts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    limit, used = tmp_path / "max", tmp_path / "current"
    monkeypatch.setattr(memory, "CGROUPS", ((str(limit), str(used)),))
    limit.write_text("30000000\n")
    used.write_text("10000000\n")
    assert memory.available() == 20_000_000
    limit.write_text("max\n")
    assert memory.available() != 20_000_000


def test_the_manifest_says_what_was_predicted(tmp_path: Path) -> None:
    small = sim.load(MARKET, consumers=50, days=2, past="cold")
    sim.run(small, out=tmp_path / "run", threads=1)
    state = json.loads((tmp_path / "run" / "manifest.json").read_text())
    assert state["predicted_bytes"] == sum(memory.needed(small, 1, None).values())
    assert state["predicted_bytes"] < memory.LARGE
