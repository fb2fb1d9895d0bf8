"""The limit of the market: without marketing, and buying at the need's time, it is NBD-Dirichlet (evidence D14).

Goodhardt, Ehrenberg & Chatfield 1984: purchases of a category are NBD(shape K, mean M), choice probabilities are
Dirichlet(alpha) over consumers. All tests of one run are one Bonferroni family of 1 %.
"""

from __future__ import annotations

import json
from itertools import combinations
from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from scipy import special, stats

import sim

CONSUMERS, DAYS = 20_000, 364
FAMILY = 0.01
MOST = 400  # purchases of a consumer that the closed forms sum over


class Market(NamedTuple):
    """One industry: shape and mean of its purchases in the run, and the Dirichlet parameter of each store."""

    shape: float
    mean: float
    alpha: tuple[float, ...]


MARKETS = {"food": Market(0.8, 6.0, (1.2, 0.6, 0.3, 0.1)), "apparel": Market(1.4, 2.5, (0.5, 0.5, 2.0))}


def not_bought(market: Market, alpha: float, part: float = 1.0) -> float:
    """z(A): the share of consumers who buy none of the stores of total parameter `alpha` in a part of the time."""
    n = np.arange(MOST)
    p = market.shape / (market.shape + part * market.mean)
    total = sum(market.alpha)
    none = (
        special.gammaln(total)
        + special.gammaln(total - alpha + n)
        - special.gammaln(total - alpha)
        - special.gammaln(total + n)
    )
    return float((stats.nbinom.pmf(n, market.shape, p) * np.exp(none)).sum())


@pytest.fixture(scope="module")
def bought(tmp_path_factory: pytest.TempPathFactory) -> dict[str, NDArray[np.int64]]:
    """Purchases by industry: (halves of the run, stores, consumers)."""
    scenario = {
        "start": "2023-01-02",
        "days": DAYS,
        "consumers": CONSUMERS,
        "behaviour": {
            "sessions": {"per_day": 0},
            "stores": {"choice": "compete", "preference": {"wait": None, "habit": 0, "satisfaction": 0, "fan": 0, "member": 0}},
            "needs": {
                "buying": "at_need",
                "rates": {name: {"per_year": m.mean / DAYS * 365, "shape": m.shape} for name, m in MARKETS.items()},
            },
        },
        "merchants": {
            f"{name}-{k}": {"industry": name, "attraction": alpha, "awareness": 1}
            for name, market in MARKETS.items()
            for k, alpha in enumerate(market.alpha)
        },
    }
    path = tmp_path_factory.mktemp("dirichlet") / "market.yaml"
    path.write_text(json.dumps(scenario), encoding="utf-8")
    run = sim.run(sim.load(path), seed=3, events="all")
    orders = run.events[run.events["kind"] == "order"]
    names = sorted(run.daily["merchant"].unique())
    found = {}
    for name, market in MARKETS.items():
        counts = np.zeros((2, len(market.alpha), CONSUMERS), np.int64)
        for k in range(len(market.alpha)):
            of = orders[orders["merchant"] == names.index(f"{name}-{k}")]
            np.add.at(counts[:, k], ((of["time"] >= DAYS * 43_200).astype(int), of["consumer"]), 1)
        found[name] = counts
    return found


def p_values(market: Market, counts: NDArray[np.int64]) -> pd.Series:
    """One p-value for each figure that the model gives: binomial tests of shares, z-tests of means, chi-square of counts."""
    whole, total = counts.sum(axis=0), sum(market.alpha)
    found: dict[str, float] = {}

    def share(name: str, seen: NDArray[np.bool_], expected: float) -> None:
        found[name] = stats.binomtest(int(seen.sum()), CONSUMERS, expected).pvalue

    for k, alpha in enumerate(market.alpha):
        penetration = 1 - not_bought(market, alpha)
        share(f"penetration {k}", whole[k] > 0, penetration)
        both = 1 - 2 * not_bought(market, alpha, 0.5) + not_bought(market, alpha)
        share(f"repeat {k}", (counts[:, k] > 0).all(axis=0), both)
        of_buyers = whole[k][whole[k] > 0]
        frequency = market.mean * alpha / total / penetration
        z = (of_buyers.mean() - frequency) / (of_buyers.std(ddof=1) / np.sqrt(len(of_buyers)))
        found[f"frequency {k}"] = 2 * stats.norm.sf(abs(z))
    for j, k in combinations(range(len(market.alpha)), 2):
        a, b = market.alpha[j], market.alpha[k]
        both = 1 - not_bought(market, a) - not_bought(market, b) + not_bought(market, a + b)
        share(f"duplication {j} {k}", (whole[j] > 0) & (whole[k] > 0), both)
    n = np.arange(13)
    variance = market.mean * (1 + market.mean / market.shape)
    z = (whole.sum() / CONSUMERS - market.mean) / np.sqrt(variance / CONSUMERS)
    found["mean of the category"] = 2 * stats.norm.sf(abs(z))
    expected = stats.nbinom.pmf(n, market.shape, market.shape / (market.shape + market.mean))
    seen = np.bincount(np.minimum(whole.sum(axis=0), 13), minlength=14)
    found["purchases of the category"] = stats.chisquare(seen, CONSUMERS * np.append(expected, 1 - expected.sum())).pvalue
    return pd.Series(found)


@pytest.mark.parametrize("name", MARKETS)
def test_the_market_without_marketing_is_nbd_dirichlet(name: str, bought: dict[str, NDArray[np.int64]]) -> None:
    """Null: penetration, purchase frequency, repeat, duplication and purchases of the category are as the closed forms say."""
    p = p_values(MARKETS[name], bought[name])
    assert p.min() > FAMILY / (len(p) * len(MARKETS)), p.sort_values().head()


@pytest.mark.parametrize(
    "other",
    [Market(0.8, 6.6, (1.2, 0.6, 0.3, 0.1)), Market(0.9, 6.0, (1.2, 0.6, 0.3, 0.1)), Market(0.8, 6.0, (1.2, 0.6, 0.33, 0.1)),
     Market(0.8, 6.0, (1.4, 0.7, 0.35, 0.117))],
    ids=["mean", "shape", "a store's alpha", "all alphas"],
)  # fmt: skip
def test_other_parameters_would_be_found(other: Market, bought: dict[str, NDArray[np.int64]]) -> None:
    """The same tests reject a model that is off by 10 to 17 %."""
    p = p_values(other, bought["food"])
    assert p.min() < FAMILY / (len(p) * len(MARKETS))


def test_double_jeopardy(bought: dict[str, NDArray[np.int64]]) -> None:
    """Stores with fewer buyers have buyers who buy less often, too."""
    whole = bought["food"].sum(axis=0)
    penetration, frequency = (whole > 0).mean(axis=1), [row[row > 0].mean() for row in whole]
    assert list(np.argsort(penetration)) == list(np.argsort(frequency)) == [3, 2, 1, 0]


def test_the_closed_form_is_that_of_the_literature() -> None:
    """The example of the evidence: K = .8, M = 6, alpha = 1.2, .6, .3, .1."""
    market = MARKETS["food"]
    penetrations = [1 - not_bought(market, alpha) for alpha in market.alpha]
    assert np.round(penetrations, 3).tolist() == [0.675, 0.465, 0.281, 0.107]
    total = sum(market.alpha)
    frequencies = [market.mean * alpha / total / b for alpha, b in zip(market.alpha, penetrations)]
    assert np.round(frequencies, 2).tolist() == [4.85, 3.52, 2.92, 2.54]
    both = 1 - not_bought(market, 1.2) - not_bought(market, 0.6) + not_bought(market, 1.8)
    assert round(both, 3) == 0.361
