"""What the platform decides of whole tasks: at their creation, and at 00:00 of their send day.

A verdict is given once and kept with the task, so that whatever follows from it is the same after a snapshot.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from sim.engine.asked import task_reason_of
from sim.engine.crowds import count
from sim.engine.population import Population
from sim.engine.rules import Rules, RulesInForce
from sim.engine.tallies import Tallies
from sim.engine.tasks import TaskBook, Verdict
from sim.policies.reach_frequency import ReachFrequency
from sim.policies.scenes import OLD_CUSTOMER_SCENES
from sim.state.names import DAY, TASK_REASONS, TASK_SENT
from sim.state.policy import Message, Policy
from sim.state.shard import Shard, Today


class Crowds(NamedTuple):
    """The crowds of the tasks of a day, by row of the agenda."""

    sizes: np.ndarray  # (tasks,) int64 consumers; 0 for tasks of other than old-customer scenes
    scores: np.ndarray  # (tasks, filters, scores) int64 consumers


def at_creation(rules: RulesInForce, message: Message, created: int) -> Verdict | None:
    """The verdict on a task that rules in force both now and on its send day refuse; None: there is none yet."""
    return _gated(rules.task_gates(created // DAY, message.time // DAY), message)


def at_midnight(rules: Rules, day: int, book: TaskBook, tallies: Tallies) -> list[int]:
    """Verdicts that need no crowd on the tasks to be sent on a day; answers the rows of those that are refused now."""
    if not rules.task_gates and not rules.reach_frequencies:
        return []
    rows = [row for row in book.rows_of(day) if row not in book.verdicts]
    senders = {book.tasks[row].merchant for row in rows if _is_old_customer_task(book, row)}
    idle = _used_up(rules.reach_frequencies, day, book, tallies, senders)
    refused = []
    for row in rows:
        verdict = _gated(rules.task_gates, book.tasks[row].message)
        if verdict is not None:
            book.verdicts[row] = verdict
            refused.append(row)
        elif book.tasks[row].merchant in idle and _is_old_customer_task(book, row):
            book.verdicts[row] = Verdict(used_up=True)
    return refused


def _gated(gates: list[Policy], message: Message) -> Verdict | None:
    """The first reason, in the documented order, for which one of the gates refuses a task."""
    if not gates:
        return None
    reasons = {task_reason_of(policy, message) for policy in gates} - {""}
    return Verdict(min(reasons, key=TASK_REASONS.index)) if reasons else None


def _is_old_customer_task(book: TaskBook, row: int) -> bool:
    return book.tasks[row].message.channel in OLD_CUSTOMER_SCENES


def _used_up(policies: Iterable[ReachFrequency], day: int, book: TaskBook, tallies: Tallies, merchants: set[int]) -> set[int]:
    """Those of the merchants whose tasks of the days before that reached somebody are as many as are allowed [MSG-13]."""
    found: set[int] = set()
    for policy in policies:
        rows = [row for before in range(day - policy.days, day) for row in book.rows_of(before)]
        rows = [row for row in rows if _is_old_customer_task(book, row) and book.tasks[row].merchant in merchants]
        reached = Counter(book.tasks[row].merchant for row in rows if tallies.figures[row, TASK_SENT])
        found |= {merchant for merchant in merchants if reached[merchant] >= policy.tasks}
    return found


def on_crowds(rules: Rules, today: Today, book: TaskBook, population: Population) -> list[int] | None:
    """Verdicts that need the crowds of the day's agenda; the rows of tasks refused now, None if no rule asks for a crowd."""
    filters, sizes = rules.algorithm_filters, rules.min_crowds
    if not (filters or sizes):
        return None
    rows = [int(row) for row in today.agenda["row"]]
    concerned = [k for k, row in enumerate(rows) if _is_old_customer_task(book, row)]
    if not concerned:
        return None
    crowds = _counted(population, today, max((policy.highest for policy in filters), default=0))
    at_most = max((policy.more_than for policy in sizes), default=-1)
    refused = []
    for k in concerned:
        crowd = int(crowds.sizes[k])
        known = book.verdicts.get(rows[k], Verdict())._replace(crowd=crowd)
        if crowd <= at_most:
            known = known._replace(reason="crowd_too_small")
            refused.append(rows[k])
        else:
            thresholds = [policy.threshold(scores) for policy, scores in zip(filters, crowds.scores[k], strict=True)]
            known = known._replace(thresholds=tuple(thresholds))
        book.verdicts[rows[k]] = known
    return refused


def _counted(population: Population, today: Today, highest: int) -> Crowds:
    """The crowds of the day's tasks as of 00:00; `highest` is the highest score of any filter."""
    tasks, filters = len(today.agenda), len(today.filters)
    whole = Crowds(np.zeros(tasks, np.int64), np.zeros((tasks, filters, highest + 1), np.int64))

    def part(shard: Shard) -> Crowds:
        crowds = Crowds(np.zeros_like(whole.sizes), np.zeros_like(whole.scores))
        count(shard, today, *crowds)
        return crowds

    for crowds in population.each(part):
        for total, more in zip(whole, crowds, strict=True):
            total += more
    return whole
