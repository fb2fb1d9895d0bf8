"""Patience with messages is shared: who sends more takes reads from all. A reduced market, arms paired by seed.

One-sided paired t-tests over seeds, a Bonferroni family of 1 % for the file.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from competing import MARKET, Settings, Told, merged, shipped
from scipy import stats
from yaml import safe_load

SEEDS = range(1, 7)
MERCHANTS = safe_load(MARKET.read_text(encoding="utf-8"))["merchants"]
LEVEL = 0.01 / (len(MERCHANTS) + 6)
FEW = shipped(3_000, days=90, past={"days": 60, "short": True})
LOUD = "dawn"


def totals(settings: Settings) -> np.ndarray:
    """Messages sent, read, and opt-outs: (seeds, merchants, 3)."""
    columns = ["messages_sent", "messages_read", "opt_outs"]
    runs = (Told(settings, seed, events="none").daily.groupby("merchant")[columns].sum() for seed in SEEDS)
    return np.array([run.to_numpy() for run in runs], np.float64)


def p_greater(more: np.ndarray, less: np.ndarray) -> float:
    """p-value of the paired t-test whose alternative is that the first is greater, (seeds,) each."""
    return float(stats.ttest_rel(more, less, alternative="greater").pvalue)


@pytest.fixture(scope="module")
def caps() -> tuple[np.ndarray, np.ndarray]:
    """A store may reach a consumer once, and three times, a week."""
    return totals(FEW), totals(merged(FEW, {"policies": {"caps": {"store_limit": 3}}}))


@pytest.fixture(scope="module")
def one_store() -> tuple[np.ndarray, np.ndarray]:
    """All stores send once a week, under caps that would let them do so every day; then one of them does."""
    weekly = {name: {**given["strategy"], "days": given["strategy"]["days"][:1]} for name, given in MERCHANTS.items()}
    quiet = {name: {"strategy": plan, "past_strategy": plan} for name, plan in weekly.items()}
    base = merged(FEW, {"merchants": quiet, "policies": {"caps": {"store_limit": 7}}})
    loud = {LOUD: {"strategy": {**weekly[LOUD], "days": list(range(7))}}}
    return totals(base), totals(merged(base, {"merchants": loud}))


def test_with_looser_caps_every_store_sends_more(caps: tuple[np.ndarray, np.ndarray]) -> None:
    """For each merchant, null: no more than before."""
    one, three = caps
    p = [p_greater(three[:, m, 0], one[:, m, 0]) for m in range(len(MERCHANTS))]
    assert max(p) < LEVEL, pd.Series(p, sorted(MERCHANTS))


def test_with_looser_caps_the_read_rate_of_the_market_falls_and_opt_outs_rise(caps: tuple[np.ndarray, np.ndarray]) -> None:
    """Null: reads per delivery no lower, opt-outs and opt-outs per delivery no higher. Reads rise, but less than deliveries."""
    one, three = (arm.sum(axis=1).T for arm in caps)
    assert p_greater(one[1] / one[0], three[1] / three[0]) < LEVEL
    assert p_greater(three[2], one[2]) < LEVEL
    assert p_greater(three[2] / three[0], one[2] / one[0]) < LEVEL
    assert p_greater(three[1], one[1]) < LEVEL


def test_a_store_that_sends_more_alone_takes_reads_from_the_others(one_store: tuple[np.ndarray, np.ndarray]) -> None:
    """Null: its reads rise as its deliveries do; the others' read rate, of hardly changed deliveries, falls no more."""
    of_loud = sorted(MERCHANTS).index(LOUD)
    quiet, loud = (arm[:, of_loud].T for arm in one_store)
    assert (loud[0] > 5 * quiet[0]).all()
    assert p_greater(loud[0] / quiet[0], loud[1] / quiet[1]) < LEVEL
    others, later = (np.delete(arm, of_loud, axis=1).sum(axis=1).T for arm in one_store)
    assert (abs(later[0] / others[0] - 1) < 0.1).all()
    assert p_greater(others[1] / others[0], later[1] / later[0]) < LEVEL
