"""One run of a scenario: the clock's loop, and what merchants and the platform do at its instants."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from functools import partial
from itertools import pairwise
from time import process_time

import numpy as np

from sim.engine.asked import act, times_of
from sim.engine.benefits import Benefits
from sim.engine.clock import AGENDA, CLOSE_BOOKS, GATES, GRADES, MERCHANTS, POLICIES, Action, Clock
from sim.engine.coupling import Coupling
from sim.engine.cuts import cuts
from sim.engine.founding import found
from sim.engine.gamma import taste_tables
from sim.engine.gates import Gates
from sim.engine.grading import Grades
from sim.engine.groups import StoreGroups
from sim.engine.merchants import Merchants, planned_by_past
from sim.engine.plans import PlansUnderWay
from sim.engine.platform_log import LOG_MODES, OnLog, PlatformLog
from sim.engine.popularity import Popularity
from sim.engine.population import Population
from sim.engine.recut import recut
from sim.engine.rules import Rules, RulesInForce
from sim.engine.segments import begin
from sim.engine.snapshot import Books, Snapshot
from sim.engine.stopwatch import Stopwatch
from sim.engine.tallies import Tallies
from sim.engine.tasks import NOT_INVITED, Task, TaskBook, crowds_by_merchant, group_by_merchant
from sim.engine.verdicts import at_creation, at_midnight, counted, on_crowds
from sim.engine.world import (
    categories_table,
    hours_before,
    longest_window,
    merchants_table,
    named_crowds_table,
    root_key,
    set_day,
    set_exposure,
    set_invitations,
    set_rules,
    streams_of_a_day,
    world_at_start,
)
from sim.errors import BadInput
from sim.garbage import set_up_left_alone
from sim.policies.overlap import Overlap
from sim.scenario.load import Scenario
from sim.state.coupling import STEP
from sim.state.names import BENEFIT_DAYS, DAY, OLD_CUSTOMER_DAYS, REFUSALS, STOCK_OLD
from sim.state.policy import JoinSetting, Message, Switch, place_of
from sim.state.shard import Today, as_kernel_reads

CONSUMERS, EVENT_LOG = "consumers", "event log"  # parts of its time that are not the host's


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
        self._watch = Stopwatch()
        self.processor_seconds = 0.0  # that the consumers' path has taken so far, of all threads together
        self._on_log = on_log
        self._root = root_key(self.seed)
        self._streams = streams_of_a_day(self._root)
        self._world = world_at_start(scenario, LOG_MODES[events])
        self._merchants = merchants_table(scenario)
        self._tastes, self._merchants["taste_row"] = taste_tables(scenario)
        self._categories, self._stores = categories_table(scenario)
        self._hours = hours_before(scenario)
        self._named_crowds = named_crowds_table(scenario)
        self.popularity = Popularity(scenario)
        self.tasks = TaskBook([merchant.name for merchant in scenario.merchants], self._root)
        self.tallies = Tallies(self.tasks)
        self.plans = PlansUnderWay()
        self.gates = Gates(scenario, self._watch)
        self.coupling = Coupling(scenario, self.gates)
        self._rules = RulesInForce(scenario, self.gates)
        self.benefits = Benefits(scenario)
        self.groups = StoreGroups(scenario, self.benefits.names)
        self._planned_by_past = planned_by_past(scenario)
        of_run, of_past = scenario.policies.values(), scenario.past_policies.values()
        self._no_overlap = [any(isinstance(policy, Overlap) for policy in policies) for policies in (of_run, of_past)]
        self._laid_down: Rules | None = None  # the rules that the kernel's tables hold
        self._log = PlatformLog(scenario, events)
        self.grades = Grades(scenario, self._rules, self.benefits, self._log)
        self._reached = scenario.first_day * DAY if resumed is None else resumed.now
        if resumed is None:
            first = scenario.first_day
            self.merchants = Merchants(scenario, self.books, self.tasks, self.tallies, self.grades, self.benefits)
            self._today = self._what_kernel_reads(first)
            self.population = Population(self._found(shards), self.threads)
            self._make_reason_room()
            self.population.make_benefit_room(len(self.benefits), len(self.groups))
            for shard in self.population.shards:
                begin(shard)
            self.clock = Clock(first * DAY, self._ahead(first))
            self._log.past(self.population.shards, self.clock.now)
            if self.merchants.plan:
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
            verdicts=self.tasks.verdicts,
            tallies=self.tallies.rows,
            figures=self.tallies.figures[: len(self.tasks.tasks)],
            plans=dict(self.plans.rows),
            shards=self.population.shards,
            books=self.books,
            log=self._log.rows,
            coupling=self.coupling.stored(),
            benefits=self.benefits.stored(),
            grades=self.grades.stored(),
            groups=self.groups.stored(),
        )

    def _take_up(self, snapshot: Snapshot, shards: int | None) -> None:
        for task in snapshot.tasks:  # how late their effects are is for the rules of their own days, also of a shared past
            self.tasks.add(task.merchant, task.message, task.created, self._rules.days_late(task.message.time))
        self.tasks.take_up(snapshot.verdicts)
        self.tallies.take_up(snapshot.tallies, snapshot.figures)
        self.plans = PlansUnderWay(snapshot.plans.items())
        self.books = snapshot.books
        self.merchants = Merchants(self.scenario, self.books, self.tasks, self.tallies, self.grades, self.benefits)
        self._log.take_up(snapshot.log, snapshot.now)
        self.benefits.restore(snapshot.benefits)
        self.groups.restore(snapshot.groups)
        day = snapshot.now // DAY
        self.coupling.restore(snapshot.coupling, day)
        self.grades.restore(snapshot.grades, day)
        if snapshot.started:
            self.population = Population(snapshot.shards, self.threads)
            self.clock = Clock(snapshot.now, snapshot.actions, snapshot.started)
        else:  # a past that this scenario shares: what comes after it is the scenario's own
            pieces = cuts(self.scenario.consumers, self.threads, shards)
            as_stored = [shard.first for shard in snapshot.shards] == pieces[:-1]
            self.population = Population(snapshot.shards if as_stored else recut(snapshot.shards, pieces), self.threads)
            self._make_reason_room()
            self.clock = Clock(snapshot.now, self._ahead(day))
        self.population.make_benefit_room(len(self.benefits), len(self.groups))
        self._today = self._what_kernel_reads(day)
        self.coupling.take_up(self._today, self.population)

    # What the run is made of

    @property
    def end(self) -> int:
        """The end of the run (s)."""
        return self.days * DAY

    @property
    def seconds(self) -> dict[str, float]:
        """Wall seconds so far of the three parts of the clock's loop."""
        taken = self._watch.seconds
        host = sum(self.host_seconds.values())
        return {CONSUMERS: taken.get(CONSUMERS, 0.0), "merchants and platform": host, EVENT_LOG: taken.get(EVENT_LOG, 0.0)}

    @property
    def host_seconds(self) -> dict[str, float]:
        """Those of merchants and the platform: what a family of policies does by itself under its name, the rest by task."""
        return {part: taken for part, taken in self._watch.seconds.items() if part not in (CONSUMERS, EVENT_LOG)}

    @property
    def in_past(self) -> bool:
        """Whether the run is still in its own past."""
        return self.clock.now < 0

    def _found(self, shards: int | None) -> list:
        pieces = cuts(self.scenario.consumers, self.threads, shards)
        ring = longest_window(self.scenario)
        with np.errstate(over="ignore"):
            return [found(self.scenario, self._root, self._today, a, b - a, ring) for a, b in pairwise(pieces)]

    def _ahead(self, first: int) -> list[Action]:
        """What is known ahead on the first day, of the past (to its end) or of the run."""
        return [*self._midnight(first), *(self._times_of_past() if first < 0 else self._policies_times())]

    def _midnight(self, day: int) -> list[Action]:
        """What is done at 00:00 of every day."""
        actions = [Action(day * DAY, AGENDA, "agenda"), Action(day * DAY, GRADES, "grades")]
        if day > self.scenario.first_day:
            actions.append(Action(day * DAY, CLOSE_BOOKS, "books"))
        if self.merchants.plan:
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
        self.population.compile(self._today)  # what takes a minute once is no part of what a run takes
        with set_up_left_alone():
            return self._run(until, on_instant)

    def _run(self, until: int, on_instant: Callable[[int], bool] | None) -> bool:
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
            self.tallies.close(self.population)
            self.population.close()
        return True

    def _leave_past(self) -> None:
        """Come to 0: from now on this is the scenario's own run. A snapshot of now serves all that share the past."""
        self._make_reason_room()
        self.coupling.acted.clear()
        self.population.close_up()
        for shard in self.population.shards:
            shard.counts[:] = 0
            begin(shard)
        self.clock = Clock(0, self._ahead(0))

    def _make_reason_room(self) -> None:
        """Count refusals for the reasons of the scenario's own gates, from now on."""
        self.population.make_reason_room(len(self.gates.reasons))
        self.tallies.make_reason_room(len(self.gates.reasons))

    def _go_on(self, until: int, on_instant: Callable[[int], bool] | None) -> bool:
        """Go on to `until`; False: `on_instant` has stopped the run."""
        while (time := self.clock.peek()) < until:
            self._advance(int(time))
            with self._watch.on("all else"):
                for action in self.clock.step_instant():
                    self._do(action)
            if on_instant is not None and on_instant(self.clock.now):
                return False
        self._advance(until)
        return True

    def _advance(self, until: int) -> None:
        if until > self._reached:  # an empty window lays out no day: its agenda may not be there yet
            with self._watch.on(CONSUMERS):
                began = process_time()
                exhausted = self.coupling.advance(self.population, self._today, until)
                self.processor_seconds += process_time() - began
            for counter in exhausted:
                self._log.exhausted(*counter)
            self._reached = until
        with self._watch.on(EVENT_LOG):
            self._hand_over_log()

    def _do(self, action: Action) -> None:
        day = action.time // DAY
        if action.phase == CLOSE_BOOKS:
            with self._watch.on("books"):
                self._close_books(day - 1)
        elif action.phase == GRADES:
            with self._watch.on("grading"):
                self._grade(action.time)
        elif action.phase == POLICIES:
            policies, began = (
                (self.scenario.policies, 0) if day >= 0 else (self.scenario.past_policies, self.scenario.first_day)
            )
            with self._watch.on(policies[action.name].use):
                act(policies[action.name], action.time - began * DAY)
        elif action.phase == MERCHANTS:
            with self._watch.on("strategies"):
                self._plan_messages(day)
        elif action.phase == GATES:
            with self._watch.on("message gates"):
                self.gates.at_send(self._rules.on(day).gates, action.time, self._today, self.tasks, self.population)
        else:
            self._lay_agenda(day)

    def _close_books(self, day: int) -> None:
        """Close the day that ended: what merchants know of it from now on (T+1), and, but for the past, the tables."""
        self.tallies.end_day(self.population)
        figures = self.population.total("figures")
        figures[:, BENEFIT_DAYS] = self.grades.online_on(day)
        self.books.figures.append(figures)
        self.books.stocks.append(self.population.total("stocks"))
        if day >= 0:
            self.books.sources.append(self.population.total("sources"))
            self.books.refusals.append(self.population.total("refusals"))
        for shard in self.population.shards:
            shard.figures[:] = 0
            shard.sources[:] = 0
            shard.refusals[:] = 0

    def _grade(self, time: int) -> None:
        """Grade merchants, and have their timers run; who is taken in by whom may change at once."""
        self.grades.at(time, self.books.figures, self.population)
        self.grades.bring_merchants(self._merchants)
        for due in self.grades.timers(time):
            if due < (0 if time < 0 else self.end):
                self.clock.schedule(Action(due, GRADES, "grades"))

    def _plan_messages(self, day: int) -> None:
        """Ask every merchant for the tasks of the days to come, and for what it sets now."""
        self.merchants.see_effects(day)
        first = len(self.tasks.tasks)
        for merchant, strategy, wanted in self.merchants.ask(day):
            if isinstance(wanted, Message):
                try:
                    self.tasks.add(merchant, wanted, day * DAY, self._rules.days_late(wanted.time))
                except ValueError as error:
                    raise BadInput(f"{place_of(strategy)}: {error}") from error
                continue
            self._take_in(first)  # as it stood when they were asked for
            first = len(self.tasks.tasks)
            if isinstance(wanted, JoinSetting):
                self.grades.choose(merchant, wanted.setting, day * DAY, self.population)
            else:
                self._switch(merchant, wanted, day)
        self._take_in(first)

    def _switch(self, merchant: int, wanted: Switch, day: int) -> None:
        """A merchant switches a benefit from the next 00:00 on, if it may; a refusal is counted with the day's [GRD-5]."""
        reason = ""
        if not self.grades.may(merchant, "benefit_tools"):
            reason = "noncompliant"
        elif wanted.on and self.benefits.is_gift_full(wanted.benefit, merchant, day + 1):
            reason = "gift_limit"
        if reason:
            self.population.shards[0].refusals[merchant, REFUSALS.index(("benefit", reason))] += 1
        else:
            self.benefits.switch(wanted.benefit, merchant, wanted.on, day + 1)

    def _take_in(self, first: int) -> None:
        """Decide what is decided at once of the new tasks, from a row of the book on."""
        self.merchants.will_see(first)
        logs = self.events != "none"
        for row, task in enumerate(self.tasks.tasks[first:], first):
            self._check_plan(task)
            if logs:
                self._log.task(task, len(self.gates.reasons), self.tasks.plans[task.message.plan])
            reason = at_creation(self._rules, task.message, task.created)
            if task.message.crowd == "members" and not self.grades.may(task.merchant, "outreach"):
                reason = NOT_INVITED
            if reason:
                self.tasks.refused[row] = reason
                self._log.refusal(task, task.created, reason)

    def _check_plan(self, task: Task) -> None:
        """Where tasks of a plan must not overlap, all of them are known before the first is sent [MSG-8]."""
        if not self._no_overlap[task.created < self._planned_by_past]:
            return
        plan = self.tasks.plan_of(task)
        if plan is not None and self.tasks.has_begun(plan, task.created):
            strategy = self.merchants.strategies(task.created)[task.merchant]
            use, name = "" if strategy is None else strategy.use, self.scenario.merchants[task.merchant].name
            raise BadInput(
                f"strategy {use!r} of merchant {name!r}: plan {task.message.plan!r} was given another task on day "
                f"{task.created // DAY}, after its first was sent; under 'overlap' all tasks of a plan must be created before "
                "that: name them all at once, or give each a plan of its own"
            )

    def _lay_agenda(self, day: int) -> None:
        """Bring what the kernel reads to the new day."""
        self.population.make_plan_room(self.plans.turn_to(day, self.tasks))
        with self._watch.on("what may run out"):
            self.coupling.turn_to(day)
        rules = self._rules.on(day)
        with self._watch.on("message rules"):
            refused = at_midnight(self._rules, day, self.tasks, self.tallies)
        self.tallies.begin_day(day, self.population)
        self.groups.begin_day(day, self.population, self.grades)
        self._today = self._what_kernel_reads(day)
        if len(self.benefits):
            self._log.switched(self.benefits.changes(), self.benefits, day)
        too_small, deliveries = self._count_crowds(day)
        for row in sorted(refused + too_small):
            self._log.refusal(self.tasks.tasks[row], day * DAY, self.tasks.refused[row])
        with self._watch.on("what may run out"):
            self.coupling.take_up(self._today, self.population, deliveries)
        with self._watch.on("message gates"):
            self.gates.at_midnight(rules.gates, day, self._today, self.tasks, self.population)
        for time in self.gates.times(rules.gates, day, self._today):
            self.clock.schedule(Action(time, GATES, "gates"))
        for shard in self.population.shards:
            ended = shard.old_expiry[:, day % OLD_CUSTOMER_DAYS]
            shard.stocks[:, STOCK_OLD] -= ended
            ended[:] = 0
        for action in self._midnight(day + 1):
            if action.time < (0 if day < 0 else self.end):
                self.clock.schedule(action)

    def _count_crowds(self, day: int) -> tuple[list[int], np.ndarray | None]:
        """Decide what needs the crowds of the day's tasks; answers the rows of those that are refused now.

        And for each of the others, (tasks,) int64, no fewer messages than will be delivered; None: nobody asks.
        """
        rules = self._rules.on(day)
        with self._watch.on("what may run out"):
            asked = self.coupling.asks_for_deliveries(self._today, self.population)
        with self._watch.on("message rules"):
            crowds = counted(rules, self._today, self.population, asked)
            if crowds is None:
                return [], None
            too_small = on_crowds(rules, self._today, self.tasks, crowds)
            agenda = np.asarray(self._today.agenda)
            thresholds = self.tasks.thresholds(agenda, len(rules.filters))
            self._today = self._today._replace(thresholds=thresholds)
            if too_small:
                self._today = as_kernel_reads(self._today._replace(**self._agenda_of(day, len(rules.filters))))
            if not asked:
                return too_small, None
            left = [k for k, row in enumerate(agenda["row"].tolist()) if row not in self.tasks.refused]
            return too_small, crowds.deliveries_at_most(thresholds)[left]

    def _what_kernel_reads(self, day: int) -> Today:
        rules, tallies = self._rules.on(day), self.tallies
        if rules is not self._laid_down or len(self.benefits):  # whose prices are laid over those of relations
            set_rules(self._world, self._merchants, rules)
            self._laid_down = rules
        set_day(self._world, self._merchants, self.scenario, self._streams, day, rules)
        if len(self.benefits):
            with self._watch.on("benefit"):
                self.benefits.turn_to(day, self._merchants, self.coupling)
        if len(self.groups):
            self.groups.turn_to(day, self._merchants, self.coupling)
        set_invitations(self._world, self._merchants, self.scenario, day, rules)
        with self._watch.on("grading"):
            self.grades.bring_day(self._world, day)
            self.grades.bring_merchants(self._merchants)
        exposure = self.popularity.exposure(self.books.figures) + self.grades.log_visibility
        if len(self.benefits):
            with self._watch.on("benefit"):
                exposure += self.benefits.log_price_power
        set_exposure(self._merchants, exposure, self.scenario.settings.behaviour.stores.preference.exposure)
        self._world["log_mode"] = self._log.mode(day)
        shared = self.coupling.tables
        for column, value in (shared.world | self.benefits.columns | self.groups.columns).items():
            self._world[column] = value
        today = Today(
            world=self._world,
            merchants=self._merchants,
            tastes=self._tastes,
            categories=self._categories,
            stores=self._stores,
            tallies=tallies.of_tasks,
            task_keys=tallies.keys,
            task_seen=tallies.seen,
            task_channels=tallies.channels,
            task_ids=tallies.ids,
            caps=rules.caps,
            filters=rules.filters,
            gates=rules.gate_table,
            gate_numbers=rules.gate_numbers,
            benefits=self.benefits.table,
            offers=self.benefits.offers,
            named_crowds=self._named_crowds,
            groups=self.groups.table,
            rooms=rules.rooms[int(self._world["weekday"][0])],
            hours=self._hours,
            coupled=shared.coupled,
            steps=STEP.rows(0),
            claims=shared.claims,
            claims_at=shared.claims_at,
            **self._agenda_of(day, len(rules.filters)),
        )
        return as_kernel_reads(today)

    def _agenda_of(self, day: int, filters: int) -> dict[str, np.ndarray]:
        """What the kernel reads of the day's tasks: those that are not refused as a whole."""
        agenda = self.tasks.agenda(day, self.plans.rows)
        agenda["tally"] = self.tallies.of_tasks[agenda["row"]]
        by_merchant = group_by_merchant(agenda, self._merchants)
        self._world["tasks_a_store"] = self._merchants["agenda_count"].max(initial=0)
        return {
            "agenda": agenda,
            "crowds": crowds_by_merchant(agenda, len(self._merchants)),
            "agenda_by_merchant": by_merchant,
            "thresholds": self.tasks.thresholds(agenda, filters),
        }

    def _hand_over_log(self) -> None:
        """Give the rows of the window that ended to whoever keeps them."""
        if self.events != "none" and self._on_log is not None:
            numbered = partial(self.groups.numbered, coupling=self.coupling)
            self._log.hand_over(self.population.take_log(), self._on_log, numbered)
