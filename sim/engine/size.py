"""How much memory a run will need, by what it is for: from the declared columns and the rows that are expected.

What is known exactly is counted exactly (columns of consumers and needs); relations in a market and
pending events are estimates from runs of the shipped market and of W1.
"""

from __future__ import annotations

import math

from sim.engine.asked import resources_of
from sim.engine.founding import LOG_ROOM, NEEDS_BESIDES
from sim.engine.world import categories_table, longest_window
from sim.policies.benefit import Benefit
from sim.policies.groups import Groups
from sim.scenario.load import Scenario
from sim.state.benefits import LOYALTY
from sim.state.coupling import REQUEST
from sim.state.names import CHANNELS, FIGURES, INDUSTRIES, OLD_CUSTOMER_DAYS, SOURCE_FIGURES, STOCKS, TASK_FIGURES
from sim.state.shard import PUSHES
from sim.state.tables import CONSUMER, CONTACT, LOG, NEED, PENDING, RELATION
from sim.state.undo import UNDO

PROGRAM = 250_000_000  # bytes: Python, its libraries, machine code, the tables of results as they are written
POOL = 1.1  # rows of a pool to rows in its blocks: room at the end, and holes before it is closed up
PENDING_ROOM = 1.1  # rows of a block of pending events to those at the start, where needs wait: they come in numbers
RELATION_ROOM = 1.5  # rows of a block of relations to those that are met by that estimate: it grows by half
BROWSED = 0.25  # share of `consider` that comes to a visit: there must be a need
MEETINGS = 0.66  # distinct stores met in v visits of a market are about v to this power
ASKING = 0.2  # of consumers, in one window, for what is shared and may run out
QUESTIONS = 1.5  # of each of them
LOG_ROWS_A_DAY = 4.0  # rows of a consumer in an event log of all
TASKS_A_DAY = 0.5  # of a merchant with a strategy
OBJECT = 600  # bytes of a task as the host knows it

DAY_OF_RING, TALLY, EXPIRY = 2, 8, 4  # bytes


def predicted(scenario: Scenario, shards: int, events: str = "none") -> dict[str, int]:
    """Bytes of a run in so many shards, at its largest, by what they are for; the largest first."""
    consumers, merchants = scenario.consumers, len(scenario.merchants)
    categories = len(categories_table(scenario)[0])
    days = scenario.settings.days - scenario.first_day
    relations = relation_rows(scenario) * consumers
    pending = pending_rows(scenario, categories) * consumers
    relation = RELATION.dtype.itemsize + CONTACT.dtype.itemsize + DAY_OF_RING * longest_window(scenario)
    if any(isinstance(policy, Benefit | Groups) for policy in scenario.all_policies):
        relation += LOYALTY.dtype.itemsize
    tallies = merchants * TALLY * (len(FIGURES) + len(STOCKS) + len(CHANNELS) * len(SOURCE_FIGURES))
    tasks = TASKS_A_DAY * sum(merchant.strategy is not None for merchant in scenario.merchants)
    logged = {"none": 0.0, "sample": 0.01}.get(events, 1.0) * consumers * LOG_ROWS_A_DAY
    groups = {
        "program": PROGRAM,
        "consumers": consumers * CONSUMER.dtype.itemsize,
        "needs": consumers * categories * NEED.dtype.itemsize,
        "relations": relations * relation,
        "pending events": pending * PENDING.dtype.itemsize,
        "tallies": shards * (tallies + merchants * OLD_CUSTOMER_DAYS * EXPIRY),
        "books": 2 * days * tallies,
        "tasks": days * tasks * (OBJECT + TASK_FIGURES * TALLY),
        "event log": LOG.dtype.itemsize * (shards * LOG_ROOM + 4 * logged),  # in the shards, joined, sorted, as text
    }
    if any(policy.asks_plainly for policy in scenario.all_policies):
        groups["verdicts"] = consumers * tasks
    of_consumers = sum(groups[name] for name in ("consumers", "needs", "relations", "pending events"))
    names = tuple(merchant.name for merchant in scenario.merchants)
    if any(True for policy in scenario.all_policies for _ in resources_of(policy, names)):
        asked = UNDO.dtype.itemsize + QUESTIONS * REQUEST.dtype.itemsize
        groups["copies of who asks"] = ASKING * (of_consumers + consumers * asked)
    groups["a pool as it grows"] = max(relations * RELATION.dtype.itemsize, groups["pending events"]) / shards
    whole = {name: math.ceil(size) for name, size in groups.items() if size}
    return dict(sorted(whole.items(), key=lambda group: -group[1]))


def relation_rows(scenario: Scenario) -> float:
    """Rows of relations a consumer, unused room included."""
    stores, sessions = scenario.settings.behaviour.stores, scenario.settings.behaviour.sessions
    if stores.known is not None and stores.choice != "compete":
        return min(stores.known, len(scenario.merchants))
    if stores.choice != "compete":
        return 1.0
    days = scenario.settings.days - scenario.first_day
    visits = days * sessions.per_day * (stores.browse + BROWSED * stores.consider)
    return POOL * RELATION_ROOM * min(len(scenario.merchants), visits**MEETINGS)


def pending_rows(scenario: Scenario, categories: int) -> float:
    """Rows of pending events a consumer, unused room included."""
    needs, waiting = scenario.settings.behaviour.needs, 0.0
    if needs is not None:
        industries = {merchant.settings.industry for merchant in scenario.merchants} & set(INDUSTRIES)
        waiting = sum(needs.rates.of(industry).per_year for industry in industries) / 365 * needs.patience_days
    return POOL * (PENDING_ROOM if categories else 1.0) * (max(waiting + categories, PUSHES) + NEEDS_BESIDES)
