"""What membership is worth, and what a comparison of members with other customers would make of it [evidence D8].

Who joins buys more anyway (selection), so members outdo others by far more than membership does for them. What it does is told
by the same members in two runs of the same seed that differ in nothing but `behaviour.membership.treatment`.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import special

from sim.engine.recut import rows_of_blocks
from sim.engine.simulation import Simulation
from sim.errors import BadInput
from sim.experiments.statistics import LEVEL
from sim.policies.invitation import Invitation
from sim.scenario.load import Scenario
from sim.state.names import DAY, LOG_ORDER

FIGURES = ("orders", "spend")
UNTREATED = {"behaviour.membership.treatment": 0.0}
DROP_OUT_ONLY = dict.fromkeys(
    (
        "behaviour.membership.frequency",
        "behaviour.stores.preference.member",
        "behaviour.orders.own.member",
        "behaviour.orders.message.member",
    ),
    0.0,
)  # what else membership does

Floats = NDArray[np.float64]


class Estimate(NamedTuple):
    """A figure and its interval at 95 %, of simulation error; None where it is not defined, or not bounded."""

    value: float | None
    low: float | None
    high: float | None


class Effect(NamedTuple):
    """Of orders, or of spend, after `since`."""

    naive: Estimate  # mean of members over that of customers who are none
    true: Estimate  # mean of the same members over what it is without treatment
    naive_over_true: Estimate  # naive / true: what selection makes of it
    overstated: Estimate  # how many times too large the naive gain is: (naive - 1) / (true - 1)
    by_drop_out: Estimate  # share of the true gain that is there if membership does nothing but prevent drop-outs


@dataclass(frozen=True)
class MembershipEffect:
    """The answer of `membership_effect`: over pairs of customer and store, those of all seeds together."""

    since: int  # day at whose 00:00 it counts who is a member, invitations of that instant included
    days: int  # after that, whose orders count
    seeds: tuple[int, ...]
    members: int  # pairs
    others: int  # pairs: customers who are no members
    orders: Effect
    spend: Effect

    @property
    def table(self) -> pd.DataFrame:
        """A row for each figure and estimate: figure, estimate, value, low, high."""
        effects = {"orders": self.orders, "spend": self.spend}
        rows = [(figure, name, *one) for figure, effect in effects.items() for name, one in effect._asdict().items()]
        return pd.DataFrame(rows, columns=["figure", "estimate", "value", "low", "high"])


def membership_effect(
    scenario: Scenario,
    replications: int = 8,
    *,
    seeds: Sequence[int] | None = None,
    since: int | None = None,
    days: int | None = None,
    threads: int | None = None,
) -> MembershipEffect:
    """Naive and true effect of membership on orders and spend, and how much of the true one is lower drop-out.

    Three runs for each seed (by default the scenario's own and those after it) share all draws: as given, without treatment,
    and with no treatment but the prevention of drop-outs. Customers are compared who have bought at a store before 00:00 of
    day `since` (by default that of the first invitation): members by then, and the others. Their orders in the `days` from
    then on (by default to the end) are counted. Intervals hold for consumers drawn anew: consumers are the independent units.

    Raises BadInput where there is nothing to compare: no members, none who are not, or no orders.
    """
    seeds = [scenario.seed + k for k in range(replications)] if seeds is None else seeds
    since = first_invitation(scenario) if since is None else since
    days = scenario.settings.days - since if days is None else days
    if not seeds:
        raise BadInput(f"replications: at least 1; given {replications}")
    if since < 0 or days < 1 or since + days > scenario.settings.days:
        raise BadInput(
            f"since={since}, days={days}: must be days of the run, which has {scenario.settings.days}: from 0 to the day before"
        )
    arms = (scenario, scenario.with_values(UNTREATED), scenario.with_values(DROP_OUT_ONLY))
    parts = [compared([_live(arm, seed, since, since + days, threads) for arm in arms]) for seed in seeds]
    sizes = np.cumsum([0, *(part.consumer.max(initial=-1) + 1 for part in parts)])
    whole = Compared(
        np.concatenate([part.consumer + first for part, first in zip(parts, sizes)]),
        np.concatenate([part.member for part in parts]),
        {name: np.concatenate([part.did[name] for part in parts], axis=1) for name in FIGURES},
    )
    members, others = int(whole.member.sum()), int((~whole.member).sum())
    if members == 0 or others == 0:
        who = "is a member" if members == 0 else "is none"
        raise BadInput(f"of the customers on day {since} nobody {who}: give another day (since=), or let other people join")
    effects = {name: effect_of(name, whole.consumer, whole.member, whole.did[name]) for name in FIGURES}
    return MembershipEffect(since, days, tuple(seeds), members, others, effects["orders"], effects["spend"])


def first_invitation(scenario: Scenario) -> int:
    """The first day of the run on which a store invites; 0: none does."""
    start = scenario.settings.start
    days = (day for day in range(scenario.settings.days) for one in scenario.in_force(day, Invitation) if one.is_on(day, start))
    return next(days, 0)


class Life(NamedTuple):
    """What pairs of consumer and store did in one run; a pair is known by a number, in their order."""

    stores: int
    pair: NDArray[np.int64]  # of those who were customers by then
    member: NDArray[np.bool_]  # of these, which were members
    ordered_by: NDArray[np.int64]  # pair of each order of the period
    amount: NDArray[np.int64]  # and what was paid

    def totals(self, pairs: NDArray[np.int64]) -> dict[str, Floats]:
        """What these pairs, in their order, ordered and spent."""
        at = np.searchsorted(pairs, self.ordered_by)
        of = np.flatnonzero(pairs[np.minimum(at, len(pairs) - 1)] == self.ordered_by) if len(pairs) else at[:0]
        amounts = {"orders": None, "spend": self.amount[of]}
        return {name: np.bincount(at[of], weights, len(pairs)).astype(np.float64) for name, weights in amounts.items()}


def _live(scenario: Scenario, seed: int, since: int, until: int, threads: int | None) -> Life:
    """One run, as far as it concerns the comparison."""
    orders: list[np.ndarray] = []
    begins = since * DAY + 1  # after all that happens at 00:00

    def keep(rows: np.ndarray) -> None:
        orders.append(rows[(rows["kind"] == LOG_ORDER) & (rows["time"] >= begins)][["consumer", "merchant", "amount"]])

    simulation = Simulation(scenario, seed, threads, None, "all", keep)
    simulation.run(begins)
    stores = len(scenario.merchants)
    found = []
    for shard in simulation.population.shards:
        consumers = np.asarray(shard.consumers)
        count = consumers["relation_count"]
        rows = np.asarray(shard.relations)[rows_of_blocks(consumers["relation_first"], count)]
        consumer = shard.first + np.repeat(np.arange(len(count)), count)
        found.append(np.stack([consumer * stores + rows["merchant"], rows["member"], rows["orders"]])[:, rows["orders"] > 0])
    pair, member, _ = np.concatenate(found, axis=1).astype(np.int64)
    order = np.argsort(pair)
    simulation.run(until * DAY)
    simulation.population.close()
    done = np.concatenate(orders)
    of = done["consumer"] * stores + done["merchant"]
    return Life(stores, pair[order], member[order] == 1, of, done["amount"])


class Compared(NamedTuple):
    """Pairs that are compared."""

    consumer: NDArray[np.int64]  # (pairs,)
    member: NDArray[np.bool_]  # (pairs,)
    did: Mapping[str, Floats]  # by figure (3, pairs): as given, without treatment, by drop-out alone


def compared(lives: Sequence[Life]) -> Compared:
    """The pairs of the first run, and what they did in each."""
    given = lives[0]
    totals = [life.totals(given.pair) for life in lives]
    return Compared(
        given.pair // given.stores, given.member, {name: np.stack([total[name] for total in totals]) for name in FIGURES}
    )


def effect_of(figure: str, consumer: NDArray[np.int64], member: NDArray[np.bool_], did: Floats) -> Effect:
    """The effect on one figure, from what pairs did (3, pairs).

    All estimates are functions of four means, and their errors sums over consumers of what each adds to these.
    """
    given, untreated, by_drop_out = did
    means: list[float] = []
    shares: list[Floats] = []
    for values, of in ((given, member), (given, ~member), (untreated, member), (by_drop_out, member)):
        mean = float(values[of].mean())
        if mean == 0.0:
            raise BadInput(f"{figure}: there are none to compare in these days: take more days or more consumers")
        means.append(mean)
        shares.append(np.bincount(consumer, np.where(of, values / mean - 1.0, 0.0)) / of.sum())
    members, others, without, kept = means
    of_members, of_others, of_without, of_kept = shares  # of each consumer in the logarithms of the means
    naive, true, part = members / others, members / without, kept / without
    in_naive, in_true, in_part = of_members - of_others, of_members - of_without, of_kept - of_without
    return Effect(
        of_ratio(naive, in_naive),
        of_ratio(true, in_true),
        of_ratio(naive / true, in_naive - in_true),
        of_quotient(naive - 1, true - 1, naive * in_naive, true * in_true),
        of_quotient(part - 1, true - 1, part * in_part, true * in_true),
    )


def of_ratio(ratio: float, shares: Floats) -> Estimate:
    """A ratio of means, from what each consumer adds to its logarithm: normal in the logarithm."""
    wide = math.exp(_critical() * math.sqrt(_covariance(shares, shares)))
    return Estimate(ratio, ratio / wide, ratio * wide)


def of_quotient(a: float, b: float, in_a: Floats, in_b: Floats) -> Estimate:
    """a / b with Fieller's interval, which holds however near to 0 b may be: all q for which a - q b may be 0."""
    if b == 0.0:
        return Estimate(None, None, None)
    z = _critical() ** 2
    p, q, r = (x - z * v for x, v in zip((b * b, a * b, a * a), map(_covariance, (in_b, in_a, in_a), (in_b, in_b, in_a))))
    if p <= 0.0:
        return Estimate(a / b, None, None)
    half = math.sqrt(max(q * q - p * r, 0.0))
    return Estimate(a / b, (q - half) / p, (q + half) / p)


def _covariance(one: Floats, other: Floats) -> float:
    """Of two sums over independent consumers, whose shares have mean 0."""
    return float((one * other).sum())


def _critical() -> float:
    return float(special.ndtri((1 + LEVEL) / 2))
