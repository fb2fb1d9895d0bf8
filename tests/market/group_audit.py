"""An audit of groups from the event log and the scenario alone: it shares no code with what it audits.

`findings` reads a whole log (`--events all`) of a run that began cold, without grading, and answers what is wrong with it.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from typing import Any

import pandas as pd
from benefit_audit import Relation, Rules

DAY = 86_400
PEOPLE = {"member": 100, "ordinary": 500}
GROUPS = {"member": 25, "ordinary": 10}


def findings(events: pd.DataFrame, settings: dict[str, Any], industries: list[str], names: list[str]) -> list[str]:
    """Seats oversold, people with two, places that are none or not in the order of entering, entries without the right."""
    policies = {name: rule for name, rule in settings["policies"].items() if rule["use"] == "groups"}
    start = dt.date.fromisoformat(str(settings["start"]))
    rules = Rules(settings, industries, names)
    relations: dict[tuple[int, int], Relation] = defaultdict(Relation)
    buyers: dict[tuple[int, int], Counter[str]] = {}  # at 00:00: members with so many orders, by store and number
    entered: dict[tuple[str, int], list[int]] = defaultdict(list)
    found = []
    today = -1
    for event in events[events["consumer"] >= 0].sort_values(["time", "consumer", "seq"]).itertuples():
        who, day, name = relations[event.consumer, event.merchant], event.time // DAY, str(event.reason)
        if day != today:
            today = day
            buyers = {}
            for (_, merchant), of in relations.items():
                for least in (1, 2):
                    joined = of.member is not None and of.orders >= least
                    buyers.setdefault((merchant, least), Counter())["members"] += joined
        if event.kind in ("follow", "unfollow"):
            who.fan = event.kind == "follow"
            who.followed.append((day, who.fan))
        elif event.kind == "join":
            who.member = event.time
        elif event.kind == "visit":
            who.visit_days.append(day)
        elif event.kind == "order":
            who.orders += 1
            who.paid += event.amount
            who.order_days.append(day)
        elif event.kind == "group_join":
            rule = policies[name]
            people, count = rule["people"] or PEOPLE[rule["kind"]], rule["groups"] or GROUPS[rule["kind"]]
            seats = entered[name, event.merchant]
            if event.consumer in seats:
                found.append(f"{event.time}: {event.consumer} entered {name} of store {event.merchant} twice")
            subgroup, seat = divmod(len(seats), people)
            group, subgroup = divmod(subgroup, rule["subgroups"])
            if seat >= people or group >= count:
                found.append(f"{event.time}: {name} of store {event.merchant} was oversold")
            if event.ref != (group + 1) * 100 + subgroup + 1:
                found.append(f"{event.time}: entry {len(seats) + 1} of {name} was told the place {event.ref}")
            seats.append(event.consumer)
            if not _may(rule, rules, who, day, buyers.get((event.merchant, 1 + (rule["entry"] == "repurchased")), Counter())):
                found.append(
                    f"{event.time}: {event.consumer} entered {name} of store {event.merchant} without the right: {who}"
                )
            if rule["kind"] == "member" and start + dt.timedelta(days=int(day)) < dt.date.fromisoformat(str(rule["opened"])):
                found.append(f"{event.time}: {name} of store {event.merchant} was entered before it might be operated")
            if event.channel != f"group.{rule['kind']}":
                found.append(f"{event.time}: {name} is logged as {event.channel}")
    return found


def _may(rule: dict[str, Any], rules: Rules, who: Relation, day: int, buyers: Counter[str]) -> bool:
    """Whether a relation may enter; of a password the log does not know who knows it."""
    of_crowd = rule["crowd"] is not None and rules.is_in(rules.crowds[rule["crowd"]], who, day)
    if rule["kind"] == "member":
        least = 2 if rule["entry"] == "repurchased" else 1
        opened = buyers["members"] > rule["crowd_above"]
        return who.member is not None and (who.orders >= least or (opened and of_crowd))
    entry = rule["entry"] or "follow"
    return {"follow": who.fan, "spent": who.paid >= (rule["amount"] or 0), "crowd": of_crowd, "password": True}[entry]
