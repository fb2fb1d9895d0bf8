"""A run that is stopped, killed or broken says so, and goes on to the results that it would have had."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from small_store import assert_same_results, in_json, small_store

import sim
from sim.errors import BadInput
from sim.results import folder as files
from sim.results.run import Interrupted, read_run, resume

# Sends a signal to its own process, or raises, at 09:30 of a day; once, if `mark` is a file that is not there yet.
PLUGIN = """\
import os
from pathlib import Path

from sim.state.policy import Policy, Strategy


class Trouble(Policy):
    day: int
    mark: str
    signal: int = 0

    def times(self, days):
        return [day * 86_400 + 34_200 for day in range(days)]

    def act(self, time):
        mark = Path(self.mark)
        if time // 86_400 >= self.day and not mark.exists():
            mark.touch()
            if self.signal == 0:
                raise RuntimeError("the policy broke")
            os.kill(os.getpid(), self.signal)


class BrokenPlan(Strategy):
    def plan(self, view):
        raise RuntimeError("the plan broke")
"""

FAULT = "sim.results.run.Simulation = None\n"
# A run in a process of its own, that stores its state at every instant and each window of the log as a part.
STORING = """\
import sys
import sim.results.events, sim.results.run
from sim.cli import main

sim.results.run.CHECKPOINT_SECONDS, sim.results.events.ROWS_A_PART = float(sys.argv.pop(1)), 1
main()
"""


def troubled(folder: Path, number: int, day: int = 11) -> Path:
    """The scenario in which a signal is sent."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "trouble.py").write_text(PLUGIN)
    trouble = {"use": "trouble.py:Trouble", "day": day, "signal": number, "mark": str(folder / "mark")}
    return small_store(folder, policies={"caps": {"store_days": 3}, "trouble": trouble})


def whole(path: Path) -> Path:
    """The folder of the same run without the trouble: the mark is there already."""
    (path.parent / "mark").touch()
    sim.run(sim.load(path), out=path.parent / "whole", events="all")
    return path.parent / "whole"


def run_apart(path: Path, out: Path, every: float = 1e9, script: str = STORING) -> subprocess.CompletedProcess[str]:
    """Run in another process, whose state is stored at the first instant after `every` seconds."""
    words = ["run", str(path), "--out", str(out), "--events", "all"]
    return subprocess.run(
        [sys.executable, "-c", script, str(every), *words], capture_output=True, text=True, check=False, timeout=200
    )


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_request_to_end(number: int, tmp_path: Path, command: Callable) -> None:
    """Exit code 130, a snapshot, no results; what goes on from there is the whole run."""
    path, out = troubled(tmp_path, number), tmp_path / "out"
    done = run_apart(path, out)
    assert done.returncode == 130
    assert done.stdout == ""
    assert done.stderr.splitlines()[-1] == f"interrupted on day 11 of 30; `sim resume {out}` goes on"
    manifest = in_json(out, "manifest")
    assert manifest["status"] == "interrupted"
    assert manifest["until"] == 11 * 86_400 + 34_200
    assert (out / "snapshot.npz").exists()
    assert not (out / "summary.json").exists()
    assert not (out / "daily.parquet").exists()
    with pytest.raises(BadInput, match="not complete but interrupted"):
        read_run(out)

    said = command("resume", out, "--json")
    assert said.code == 0
    assert_same_results(out, whole(path))
    manifest = in_json(out, "manifest")
    assert manifest["status"] == "complete"
    assert manifest["seconds"] > 0
    assert sorted(p.name for p in out.iterdir()) == sorted(p.name for p in (tmp_path / "whole").iterdir())


@pytest.mark.parametrize("every", [0.0, 1e9], ids=["from the last snapshot", "from the beginning"])
def test_a_kill(every: float, tmp_path: Path) -> None:
    """The folder still says that the run is going on; parts of the log beyond the snapshot do not come twice."""
    path, out = troubled(tmp_path, signal.SIGKILL), tmp_path / "out"
    assert run_apart(path, out, every).returncode == -signal.SIGKILL
    assert in_json(out, "manifest")["status"] == "running"
    assert (out / "snapshot.npz").exists() == (every == 0.0)
    parts = sorted((out / "events.parts").glob("*.parquet"))
    assert max(pq.read_table(part)["time"].to_pylist()[-1] for part in parts) > 11 * 86_400, "a part beyond any snapshot"
    (out / "daily.parquet.part").write_bytes(b"half a table")
    (out / "events.parts" / f"{len(parts):06d}.part").write_bytes(b"half a part")

    resume(out)
    assert_same_results(out, whole(path))
    assert sorted(p.name for p in out.iterdir()) == sorted(p.name for p in (tmp_path / "whole").iterdir())


def test_a_snapshot_without_its_parts_of_the_log_is_not_used(tmp_path: Path) -> None:
    """As when a run was killed while it joined the parts: it begins anew, and nothing is missing."""
    path, out = troubled(tmp_path, signal.SIGTERM), tmp_path / "out"
    assert run_apart(path, out).returncode == 130
    (out / "events.parts" / "000001.parquet").unlink()
    resume(out)
    assert_same_results(out, whole(path))


def test_a_damaged_snapshot_is_not_used(tmp_path: Path, command: Callable) -> None:
    path, out = troubled(tmp_path, signal.SIGTERM), tmp_path / "out"
    assert run_apart(path, out).returncode == 130
    (out / "snapshot.npz").write_bytes((out / "snapshot.npz").read_bytes()[:-100])
    said = command("resume", out)
    assert said.code == 0
    assert f"{out}/snapshot.npz: not a snapshot" in said.err
    assert "; the run begins anew\n" in said.err
    assert_same_results(out, whole(path))


def test_a_run_that_raises_is_failed(tmp_path: Path, command: Callable) -> None:
    path, out = troubled(tmp_path, 0), tmp_path / "out"
    said = command("run", path, "--out", out, "--events", "all")
    where = f"{tmp_path / 'trouble.py'}:20:17: policies.trouble: Trouble.act() raised RuntimeError: the policy broke"
    assert (said.code, said.out, said.err) == (2, "", f"{where}\n")
    manifest = in_json(out, "manifest")
    assert (manifest["status"], manifest["error"]) == ("failed", f"BadInput: {where}")
    assert not (out / "summary.json").exists()
    with pytest.raises(BadInput, match="not complete but failed"):
        read_run(out)
    assert command("report", out).code == 2
    assert resume(out).summary["days"] == 30  # whatever broke has been mended
    assert_same_results(out, whole(path))


def test_a_fault_ends_the_command_with_1_and_a_traceback(tmp_path: Path) -> None:
    """A fault of the program, not of a plug-in."""
    done = run_apart(small_store(tmp_path), tmp_path / "out", script=STORING.replace("main()", FAULT + "main()"))
    assert done.returncode == 1
    assert done.stderr.startswith("Traceback")
    assert done.stderr.endswith("TypeError: 'NoneType' object is not callable\n")
    assert done.stdout == ""


def test_a_plan_that_breaks_before_the_first_day_is_failed_too(tmp_path: Path) -> None:
    (tmp_path / "trouble.py").write_text(PLUGIN)
    merchants = {"shop": {"strategy": {"use": "trouble.py:BrokenPlan"}}}
    scenario = sim.load(small_store(tmp_path, extends=[], merchants=merchants))
    with pytest.raises(
        BadInput, match=r"trouble.py:26:9: merchants.shop.strategy: BrokenPlan.plan\(\) raised RuntimeError: the plan"
    ):
        sim.run(scenario, out=tmp_path / "out")
    assert in_json(tmp_path / "out", "manifest")["status"] == "failed"


def test_a_disk_that_fills_at_the_end_is_failed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, *_: Any) -> None:
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr(files, "write_table", full)
    with pytest.raises(OSError, match="No space left"):
        sim.run(sim.load(small_store(tmp_path, days=2)), out=tmp_path / "out")
    assert in_json(tmp_path / "out", "manifest")["status"] == "failed"
    monkeypatch.undo()
    assert resume(tmp_path / "out").summary["days"] == 2


def test_in_memory_an_interrupt_is_told_too(tmp_path: Path) -> None:
    assert threading.current_thread() is threading.main_thread()
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(Interrupted, match=r"interrupted on day 11 of 30$"):
        sim.run(sim.load(troubled(tmp_path, signal.SIGTERM)))
    assert signal.getsignal(signal.SIGTERM) is before


def test_a_second_interrupt_does_not_wait(tmp_path: Path) -> None:
    """The policy asks twice within one instant."""
    twice = PLUGIN.replace("os.kill(os.getpid(), self.signal)", "[os.kill(os.getpid(), self.signal) for _ in range(2)]")
    path = troubled(tmp_path, signal.SIGINT)
    (tmp_path / "trouble.py").write_text(twice)
    with pytest.raises(Interrupted, match="interrupted at once"):
        sim.run(sim.load(path), out=tmp_path / "out", events="all")
    assert in_json(tmp_path / "out", "manifest")["status"] == "interrupted"
    resume(tmp_path / "out")
    assert_same_results(tmp_path / "out", whole(path))


def test_to_resume_a_complete_run_does_nothing(tmp_path: Path, command: Callable) -> None:
    path, out = small_store(tmp_path, days=3), tmp_path / "out"
    first = command("run", path, "--out", out, "--events", "all", "--json")
    before = {p.name: (p.stat().st_mtime_ns, p.read_bytes()) for p in out.iterdir()}
    again = command("resume", out, "--json")
    assert again == first
    assert {p.name: (p.stat().st_mtime_ns, p.read_bytes()) for p in out.iterdir()} == before


def test_what_has_changed_since_is_not_resumed(tmp_path: Path, command: Callable) -> None:
    path, out = troubled(tmp_path, 0), tmp_path / "out"
    with pytest.raises(BadInput, match="the policy broke"):
        sim.run(sim.load(path), out=out)
    (tmp_path / "trouble.py").write_text(PLUGIN + "\n# changed\n")
    said = command("resume", out)
    assert said.code == 2
    assert said.err == f"{out}: a table or a plug-in of the scenario has changed since the run began\n"
    os.unlink(tmp_path / "trouble.py")
    said = command("resume", out)
    assert said.code == 2
    assert "trouble.py: there is no such file" in said.err
