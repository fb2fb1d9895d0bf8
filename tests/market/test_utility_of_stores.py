"""Which store a need goes to: the multinomial logit of the stated utilities [evidence D6, D14], coefficient by coefficient.

Every need that is met at its own time is one choice among all stores and waiting. From the log alone follows what lies
between consumer and store at that moment (follows, joined, orders, receipts, the price that it is entitled to); only tastes
are read from the state. Under the null, what was chosen minus what was to be expected is a martingale difference, so that the
score of each coefficient over its standard deviation is standard normal: one z-test for each, a Bonferroni family of 1 %. So
is, for the slope of units, that of units less their mean.
"""

from __future__ import annotations

from collections import defaultdict
from typing import NamedTuple

import numpy as np
import pytest
from competing import DAY, Told, plain
from numpy.typing import NDArray
from scipy import stats

FAMILY = 0.01
CONSUMERS, DAYS = 800, 200
WAIT, PRICE, FAN, MEMBER, SATISFACTION, HABIT, HALF_LIFE = 1.2, 1.5, 0.7, 0.6, 0.8, 0.3, 25.0
EXPOSURE, SERVICE, MORE, SLOPE = 0.6, 0.5, 0.7, 0.25
WEIGHT = 0.4  # of the last order in satisfaction
STORES = {
    "a": {"attraction": 2.0, "price_level": 1.0, "quality": 1.0, "exposure": 0.5, "service": 0.4},
    "b": {"attraction": 3.0, "price_level": 1.4, "quality": -1.0, "exposure": 1.5, "service": 1.2},
    "c": {"attraction": 1.0, "price_level": 0.7, "quality": 0.5, "exposure": 3.0, "service": -0.8},
}
OFF = {"member": [0.2, 0.1, 0.0], "fan": [0.0, 0.3, 0.0], "old_customer": [0.1, 0.2, 0.4]}  # of each store
PRICES = {
    f"prices of {store}": {
        "use": "relation_prices", "merchants": [store], **{relation: shares[m] for relation, shares in OFF.items()}
    }
    for m, store in enumerate(STORES)
}  # fmt: skip
AMOUNT = 10_000
BEHAVIOUR = {
    "stores": {
        "preference": {
            "wait": WAIT, "price": PRICE, "fan": FAN, "member": MEMBER, "satisfaction": SATISFACTION, "habit": HABIT,
            "habit_half_life_days": HALF_LIFE, "exposure": EXPOSURE, "service": SERVICE,
        },
    },
    "needs": {"rates": {"food": {"per_year": 110, "shape": 8, "amount": AMOUNT}}},
    "orders": {
        "experience": {"weight": WEIGHT, "spread": 0, "service": 0}, "follow": 0.1, "join": 0.08, "receive_hours": 30,
        "units": {"more": MORE, "slope": SLOPE}, "spread": {"p": 1e8, "q": 1e8},
    },
}  # fmt: skip
STATED = {"taste": 1.0, "wait": WAIT, "price": PRICE, "fan": FAN, "member": MEMBER, "satisfaction": SATISFACTION}
STATED |= {"habit": HABIT, "half-life": HALF_LIFE, "exposure": EXPOSURE, "service": SERVICE, "benefit": PRICE}
THERE = ("taste", "price", "benefit", "service", "fan", "member", "satisfaction", "habit")  # utility to who is at the store


class Choices(NamedTuple):
    """All choices of a run: what lay between the consumer and each store, and what was chosen."""

    known: dict[str, NDArray[np.float64]]  # (choices, stores): taste, price, benefit, ...
    ages: list[list[list[int]]]  # of each choice and store: the ages of all orders before, days
    chosen: NDArray[np.int64]  # store, or their number: to wait
    paid: NDArray[np.int64]  # minor units


@pytest.fixture(scope="module")
def choices() -> Choices:
    told = Told(plain(STORES, BEHAVIOUR, consumers=CONSUMERS, days=DAYS, policies=PRICES))
    taste = told.taste()
    prices, exposure, service, quality = (
        np.array([store[key] for store in STORES.values()]) for key in ("price_level", "exposure", "service", "quality")
    )
    rows = told.events[["time", "kind", "consumer", "merchant", "amount"]]
    fan, member, served = (np.zeros((CONSUMERS, len(STORES))) for _ in range(3))
    of_kind = {"follow": fan, "join": member, "receive": served}
    bought: dict[tuple[int, int], list[int]] = defaultdict(list)
    known: dict[str, list] = defaultdict(list)
    ages, chosen, paid = [], [], []
    for row in rows.itertuples(index=False):
        if row.kind == "need":
            i, day = row.consumer, row.time // DAY
            satisfaction = quality * (1 - (1 - WEIGHT) ** served[i])
            old = np.array([any(before < day for before in bought[i, m]) for m in range(len(STORES))])  # within a year
            entitled = zip((member[i], fan[i], old), (OFF["member"], OFF["fan"], OFF["old_customer"]))
            off = np.max([np.multiply(of, shares) for of, shares in entitled], axis=0)
            now = {"taste": taste[i], "price": -np.log(prices), "exposure": np.log(exposure), "service": service}
            now |= {"fan": fan[i].copy(), "member": member[i].copy(), "satisfaction": satisfaction, "benefit": -np.log(1 - off)}
            for name, values in now.items():
                known[name].append(values)
            ages.append([[day - before for before in bought[i, m]] for m in range(len(STORES))])
            chosen.append(len(STORES))
            paid.append(0)
        elif row.kind == "order":
            chosen[-1], paid[-1] = row.merchant, row.amount  # the row after its need
            bought[row.consumer, row.merchant].append(row.time // DAY)
        elif row.kind in of_kind:
            of_kind[row.kind][row.consumer, row.merchant] += 1
    return Choices({name: np.array(values) for name, values in known.items()}, ages, np.array(chosen), np.array(paid))


def habits(choices: Choices, half_life: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Stocks of habit of that half-life, and what they change by ln of it, but for a factor; (choices, stores)."""
    decay = np.log(2) / half_life
    shape = len(choices.ages), len(STORES)
    flat = [ages for of_choice in choices.ages for ages in of_choice]
    at = np.repeat(np.arange(len(flat)), [len(ages) for ages in flat])
    age = np.array([age for ages in flat for age in ages])
    left = np.exp(-decay * age)
    return tuple(np.bincount(at, values, len(flat)).reshape(shape) for values in (left, age * left))  # type: ignore[return-value]


def scores(choices: Choices, stated: dict[str, float]) -> dict[str, float]:
    """z of each coefficient: by how many standard deviations the choices lie off what the coefficients say."""
    count, stores = choices.chosen.shape[0], len(STORES)
    stock, aged = habits(choices, stated["half-life"])
    features = choices.known | {"habit": stock, "half-life": stated["habit"] * aged}
    utility = sum(stated[name] * features[name] for name in features if name != "half-life")
    whole = np.column_stack([utility, np.full(count, stated["wait"])])
    p = np.exp(whole - whole.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    nothing = np.zeros(count)
    alternatives = {name: np.column_stack([values, nothing]) for name, values in features.items()}
    alternatives["wait"] = np.column_stack([np.zeros((count, stores)), np.ones(count)])
    found = {}
    for name, x in alternatives.items():
        mean = (p * x).sum(axis=1)
        variance = (p * x**2).sum(axis=1) - mean**2
        found[name] = float((x[np.arange(count), choices.chosen] - mean).sum() / np.sqrt(variance.sum()))
    return found


CRITICAL = stats.norm.isf(FAMILY / 2 / (len(STATED) + 1))


def test_choices_follow_the_logit_of_the_stated_utilities(choices: Choices) -> None:
    """Null: all coefficients are the stated ones; that of the benefit of a relation's price is that of the price."""
    found = scores(choices, STATED)
    assert set(found) == set(STATED)
    assert max(map(abs, found.values())) < CRITICAL, found


@pytest.mark.parametrize("name", STATED)
def test_another_coefficient_would_be_found(name: str, choices: Choices) -> None:
    """The same test rejects each coefficient if it is given a fifth too high (the half-life, half as long again)."""
    wrong = STATED | {name: STATED[name] * (1.5 if name == "half-life" else 1.2)}
    assert abs(scores(choices, wrong)[name]) > CRITICAL


def of_units(choices: Choices, slope: float) -> tuple[float, NDArray[np.int64]]:
    """z of the slope of units in the utility to who is at the store; and the units of each order.

    Amounts hardly vary here, so that units are what is paid over the price of one.
    """
    buys = choices.chosen < len(STORES)
    features = choices.known | {"habit": habits(choices, HALF_LIFE)[0]}
    at = np.arange(len(buys))[buys], choices.chosen[buys]
    utility = sum(STATED[name] * features[name][at] for name in THERE)
    level = np.array([store["price_level"] for store in STORES.values()])[at[1]]
    price = AMOUNT / (1 + MORE) * level * np.exp(-features["benefit"][at])
    units = np.rint(choices.paid[buys] / price).astype(np.int64)
    assert np.abs(choices.paid[buys] / (units * price) - 1).max() < 0.002
    mean = MORE * np.exp(slope * utility)
    return float(((units - 1 - mean) * utility).sum() / np.sqrt((mean * utility**2).sum())), units


def test_units_are_poisson_with_a_log_mean_linear_in_utility(choices: Choices) -> None:
    """Null: the slope is the stated one. None, and one a fifth too high, are rejected."""
    z, units = of_units(choices, SLOPE)
    assert units.min() == 1
    assert abs(z) < CRITICAL
    assert abs(of_units(choices, 0.0)[0]) > CRITICAL
    assert abs(of_units(choices, 1.2 * SLOPE)[0]) > CRITICAL
