"""A slow reference: all consumers of a world in one global order of time, and what they share as plain Python counters.

It drives the stages of the interpreted kernel one event at a time, and nothing of the coupling but the declarations. Run as a
process with NUMBA_DISABLE_JIT=1, it reads lines "WORLD.json EVENTS.parquet" and writes the event log of each world.
"""

from __future__ import annotations

import heapq
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "identity"))

import worlds

from sim.engine import kernel
from sim.engine.coupling import Exhausted
from sim.engine.population import Population
from sim.engine.simulation import Simulation
from sim.stages import basket, best_price, choice, claims, desk, engage, groups, keep
from sim.state.arithmetic import exponential
from sim.state.benefits import NO_BENEFIT
from sim.state.draws import INQUIRY, SERVICE, TIE, draw, under
from sim.state.names import DAY, KINDS_A_SECOND, MESSAGE, PLATFORM_REASONS, UNITS_BACK
from sim.state.pending import make_pending_room, put_by
from sim.state.policy import Desk, Resource
from sim.state.relations import make_relation_room
from sim.state.shard import LOG_END, LOGGING, NOWHEN, Shard, Today, as_kernel_reads

ROOM = 60  # of each consumer, for pending events and for relations
LAST = 2**31 - 1  # the turn of what is no message


class Shared:
    """One resource or desk, and what is left of it."""

    def __init__(self, of: Resource | Desk, merchant: int, reason: int, first_day: int) -> None:
        self.of, self.merchant, self.reason, self.first_day = of, merchant, reason, first_day
        self.left, self.closed, self.free, self.back = 0, True, NOWHEN, 0
        self.day: int | None = None

    def turn_to(self, day: int) -> None:
        """00:00 of a day in force."""
        if isinstance(self.of, Resource) and self.day != day:
            every = self.of.refill_days
            if self.day is None:
                self.left = self.of.amount
                self.closed = self.left == 0
            elif every is not None and (day - self.first_day) % every == 0:
                self.left = self.of.amount + self.left * self.of.carry_over + self.back
                self.closed, self.back = self.left == 0, 0
        self.day = day


class Reference:
    """In place of a simulation's coupling."""

    def __init__(self, simulation: Simulation) -> None:
        self.simulation = simulation
        self.things: list[tuple[Any, Shared]] = []
        scenario = simulation.scenario
        names = [merchant.name for merchant in scenario.merchants]
        codes = {reason: PLATFORM_REASONS + 1 + k for k, reason in enumerate(simulation.gates.reasons)}
        for name, policy in scenario.policies.items():
            for of in policy.resources(names):
                reason = 0 if isinstance(of, Desk) else codes.get(of.reason or name, PLATFORM_REASONS)
                merchant = -1 if of.merchant is None else names.index(of.merchant)
                first_day = max(policy.span(scenario.settings.start)[0], 0)
                self.things.append((policy, Shared(of, merchant, reason, first_day)))
        self.numbered = [thing for _, thing in self.things]
        self.things.sort(key=lambda pair: pair[1].reason != PLATFORM_REASONS or isinstance(pair[1].of, Desk))
        self.now = 0
        self.exhausted: list[Exhausted] = []

    def of(self, occasion: str, merchant: int) -> list[Shared]:
        """The resources in force that an event of a merchant claims."""
        return [
            thing
            for thing in self.in_force
            if isinstance(thing.of, Resource) and thing.of.claimed_by == occasion and thing.merchant in (-1, merchant)
        ]

    def claim(self, things: list[Shared], units: int, amount: int) -> int:
        """All, or nothing and the reason."""
        wants = [wanted(thing.of, units, amount) for thing in things]
        short = [thing for thing, want in zip(things, wants) if thing.closed or want > thing.left]
        for thing in short:
            if not thing.closed and thing.of.short == "close":
                self.close(thing)
        if short:
            return short[0].reason
        for thing, want in zip(things, wants):
            thing.left -= want
            if thing.left == 0:
                self.close(thing)
        return 0

    def give_back(self, number: int, units: int) -> None:
        """A refunded order's units, to a thing by its number; what is out of force has no use for them."""
        thing = self.numbered[number]
        if thing in self.in_force:
            thing.back += units

    def close(self, thing: Shared) -> None:
        """It has run out."""
        thing.closed = True
        self.exhausted.append(Exhausted(self.now, thing.merchant, thing.reason))

    def patch(self) -> None:
        """Let the stages ask here."""
        engage.claim = lambda s, today, i, occasion, merchant: self.claim(self.of("delivery", merchant), 1, 0)
        engage.is_open = lambda s, today, i, k: not [t for t in self.in_force if t.reason == PLATFORM_REASONS][k].closed
        keep.shortage = self.shortage
        claims.claimed_things = groups.claimed = self.claim_one
        choice.is_seen_open = lambda s, today, i, m: not any(t.closed and t.of.visible for t in self.of("order", m))
        desk.answered_at = self.answered_at

    def shortage(self, s: Shard, today: Today, c: Any, i: int, slot: int, time: int, shown: int) -> int:
        r = s.relations[c.relation_first + slot]
        merchant = today.merchants[r.merchant]
        purchase = basket.purchase_key(merchant, c, r.orders)
        units, listed, off, _ = basket.basket(today.world[0], merchant, c, r, today.tastes, purchase)
        followed = shown if keep.takes_follow_discount(today.benefits, shown, purchase) else NO_BENEFIT
        told = today.benefits, today.offers, today.named_crowds, s.loyalty, s.pending, s.picks, merchant
        amount = best_price.price_of(*told, c, r, slot, time, units * (listed - off), purchase, followed)
        return self.claim(self.of("order", r.merchant), units, amount)

    def claim_one(self, *given: Any) -> int:
        """One of a coupon's stock, or a seat in a group."""
        listed, first, last = given[2], given[6], given[7]
        return self.claim([self.in_force[k] for k in listed[first:last]], 1, 0)

    def taken(self, name: str, merchant: int) -> int:
        """Seats that are taken."""
        policy = self.simulation.scenario.policies[name]
        (of,) = (thing for other, thing in self.things if other is policy and thing.merchant == merchant)
        return int(of.of.amount - of.left)

    def answered_at(self, thing: Any, k: int, steps: Any, requests: Any, ends: Any, consumer: int, visit: np.uint64) -> int:
        asking = under(visit, thing.key)
        if draw(asking, INQUIRY) >= thing.probability:
            return NOWHEN
        seconds = thing.service
        if thing.spread == 1:
            seconds = exponential(draw(asking, SERVICE), seconds)
        server = self.in_force[k]
        server.free = max(self.now, server.free) + max(1, int(seconds + 0.5))
        return server.free

    def advance(self, population: Population, today: Today, until: int) -> list[Exhausted]:
        """One queue of the events of all consumers."""
        day = int(today.world[0].day)
        start = self.simulation.scenario.settings.start
        self.in_force = [thing for policy, thing in self.things if policy.in_force(day, start)]
        for thing in self.in_force:
            thing.turn_to(day)
        self.exhausted = []
        (s,) = population.shards = [roomy(shard) for shard in population.shards]
        w = today.world[0]
        queue: list[tuple] = []

        def enqueue(i: int) -> None:
            c = s.consumers[i]
            e = s.pending[c.pending_first + c.pending_count - 1]
            if c.pending_count and e.when < until * KINDS_A_SECOND:
                is_message = e.when % KINDS_A_SECOND == MESSAGE
                turn = int(e.ref) if is_message else LAST
                time = int(e.when) // KINDS_A_SECOND
                occasion = today.agenda[e.ref].key if is_message else np.uint64(time)
                lot = int(under(under(c.key, TIE), occasion)) >> 1
                heapq.heappush(queue, (time, turn, lot, i))

        with np.errstate(over="ignore"):
            for i, c in enumerate(s.consumers):
                assert make_pending_room(s, c, ROOM)
                assert make_relation_room(s, c, ROOM)
                if c.day < w.day:
                    assert kernel.lay_out_day(s, today, c, i)
                    assert put_by(s, c)
                    c.day = w.day
                enqueue(i)
            while queue:
                self.now, turn, _, i = heapq.heappop(queue)
                c = s.consumers[i]
                s.ends[LOGGING] = 1
                assert make_pending_room(s, c, ROOM)
                assert s.ends[LOG_END] + 100 < len(s.log)
                e = s.pending[c.pending_first + c.pending_count - 1]
                kind = e.when % KINDS_A_SECOND
                assert (kind == MESSAGE) == (turn != LAST)
                c.pending_count -= 1
                s.counts[kind] += 1
                if kind == UNITS_BACK:
                    self.give_back(int(e.slot), int(e.ref))
                kernel.happen(s, today, c, i, int(self.now), kind, int(e.ref), int(e.slot), int(e.ordinal))
                enqueue(i)
        return self.exhausted


def wanted(of: Resource, units: int, amount: int) -> int:
    """What one event takes."""
    if of.takes == "amount":
        return max(1, int(amount * of.share + 0.5))
    return units if of.takes == "units" else int(of.takes)


def roomy(shard: Shard) -> Shard:
    """With room for everything."""

    def longer(rows: np.ndarray, room: int) -> np.ndarray:
        return rows if len(rows) >= room else np.concatenate([rows, np.zeros((room - len(rows), *rows.shape[1:]), rows.dtype)])

    return as_kernel_reads(
        shard._replace(
            pending=longer(np.asarray(shard.pending), 100_000),
            relations=longer(np.asarray(shard.relations), 60_000),
            contacts=longer(np.asarray(shard.contacts), 60_000),
            recent=longer(np.asarray(shard.recent), 60_000),
            ahead=longer(np.asarray(shard.ahead), 1_000),
            loyalty=longer(np.asarray(shard.loyalty), 60_000) if len(shard.loyalty) else shard.loyalty,
            log=longer(np.asarray(shard.log), 100_000),
        )
    )


def events_of(world: dict[str, Any]) -> Any:
    """The event log of a world without a past."""
    rows: list[np.ndarray] = []
    simulation = Simulation(worlds.load(world), None, 1, 1, "all", rows.append)
    reference = Reference(simulation)
    reference.patch()
    simulation.coupling.advance = reference.advance  # type: ignore[method-assign]
    simulation.coupling.taken = reference.taken  # type: ignore[method-assign]
    simulation.run()
    assert simulation.clock.now // DAY == world["days"] - 1
    return worlds.events_of(rows, simulation)


if __name__ == "__main__":
    for line in sys.stdin:
        path, out = line.split()
        events_of(json.loads(Path(path).read_text(encoding="utf-8"))).to_parquet(out)
        print("done", flush=True)
