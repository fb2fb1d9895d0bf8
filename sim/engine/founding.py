"""The population at the start: who the consumers are, which stores they know, and their hidden state.

Hidden states are drawn from the posterior of each customer's own history by the run's seed (evidence D14): alive with
P(alive | x, t_x, T), then rate and drop-out from their Gamma and Beta posteriors. Set-up may use SciPy.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import special

from sim.engine.asks import no_asks
from sim.engine.gamma import gamma_quantile
from sim.engine.settle import poisson_quantiles, settle
from sim.errors import BadInput
from sim.scenario.customers import Customers
from sim.scenario.load import Scenario
from sim.scenario.model import Past
from sim.state.benefits import BENEFIT_FIGURES, LOYALTY, MOST_GROUPS
from sim.state.draws import (
    CONSUMER as CONSUMER_STREAM,
)
from sim.state.draws import (
    KNOWN_STORES,
    NEED_AT_START,
    POSTERIOR,
    TO_UNIT,
    TRAITS,
    Keys,
    draw_each,
    name_key,
    under_each,
)
from sim.state.names import (
    CHANNELS,
    DAY,
    FIGURES,
    GONE,
    INDUSTRIES,
    INTERLOCK,
    IS_CUSTOMER,
    KEEP,
    NEVER,
    OLD_CUSTOMER_DAYS,
    PENDING_NAMES,
    REFUSALS,
    SOURCE_FIGURES,
    STOCK_LEAD,
    STOCK_OLD,
    STOCKS,
    TASK_FIGURES,
    WEEK,
)
from sim.state.shard import ENDS, LEAST_NOTED, PENDING_END, PUSHES, RELATION_END, Shard, Today, as_kernel_reads
from sim.state.tables import CONSUMER, CONTACT, LOG, NEED, PENDING, RELATION

ALIVE, RATE, DROP_OUT, VALUE, SESSIONS, READING, WAITING, SWITCHED_ON = (
    name_key(n) for n in ("alive", "rate", "drop", "value", "sessions", "reading", "waiting", "switched_on")
)
YEAR = 365 * DAY
MOST_NEEDS_PER_VISIT = 0.25  # a customer comes so often that needs do not queue
MOST_SESSIONS = 100  # of a consumer, festivals included, on a day of weight 1; on one of weight 7, exp(-700) is a number still
NEEDS_BESIDES = 2  # room at the start, beside that for needs: the first purchase
LOG_ROOM = 4096
MOST_COUNTED = 200.0  # mean of a Poisson number up to which its quantile is counted up to
MOST_MERCHANTS = 32_767  # each has a 16-bit number
AHEAD_ROOM = 64

Floats = NDArray[np.float64]


class Hidden(NamedTuple):
    """What nobody sees of each customer."""

    dropped: NDArray[np.bool_]
    rate: Floats  # 1/s
    drop_out: Floats
    value_rate: Floats  # 1/minor unit


def found(scenario: Scenario, root: np.uint64, today: Today, first: int, count: int, ring: int) -> Shard:
    """The shard of consumers [first, first + count); `ring` is the width of the ring of messages' days."""
    settings, merchants = scenario.settings, len(scenario.merchants)
    if merchants > MOST_MERCHANTS:
        raise BadInput(
            f"merchants: {merchants:,} in all; the simulator knows at most {MOST_MERCHANTS:,}: use fewer, or lower 'count'"
        )
    competing = settings.behaviour.stores.choice == "compete"
    customers = None if scenario.customers is None else scenario.customers[first : first + count]
    keys = consumer_keys(root, first, count, customers)
    hidden = hidden_states(scenario, keys, customers)
    consumers = CONSUMER.rows(count)
    consumers["key"] = keys
    consumers["fatigue_time"] = today.world["day"] * DAY
    consumers["drop_out"], consumers["value_rate"] = hidden.drop_out, hidden.value_rate
    behaviour = settings.behaviour
    traits = under_each(keys, TRAITS)
    reading = behaviour.reading
    consumers["opted_out"] = draw_each(traits, SWITCHED_ON) >= reading.switched_on
    consumers["reading"] = reading.intercept + reading.spread * special.ndtri(draw_each(traits, READING))
    if (scores := need_scores(scenario, keys, hidden, today)) is not None:
        consumers["joining"] = tilt(behaviour.membership.selection, scores)
        consumers["member_gain"] = tilt(-behaviour.membership.light, scores)
    rate = session_rates(scenario, traits, hidden.rate)
    consumers["session_rate"] = rate
    needs, waiting = needs_at_start(scenario, keys, hidden, rate, today)
    enter = np.zeros(count, np.int64) if customers is None else customers.enter
    if not scenario.merchants or competing or (not isinstance(settings.past, Past) and behaviour.stores.known is not None):
        enter = np.full(count, IS_CUSTOMER)
    waiting[enter != IS_CUSTOMER] = 0
    relations, recent = relations_at_start(scenario, keys, customers, hidden, enter, consumers, ring)
    pending, end = pending_blocks(consumers, waiting.sum(axis=1) + len(today.categories))
    ends = np.zeros(ENDS, np.int64)
    ends[PENDING_END], ends[RELATION_END] = end, consumers["relation_room"].sum()
    shard = Shard(
        first,
        consumers,
        needs,
        relations,
        contacts_of(relations),
        recent,
        LOYALTY.rows(0),
        pending,
        PENDING.rows(AHEAD_ROOM),
        ends,
        np.zeros((merchants, len(FIGURES)), np.int64),
        np.zeros((merchants, len(CHANNELS), len(SOURCE_FIGURES)), np.int64),
        np.zeros((merchants, len(REFUSALS)), np.int64),
        np.zeros((merchants, len(STOCKS)), np.int64),
        np.zeros((merchants, OLD_CUSTOMER_DAYS), np.int32),
        np.zeros((len(today.task_keys), TASK_FIGURES), np.int64),
        np.zeros((0, count), np.uint64),
        np.zeros((0, count), np.uint8),
        np.zeros(len(PENDING_NAMES), np.int64),
        np.zeros((0, len(BENEFIT_FIGURES)), np.int64),
        np.zeros((2 * MOST_GROUPS, 3), np.int64),
        np.zeros((merchants + LEAST_NOTED, 2), np.int64),
        np.zeros((0, 2), np.int64),
        LOG.rows(LOG_ROOM),
        no_asks({"needs": needs, "reached": np.zeros((0, 0)), "recent": recent}),
    )
    count_stocks(shard)
    settle(as_kernel_reads(shard), today, enter, waiting)
    return shard


def needs_at_start(
    scenario: Scenario, keys: Keys, hidden: Hidden, session_rate: Floats, today: Today
) -> tuple[np.ndarray, NDArray[np.int64]]:
    """The table of needs (n, categories), and how many of each wait at the start.

    A fitted rate is that of purchases: the rate of needs is so much higher that without messages it is kept.
    """
    behaviour, count = scenario.settings.behaviour, len(keys)
    needs = NEED.rows(count * len(today.categories)).reshape(count, len(today.categories))
    waiting = np.zeros(needs.shape, np.int64)
    if behaviour.needs is None:
        return needs, waiting
    met = session_rate / DAY * behaviour.stores.consider * behaviour.orders.with_need
    lost = 1 / (behaviour.needs.patience_days * DAY)
    fitted = isinstance(scenario.settings.past, Past)
    for k, category in enumerate(today.categories):
        under_category = under_each(under_each(keys, NEED_AT_START), category["key"])
        if fitted:
            rate = hidden.rate
            if behaviour.needs.buying == "at_visit":
                rate = np.divide(rate * (met + lost), met, out=np.zeros(count), where=met > 0)
        else:
            of = behaviour.needs.rates.of(INDUSTRIES[category["code"]])
            rate = of.per_year / YEAR * gamma_quantile(of.shape, draw_each(under_category, RATE)) / of.shape
        needs["rate"][:, k] = rate
        if behaviour.needs.buying == "at_visit":
            waiting[:, k] = poisson_quantile(draw_each(under_category, WAITING), rate / (met + lost))
            waiting[hidden.dropped, k] = 0
    return needs, waiting


def need_scores(scenario: Scenario, keys: Keys, hidden: Hidden, today: Today) -> Floats | None:
    """How many needs each consumer has: the standard-normal score of its rate among all consumers [evidence D8].

    Of a market, of its rates for all industries together; None: nobody has needs.
    """
    past = scenario.settings.past
    if len(today.categories) == 0 or (isinstance(past, Past) and past.bg_nbd is None):
        return None
    if isinstance(past, Past) and past.bg_nbd is not None:
        below = special.gammainc(past.bg_nbd.r, past.bg_nbd.alpha * hidden.rate * WEEK)
        return special.ndtri(np.clip(below, TO_UNIT / 2, 1 - TO_UNIT))
    scores = np.zeros(len(keys))
    for category in today.categories:
        scores += special.ndtri(draw_each(under_each(under_each(keys, NEED_AT_START), category["key"]), RATE))
    return scores / math.sqrt(len(today.categories))


def tilt(slope: float, scores: Floats) -> Floats:
    """exp(slope * score), over its mean: factors of mean 1, all of them exactly 1 at slope 0."""
    return np.exp(slope * scores - slope * slope / 2)


def consumer_keys(root: np.uint64, first: int, count: int, customers: Customers | None) -> Keys:
    """The root of each consumer's draws: by the customer's own name, or by id."""
    names = np.arange(first, first + count, dtype=np.uint64) if customers is None else customers.keys
    return under_each(under_each(root, CONSUMER_STREAM), names)


def hidden_states(scenario: Scenario, keys: Keys, customers: Customers | None) -> Hidden:
    """Rate, drop-out and value of each customer, given its history if it has one."""
    n = len(keys)
    none = np.zeros(n)
    past = scenario.settings.past
    timing = past.bg_nbd if isinstance(past, Past) else None
    spend = scenario.gamma_gamma
    posterior = under_each(keys, POSTERIOR)
    dropped, rate, drop_out, value_rate = np.zeros(n, bool), none, none, none
    x, t_x, observed = (none, none, none) if customers is None else (customers.x, customers.t_x, customers.observed)
    if timing is not None:
        r, alpha, a, b = timing.r, timing.alpha, timing.a, timing.b
        died = np.where(x > 0, a / (b + np.maximum(x, 1) - 1) * ((alpha + observed) / (alpha + t_x)) ** (r + x), 0.0)
        dropped = draw_each(posterior, ALIVE) >= 1 / (1 + died)
        since = alpha + np.where(dropped, t_x, observed)
        rate = special.gammaincinv(r + x, draw_each(posterior, RATE)) / since / WEEK
        drop_out = special.betaincinv(a + dropped, b + x - dropped, draw_each(posterior, DROP_OUT))
    if spend is not None:
        n_value, value = (none, none) if customers is None else (customers.n_value, customers.value)
        shape = spend.q + spend.p * n_value
        value_rate = special.gammaincinv(shape, draw_each(posterior, VALUE)) / (spend.v + n_value * value)
    drops = scenario.settings.behaviour.orders.drop_out
    if timing is None and drops is not None:
        a, b = drops.mean * drops.concentration, (1 - drops.mean) * drops.concentration
        drop_out = special.betaincinv(a, b, draw_each(posterior, DROP_OUT))
    return Hidden(dropped, rate, drop_out, value_rate)


def session_rates(scenario: Scenario, traits: Keys, need_rate: Floats) -> Floats:
    """Own sessions a day; where needs wait for visits, enough of them for the customer's fitted rate of purchases."""
    behaviour = scenario.settings.behaviour
    sessions = behaviour.sessions
    rate = np.full(len(traits), sessions.per_day)
    if sessions.shape is not None:
        rate = sessions.per_day * gamma_quantile(sessions.shape, draw_each(traits, SESSIONS)) / sessions.shape
    if behaviour.needs is not None and behaviour.needs.buying == "at_visit" and isinstance(scenario.settings.past, Past):
        met = behaviour.stores.consider * behaviour.orders.with_need
        if met > 0:
            rate = np.maximum(rate, need_rate * DAY / met / MOST_NEEDS_PER_VISIT)
    most = rate.max(initial=0) * behaviour.busiest
    if most > MOST_SESSIONS:
        words = f"behaviour.sessions: a consumer would have {most:,.0f} sessions a day; at most {MOST_SESSIONS} can be drawn"
        raise BadInput(f"{words}: lower 'per_day' or festivals' 'sessions', or raise 'shape' or 'behaviour.stores.consider'")
    return rate


def poisson_quantile(u: Floats, mean: Floats) -> NDArray[np.int64]:
    """The u-quantiles of Poisson distributions."""
    found = np.empty(len(u), np.int64)
    poisson_quantiles(u, mean, found)
    many = mean > MOST_COUNTED
    found[many] = np.ceil(special.pdtrik(u[many], mean[many]) - 1e-9)
    return found


def relations_at_start(
    scenario: Scenario,
    keys: Keys,
    customers: Customers | None,
    hidden: Hidden,
    enter: NDArray[np.int64],
    consumers: np.ndarray,
    ring: int,
) -> tuple[np.ndarray, np.ndarray]:
    """The relation rows of those who have any, and the ring of their messages' days; consumers' blocks are set."""
    known = scenario.settings.behaviour.stores.known
    if scenario.settings.behaviour.stores.choice == "compete":
        counts = np.zeros(len(keys), np.int64)
        stores = np.zeros(0, np.int64)
    elif known is not None:
        merchants = np.array([name_key(merchant.name) for merchant in scenario.merchants], np.uint64)
        stores = distinct_stores(keys, merchants, known).ravel()
        counts = np.full(len(keys), known)
    else:
        counts = (enter == IS_CUSTOMER).astype(np.int64) if scenario.merchants else np.zeros(len(keys), np.int64)
        stores = np.zeros(counts.sum(), np.int64)
    consumers["relation_count"] = consumers["relation_room"] = counts
    consumers["relation_first"] = np.cumsum(counts) - counts
    relations = RELATION.rows(max(len(stores), 1))
    recent = np.full((len(relations), ring), NEVER, np.int16)
    relations["merchant"][: len(stores)] = stores
    if customers is not None and known is None:
        of = np.flatnonzero(counts)
        rows = relations[: len(of)]
        rows["dropped"] = hidden.dropped[of]
        rows["orders"] = customers.x[of] + 1
        rows["order_day"] = customers.last_day[of]
        rows["served"] = 1
    rows = relations[: len(stores)]
    rows["stage"] = np.select([rows["dropped"] == 1, rows["orders"] > 1, rows["orders"] == 1], [GONE, KEEP, INTERLOCK], 0)
    return relations, recent


def contacts_of(relations: np.ndarray) -> np.ndarray:
    """The rows beside those of the relations, in no crowd yet."""
    contacts = CONTACT.rows(len(relations))
    contacts["merchant"] = relations["merchant"]
    return contacts


def distinct_stores(keys: Keys, merchants: Keys, known: int) -> NDArray[np.int64]:
    """`known` distinct stores for each consumer, those of the smallest draws keyed by (consumer, store): (n, known)."""
    stores = np.empty((len(keys), known), np.int64)
    for at in range(0, len(keys), 8192):
        chunk = slice(at, at + 8192)
        draws = under_each(under_each(keys[chunk], KNOWN_STORES)[:, None], merchants[None, :])
        stores[chunk] = np.argsort(draws, axis=1)[:, :known]
    return stores


def pending_blocks(consumers: np.ndarray, waiting: NDArray[np.int64]) -> tuple[np.ndarray, int]:
    """An empty block for each consumer, and some room at the pool's end."""
    room = np.maximum(waiting, PUSHES) + NEEDS_BESIDES
    consumers["pending_room"] = room
    consumers["pending_first"] = np.cumsum(room) - room
    end = int(room.sum())
    return PENDING.rows(end + end // 4 + 64), end


def count_stocks(shard: Shard) -> None:
    """Stocks of the day before the start: relations by stage, old customers and when they cease to be."""
    for stage in (INTERLOCK, KEEP):
        of = shard.relations["merchant"][shard.relations["stage"] == stage]
        shard.stocks[:, STOCK_LEAD + stage - 1] = np.bincount(of, minlength=len(shard.stocks))
    rows = shard.relations[shard.relations["order_day"] > -1 - OLD_CUSTOMER_DAYS]
    shard.stocks[:, STOCK_OLD] = np.bincount(rows["merchant"], minlength=len(shard.stocks))
    np.add.at(shard.old_expiry, (rows["merchant"], rows["order_day"] % OLD_CUSTOMER_DAYS), 1)
