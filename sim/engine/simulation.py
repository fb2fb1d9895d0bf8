"""One run of a scenario: the clock's loop, and what merchants and the platform do at its instants."""

from __future__ import annotations

import bisect
import datetime as dt
import heapq
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import pairwise
from time import perf_counter

import numpy as np

from sim.engine.asked import act, messages_of, times_of
from sim.engine.clock import AGENDA, CLOSE_BOOKS, GATES, MERCHANTS, POLICIES, Action, Clock
from sim.engine.founding import found
from sim.engine.gates import Gates
from sim.engine.kernel import LOG_SAMPLE_SHARE
from sim.engine.plans import PlansUnderWay
from sim.engine.population import Population
from sim.engine.recut import recut
from sim.engine.segments import begin
from sim.engine.snapshot import Books, Snapshot
from sim.engine.tasks import Task, TaskBook, crowds_by_merchant, group_by_merchant
from sim.engine.verdicts import at_creation, at_midnight, on_crowds
from sim.engine.world import (
    caps_of_day,
    categories_table,
    filters_of_day,
    hours_before,
    longest_window,
    merchants_table,
    root_key,
    set_day,
    world_at_start,
)
from sim.errors import BadInput
from sim.policies.effect_data import EffectData
from sim.policies.overlap import Overlap
from sim.scenario.load import Scenario
from sim.stages.engage import ALL_MERCHANTS
from sim.state.draws import LOG_SAMPLE, Keys, draw_each
from sim.state.names import (
    CHANNELS,
    DAY,
    DECLARED_PAST,
    FIGURES,
    IS_CUSTOMER,
    LOG_MESSAGE_BLOCKED,
    LOG_OPT_OUT,
    LOG_ORDER,
    LOG_REASONS,
    LOG_TASK,
    NEVER,
    OLD_CUSTOMER_DAYS,
    STOCK_FANS,
    STOCK_MEMBERS,
    STOCK_OLD,
    TASK_READ_SEEN,
    TASK_SENT,
)
from sim.state.policy import Message, SeenTask, View, place_of
from sim.state.shard import Today, as_kernel_reads
from sim.state.tables import LOG

CONSUMERS_A_SHARD = 32_768  # enough that NumPy asks for large pages for their rows
NO_CONSUMER = -1
NO_ORDER = -1  # an order of the past has no id
NO_TASK = -1
KNOWN_LATER = ("follows", "unfollows", "fans")  # [FAN-3]
SEEN_BY_TASK = ("messages_sent", "messages_read", "messages_refused")  # when its effect data are made [MSG-15]
HIDDEN = ("left",)  # who has dropped out does not say so
SEEN_FIGURES = {name: column for column, name in enumerate(FIGURES) if name not in (*SEEN_BY_TASK, *HIDDEN)}
SEEN_STOCKS = {"fans": STOCK_FANS, "members": STOCK_MEMBERS, "old_customers": STOCK_OLD}
LOG_MODES = {"none": 0, "sample": 1, "all": 2, "full": 2}

OnLog = Callable[[np.ndarray], None]


def in_log_sample(keys: Keys) -> np.ndarray:
    """Which of the consumers a sampled log has; as the kernel decides."""
    return draw_each(keys, LOG_SAMPLE) < LOG_SAMPLE_SHARE


def send_time(task: SeenTask) -> int:
    """What a merchant's tasks are in the order of."""
    return task.time


class OwnDays(Mapping[str, list[int]]):
    """What a merchant sees of its own days, a number per day by name; counted only when looked at.

    Of what counts fans, the last day is not known yet: T+2 [FAN-3].
    """

    def __init__(self, simulation: Simulation, merchant: int, book: str, names: Mapping[str, int]) -> None:
        """`book` is one of the books' attributes, `names` are its columns by name."""
        self._simulation, self._merchant, self._book, self._names = simulation, merchant, book, names

    def __getitem__(self, name: str) -> list[int]:
        column = self._names[name]
        days = getattr(self._simulation.books, self._book)
        return [int(of_day[self._merchant, column]) for of_day in (days[:-1] if name in KNOWN_LATER else days)]

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


class Simulation:
    """A run in progress. The same scenario and seed give the same run, whatever the threads and shards."""

    def __init__(
        self,
        scenario: Scenario,
        seed: int | None = None,
        threads: int | None = None,
        shards: int | None = None,
        events: str = "none",
        on_log: OnLog | None = None,
        resumed: Snapshot | None = None,
    ) -> None:
        self.scenario = scenario
        self.seed = scenario.seed if seed is None else seed
        self.threads = threads or os.cpu_count() or 1
        self.days = scenario.settings.days
        self.events = events
        self.books = Books()
        self.seconds = {"consumers": 0.0, "merchants and platform": 0.0, "event log": 0.0}
        self._on_log = on_log
        self._root = root_key(self.seed)
        self._world = world_at_start(scenario, LOG_MODES[events])
        self._merchants = merchants_table(scenario)
        self._categories, self._stores = categories_table(scenario)
        self._hours = hours_before(scenario)
        self.tasks = TaskBook([merchant.name for merchant in scenario.merchants], self._root)
        self.plans = PlansUnderWay()
        self._longest_window = max(OLD_CUSTOMER_DAYS, *(policy.looks_back for policy in scenario.all_policies), 0)
        self._seen: list[tuple[SeenTask, ...]] = [() for _ in scenario.merchants]  # by merchant and time
        self._unseen: list[tuple[int, int]] = []  # a heap of (visible, row) of tasks whose effect data are not made yet
        everyone = range(len(scenario.merchants))
        self._figures = [OwnDays(self, m, "figures", SEEN_FIGURES) for m in everyone]
        self._stocks = [OwnDays(self, m, "stocks", SEEN_STOCKS) for m in everyone]
        self.gates = Gates(scenario)
        self._platform_log: list[np.ndarray] = []
        self._last_seq = (NEVER * DAY, 0)
        self._reached = scenario.first_day * DAY if resumed is None else resumed.now
        if resumed is None:
            first = scenario.first_day
            self._today = self._what_kernel_reads(first)
            self.population = Population(self._found(shards), self.threads)
            self.population.make_reason_room(len(self.gates.reasons))
            for shard in self.population.shards:
                begin(shard)
            self.clock = Clock(first * DAY, self._ahead(first))
            self._log_past()
            if self.merchants_plan:
                self._plan_messages(first - 1)
        else:
            self._take_up(resumed, shards)

    # Snapshots

    def snapshot(self) -> Snapshot:
        """All state after an instant, or before the first: what goes on from it goes on as this run."""
        return Snapshot(
            now=self.clock.now,
            started=self.clock.started,
            actions=self.clock.table(),
            tasks=list(self.tasks.tasks),
            verdicts=dict(self.tasks.verdicts),
            plans=dict(self.plans.rows),
            shards=self.population.shards,
            books=self.books,
            log=np.concatenate([LOG.rows(0), *self._platform_log]),
        )

    def _take_up(self, snapshot: Snapshot, shards: int | None) -> None:
        for task in snapshot.tasks:  # how late their effects are is for the rules of their own days, also of a shared past
            self.tasks.add(task.merchant, task.message, task.created, self._days_late(task.message))
        self.tasks.verdicts.update(snapshot.verdicts)
        self.plans = PlansUnderWay(snapshot.plans.items())
        self._unseen = sorted((task.visible, row) for row, task in enumerate(self.tasks.tasks))
        self.books = snapshot.books
        self._platform_log = [snapshot.log]
        day = snapshot.now // DAY
        if snapshot.started:
            self.population = Population(snapshot.shards, self.threads)
            self.clock = Clock(snapshot.now, snapshot.actions, snapshot.started)
        else:  # a past that this scenario shares: what comes after it is the scenario's own
            cuts = self._cuts(shards)
            as_stored = [shard.first for shard in snapshot.shards] == cuts[:-1]
            self.population = Population(snapshot.shards if as_stored else recut(snapshot.shards, cuts), self.threads)
            self.population.make_reason_room(len(self.gates.reasons))
            self.clock = Clock(snapshot.now, self._ahead(day))
        self._today = self._what_kernel_reads(day)

    # What the run is made of

    @property
    def end(self) -> int:
        """The end of the run (s)."""
        return self.days * DAY

    @property
    def in_past(self) -> bool:
        """Whether the run is still in its own past."""
        return self.clock.now < 0

    @property
    def planned_by_past(self) -> int:
        """Before this time (s) merchants plan by the strategies of the past: those of day 0 are asked the day before."""
        return -DAY if self.scenario.own_past is None else 0

    @property
    def merchants_plan(self) -> bool:
        """Whether any merchant has a strategy, now or in its past."""
        return any(merchant.strategy or merchant.past_strategy for merchant in self.scenario.merchants)

    def _cuts(self, shards: int | None) -> list[int]:
        """Where each shard begins, and the end: ids of consumers."""
        count = self.scenario.consumers
        if shards is None:
            turns = max(1, -(-count // (CONSUMERS_A_SHARD * self.threads)))
            shards = turns * self.threads  # so that no thread waits for another
        return [count * k // shards for k in range(shards + 1)]

    def _found(self, shards: int | None) -> list:
        cuts = self._cuts(shards)
        ring = longest_window(self.scenario)
        with np.errstate(over="ignore"):
            return [found(self.scenario, self._root, self._today, first, last - first, ring) for first, last in pairwise(cuts)]

    def _ahead(self, first: int) -> list[Action]:
        """What is known ahead on the first day, of the past (to its end) or of the run."""
        return [*self._midnight(first), *(self._times_of_past() if first < 0 else self._policies_times())]

    def _midnight(self, day: int) -> list[Action]:
        """What is done at 00:00 of every day."""
        actions = [Action(day * DAY, AGENDA, "agenda")]
        if day > self.scenario.first_day:
            actions.append(Action(day * DAY, CLOSE_BOOKS, "books"))
        if self.merchants_plan:
            actions.append(Action(day * DAY, MERCHANTS, "merchants"))
        return actions

    def _policies_times(self) -> Iterable[Action]:
        for name, policy in self.scenario.policies.items():
            for ordinal, time in enumerate(times_of(policy, self.days)):
                if 0 <= time < self.end and policy.in_force(time // DAY, self.scenario.settings.start):
                    yield Action(time, POLICIES, name, ordinal)

    def _times_of_past(self) -> Iterable[Action]:
        first = self.scenario.first_day
        for name, policy in self.scenario.past_policies.items():
            for ordinal, time in enumerate(times_of(policy, -first)):
                if 0 <= time < -first * DAY:
                    yield Action(first * DAY + time, POLICIES, name, ordinal)

    # The loop

    def run(self, until: int | None = None, on_instant: Callable[[int], bool] | None = None) -> bool:
        """Go on to `until` (s; the end by default). `on_instant(time)` may stop the run there by answering True.

        Answers whether the run got there; a run that was stopped, or that got to the end, may be asked again. A scenario
        with a past of its own begins there, at a negative time.
        """
        until = self.end if until is None else until
        if self.in_past:
            if not self._go_on(min(until, 0), on_instant):
                return False
            if until < 0:
                return True
            self._leave_past()
        if not self._go_on(until, on_instant):
            return False
        if until >= self.end and len(self.books.figures) < self.days - self.scenario.first_day:
            self._close_books(self.days - 1)
            self.population.close()
        return True

    def _leave_past(self) -> None:
        """Come to 0: from now on this is the scenario's own run. A snapshot of now serves all that share the past."""
        self.population.make_reason_room(len(self.gates.reasons))
        for shard in self.population.shards:
            shard.counts[:] = 0
            begin(shard)
        self.clock = Clock(0, self._ahead(0))

    def _go_on(self, until: int, on_instant: Callable[[int], bool] | None) -> bool:
        """Go on to `until`; False: `on_instant` has stopped the run."""
        while (time := self.clock.peek()) < until:
            self._advance(int(time))
            began = perf_counter()
            for action in self.clock.step_instant():
                self._do(action)
            self.seconds["merchants and platform"] += perf_counter() - began
            if on_instant is not None and on_instant(self.clock.now):
                return False
        self._advance(until)
        return True

    def _advance(self, until: int) -> None:
        began = perf_counter()
        if until > self._reached:  # an empty window lays out no day: its agenda may not be there yet
            self.population.advance(self._today, until)
            self._reached = until
        advanced = perf_counter()
        self._hand_over_log()
        self.seconds["consumers"] += advanced - began
        self.seconds["event log"] += perf_counter() - advanced

    def _do(self, action: Action) -> None:
        day = action.time // DAY
        if action.phase == CLOSE_BOOKS:
            self._close_books(day - 1)
        elif action.phase == POLICIES and day < 0:
            act(self.scenario.past_policies[action.name], action.time - self.scenario.first_day * DAY)
        elif action.phase == POLICIES:
            act(self.scenario.policies[action.name], action.time)
        elif action.phase == MERCHANTS:
            self._plan_messages(day)
        elif action.phase == GATES:
            self.gates.at_send(action.time, self._today, self.tasks, self.population)
        else:
            self._lay_agenda(day)

    def _close_books(self, day: int) -> None:
        """Close the day that ended: what merchants know of it from now on (T+1), and, but for the past, the tables."""
        self.books.figures.append(self.population.total("figures"))
        self.books.stocks.append(self.population.total("stocks"))
        if day >= 0:
            self.books.sources.append(self.population.total("sources"))
        for shard in self.population.shards:
            shard.figures[:] = 0
            shard.sources[:] = 0

    def _plan_messages(self, day: int) -> None:
        """Ask every merchant for the tasks of the days to come."""
        now = day * DAY
        self._see_effects(now)
        for m, merchant in enumerate(self.scenario.merchants):
            strategy = merchant.past_strategy if now < self.planned_by_past else merchant.strategy
            if strategy is not None:
                view = View(day, merchant.position, self._seen[m], self._figures[m], self._stocks[m])
                for message in messages_of(strategy, view):
                    try:
                        self._add_task(m, message, now)
                    except ValueError as error:
                        raise BadInput(f"{place_of(strategy)}: {error}") from error

    def _see_effects(self, now: int) -> None:
        """Let merchants see the effect data that are due [MSG-15]; once made, they do not change."""
        due = []
        while self._unseen and self._unseen[0][0] <= now:
            due.append(heapq.heappop(self._unseen)[1])
        if not due:
            return
        figures = np.sum([shard.tasks[due] for shard in self.population.shards], axis=0)
        for row, effect in zip(due, figures, strict=True):
            if self.tasks.is_refused(row):
                continue
            task = self.tasks.tasks[row]
            message = task.message
            sent, read = int(effect[TASK_SENT]), int(effect[TASK_READ_SEEN])
            seen = SeenTask(message.plan, message.time, message.channel, sent, read)
            known = self._seen[task.merchant]
            at = bisect.bisect_right(known, seen.time, key=send_time)
            self._seen[task.merchant] = (*known[:at], seen, *known[at:])

    def _add_task(self, merchant: int, message: Message, created: int) -> None:
        row = len(self.tasks.tasks)
        task = self.tasks.add(merchant, message, created, self._days_late(message))
        self._check_plan(task)
        heapq.heappush(self._unseen, (task.visible, row))
        self._log_task(task)
        verdict = at_creation(self.scenario, message, created)
        if verdict is not None:
            self.tasks.verdicts[row] = verdict
            self._log_refusal(row, created)

    def _days_late(self, message: Message) -> int:
        """By how many days the effect data of a task are late [MSG-15]."""
        day = message.time // DAY
        policies = self.scenario.in_force(day, EffectData)
        date = self.scenario.settings.start + dt.timedelta(days=day) if policies else None
        return int(any(date in policy.promotions for policy in policies))

    def _check_plan(self, task: Task) -> None:
        """Where tasks of a plan must not overlap, all of them are known before the first is sent [MSG-8]."""
        plan = self.tasks.plan_of(task)
        if plan is None or self.tasks.size(plan) == 1:
            return
        policies = self.scenario.past_policies if task.created < self.planned_by_past else self.scenario.policies
        no_overlap = any(isinstance(policy, Overlap) for policy in policies.values())
        if no_overlap and self.tasks.has_begun(plan, task.created):
            merchant = self.scenario.merchants[task.merchant]
            strategy = merchant.past_strategy if task.created < self.planned_by_past else merchant.strategy
            use = "" if strategy is None else strategy.use
            raise BadInput(
                f"strategy {use!r} of merchant {merchant.name!r}: plan {task.message.plan!r} was given another task on day "
                f"{task.created // DAY}, after its first was sent; under 'overlap' all tasks of a plan must be created before "
                "that: name them all at once, or give each a plan of its own"
            )

    def _lay_agenda(self, day: int) -> None:
        """Bring what the kernel reads to the new day."""
        self.population.make_task_room(len(self.tasks.tasks))
        self.population.make_plan_room(self.plans.turn_to(day, self.tasks))
        refused = at_midnight(self.scenario, day, self.tasks, self.population)
        self._today = self._what_kernel_reads(day)
        too_small = on_crowds(self.scenario, day, self._today, self.tasks, self.population)
        if too_small is not None:
            refused += too_small
            self._today = self._what_kernel_reads(day)
        for row in sorted(refused):
            self._log_refusal(row, day * DAY)
        self.gates.at_midnight(day, self._today, self.tasks, self.population)
        for time in self.gates.times(day, self._today):
            self.clock.schedule(Action(time, GATES, "gates"))
        for shard in self.population.shards:
            ended = shard.old_expiry[:, day % OLD_CUSTOMER_DAYS]
            shard.stocks[:, STOCK_OLD] -= ended
            ended[:] = 0
        for action in self._midnight(day + 1):
            if action.time < (0 if day < 0 else self.end):
                self.clock.schedule(action)

    def _what_kernel_reads(self, day: int) -> Today:
        set_day(self._world, self.scenario, self._root, day)
        self._world["log_mode"] = LOG_MODES[self.events] if self._is_logged(day) else 0
        self.tasks.make_arrays()
        agenda = self.tasks.agenda(day, self.plans.rows)
        filters = filters_of_day(self.scenario, day)
        by_merchant = group_by_merchant(agenda, self._merchants)
        self._world["tasks_a_store"] = self._merchants["agenda_count"].max(initial=0)
        caps = caps_of_day(self.scenario, day)
        gates, numbers = self.gates.table(day)
        self._world["own_gates"] = len(self.gates.in_force(day)) > 0
        book = self.tasks
        return as_kernel_reads(
            Today(
                self._world,
                self._merchants,
                self._categories,
                self._stores,
                agenda,
                crowds_by_merchant(agenda, len(self._merchants)),
                by_merchant,
                book.keys,
                book.seen,
                book.channels,
                book.ids,
                caps,
                filters,
                book.thresholds(agenda, len(filters)),
                gates,
                numbers,
                self._hours,
            )
        )

    # The event log

    def _is_logged(self, day: int) -> bool:
        """Whether a day is logged: of a past, the longest window that a rule looks back on, before the start."""
        return self.events != "none" and day >= -self._longest_window

    def _log_past(self) -> None:
        """Log what audits need of the past: whose messages are off, and the last order of each declared customer.

        Of these, those in the longest window that a rule looks back on.
        """
        if self.events == "none":
            return
        self._log_switched_off()
        customers = self.scenario.customers
        if customers is None:
            return
        of = np.flatnonzero((customers.enter == IS_CUSTOMER) & (customers.last_day >= -self._longest_window))
        if self.events == "sample":
            keys = np.concatenate([shard.consumers["key"] for shard in self.population.shards])[of]
            of = of[in_log_sample(keys)]
        rows = LOG.rows(len(of))
        rows["time"], rows["consumer"], rows["kind"], rows["ref"] = customers.last_day[of] * DAY, of, LOG_ORDER, NO_ORDER
        rows["reason"] = LOG_REASONS.index(DECLARED_PAST)
        self._platform_log.append(rows)

    def _log_switched_off(self) -> None:
        """Log, in the second before the start, who has the messages of all stores switched off [MSG-14]."""
        consumers = np.concatenate([np.asarray(shard.consumers[["key", "opted_out"]]) for shard in self.population.shards])
        of = np.flatnonzero(consumers["opted_out"])
        if self.events == "sample":
            of = of[in_log_sample(consumers["key"][of])]
        rows = LOG.rows(len(of))
        rows["time"], rows["consumer"], rows["kind"], rows["ref"] = self.clock.now - 1, of, LOG_OPT_OUT, NO_TASK
        rows["merchant"] = ALL_MERCHANTS
        self._platform_log.append(rows)

    def _log_task(self, task: Task) -> None:
        """Log that a task was created, if the day of its sending is logged."""
        if not self._is_logged(task.message.time // DAY):
            return
        row = LOG.rows(1)
        row["time"], row["consumer"], row["seq"] = task.created, NO_CONSUMER, self._next_seq(task.created)
        row["merchant"], row["kind"], row["ref"] = task.merchant, LOG_TASK, task.id
        row["channel"] = CHANNELS.index(task.message.channel)
        row["reason"] = len(LOG_REASONS) + len(self.gates.reasons) + self.tasks.plans[task.message.plan]
        self._platform_log.append(row)

    def _log_refusal(self, row: int, time: int) -> None:
        """Log that a task was refused as a whole: one row, of no consumer."""
        task, reason = self.tasks.tasks[row], self.tasks.verdicts[row].reason
        if not self._is_logged(task.message.time // DAY):
            return
        logged = LOG.rows(1)
        logged["time"], logged["consumer"], logged["seq"] = time, NO_CONSUMER, self._next_seq(time)
        logged["merchant"], logged["kind"], logged["ref"] = task.merchant, LOG_MESSAGE_BLOCKED, task.id
        logged["channel"], logged["reason"] = CHANNELS.index(task.message.channel), LOG_REASONS.index(reason)
        self._platform_log.append(logged)

    def _next_seq(self, time: int) -> int:
        """Order among the rows without a consumer of one second."""
        self._last_seq = (time, self._last_seq[1] + 1) if self._last_seq[0] == time else (time, 0)
        return self._last_seq[1]

    def _hand_over_log(self) -> None:
        """Give the rows of the window that ended to whoever keeps them, in the order of (time, consumer, seq)."""
        if self.events == "none" or self._on_log is None:
            return
        rows = np.concatenate([*self._platform_log, *self.population.take_log()])
        self._platform_log.clear()
        if len(rows):
            self._on_log(rows[np.lexsort((rows["seq"], rows["consumer"], rows["time"]))])
