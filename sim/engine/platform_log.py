"""The rows of the event log that are of no consumer's own doing: the declared past, tasks, and their refusals."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np

from sim.engine.benefits import Benefits
from sim.engine.kernel import LOG_SAMPLE_SHARE
from sim.engine.tasks import Task
from sim.policies.grading.names import PRIVILEGES
from sim.scenario.load import Scenario
from sim.stages.engage import ALL_MERCHANTS
from sim.state.benefits import NO_COUPON
from sim.state.draws import LOG_SAMPLE, Keys, draw_each
from sim.state.names import (
    CHANNELS,
    DAY,
    DECLARED_PAST,
    IS_CUSTOMER,
    KINDS,
    LOG_EXHAUSTED,
    LOG_MESSAGE_BLOCKED,
    LOG_OPT_OUT,
    LOG_ORDER,
    LOG_REASONS,
    LOG_TASK,
    NEVER,
    OLD_CUSTOMER_DAYS,
)
from sim.state.record import reason_in_log
from sim.state.shard import Shard
from sim.state.tables import LOG

NO_CONSUMER = -1
NO_ORDER = -1  # an order of the past has no id
NO_TASK = -1
LOG_CHANNELS = (*CHANNELS, *PRIVILEGES)  # of rows of privileges, their names
LOG_MODES = {"none": 0, "sample": 1, "all": 2, "full": 2}

OnLog = Callable[[np.ndarray], None]


def in_log_sample(keys: Keys) -> np.ndarray:
    """Which of the consumers a sampled log has; as the kernel decides."""
    return draw_each(keys, LOG_SAMPLE) < LOG_SAMPLE_SHARE


class PlatformLog:
    """What the platform logs, until it is handed over with the consumers' rows; nothing where `events` is none."""

    def __init__(self, scenario: Scenario, events: str) -> None:
        self._scenario, self._events = scenario, events
        self._longest_window = max(OLD_CUSTOMER_DAYS, *(policy.looks_back for policy in scenario.all_policies), 0)
        self._last_seq = (NEVER * DAY, 0)
        self.pieces: list[np.ndarray] = []

    @property
    def rows(self) -> np.ndarray:
        """What was not handed over yet."""
        return np.concatenate([LOG.rows(0), *self.pieces])

    def mode(self, day: int) -> int:
        """How the kernel logs a day: of a past, the longest window that a rule looks back on, before the start, is logged."""
        return LOG_MODES[self._events] if day >= -self._longest_window else 0

    def hand_over(self, of_consumers: Iterable[np.ndarray], to: OnLog, numbered: Callable[[np.ndarray], np.ndarray]) -> None:
        """Give all rows since the last call to whoever keeps them, in the order of (time, consumer, seq).

        `numbered` says which seats were taken, in that order, and leaves rows away that only this needed.
        """
        rows = np.concatenate([*self.pieces, *of_consumers])
        self.pieces.clear()
        if len(rows):
            to(numbered(rows[np.lexsort((rows["seq"], rows["consumer"], rows["time"]))]))

    def past(self, shards: list[Shard], now: int) -> None:
        """Log what audits need of the past: whose messages are off, and the last order of each declared customer.

        Of these, those in the longest window that a rule looks back on.
        """
        if self._events == "none":
            return
        self._switched_off(shards, now)
        customers = self._scenario.customers
        if customers is None:
            return
        of = np.flatnonzero((customers.enter == IS_CUSTOMER) & (customers.last_day >= -self._longest_window))
        if self._events == "sample":
            keys = np.concatenate([shard.consumers["key"] for shard in shards])[of]
            of = of[in_log_sample(keys)]
        rows = LOG.rows(len(of))
        rows["time"], rows["consumer"], rows["kind"], rows["ref"] = customers.last_day[of] * DAY, of, LOG_ORDER, NO_ORDER
        rows["reason"] = LOG_REASONS.index(DECLARED_PAST)
        self.pieces.append(rows)

    def _switched_off(self, shards: list[Shard], now: int) -> None:
        """Log, in the second before the start, who has the messages of all stores switched off [MSG-14]."""
        consumers = np.concatenate([np.asarray(shard.consumers[["key", "opted_out"]]) for shard in shards])
        of = np.flatnonzero(consumers["opted_out"])
        if self._events == "sample":
            of = of[in_log_sample(consumers["key"][of])]
        rows = LOG.rows(len(of))
        rows["time"], rows["consumer"], rows["kind"], rows["ref"] = now - 1, of, LOG_OPT_OUT, NO_TASK
        rows["merchant"] = ALL_MERCHANTS
        self.pieces.append(rows)

    def task(self, task: Task, own_reasons: int, plan: int) -> None:
        """Log that a task of the plan of this number was created, if the day of its sending is logged."""
        if self._events != "none":
            self._note(task, task.created, LOG_TASK, len(LOG_REASONS) + own_reasons + plan)

    def refusal(self, task: Task, time: int, reason: str) -> None:
        """Log that a task was refused as a whole: one row, of no consumer."""
        self._note(task, time, LOG_MESSAGE_BLOCKED, LOG_REASONS.index(reason))

    def _note(self, task: Task, time: int, kind: int, reason: int) -> None:
        if not self.mode(task.message.time // DAY):
            return
        row = LOG.rows(1)
        row["time"], row["consumer"], row["seq"] = time, NO_CONSUMER, self._next_seq(time)
        row["merchant"], row["kind"], row["ref"] = task.merchant, kind, task.id
        row["channel"], row["reason"] = CHANNELS.index(task.message.channel), reason
        self.pieces.append(row)

    def exhausted(self, time: int, merchant: int, reason: int) -> None:
        """Log that something which consumers share has run out: a merchant's, -1: of all."""
        if not self.mode(time // DAY):
            return
        row = LOG.rows(1)
        row["time"], row["consumer"], row["seq"] = time, NO_CONSUMER, self._next_seq(time)
        row["merchant"], row["kind"], row["reason"] = merchant, LOG_EXHAUSTED, reason_in_log(reason)
        self.pieces.append(row)

    def switched(self, rows: Iterable[int], benefits: Benefits, day: int) -> None:
        """Log at 00:00 of a day which benefits have been switched on and off since the day before."""
        if not self.mode(day):
            return
        for k in rows:
            row = LOG.rows(1)
            row["time"], row["consumer"], row["seq"] = day * DAY, NO_CONSUMER, self._next_seq(day * DAY)
            row["merchant"], row["reason"] = benefits.given[k].merchant, -1 - benefits.table["policy"][k]
            row["kind"] = KINDS.index("benefit_on" if benefits.table["online"][k] else "benefit_off")
            row["ref"] = NO_COUPON
            self.pieces.append(row)

    def of_merchant(self, time: int, merchant: int, kind: int, channel: str = "", reason: str = "") -> None:
        """Log what became of a merchant, or what it did."""
        if not self.mode(time // DAY):
            return
        row = LOG.rows(1)
        row["time"], row["consumer"], row["seq"] = time, NO_CONSUMER, self._next_seq(time)
        row["merchant"], row["kind"] = merchant, kind
        row["channel"], row["reason"] = LOG_CHANNELS.index(channel), LOG_REASONS.index(reason)
        self.pieces.append(row)

    def take_up(self, rows: np.ndarray, now: int) -> None:
        """Go on with rows that were not handed over yet at an instant."""
        at_once = rows[(rows["time"] == now) & (rows["consumer"] == NO_CONSUMER)]
        if len(at_once):
            self._last_seq = (now, int(at_once["seq"].max()))
        self.pieces.append(rows)

    def _next_seq(self, time: int) -> int:
        """Order among the rows without a consumer of one second."""
        self._last_seq = (time, self._last_seq[1] + 1) if self._last_seq[0] == time else (time, 0)
        return self._last_seq[1]
