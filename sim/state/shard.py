"""What the compiled code is given: a shard, which it changes, and the day, which it reads."""

from __future__ import annotations

from typing import Any, NamedTuple, TypeVar

import numba
import numpy as np

Row = Any  # one row of a table: attributes by column name

# Rows in use of each array that grows (`Shard.ends`), and where an interrupted window goes on.
PENDING_END, RELATION_END, LOG_END, CURSOR, LOGGING, AHEAD = range(6)
ENDS = 6

# What `advance` answers.
DONE, NEED_PENDING, NEED_RELATIONS, NEED_LOG, NEED_AHEAD = range(5)

# The most that the handling of one event appends, but for what each need that waits and is met may append. Room is made
# before, so that no event stops half-way.
PUSHES = 4
NEW_RELATIONS = 1  # and one for each need
LOG_ROWS = 10  # and as many for each need


class Shard(NamedTuple):
    """All state of consumers [first, first + n), and the tallies of what they did."""

    first: int  # id of the first consumer
    consumers: np.ndarray  # (n,) CONSUMER
    needs: np.ndarray  # (n, categories) NEED
    taste: np.ndarray  # (n, merchants) float32: utility of each store by taste; (n, 0) where stores do not compete
    slots: np.ndarray  # (n, merchants) int16: slot of the relation to each store, -1: not met; (n, 0) as above
    relations: np.ndarray  # (room,) RELATION
    contacts: np.ndarray  # (room,) CONTACT, row by row with `relations`
    recent: np.ndarray  # (room, width) int16: days of the last `width` old-customer messages of a relation, a ring
    pending: np.ndarray  # (room,) PENDING
    ahead: np.ndarray  # (room,) PENDING: the rest of the day of the consumer in hand, latest first; none between windows
    ends: np.ndarray  # (ENDS,) int64
    figures: np.ndarray  # (merchants, FIGURES) int64, of the day
    sources: np.ndarray  # (merchants, CHANNELS, SOURCE_FIGURES) int64, of the day
    stocks: np.ndarray  # (merchants, STOCKS) int64
    old_expiry: np.ndarray  # (merchants, OLD_CUSTOMER_DAYS) int32, a ring by day: old customers whose last order was then
    tasks: np.ndarray  # (room for tasks under way, TASK_FIGURES and own reasons) int64, of the day
    reached: np.ndarray  # (plans of several tasks that are being sent, n) uint8: whom they have reached [MSG-8]
    verdicts: np.ndarray  # (tasks of the day, n) uint8: reasons of the scenario's own gates; (0, n): no such gate is in force
    counts: np.ndarray  # (PENDING_NAMES,) int64: events handled, by kind
    log: np.ndarray  # (room,) LOG


class Today(NamedTuple):
    """What is the same for all consumers inside a window."""

    world: np.ndarray  # (1,) WORLD
    merchants: np.ndarray  # (merchants,) MERCHANT
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
    hours: np.ndarray  # (25,) float64: share of the day's sessions before each hour


INTERPRETED = bool(numba.config.DISABLE_JIT)
Arrays = TypeVar("Arrays", Shard, Today)


def as_kernel_reads(arrays: Arrays) -> Arrays:
    """As it is, or, for the interpreted kernel, with rows whose columns are attributes."""
    if not INTERPRETED:
        return arrays
    tables = {name: array for name, array in arrays._asdict().items() if getattr(array, "dtype", np.dtype(int)).names}
    return arrays._replace(**{name: table.view(np.recarray) for name, table in tables.items()})
