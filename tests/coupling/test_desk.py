"""A desk with one server agrees with queueing theory: M/M/1 and M/D/1, by interval coverage over independent replications."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from sharing import events, of_kind, shops

DAY = 86_400
PER_DAY, SECONDS = 300.0, 200
LOAD = PER_DAY * SECONDS / DAY
REPLICATIONS, DAYS = 12, 60


def inquiries(seed: int, days: int, spread: str, seconds: float = SECONDS, **how: int) -> pd.DataFrame:
    """Each inquiry with the time of its answer, in the order of inquiries; without those that wait at the end."""
    desk = {"use": "desk", "inquiries": 1, "seconds": seconds, "spread": spread}
    log = events(shops(100, 1, days, PER_DAY / 100, {"desk": desk}, seed=seed), **how)
    asked, answered = (of_kind(log, kind).set_index("ref")["time"] for kind in ("inquiry", "answer"))
    assert not asked.index.has_duplicates
    return pd.DataFrame({"asked": asked, "answered": answered}).dropna()


@pytest.mark.parametrize(("spread", "factor"), [("exponential", 1.0), ("fixed", 0.5)], ids=["M/M/1", "M/D/1"])
def test_mean_wait(spread: str, factor: float) -> None:
    """Wait in the queue: load / (1 - load) times the mean service, and half of that where all services are alike.

    Replications of 60 days, about 18,000 inquiries each; t interval, error rate 0.001. The empty desk at the start and
    waits of whole seconds matter less than a tenth of the interval's half-width.
    """
    expected = factor * LOAD / (1 - LOAD) * SECONDS
    means = []
    for seed in range(REPLICATIONS):
        found = inquiries(seed, DAYS, spread)
        means.append((found["answered"] - found["asked"]).mean() - SECONDS)
    half_width = stats.t.ppf(0.9995, REPLICATIONS - 1) * np.std(means, ddof=1) / np.sqrt(REPLICATIONS)
    assert abs(np.mean(means) - expected) < half_width
    assert half_width < 0.15 * expected


def test_first_come_first_served_by_one_server() -> None:
    """With services all alike: answers in the order of inquiries, each begun when the one before has ended, or at once."""
    found = inquiries(7, 5, "fixed", shards=4, threads=2).sort_values(["answered"])
    assert (found["asked"].diff().dropna() >= 0).all()
    begun = found["answered"] - SECONDS
    earliest = np.maximum(found["asked"], found["answered"].shift(fill_value=-1))
    assert (begun == earliest).all()
    assert (begun > found["asked"]).sum() > 100


def test_what_waits_at_midnight_is_answered_the_next_day() -> None:
    """A queue that never ends: the server works without a pause."""
    found = inquiries(3, 4, "fixed", seconds=500).sort_values("answered")
    assert (found["answered"].diff().iloc[20:] == 500).all()
    assert (found["answered"] // DAY > found["asked"] // DAY).any()
