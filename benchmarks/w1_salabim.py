"""W1 in salabim: a component for each consumer and each store, and components to be woken for each read and receipt.

Nothing is traced or animated and no component keeps monitors of its status and mode, which its notes advise where there are
many. Processes are generators: with greenlets ("yieldless", its default) the same model takes 1.6 times as long. Making a
component is dear, and so is taking one that is scheduled off the event list (it is searched from the front): what a read or a
receipt waits for is a passive component that is activated, does its work and is passive again.
"""

from __future__ import annotations

import gc
import time
from bisect import bisect_left
from collections.abc import Generator
from itertools import islice
from random import Random

import salabim

from benchmarks import w1
from benchmarks.rows import Row


class Quiet(salabim.Component):
    """A component that keeps no monitors."""

    def setup(self, market: Market) -> None:
        self.reset_monitors(False)
        self.market = market


class Relation:
    """What a consumer is to one of the stores that the consumer knows."""

    __slots__ = ("consumer", "sent_day", "stage", "store")

    def __init__(self, consumer: Consumer, store: int) -> None:
        self.consumer, self.store = consumer, store
        self.stage, self.sent_day = w1.STRANGER, -w1.WINDOW_DAYS


class Consumer(Quiet):
    """Whom the cap on stores a day protects, and whose sessions are its process."""

    def setup(self, market: Market) -> None:
        super().setup(market)
        self.message_day, self.stores = -1, 0
        known = market.random.sample(range(w1.STORES), w1.STORES_KNOWN)
        self.relations = [Relation(self, store) for store in known]

    def process(self) -> Generator[None, None, None]:
        """A Poisson process, each of its points taken down to the whole second."""
        market, random, expovariate = self.market, self.market.random.random, self.market.random.expovariate
        rate = w1.SESSIONS_PER_DAY / w1.DAY
        exact = 0.0
        while True:
            exact += expovariate(rate)
            yield self.hold(till=int(exact))
            market.counts["sessions"] += 1
            market.visit(self.relations[int(random() * w1.STORES_KNOWN)])


class Store(Quiet):
    """Its messages: on each of its days, to those who were its fans at 00:00."""

    def setup(self, market: Market, number: int) -> None:
        super().setup(market)
        self.number = number
        # In order of following, so that the fans as of a past time are a prefix of the list.
        self.fans: list[Relation] = []
        self.fans_since: list[float] = []

    def process(self) -> Generator[None, None, None]:
        for day in range(self.market.days):
            if w1.sends_on(self.number, day):
                yield self.hold(till=w1.send_time(self.number, day))
                for relation in islice(self.fans, bisect_left(self.fans_since, day * w1.DAY)):
                    self.market.send(relation, day)


class Delayed(Quiet):
    """A read, or without a relation a receipt, whenever it is activated."""

    relation: Relation | None = None

    def process(self) -> Generator[None, None, None]:
        market = self.market
        while True:
            if self.relation is None:
                market.counts["receipts"] += 1
            else:
                market.counts["reads"] += 1
                market.visit(self.relation)
            market.idle.append(self)
            yield self.passivate()


class Market:
    """The model: all components and what they share."""

    def __init__(self, consumers: int, days: int, seed: int) -> None:
        self.env = salabim.Environment(trace=False, yieldless=False)
        self.days = days
        self.random = Random(seed)
        self.counts = dict.fromkeys(w1.COUNTS, 0)
        self.idle: list[Delayed] = []
        self.stores = [Store(market=self, number=number, env=self.env) for number in range(w1.STORES)]
        for _ in range(consumers):
            Consumer(market=self, env=self.env)

    def run(self) -> None:
        """From 00:00 of day 0 until the end of the last day."""
        self.env.run(till=self.days * w1.DAY)

    def visit(self, relation: Relation) -> None:
        """A step towards membership, perhaps, and an order, perhaps."""
        random = self.random.random
        if relation.stage == w1.STRANGER:
            if random() < w1.FOLLOW:
                self.follow(relation)
        elif relation.stage == w1.FAN and random() < w1.JOIN:
            relation.stage = w1.MEMBER
            self.counts["joins"] += 1
        if random() < w1.BUY[relation.stage]:
            self.counts["orders"] += 1
            self.after(w1.RECEIPT_MEAN, None)

    def follow(self, relation: Relation) -> None:
        relation.stage = w1.FAN
        store = self.stores[relation.store]
        store.fans.append(relation)
        store.fans_since.append(self.env.now())
        self.counts["follows"] += 1

    def send(self, relation: Relation, day: int) -> None:
        """Deliver a message unless one of the two caps refuses it, the cap of the store's own window first."""
        consumer = relation.consumer
        if day - relation.sent_day < w1.WINDOW_DAYS:
            self.counts["refused_window"] += 1
            return
        if consumer.message_day != day:
            consumer.message_day, consumer.stores = day, 0
        if consumer.stores == w1.STORES_A_DAY:
            self.counts["refused_stores"] += 1
            return
        consumer.stores += 1
        relation.sent_day = day
        self.counts["sends"] += 1
        if self.random.random() < w1.READ:
            self.after(w1.READ_MEAN, relation)

    def after(self, mean: float, relation: Relation | None) -> None:
        """A read or a receipt after an exponential delay in whole seconds, a second at the earliest."""
        delay = 1 + int(self.random.expovariate(1 / mean))
        if self.idle:
            woken = self.idle.pop()
            woken.relation = relation
            woken.activate(delay=delay)
        else:
            Delayed(market=self, env=self.env, delay=delay).relation = relation


def run(consumers: int, days: int = 365, seed: int = 7) -> Row:
    """One run of W1, as a benchmark row."""
    market = Market(consumers, days, seed)
    gc.freeze()  # the market lives until the end: the collector need not walk it again and again
    start = time.perf_counter()
    market.run()
    seconds = time.perf_counter() - start
    gc.unfreeze()
    return w1.row("salabim", consumers, 1, days, market.counts, seconds)
