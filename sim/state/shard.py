"""What the compiled code is given: a shard, which it changes, and the day, which it reads."""

from __future__ import annotations

from typing import Any, NamedTuple, TypeVar

import numba
import numpy as np

Row = Any  # one row of a table: attributes by column name

# `Shard.ends`: rows in use of each array that grows, where an interrupted window goes on, and where whoever asks for what is
# shared stands in the order of all questions.
(
    PENDING_END, RELATION_END, LOG_END, REQUEST_END, UNDO_END, KEPT_RELATION_END, KEPT_PENDING_END,
    CURSOR, LOGGING, BEGUN, COPIED, ASKED, BACK, ENTRY, AT_TIME, AT_TURN, AT_LOT, AT_ORDINAL, AHEAD,
) = range(19)  # fmt: skip
ENDS = 19
NOWHEN = -(2**62)  # s

ROW, CONSUMER = range(2)  # columns of `Shard.noted`
LEAST_NOTED = 1_024  # room of it, beside one for each relation that a consumer can have

# What `advance` answers.
DONE, NEED_PENDING, NEED_RELATIONS, NEED_LOG, NEED_ASKS, NEED_AHEAD = range(6)

# The most that the handling of one event appends, but for what each need that waits and is met may append. That the pools have
# room for it is seen to before, so that no event stops half-way.
PUSHES = 4
NEW_RELATIONS = 1  # or, where needs are shopped for, one for each
LOG_ROWS = 12  # and as many for each need


class Asks(NamedTuple):
    """What is kept until the end of a window in which consumers share something that may run out."""

    requests: np.ndarray  # (room,) REQUEST
    undo: np.ndarray  # (copies,) UNDO
    consumers: np.ndarray  # (copies,) CONSUMER
    needs: np.ndarray  # (copies, categories) NEED
    reached: np.ndarray  # (copies, words) uint64
    relations: np.ndarray  # (room,) RELATION
    recent: np.ndarray  # (room, width) int16
    loyalty: np.ndarray  # (room,) LOYALTY
    pending: np.ndarray  # (room,) PENDING


class Shard(NamedTuple):
    """All state of consumers [first, first + n), and the tallies of what they did."""

    first: int  # id of the first consumer
    consumers: np.ndarray  # (n,) CONSUMER
    needs: np.ndarray  # (n, categories) NEED
    relations: np.ndarray  # (room,) RELATION
    contacts: np.ndarray  # (room,) CONTACT, row by row with `relations`
    recent: np.ndarray  # (room, width) int16: days of the last `width` old-customer messages of a relation, a ring
    loyalty: np.ndarray  # (room,) LOYALTY, row by row with `relations`; (0,): the scenario has no benefits
    pending: np.ndarray  # (room,) PENDING
    ahead: np.ndarray  # (room,) PENDING: the rest of the day of the consumer in hand, latest first; none between windows
    ends: np.ndarray  # (ENDS,) int64
    figures: np.ndarray  # (merchants, FIGURES) int64, of the day
    sources: np.ndarray  # (merchants, CHANNELS, SOURCE_FIGURES) int64, of the day
    refusals: np.ndarray  # (merchants, REFUSALS) int64, of the day
    stocks: np.ndarray  # (merchants, STOCKS) int64
    old_expiry: np.ndarray  # (merchants, OLD_CUSTOMER_DAYS) int32, a ring by day: old customers whose last order was then
    tasks: np.ndarray  # (room for tasks under way, TASK_FIGURES and own reasons) int64
    reached: np.ndarray  # (words, n) uint64: a bit for each plan of several tasks under way that has reached it [MSG-8]
    verdicts: np.ndarray  # (tasks of the day, n) uint8: reasons of the scenario's own gates; (0, n): no such gate is in force
    counts: np.ndarray  # (PENDING_NAMES,) int64: events handled, by kind
    benefits: np.ndarray  # (benefits, BENEFIT_FIGURES) int64: what became of each so far
    picks: np.ndarray  # (2 * MOST_GROUPS, 3) int64: what the order in hand uses of benefits; of no meaning between events
    noted: np.ndarray  # (room, 2) int64: ROW, CONSUMER of relations that tasks of the day are for; of no meaning between events
    taken: np.ndarray  # (things that are shared, 3) int64: units taken, claims refused, units given back, in the window
    log: np.ndarray  # (room,) LOG
    asks: Asks


class Today(NamedTuple):
    """What is the same for all consumers inside a window."""

    world: np.ndarray  # (1,) WORLD
    merchants: np.ndarray  # (merchants,) MERCHANT
    tastes: np.ndarray  # (distributions of taste, 2 * NODES) float32: quantiles of the utility of a store by taste
    categories: np.ndarray  # (categories,) CATEGORY
    stores: np.ndarray  # (merchants,) int32: merchants, grouped by category
    agenda: np.ndarray  # (tasks of the day,) AGENDA, in the order of sends
    crowds: np.ndarray  # (merchants,) uint8: crowds of each one's tasks of the day, as bits
    agenda_by_merchant: np.ndarray  # (tasks of the day,) int32: rows of `agenda`, grouped by merchant
    tallies: np.ndarray  # (tasks so far,) int32: where each is tallied, as long as it is under way
    task_keys: np.ndarray  # (room for tasks under way,) uint64
    task_seen: np.ndarray  # the same, int32: until when reads are seen by the merchant
    task_channels: np.ndarray  # the same, int16
    task_ids: np.ndarray  # the same, int64
    caps: np.ndarray  # (policies of caps in force,) CAPS
    filters: np.ndarray  # (algorithm filters in force,) FILTER
    thresholds: np.ndarray  # (tasks of the day, filters) int32: who scores below is filtered; 0: nobody is
    gates: np.ndarray  # (compiled gates in force,) GATE
    gate_numbers: np.ndarray  # (numbers of all of them,) float64
    benefits: np.ndarray  # (benefits,) BENEFIT: of the past first
    offers: np.ndarray  # (entries,) int32: rows of `benefits`, grouped by the merchants that give them
    named_crowds: np.ndarray  # (crowds that the scenario names,) NAMED_CROWD
    groups: np.ndarray  # (stores and kinds of groups,) GROUP, by merchant
    rooms: np.ndarray  # (live rooms of the day,) ROOM
    hours: np.ndarray  # (25,) float64: share of the day's sessions before each hour
    coupled: np.ndarray  # (things that are shared,) COUPLED
    steps: np.ndarray  # (steps,) STEP, grouped by thing, in their order
    claims: np.ndarray  # (entries,) int32: rows of `coupled` that an event claims together
    claims_at: np.ndarray  # (OCCASIONS, merchants + 1) int32: where those of an occasion and merchant begin in `claims`


INTERPRETED = bool(numba.config.DISABLE_JIT)
Arrays = TypeVar("Arrays", Shard, Asks, Today)


def as_kernel_reads(arrays: Arrays) -> Arrays:
    """As it is, or, for the interpreted kernel, with rows whose columns are attributes."""
    if not INTERPRETED:
        return arrays
    fields = arrays._asdict()
    tables = {name: array for name, array in fields.items() if getattr(array, "dtype", np.dtype(int)).names}
    views: dict[str, Any] = {name: table.view(np.recarray) for name, table in tables.items()}
    if isinstance(arrays, Shard):
        views["asks"] = as_kernel_reads(arrays.asks)
    return arrays._replace(**views)
