"""Needs: rates Gamma-distributed over consumers, gaps Erlang [evidence D1], whatever is tried. Family error 1 %."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from competing import DAY, Told, plain
from scipy import stats

LEVEL = 0.01 / 12
CONSUMERS, DAYS = 12_000, 90
RATES = {"food": (24.0, 0.7), "health": (9.0, 2.5)}  # needs per year, shape
AT_VISIT = {"buying": "at_visit", "patience_days": 10}


@pytest.fixture(scope="module")
def needs() -> pd.DataFrame:
    """Needs of each consumer and industry in a market where they wait, are met and lapse."""
    rates = {name: {"per_year": rate, "shape": shape} for name, (rate, shape) in RATES.items()}
    behaviour = {"sessions": {"per_day": 0.3}, "needs": AT_VISIT | {"rates": rates}}
    stores = {"a": {"industry": "food"}, "b": {"industry": "health"}}
    events = Told(plain(stores, behaviour, consumers=CONSUMERS, days=DAYS)).events
    of = events[events["kind"] == "need"]
    industry = of["ref"] % 8  # of names.INDUSTRIES
    counts = of.groupby(["consumer", industry]).size().unstack(fill_value=0).reindex(range(CONSUMERS), fill_value=0)
    return counts.set_axis(list(RATES), axis=1)


def p_of_counts(counts: np.ndarray, per_year: float, shape: float) -> float:
    """Chi-square of the counts of a negative binomial of that mean and shape, its upper tail pooled at 20 expected."""
    mean = per_year * DAYS / 365
    p = shape / (shape + mean)
    n = np.arange(400)
    cells = int((len(counts) * stats.nbinom.sf(n, shape, p) > 20).sum())
    expected = np.append(stats.nbinom.pmf(n[:cells], shape, p), stats.nbinom.sf(cells - 1, shape, p)) * len(counts)
    return float(stats.chisquare(np.bincount(np.minimum(counts, cells), minlength=cells + 1), expected).pvalue)


@pytest.mark.parametrize("industry", RATES)
def test_needs_of_a_run_are_negative_binomial(industry: str, needs: pd.DataFrame) -> None:
    """Null: Poisson needs at Gamma rates of the stated mean and shape. Means and shapes that are a tenth off are rejected."""
    rate, shape = RATES[industry]
    counts = needs[industry].to_numpy()
    assert p_of_counts(counts, rate, shape) > LEVEL
    assert p_of_counts(counts, 1.1 * rate, shape) < LEVEL
    assert p_of_counts(counts, rate, 1.2 * shape) < LEVEL


def test_needs_of_two_industries_are_independent(needs: pd.DataFrame) -> None:
    """Null: Spearman's correlation over consumers is 0."""
    assert stats.spearmanr(needs["food"], needs["health"]).pvalue > LEVEL


@pytest.mark.parametrize("k", [1, 2, 4])
def test_gaps_between_needs_are_erlang_by_wheat_and_morrison(k: int) -> None:
    """Null: of two gaps in a row of one consumer, the first's share is Beta(k, k). Kolmogorov-Smirnov.

    Rates are such that in a year everybody has the three needs: none is left out because its gaps are long. The k of
    Wheat and Morrison, (1 - 4 Var) / (8 Var), is within a tenth of the stated one.
    """
    rates = {"food": {"per_year": 60, "shape": 40}}
    behaviour = {"needs": {"regularity": k, "rates": rates}}
    events = Told(plain({"a": {}}, behaviour, consumers=6_000, days=250)).events
    of = events[events["kind"] == "need"]
    first = of[of.groupby("consumer").cumcount() < 3].sort_values(["consumer", "time"])
    times = first["time"].to_numpy().reshape(-1, 3)
    assert len(times) == 6_000
    gaps = np.diff(times, axis=1)
    share = gaps[:, 0] / gaps.sum(axis=1)
    assert stats.kstest(share, stats.beta(k, k).cdf).pvalue > LEVEL
    assert stats.kstest(share, stats.beta(k + 1, k + 1).cdf).pvalue < LEVEL
    assert abs((1 - 4 * share.var()) / (8 * share.var()) / k - 1) < 0.1


@pytest.mark.parametrize("k", [1, 3])
def test_the_process_has_gone_on_for_long_at_the_start(k: int) -> None:
    """Null: needs come at their mean rate from the first day on, also where gaps are regular. Poisson-like z-test by cohort."""
    rates = {"food": {"per_year": 60, "shape": 40}}
    events = Told(plain({"a": {}}, {"needs": {"regularity": k, "rates": rates}}, consumers=8_000, days=40)).events
    times = events.loc[events["kind"] == "need", ["consumer", "time"]]
    for first, last in ((0, 5), (5, 40)):
        of = times[times["time"].between(first * DAY, last * DAY - 1)]
        counts = of.groupby("consumer").size().reindex(range(8_000), fill_value=0)
        z = (counts.mean() - 60 / 365 * (last - first)) / (counts.std(ddof=1) / np.sqrt(len(counts)))
        assert 2 * stats.norm.sf(abs(z)) > LEVEL
