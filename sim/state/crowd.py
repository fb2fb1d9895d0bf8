"""What a message gate in plain Python is given, and what it answers: a crowd, the task's facts, a verdict.

A crowd holds what the platform logs of its consumers, never a hidden trait; its arrays cannot be written to.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sim.state.draws import GATE, Keys, draw_each, name_key, under_each
from sim.state.names import NEVER
from sim.state.shard import Shard

Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]


class TaskFacts(NamedTuple):
    """One task, as its merchant asked for it, and the size of its crowd."""

    merchant: str
    industry: str
    plan: str
    channel: str
    crowd: str  # whom it is for, one of CROWDS
    time: int  # s since the start, when it is sent; negative in a past
    day: int
    weekday: int  # 0 is Monday
    second: int  # of the day
    size: int  # consumers of the whole crowd, as of 00:00 of the send day


class Verdict(NamedTuple):
    """Whom of a crowd a gate refuses, and why. `a | b`: for the reasons of both, that of `a` where both hold."""

    parts: tuple[tuple[Any, str | None], ...] = ()  # (mask, reason)

    def __or__(self, other: Verdict) -> Verdict:
        return Verdict(self.parts + other.parts)


def refuse(mask: Any, reason: str | None = None) -> Verdict:
    """Refuse those of the crowd where `mask` is true: (len(crowd),) bool, or one bool for all.

    `reason` is one of the policy's `reasons`; it need not be given where there is only one.
    """
    return Verdict(((mask, reason),))


def allow() -> Verdict:
    """Refuse nobody."""
    return Verdict()


class _Rows:
    """The rows of a table that a crowd is made of."""

    def __init__(self, table: np.ndarray, at: np.ndarray, day: int) -> None:
        self._table, self._at, self._day = np.asarray(table), at, day

    def _column(self, name: str) -> np.ndarray:
        return _fixed(self._table[name][self._at].astype(np.int64))

    def _flag(self, name: str) -> np.ndarray:
        return _fixed(self._table[name][self._at] != 0)

    def _today(self, name: str, on: str) -> np.ndarray:
        return _fixed(np.where(self._column(on) == self._day, self._column(name), 0))


def _fixed(array: np.ndarray) -> np.ndarray:
    array.flags.writeable = False
    return array


def _column(name: str, meaning: str) -> Any:
    return _described(lambda rows: rows._column(name), meaning)


def _flag(name: str, meaning: str) -> Any:
    return _described(lambda rows: rows._flag(name), meaning)


def _today(name: str, on: str, meaning: str) -> Any:
    return _described(lambda rows: rows._today(name, on), meaning)


def _described(of: Callable[[Any], np.ndarray], meaning: str) -> Any:
    of.__doc__ = meaning
    return cached_property(of)


class CrowdConsumers(_Rows):
    """Each consumer, whatever the merchant. A day on which nothing was is -30,000."""

    session_day: Integers = _column("session_day", "last day with an own session on the platform")
    opted_out: Flags = _flag("opted_out", "takes no messages of any store")
    messages_today: Integers = _today("reached_messages", "reached_day", "messages of dedicated service delivered today")
    stores_today: Integers = _today("reached_stores", "reached_day", "stores whose old-customer messages were delivered today")


class CrowdRelations(_Rows):
    """Each consumer's relation to the task's merchant. A day on which nothing was is -30,000."""

    def __init__(self, table: np.ndarray, at: np.ndarray, day: int, recent: np.ndarray, remembers: int) -> None:
        super().__init__(table, at, day)
        self._recent, self._remembers = recent, remembers

    fan: Flags = _flag("fan", "follows the store")
    member: Flags = _flag("member", "is a member of the store")
    favourite: Flags = _flag("favourite", "has the store among its favourites")
    served: Flags = _flag("served", "has confirmed the receipt of an order of the store")
    opted_out: Flags = _flag("opted_out", "takes no messages of the store")
    orders: Integers = _column("orders", "orders so far, past included")
    order_day: Integers = _column("order_day", "last day with an order")
    visit_day: Integers = _column("visit_day", "last day with a visit")
    delivered: Integers = _column("delivered", "messages of the store delivered so far")
    read: Integers = _column("read", "of them, those read so far")
    messages_today: Integers = _today("sent_today", "sent_day", "messages of dedicated service of the store delivered today")

    def messages_since(self, day: int) -> Integers:
        """Old-customer messages of the store delivered on `day` or later; counted to at most the policy's `remembers()`."""
        width = self._recent.shape[1]
        newest = (self._column("recent_at")[:, None] - 1 - np.arange(min(self._remembers, width))) % width
        return _fixed((self._recent[self._at[:, None], newest] >= max(day, NEVER + 1)).sum(axis=1, dtype=np.int64))


class Crowd:
    """Some of the crowd of one task, in the order of (consumer, merchant).

    `consumer` and `relation` have one array per quantity, (len(crowd),), read-only: as of 00:00 of the send day, or, for a
    policy that needs it, as of now. A population is asked part by part (a shard each): a verdict on one consumer must not
    depend on who else is in the part; `TaskFacts.size` is of the whole crowd.
    """

    def __init__(self, consumer: CrowdConsumers, relation: CrowdRelations, ids: np.ndarray, keys: Keys, task_key: Any) -> None:
        """`ids` of the consumers, and the keys of (consumer, policy)."""
        self.consumer, self.relation = consumer, relation
        self.ids: Integers = _fixed(ids)  # consumers by number: the same in every run of the scenario
        self._keys, self._task_key = keys, task_key

    def __len__(self) -> int:
        return len(self.ids)

    def draw(self, stream: str = "", per_task: bool = True) -> NDArray[np.float64]:
        """A uniform draw on (0, 1) for each consumer, (len(crowd),): known by seed, policy, stream, task and consumer.

        With `per_task=False` each consumer's draw is the same for all tasks, as that of a hold-out group must be.
        """
        keys = under_each(self._keys, self._task_key) if per_task else self._keys
        return _fixed(draw_each(keys, name_key(stream)))


def crowd_of(shard: Shard, who: np.ndarray, rows: np.ndarray, day: int, policy: str, task_key: Any, remembers: int) -> Crowd:
    """The consumers at `who`, with their relations at `rows`, (n,) int each, as a policy by that name sees them."""
    keys = under_each(under_each(np.asarray(shard.consumers["key"])[who], GATE), name_key(policy))
    return Crowd(
        CrowdConsumers(shard.consumers, who, day),
        CrowdRelations(shard.relations, rows, day, shard.recent, remembers),
        shard.first + who.astype(np.int64),
        keys,
        task_key,
    )
