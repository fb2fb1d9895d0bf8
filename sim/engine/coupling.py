"""What consumers share: things that may run out or be busy, what is left of them, and the rounds that settle a window.

In the first round everyone lives as if nothing ran out, or where it is expected to. What was asked is put in order and
resolved; whoever was told something else than it should have been is taken back and lives again, until nobody was told wrong.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np

from sim.engine.asked import resources_of
from sim.engine.first_come import group, look_through, serve
from sim.engine.gates import Gates
from sim.engine.population import Population
from sim.engine.resolve import BACK, IS_CLOSED, STATE, resolve
from sim.scenario.load import Scenario
from sim.state.coupling import (
    BY_AMOUNT,
    BY_UNITS,
    CLAIM,
    CLOSED,
    CLOSES,
    COUPLED,
    DELIVERY,
    EXHAUSTED,
    FIXED,
    OCCASIONS,
    OPEN,
    ORDER,
    OTHERS,
    REFUSED,
    RETURNED,
    SERVES,
    SKIPS,
    STEP,
    TAKEN,
    UNCERTAIN,
    VISIT,
)
from sim.state.draws import name_key
from sim.state.names import CLAIM as CLAIM_EVENT
from sim.state.names import DAY, ENTER, INVITED, MESSAGE, NEED, PLATFORM_REASONS, READ, REASONS, RECEIVE, SESSION, URGE, VOID
from sim.state.policy import Desk, Policy, Resource
from sim.state.shard import INTERPRETED, NOWHEN, Today, as_kernel_reads

KINDS = {"close": CLOSES, "skip": SKIPS}
OCCASION_OF = {"delivery": DELIVERY, "order": ORDER, "claim": CLAIM}
ASKED_AT = {  # pending kinds, as bits, that may ask on an occasion
    DELIVERY: 1 << MESSAGE,
    ORDER: 1 << ENTER | 1 << SESSION | 1 << NEED | 1 << READ | 1 << URGE,
    VISIT: 1 << SESSION | 1 << READ | 1 << URGE,
    CLAIM: 1 << ENTER | 1 << SESSION | 1 << NEED | 1 << READ | 1 << URGE | 1 << RECEIVE | 1 << CLAIM_EVENT | 1 << INVITED,
}
UNITS_AT_MOST = 10_000  # that a consumer orders in a window; that a bound of claims was kept is checked afterwards
EVERYTHING = 2**62
COPIED_AT_A_TIME = 0.2  # deliveries to a consumer, if those of a second are not more
WORTH_A_WINDOW = 0.1  # deliveries to a consumer: to stop costs a look at everybody, a question some ten times that
UNKNOWN = (NOWHEN, 0, 0)  # the state of what has not been in force: a server is free, a counter is filled


class Thing(NamedTuple):
    """Something that consumers share, as a policy has declared it."""

    policy: str
    name: str  # what it is known by
    of: Resource | Desk
    merchant: int  # -1: all
    reason: int  # a code of names.REASONS, or of the scenario's own beyond them
    first_day: int  # in force
    number: int  # its position among all of the past and the run

    @property
    def occasion(self) -> int:
        """When it is asked for."""
        return VISIT if isinstance(self.of, Desk) else OCCASION_OF[self.of.claimed_by]

    @property
    def is_platforms(self) -> bool:
        """Whether it is a limit of the platform, which comes before all others."""
        return 0 < self.reason <= PLATFORM_REASONS

    @property
    def counts_messages(self) -> bool:
        """Whether each delivery takes so many units, known before."""
        return isinstance(self.of, Resource) and self.occasion == DELIVERY and self.of.takes != "amount"

    @property
    def claims_of_one(self) -> int:
        """How many claims a consumer makes in a window at most, of what messages do not count; 0: there is no bound."""
        if isinstance(self.of, Desk) or self.of.takes == "amount":
            return 0
        return {ORDER: UNITS_AT_MOST, CLAIM: self.of.per_person}.get(self.occasion, 0)

    @property
    def row(self) -> dict[str, Any]:
        """Its columns of COUPLED that never change."""
        row: dict[str, Any] = {"key": name_key(self.name), "reason": self.reason}
        if isinstance(self.of, Desk):
            spread = self.of.spread == "exponential"
            return row | {"kind": SERVES, "probability": self.of.probability, "service": self.of.seconds, "spread": spread}
        takes = {"units": BY_UNITS, "amount": BY_AMOUNT}.get(str(self.of.takes), FIXED)
        fixed = self.of.takes if isinstance(self.of.takes, int) else 1
        row |= {"kind": KINDS[self.of.short], "takes": takes, "fixed": fixed, "share": self.of.share}
        return row | {"visible": self.of.visible, "given_back": self.of.given_back, "number": self.number}


class Exhausted(NamedTuple):
    """A counter has run out."""

    time: int  # s
    merchant: int  # -1: of all
    reason: int


class Closing(NamedTuple):
    """Where a counter closed last: a first guess of where it will."""

    second: int  # of the day
    sender: int  # merchant whose message took the last unit, -1: none
    lot: int


NO_RESOURCE = Resource(0, "order")  # in place of a desk


class Tables(NamedTuple):
    """What the kernel reads of things in force, and how they are refilled."""

    coupled: np.ndarray  # (things,) COUPLED
    claims: np.ndarray  # (entries,) int32
    claims_at: np.ndarray  # (OCCASIONS, merchants + 1) int32
    world: dict[str, int]  # columns of the world
    occasion: np.ndarray  # (things,) int64: when each is asked for
    merchant: np.ndarray  # (things,) int64: whose it is; -1: of all
    counts_messages: np.ndarray  # (things,) bool: each delivery takes so many units, known before
    claims_of_one: np.ndarray  # (things,) int64: most claims of a consumer in a window, where that is known; 0: it is not
    first_day: np.ndarray  # (things,) int64: in force
    amount: np.ndarray  # (things,) int64: units when full
    refill_days: np.ndarray  # (things,) int64; 0: never
    carry_over: np.ndarray  # (things,) bool
    of_benefit: dict[tuple[str, int], int]  # where a benefit's stock stands in `claims`, by policy and merchant, -1: all


class Coupling:
    """All that consumers share in a run, and its state between windows."""

    def __init__(self, scenario: Scenario, gates: Gates) -> None:
        """Reasons to refuse are entered among the scenario's own."""
        self._scenario = scenario
        self._merchants = {merchant.name: position for position, merchant in enumerate(scenario.merchants)}
        self._codes: dict[str, int] = {}
        self._of_past = self._take(scenario.past_policies, gates, of_past=True)
        self._of_run = self._take(scenario.policies, gates, of_past=False, number=len(self._of_past))
        self.things: list[Thing] = []
        self._policies: list[int] = []  # whether of the past, and the identities of those in force: these are theirs
        self.tables = self._tables()
        self._states = np.zeros((0, len(UNKNOWN)), np.int64)
        self._deliveries = np.zeros(0, np.int64)  # at most, by task of the day
        self._closings: dict[str, Closing] = {}
        self._reached = NOWHEN
        self.acted: dict[str, int] = {}  # claims refused, inquiries made, since the start of the run, by policy

    def _take(self, policies: Mapping[str, Policy], gates: Gates, of_past: bool, number: int = 0) -> list[Thing]:
        things: list[Thing] = []
        for name, policy in policies.items():
            for of in resources_of(policy, tuple(self._merchants)):
                merchant = -1 if of.merchant is None else self._merchants[of.merchant]
                reason = 0 if isinstance(of, Desk) else self._code(of.reason or name, gates)
                first_day = self._scenario.first_day if of_past else max(policy.span(self._scenario.settings.start)[0], 0)
                known_as = f"{name}/{of.name or of.merchant or ''}"
                things.append(Thing(name, known_as, of, merchant, reason, first_day, number + len(things)))
        return sorted(things, key=lambda thing: not thing.is_platforms)  # the rest stays in the order of policies' names

    def _code(self, reason: str, gates: Gates) -> int:
        if reason in REASONS:
            return REASONS.index(reason)
        if reason not in self._codes:
            self._codes[reason] = PLATFORM_REASONS + gates.add_reason(reason)
        return self._codes[reason]

    def _tables(self) -> Tables:
        """What the kernel reads of the things in force."""
        coupled = COUPLED.rows(len(self.things))
        stores = len(self._merchants)
        lists: list[int] = []
        claims_at = np.zeros((OCCASIONS, stores + 1), np.int32)
        for k, thing in enumerate(self.things):
            for column, value in thing.row.items():
                coupled[column][k] = value
        for occasion in (DELIVERY, ORDER, VISIT):
            for_all = [k for k, thing in enumerate(self.things) if thing.occasion == occasion and thing.merchant < 0]
            of_store: dict[int, list[int]] = {}
            for k, thing in enumerate(self.things):
                if thing.occasion == occasion and thing.merchant >= 0:
                    of_store.setdefault(thing.merchant, []).append(k)
            for m in range(stores):
                claims_at[occasion, m] = len(lists)
                lists += sorted(for_all + of_store.get(m, []))
            claims_at[occasion, stores] = len(lists)
        of_benefit = {}
        for k, thing in enumerate(self.things):
            if thing.occasion == CLAIM:
                of_benefit[thing.policy, thing.merchant] = len(lists)
                lists.append(k)
        desks = np.diff(claims_at[VISIT]).max(initial=0)
        given_back = np.diff(claims_at[ORDER]).max(initial=0) * coupled["given_back"].any()
        limits = sum(thing.is_platforms for thing in self.things)
        looks = int(coupled["visible"].any())
        resources = [thing.of if isinstance(thing.of, Resource) else NO_RESOURCE for thing in self.things]
        return Tables(
            coupled,
            np.array(lists, np.int32),
            claims_at,
            {"desks": desks, "given_back": given_back, "platform_limits": limits, "looks": looks},
            occasion=np.array([thing.occasion for thing in self.things], np.int64),
            merchant=np.array([thing.merchant for thing in self.things], np.int64),
            counts_messages=np.array([thing.counts_messages for thing in self.things], bool),
            claims_of_one=np.array([thing.claims_of_one for thing in self.things], np.int64),
            first_day=np.array([thing.first_day for thing in self.things], np.int64),
            amount=np.array([resource.amount for resource in resources], np.int64),
            refill_days=np.array([resource.refill_days or 0 for resource in resources], np.int64),
            carry_over=np.array([resource.carry_over for resource in resources], bool),
            of_benefit=of_benefit,
        )

    @property
    def _uses_up(self) -> np.ndarray:
        return self.tables.coupled["kind"] != SERVES

    def asks_for_deliveries(self, today: Today, population: Population) -> bool:
        """Whether it is to be counted how many messages of the day's agenda may be delivered at most.

        It is where the number of consumers alone does not tell that enough is left; but not for things of single stores that
        have run out before, for which to let them be uncertain costs less.
        """
        if not self.things:
            return False
        self._deliveries = np.full(len(today.agenda), len(population))
        claims = self._claims_at_most(today, population, EVERYTHING)
        short = [self.things[k] for k in np.flatnonzero(self.tables.counts_messages & (claims >= self._states[:, STATE]))]
        return any(thing.merchant < 0 or thing.name not in self._closings for thing in short)

    def take_up(self, today: Today, population: Population, deliveries: np.ndarray | None = None) -> None:
        """The day's agenda is laid; by task, (tasks,) int64, no fewer messages than are delivered, if they were counted."""
        population.make_taken_room(len(self.things))
        if self.things:
            self._deliveries = np.full(len(today.agenda), len(population)) if deliveries is None else deliveries

    def turn_to(self, day: int) -> None:
        """Come to 00:00 of a day: what is in force, and what is refilled."""
        if not self._of_past and not self._of_run:
            return
        things, states = self.things, self._states
        self._set_things(day)
        if self.things is not things:
            before = dict(zip((thing.name for thing in things), states.tolist()))
            known = [before.get(thing.name, UNKNOWN) for thing in self.things]
            states = np.array(known, np.int64).reshape(len(known), len(UNKNOWN))
        since = day - self.tables.first_day
        every = self.tables.refill_days
        begins = self._uses_up & ((since == 0) | (states[:, STATE] == NOWHEN))
        refilled = self._uses_up & (every > 0) & (since % np.maximum(every, 1) == 0)
        left = np.where(self.tables.carry_over & ~begins, states[:, STATE], 0)
        again = begins | refilled
        state = np.where(again, self.tables.amount + left + states[:, BACK], states[:, STATE])
        self._states = np.column_stack([state, *np.where(again, 0, states[:, [IS_CLOSED, BACK]].T)])

    def _set_things(self, day: int) -> None:
        """Have those things that are in force on a day; as long as nothing changes, the very same list."""
        policies = self._scenario.policies_in_force(day)
        if self._policies == (identities := [day < 0, *map(id, policies)]):
            return
        self._policies = identities
        by_name = self._scenario.past_policies if day < 0 else self._scenario.policies
        in_force = {name for name, policy in by_name.items() if any(policy is other for other in policies)}
        things = [thing for thing in (self._of_past if day < 0 else self._of_run) if thing.policy in in_force]
        if things != self.things:
            self.things = things
            self.tables = self._tables()

    def _claims_at_most(self, today: Today, population: Population, until: int) -> np.ndarray:
        """A bound on what all consumers together claim of each thing before `until`."""
        tables, agenda = self.tables, np.asarray(today.agenda)
        ahead = (agenda["time"] >= self._reached) & (agenda["time"] < until)
        deliveries = np.zeros(len(today.merchants) + 1, np.int64)  # the last is of all
        np.add.at(deliveries, agenda["merchant"][ahead], self._deliveries[ahead])
        deliveries[-1] = deliveries.sum()
        claims = np.where(tables.counts_messages, deliveries[tables.merchant], tables.claims_of_one * len(population))
        fixed = np.maximum(tables.coupled["fixed"], 1)
        bounded = (tables.counts_messages | (tables.claims_of_one > 0)) & (claims <= EVERYTHING // fixed)
        return np.where(bounded, claims * fixed, EVERYTHING)

    def _end_of_window(self, today: Today, population: Population, until: int) -> int:
        """Up to where no message can find that something which all messages take has run out, if that is far enough.

        Then nobody who gets one there need be copied, and what is left is known exactly again: it is more than the bound told.
        Else up to where as many consumers may get one as are to be copied at a time.
        """
        agenda, left = np.asarray(today.agenda), self._states[:, STATE]
        ahead = np.flatnonzero((agenda["time"] >= self._reached) & (agenda["time"] < until))
        times, total = agenda["time"][ahead], np.cumsum(self._deliveries[ahead])
        end = until
        for k in np.flatnonzero(self.tables.counts_messages & (self.tables.merchant < 0)):
            short = np.searchsorted(total, left[k] // self.tables.coupled["fixed"][k])  # the first task that may find too few
            if left[k] > 0 and self._states[k, IS_CLOSED] == 0 and short < len(total):
                before = np.searchsorted(times, times[short])
                if before == 0 or total[before - 1] < WORTH_A_WINDOW * len(population):
                    last = min(max(short, np.searchsorted(total, COPIED_AT_A_TIME * len(population))), len(times) - 1)
                    return min([until, *times[times > times[last]].tolist()])
                end = min(end, int(times[short]))
        return end

    # Windows

    def advance(self, population: Population, today: Today, until: int) -> list[Exhausted]:
        """Let everything before `until` (s) happen to every consumer; what has run out, in the order of time."""
        if not self.things:
            population.advance(today, until)
            return []
        exhausted = []
        while self._reached < until:
            end = self._end_of_window(today, population, until)
            exhausted += self._advance(population, today, end)
            self._reached = end
        return exhausted

    def _advance(self, population: Population, today: Today, until: int) -> list[Exhausted]:
        """One window."""
        sure = self._prepare(today, self._claims_at_most(today, population, until))
        if sure:
            population.advance(today, until)
            exhausted = []
        else:
            population.begin_window()
            exhausted = self._settle(population, self._with_guesses(today, until), until)
        self._take_stock(population, today)
        return exhausted

    def _prepare(self, today: Today, claims: np.ndarray) -> bool:
        """Write down the states at the window's start; whether all that can be told is certain."""
        coupled, left = self.tables.coupled, self._states[:, STATE]
        shut = (self._states[:, IS_CLOSED] == 1) | (left <= 0)
        certain = np.where(shut, CLOSED, np.where(left > claims, OPEN, UNCERTAIN))
        coupled["certain"] = np.where(self._uses_up, certain, UNCERTAIN)
        coupled["start"], coupled["count"] = left, 0
        asks = 0
        for occasion in set(self.tables.occasion[coupled["certain"] == UNCERTAIN].tolist()):
            asks |= ASKED_AT[occasion]
        today.world["asks"] = asks
        return asks == 0

    def _settle(self, population: Population, today: Today, until: int) -> list[Exhausted]:
        """Rounds until nobody was told wrong; the outcome does not depend on what the first begins with."""
        population.advance(today, until)
        while True:
            requests, of_shard = population.requests()
            states = self._states.copy()
            steps, wrong = _resolved(requests, today, states)
            if not wrong.any():
                break
            again = [np.unique(rows["undo"][bad]).astype(np.int64) for rows, bad in of_shard(wrong)]
            fresh = _with_steps(today, steps)
            population.live_again(today, fresh, until, again)
            today = fresh
        self._states = states
        if not self._uses_up.all():
            asked = requests["thing"][requests["thing"] != VOID]
            self._count(np.bincount(asked, minlength=len(self.things)) * ~self._uses_up)
        return self._exhausted(steps[steps["state"] <= 0], today)

    def _exhausted(self, last: np.ndarray, today: Today) -> list[Exhausted]:
        """The counters that these steps have run out, in their order: just before a claim is after the claim before that."""
        found = []
        gone = last[self._uses_up[last["thing"]]]
        gone = gone[np.lexsort([gone[name] for name in ("ordinal", "consumer", "lot", "turn", "time")])]
        senders = today.agenda["merchant"].tolist()
        columns = (gone[name].tolist() for name in ("thing", "time", "turn", "lot"))
        for k, time, turn, lot in zip(*columns):
            thing = self.things[k]
            self._closings[thing.name] = Closing(time % DAY, -1 if turn == OTHERS else senders[turn], lot)
            found.append(Exhausted(time, thing.merchant, thing.reason))
        return found

    def _with_guesses(self, today: Today, until: int) -> Today:
        """The day with closings expected where they were last, as far as they lie in the window."""
        coupled, agenda = self.tables.coupled, today.agenda
        sends = dict(zip(zip(agenda["time"][::-1].tolist(), agenda["merchant"][::-1].tolist()), range(len(agenda) - 1, -1, -1)))
        start = int(today.world["day"][0]) * DAY
        guesses = []
        for k in np.flatnonzero((coupled["certain"] == UNCERTAIN) & (coupled["kind"] == CLOSES)):
            closing = self._closings.get(self.things[k].name)
            if closing is not None and self._reached <= start + closing.second < until:
                time = start + closing.second
                turn = OTHERS if closing.sender < 0 else sends.get((time, closing.sender))
                if turn is not None:
                    guesses.append((time, closing.lot, 0, EXHAUSTED, turn, 0, k))
        return _with_steps(today, np.array(guesses, STEP.dtype))

    def _take_stock(self, population: Population, today: Today) -> None:
        """Count what was taken of what was certain, and make sure that nothing was taken twice or oversold."""
        tally = population.take_tally("taken")
        left = today.coupled["start"] - tally[:, TAKEN]
        certain = today.coupled["certain"] != UNCERTAIN
        self._states[certain, STATE] = left[certain]
        self._states[:, BACK] += tally[:, RETURNED]
        counted = self._uses_up & ((self._states[:, STATE] != left) | (left < 0))
        if counted.any():
            thing = self.things[int(np.flatnonzero(counted)[0])]
            raise AssertionError(f"{thing.name}: {int(left[counted][0])} units left, {thing.of} was oversold or miscounted")
        self._count(tally[:, REFUSED])

    def _count(self, by_thing: np.ndarray) -> None:
        for k in np.flatnonzero(by_thing):
            policy = self.things[k].policy
            self.acted[policy] = self.acted.get(policy, 0) + int(by_thing[k])

    def taken(self, policy: str, merchant: int) -> int:
        """Units that were claimed so far of a benefit's stock, or a group's seats, that are in force."""
        k = next(k for k, thing in enumerate(self.things) if (thing.policy, thing.merchant) == (policy, merchant))
        return int(self.tables.amount[k] - self._states[k, STATE])

    # Snapshots

    def stored(self) -> dict[str, Any]:
        """Its state, as JSON."""
        states = {thing.name: state for thing, state in zip(self.things, self._states.tolist(), strict=True)}
        return {"states": states, "acted": dict(self.acted)}

    def restore(self, stored: Mapping[str, Any], day: int) -> None:
        """Go on with a state that was stored on a day."""
        self._set_things(day)
        states = [stored["states"].get(thing.name, UNKNOWN) for thing in self.things]  # of a past: other things
        self._states = np.array(states, np.int64).reshape(len(states), len(UNKNOWN))
        self.acted = dict(stored["acted"])


def _resolved(requests: np.ndarray, today: Today, states: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The steps that the requests make, in their order, and who was told wrong; `states` are brought to the window's end."""
    asked, coupled = (table.view(np.recarray) if INTERPRETED else table for table in (requests, today.coupled))
    amounts, counts = np.zeros((2, len(coupled)), np.int64)
    look_through(asked, coupled, amounts, counts)
    first = np.concatenate([[0], np.cumsum(counts * (amounts > 0))])
    count = int(counts.sum())
    keys, rows = np.empty(count, np.uint64), np.empty(count, np.int64)
    group(asked, len(today.agenda).bit_length(), amounts, first.copy(), keys, rows)
    steps, wrong = STEP.rows(len(coupled) + count - int(first[-1])), np.zeros(len(requests), bool)
    written = steps.view(np.recarray) if INTERPRETED else steps
    made = serve(keys, rows, first, amounts, asked, states, written, wrong)
    order = first[-1] + np.argsort(keys[first[-1] :])
    made += resolve(keys[order], rows[order], asked, coupled, states, written[made:], wrong)
    return steps[:made], wrong


def _with_steps(today: Today, steps: np.ndarray) -> Today:
    """The day with other steps: those of a thing stay in their order."""
    steps = steps[np.argsort(steps["thing"], kind="stable")]
    coupled = np.asarray(today.coupled).copy()
    coupled["count"] = np.bincount(steps["thing"], minlength=len(coupled))
    coupled["first"] = np.cumsum(coupled["count"]) - coupled["count"]
    return as_kernel_reads(today._replace(coupled=coupled, steps=steps))
