"""The population at the start: whom the declared past makes an old customer, and hidden states drawn from posteriors.

The statistical tests are one family of fixed draws: at most 1 % for any of them to fail by chance (Bonferroni).
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from scipy import stats

import sim
from sim.engine.simulation import Simulation
from sim.results.run import run

Floats = NDArray[np.float64]

DAY, WEEK = 86_400, 7 * 86_400
R, ALPHA, A, B = 0.9, 4.4, 0.8, 2.4
P, Q, V = 6.25, 3.744, 1_544.0
PAST = {"bg_nbd": {"r": R, "alpha": ALPHA, "a": A, "b": B}, "gamma_gamma": {"p": P, "q": Q, "v": V}}
QUIET = {"sessions": {"per_day": 0}, "needs": {"buying": "at_need"}}
ALIKE = 20_000  # customers of one history
LEVEL = 0.01 / 40


def load(folder: Path, customers: pd.DataFrame, **changes: Any) -> sim.Scenario:
    """A store with these customers, without messages."""
    customers.to_csv(folder / "customers.csv", index=False)
    scenario = {"days": 30, "behaviour": QUIET, "merchants": {"store": {}}, "past": PAST} | changes
    scenario["past"] = scenario["past"] | {"customers": "customers.csv"}
    (folder / "store.yaml").write_text(json.dumps(scenario), encoding="utf-8")
    return sim.load(folder / "store.yaml")


def table(**columns: Any) -> pd.DataFrame:
    """A table of customers; what is not given is 0."""
    given = {"x": 0, "t_x": 0, "T": 0, "value": 0, "n_value": 0} | columns
    count = max(np.size(values) for values in given.values())
    return pd.DataFrame({"customer": [f"c{k}" for k in range(count)]} | given)


def consumers(simulation: Simulation) -> np.ndarray:
    return np.concatenate([shard.consumers for shard in simulation.population.shards])


def relations(simulation: Simulation) -> np.ndarray:
    return np.concatenate([shard.relations[: len(shard.consumers)] for shard in simulation.population.shards])


class TestOldCustomers:
    """Customers whose last purchase was 1, 2, ... 400 days before the start, and who buy nothing more."""

    LAST = -np.arange(1, 401)  # day of the last purchase

    def customers(self) -> pd.DataFrame:
        """Half of them bought once; the others twice, a week apart."""
        known = (-1 - self.LAST) / 7
        twice = self.LAST % 2 == 0
        return table(x=twice.astype(int), t_x=1.0 * twice, T=known + twice)

    def test_msg_1_the_stock_of_each_day_is_who_bought_within_365_days(self, tmp_path: Path) -> None:
        """At the end of day d, which the next day sees as T+1: bought on one of the days d - 364 .. d."""
        stock = run(load(tmp_path, self.customers(), past={"bg_nbd": None}), threads=1, shards=3).daily["old_customers"]
        assert stock.tolist() == [int(((d - 364 <= self.LAST) & (d >= self.LAST)).sum()) for d in range(30)]
        assert stock[0] == 364

    def test_the_log_of_the_past_is_as_long_as_the_longest_window(self, tmp_path: Path) -> None:
        events = run(load(tmp_path, self.customers(), past={"bg_nbd": None}), events="all", threads=1).events
        past = events[events["time"] < 0]
        assert (past["kind"] == "order").all()
        assert (past["reason"] == "declared_past").all()
        assert past["consumer"].tolist() == list(range(364, -1, -1))
        assert (past["time"] // DAY).tolist() == list(range(-365, 0))

    def test_gmv_of_old_customers(self, tmp_path: Path) -> None:
        """Orders of one day, of someone who bought 300, 364, 366 or 400 days before: old are the first two, all day."""
        back = np.array([300, 364, 366, 400])
        eager = {"bg_nbd": {"r": 50_000.0, "alpha": 1.0, "a": 0.001, "b": 1_000.0}}
        result = run(load(tmp_path, table(T=(back - 1) / 7, x=0, t_x=0), past=eager, days=1), events="all", threads=1)
        orders = result.events[(result.events["kind"] == "order") & (result.events["time"] >= 0)]
        of = orders.groupby("consumer")["amount"].sum()
        assert len(of) == len(back)
        assert result.daily["gmv_old"].sum() == of[back <= 365].sum()


class History(NamedTuple):
    """One customer's purchases: repeats, weeks to the last, weeks observed; amounts."""

    x: int
    t_x: float
    observed: float
    n_value: int = 0
    value: float = 0.0

    @property
    def alive(self) -> float:
        """P(alive | x, t_x, T) of Fader, Hardie & Lee (2005)."""
        if self.x == 0:
            return 1.0
        return 1 / (1 + A / (B + self.x - 1) * ((ALPHA + self.observed) / (ALPHA + self.t_x)) ** (R + self.x))


HISTORIES = [
    History(0, 0, 30.0),
    History(1, 2.0, 30.0, 1, 3_000.0),
    History(4, 20.0, 25.0, 3, 1_200.0),
    History(12, 30.0, 30.0, 12, 800.0),
]


@pytest.mark.parametrize("history", HISTORIES, ids=lambda history: f"x={history.x}")
class TestPosterior:
    """Hidden states of customers of one history."""

    def drawn(self, history: History, folder: Path) -> tuple[np.ndarray, NDArray[np.bool_], Floats]:
        everyone = table(**dict(zip(("x", "t_x", "T", "n_value", "value"), history)) | {"T": np.full(ALIKE, history.observed)})
        simulation = Simulation(load(folder, everyone), seed=8)
        rows = consumers(simulation)
        needs = np.concatenate([shard.needs[:, 0]["rate"] for shard in simulation.population.shards])
        return rows, relations(simulation)["dropped"] == 0, needs * WEEK

    def test_share_alive(self, tmp_path: Path, history: History) -> None:
        """Null: P(alive). Binomial test, 20,000 customers."""
        _, alive, _ = self.drawn(history, tmp_path)
        assert stats.binomtest(int(alive.sum()), ALIKE, history.alive).pvalue > LEVEL

    def test_rates(self, tmp_path: Path, history: History) -> None:
        """Null: Gamma(r + x, alpha + T) for who is alive, Gamma(r + x, alpha + t_x) for who is not. z and KS."""
        _, alive, rate = self.drawn(history, tmp_path)
        shape = R + history.x
        for rates, since in ((rate[alive], history.observed), (rate[~alive], history.t_x)):
            if len(rates) == 0:
                continue
            z = (rates.mean() - shape / (ALPHA + since)) / (np.sqrt(shape) / (ALPHA + since) / np.sqrt(len(rates)))
            assert 2 * stats.norm.sf(abs(z)) > LEVEL
            assert stats.kstest(rates * (ALPHA + since), "gamma", args=(shape,)).pvalue > LEVEL

    def test_drop_out(self, tmp_path: Path, history: History) -> None:
        """Null: Beta(a, b + x) for who is alive, Beta(a + 1, b + x - 1) for who is not. KS."""
        rows, alive, _ = self.drawn(history, tmp_path)
        for chance, a, b in ((rows["drop_out"][alive], A, B + history.x), (rows["drop_out"][~alive], A + 1, B + history.x - 1)):
            assert len(chance) == 0 or stats.kstest(chance, "beta", args=(a, b)).pvalue > LEVEL

    def test_amounts(self, tmp_path: Path, history: History) -> None:
        """Null: the rate of amounts is Gamma(q + p n, v + n value). KS."""
        rows, _, _ = self.drawn(history, tmp_path)
        scaled = rows["value_rate"] * (V + history.n_value * history.value)
        assert stats.kstest(scaled, "gamma", args=(Q + P * history.n_value,)).pvalue > LEVEL

    def test_parts_are_independent(self, tmp_path: Path, history: History) -> None:
        """Null: given alive, ranks of rate, drop-out and amounts have no correlation."""
        rows, alive, rate = self.drawn(history, tmp_path)
        parts = [rate[alive], rows["drop_out"][alive], rows["value_rate"][alive]]
        for k in range(3):
            assert stats.spearmanr(parts[k], parts[k - 1]).pvalue > LEVEL


def test_nobody_who_bought_once_has_dropped_out(tmp_path: Path) -> None:
    """BG/NBD: there is no drop-out after the first purchase."""
    simulation = Simulation(load(tmp_path, table(T=np.linspace(0, 60, 2_000))))
    assert not relations(simulation)["dropped"].any()


def test_a_customer_is_known_by_name(tmp_path: Path) -> None:
    """Neither the order of the table nor who else is in it changes a customer's hidden state."""
    random = np.random.default_rng(2)
    x = random.integers(0, 5, 300)
    everyone = table(x=x, t_x=np.where(x > 0, 5.0, 0.0), T=random.uniform(6, 30, 300))
    some = everyone.sample(100, random_state=1)

    def hidden(customers: pd.DataFrame) -> dict[str, tuple[float, ...]]:
        simulation = Simulation(load(tmp_path, customers), 5, 1, 3)
        rows = consumers(simulation)[["drop_out", "value_rate", "reading", "session_rate"]]
        dropped = relations(simulation)["dropped"]
        needs = np.concatenate([shard.needs[:, 0]["rate"] for shard in simulation.population.shards])
        return {
            name: (*row.tolist(), int(gone), rate) for name, row, gone, rate in zip(customers["customer"], rows, dropped, needs)
        }

    whole = hidden(everyone)
    assert len(set(whole.values())) == 300
    assert hidden(some) == {name: whole[name] for name in some["customer"]}


def test_stores_that_are_known_are_distinct_and_all_alike(tmp_path: Path) -> None:
    """Null: each of 12 stores is known by 5 / 12 of the consumers. Chi-square of counts, with the finite choice's variance."""
    scenario = {
        "consumers": 6_000,
        "behaviour": {"stores": {"known": 5, "choice": "any_known"}, "needs": None},
        "merchants": {"store": {"count": 12}},
    }
    (tmp_path / "market.yaml").write_text(json.dumps(scenario), encoding="utf-8")
    simulation = Simulation(sim.load(tmp_path / "market.yaml"))
    known = np.concatenate([shard.relations["merchant"].reshape(-1, 5) for shard in simulation.population.shards])
    assert (np.diff(np.sort(known, axis=1), axis=1) > 0).all()
    expected = 6_000 * 5 / 12
    seen = np.bincount(known.ravel(), minlength=12)
    statistic = ((seen - expected) ** 2).sum() / expected / (1 - 5 / 12) * 11 / 12
    assert stats.chi2.sf(statistic, 11) > LEVEL
