"""W1 as a day-step in NumPy: everybody's whole day at once, without order within it. An approximation.

Messages first, at 00:00; then all visits of the day, its sessions and the reads that fall on it, each of which finds the
relation as it was at 00:00. Of the stores that may write to a consumer on a day the cap lets through as many as it should, but
which of them is drawn by lot: who was first is what a step without order does not know. (W1 could be put right by sorting,
since nothing but messages moves its caps and their times are known ahead. That is the model's luck, not the method's.)
"""

from __future__ import annotations

import time

import numpy as np
from numpy.typing import NDArray

from benchmarks import w1
from benchmarks.rows import Row

KNOWN = w1.STORES_KNOWN
BUY = np.array(w1.BUY)
# Bit n: sends on weekday n.
WEEKDAYS = np.array([sum(w1.sends_on(store, day) << day for day in range(7)) for store in range(w1.STORES)], np.uint8)


class Market:
    """The model, a row per relation: that of consumer c with the k-th store that c knows is 8 c + k."""

    def __init__(self, consumers: int, days: int, seed: int) -> None:
        self.days, self.consumers = days, consumers
        self.random = np.random.Generator(np.random.SFC64(seed))
        self.counts = dict.fromkeys(w1.COUNTS, 0)
        self.store = self.known_stores()
        self.weekdays = WEEKDAYS[self.store]
        self.stage = np.full(consumers * KNOWN, w1.STRANGER, np.uint8)
        self.sent_day = np.full(consumers * KNOWN, -w1.WINDOW_DAYS, np.int16)
        self.reads: list[list[NDArray[np.int64]]] = [[] for _ in range(days)]  # relations, by the day of the read
        self.receipts = np.zeros(days, np.int64)

    def known_stores(self) -> NDArray[np.uint8]:
        """All different: drawn again, for everybody who has one twice, until nobody has."""
        store = np.zeros((self.consumers, KNOWN), np.uint8)
        again = np.arange(self.consumers)
        while len(again):
            store[again] = self.random.integers(0, w1.STORES, (len(again), KNOWN), np.uint8)
            ordered = np.sort(store[again], axis=1)
            again = again[(ordered[:, 1:] == ordered[:, :-1]).any(axis=1)]
        return store.ravel()

    def run(self) -> None:
        """Day after day."""
        for day in range(self.days):
            self.send(day)
            self.visit(day)
            self.counts["receipts"] += int(self.receipts[day])

    def send(self, day: int) -> None:
        """The day's messages, to the fans as of 00:00."""
        asked = np.flatnonzero((self.stage != w1.STRANGER) & (self.weekdays >> np.uint8(day % 7) & np.uint8(1)).astype(bool))
        free = asked[day - self.sent_day[asked] >= w1.WINDOW_DAYS]
        sent = self.drawn_by_lot(free)
        self.counts["refused_window"] += len(asked) - len(free)
        self.counts["refused_stores"] += len(free) - len(sent)
        self.counts["sends"] += len(sent)
        self.sent_day[sent] = day
        read = sent[self.random.random(len(sent)) < w1.READ]
        at = w1.send_time(self.store[read].astype(np.int64), day) + self.random.exponential(w1.READ_MEAN, len(read))
        self.note_reads(read, at // w1.DAY)

    def drawn_by_lot(self, free: NDArray[np.int64]) -> NDArray[np.int64]:
        """At most as many stores a consumer as the cap allows."""
        consumer = free // KNOWN
        crowded = np.bincount(consumer, minlength=self.consumers)[consumer] > w1.STORES_A_DAY
        tried = free[crowded]
        lots = tried[np.lexsort((self.random.random(len(tried)), tried // KNOWN))]
        # In order of consumers, an entry is beyond the cap if the one that many places before it is of the same.
        beyond = np.zeros(len(lots), bool)
        beyond[w1.STORES_A_DAY :] = lots[w1.STORES_A_DAY :] // KNOWN == lots[: -w1.STORES_A_DAY] // KNOWN
        return np.concatenate([free[~crowded], lots[~beyond]])

    def note_reads(self, relation: NDArray[np.int64], day: NDArray[np.float64]) -> None:
        order = np.argsort(day, kind="stable")
        days, first = np.unique(day[order], return_index=True)
        for on, relations in zip(days.astype(int), np.split(relation[order], first[1:])):
            if on < self.days:
                self.reads[on].append(relations)

    def visit(self, day: int) -> None:
        """The day's sessions and reads: steps towards membership, and orders."""
        random = self.random
        sessions = random.integers(0, len(self.stage), random.poisson(self.consumers * w1.SESSIONS_PER_DAY))
        relation = np.concatenate([sessions, *self.reads[day]])
        self.reads[day] = []
        self.counts["sessions"] += len(sessions)
        self.counts["reads"] += len(relation) - len(sessions)
        stage = self.stage[relation]
        chance = np.array([w1.FOLLOW, w1.JOIN, 0.0])[stage]
        moves = np.flatnonzero(random.random(len(relation)) < chance)
        moved, first = np.unique(relation[moves], return_index=True)
        before = stage[moves][first]
        self.stage[moved] = before + 1
        self.counts["follows"] += int((before == w1.STRANGER).sum())
        self.counts["joins"] += int((before == w1.FAN).sum())
        stage[moves] += 1
        orders = int((random.random(len(relation)) < BUY[stage]).sum())
        self.counts["orders"] += orders
        received = random.random(orders) + random.exponential(w1.RECEIPT_MEAN / w1.DAY, orders)
        days = day + received.astype(np.int64)
        self.receipts += np.bincount(days[days < self.days], minlength=self.days)


def run(consumers: int, days: int = 365, seed: int = 7) -> Row:
    """One run of W1, as a benchmark row."""
    market = Market(consumers, days, seed)
    start = time.perf_counter()
    market.run()
    seconds = time.perf_counter() - start
    return w1.row("numpy-day-step", consumers, 1, days, market.counts, seconds)
