"""What the platform decides of whole tasks: at their creation, and at 00:00 of their send day.

A verdict is given once and kept with the task, so that whatever follows from it is the same after a snapshot.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.engine.asked import task_reason_of
from sim.engine.crowds import count
from sim.engine.population import Population
from sim.engine.rules import Rules, RulesInForce
from sim.engine.tallies import Tallies
from sim.engine.tasks import TaskBook, is_of_old_customers
from sim.policies.reach_frequency import ReachFrequency
from sim.state.names import DAY, TASK_REASONS, TASK_SENT
from sim.state.policy import Message, Policy
from sim.state.shard import Shard, Today


class Crowds(NamedTuple):
    """The crowds of the tasks of a day as of 00:00, by row of the agenda: int64 consumers."""

    sizes: np.ndarray  # (tasks,); 0 for tasks of other than old-customer scenes
    scores: np.ndarray  # (tasks, filters, scores)
    open_to: np.ndarray  # (tasks, filters but at least 1, scores): whom nothing known by then but the filters keeps from it

    def deliveries_at_most(self, thresholds: np.ndarray) -> NDArray[np.int64]:
        """(tasks,): no fewer than will be delivered, under the filters' thresholds, (tasks, filters)."""
        tasks, filters, scores = self.open_to.shape
        least = np.zeros((tasks, filters), np.int64)
        least[:, : thresholds.shape[1]] = thresholds
        pass_ = np.arange(scores) >= least[:, :, np.newaxis]
        most: NDArray[np.int64] = np.where(pass_, self.open_to, 0).sum(axis=2).min(axis=1)
        return most


def at_creation(rules: RulesInForce, message: Message, created: int) -> str:
    """Why rules in force both now and on its send day refuse a task; empty: they do not."""
    return _gated(rules.task_gates(created // DAY, message.time // DAY), message)


def at_midnight(rules: RulesInForce, day: int, book: TaskBook, tallies: Tallies) -> list[int]:
    """Verdicts that need no crowd on the tasks to be sent on a day; answers the rows of those that are refused now."""
    today = rules.on(day)
    refused = []
    if today.task_gates:
        rows = book.to_send(day)
        created = book.created(rows) // DAY
        for since in set(created.tolist()):
            gates = rules.task_gates_since(since, day)
            refused += [row for row in rows[created == since].tolist() if _refuses(gates, book, row)]
    if today.reach_frequencies:
        rows = book.to_send(day)
        told = book.told(rows)
        idle = _used_up(today.reach_frequencies, day, book, tallies)
        book.set_used_up(rows[is_of_old_customers(told) & idle[told["merchant"]]])
    return refused


def _gated(gates: list[Policy], message: Message) -> str:
    """The first reason, in the documented order, for which one of the gates refuses a task; empty: none does."""
    reasons = {task_reason_of(policy, message) for policy in gates} - {""} if gates else ()
    return min(reasons, key=TASK_REASONS.index) if reasons else ""


def _refuses(gates: list[Policy], book: TaskBook, row: int) -> bool:
    """Ask gates about a task, and note in the book if one refuses it."""
    reason = _gated(gates, book.tasks[row].message)
    if reason:
        book.refused[row] = reason
    return reason != ""


def _used_up(policies: Iterable[ReachFrequency], day: int, book: TaskBook, tallies: Tallies) -> np.ndarray:
    """(merchants,) bool: whose tasks of the days before that reached somebody are as many as are allowed [MSG-13]."""
    found = np.zeros(book.merchants, bool)
    for policy in policies:
        rows = np.concatenate([book.rows_of(before) for before in range(day - policy.days, day)])
        told = book.told(rows)
        reached = is_of_old_customers(told) & (tallies.figures[rows, TASK_SENT] > 0)
        found |= np.bincount(told["merchant"][reached], minlength=book.merchants) >= policy.tasks
    return found


def counted(rules: Rules, today: Today, population: Population, deliveries: bool) -> Crowds | None:
    """The crowds of the day's agenda, and whom its messages are open to if `deliveries` are asked for; None: nobody asks."""
    concerned = is_of_old_customers(np.asarray(today.agenda)).any()
    if not deliveries and not (concerned and (rules.algorithm_filters or rules.min_crowds)):
        return None
    tasks, filters = len(today.agenda), len(today.filters)
    scores = 1 + max((policy.highest for policy in rules.algorithm_filters), default=0)

    def part(shard: Shard) -> Crowds:
        open_to = np.zeros((tasks if deliveries else 0, max(filters, 1), scores), np.int64)
        crowds = Crowds(np.zeros(tasks, np.int64), np.zeros((tasks, filters, scores), np.int64), open_to)
        count(shard, today, *crowds)
        return crowds

    whole, *others = population.each(part)
    for crowds in others:
        for total, more in zip(whole, crowds, strict=True):
            total += more
    return whole


def on_crowds(rules: Rules, today: Today, book: TaskBook, crowds: Crowds) -> list[int]:
    """Verdicts that need the crowds of the day's agenda; answers the rows of the tasks that are refused now."""
    filters, sizes = rules.algorithm_filters, rules.min_crowds
    agenda = np.asarray(today.agenda)
    concerned = np.flatnonzero(is_of_old_customers(agenda))
    if not len(concerned) or not (filters or sizes):
        return []
    consumers, thresholds = crowds.sizes[concerned], np.zeros((len(concerned), len(filters)), np.int64)
    for f, policy in enumerate(filters):
        thresholds[:, f] = policy.thresholds(crowds.scores[concerned, f])
    too_small = consumers <= max((policy.more_than for policy in sizes), default=-1)
    thresholds[too_small] = 0
    rows = agenda["row"][concerned]
    book.set_crowds(rows, consumers, thresholds)
    refused: list[int] = rows[too_small].tolist()
    book.refused.update(dict.fromkeys(refused, "crowd_too_small"))
    return refused
