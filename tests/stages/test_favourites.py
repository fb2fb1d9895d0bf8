"""Favourites: how often a visitor makes the store one, and that it does so once."""

from __future__ import annotations

import pytest
from scipy import stats
from worlds_of_stages import quiet_market, run_world

from sim.scenario.behaviour import Visits

LEVEL = 0.01 / 3


@pytest.mark.parametrize("share", [0.0, Visits().favourite, 0.6])
def test_share_of_visits_that_make_a_favourite(share: float) -> None:
    """Null: the probability itself, at visits to a store that is none yet. Binomial, about 8,000 visits or more."""
    visits = {"favourite": share, "abandoned_cart": 0.0}
    world = quiet_market(2, sessions={"per_day": 2.0, "shape": None}, visits=visits)
    merchants = {"store": {"count": 2}}
    log = run_world(world | {"days": 5 if share < 0.5 else 30, "consumers": 4_000, "merchants": merchants}).events
    favourites = log[log["kind"] == "favourite"]
    assert not favourites.duplicated(["consumer", "merchant"]).any(), "once"
    order = log[log["kind"].isin(["visit", "favourite"])].assign(made=log["kind"] == "favourite")
    before = order.groupby(["consumer", "merchant"])["made"].cumsum() - order["made"]
    chances = int(((order["kind"] == "visit") & (before == 0)).sum())
    assert chances > 8_000
    assert stats.binomtest(len(favourites), chances, share).pvalue > LEVEL
    at = log[log["kind"] == "visit"].set_index(["consumer", "merchant", "time"]).index
    assert favourites.set_index(["consumer", "merchant", "time"]).index.isin(at).all(), "at a visit"
