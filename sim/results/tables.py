"""The tables of a run: figures by day and merchant, by channel, message tasks by outcome, and the summary."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from sim.engine.asked import discounts_of, factors_of, times_of
from sim.engine.grading import indicators_of
from sim.engine.merchants import planned_by_past
from sim.engine.segments import COUNTED, SEGMENTS, totals
from sim.engine.simulation import Simulation
from sim.policies.benefit import Benefit
from sim.policies.effect_data import EffectData
from sim.policies.grading.grade import reached
from sim.policies.grading.levers import distance
from sim.policies.grading.names import INDICATORS, PRIVILEGES, RATIOS, Grade, RegisterJoin, Setting
from sim.policies.grading.policy import MerchantGrading
from sim.policies.groups import Groups
from sim.policies.invitation import Invitation
from sim.policies.live_rooms import LiveRooms
from sim.policies.programme import BASE_LEVEL, Programme
from sim.state.benefits import BENEFIT_FIGURES, CLAIMED, REDEEMED
from sim.state.groups import GROUP_KINDS
from sim.state.names import (
    CHANNELS,
    DAY,
    DISCOUNT,
    FIGURES,
    FROM_LIVE,
    JOINS,
    MESSAGE_CHANNELS,
    NOT_EFFECTIVE,
    PENDING_NAMES,
    REASONS,
    REFUSALS,
    SOURCE_FIGURES,
    SOURCE_VISITS,
    STOCKS,
    TASK_NOT_EFFECTIVE,
    TASK_READ,
    TASK_READ_SEEN,
    TASK_REFUSED,
    TASK_SENT,
)
from sim.state.policy import Policy

# The order of the contract; what is not named there comes after it.
DAILY = (
    "visitors", "visits", "follows", "unfollows", "joins", "leaves", "carts", "orders", "buyers", "units", "gmv", "gmv_fan",
    "gmv_member", "gmv_old", "discount", "goods_cost", "ad_cost", "commission", "profit", "refunds", "messages_sent",
    "messages_read", "messages_refused", "opt_outs", "fans", "members", "old_customers", "repeat_orders", "message_cost",
    "gmv_relation", "lead_entered", "interlock_entered", "engage_entered", "keep_entered", "left", "lead", "interlock",
    "engage", "keep", "claims", "redemptions", "discount_platform", "gift_cost", "member_buyers", "benefit_users",
    "benefit_days", "group_joins", "group_members",
)  # fmt: skip
# gmv is what was paid: discounts are off already, and what the platform bears of benefits comes back to the merchant
COSTS = ("goods_cost", "ad_cost", "commission", "refunds", "message_cost", "gift_cost")
MONEY = ("gmv", "gmv_fan", "gmv_member", "gmv_old", "gmv_relation", "discount", "discount_platform", "profit", *COSTS)
AS_CALLED = {
    "bought": "orders",
    "spent": "gmv",
    "received": "messages_sent",
    "reads": "messages_read",
    "lapsed": "needs_lapsed",
    "met_ahead": "needs_met_ahead",
}
TEXTS = (
    "benefit", "kind", "segment", "merchant", "industry", "plan", "channel", "outcome", "what", "reason", "grade",
    "result", "register_join", "setting", "gained", "lost", "next_grade", "cheapest",
)  # fmt: skip
NUMBERS = (  # the others, but for dates, are integers
    *RATIOS, *(f"{name}_{part}" for name in INDICATORS for part in ("line", "gap")),
    *(f"{name}_potential_line" for name in RATIOS), "cost",
)  # fmt: skip


def daily(simulation: Simulation) -> pd.DataFrame:
    """One row per day and merchant: date, day, merchant, industry, then integer columns (money in minor units)."""
    merchants = simulation.scenario.merchants
    of_run = simulation.books.figures[-simulation.scenario.first_day :]  # merchants remember their past, tables do not
    days, count = len(of_run), len(merchants)
    figures = np.array(of_run, np.int64).reshape(days * count, len(FIGURES))
    stocks = np.array(simulation.books.stocks[-simulation.scenario.first_day :], np.int64).reshape(days * count, len(STOCKS))
    columns: dict[str, Any] = dict(zip(FIGURES, figures.T)) | dict(zip(STOCKS, stocks.T))
    day, merchant = np.repeat(np.arange(days), count), np.tile(np.arange(count), days)
    per_message = np.array([merchant.settings.message_cost for merchant in merchants])
    columns["message_cost"] = np.rint(columns["messages_sent"] * per_message[merchant]).astype(np.int64)
    columns["profit"] = columns["gmv"] + columns["discount_platform"] - sum(columns[name] for name in COSTS)
    head = {
        "date": dates(simulation)[day],
        "day": day,
        "merchant": words([merchant.name for merchant in merchants], merchant),
        "industry": words([merchant.settings.industry for merchant in merchants], merchant),
    }
    return typed(head | {name: columns[name] for name in DAILY})


def segments(simulation: Simulation) -> pd.DataFrame:
    """One row per segment of consumers, by their orders before the run, with what they did in it."""
    table = np.sum([totals(shard) for shard in simulation.population.shards], axis=0)
    frame = pd.DataFrame({"segment": SEGMENTS}).assign(**dict(zip(("consumers", *COUNTED), table.T)))
    return frame[frame["consumers"] > 0].rename(columns=AS_CALLED).reset_index(drop=True)


def daily_by_channel(simulation: Simulation) -> pd.DataFrame:
    """One row per day, merchant and channel with visits or orders: visits, orders, gmv."""
    sources = np.array(simulation.books.sources, np.int64)
    if sources.size == 0:
        sources = sources.reshape(0, 0, len(CHANNELS), len(SOURCE_FIGURES))
    day, merchant, channel = np.nonzero(sources.any(axis=3))
    head = {
        "date": dates(simulation)[day],
        "day": day,
        "merchant": words([merchant.name for merchant in simulation.scenario.merchants], merchant),
        "channel": words(CHANNELS, channel),
    }
    return typed(head | dict(zip(SOURCE_FIGURES, sources[day, merchant, channel].T)))


def messages(simulation: Simulation) -> pd.DataFrame:
    """One row per task and outcome: sent, read, read_seen (what the merchant sees, from `visible` on), refused by reason.

    `count` is consumers. Of a task that was refused as a whole there is one row, with the size of its crowd, or 0 where it
    was refused before there was one. Who is `not_effective` is no part of the crowd [MSG-1].
    """
    book, merchants = simulation.tasks, simulation.scenario.merchants
    of_run = book.sent_from(0)
    told, figures = book.told(of_run), simulation.tallies.figures[of_run]
    columns = {("sent", ""): [TASK_SENT], ("read", ""): [TASK_READ], ("read_seen", ""): [TASK_READ_SEEN]}
    columns |= {("refused", NOT_EFFECTIVE): [TASK_NOT_EFFECTIVE]}
    columns |= {("refused", reason): of for reason, of in columns_of_reasons(simulation).items()}
    outcomes, counts = list(columns), [figures[:, of].sum(axis=1) for of in columns.values()]
    has_row = [count > 0 for count in counts]
    has_row[0][:] = True
    why = np.array([book.refused.get(row, "") for row in of_run.tolist()], object)
    for rows in has_row:
        rows[why != ""] = False
    for reason in dict.fromkeys(why[why != ""]):
        outcomes.append(("refused", reason))
        counts.append(np.maximum(book.crowds(of_run), 0))
        has_row.append(why == reason)
    task, outcome = np.nonzero(np.stack(has_row, axis=1))
    return typed(
        {
            "task": told["id"][task],
            "merchant": words([merchant.name for merchant in merchants], told["merchant"][task]),
            "plan": words([book.tasks[row].message.plan for row in of_run.tolist()], task),
            "channel": words(MESSAGE_CHANNELS, told["channel"][task]),
            "time": told["time"][task],
            "created": book.created(of_run)[task],
            "visible": book.visible(of_run)[task],
            "outcome": words([name for name, _ in outcomes], outcome),
            "reason": words([reason for _, reason in outcomes], outcome),
            "count": np.stack(counts, axis=1)[task, outcome],
        }
    )


def columns_of_reasons(simulation: Simulation) -> dict[str, list[int]]:
    """By reason, in their order, the columns of a task's figures that count its refusals: several policies may share one."""
    columns: dict[str, list[int]] = {}
    for k, reason in enumerate((*REASONS, *simulation.gates.reasons)):
        if reason:
            columns.setdefault(reason, []).append(TASK_REFUSED + k)
    return columns


def benefits(simulation: Simulation) -> pd.DataFrame:
    """One row per benefit and store that gives it (or industry, where it is good at all its stores), past included.

    What became of it since the simulation began: what was claimed or came back with a refund was
    redeemed, has expired or is held still.
    """
    host = simulation.benefits
    tally = simulation.population.total("benefits")
    names = [merchant.name for merchant in simulation.scenario.merchants]
    head = {
        "benefit": [row.name for row in host.given],
        "merchant": [row.industry if row.merchant < 0 else names[row.merchant] for row in host.given],
        "kind": [row.policy.kind for row in host.given],
        "of_past": [int(row.of_past) for row in host.given],
    }
    figures = {name: tally[:, k] for k, name in enumerate(BENEFIT_FIGURES)}
    held = np.where(
        host.table["at"] > 0, figures["claimed"] + figures["returned"] - figures["redeemed"] - figures["expired"], 0
    )
    return typed(head | {"held": held} | figures)


def grades(simulation: Simulation) -> pd.DataFrame:
    """One row per merchant and refresh: each indicator, its lines, whether they are met, and what became of it [GRD-2, GRD-12].

    `grade` is the merchant's, `result` that of the period alone. Privileges are names joined by commas. Gaps are to the next
    grade, by indicator, null where there is none; `cheapest` is the lever to begin with, `cost` that of all gaps.
    """
    refreshed = simulation.grades.refreshed
    rows = [_grade(simulation, row) for row in refreshed[refreshed["time"] >= 0]]
    return typed({name: [row[name] for row in rows] for name in GRADE_COLUMNS})


GRADE_COLUMNS = (
    "merchant", "time", "grade", "result", "industry", "register_join", "setting", "gained", "lost",
    *(f"{name}{part}" for name in INDICATORS for part in ("", "_line", "_met")),
    *(f"{name}_potential_{part}" for name in RATIOS for part in ("line", "met")),
    "next_grade", "cheapest", "cost", *(f"{name}_gap" for name in INDICATORS),
)  # fmt: skip


def _grade(simulation: Simulation, row: np.void) -> dict[str, Any]:
    """A refresh of one merchant. Lines and distance are what the rules in force made of its indicators."""
    merchant, time = simulation.scenario.merchants[row["merchant"]], int(row["time"])
    (rules,) = simulation.scenario.in_force(time // DAY, MerchantGrading)
    moment = dt.datetime.combine(simulation.scenario.settings.start, dt.time()) + dt.timedelta(seconds=time)
    found, lines = indicators_of(row), rules.lines_of(merchant.settings.industry)
    quality = {"online_days": rules.online_days_above + 1, **lines.quality}
    met, met_by_potential = reached(found, quality), reached(found, lines.potential)
    to = distance(found, lines, moment, rules)
    names = {
        what: ",".join(name for k, name in enumerate(PRIVILEGES) if row[a] >> k & 1 and not row[b] >> k & 1)
        for what, a, b in (("gained", "has", "had"), ("lost", "had", "has"))
    }
    return {
        "merchant": merchant.name,
        "time": time,
        "grade": tuple(Grade)[row["grade"]].value,
        "result": tuple(Grade)[row["result"]].value,
        "industry": merchant.settings.industry,
        "register_join": tuple(RegisterJoin)[row["register_join"]].value,
        "setting": tuple(Setting)[row["setting"]].value,
        **names,
        **found._asdict(),
        **{f"{name}_line": quality[name] for name in INDICATORS},
        **{f"{name}_met": int(met[name]) for name in INDICATORS},
        **{f"{name}_potential_line": lines.potential[name] for name in RATIOS},
        **{f"{name}_potential_met": int(met_by_potential[name]) for name in RATIOS},
        "next_grade": None if to is None else to.grade.value,
        "cheapest": None if to is None else to.cheapest,
        "cost": None if to is None else to.cost,
        **{f"{name}_gap": None if to is None else to.gaps.get(name) for name in INDICATORS},
    }


def refused(simulation: Simulation) -> pd.DataFrame:
    """One row per day, merchant, what was refused, and why: joins of consumers, what merchants set [GRD-7, INT-3]."""
    of_days, merchants = simulation.books.refusals, simulation.scenario.merchants
    counts = np.array(of_days, np.int64).reshape(len(of_days), len(merchants), len(REFUSALS))
    day, merchant, kind = np.nonzero(counts)
    columns = {
        "day": day,
        "merchant": words([merchant.name for merchant in merchants], merchant),
        "what": words([what for what, _ in REFUSALS], kind),
        "reason": words([reason for _, reason in REFUSALS], kind),
        "count": counts[day, merchant, kind],
    }
    return typed(columns)


def typed(columns: Mapping[str, Any]) -> pd.DataFrame:
    """A table whose columns have the same types whether it has rows or not: dates, texts, numbers, else integers."""

    def of_its_type(name: str, values: Any) -> Any:
        if name in TEXTS:
            return pd.array(values, dtype="str")
        return np.asarray(values, object if name == "date" else np.float64 if name in NUMBERS else np.int64)

    return pd.DataFrame({name: of_its_type(name, values) for name, values in columns.items()})


def words(of: Sequence[str], codes: np.ndarray) -> Any:
    """The word of each code, as a column."""
    return pd.array(list(of), dtype="str").take(codes)


def dates(simulation: Simulation) -> np.ndarray:
    """The date of each day of the run, (days,) object."""
    start = simulation.scenario.settings.start
    return np.array([start + dt.timedelta(days=day) for day in range(simulation.days)], object)


def summary(simulation: Simulation, by_day: pd.DataFrame) -> dict[str, Any]:
    """Totals of all figures (stocks at the end), the same per consumer, events by kind, and what each setting did."""
    counts = dict(zip(PENDING_NAMES, map(int, simulation.population.total("counts"))))
    sums = by_day[[name for name in DAILY if name not in STOCKS]].sum()
    at_end = by_day.loc[by_day["day"] == by_day["day"].max(), list(STOCKS)].sum()
    totals = {name: int(total) for name, total in (*sums.items(), *at_end.items())}
    sent, refused = totals["messages_sent"], totals["messages_refused"]
    events = sum(counts.values()) - counts["messages"] + sent  # what was refused is no event
    consumers = len(simulation.population)
    return {
        "scenario": simulation.scenario.name,
        "seed": simulation.seed,
        "consumers": consumers,
        "days": simulation.days,
        "currency": simulation.scenario.settings.currency,
        "events": events,
        "counts": counts | {"sends": sent, "refused": refused},
        "totals": totals,
        "per_consumer": {name: total / consumers if consumers else None for name, total in totals.items()},
        "refused": refusals(simulation),
        "tasks_refused": tasks_refused(simulation),
        "acted": acted(simulation),
    }


def refusals(simulation: Simulation) -> dict[str, int]:
    """Refused messages by reason."""
    figures = figures_of_tasks(simulation)
    counts = {reason: int(figures[of].sum()) for reason, of in columns_of_reasons(simulation).items()}
    return {reason: count for reason, count in counts.items() if count}


def figures_of_tasks(simulation: Simulation) -> np.ndarray:
    """The figures of all tasks together, (TASK_FIGURES,), without those of a simulated past."""
    total: np.ndarray = simulation.tallies.figures[simulation.tasks.sent_from(0)].sum(axis=0)
    return total


def tasks_refused(simulation: Simulation) -> dict[str, int]:
    """Tasks that were refused as a whole, by reason."""
    tasks = simulation.tasks.tasks
    reasons = (reason for row, reason in simulation.tasks.refused.items() if tasks[row].message.time >= 0)
    return dict(sorted(Counter(reasons).items()))


def acted(simulation: Simulation) -> dict[str, int]:
    """How often each policy and strategy made a difference.

    Refusals that only policies of its kind make (of messages, of tasks, of orders; for effective old customers, who was left
    out), inquiries at its desks, tasks whose effect data came later, days with a factor, days of stores on which a discount was
    given, or on which somebody joined who may have been invited, calls of a schedule, refreshes of grades, joins and settings
    refused by them, seats taken in groups, uses of a benefit, visits to live rooms; of a strategy, its tasks.
    """
    scenario = simulation.scenario
    figures = figures_of_tasks(simulation)
    by_reason = refusals(simulation) | tasks_refused(simulation) | {NOT_EFFECTIVE: int(figures[TASK_NOT_EFFECTIVE])}
    own = {gate.name: slice(gate.first_figure, gate.first_figure + len(gate.reasons)) for gate in simulation.gates.of_run}
    done = {}
    for name, policy in scenario.policies.items():
        if name in own:
            count = int(figures[own[name]].sum())
        else:
            count = sum(by_reason.get(reason, 0) for reason in policy.reasons)
        if "platform_limit" not in policy.reasons:
            count += simulation.coupling.acted.get(name, 0)
        if isinstance(policy, EffectData):
            count += sum(task.is_late for task in simulation.tasks.tasks if task.message.time >= 0)
        if isinstance(policy, Programme):
            count += used_programme(simulation, policy)
        if isinstance(policy, Groups):
            count += entered(simulation, name, policy)
        if isinstance(policy, Benefit):
            count += used_benefits(simulation, name)
        first, end = policy.span(scenario.settings.start)
        in_force = [day for day in range(simulation.days) if first <= day < end]
        if isinstance(policy, Invitation):
            count += accepted(simulation, policy, in_force)
        if isinstance(policy, MerchantGrading):
            count += graded(simulation, in_force)
        count += discounted(simulation, policy, in_force) + watched(simulation, policy, in_force)
        if any(factor != 1.0 for factor in factors_of(policy).values()):
            count += len(in_force)
        times = times_of(policy, simulation.days)
        count += sum(0 <= t < simulation.end and policy.in_force(t // DAY, scenario.settings.start) for t in times)
        done[f"policies.{name}"] = count
    since = planned_by_past(scenario)
    planned = [task.merchant for task in simulation.tasks.tasks if task.created >= since]
    tasks = np.bincount(planned, minlength=len(scenario.merchants))
    for name, settings in scenario.settings.merchants.items():
        if any(m.strategy is not None for m in scenario.merchants if m.settings is settings):
            of = [k for k, m in enumerate(scenario.merchants) if m.settings is settings]
            done[f"merchants.{name}.strategy"] = int(tasks[of].sum())
    return done


def entered(simulation: Simulation, name: str, policy: Groups) -> int:
    """Seats taken in the groups of a policy."""
    of = [row.merchant for row in simulation.groups.rows if row.name == name]
    return int(simulation.groups.seats_taken(simulation.population)[of, GROUP_KINDS.index(policy.kind)].sum())


def used_programme(simulation: Simulation, programme: Programme) -> int:
    """How often benefits were claimed or used that are for a programme's points or levels."""
    host, tally = simulation.benefits, simulation.population.total("benefits")
    stores = [(merchant.name, merchant.settings.industry) for merchant in simulation.scenario.merchants]
    rows = [
        k
        for k, row in enumerate(host.given)
        if not row.of_past
        and row.merchant >= 0
        and (row.policy.points or row.policy.who.level > BASE_LEVEL)
        and programme.is_of(*stores[row.merchant])
    ]
    return int(tally[rows][:, [CLAIMED, REDEEMED]].sum())


def used_benefits(simulation: Simulation, name: str) -> int:
    """How often a benefit of the run was used."""
    host = simulation.benefits
    rows = [k for k, row in enumerate(host.given) if row.name == name and not row.of_past]
    return int(simulation.population.total("benefits")[rows, REDEEMED].sum())


def accepted(simulation: Simulation, policy: Invitation, days: list[int]) -> int:
    """On how many of these days, store by store, somebody joined where the policy invites."""
    scenario = simulation.scenario
    on = [day for day in days if policy.probability > 0 and policy.is_on(day, scenario.settings.start)]
    invites = [policy.invites(merchant.name) for merchant in scenario.merchants]
    of_run = simulation.books.figures[-scenario.first_day :]
    return sum(int((np.asarray(of_run[day])[invites, JOINS] > 0).sum()) for day in on)


def graded(simulation: Simulation, days: list[int]) -> int:
    """On these days, refreshes of merchants, and joins and settings that were refused."""
    refreshes = np.isin(simulation.grades.refreshed["time"] // DAY, days).sum()
    return int(refreshes + sum(simulation.books.refusals[day].sum() for day in days))


def watched(simulation: Simulation, policy: Policy, days: list[int]) -> int:
    """How many visits there were on these days to live rooms of the stores that the policy has go live."""
    if not isinstance(policy, LiveRooms) or not days:
        return 0
    has = [policy.has(merchant.name, merchant.settings.industry) for merchant in simulation.scenario.merchants]
    return int(np.array(simulation.books.sources, np.int64)[days][:, has, FROM_LIVE, SOURCE_VISITS].sum())


def discounted(simulation: Simulation, policy: Policy, days: list[int]) -> int:
    """On how many of these days, store by store, a discount was given where the policy gives one, and no festival does."""
    if not policy.gives_discounts:
        return 0
    settings = simulation.scenario.settings
    festivals = {day: settings.behaviour.festivals_on(settings.start + dt.timedelta(days=day)) for day in days}
    days = [day for day in days if not any(festival.discount for festival in festivals[day])]
    if not days:
        return 0
    merchants = simulation.scenario.merchants
    gives = [any(discounts_of(policy, merchant.name, merchant.settings.industry).values()) for merchant in merchants]
    of_run = np.array(simulation.books.figures[-simulation.scenario.first_day :], np.int64)
    return int((of_run[days][:, gives, DISCOUNT] > 0).sum())
