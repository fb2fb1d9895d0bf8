"""Following by scene, and how many stores a consumer follows [INT-1]. Family error 1 %."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import numpy as np
import pandas as pd
import pytest
from competing import DAY, Told, merged, plain
from scipy import stats

LEVEL = 0.01 / 3
STORES = {f"store {k}": {"industry": industry} for k, industry in enumerate(["food", "health", "food", "health", "food"])}
BEHAVIOUR: dict[str, Any] = {
    "sessions": {"per_day": 0.8},
    "stores": {"browse": 0.6},
    "needs": {"buying": "at_visit", "rates": {"food": {"per_year": 30}, "health": {"per_year": 30}}},
    "visits": {"follow": 0.1, "follow_at_cart": 0.3, "abandoned_cart": 0.3, "join": 0.2},
    "orders": {"follow": 0.2},
}


def told(limit: int | None, days: int = 80, **changes: Any) -> Told:
    behaviour = merged(merged(BEHAVIOUR, {"visits": {"most_follows": limit}}), changes)
    return Told(plain(STORES, behaviour, consumers=600, days=days))


def test_int_1_following_by_scene_has_a_probability_of_its_own() -> None:
    """Null: .1 at a visit, .3 at a cart, .2 at an order, each of who is no fan by then. Binomial, one a scene."""
    seen: dict[str, list[bool]] = defaultdict(list)
    fans: set[tuple[int, int]] = set()
    rows = told(None).events
    rows = rows[rows["kind"].isin(["visit", "cart", "order", "follow"])]
    scene = ""
    for row in rows.itertuples():
        relation = row.consumer, row.merchant
        if row.kind == "follow":
            assert relation not in fans
            fans.add(relation)
            seen[scene][-1] = True
        elif relation not in fans:
            scene = row.kind
            seen[scene].append(False)
    for kind, p in {"visit": 0.1, "cart": 0.3, "order": 0.2}.items():
        assert stats.binomtest(sum(seen[kind]), len(seen[kind]), p).pvalue > LEVEL, kind
        assert sum(seen[kind]) > 50


@pytest.mark.parametrize("limit", [1, 2, 4])
def test_int_1_a_new_follow_replaces_the_store_that_was_visited_longest_ago(limit: int) -> None:
    """Replayed from the log: who, when and only then; ties go to the first merchant. Fans are follows less unfollows."""
    run = told(limit)
    visited: dict[int, dict[int, int]] = defaultdict(dict)
    follows: dict[int, set[int]] = defaultdict(set)
    due: tuple[int, int] | None = None
    ties = replaced = 0
    rows = run.events[run.events["kind"].isin(["visit", "follow", "unfollow"])]
    for row in rows.itertuples():
        mine = follows[row.consumer]
        if row.kind == "visit":
            visited[row.consumer][row.merchant] = row.time // DAY
        elif row.kind == "unfollow":
            assert len(mine) == limit
            last = {m: visited[row.consumer][m] for m in mine}
            assert row.merchant == min(last, key=lambda m: (last[m], m))
            ties += list(last.values()).count(min(last.values())) > 1
            mine.remove(row.merchant)
            due = row.consumer, row.time
            replaced += 1
        else:
            assert due in (None, (row.consumer, row.time)), "it makes room for the follow in the same second"
            assert due is not None or len(mine) < limit
            mine.add(row.merchant)
            due = None
    assert due is None
    assert replaced > 30
    assert ties > 0 or limit == 1
    daily = run.daily.groupby("merchant")[["follows", "unfollows"]].cumsum()
    assert (run.daily["fans"] == daily["follows"] - daily["unfollows"]).all()
    assert run.daily["unfollows"].sum() == replaced
    now = run.relations()
    at_end = {pair for consumer, mine in follows.items() for pair in ((consumer, m) for m in mine)}
    fans = now[now["fan"] == 1]
    assert set(zip(fans["consumer"], fans["merchant"])) == at_end
    contacts = crowds(run)
    assert np.array_equal(contacts["crowds"] & 2 > 0, contacts["fan"] == 1), "who is no fan is in no crowd of fans"


def crowds(run: Told) -> pd.DataFrame:
    """Of all relations, whether it is a fan's, and its crowds."""
    found = []
    for shard in run.simulation.population.shards:
        for c in np.asarray(shard.consumers):
            of = slice(c["relation_first"], c["relation_first"] + c["relation_count"])
            found.append(pd.DataFrame({"fan": shard.relations["fan"][of], "crowds": shard.contacts["crowds"][of]}))
    return pd.concat(found, ignore_index=True)


def test_int_1_a_limit_that_nobody_reaches_changes_nothing() -> None:
    """Bit for bit."""
    none, wide = told(None), told(len(STORES))
    assert none.events.equals(wide.events)
    assert none.daily.equals(wide.daily)
    assert not none.daily["unfollows"].any()


def test_int_1_who_follows_at_a_cart_follows_once_and_may_claim_what_is_for_it() -> None:
    """Beside a follow discount, which asks the same buyer [INT-2]; and with a gift that is claimed by following."""
    gifts = {
        "off": {"use": "benefit", "kind": "follow_discount", "amount": 700},
        "gift": {"use": "benefit", "kind": "gift", "gift_cost": 100, "claim": {"at": "follow"}},
    }
    for policies in (gifts, {"gift": gifts["gift"]}):
        visits = {"follow": 0, "follow_at_cart": 0.5}
        behaviour = merged(BEHAVIOUR, {"visits": visits, "orders": {"follow": 0}})
        world = plain(STORES, behaviour, consumers=400, days=40, policies=policies)
        run = Told(world)
        rows = run.events
        follows = rows.loc[rows["kind"] == "follow", ["consumer", "merchant"]]
        assert not follows.duplicated().any()
        assert len(follows) == run.relations()["fan"].sum() == run.daily.groupby("merchant")["fans"].last().sum() > 100
        claims = rows.loc[rows["kind"] == "claim", ["consumer", "merchant"]]
        assert len(claims.merge(follows)) > 100


def test_int_1_an_old_fan_who_was_replaced_is_sent_no_messages_to_fans_from_the_next_day_on() -> None:
    """The crowd of a send is that of 00:00 [MSG-7]."""
    plan = {"use": "plan", "cycle": 1, "days": [0], "at": "12:00", "crowd": "fans"}
    stores = {name: {**store, "strategy": plan} for name, store in STORES.items()}
    world = plain(stores, merged(BEHAVIOUR, {"visits": {"most_follows": 1}}), consumers=300, days=40)
    rows = Told(world).events
    changes: dict[tuple[int, int], list[tuple[int, bool]]] = defaultdict(list)
    late = 0
    for row in rows[rows["kind"].isin(["follow", "unfollow", "message_sent"])].itertuples():
        of = changes[row.consumer, row.merchant]
        if row.kind == "message_sent":
            at_midnight = [fan for time, fan in of if time < row.time // DAY * DAY]
            assert at_midnight[-1]
            late += not of[-1][1]
        else:
            of.append((row.time, row.kind == "follow"))
    assert late > 10, "who was replaced this morning"
