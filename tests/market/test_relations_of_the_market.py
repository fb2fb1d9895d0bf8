"""What the market makes of relations: their share of GMV [LINK-2], and how far selection and treatment make it [LINK-4]."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from competing import DAY, MARKET, Settings, Told, merged, plain, shipped
from scipy import stats
from yaml import safe_load

SEEDS = range(1, 7)
KEYS = ["consumer", "merchant"]
OVER_SIXTY = ("fast_moving", "sports", "health")
WEEKS_OF_A_COLD_START = 4


def lower_bound(values: np.ndarray, level: float) -> float:
    """Lower confidence bound of a mean by Student's t."""
    return float(values.mean() - stats.t.isf(level, len(values) - 1) * values.std(ddof=1) / np.sqrt(len(values)))


def shares(settings: Settings) -> pd.DataFrame:
    """Share of relation users in the GMV of each industry, (seeds, industries)."""
    columns = ["gmv", "gmv_relation", "gmv_fan", "gmv_member", "gmv_old"]
    runs = [Told(settings, seed, events="none").daily.groupby("industry")[columns].sum() for seed in SEEDS]
    for run in runs:  # whoever is fan, member or old customer, or several of these
        assert (run["gmv_relation"] >= run[["gmv_fan", "gmv_member", "gmv_old"]].max(axis=1)).all()
        assert (run["gmv_relation"] <= run[["gmv_fan", "gmv_member", "gmv_old"]].sum(axis=1)).all()
    return pd.DataFrame([run["gmv_relation"] / run["gmv"] for run in runs])


def test_link_2_relation_users_make_over_60_percent_of_gmv_in_the_shipped_market() -> None:
    """Lower bounds of the mean over seeds, all three at 99 % together (Bonferroni), in the 60 days after the past of a year."""
    found = shares(shipped(1_500, days=60))
    for industry in OVER_SIXTY:
        assert lower_bound(found[industry].to_numpy(), 0.01 / len(OVER_SIXTY)) > 0.6, found[industry].describe()


def test_link_2_in_the_first_weeks_of_a_cold_start_they_do_not() -> None:
    """Upper bounds likewise."""
    found = shares(shipped(4_000, days=7 * WEEKS_OF_A_COLD_START, past="cold"))
    for industry in OVER_SIXTY:
        assert -lower_bound(-found[industry].to_numpy(), 0.01 / len(OVER_SIXTY)) < 0.6, found[industry].describe()


def test_msg_1_gmv_of_old_customers_is_of_those_who_bought_on_one_of_the_365_days_before() -> None:
    """Not of who buys twice on its first day, nor of who comes back on the 366th day after."""
    rates = {"food": {"per_year": 1.5, "shape": 1}}
    told = Told(plain({"a": {}, "b": {}}, {"needs": {"rates": rates}}, consumers=4_000, days=800))
    orders = told.events[told.events["kind"] == "order"].assign(day=lambda rows: rows["time"] // DAY)
    days = orders.drop_duplicates([*KEYS, "day"]).assign(gap=lambda rows: rows.groupby(KEYS)["day"].diff())
    assert {365, 366} <= set(days["gap"])
    assert len(days) < len(orders)
    is_old = days.set_index([*KEYS, "day"])["gap"] <= 365
    orders["old"] = is_old.reindex(pd.MultiIndex.from_frame(orders[[*KEYS, "day"]])).to_numpy()
    expected = orders[orders["old"]].groupby(["day", "merchant"])["amount"].sum()
    expected = expected.unstack(fill_value=0).reindex(range(told.days), fill_value=0)
    assert told.daily["gmv_old"].to_numpy().reshape(-1, 2).tolist() == expected.to_numpy().tolist()


# LINK-4: a relation's own effects are on utility, on orders without a need, on dropping out, and messages.

NO_EFFECT = {
    "stores": {"preference": {"fan": 0, "member": 0}},
    "orders": {"own": {"fan": 0, "member": 0}, "message": {"fan": 0, "member": 0}, "drop_out": {"member": 0}},
}
SILENT = {name: {"strategy": None} for name in safe_load(MARKET.read_text(encoding="utf-8"))["merchants"]}
HALF = 80 * DAY


class Later:
    """What each pair of consumer and store that met in the first half of a run did in the second; who was fan or member."""

    def __init__(self, settings: Settings, seed: int) -> None:
        told = Told(settings, seed)
        events = told.events
        before, after = events[events["time"] < HALF], events[events["time"] >= HALF]

        def pairs(*kinds: str) -> pd.MultiIndex:
            return pd.MultiIndex.from_frame(before[before["kind"].isin(kinds)].drop_duplicates(KEYS)[KEYS])

        self.related = pairs("follow", "join")
        self.others = pairs("visit").difference(self.related)
        self.counts = {kind: after[after["kind"] == kind].groupby(KEYS).size() for kind in ("visit", "order")}

    def mean(self, kind: str, pairs: pd.MultiIndex) -> float:
        return float(self.counts[kind].reindex(pairs, fill_value=0).mean())


@pytest.fixture(scope="module")
def halves() -> list[tuple[Later, Later]]:
    """For each seed, the market without messages, its relations with their effects and without."""
    effective = shipped(1_500, days=160, past="cold", merchants=SILENT)
    without = merged(effective, {"behaviour": NO_EFFECT})
    return [(Later(effective, seed), Later(without, seed)) for seed in SEEDS]


@pytest.mark.parametrize("kind", ["visit", "order"])
def test_link_4_relation_users_visit_and_repurchase_more_by_selection_and_by_treatment(
    kind: str, halves: list[tuple[Later, Later]]
) -> None:
    """One-sided t-tests over seeds, the six of both kinds at 1 % together.

    Selection: fans and members visit and buy more later on than others who know the store, though being one does nothing.
    Treatment: the same pairs do so more where it does something. The naive gap is wider than this, and than selection.
    """
    level = 0.01 / 6
    naive, selection, treatment = [], [], []
    for effective, without in halves:
        naive.append(effective.mean(kind, effective.related) - effective.mean(kind, effective.others))
        selection.append(without.mean(kind, without.related) - without.mean(kind, without.others))
        treatment.append(effective.mean(kind, effective.related) - without.mean(kind, effective.related))
    assert lower_bound(np.array(selection), level) > 0
    assert lower_bound(np.array(treatment), level) > 0
    assert lower_bound(np.array(naive) - np.array(treatment), level) > 0
