"""Live rooms: when they are open, who watches, and what that leads to [LEAD-7, INT-5, INT-1, FAN-2]. Family error 1 %."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import numpy as np
import pandas as pd
import pytest
from competing import DAY, Told, merged, plain
from scipy import stats

from sim.errors import BadInput
from sim.results.tables import acted

LEVEL = 0.01 / 14
STORES = {"a": {"industry": "food"}, "b": {"industry": "health", "awareness": 0.5}, "c": {"industry": "food"}}
HOUR_20 = [0] * 20 + [1] + [0] * 3  # all sessions between 20:00 and 21:00
BEHAVIOUR: dict[str, Any] = {
    "sessions": {"per_day": 1, "hours": HOUR_20},
    "stores": {"browse": 0.3},
    "needs": {"buying": "at_visit", "rates": {"food": {"per_year": 12}, "health": {"per_year": 12}}},
    "orders": {"own": {"base": 0.2}},
}
WATCH = {"stranger": 0.2, "fan": 0.5, "member": 0.8}
FOLLOW = {"stranger": 0.3, "member": 0.6}
JOIN = {"stranger": 0.1, "fan": 0.25}
ROOM = {"use": "live_rooms", "merchants": ["b"], "watch": WATCH, "follow": FOLLOW, "join": JOIN, "orders": 1}
ALL_WATCH = {"watch": {"stranger": 1, "fan": 1, "member": 1}}


def told(room: dict[str, Any] | None = None, **changes: Any) -> Told:
    behaviour = merged(BEHAVIOUR, changes.pop("behaviour", {}))
    policies = {} if room is None else {"live": ROOM | room}
    top = {"start": "2023-09-01", "consumers": 2_000, "days": 30, "policies": policies}  # a Friday
    return Told(plain(STORES, behaviour, **merged(top, changes)))


def test_lead_7_a_room_is_open_from_its_first_second_to_that_before_it_closes() -> None:
    """Where all who know the store watch: every session of these does, in that minute, on these days, and no other."""
    open_for_a_minute = {"merchants": ["a"], "opens": "20:29", "closes": "20:30", "weekdays": ["friday", "sunday"]}
    run = told(open_for_a_minute | ALL_WATCH, days=10, behaviour={"sessions": {"per_day": 40, "shape": None}})
    events = run.events
    sessions = events[events["kind"] == "session"]
    second, day = sessions["time"] % DAY, sessions["time"] // DAY
    inside = second.between(20 * 3_600 + 29 * 60, 20 * 3_600 + 30 * 60 - 1) & day.isin([0, 2, 7, 9])
    views = events[events["kind"] == "live_view"]
    keys = ["consumer", "time"]
    assert sorted(zip(*(sessions[inside][key] for key in keys))) == sorted(zip(*(views[key] for key in keys)))
    edges = [20 * 3_600 + 29 * 60 + k for k in (-1, 0, 59, 60)]
    assert all((second[day == 0] == edge).any() for edge in edges), "sessions of the seconds about which it is"


def of_views(run: Told) -> pd.DataFrame:
    """All sessions, each while the room is open: the consumer's crowd, whether it watched, and followed and joined there."""
    rows = run.events[run.events["kind"].isin(["session", "live_view", "follow", "join", "visit"])]
    b = run.names.index("b")
    fans, members = set(), set()
    found: list[dict[str, Any]] = []
    for row in rows.itertuples():
        if row.kind == "session":
            crowd = "member" if row.consumer in members else "fan" if row.consumer in fans else "stranger"
            found.append(dict.fromkeys(("watched", "followed", "joined"), False))
            found[-1] |= {"crowd": crowd, "fan": row.consumer in fans}
            live = False
        elif row.merchant == b:
            if row.kind == "visit":
                live = row.channel == "live"
            elif row.kind == "live_view":
                found[-1]["watched"] = True
            elif row.kind == "follow":
                fans.add(row.consumer)
                found[-1]["followed"] |= live
            elif row.kind == "join":
                members.add(row.consumer)
                found[-1]["joined"] |= live
    return pd.DataFrame(found)


def test_int_5_who_watches_and_who_follows_and_joins_there_goes_by_crowd() -> None:
    """Null: the stated probabilities of fans and members to watch, and of each crowd to follow and to join. Binomial."""
    views = of_views(told({}, days=60))
    for crowd in ("fan", "member"):
        of = views[views["crowd"] == crowd]
        assert stats.binomtest(int(of["watched"].sum()), len(of), WATCH[crowd]).pvalue > LEVEL, crowd
    for crowd, p in FOLLOW.items():
        of = views[views["watched"] & (views["crowd"] == crowd) & ~views["fan"]]
        assert stats.binomtest(int(of["followed"].sum()), len(of), p).pvalue > LEVEL, crowd
        assert len(of) > 50
    for crowd, p in JOIN.items():
        of = views[views["watched"] & (views["crowd"] == crowd)]
        assert stats.binomtest(int(of["joined"].sum()), len(of), p).pvalue > LEVEL, crowd


def test_lead_7_a_stranger_watches_only_a_store_that_it_is_aware_of() -> None:
    """Null: half of the consumers are aware of the store, and each of their sessions watches with the stated probability."""
    run = told({"follow": {}, "join": {}}, behaviour={"stores": {"browse": 0, "consider": 0}, "sessions": {"shape": None}})
    events = run.events
    sessions = events[events["kind"] == "session"].groupby("consumer").size()
    views = events[events["kind"] == "live_view"].groupby("consumer").size().reindex(sessions.index, fill_value=0)
    never = ((1 - WATCH["stranger"]) ** sessions).to_numpy()
    watchers = int((views > 0).sum())
    mean, variance = (0.5 * (1 - never)).sum(), (0.5 * (1 - never) * (1 - 0.5 * (1 - never))).sum()
    assert 2 * stats.norm.sf(abs(watchers - mean) / np.sqrt(variance)) > LEVEL
    times = events[(events["kind"] == "live_view")].groupby("consumer")["time"].min()
    after = events[(events["kind"].isin(["session", "live_view"])) & (events["time"] > events["consumer"].map(times))]
    chances, seen = (int((after["kind"] == kind).sum()) for kind in ("session", "live_view"))
    assert stats.binomtest(seen, chances, WATCH["stranger"]).pvalue > LEVEL


def test_lead_7_orders_in_the_room_are_multiplied() -> None:
    """Null: .2 at own visits without a need, times 2 in the room. Binomial."""
    no_needs = {"needs": {"rates": {"food": {"per_year": 0}, "health": {"per_year": 0}}}}
    events = told({"orders": 2}, behaviour=no_needs).events
    for live, p in ((True, 0.4), (False, 0.2)):
        of = events[(events["channel"] == "live") == live]
        visits, orders = (int((of["kind"] == kind).sum()) for kind in ("visit", "order"))
        assert stats.binomtest(orders, visits, p).pvalue > LEVEL
        assert visits > 1_000


def test_fan_2_a_live_view_is_a_visit_and_keeps_a_relation_active() -> None:
    """One visit of source `live` for each, at most one a session; the relation's last day of activity is its day."""
    run = told({"merchants": ["a", "b", "c"]}, behaviour={"stores": {"browse": 0, "consider": 0}})
    events = run.events
    views, visits = (events[events["kind"] == kind] for kind in ("live_view", "visit"))
    keys = ["time", "consumer", "merchant", "channel"]
    assert views[keys].reset_index(drop=True).equals(visits[keys].reset_index(drop=True))
    assert set(views["channel"]) == {"live"}
    sessions = events[events["kind"] == "session"].groupby(["consumer", "time"]).size()
    at_once = views.groupby(["consumer", "time"]).size()
    assert (at_once <= sessions.loc[at_once.index]).all()
    assert set(views["merchant"]) == {0, 1, 2}
    last = views.groupby(["consumer", "merchant"])["time"].max() // DAY
    now = run.relations().set_index(["consumer", "merchant"])["visit_day"].sort_index()
    assert (now == last.sort_index()).all()
    assert acted(run.simulation) == {"policies.live": len(views)}


def test_int_5_fans_of_a_store_that_keeps_them_are_replaced_less() -> None:
    """With a share of 1 none, as long as another store is followed; with 0 as if it had no rooms, bit for bit.

    Null: with .5, half of its fans who would replace it do, it being the most silent of two. Binomial.
    """
    one_place = {"visits": {"follow": 0.2, "most_follows": 2}, "stores": {"browse": 1}}
    nobody = {"watch": {}, "merchants": ["a"]}
    kept = {share: told(nobody | {"keep_fans": share}, days=60, behaviour=one_place) for share in (0.0, 0.5, 1.0)}
    assert kept[0.0].events.equals(told(behaviour=one_place, days=60).events)
    left = {share: int((run.events[run.events["kind"] == "unfollow"]["merchant"] == 0).sum()) for share, run in kept.items()}
    assert left[1.0] == 0 < 100 < left[0.5] < left[0.0]
    visited: dict[tuple[int, int], int] = {}
    follows: dict[int, set[int]] = defaultdict(set)
    would = did = 0
    for row in kept[0.5].events[kept[0.5].events["kind"].isin(["visit", "follow", "unfollow"])].itertuples():
        if row.kind == "visit":
            visited[row.consumer, row.merchant] = row.time // DAY
        elif row.kind == "follow":
            follows[row.consumer].add(row.merchant)
        else:
            mine = follows[row.consumer]
            most_silent = min(mine, key=lambda m: (visited[row.consumer, m], m))
            if most_silent == 0:
                would += 1
                did += row.merchant == 0
            mine.remove(row.merchant)
    assert stats.binomtest(did, would, 0.5).pvalue > LEVEL


def test_lead_7_rooms_that_nobody_watches_change_nothing_and_others_nothing_before_they_begin() -> None:
    """Bit for bit."""
    none = told()
    for nothing in ({"watch": {}}, {"opens": "03:00", "closes": "04:00"} | ALL_WATCH, {"weekdays": []}):
        run = told(nothing)
        assert none.events.equals(run.events)
        assert none.daily.equals(run.daily)
        assert acted(run.simulation) == {"policies.live": 0}
    later = told({"from": 15} | ALL_WATCH)
    one, other = (run.events[run.events["time"] < 15 * DAY].reset_index(drop=True) for run in (none, later))
    assert one.equals(other)
    sessions, needs = (
        [run.events.loc[run.events["kind"] == kind, ["time", "consumer", "ref"]].to_numpy() for run in (none, later)]
        for kind in ("session", "need")
    )
    assert np.array_equal(*sessions)
    assert np.array_equal(*needs)
    assert (later.events["kind"] == "live_view").sum() > 1_000


@pytest.mark.parametrize(
    ("room", "words"),
    [
        ({"merchants": ["bee"]}, "there is no merchant 'bee'"),
        ({"opens": "22:00", "closes": "22:00"}, "'closes' must be after 'opens' (22:00)"),
        ({"weekdays": ["funday"]}, "must be one of monday, tuesday"),
        ({"watch": {"fan": 2}}, "must be a number from 0 to 1"),
    ],
)
def test_rooms_that_cannot_be_are_refused(room: dict[str, Any], words: str) -> None:
    with pytest.raises(BadInput) as error:
        told(room)
    assert any(words in problem.message for problem in error.value.problems), error.value.problems
