"""Processes that do tasks: each for itself, and none of them longer than who started them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sim.experiments.executor import InThisProcess, LocalProcesses, Lost

PARENT = """
import os, sys, time
from pathlib import Path
from sim.experiments.executor import LocalProcesses

def work(number):
    (Path(sys.argv[1]) / str(os.getpid())).touch()
    time.sleep(600)

list(LocalProcesses(2).run(work, {0: 0, 1: 1}, lambda number: None))
"""

LARGE_MODULE = """
from joblib.externals.loky import process_executor

process_executor._MAX_MEMORY_LEAK_SIZE, process_executor._MEMORY_LEAK_CHECK_DELAY = 1_000_000, -1
TAKEN = bytes(range(256)) * 100_000
"""

STARTER = """
import signal
import time
from sim.experiments.executor import LocalProcesses

signal.signal(signal.SIGINT, signal.default_int_handler)
try:
    with LocalProcesses(2, "json.tool").start(2) as processes:
        print("started", *[process for pool in processes._ahead for process in pool._processes], flush=True)
        while True:
            time.sleep(0.01)
except KeyboardInterrupt:
    print("interrupted")
"""


def nothing(number: int) -> None:
    pass


def test_what_finishes_first_comes_first_and_every_task_once(tmp_path: Path) -> None:
    last = 3

    def work(task: int) -> int:
        while task == 0 and not (tmp_path / str(last)).exists():
            time.sleep(0.01)
        (tmp_path / str(task)).touch()
        return 10 * task

    begun: list[int] = []
    came = list(LocalProcesses(2).run(work, {number: number for number in range(last + 1)}, begun.append))
    assert came[-1] == (0, 0)
    assert sorted(came) == [(0, 0), (1, 10), (2, 20), (3, 30)]
    assert begun == [0, 1, 2, 3]


def test_a_process_that_dies_costs_its_own_task_only(tmp_path: Path) -> None:
    def work(task: int) -> int:
        if task in {1, 2}:
            os.kill(os.getpid(), signal.SIGKILL)
        return task

    came = dict(LocalProcesses(2).run(work, {number: number for number in range(6)}, nothing))
    assert {number for number, what in came.items() if isinstance(what, Lost)} == {1, 2}
    assert {number: what for number, what in came.items() if number not in {1, 2}} == {0: 0, 3: 3, 4: 4, 5: 5}


def test_what_cannot_be_sent_is_given_back_as_the_fault() -> None:
    came = dict(LocalProcesses(1).run(str, {0: sys._getframe(), 1: 5}, nothing))
    assert isinstance(came[0], Exception)
    assert not isinstance(came[0], Lost)
    assert came[1] == "5"


def test_an_interrupt_of_the_work_is_raised_here() -> None:
    def work(task: int) -> int:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(LocalProcesses(2).run(work, {0: 0, 1: 1}, nothing))


def test_what_a_task_prints_is_there_though_its_process_ends_at_once(capfd: pytest.CaptureFixture[str]) -> None:
    list(LocalProcesses(1).run(print, {0: "said"}, nothing))
    assert capfd.readouterr().out == "said\n"


def test_processes_started_ahead_have_imported_what_they_need_and_do_the_tasks() -> None:
    def work(task: int) -> tuple[int, bool]:
        return os.getpid(), "colorsys" in sys.modules

    with LocalProcesses(2, "colorsys").start(2) as processes:
        came = dict(processes.run(work, {0: 0, 1: 1}, nothing))
        assert [imported for _, imported in came.values()] == [True, True]  # type: ignore[misc, union-attr]
        later = dict(processes.run(work, {0: 0}, nothing))
        assert later[0][1]  # type: ignore[index]
    assert not any(alive(process) for process, _ in [*came.values(), *later.values()])  # type: ignore[misc, union-attr]


def test_a_process_goes_on_however_much_its_module_takes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Loky takes what a process comes to hold after its first task for a leak; here from 1 MB on, after every task."""
    (tmp_path / "large_module.py").write_text(LARGE_MODULE)
    monkeypatch.syspath_prepend(tmp_path)

    def work(task: int) -> tuple[int, int]:
        import large_module  # type: ignore[import-not-found]

        return os.getpid(), len(large_module.TAKEN)

    came = list(LocalProcesses(1, "large_module").run(work, dict.fromkeys(range(4), 0), nothing))
    assert len({what for _, what in came}) == 1


def test_processes_started_ahead_end_though_nothing_was_given_to_them(capfd: pytest.CaptureFixture[str]) -> None:
    with LocalProcesses(2, "there_is_no_such_module").start(3) as processes:
        started = [process for pool in processes._ahead for process in pool._processes]
        assert len(started) == 2
    assert not any(alive(process) for process in started)
    assert capfd.readouterr() == ("", "")


def test_a_process_that_died_before_its_task_costs_that_task_only() -> None:
    with LocalProcesses(2, "colorsys").start(2) as processes:
        (process,) = processes._ahead[0]._processes.values()
        os.kill(process.pid, signal.SIGKILL)
        process.join()
        came = list(processes.run(abs, {-1: -1, -2: -2, -3: -3}, nothing))
    assert sum(isinstance(what, Lost) for _, what in came) == 1
    assert len(came) == 3


def test_meanwhile_is_done_once_when_tasks_are_given() -> None:
    told: list[str] = []
    processes = LocalProcesses(1, meanwhile=lambda: told.append("meanwhile"))
    came = list(processes.run(abs, {-1: -1, -2: -2}, lambda number: told.append(f"{number}")))
    assert told == ["-1", "meanwhile", "-2"]
    assert came == [(-1, 1), (-2, 2)]


def test_in_this_process_tasks_come_in_their_order() -> None:
    begun: list[int] = []
    finished = InThisProcess().run(lambda task: task + 1, {0: 5, 1: 6}, begun.append)
    assert next(finished) == (0, 6)
    assert begun == [0]
    assert list(finished) == [(1, 7)]


def test_workers_end_with_who_started_them_however_that_ends(tmp_path: Path) -> None:
    parent = subprocess.Popen([sys.executable, "-c", PARENT, str(tmp_path)])
    while len(workers := [int(path.name) for path in tmp_path.iterdir()]) < 2:
        assert parent.poll() is None
        time.sleep(0.02)
    parent.kill()
    parent.wait()
    while any(alive(worker) for worker in workers):
        time.sleep(0.02)


def test_an_interrupt_of_all_while_processes_start_is_told_by_nobody_but_who_started_them() -> None:
    starter = subprocess.Popen(
        [sys.executable, "-c", STARTER], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    assert starter.stdout is not None
    workers = [int(word) for word in starter.stdout.readline().split()[1:]]
    os.killpg(starter.pid, signal.SIGINT)
    assert starter.communicate() == ("interrupted\n", "")
    assert len(workers) == 2
    assert not any(alive(worker) for worker in workers)


def alive(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return False
    return state.rsplit(")", 1)[1].split()[0] != "Z"
