"""The stages of LINK+ are explicit in state and results: nobody is lost between them [LINK-1]."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
from competing import Told, merged, plain
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

STAGES = ("lead", "interlock", "engage", "keep")
NO_STAGE, GONE = 0, 5
EXAMPLES = settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
shares = st.sampled_from([0.0, 0.1, 0.5, 1.0])


@st.composite
def markets(draw: st.DrawFn) -> dict[str, Any]:
    """Some stores of two industries, with or without a past; consumers who come often, follow, join, buy and drop out."""
    rate = {"per_year": draw(st.sampled_from([10, 100]))}
    rates = {"food": rate, "health": rate}
    behaviour = {
        "sessions": {"per_day": draw(st.sampled_from([0.2, 1.5]))},
        "stores": {"browse": draw(shares), "preference": {"wait": draw(st.sampled_from([None, 0.0])), "habit": 0.3}},
        "needs": {"buying": draw(st.sampled_from(["at_visit", "at_need"])), "patience_days": 5, "rates": rates},
        "visits": {"follow": draw(shares), "join": draw(shares)},
        "orders": {
            "own": {"base": draw(shares) / 5},
            "follow": draw(shares),
            "join": draw(shares),
            "drop_out": draw(st.sampled_from([None, {"mean": 0.2}])),
        },
        "reading": {"probability": 0.3},
    }
    plan = {"use": "plan", "cycle": 2, "crowd": draw(st.sampled_from(["customers", "fans", "all"]))}
    stores = {
        f"s{k}": {"industry": industry, "awareness": draw(st.sampled_from([0.3, 1.0])), "strategy": plan}
        for k, industry in enumerate(draw(st.lists(st.sampled_from(["food", "health"]), min_size=1, max_size=4)))
    }
    past = draw(st.sampled_from(["cold", {"days": 12, "short": True}]))
    run = {"days": draw(st.integers(1, 20)), "consumers": draw(st.integers(1, 40)), "seed": draw(st.integers(0, 2**40))}
    return merged(plain(stores, behaviour), {**run, "past": past})


@EXAMPLES
@given(markets())
def test_link_1_entries_stocks_and_leaves_agree_for_every_merchant_and_day(world: dict[str, Any]) -> None:
    """Whoever enters a stage leaves the one before it; the end's stocks are the relations that are at each stage."""
    told = Told(world, world["seed"])
    daily = told.daily
    table = {name: daily[name].to_numpy().reshape(told.days, len(told.names)) for name in daily.columns[4:]}
    entered = [table[f"{stage}_entered"] for stage in STAGES]
    stocks = [table[stage] for stage in STAGES]
    left = table["left"]
    relations = told.relations()
    for stage, stock in enumerate(stocks, start=1):
        at = relations["merchant"][relations["stage"] == stage]
        assert stock[-1].tolist() == np.bincount(at, minlength=len(told.names)).tolist()
    whole = sum(stocks)
    change = np.diff(whole, axis=0)
    assert (change == (entered[0] - left)[1:]).all(), "who came to a store is at a stage of it until it leaves"
    for stage in range(3):  # of those who drop out, all are at the last stage: they had bought again
        assert (np.diff(stocks[stage], axis=0) == (entered[stage] - entered[stage + 1])[1:]).all()
    assert (np.diff(stocks[3], axis=0) == (entered[3] - left)[1:]).all()
    if world["past"] == "cold":
        assert (whole[0] == entered[0][0] - left[0]).all()
        for first, second in pairwise(entered):
            assert (np.cumsum(second, axis=0) <= np.cumsum(first, axis=0)).all(), "no stage is skipped"
        gone = np.bincount(relations["merchant"][relations["stage"] == GONE], minlength=len(told.names))
        assert left.sum(axis=0).tolist() == gone.tolist()
        met = np.bincount(relations["merchant"], minlength=len(told.names))
        assert entered[0].sum(axis=0).tolist() == met.tolist(), "everybody who met a store has entered"


@EXAMPLES
@given(markets())
def test_link_1_a_relation_is_at_the_stage_that_it_has_got_to(world: dict[str, Any]) -> None:
    """Keep: two orders or more. Interlock and Engage: fan, member or buyer. Lead: none of these. Gone: dropped out."""
    relations = Told(world, world["seed"]).relations()
    stage, orders = relations["stage"], relations["orders"]
    gone = stage == GONE
    assert (gone == (relations["dropped"] == 1)).all()
    assert (orders[gone] >= 2).all()
    assert ((stage == 4) == (~gone & (orders >= 2))).all()
    tied = (relations["fan"] == 1) | (relations["member"] == 1) | (orders > 0)
    assert (tied[(stage == 2) | (stage == 3)]).all()
    assert not tied[stage == 1].any()
    assert not (stage == NO_STAGE).any()
