"""An audit of coupons and benefits from the event log and the scenario alone: it shares no code with what it audits.

`findings` reads a whole log (`--events all`) of a run that began cold and answers what is wrong with it.
"""

from __future__ import annotations

import datetime as dt
import itertools
import math
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

DAY = 86_400
AUTOMATIC = ("spend_percent_off", "buy_and_gift", "member_price", "follow_discount", "priority")
OF_MEMBERS = ("spend_percent_off", "buy_and_gift", "member_price", "points_exchange", "priority")
TIERS = {"quality_visited_days": 30, "quality_bought_days": 180, "potential_visited_days": 60, "potential_bought_days": 180}
GROUPS = {"red_packet": "platform", "buy_and_gift": "gift", "gift": "gift", "member_price": "price", "priority": "priority"}


@dataclass
class Relation:
    """What one consumer is to one store, from the log."""

    fan: bool = False
    followed: list[tuple[int, bool]] = field(default_factory=list)  # (day, whether it follows from then on)
    member: int | None = None  # s, of joining
    orders: int = 0
    visit_days: list[int] = field(default_factory=list)
    order_days: list[int] = field(default_factory=list)
    paid: int = 0
    points: int = 0
    groups: set[str] = field(default_factory=set)  # kinds in which it has a seat


@dataclass
class Coupon:
    """One that was claimed."""

    benefit: str
    merchant: int
    end: int  # the first second at which it is of no use
    begin: int
    gone: str = ""  # redeemed or expired
    order: int = -1  # that it was used for


class Rules:
    """The benefits of a scenario, as its resolved settings say."""

    def __init__(self, settings: dict[str, Any], industries: list[str], names: list[str]) -> None:
        self.start = dt.date.fromisoformat(str(settings["start"]))
        self.of = {name: rule for name, rule in settings["policies"].items() if rule["use"] == "benefit"}
        self.crowds = settings["crowds"]
        self.groups = {name: rule["kind"] for name, rule in settings["policies"].items() if rule["use"] == "groups"}
        graded = [rule["tiers"] for rule in settings["policies"].values() if rule["use"] == "grading"]
        self.windows = graded[0] if graded else TIERS
        self.programme = next((rule for rule in settings["policies"].values() if rule["use"] == "programme"), {})
        self.switched: dict[tuple[str, int], list[tuple[int, bool]]] = defaultdict(list)  # (day, on) by benefit and store
        self.industries, self.names = industries, names

    def day(self, given: Any) -> int:
        return given if isinstance(given, int) else (dt.date.fromisoformat(str(given)) - self.start).days

    def is_online(self, name: str, merchant: int, day: int) -> bool:
        """In force, and not switched off by its store."""
        rule = self.of[name]
        in_force = self.day(rule["from"]) <= day and (rule["until"] is None or day < self.day(rule["until"]))
        return in_force and [on for since, on in self.switched[name, merchant] if since <= day][-1:] != [False]

    def gives(self, name: str, merchant: int) -> bool:
        rule = self.of[name]
        some = rule["merchants"] or rule["industries"]
        return not some or self.names[merchant] in rule["merchants"] or self.industries[merchant] in rule["industries"]

    def is_good_at(self, coupon: Coupon, merchant: int) -> bool:
        if self.of[coupon.benefit]["scope"] == "category":
            return self.industries[coupon.merchant] == self.industries[merchant]
        return coupon.merchant == merchant

    def relation(self, name: str) -> str:
        rule = self.of[name]
        return rule["who"]["relation"] or ("member" if rule["kind"] in OF_MEMBERS else "anyone")

    def is_for(self, name: str, who: Relation, day: int) -> bool:
        rule, wanted = self.of[name]["who"], self.relation(name)
        most = math.inf if rule["orders_to"] is None else rule["orders_to"]
        if not rule["orders_from"] <= who.orders <= most:
            return False
        if rule["level"] > 1 and who.paid < self.programme["levels"][rule["level"] - 2]:
            return False
        if rule["group"] is not None and rule["group"] not in who.groups:
            return False
        if rule["tiers"] and self.tier(who, day) not in rule["tiers"]:
            return False
        if rule["crowd"] is not None and not self.is_in(self.crowds[rule["crowd"]], who, day):
            return False
        if wanted == "stranger":
            return not who.fan and who.member is None and who.orders == 0
        if wanted == "old_customer":
            return any(day - 365 <= bought < day for bought in who.order_days)
        return {"anyone": True, "fan": who.fan, "member": who.member is not None}[wanted]

    def tier(self, who: Relation, day: int) -> str:
        """The platform's tier of a member as of 00:00, by the days before; none for who was no member then."""
        if who.member is None or who.member >= day * DAY:
            return "none"
        of, ordered = self.windows, within(who.order_days, day)
        visited = within([*who.visit_days, *who.order_days], day)
        if visited(of["quality_visited_days"]) and ordered(of["quality_bought_days"]):
            return "quality"
        is_silent = not visited(of["potential_visited_days"]) and not ordered(of["potential_bought_days"])
        return "silent" if is_silent else "potential"

    def is_in(self, crowd: dict[str, Any], who: Relation, day: int) -> bool:
        """Whether who was in a crowd at 00:00 of a day."""
        fan = [follows for since, follows in who.followed if since < day][-1:] == [True]
        member = who.member is not None and who.member < day * DAY
        orders = [bought for bought in who.order_days if bought < day]
        ordered, visited = within(orders, day), within([*who.visit_days, *orders], day)
        is_of = {"any": fan or member or bool(orders), "fan": fan, "member": member, "old_customer": ordered(365)}
        done = {"visited_days": visited, "bought_days": ordered}
        met = all(crowd[name] is None or has(crowd[name]) for name, has in done.items())
        met = met and all(crowd[f"not_{name}"] is None or not has(crowd[f"not_{name}"]) for name, has in done.items())
        most = math.inf if crowd["orders_to"] is None else crowd["orders_to"]
        return is_of[crowd["relation"]] and met and crowd["orders_from"] <= len(orders) <= most

    def window(self, name: str, time: int) -> tuple[int, int]:
        """From when on a coupon claimed now can be used, and the first second at which it cannot."""
        valid = self.of[name]["valid"]
        begin = 0 if valid["from"] is None else self.day(valid["from"]) * DAY
        if valid["until"] is not None:
            return begin, max(self.day(valid["until"]) * DAY, time + 1)
        return begin, time + round((30 if valid["days"] is None else valid["days"]) * DAY) + 1

    def group(self, name: str) -> str:
        rule = self.of[name]
        gift = rule["kind"] == "points_exchange" and rule["gift_cost"] is not None
        return rule["stack"] or ("gift" if gift else GROUPS.get(rule["kind"], "store"))


def within(days: list[int], day: int) -> Any:
    """Whether one of these days is among so many before a day."""
    return lambda length: any(day - length <= one < day for one in days)


def findings(events: pd.DataFrame, settings: dict[str, Any], industries: list[str], names: list[str], end: int) -> list[str]:
    """What is wrong with the coupons and benefits of a log that ends at `end` (s)."""
    rules = Rules(settings, industries, names)
    for row in events[events["kind"].isin(["benefit_on", "benefit_off"]) & events["reason"].isin(list(rules.of))].itertuples():
        rules.switched[str(row.reason), row.merchant].append((row.time // DAY, row.kind == "benefit_on"))
    found = [wrong for _, rows in events[events["consumer"] >= 0].groupby("consumer") for wrong in _of_one(rows, rules, end)]
    claims = events[events["kind"] == "claim"]
    for (name, merchant), rows in claims.groupby(["reason", "merchant"], observed=True):
        stock = rules.of[str(name)]["stock"]
        if stock is not None and rules.of[str(name)]["scope"] == "store" and len(rows) > stock:
            found.append(f"{name}: {len(rows)} of {stock} claimed of store {merchant}")
    for name, rows in claims.groupby("reason", observed=True):
        stock = rules.of[str(name)]["stock"]
        if stock is not None and rules.of[str(name)]["scope"] == "category" and len(rows) > stock:
            found.append(f"{name}: {len(rows)} of {stock} claimed")
    return found


def _of_one(rows: pd.DataFrame, rules: Rules, end: int) -> Iterator[str]:
    """What is wrong with the life of one consumer."""
    relations: dict[int, Relation] = defaultdict(Relation)
    coupons: dict[int, Coupon] = {}
    had: dict[tuple[str, Any], int] = defaultdict(int)
    events = list(rows.sort_values(["time", "seq"]).itertuples())
    for at, event in enumerate(events):
        who, time, name = relations[event.merchant], event.time, str(event.reason)
        if event.kind in ("follow", "unfollow"):
            who.fan = event.kind == "follow"
            who.followed.append((time // DAY, who.fan))
        elif event.kind == "group_join":
            who.groups.add(rules.groups[name])
        elif event.kind == "visit":
            who.visit_days.append(time // DAY)
        elif event.kind == "join":
            who.member = time
        elif event.kind == "claim":
            yield from _claim(event, rules, who, coupons, had)
        elif event.kind == "expire":
            coupon = coupons[event.ref]
            if coupon.gone or time != coupon.end:
                yield f"{time}: {name} {event.ref} expired, it is {coupon.gone or 'held'} and ends at {coupon.end}"
            coupon.gone = "expired"
        elif event.kind == "refund":
            for coupon in coupons.values():
                if coupon.order == event.ref and time < coupon.end:
                    coupon.gone, coupon.order = "", -1
        elif event.kind == "order":
            used = [later for later in itertools.takewhile(_is_use_at(time), events[at + 1 :])]
            yield from _order(event, used, rules, who, coupons)
            who.orders += 1
            who.order_days.append(time // DAY)
            who.paid += event.amount
            if who.member is not None:
                who.points += event.amount * rules.programme.get("points_per_hundred", 0) // 100
    for ref, coupon in coupons.items():
        if not coupon.gone and coupon.end < end:
            yield f"{coupon.benefit} {ref} ended at {coupon.end} and was lost"


def _is_use_at(time: int) -> Any:
    return lambda event: event.time == time and event.kind == "redeem"


def _claim(
    event: Any, rules: Rules, who: Relation, coupons: dict[int, Coupon], had: dict[tuple[str, Any], int]
) -> Iterator[str]:
    time, name = event.time, str(event.reason)
    rule = rules.of[name]
    if event.ref in coupons:
        yield f"{time}: coupon {event.ref} was claimed twice"
    if not rules.is_online(name, event.merchant, time // DAY) or not rules.gives(name, event.merchant):
        yield f"{time}: {name} was claimed of store {event.merchant}, where it is not online"
    if not rules.is_for(name, who, time // DAY):
        yield f"{time}: {name} was claimed by who it is not for: {who}"
    who.points -= rule["points"]
    if who.points < 0:
        yield f"{time}: {name} was claimed for {rule['points']} points, {-who.points} of which were not there"
    within = (rule["claim"] or {}).get("within_hours") or 24  # what a new-member gift has, unless told otherwise
    if rule["claim"] and rule["claim"]["at"] == "join" and time - (who.member or 0) > within * 3_600:
        yield f"{time}: {name} was claimed too late, the consumer joined at {who.member}"
    key = (name, rules.industries[event.merchant] if rule["scope"] == "category" else event.merchant)
    had[key] += 1
    if had[key] > rule["per_person"]:
        yield f"{time}: {name} was claimed {had[key]} times by one consumer"
    begin, end = rules.window(name, time)
    coupons[event.ref] = Coupon(name, event.merchant, end, begin)


def _order(event: Any, used: list[Any], rules: Rules, who: Relation, coupons: dict[int, Coupon]) -> Iterator[str]:
    """The best price is recomputed from every set of benefits that may be used together."""
    time, day, merchant = event.time, event.time // DAY, event.merchant
    own = [row for row in used if rules.of[str(row.reason)]["kind"] == "member_price"]
    used = [row for row in used if row not in own]
    goods = event.amount + sum(row.amount for row in used)
    followed = [str(row.reason) for row in used if rules.of[str(row.reason)]["kind"] == "follow_discount"]
    may: dict[str, set[str]] = defaultdict(set)
    for name, rule in rules.of.items():
        plain = rule["kind"] in AUTOMATIC and rule["kind"] not in ("member_price", "follow_discount")
        if plain and rules.gives(name, merchant) and rules.is_online(name, merchant, day) and rules.is_for(name, who, day):
            may[rules.group(name)].add(name)
    for coupon in coupons.values():
        if not coupon.gone and coupon.begin <= time < coupon.end and rules.is_good_at(coupon, merchant):
            may[rules.group(coupon.benefit)].add(coupon.benefit)
    may = {group: {name for name in names if goods >= rules.of[name]["threshold"]} for group, names in may.items()}
    for name in followed:
        beaten = [other for other in may.get(rules.group(name), ()) if _off(rules.of[other], goods) > rules.of[name]["amount"]]
        if beaten:
            yield f"{time}: the follow discount {name} was used though {beaten} is better"
        may[rules.group(name)] = {name}
    best = min(_price(rules, goods, names) for names in itertools.product(*([*names, None] for names in may.values())))
    if best != event.amount:
        yield f"{time}: {event.amount} was paid for goods of {goods}, {best} is the best price of {dict(may)}"
    groups = [rules.group(str(row.reason)) for row in used]
    if len(groups) != len(set(groups)):
        yield f"{time}: two benefits of one group were used: {[str(row.reason) for row in used]}"
    for row in used:
        if row.ref >= 0:
            coupon = coupons[row.ref]
            if coupon.gone or not coupon.begin <= time < coupon.end or not rules.is_good_at(coupon, merchant):
                yield f"{time}: {coupon} was used at store {merchant}"
            coupon.gone, coupon.order = "redeemed", event.ref
        if goods < rules.of[str(row.reason)]["threshold"]:
            yield f"{time}: {row.reason} was used for goods of {goods}"


def _half_up(value: float) -> int:
    return math.floor(value + 0.5)


def _off(rule: dict[str, Any], goods: int) -> int:
    return _half_up(rule["share"] * goods) if rule["share"] is not None else (rule["amount"] or 0)


def _price(rules: Rules, goods: int, names: tuple[str | None, ...]) -> int:
    """What is paid with these: percentages first, in the order of the groups' names, then amounts."""
    used = sorted((rules.group(name), name) for name in names if name is not None)
    price = goods
    for _, name in used:
        if rules.of[name]["share"] is not None:
            price -= _half_up(rules.of[name]["share"] * price)
    return max(price - sum(rules.of[name]["amount"] or 0 for _, name in used if rules.of[name]["share"] is None), 0)
