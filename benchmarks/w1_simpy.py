"""W1 in SimPy: a process for each consumer and each store, a timeout with a callback for each read and receipt."""

from __future__ import annotations

import gc
import time
from bisect import bisect_left
from collections.abc import Generator
from dataclasses import asdict, dataclass
from functools import partial
from itertools import islice
from random import Random

import simpy

from benchmarks import w1
from benchmarks.rows import Row


@dataclass(slots=True)
class Counts:
    sessions: int = 0
    reads: int = 0
    receipts: int = 0
    orders: int = 0
    sends: int = 0
    refused_window: int = 0
    refused_stores: int = 0
    follows: int = 0
    joins: int = 0


@dataclass(slots=True, eq=False)
class Consumer:
    """Whom the cap on stores a day protects: `stores` delivered on `message_day`, the last day with a message."""

    message_day: int = -1
    stores: int = 0


@dataclass(slots=True, eq=False)
class Relation:
    """What a consumer is to one of the stores that the consumer knows."""

    consumer: Consumer
    store: int
    stage: int = w1.STRANGER
    sent_day: int = -w1.WINDOW_DAYS


class Market:
    """The model: everybody's processes and what they share."""

    def __init__(self, consumers: int, days: int, seed: int) -> None:
        self.env = simpy.Environment()
        self.days = days
        self.random = Random(seed)
        self.counts = Counts()
        # In order of following, so that the fans as of a past time are a prefix of the list.
        self.fans: list[list[Relation]] = [[] for _ in range(w1.STORES)]
        self.fans_since: list[list[float]] = [[] for _ in range(w1.STORES)]
        for store in range(w1.STORES):
            self.env.process(self.campaign(store))
        for _ in range(consumers):
            consumer = Consumer()
            known = self.random.sample(range(w1.STORES), w1.STORES_KNOWN)
            self.env.process(self.life([Relation(consumer, store) for store in known]))

    def run(self) -> None:
        """From 00:00 of day 0 until the end of the last day."""
        self.env.run(until=self.days * w1.DAY)

    def life(self, relations: list[Relation]) -> Generator[simpy.Event, None, None]:
        """A consumer's sessions: a Poisson process, each of its points taken down to the whole second."""
        timeout, random, expovariate = self.env.timeout, self.random.random, self.random.expovariate
        rate = w1.SESSIONS_PER_DAY / w1.DAY
        exact, now = 0.0, 0
        while True:
            exact += expovariate(rate)
            at = int(exact)
            yield timeout(at - now)
            now = at
            self.counts.sessions += 1
            self.visit(relations[int(random() * w1.STORES_KNOWN)])

    def visit(self, relation: Relation) -> None:
        """A step towards membership, perhaps, and an order, perhaps."""
        random = self.random.random
        if relation.stage == w1.STRANGER:
            if random() < w1.FOLLOW:
                self.follow(relation)
        elif relation.stage == w1.FAN and random() < w1.JOIN:
            relation.stage = w1.MEMBER
            self.counts.joins += 1
        if random() < w1.BUY[relation.stage]:
            self.counts.orders += 1
            receipt = self.env.timeout(self.delay(w1.RECEIPT_MEAN))
            receipt.callbacks.append(self.receive)

    def follow(self, relation: Relation) -> None:
        relation.stage = w1.FAN
        self.fans[relation.store].append(relation)
        self.fans_since[relation.store].append(self.env.now)
        self.counts.follows += 1

    def receive(self, _: simpy.Event) -> None:
        self.counts.receipts += 1

    def campaign(self, store: int) -> Generator[simpy.Event, None, None]:
        """A store's messages: on each of its days, to those who were its fans at 00:00."""
        for day in range(self.days):
            if not w1.sends_on(store, day):
                continue
            yield self.env.timeout(w1.send_time(store, day) - self.env.now)
            crowd = bisect_left(self.fans_since[store], day * w1.DAY)
            for relation in islice(self.fans[store], crowd):
                self.send(relation, day)

    def send(self, relation: Relation, day: int) -> None:
        """Deliver a message unless one of the two caps refuses it, the cap of the store's own window first."""
        consumer = relation.consumer
        if day - relation.sent_day < w1.WINDOW_DAYS:
            self.counts.refused_window += 1
        elif consumer.message_day != day:
            consumer.message_day = day
            consumer.stores = 1
            self.deliver(relation, day)
        elif consumer.stores < w1.STORES_A_DAY:
            consumer.stores += 1
            self.deliver(relation, day)
        else:
            self.counts.refused_stores += 1

    def deliver(self, relation: Relation, day: int) -> None:
        relation.sent_day = day
        self.counts.sends += 1
        if self.random.random() < w1.READ:
            read = self.env.timeout(self.delay(w1.READ_MEAN))
            read.callbacks.append(partial(self.read, relation))

    def read(self, relation: Relation, _: simpy.Event) -> None:
        self.counts.reads += 1
        self.visit(relation)

    def delay(self, mean: float) -> int:
        """Exponential, in whole seconds; what has been started ends a second later at the earliest."""
        return 1 + int(self.random.expovariate(1 / mean))


def run(consumers: int, days: int = 365, seed: int = 7) -> Row:
    """One run of W1, as a benchmark row."""
    market = Market(consumers, days, seed)
    gc.freeze()  # the market lives until the end: the collector need not walk it again and again
    start = time.perf_counter()
    market.run()
    seconds = time.perf_counter() - start
    gc.unfreeze()
    return w1.row("simpy", consumers, 1, days, asdict(market.counts), seconds)
