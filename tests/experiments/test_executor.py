"""Processes that do tasks: each for itself, and none of them longer than who started them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

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


def alive(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return False
    return state.rsplit(")", 1)[1].split()[0] != "Z"
