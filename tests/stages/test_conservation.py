"""Nothing is lost and nothing is invented: every figure of a run is a sum of rows of its event log."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from worlds_of_stages import DAY, FAIR, FAIR_DAYS, PRICES, World, run_world, worlds

from sim.results.run import Run

EXAMPLES = settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
THOROUGH = settings(EXAMPLES, max_examples=250)
COUNTS = {
    "visits": "visit",
    "follows": "follow",
    "unfollows": "unfollow",
    "joins": "join",
    "leaves": "leave",
    "carts": "cart",
    "messages_sent": "message_sent",
    "messages_read": "message_read",
    "messages_refused": "message_blocked",
    "opt_outs": "opt_out",
}
COUNTS_OF_RUN = {
    "sessions": "session",
    "needs": "need",
    "ships": "ship",
    "pickups": "pickup",
    "receipts": "receive",
    "reads": "message_read",
    "sends": "message_sent",
    "refused": "message_blocked",
}
OLD_CUSTOMER_DAYS = 365


class Log:
    """The event log, with what is known of each order from the rows before it."""

    def __init__(self, events: pd.DataFrame, names: list[str], days: int) -> None:
        self.rows = events.assign(day=events["time"] // DAY)
        self.names, self.days = names, days
        self.orders = self._orders()

    def of(self, kind: str) -> pd.DataFrame:
        """The rows of a kind that happened in the run."""
        rows = self.rows[(self.rows["kind"] == kind) & (self.rows["time"] >= 0)]
        if kind != "opt_out":
            return rows
        tasks = self.rows[self.rows["kind"] == "task"].set_index("ref")["merchant"]
        return rows.assign(merchant=tasks.reindex(rows["ref"]).to_numpy())  # of all stores: that whose message it was

    def by_day(self, rows: pd.DataFrame, amount: str | None = None) -> np.ndarray:
        """Number of rows, or their sum, by (day, merchant)."""
        table = np.zeros((self.days, len(self.names)), np.int64)
        np.add.at(table, (rows["day"], rows["merchant"]), 1 if amount is None else rows[amount])
        return table

    def _orders(self) -> pd.DataFrame:
        """All orders, the declared past's included: since when the buyer was a fan, a member, a customer."""
        fans: set[tuple[int, int]] = set()
        members: set[tuple[int, int]] = set()
        bought: dict[tuple[int, int], list[int]] = defaultdict(list)  # days with an order
        found = []
        for row in self.rows.itertuples():
            relation = (row.consumer, row.merchant)
            if row.kind == "follow":
                fans.add(relation)
            elif row.kind == "unfollow":
                fans.remove(relation)
            elif row.kind == "join":
                members.add(relation)
            elif row.kind == "order":
                days = bought[relation]
                old = any(row.day - OLD_CUSTOMER_DAYS <= day < row.day for day in days[-2:])
                known = relation in fans, relation in members, bool(days), old
                found.append((row.day, *relation, row.amount, *known, row.reason))
                if row.day not in days:
                    days.append(row.day)
        columns = ["day", "consumer", "merchant", "amount", "fan", "member", "repeat", "old", "price"]
        return pd.DataFrame(found, columns=columns).astype(
            dict.fromkeys(columns[:4], "int64") | dict.fromkeys(columns[4:8], bool) | {"price": str}
        )


def frame(table: np.ndarray, log: Log) -> pd.Series:
    index = pd.MultiIndex.from_product([range(log.days), log.names], names=["day", "merchant"])
    return pd.Series(table.ravel(), index)


STAGES = ("lead", "interlock", "engage", "keep")


def stages(log: Log, past: dict[tuple[int, int], int]) -> tuple[np.ndarray, np.ndarray]:
    """Who comes to each stage of LINK+, and who is at it at the day's end: (stages, days, merchants), by the log's rows.

    `past` has the orders that customers of a declared past had made before.
    """
    entered = np.zeros((4, log.days, len(log.names)), np.int64)
    orders = defaultdict(int, past)
    visited: dict[tuple[int, int], int] = {}
    at = {relation: 3 if count > 1 else 1 for relation, count in past.items()}
    before = np.zeros((4, len(log.names)), np.int64)
    for (_, merchant), stage in at.items():
        before[stage, merchant] += 1
    for row in log.rows[log.rows["time"] >= 0].itertuples():
        if row.kind not in ("visit", "follow", "join", "order"):
            continue
        relation = (row.consumer, row.merchant)
        if row.kind == "order":
            orders[relation] += 1
            to = 3 if orders[relation] > 1 else 1
        elif row.kind == "visit":
            to = 2 if at.get(relation) == 1 and visited.get(relation) != row.day else 0
            visited[relation] = row.day
        else:
            to = 1
        for stage in range(at.get(relation, -1) + 1, to + 1):
            entered[stage, row.day, row.merchant] += 1
        at[relation] = max(at.get(relation, -1), to)
    onward = np.concatenate([entered[1:], np.zeros_like(entered[:1])])
    return entered, before[:, None, :] + np.cumsum(entered - onward, axis=1)


def check_discounts(
    orders: pd.DataFrame, log: Log, discount: np.ndarray, units: np.ndarray, with_prices: bool, at_fair: list[int]
) -> None:
    """Each order has the lowest price that the consumer is entitled to, and the discounts of a day are those of its orders.

    That of the fair, at the merchants `at_fair`, is lower than all others.
    """
    fair = orders["day"].isin(FAIR_DAYS) & orders["merchant"].isin(at_fair)
    of = [fair, *(orders[name] & with_prices for name in ("member", "old", "fan"))]
    price = np.select(of, ["festival", "member", "old_customer", "fan"], "")
    named = np.where(price != "", np.char.add(price.astype(str), "_price"), "")
    assert orders["price"].tolist() == named.tolist()
    share = np.array([(PRICES | {"festival": FAIR["discount"]}).get(name, 0.0) for name in price])
    off = log.by_day(orders.assign(off=0), "off").astype(float)
    np.add.at(off, (orders["day"], orders["merchant"]), orders["amount"] * share / (1 - share))
    assert (abs(off - discount) <= 0.5 / (1 - FAIR["discount"]) * units + 1e-6).all(), "each unit's is rounded to the nearest"
    assert with_prices or at_fair or not discount.any()


def check_days(
    run: Run,
    log: Log,
    past: dict[tuple[int, int], int],
    goods_cost: float,
    message_cost: float,
    with_units: bool,
    with_prices: bool,
    at_fair: list[int],
) -> None:
    """Each column of the daily table, for every merchant and day."""
    daily = run.daily.set_index(["day", "merchant"])
    now = log.orders[log.orders["day"] >= 0]
    visits = log.of("visit")
    expected = {column: log.by_day(log.of(kind)) for column, kind in COUNTS.items()}
    expected |= {
        "visitors": log.by_day(visits.drop_duplicates(["day", "merchant", "consumer"])),
        "orders": log.by_day(now),
        "buyers": log.by_day(now.drop_duplicates(["day", "merchant", "consumer"])),
        "repeat_orders": log.by_day(now[now["repeat"]]),
        "gmv": log.by_day(now, "amount"),
        "gmv_fan": log.by_day(now[now["fan"]], "amount"),
        "gmv_member": log.by_day(now[now["member"]], "amount"),
        "gmv_old": log.by_day(now[now["old"]], "amount"),
    }
    expected["fans"] = np.cumsum(expected["follows"] - expected["unfollows"], axis=0)
    expected["members"] = np.cumsum(expected["joins"] - expected["leaves"], axis=0)
    expected["old_customers"] = stock_of_old_customers(log)
    expected["message_cost"] = np.rint(expected["messages_sent"] * message_cost).astype(np.int64)
    costs, units, discount = (
        daily[name].to_numpy().reshape(log.days, len(log.names)) for name in ("goods_cost", "units", "discount")
    )
    assert (units >= expected["orders"]).all()
    assert with_units or (units == expected["orders"]).all(), "one each"
    check_discounts(now, log, discount, units, with_prices, at_fair)
    gross = expected["gmv"] + discount
    assert (abs(costs - goods_cost * gross) <= 0.5 * expected["orders"] + 1e-6).all(), "each rounded to the nearest"
    expected |= {"units": units, "discount": discount}
    expected["profit"] = expected["gmv"] - costs - expected["message_cost"]
    expected["gmv_relation"] = log.by_day(now[now["fan"] | now["member"] | now["old"]], "amount")
    entered, stocks = stages(log, past)
    expected |= {f"{stage}_entered": table for stage, table in zip(STAGES, entered)}
    expected |= dict(zip(STAGES[:-1], stocks))
    expected["left"] = daily["left"].to_numpy().reshape(log.days, len(log.names))  # what no log can tell, but where from
    kept = daily["keep"].to_numpy().reshape(log.days, len(log.names)) + np.cumsum(expected["left"], axis=0)
    gone_before = stocks[-1][0] - kept[0]
    assert (gone_before >= 0).all()
    assert gone_before.any() <= bool(past), "who has dropped out before the start is of the declared past"
    expected["keep"] = stocks[-1] - gone_before - np.cumsum(expected["left"], axis=0)
    assert (np.cumsum(expected["left"], axis=0) <= np.cumsum(expected["repeat_orders"], axis=0)).all()
    members = now[now["member"]]
    members = members.assign(
        period=[half_month(run.daily["date"].iloc[0] + dt.timedelta(days=int(day))) for day in members["day"]]
    )
    first = ["consumer", "merchant", "period"]
    expected["member_buyers"] = log.by_day(members.drop_duplicates(first))
    expected["benefit_users"] = log.by_day(members[members["price"] == "member_price"].drop_duplicates(first))
    expected["benefit_days"] = daily["benefit_days"].to_numpy().reshape(log.days, len(log.names))  # of configuration, not log
    for column, table in expected.items():
        pd.testing.assert_series_equal(daily[column], frame(table, log), check_names=False, obj=column)
    rest = daily.columns.difference([*expected, "goods_cost", "date", "industry"])
    assert (daily[rest] == 0).all(axis=None), "what is not in the log did not happen"


def half_month(date: dt.date) -> tuple[int, int, bool]:
    """The period of grading that a date is in: until the 15th, or from the 16th on."""
    return date.year, date.month, date.day >= 16


def stock_of_old_customers(log: Log) -> np.ndarray:
    """At each day's end: consumers who bought within the 365 days up to it."""
    stock = np.zeros((log.days, len(log.names)), np.int64)
    for day in range(log.days):
        recent = log.orders[(log.orders["day"] <= day) & (log.orders["day"] > day - OLD_CUSTOMER_DAYS)]
        for merchant, customers in recent.groupby("merchant")["consumer"].nunique().items():
            stock[day, int(str(merchant))] = customers
    return stock


def check_channels(run: Run, log: Log) -> None:
    """Visits, orders and GMV by channel."""
    rows = pd.concat([log.of("visit").assign(visits=1, orders=0), log.of("order").assign(visits=0, orders=1)])
    rows = rows.assign(
        merchant=[log.names[m] for m in rows["merchant"]], gmv=rows["amount"], channel=rows["channel"].astype(str)
    )
    keys = ["day", "merchant", "channel"]
    expected = rows.groupby(keys)[["visits", "orders", "gmv"]].sum()
    found = run.daily_by_channel.set_index(keys)[["visits", "orders", "gmv"]].sort_index()
    pd.testing.assert_frame_equal(found, expected, check_dtype=False, check_index_type=False)


def check_messages(run: Run, log: Log) -> None:
    """Each task's creation and plan, its outcomes, its reads, and the reads that the merchant sees."""
    table = run.messages
    tasks = table.drop_duplicates("task").set_index("task")
    created = log.rows[log.rows["kind"] == "task"].set_index("ref")
    assert sorted(tasks.index) == sorted(created.index)
    assert tasks["created"].to_dict() == created["time"].to_dict()
    assert tasks["plan"].to_dict() == created["reason"].to_dict()
    counts: dict[tuple[Any, ...], int] = {(task, "sent", ""): 0 for task in tasks.index}
    for row in log.rows[log.rows["kind"].isin(["message_sent", "message_blocked", "message_read"])].itertuples():
        task = tasks.loc[row.ref]
        assert (log.names[row.merchant], row.channel) == (task["merchant"], task["channel"])
        outcome = {"message_sent": "sent", "message_blocked": "refused", "message_read": "read"}[row.kind]
        assert outcome == "read" or row.time == task["time"]
        keys = [(row.ref, outcome, row.reason)]
        if outcome == "read" and row.time < task["visible"]:
            keys.append((row.ref, "read_seen", ""))
        for key in keys:
            counts[key] = counts.get(key, 0) + 1
    found = {(row.task, row.outcome, row.reason): row.count for row in table.itertuples(name="Row")}
    assert {key: count for key, count in found.items() if count} == {key: count for key, count in counts.items() if count}
    assert all((task, "sent", "") in found for task in tasks.index)


def check_summary(run: Run, log: Log) -> None:
    """Totals and counts of the whole run."""
    stocks = ["fans", "members", "old_customers", *STAGES]
    figures = run.daily.drop(columns=["date", "day", "merchant", "industry"])
    totals = figures.drop(columns=stocks).sum().to_dict()
    totals |= run.daily[run.daily["day"] == log.days - 1][stocks].sum().to_dict()
    assert run.summary["totals"] == totals
    for name, kind in COUNTS_OF_RUN.items():
        assert run.summary["counts"][name] == len(log.of(kind)), name


def check_form(log: Log, fans_alone_join: bool) -> None:
    """The log is sorted, rows are known by (time, consumer, seq), and each follows from rows before it."""
    keys = log.rows[["time", "consumer", "seq"]]
    assert keys.equals(keys.sort_values(list(keys), kind="stable"))
    assert not keys.duplicated().any()
    for kind in ("join", "opt_out"):
        assert not log.of(kind).duplicated(["consumer", "merchant"]).any(), f"{kind}: once"
    changes = log.rows[log.rows["kind"].isin(["follow", "unfollow"])]
    for _, kinds in changes.groupby(["consumer", "merchant"])["kind"]:
        assert kinds.tolist() == (["follow", "unfollow"] * len(kinds))[: len(kinds)], "in turn"
    follows, joins = (log.of(kind).groupby(["consumer", "merchant"])["time"].min() for kind in ("follow", "join"))
    if fans_alone_join:
        joined = joins.to_numpy()
        assert (joined > follows.reindex(joins.index).to_numpy()).all(), "a fan joins, at a later visit"
    sent, read = (log.of(f"message_{what}").set_index(["ref", "consumer"])["time"] for what in ("sent", "read"))
    assert read.index.is_unique
    assert (read > sent.reindex(read.index)).all(), "what is read was delivered before"
    by_message = log.of("visit").loc[lambda rows: rows["channel"] == "message"]
    assert sorted(zip(by_message["time"], by_message["consumer"])) == sorted(
        zip(log.of("message_read")["time"], log.of("message_read")["consumer"])
    ), "a read is a visit"


def check_segments(run: Run, log: Log, past: dict[tuple[int, int], int], consumers: int) -> None:
    """What the consumers of each segment did; a segment is that of the orders before the run."""
    edges, names = [1, 4, 12], ["no orders", "1-3 orders", "4-11 orders", "12+ orders"]
    segment = [names[sum(past.get((k, 0), 0) >= edge for edge in edges)] for k in range(consumers)]
    kinds = {
        "visits": "visit", "orders": "order", "messages_sent": "message_sent", "messages_read": "message_read",
        "opt_outs": "opt_out", "needs": "need",
    }  # fmt: skip
    expected = pd.DataFrame({"consumers": 1}, index=range(consumers))
    for column, kind in kinds.items():
        expected[column] = log.of(kind)["consumer"].value_counts()
    expected["gmv"] = log.of("order").groupby("consumer")["amount"].sum()
    expected = expected.fillna(0).astype("int64").groupby(pd.Series(segment)).sum()
    found = run.segments.set_index("segment").sort_index()
    pd.testing.assert_frame_equal(found[expected.columns], expected, check_names=False, check_index_type=False)


def check_all(world: World, customers: pd.DataFrame | None) -> None:
    run = run_world(world, customers, shards=2)
    declared = world["merchants"]
    store = next(iter(declared.values()))
    count = store.get("count", 1)
    names = sorted(declared) if count == 1 else [f"store-{k:03d}" for k in range(count)]
    assert run.daily["merchant"].tolist() == names * world["days"]
    log = Log(run.events, names, world["days"])
    past = {}
    if customers is not None:
        past = {(k, 0): int(x) + 1 for k, (x, enter) in enumerate(zip(customers["x"], customers["enter"])) if enter == ""}
    elsewhere = world["behaviour"]["orders"].get("join", 0) > 0 or world.get("policies", {}).get("live_rooms")  # [INT-3, INT-5]
    check_form(log, fans_alone_join=not elsewhere)
    with_units, with_prices = bool(world["behaviour"]["orders"].get("units")), bool(world.get("policies", {}).get("prices"))
    industries = [declared.get(name, {}).get("industry") for name in names]
    at_fair = [m for m, industry in enumerate(industries) if industry in FAIR["industries"]]
    check_days(run, log, past, store["goods_cost"], store["message_cost"], with_units, with_prices, at_fair)
    check_channels(run, log)
    check_segments(run, log, past, run.summary["consumers"])
    check_messages(run, log)
    check_summary(run, log)


@EXAMPLES
@given(worlds)
def test_every_figure_is_a_sum_of_rows_of_the_log(world: tuple[World, pd.DataFrame | None]) -> None:
    check_all(*world)


@pytest.mark.slow
@THOROUGH
@given(worlds)
def test_every_figure_is_a_sum_of_rows_of_the_log_in_many_worlds(world: tuple[World, pd.DataFrame | None]) -> None:
    check_all(*world)
