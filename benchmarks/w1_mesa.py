"""W1 in Mesa: consumers and stores are agents, all that happens is an event of Mesa's discrete-event simulator.

Mesa's own way for models whose agents act at times of their own is `mesa.experimental.devs`: a heap of events that call an
agent's method. It is event-exact; stepping all agents day by day, Mesa's older way, would not be.
"""

from __future__ import annotations

import gc
import time
from bisect import bisect_left
from itertools import islice

from mesa import Agent, Model
from mesa.experimental.devs import DEVSimulator

from benchmarks import w1
from benchmarks.rows import Row


class Relation:
    """What a consumer is to one of the stores that the consumer knows."""

    __slots__ = ("consumer", "sent_day", "stage", "store")

    def __init__(self, consumer: Consumer, store: int) -> None:
        self.consumer, self.store = consumer, store
        self.stage, self.sent_day = w1.STRANGER, -w1.WINDOW_DAYS


class Consumer(Agent):
    """Opens stores, reads messages, buys."""

    model: Market

    def __init__(self, model: Market) -> None:
        super().__init__(model)
        self.message_day, self.stores = -1, 0
        known = model.random.sample(range(w1.STORES), w1.STORES_KNOWN)
        self.relations = [Relation(self, store) for store in known]
        self.exact = 0.0  # time of the next session, of a Poisson process, before it is taken down to the whole second

    def expect_session(self) -> None:
        self.exact += self.model.random.expovariate(w1.SESSIONS_PER_DAY / w1.DAY)
        self.model.simulator.schedule_event_absolute(self.session, int(self.exact))

    def session(self) -> None:
        self.model.counts["sessions"] += 1
        self.visit(self.relations[int(self.model.random.random() * w1.STORES_KNOWN)])
        self.expect_session()

    def visit(self, relation: Relation) -> None:
        """A step towards membership, perhaps, and an order, perhaps."""
        model = self.model
        random = model.random.random
        if relation.stage == w1.STRANGER:
            if random() < w1.FOLLOW:
                relation.stage = w1.FAN
                model.stores[relation.store].welcome(relation)
                model.counts["follows"] += 1
        elif relation.stage == w1.FAN and random() < w1.JOIN:
            relation.stage = w1.MEMBER
            model.counts["joins"] += 1
        if random() < w1.BUY[relation.stage]:
            model.counts["orders"] += 1
            model.simulator.schedule_event_relative(self.receive, model.delay(w1.RECEIPT_MEAN))

    def receive(self) -> None:
        self.model.counts["receipts"] += 1

    def read(self, relation: Relation) -> None:
        self.model.counts["reads"] += 1
        self.visit(relation)


class Store(Agent):
    """Writes to its fans on its days."""

    model: Market

    def __init__(self, model: Market, number: int) -> None:
        super().__init__(model)
        self.number = number
        # In order of following, so that the fans as of a past time are a prefix of the list.
        self.fans: list[Relation] = []
        self.fans_since: list[float] = []
        self.days = (day for day in range(model.days) if w1.sends_on(number, day))

    def expect_write(self) -> None:
        day = next(self.days, None)
        if day is not None:
            time = w1.send_time(self.number, day)
            self.model.simulator.schedule_event_absolute(self.write, time, function_args=[day])

    def welcome(self, relation: Relation) -> None:
        self.fans.append(relation)
        self.fans_since.append(self.model.simulator.time)

    def write(self, day: int) -> None:
        """To those who were its fans at 00:00."""
        for relation in islice(self.fans, bisect_left(self.fans_since, day * w1.DAY)):
            self.send(relation, day)
        self.expect_write()

    def send(self, relation: Relation, day: int) -> None:
        """Deliver a message unless one of the two caps refuses it, the cap of the store's own window first."""
        model, consumer = self.model, relation.consumer
        if day - relation.sent_day < w1.WINDOW_DAYS:
            model.counts["refused_window"] += 1
            return
        if consumer.message_day != day:
            consumer.message_day, consumer.stores = day, 0
        if consumer.stores == w1.STORES_A_DAY:
            model.counts["refused_stores"] += 1
            return
        consumer.stores += 1
        relation.sent_day = day
        model.counts["sends"] += 1
        if model.random.random() < w1.READ:
            delay = model.delay(w1.READ_MEAN)
            model.simulator.schedule_event_relative(consumer.read, delay, function_args=[relation])


class Market(Model):
    """The model: its agents, its events, its counts."""

    def __init__(self, consumers: int, days: int, seed: int) -> None:
        super().__init__(rng=seed)
        self.days = days
        self.counts = dict.fromkeys(w1.COUNTS, 0)
        self.simulator = DEVSimulator()
        self.simulator.setup(self)
        self.stores = [Store(self, number) for number in range(w1.STORES)]
        everybody = [Consumer(self) for _ in range(consumers)]
        for store in self.stores:
            store.expect_write()
        for consumer in everybody:
            consumer.expect_session()

    def run(self) -> None:
        """From 00:00 of day 0 until the end of the last day."""
        self.simulator.run_until(self.days * w1.DAY - 1)  # what is due at the end itself belongs to the next day

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
    return w1.row("mesa", consumers, 1, days, market.counts, seconds)
