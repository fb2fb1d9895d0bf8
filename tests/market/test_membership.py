"""Who joins, and what membership does: selection, invitation, treatment and its fading [evidence D8, INT-3]."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from competing import DAY, Settings, Told, merged, plain, shipped
from scipy import stats

import sim
from sim.stages.membership import attach, attachment, effect
from sim.state.shard import INTERPRETED
from sim.state.tables import CONSUMER, RELATION
from sim.state.world import WORLD

STORE = Path(__file__).parents[2] / "scenarios" / "store.yaml"
STREAMS = ["time", "kind", "consumer", "merchant", "channel", "ref", "amount", "reason"]


def row(table: Any, **values: Any) -> Any:
    rows = table.rows(1)
    for name, value in values.items():
        rows[name] = value
    return (rows.view(np.recarray) if INTERPRETED else rows)[0]


def store(invitation: Settings, **changes: Any) -> Settings:
    """A store all of whose customers buy for the first time on day 0."""
    few = {"extends": str(STORE), "consumers": 2_000, "days": 120, "policies": {"invitation": invitation}}
    return merged(few, changes)


def members(told: Told) -> np.ndarray:
    """Who has joined, in their order."""
    return np.unique(told.events.loc[told.events["kind"] == "join", "consumer"])


# Fading


@pytest.mark.parametrize(
    ("days", "left"), [(0, 1.0), (179, 1.0), (180, 1.0), (181, 89 / 90), (225, 0.5), (269, 1 / 90), (270, 0.0), (4_000, 0.0)]
)
def test_d8_membership_fades_from_180_to_270_days_after_its_last_use(days: int, left: float) -> None:
    world, relation = row(WORLD, fade_from=180, fade_until=270), row(RELATION, member=1)
    attach(relation, 40)
    assert attachment(world, relation, 40 + days) == left
    attach(relation, 40 + days)
    assert attachment(world, relation, 40 + days) == 1.0


def test_d8_who_is_no_member_has_no_effect_and_without_fading_a_member_keeps_it() -> None:
    never, consumer = row(WORLD), row(CONSUMER, member_gain=0.5)
    member = row(RELATION, member=1)
    attach(member, 0)
    assert attachment(never, member, 30_000) == 1.0
    assert effect(never, consumer, member, 30_000) == 0.5
    assert effect(never, consumer, row(RELATION), 0) == 0.0


def test_d8_until_it_fades_nothing_is_different_and_afterwards_more_drop_out() -> None:
    """Bit for bit up to the last whole day; one-sided t-test of orders over seeds, 1 %."""
    invitation, drop_out = {"days": [1], "probability": 1.0}, {"orders": {"drop_out": {"member": 1.0}}}
    fades = {"membership": {"fade_from_days": 20, "fade_until_days": 21}}
    never = {"membership": {"fade_from_days": None, "fade_until_days": None}}
    fewer = []
    for seed in range(5):
        faded, kept = (Told(store(invitation, behaviour=drop_out | dial), seed).events for dial in (fades, never))
        before, whole = (events[events["time"] < 22 * DAY][STREAMS] for events in (faded, kept))
        pd.testing.assert_frame_equal(before.reset_index(drop=True), whole.reset_index(drop=True))
        fewer.append((kept["kind"] == "order").sum() - (faded["kind"] == "order").sum())
    assert stats.ttest_1samp(fewer, 0, alternative="greater").pvalue < 0.01


def test_d8_a_member_price_that_is_paid_attaches_anew() -> None:
    prices = {"invitation": {"days": [3], "to": "known", "probability": 1.0}}
    prices["prices"] = {"use": "relation_prices", "merchants": ["a"], "member": 0.1}
    needs = {"needs": {"rates": {"food": {"per_year": 20.0}}}}
    told = Told(plain({"a": {}, "b": {}}, needs, policies=prices))
    relations = told.relations().set_index(["consumer", "merchant"])
    events = told.events.assign(day=told.events["time"] // DAY)
    joined = events[events["kind"] == "join"].groupby(["consumer", "merchant"])["day"].max()
    used = events[events["reason"] == "member_price"].groupby(["consumer", "merchant"])["day"].max()
    assert set(joined) == {3}
    assert 0 < len(used) < len(joined)
    assert set(used.index.get_level_values("merchant")) == {0}
    expected = used.reindex(joined.index).fillna(joined)
    assert relations.loc[joined.index, "attached_day"].tolist() == expected.tolist()


# Invitation


def test_invitations_go_to_customers_or_to_all_who_know_the_store() -> None:
    """Without a need nobody orders in the market of two stores, but whoever browses knows one."""
    browsing = {"sessions": {"per_day": 0.2}, "stores": {"browse": 0.3}, "needs": {"rates": {"food": {"per_year": 2.0}}}}
    for to in ("customers", "known"):
        invitation = {"days": [20], "to": to, "probability": 1.0, "merchants": ["a"]}
        events = Told(plain({"a": {}, "b": {}}, browsing, policies={"invitation": invitation}, days=30)).events
        before = events[(events["time"] < 20 * DAY) & (events["merchant"] == 0)]
        invited = before[before["kind"].isin(["order"] if to == "customers" else ["order", "visit"])]
        joins = events[events["kind"] == "join"]
        assert sorted(joins["consumer"]) == sorted(set(invited["consumer"]))
        assert set(zip(joins["merchant"], joins["time"], joins["channel"])) == {(0, 20 * DAY, "zero_yuan")}


def test_who_joins_when_invited_is_a_matter_of_consumer_store_and_day_alone() -> None:
    """Not of what it does, nor of other invitations; a greater probability adds members. Binomial tests, 0.1 % each."""
    some = members(Told(store({"days": [1], "probability": 0.2})))
    more = members(Told(store({"days": [1], "probability": 0.5})))
    assert set(some) < set(more)
    assert stats.binomtest(len(some), 2_000, 0.2).pvalue > 0.001
    busier = store({"days": [1], "probability": 0.2}, behaviour={"sessions": {"per_day": 3.0}})
    assert members(Told(busier)).tolist() == some.tolist()
    again = members(Told(store({"days": [1, 8], "probability": 0.2})))
    assert stats.binomtest(len(set(again) - set(some)), 2_000 - len(some), 0.2).pvalue > 0.001


def test_of_two_invitations_on_a_day_the_greater_probability_counts_and_none_out_of_force() -> None:
    alone = Told(store({"days": [1], "probability": 0.5}))
    lesser = {"policies": {"lesser": {"use": "invitation", "days": ["1997-10-02"], "probability": 0.2, "to": "known"}}}
    assert members(Told(store({"days": [1], "probability": 0.5}, **lesser))).tolist() == members(alone).tolist()
    assert len(members(Told(store({"days": [1], "probability": 0.5, "from": 2})))) == 0


# Selection


def test_d8_selection_tilts_who_joins_by_the_score_of_its_rate_of_needs() -> None:
    """Those who join by a small probability have scores N(selection, 1), exactly; KS test, 0.1 %. The factors have mean 1."""
    everybody_comes = {"sessions": {"per_day": 3.0}, "stores": {"browse": 1.0}}
    needs = {"needs": {"rates": {"food": {"per_year": 3.0, "shape": 0.6}}}}
    world = plain({"a": {}}, everybody_comes | needs, consumers=60_000, days=10)
    selection, light = 0.8, 0.3
    world["behaviour"]["membership"] = {"selection": selection, "light": light}
    world["policies"] = {"invitation": {"days": [9], "probability": 0.03, "to": "known"}}
    told = Told(world, events="none")
    of = told.consumers("joining", "member_gain")
    rate = np.concatenate([np.asarray(shard.needs)["rate"][:, 0] for shard in told.simulation.population.shards])
    scores = ((np.log(of["joining"]) + selection**2 / 2) / selection).to_numpy()
    assert stats.kstest(scores, "norm").pvalue > 0.001
    assert (np.diff(scores[np.argsort(rate)]) > -1e-5).all()
    np.testing.assert_allclose(of["member_gain"], np.exp(-light * scores - light**2 / 2), rtol=1e-4)
    relations = told.relations()
    assert len(relations) == 60_000, "all know the store"
    joined = relations.loc[relations["member"] == 1, "consumer"].to_numpy()
    assert stats.kstest(scores[joined] - selection, "norm").pvalue > 0.001


def test_d8_without_selection_the_factors_are_exactly_1() -> None:
    of = Told(shipped(300, days=1, past="cold"), events="none").consumers("joining", "member_gain")
    assert (of == 1.0).all(axis=None)


def test_d8_where_nobody_has_needs_nobody_has_more_than_others() -> None:
    none = {"needs": None, "stores": {"known": 1}, "membership": {"light": 0.5}}
    of = Told({"days": 1, "consumers": 20, "behaviour": none, "merchants": {"a": {}}}, events="none")
    assert (of.consumers("joining", "member_gain") == 1.0).all(axis=None)


# Treatment


def same_but_for_joins(one: Told, other: Told) -> None:
    frames = [told.events[told.events["kind"] != "join"][STREAMS].reset_index(drop=True) for told in (one, other)]
    pd.testing.assert_frame_equal(*frames)


def test_d8_without_treatment_members_do_as_others_bit_for_bit() -> None:
    none = {"behaviour": {"membership": {"treatment": 0}, "orders": {"drop_out": {}}}}
    invited, alone = (Told(store({"days": [1], "probability": p}, **none)) for p in (0.7, 0.0))
    assert len(members(invited)) > 1_000
    same_but_for_joins(invited, alone)


def test_d8_without_treatment_members_of_a_market_do_as_others_bit_for_bit() -> None:
    """Its stores silent: whom they send to is their own affair."""
    silent = {name: {"strategy": None} for name in sim.load(STORE.with_name("market.yaml")).settings.merchants}
    none = {"behaviour": {"membership": {"treatment": 0}}, "merchants": silent}
    untreated = merged(shipped(800, days=60, past="cold"), none)
    nobody = merged(untreated, {"behaviour": {"visits": {"join": 0}, "orders": {"join": 0}}})
    joining = Told(untreated)
    assert len(members(joining)) > 50
    same_but_for_joins(joining, Told(nobody))


def test_d8_frequency_alone_brings_members_of_the_one_store_more_often() -> None:
    """Paired over seeds; one-sided t-test, 1 %."""
    gained = []
    for seed in range(6):
        dials = [{"membership": {"frequency": share}, "orders": {"drop_out": {"member": 0}}} for share in (0.3, 0.0)]
        more, usual = (Told(store({"days": [1], "probability": 1.0}, behaviour=dial), seed).daily for dial in dials)
        gained.append(more["orders"].sum() - usual["orders"].sum())
    assert stats.ttest_1samp(gained, 0, alternative="greater").pvalue < 0.01


# What is wrong is said


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"policies": {"invitation": {"merchants": ["stoer"]}}}, "there is no merchant 'stoer' - did you mean 'store'"),
        ({"behaviour": {"membership": {"fade_until_days": 100}}}, "must be after 'fade_from_days' \\(180\\); given 100"),
        ({"behaviour": {"membership": {"fade_until_days": None}}}, "null together with 'fade_from_days'"),
        ({"behaviour": {"membership": {"selection": 1}, "needs": None}, "past": {"bg_nbd": None}}, "nobody has any"),
    ],
)
def test_mistakes_about_membership(changes: Settings, words: str) -> None:
    with pytest.raises(sim.BadInput, match=words):
        Told(store({}, **changes))
