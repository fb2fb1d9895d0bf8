"""Grading recomputed from the event log and the scenario alone: indicators, results, standings, and who joined how.

It shares nothing with the engine or the rules that it audits; the register-join state is that of `grading_audit`.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from typing import Any, NamedTuple

import grading_audit
import numpy as np
import pandas as pd

DAY = 86_400
LADDER = {"Q": "quality", "P": "potential", "I": "improving"}


class Found(NamedTuple):
    """What a refresh must have given to a store."""

    time: int
    online_days: int
    scale: int
    gmv_share: float | None
    quality_ratio: float | None
    penetration: float | None
    result: str
    grade: str
    register_join: str
    setting: str


def benefits_of_members(scenario: dict[str, Any]) -> set[str]:
    """The names of benefits that are for members alone, or for joining."""
    by_kind = ("spend_percent_off", "buy_and_gift", "member_price", "points_exchange", "priority")
    found = set()
    for name, rule in scenario["policies"].items():
        if rule["use"] == "benefit":
            relation = rule["who"]["relation"] or ("member" if rule["kind"] in by_kind else "anyone")
            at_join = rule["kind"] not in by_kind and (rule["claim"] or {}).get("at") == "join"
            if relation == "member" or rule["who"]["tiers"] or rule["who"]["level"] or at_join:
                found.add(name)
    return found


class StoreAudit:
    """One store of a run that began cold; times in seconds of the run."""

    def __init__(self, events: pd.DataFrame, scenario: dict[str, Any], name: str, number: int) -> None:
        self.scenario, self.name = scenario, name
        self.rules = scenario["policies"]["grading"]
        self.start = dt.date.fromisoformat(scenario["start"])
        self.days = scenario["days"]
        own = events[events["merchant"] == number].sort_values(["time", "consumer", "seq"])
        self.own = own
        self.joins = {row.consumer: (row.time, row.seq) for row in own[own["kind"] == "join"].itertuples()}
        orders = own[own["kind"] == "order"]
        self.orders = [(r.time, r.seq, r.consumer, r.amount, r.reason) for r in orders.itertuples()]
        self.days_bought, self.days_came = defaultdict(list), defaultdict(list)
        for row in own[own["kind"].isin(["order", "visit"])].itertuples():
            self.days_came[row.consumer].append(row.time // DAY)
            if row.kind == "order":
                self.days_bought[row.consumer].append(row.time // DAY)
        redeemed = own[(own["kind"] == "redeem") & own["reason"].isin(benefits_of_members(scenario))]
        self.used = set(zip(redeemed["time"], redeemed["consumer"]))
        self.first_receipt = own[own["kind"] == "receive"].groupby("consumer")["time"].min().to_dict()

    # Indicators

    def refreshes(self) -> list[tuple[int, int]]:
        """(first day of the period, day of the refresh), of refreshes on days 1 and 16."""
        found, begins = [], 0
        for day in range(1, self.days):
            if (self.start + dt.timedelta(days=day)).day in (1, 16):
                found.append((begins, day))
                begins = day
        return found

    def online(self, first: int, last: int) -> int:
        """Natural days [first, last) on which a benefit was on at any moment."""
        switches = [
            (r.time // DAY, r.kind == "benefit_on")
            for r in self.own[self.own["kind"].isin(["benefit_on", "benefit_off"]) & (self.own["reason"] == "")].itertuples()
        ]
        is_on = lambda day: [on for when, on in switches if when <= day][-1:] == [True]  # noqa: E731
        return sum(is_on(day) for day in range(first, last))

    def members(self, day: int) -> list[int]:
        return [consumer for consumer, (time, _) in self.joins.items() if time < day * DAY]

    def tier(self, consumer: int, day: int) -> str:
        windows = self.rules["tiers"]

        def within(days: list[int], length: int) -> bool:
            return any(day - length <= one < day for one in days)

        came, bought = self.days_came[consumer], self.days_bought[consumer]
        if within(came, windows["quality_visited_days"]) and within(bought, windows["quality_bought_days"]):
            return "quality"
        if within(came, windows["potential_visited_days"]) or within(bought, windows["potential_bought_days"]):
            return "potential"
        return "silent"

    def indicators(self, first: int, day: int) -> tuple[int, int, float | None, float | None, float | None]:
        tiers = [self.tier(consumer, day) for consumer in self.members(day)]
        effective = len(tiers) - tiers.count("silent")
        of_period = [order for order in self.orders if first * DAY <= order[0] < day * DAY]
        by_members = [o for o in of_period if o[2] in self.joins and self.joins[o[2]] < o[:2]]
        gmv, of_members = (sum(order[3] for order in orders) for orders in (of_period, by_members))
        buyers = {order[2] for order in by_members}
        users = {order[2] for order in by_members if order[4] == "member_price" or (order[0], order[2]) in self.used}
        share = of_members / gmv if gmv else None
        ratio = tiers.count("quality") / effective if effective else None
        return self.online(first, day), effective, share, ratio, len(users) / len(buyers) if buyers else None

    def lines(self, standard: str) -> dict[str, float]:
        """Those of the store's industry, or else the default ones; what is not given is left out."""
        found: dict[str, float] = {}
        for industry in ("default", self.scenario["merchants"][self.name]["industry"]):
            given = self.rules["lines"].get(industry, {}).get(standard) or {}
            found |= {name: line for name, line in given.items() if line is not None}
        return found

    def result(self, values: tuple[int, int, float | None, float | None, float | None], day: int) -> str:
        days, scale, *ratios = values
        lines, potential = self.lines("quality"), self.lines("potential")
        names = ("gmv_share", "quality_ratio", "penetration")
        if days <= self.rules["online_days_above"]:
            return "I"
        met = [ratio is not None and ratio >= lines[name] for name, ratio in zip(names, ratios, strict=True)]
        if scale >= lines["scale"] and all(met):
            return "Q"
        low = [min(potential.get(name, lines[name]), lines[name]) for name in names]
        some = sum(ratio is not None and ratio >= line for line, ratio in zip(low, ratios, strict=True))
        needed = self.rules["potential_min"] if self.start + dt.timedelta(days=day) >= dt.date(2021, 11, 16) else 0
        return "P" if some >= needed else "I"

    # Standings

    def second(self, at: str | None) -> int | None:
        """A moment as the second reading counts: from 2021-01-01."""
        return None if at is None else round((dt.datetime.fromisoformat(at) - dt.datetime(2021, 1, 1)).total_seconds())

    def history(self) -> list[Found]:
        """What each refresh must have found; `self.spans` are the standings between any two instants."""
        zero = self.second(f"{self.start}T00:00:00") or 0
        life = grading_audit.Audit(zero)
        begun = self.rules["merchants"].get(self.name, {})
        life.grade = begun.get("grade") or ""
        life.state = begun.get("register_join") or ("held" if life.grade == "quality" else "none")
        life.deadline = zero + DAY
        if begun.get("improving"):
            life.history = [(zero - k - 1, "I") for k in range(begun["improving"])]
        custom, since = self.second(begun.get("custom_until")), self.second(begun.get("newcomer_since"))
        life.tell(zero, custom, bool(begun.get("member_link")), since)
        given = self.scenario["merchants"][self.name]["join"]["setting"]
        life.setting = given or ("zero" if life.right else "purchased")
        if not given and life.setting == "purchased":
            life.move("set")
        if life.state == "none" and life.setting == "zero" and not life.until and life.grade != "noncompliant":
            life.state, life.deadline = "grace", zero + DAY
        events = {day: (first, day) for first, day in self.refreshes()}
        chosen = dict(
            (int(text.split()[0]), text.split()[1]) for text in self.scenario["merchants"][self.name]["strategy"]["settings"]
        )
        found, self.spans, self.refused_settings = [], [], defaultdict(int)
        ends = [custom, since, None if since is None else grading_audit.half_a_year_after(since)]
        own = {end + more for end in ends if end is not None for more in (0, DAY)}
        last = zero + self.days * DAY
        for at in sorted({at for at in own if zero < at < last} | set(range(zero, last, DAY))):
            life.ring(before=at)
            life.tell(at, custom, False, since)
            day, rest = divmod(at - zero, DAY)
            if rest == 0 and day in events and day > 0:
                values = self.indicators(*events[day])
                outcome = self.result(values, day)
                life.now = at
                life.refresh(at, outcome)
                life.ring(before=at + 1)
                found.append(Found(day * DAY, *values, LADDER[outcome], life.grade, life.state, life.setting))
            life.ring(before=at + 1)
            if rest == 0 and day in chosen:
                life.now = at
                refused = life.set(chosen[day])
                if refused:
                    self.refused_settings[day, refused] += 1
            self.spans.append((at - zero, life.answer(None) | {"exempt": "newcomer" in life.until}))
        return found

    def check_joins(self) -> int:
        """Every join was let in by what held at its second, and purchased ones after a receipt; how many there were."""
        times = np.array([time for time, _ in self.spans])
        for row in self.own[self.own["kind"] == "join"].itertuples():
            held = self.spans[int(np.searchsorted(times, row.time, side="right")) - 1][1]
            assert held["zero_yuan_join"] if row.channel == "zero_yuan" else held["purchased_join"], (self.name, row, held)
            if row.channel == "purchased":
                assert self.first_receipt.get(row.consumer, 10**12) <= row.time
                orders = [order for order in self.orders if order[2] == row.consumer and order[0] <= row.time]
                needs = self.scenario["merchants"][self.name]["join"]
                assert len(orders) >= needs["orders"]
                assert sum(order[3] for order in orders) >= needs["amount"]
        return len(self.joins)

    def refusals_of_asking(self) -> dict[tuple[int, str], int]:
        """Where every buyer asks to join, at the order or else at the receipt: how many were refused, by day and reason."""
        times = np.array([time for time, _ in self.spans])
        count: dict[tuple[int, str], int] = defaultdict(int)
        for row in self.own[self.own["kind"].isin(["order", "receive"])].itertuples():
            held = self.spans[int(np.searchsorted(times, row.time, side="right")) - 1][1]
            if (held["setting"] == "zero") != (row.kind == "order"):
                continue
            joined = self.joins.get(row.consumer)
            if joined is not None and joined <= (row.time, row.seq + 1):
                continue
            reason = self.reason(held, row)
            if reason is not None:
                count[int(row.time // DAY), reason] += 1
        return dict(count)

    def reason(self, held: dict[str, Any], row: Any) -> str | None:
        if held["grade"] == "noncompliant":
            return "noncompliant"
        if held["grade"] == "improving" and not held["exempt"]:
            return "improving"
        if held["register_join"] == "locked":
            return "locked"
        if held["setting"] == "zero":
            return None if held["zero_yuan_join"] else "no_right"
        orders = [order for order in self.orders if order[2] == row.consumer and order[0] <= row.time]
        needs = self.scenario["merchants"][self.name]["join"]
        enough = len(orders) >= needs["orders"] and sum(order[3] for order in orders) >= needs["amount"]
        return None if enough else "threshold"
