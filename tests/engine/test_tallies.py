"""Tallies of tasks: the shards have rows for those under way only, and nothing is lost when a row is another task's."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

import sim
from sim.engine.simulation import Simulation
from sim.state.names import DAY, KINDS_A_SECOND, READ, TASK_READ, TASK_SENT, TASK_TO_READ

W1 = Path(__file__).parents[2] / "benchmarks" / "w1.yaml"


def market(days: int) -> Simulation:
    return Simulation(sim.load(W1, consumers=400, days=days), 5, 1, 3)


def reads_pending(simulation: Simulation) -> Counter[int]:
    """How many reads of each task are still to come, by its row of the book."""
    found: Counter[int] = Counter()
    for shard in simulation.population.shards:
        for c in shard.consumers:
            block = shard.pending[c["pending_first"] : c["pending_first"] + c["pending_count"]]
            found.update(block["ref"][block["when"] % KINDS_A_SECOND == READ].tolist())
    return found


def figures(simulation: Simulation) -> np.ndarray:
    """The figures of all tasks up to now: of those under way, what the shards have."""
    total = simulation.tallies.figures.copy()
    for row, tally in simulation.tallies.rows.items():
        total[row] = sum(shard.tasks[tally] for shard in simulation.population.shards)
    return total


@pytest.fixture(scope="module")
def ended() -> Simulation:
    simulation = market(60)
    simulation.run()
    return simulation


def test_a_task_is_under_way_as_long_as_somebody_will_read_it(ended: Simulation) -> None:
    counts = figures(ended)
    to_come = reads_pending(ended)
    assert sum(to_come.values()) > 0
    assert {row: int(n) for row, n in enumerate(counts[:, TASK_TO_READ] - counts[:, TASK_READ]) if n} == dict(to_come)
    assert set(ended.tallies.rows) == set(to_come)


def test_a_read_in_the_middle_of_a_day_finds_its_row() -> None:
    """Whoever will read a message finds it under way: at any time, every pending read names a task that has a row."""
    simulation = market(12)
    for hours in range(5, 12 * 24, 7):
        simulation.run(until=hours * 3600)
        assert set(reads_pending(simulation)) <= set(simulation.tallies.rows)


def test_rows_are_used_again(ended: Simulation) -> None:
    tasks = len(ended.tasks.tasks)
    a_day = tasks / 60
    assert tasks > 1_500
    assert all(len(shard.tasks) < 10 * a_day for shard in ended.population.shards)


def test_no_two_tasks_share_a_row(ended: Simulation) -> None:
    rows = list(ended.tallies.rows.values())
    assert len(set(rows)) == len(rows)
    assert all(ended.tallies.of_tasks[task] == row for task, row in ended.tallies.rows.items())


def test_what_was_sent_of_all_tasks_is_what_merchants_sent(ended: Simulation) -> None:
    by_task = np.zeros(len(ended.scenario.merchants), np.int64)
    for task, counts in zip(ended.tasks.tasks, ended.tallies.figures):
        by_task[task.merchant] += counts[TASK_SENT]
    run = sim.run(sim.load(W1, consumers=400, days=60), seed=5, threads=1)
    by_day = run.daily.groupby("merchant", sort=False)["messages_sent"].sum()
    assert by_task.tolist() == by_day.tolist()
    assert run.messages[run.messages["outcome"] == "sent"]["count"].sum() == by_task.sum()


def test_a_task_of_the_last_days_is_counted_up_to_the_end(ended: Simulation) -> None:
    last = [row for row, task in enumerate(ended.tasks.tasks) if task.message.time // DAY == 59]
    assert ended.tallies.figures[last, TASK_SENT].sum() > 0
