"""An audit of the message rules that reads the event log and the scenario's parameters; nothing else, nothing of the engine.

It knows the rulebook's words only: for each day it counts, from the rows before 00:00, who is in a crowd and how active, and
for each outcome, from the rows before it, which reasons to refuse it were true. Everything is done for whole columns at once,
so that a big market can be audited, too.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

DAY = 86_400
SCENES = ("cs.custom", "cs.new_arrival", "cs.follow_gift", "cs.repurchase_coupon", "cs.promotion", "cs.member_day")
SERVICE = (*SCENES, "cs.service")
REASONS = (
    "algorithm_filter", "overlap", "opted_out", "no_dedicated_relation", "store_window", "store_per_day", "stores_per_day",
    "total_per_day", "reach_frequency",
)  # fmt: skip
DEFAULTS: dict[str, dict[str, Any]] = {
    "caps": {"store_limit": 1, "store_days": 7, "stores_per_day": 5, "per_store_per_day": 2, "total_per_day": 10},
    "old_customers": {"bought_days": 365, "visited_days": 90},
    "algorithm_filter": {
        "share": 0.8, "login_days": 30, "visit_days": 90, "login_weight": 1, "visit_weight": 2, "favourite_weight": 1,
        "read_weight": 2,
    },
    "min_crowd": {"more_than": 100},
    "send_window": {"first": "08:00", "last": "22:00"},
    "overlap": {},
    "reach_frequency": {"tasks": 7, "days": 7},
    "dedicated_service": {},
}  # fmt: skip
NEVER = -100_000
ENDLESS = 10**9


class Asked(NamedTuple):
    """A task that a store asked for."""

    merchant: int
    plan: str
    time: int
    channel: str
    crowd: str


def audit(events: pd.DataFrame, scenario: dict[str, Any], own: Sequence[str] = ()) -> list[str]:
    """What is wrong with an event log, in words. `scenario` is the resolved one, as the run folder has it.

    `own` are reasons of the scenario's own policies: each may be given where every rule of the platform lets a message go.
    """
    return list(Audit(events, scenario, own).problems())


class Audit:
    """The log of one run, sorted, and the rules in force."""

    def __init__(self, events: pd.DataFrame, scenario: dict[str, Any], own: Sequence[str]) -> None:
        self.scenario, self.own = scenario, list(own)
        self.days, self.consumers = scenario["days"], scenario["consumers"]
        self.names = merchants_of(scenario)
        words = {name: str for name in ("kind", "channel", "reason")}
        self.events = events.astype(words).sort_values(["time", "consumer", "seq"], kind="stable", ignore_index=True)
        self.events["day"] = self.events["time"] // DAY
        self.events["at"] = np.arange(len(self.events))  # the order in which things happen to each consumer
        self.rules = {use: list(self._rules(use)) for use in DEFAULTS}

    def _rules(self, use: str) -> Iterator[dict[str, Any]]:
        """The policies of a kind, with their parameters and the days in force, in the order of names.

        A simulated past has policies of its own, in force on all days before the start and on no other.
        """
        start = dt.date.fromisoformat(str(self.scenario.get("start", "2023-09-01")))

        def day(given: Any) -> int:
            return given if isinstance(given, int) else (dt.date.fromisoformat(str(given)) - start).days

        past = self.scenario.get("past")
        of_past = past["policies"] if isinstance(past, dict) and past.get("days") is not None else None
        for name, given in sorted((of_past or {}).items()):
            if given.get("use", name) == use:
                yield DEFAULTS[use] | given | {"from": -ENDLESS, "until": 0}
        for name, given in sorted(self.scenario["policies"].items()):
            if given.get("use", name) == use:
                first, ends = day(given.get("from", 0)), given.get("until")
                span = {"from": first if of_past is None else max(first, 0), "until": ENDLESS if ends is None else day(ends)}
                yield DEFAULTS[use] | given | span

    def in_force(self, use: str, day: int) -> list[dict[str, Any]]:
        return [rule for rule in self.rules[use] if rule["from"] <= day < rule["until"]]

    def problems(self) -> Iterator[str]:
        met = self.events[self.events["kind"].isin(["message_sent", "message_blocked"])]
        blocked = met["kind"] == "message_blocked"
        for row in met[blocked != met["reason"].ne("")].itertuples():
            yield f"a refusal has a reason and a delivery none: {row}"
        tasks = self.tasks()
        yield from self.audit_tasks(tasks)
        wanted = self.expected_tasks(tasks)
        yield from self.audit_whole_refusals(tasks, met[met["consumer"] < 0], wanted)
        expected = self.crowds(tasks[tasks["ref"].isin(wanted["ref"][wanted["reason"] == ""])], wanted)
        found = met[met["consumer"] >= 0].merge(tasks[["ref", "plan", "send"]], on="ref", how="left", suffixes=("", "_of_task"))
        for row in found[found["time"] != found["send"]].itertuples():
            yield f"an outcome at another time than that of its task: {row}"
        both = expected.merge(found, on=["ref", "consumer"], how="outer", indicator="where")
        for row in both[both["where"] != "both"].itertuples():
            words = "is missing" if row.where == "left_only" else "is of nobody in the crowd"
            yield f"an outcome {words}: task {row.ref}, consumer {row.consumer}"
        for row in found[found.duplicated(["ref", "consumer"])].itertuples():
            yield f"a second outcome: task {row.ref}, consumer {row.consumer}"
        whole = both[both["where"] == "both"].sort_values("at", ignore_index=True)
        whole = whole.astype(dict.fromkeys(("merchant", "day", "at", "time"), "int64"))
        outcome = whole["reason"].to_numpy(str)
        right = self.first_reasons(whole)
        for k in np.flatnonzero((outcome != right) & ~(np.isin(outcome, self.own) & (right == ""))):
            row = whole.loc[k]
            yield f"task {row['ref']}, consumer {row['consumer']}: {outcome[k] or 'sent'} should be {right[k] or 'sent'}"

    # Tasks

    def tasks(self) -> pd.DataFrame:
        """One row per task of the log: ref, merchant, channel, plan, created, and what was asked: send, crowd."""
        rows = self.events[self.events["kind"] == "task"].rename(columns={"reason": "plan", "time": "created"})
        rows = rows.sort_values(["created", "seq"], kind="stable")[["ref", "merchant", "channel", "plan", "created"]]
        rows["nth"] = rows.groupby(["merchant", "plan"]).cumcount()
        asked = pd.DataFrame(list(asked_of(self.scenario, self.names, rows)), columns=Asked._fields)
        asked["nth"] = asked.groupby(["merchant", "plan"]).cumcount()
        asked = asked.rename(columns={"time": "send", "channel": "asked_channel"})
        tasks = rows.merge(asked, on=["merchant", "plan", "nth"], how="left")
        tasks["send"] = tasks["send"].fillna(NEVER).astype(np.int64)
        tasks["day"] = tasks["send"] // DAY
        tasks["scene"] = tasks["channel"].isin(SCENES)
        return tasks

    def audit_tasks(self, tasks: pd.DataFrame) -> Iterator[str]:
        """Tasks were asked for and created before 00:00 of their send day; every outcome names its task."""
        for row in tasks[tasks["ref"].duplicated()].itertuples():
            yield f"two tasks of one id: {row.ref}"
        for row in tasks[(tasks["channel"] != tasks["asked_channel"]) | (tasks["created"] >= tasks["day"] * DAY)].itertuples():
            yield f"a task that nobody asked for, or in time: {row}"
        rows = self.events[self.events["kind"].isin(["message_sent", "message_blocked", "message_read"])]
        of = rows.merge(tasks[["ref", "merchant", "channel"]], on="ref", how="left", suffixes=("", "_of_task"))
        for row in of[(of["merchant"] != of["merchant_of_task"]) | (of["channel"] != of["channel_of_task"])].itertuples():
            yield f"not of its task: {row}"

    def expected_tasks(self, tasks: pd.DataFrame) -> pd.DataFrame:
        """For each task: ref, why it is refused as a whole and when; the crowd's size is looked at later [MSG-11]."""
        found = []
        for row in tasks.itertuples():
            minute = row.send % DAY // 60
            then = [r for r in self.in_force("send_window", row.day) if not minutes(r["first"]) < minute < minutes(r["last"])]
            now = [rule for rule in then if rule["from"] <= row.created // DAY < rule["until"]]
            if row.scene and now:
                found.append((row.ref, "outside_window", row.created))
            elif row.scene and then and row.day < self.days:
                found.append((row.ref, "outside_window", row.day * DAY))
            else:
                found.append((row.ref, "" if row.day < self.days else "after the end", NEVER))
        return pd.DataFrame(found, columns=["ref", "reason", "time"]).astype({"ref": "int64", "time": "int64"})

    def audit_whole_refusals(self, tasks: pd.DataFrame, found: pd.DataFrame, wanted: pd.DataFrame) -> Iterator[str]:
        """One row for each task that is refused as a whole, and no others [MSG-6, MSG-11]. `wanted` learns of crowds."""
        sizes = self.crowd_sizes(tasks[tasks["ref"].isin(wanted["ref"][wanted["reason"] == ""])])
        days = tasks.set_index("ref")["day"]
        for k, ref in zip(wanted.index, wanted["ref"], strict=True):
            limits = [rule["more_than"] for rule in self.in_force("min_crowd", days[ref])]
            if ref in sizes and sizes[ref] <= max(limits, default=-1):
                wanted.loc[k, ["reason", "time"]] = ["crowd_too_small", days[ref] * DAY]
        right = wanted[~wanted["reason"].isin(["", "after the end"])]
        expected = set(zip(right["ref"], right["reason"], right["time"], strict=True))
        rows = list(zip(found["ref"], found["reason"], found["time"], strict=True))
        for row in sorted(set(rows) ^ expected):
            yield f"a task refused as a whole is {'missing' if row in expected else 'wrong'}: {row}"
        if len(rows) != len(set(rows)):
            yield "a task was refused as a whole twice"

    # Crowds at 00:00 [MSG-1, MSG-7, MSG-9]

    def crowd_sizes(self, tasks: pd.DataFrame) -> dict[int, int]:
        """Sizes of the crowds of old-customer scenes."""
        self._crowds = dict(self._members_of(tasks))
        scenes = set(tasks["ref"][tasks["scene"]])
        return {ref: len(who) for ref, (who, _) in self._crowds.items() if ref in scenes}

    def crowds(self, tasks: pd.DataFrame, wanted: pd.DataFrame) -> pd.DataFrame:
        """Who is in the crowd of each task that was not refused: ref, consumer, filtered."""
        goes = set(wanted["ref"][wanted["reason"] == ""])
        parts = [
            pd.DataFrame({"ref": ref, "consumer": who, "filtered": filtered})
            for ref, (who, filtered) in self._crowds.items()
            if ref in goes
        ]
        columns = {"ref": "int64", "consumer": "int64", "filtered": bool}
        return pd.concat([pd.DataFrame(columns=list(columns)), *parts], ignore_index=True).astype(columns)

    def _members_of(self, tasks: pd.DataFrame) -> Iterator[tuple[int, tuple[np.ndarray, np.ndarray]]]:
        """(ref, (consumers of the crowd, whether a filter drops each)), day after day."""
        known = Midnight(len(self.names), self.consumers)
        rows = self.events[self.events["consumer"] >= 0]
        times = rows["time"].to_numpy()
        done = 0
        for day, of_day in tasks.sort_values(["day", "send"]).groupby("day"):
            until = int(np.searchsorted(times, int(str(day)) * DAY))
            known.learn(rows.iloc[done:until])
            done = until
            for task in of_day.itertuples():
                yield int(task.ref), self._crowd_of(task, int(str(day)), known, rows)

    def _crowd_of(self, task: Any, day: int, known: Midnight, rows: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
        m = task.merchant
        everybody = self.scenario["behaviour"]["stores"].get("known") == len(self.names)
        everyone = np.ones(self.consumers, bool)
        crowds = {"all": everyone, "customers": known.customer[m], "fans": known.fan[m], "members": known.member[m]}
        named = crowds[task.crowd]
        rules = self.in_force("old_customers", day) if task.scene else []
        seen = np.maximum(known.visit_day[m], known.order_day[m])
        for rule in rules:
            named = named & (known.order_day[m] >= day - rule["bought_days"]) & (seen >= day - rule["visited_days"])
        if task.crowd == "all" and not everybody and not rules:  # whom a store knows is not in the log
            named = np.isin(
                np.arange(self.consumers), rows["consumer"][(rows["ref"] == task.ref) & (rows["time"] == task.send)]
            )
        who = np.flatnonzero(named)
        dropped = np.zeros(len(who), bool)
        for rule in self.in_force("algorithm_filter", day) if task.scene else []:
            scores = known.scores(rule, m, day)[who]
            may_drop = (1 - Fraction(str(rule["share"]))) * len(who)
            candidates = np.unique(np.concatenate([[0], scores, scores + 1]))
            below = np.searchsorted(np.sort(scores), candidates, side="left")
            fine = candidates[[int(count) <= may_drop for count in below]]
            dropped |= (scores == 0) | (scores < fine.max())
        return who, dropped

    # Reasons at the send

    def first_reasons(self, whole: pd.DataFrame) -> np.ndarray:
        """The first reason, in the documented order, that was true at each outcome; empty where none was."""
        if whole.empty:
            return np.zeros(0, "U1")
        frame = Outcomes(whole)
        earlier = frame.before(["merchant", "plan"], frame.sent_scene)
        true = {
            "algorithm_filter": whole["filtered"].to_numpy(bool),
            "overlap": frame.scene & frame.among(self.rules["overlap"]) & (earlier > 0),
            "opted_out": self._after_first(whole, self.events[self.events["kind"] == "opt_out"]),
            "no_dedicated_relation": frame.scene
            & frame.among(self.rules["dedicated_service"])
            & ~self._after_first(whole, self.served()),
            "reach_frequency": frame.scene & whole["ref"].isin(self.used_up(whole)).to_numpy(),
            **frame.caps(self.rules["caps"]),
        }
        return np.select([true[reason] for reason in REASONS], REASONS, "")

    def served(self) -> pd.DataFrame:
        """Confirmed receipts; the orders of a declared past were received [MSG-14]."""
        return self.events[(self.events["kind"] == "receive") | (self.events["reason"] == "declared_past")]

    @staticmethod
    def _after_first(whole: pd.DataFrame, rows: pd.DataFrame) -> np.ndarray:
        """Whether each outcome came after the consumer's first such row of that merchant, or of all (-1)."""
        first = rows.groupby(["consumer", "merchant"])["at"].min()
        own = first.reindex(pd.MultiIndex.from_frame(whole[["consumer", "merchant"]])).to_numpy()
        of_all = first.reindex(pd.MultiIndex.from_arrays([whole["consumer"], np.full(len(whole), -1)])).to_numpy()
        return np.fmin(own, of_all) < whole["at"].to_numpy()

    def used_up(self, whole: pd.DataFrame) -> list[int]:
        """Tasks whose merchant had reached somebody with as many tasks as are allowed in the days before [MSG-13]."""
        tasks = whole.drop_duplicates("ref")[["ref", "merchant", "day", "channel"]]
        counted = whole[(whole["reason"] == "") & whole["channel"].isin(SCENES)].drop_duplicates("ref")
        days = {m: np.sort(rows["day"].to_numpy()) for m, rows in counted.groupby("merchant")}
        found = []
        for task in tasks.itertuples():
            reached = days.get(task.merchant, np.zeros(0, np.int64))
            for rule in self.in_force("reach_frequency", task.day):
                first, last = np.searchsorted(reached, [task.day - rule["days"], task.day])
                if last - first >= rule["tasks"]:
                    found.append(task.ref)
        return found


class Midnight:
    """What the log says of each merchant and consumer up to a 00:00, (merchants, consumers)."""

    def __init__(self, merchants: int, consumers: int) -> None:
        shape = merchants, consumers
        self.order_day, self.visit_day = np.full(shape, NEVER), np.full(shape, NEVER)
        self.session_day = np.full(consumers, NEVER)
        self.customer, self.fan, self.member, self.favourite = (np.zeros(shape, bool) for _ in range(4))
        self.delivered, self.read = np.zeros(shape, np.int64), np.zeros(shape, np.int64)

    def learn(self, rows: pd.DataFrame) -> None:
        """Take in the rows of some days, later than all before."""
        for kind, of in rows.groupby("kind"):
            at = of["merchant"].to_numpy(), of["consumer"].to_numpy()
            days = of["day"].to_numpy()
            if kind == "session":
                np.maximum.at(self.session_day, at[1], days)
            elif kind == "order":
                np.maximum.at(self.order_day, at, days)
                self.customer[at] = True
            elif kind == "visit":
                np.maximum.at(self.visit_day, at, days)
            elif kind in ("follow", "join", "favourite"):
                {"follow": self.fan, "join": self.member, "favourite": self.favourite}[str(kind)][at] = True
            elif kind in ("message_sent", "message_read"):
                np.add.at(self.delivered if kind == "message_sent" else self.read, at, 1)

    def scores(self, rule: dict[str, Any], m: int, day: int) -> np.ndarray:
        """The documented score of every consumer for a merchant [MSG-9]."""
        login = day - np.maximum(self.session_day, self.order_day[m])
        visit = day - np.maximum(self.visit_day[m], self.order_day[m])
        points = 1 + rule["login_weight"] * (100 * (rule["login_days"] + 1 - login) // rule["login_days"])
        recent = rule["visit_weight"] * (100 * (rule["visit_days"] + 1 - visit) // rule["visit_days"])
        points = points + np.where(visit <= rule["visit_days"], recent, 0)
        points = points + rule["favourite_weight"] * 100 * self.favourite[m]
        points = points + rule["read_weight"] * (100 * (self.read[m] + 1) // (self.delivered[m] + 2))
        return np.where(login > rule["login_days"], 0, points)


class Outcomes:
    """Outcomes in the order of time: what had been delivered before each of them."""

    def __init__(self, whole: pd.DataFrame) -> None:
        self.whole = whole
        self.day = whole["day"].to_numpy()
        self.scene = whole["channel"].isin(SCENES).to_numpy()
        self.service = whole["channel"].isin(SERVICE).to_numpy()
        self.sent = (whole["reason"] == "").to_numpy() & self.service
        self.sent_scene = self.sent & self.scene

    def among(self, rules: Iterable[dict[str, Any]]) -> np.ndarray:
        """Whether one of the rules is in force on the day of each outcome."""
        force = np.zeros(len(self.whole), bool)
        for rule in rules:
            force |= (self.day >= rule["from"]) & (self.day < rule["until"])
        return force

    def groups(self, by: list[str]) -> pd.Series:
        return self.whole.groupby(["consumer", *by], sort=False).ngroup()

    def before(self, by: list[str], counted: np.ndarray) -> np.ndarray:
        """How many of the `counted` came before each outcome, to the same consumer and alike in the columns `by`."""
        marks = pd.Series(counted.astype(np.int64), self.whole.index)
        return (marks.groupby(self.groups(by).to_numpy()).cumsum() - marks).to_numpy()

    def caps(self, rules: list[dict[str, Any]]) -> dict[str, np.ndarray]:
        """Whether each cap is reached before each outcome [MSG-3, MSG-4, MSG-5]."""
        of_store = self.before(["merchant", "day"], self.sent)
        of_day = self.before(["day"], self.sent)
        scenes_of_store = self.before(["merchant", "day"], self.sent_scene)
        first_of_store = self.sent_scene & (scenes_of_store == 0)
        stores = self.before(["day"], first_of_store)
        scenes = self.before(["merchant"], self.sent_scene)
        names = ("store_window", "store_per_day", "stores_per_day", "total_per_day")
        true = {name: np.zeros(len(self.whole), bool) for name in names}
        for rule in rules:
            on = self.service & self.among([rule])
            counts = {
                "store_window": (rule["store_limit"], self.in_window(scenes, rule["store_days"]), self.scene),
                "store_per_day": (rule["per_store_per_day"], of_store, True),
                "stores_per_day": (rule["stores_per_day"], stores, self.scene & (scenes_of_store == 0)),
                "total_per_day": (rule["total_per_day"], of_day, True),
            }
            for name, (limit, count, concerned) in counts.items():
                if limit is not None:
                    true[name] |= on & concerned & (count >= limit)
        return true

    def in_window(self, scenes: np.ndarray, days: int) -> np.ndarray:
        """Of the old-customer messages of the store before each outcome, those of the last `days` natural days."""
        group = self.groups(["merchant"]).to_numpy()
        order = np.lexsort((np.arange(len(group)), group))
        width = 2 * (int(np.abs(self.day).max()) + days + 1)
        keys = group[order] * width + self.day[order]
        upto = np.concatenate([[0], np.cumsum(self.sent_scene[order])])
        begins = upto[np.searchsorted(keys, group * width - width // 2, side="left")]
        old = upto[np.searchsorted(keys, group * width + self.day - days, side="right")] - begins
        return scenes - old


# What the scenario says


def merchants_of(scenario: dict[str, Any]) -> list[tuple[str, int, dict[str, Any]]]:
    """Names of all merchants in their order, with the position among those declared together and what is declared."""
    found = []
    for name, merchant in scenario["merchants"].items():
        count = merchant.get("count", 1)
        found += [(name if count == 1 else f"{name}-{k:03d}", k, merchant) for k in range(count)]
    return sorted(found, key=lambda one: one[0])


def asked_of(scenario: dict[str, Any], names: list[tuple[str, int, dict[str, Any]]], tasks: pd.DataFrame) -> Iterator[Asked]:
    """What the strategies ask for: listed sends, or the built-in plan, whose days and scenes are those of its tasks."""
    for m, (_, position, merchant) in enumerate(names):
        strategy = merchant.get("strategy") or {}
        if strategy.get("use") == "plan":
            yield from planned(m, position, strategy, tasks[tasks["merchant"] == m])
        for k, send in enumerate(strategy.get("sends", ())):
            day, at, channel, crowd, *plan = send.split()
            second = int(dt.timedelta(**dict(zip(("hours", "minutes", "seconds"), map(int, at.split(":"))))).total_seconds())
            yield Asked(m, plan[0] if plan else f"plan {k}", int(day) * DAY + second, channel, crowd)


def planned(m: int, position: int, strategy: dict[str, Any], tasks: pd.DataFrame) -> Iterator[Asked]:
    """The tasks of the built-in plan: the n-th task of a plan is sent on the n-th day of the cycle."""
    shift = position if strategy["staggered"] else 0
    second = (minutes(strategy["at"]) * 60 + 60 * shift) % DAY
    for task in tasks.itertuples():
        day = task.created // DAY + 1
        if strategy["plan_per"] == "cycle":
            day += strategy["days"][task.nth] - strategy["days"][0]
        fits = (day - shift) % strategy["cycle"] in strategy["days"] and task.channel in strategy["scenes"]
        yield Asked(m, task.plan, day * DAY + second, task.channel if fits else "another", strategy["crowd"])


def minutes(text: str) -> int:
    """HH:MM as minutes since 00:00."""
    hour, minute = text.split(":")
    return int(hour) * 60 + int(minute)
