"""Promotions: a price for all, a warm-up, the price that one is used to, and what is bought ahead [KEEP-3, evidence D7]."""

from __future__ import annotations

import datetime as dt
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest
from competing import DAY, MARKET, Told, merged, plain, shipped
from scipy import stats

from sim.errors import BadInput
from sim.scenario.behaviour import CALENDAR, Behaviour, Festival

LEVEL = 0.01 / 8  # of each test: a family of 1 % for the file
SEEDS = range(1, 11)
MANY_SEEDS = range(1, 41)  # of effects of three quarters of a standard deviation: a test at LEVEL misses one in thirty
STORES: dict[str, dict[str, Any]] = {"a": {"attraction": 2.0}, "b": {"attraction": 1.0}, "c": {"industry": "health"}}
WEIGHT, KEEP, WAIT = 3.0, 0.6, 0.4
FIRST, DAYS_OFF, OFF = 20, 10, 0.3
FAIR = {"first": "2023-09-21", "days": DAYS_OFF, "sessions": 1, "orders": 1, "discount": OFF, "industries": ["food"]}
BEHAVIOUR: dict[str, Any] = {
    "sessions": {"per_day": 0.6},
    "stores": {"preference": {"wait": WAIT, "price": 1.5, "reference": {"weight": WEIGHT, "keep": KEEP}}},
    "needs": {"buying": "at_visit", "patience_days": 20, "rates": {"food": {"per_year": 40}, "health": {"per_year": 40}}},
    "festivals": {"fair": FAIR},
}
AS_WITHOUT = {"discount": 0, "warm_up_orders": 1, "warm_up_carts": 1}


def told(shops: dict[str, Any] = STORES, until: int | None = None, seed: int = 1, **behaviour: Any) -> Told:
    world = plain(shops, merged(BEHAVIOUR, behaviour), start="2023-09-01", consumers=1_500, days=60)
    return Told(world, seed, until)


def needs_of(run: Told) -> np.ndarray:
    """The rows of `need`, (consumers, industries)."""
    return np.concatenate([np.asarray(shard.needs) for shard in run.simulation.population.shards])


def used_to(run: Told) -> tuple[pd.DataFrame, np.ndarray]:
    """The visits of the log with what each consumer was used to paying for food just before, and at the end, (consumers,)."""
    reference = np.ones(1_500)
    rows = run.events[run.events["kind"].isin(["visit", "order"])]
    before = []
    for row in rows.itertuples():
        before.append(reference[row.consumer])
        if row.kind == "order" and run.names[row.merchant] != "c":
            paid = 1 - OFF if row.reason == "festival_price" else 1.0
            reference[row.consumer] = KEEP * reference[row.consumer] + (1 - KEEP) * paid
    rows = rows.assign(reference=before, day=rows["time"] // DAY)
    return rows[rows["kind"] == "visit"], reference


def test_keep_3_all_pay_the_festivals_price_on_its_days_in_its_industries_and_nobody_else() -> None:
    run, without = told(), told(festivals={"fair": AS_WITHOUT})
    orders = run.events[run.events["kind"] == "order"]
    food = (orders["merchant"] != run.names.index("c")) & (orders["time"] // DAY).between(FIRST, FIRST + DAYS_OFF - 1)
    assert (orders["reason"] == np.where(food, "festival_price", "")).all()
    assert food.sum() > 1_000
    daily = run.daily.set_index(["day", "merchant"])
    gross = daily["gmv"] + daily["discount"]
    share = (daily["discount"] / gross)[daily["orders"] > 0]
    on = share.index.get_level_values("day").isin(range(FIRST, FIRST + DAYS_OFF)) & (share.index.get_level_values(1) != "c")
    assert abs(share[on] - OFF).max() < 1e-3, "rounded by the unit"
    assert not share[~on].any()
    assert (daily["profit"] == daily["gmv"] - daily["goods_cost"]).all(), "it is the merchant's cost"
    assert not without.daily["discount"].any()


def test_keep_3_what_one_is_used_to_is_the_weighted_mean_of_the_shares_paid() -> None:
    """Replayed from the log; in an industry without discounts it stays 1."""
    run = told()
    _, reference = used_to(run)
    rows = needs_of(run)
    smallest = run.events.loc[run.events["kind"] == "order", "amount"].min()
    rounding = 0.5 / smallest + 1e-6  # prices are whole minor units, the state is single precision
    np.testing.assert_allclose(rows["reference"][:, 0], reference, rtol=0, atol=rounding)
    assert rounding < OFF / 50
    assert (rows["reference"][:, 1] == 1).all()
    assert reference.min() < 0.8


def test_keep_3_who_is_used_to_less_puts_off_what_it_would_buy_as_the_logit_says() -> None:
    """One store: a shopper is there because it beats waiting, U - W > 0, logistic about v. It orders if U - W > -w ln r.

    Null: that probability, for each visit of a shopper after the fair, given its taste and what it has paid; z-test of the sum.
    Of those before it, all order. A weight that is a third off is rejected.
    """
    run = told({"a": {"attraction": 2.0}})
    visits, _ = used_to(run)
    orders = run.events[run.events["kind"] == "order"].drop_duplicates(["consumer", "time"])
    ordered = pd.MultiIndex.from_frame(visits[["consumer", "time"]]).isin(
        pd.MultiIndex.from_frame(orders[["consumer", "time"]])
    )
    assert ordered[visits["day"] < FIRST].all()
    of = (visits["day"] >= FIRST + DAYS_OFF).to_numpy()
    v = run.taste()[visits["consumer"].to_numpy()[of], 0] - WAIT
    log_reference = np.log(visits["reference"].to_numpy()[of])

    def z(weight: float) -> float:
        p = (1 + np.exp(-v)) / (1 + np.exp(-v - weight * log_reference))
        return float((ordered[of] - p).sum() / np.sqrt((p * (1 - p)).sum()))

    assert 2 * stats.norm.sf(abs(z(WEIGHT))) > LEVEL
    assert 2 * stats.norm.sf(abs(z(WEIGHT * 4 / 3))) < LEVEL
    carts = run.events[run.events["kind"] == "cart"]
    assert len(carts) == len(visits), "who waits has put it into the cart, and there are no other carts"


def test_keep_3_an_order_without_a_need_meets_the_next_need_ahead_and_none_is_lost() -> None:
    """Replayed from the log, where needs do not lapse: each is met at a visit, waits at the end, or was met ahead."""
    behaviour = {
        "stores": {"browse": 0.5, "preference": {"wait": None, "reference": None}},
        "needs": {"patience_days": 1e6, "pulled_forward": 1.0},
        "orders": {"own": {"base": 0.5}},
    }
    run = told(**behaviour)
    at_start = told(until=0, **behaviour).waiting()
    waiting = at_start.astype(np.int64)
    ahead, met = np.zeros_like(waiting), np.zeros_like(waiting)
    industry = [int(name == "c") for name in run.names]
    codes = {3: 0, 5: 1}  # of names.INDUSTRIES
    rows = run.events[run.events["kind"].isin(["need", "order"])]
    for row in rows.itertuples():
        if row.kind == "need":
            at = row.consumer, codes[row.ref % 8]
            (ahead if ahead[at] else waiting)[at] += -1 if ahead[at] else 1
        else:
            at = row.consumer, industry[row.merchant]
            if waiting[at]:
                waiting[at] -= 1
                met[at] += 1
            else:
                ahead[at] += 1
    of_run = needs_of(run)
    assert np.array_equal(of_run["waiting"], waiting)
    assert np.array_equal(of_run["ahead"], ahead)
    counts = run.consumers("needs", "lapsed", "met_ahead", "bought").sum()
    assert counts["lapsed"] == 0
    assert counts["met_ahead"] > 500
    assert counts["needs"] + at_start.sum() == met.sum() + waiting.sum() + counts["met_ahead"]
    assert counts["bought"] == met.sum() + counts["met_ahead"] + ahead.sum()


def test_keep_3_needs_are_met_or_lapse_or_wait_or_were_met_ahead() -> None:
    """Where orders without a need are only by message or browsing: what all needs came to, whatever the settings."""
    behaviour = {"stores": {"browse": 0.4}, "needs": {"pulled_forward": 0.5}, "orders": {"own": {"base": 0.3}}}
    run, never = told(**behaviour), told(**merged(behaviour, {"needs": {"pulled_forward": 0.0}}))
    needs = [of.events.loc[of.events["kind"] == "need", ["consumer", "time", "ref"]].to_numpy() for of in (run, never)]
    assert np.array_equal(*needs), "needs are the same in any arm"
    assert run.consumers("met_ahead").to_numpy().sum() > 100
    assert not never.consumers("met_ahead").to_numpy().any()
    at_start = told(until=0, **behaviour).waiting().sum()
    for of in (run, never):
        counts = of.consumers("needs", "lapsed", "met_ahead", "bought").sum()
        at_visits = counts["needs"] + at_start - counts["lapsed"] - counts["met_ahead"] - of.waiting().sum()
        browsed = of.events[(of.events["kind"] == "order") & (of.events["channel"] == "recommend")]
        assert counts["bought"] - len(browsed) <= at_visits <= counts["bought"], "shoppers' orders, and some of who browsed"


def test_keep_3_settings_of_no_effect_change_nothing_and_a_festival_nothing_before_its_warm_up() -> None:
    """Bit for bit."""
    rest = {"stores": {"browse": 0.3}, "orders": {"own": {"base": 0.2}}, "visits": {"abandoned_cart": 0.1}}
    none = told(
        **merged(rest, {"stores": {"preference": {"reference": None}}, "festivals": {"fair": {**AS_WITHOUT, "days": 1}}})
    )
    off = {"weight": 0.0, "keep": 0.5}
    nothing = told(
        **merged(
            rest,
            {
                "stores": {"preference": {"reference": off}},
                "needs": {"pulled_forward": 0.0},
                "festivals": {"fair": {**AS_WITHOUT, "warm_up_days": 12}},
            },
        )
    )
    assert none.events.equals(nothing.events)
    assert none.daily.equals(nothing.daily)
    later = told(**merged(rest, {"festivals": {"fair": {"warm_up_days": 4, "warm_up_orders": 0.2}}}))
    same = merged(rest, {"festivals": {"fair": {**AS_WITHOUT}}})
    one, other = (run.events[run.events["time"] < (FIRST - 4) * DAY].reset_index(drop=True) for run in (told(**same), later))
    assert one.equals(other)
    assert not told(**same).events.equals(later.events)


def test_keep_3_in_the_warm_up_orders_become_carts() -> None:
    """Null: of those who would order, the stated share does; of the others who visit, the stated share times 1.5 leaves a cart.

    Visits without needs. Binomial tests, in the warm-up and outside it.
    """
    behaviour = {
        "sessions": {"per_day": 1.5}, "stores": {"browse": 1},
        "needs": {"rates": {"food": {"per_year": 0}, "health": {"per_year": 0}}},
        "orders": {"own": {"base": 0.3}}, "visits": {"abandoned_cart": 0.2},
        "festivals": {"fair": {"discount": 0, "warm_up_days": 8, "warm_up_orders": 0.6, "warm_up_carts": 1.5}},
    }  # fmt: skip
    events = told(**behaviour).events
    day = events["time"] // DAY
    for warm, p, cart in ((day.between(FIRST - 8, FIRST - 1), 0.3 * 0.6, 0.2 * 1.5), (day < FIRST - 8, 0.3, 0.2)):
        visits, orders, carts = ((events["kind"][warm] == kind).sum() for kind in ("visit", "order", "cart"))
        assert stats.binomtest(int(orders), int(visits), p).pvalue > LEVEL
        assert stats.binomtest(int(carts), int(visits), 0.3 + 0.7 * cart).pvalue > LEVEL


PROMOTION = {"extends": str(MARKET.with_name("market_promotion.yaml"))}
NO_PROMOTION = {"sessions": 1, "orders": 1, "discount": 0, "warm_up_days": 0}
NOVEMBER_11 = 71
MONTH = slice(NOVEMBER_11 + 1, NOVEMBER_11 + 28)  # until the next festival


@cache
def days_of(promotion: bool, weight: float, pulled_forward: float, seeds: range) -> list[pd.DataFrame]:
    """Sums of all stores by day of the shipped what-if, with and without its promotion, over seeds."""
    behaviour: dict[str, Any] = {
        "stores": {"preference": {"reference": {"weight": weight}}},
        "needs": {"pulled_forward": pulled_forward},
    }
    if not promotion:
        behaviour["festivals"] = {"double_11": NO_PROMOTION}
    world = shipped(2_500, days=100, past="cold", behaviour=behaviour) | PROMOTION
    return [Told(world, seed, events="none").daily.groupby("day").sum(numeric_only=True) for seed in seeds]


def paired(figure: Any, weight: float, pulled_forward: float, seeds: range = SEEDS) -> np.ndarray:
    """By how much the promotion changes a figure, (seeds,)."""
    arms = (days_of(promotion, weight, pulled_forward, seeds) for promotion in (True, False))
    one, other = ([figure(run) for run in arm] for arm in arms)
    return np.array(one) - other


def test_keep_3_promoted_sales_about_double_on_the_day() -> None:
    """The field experiment's figure is 2: a t-interval of ln of the ratio lies between those of 1.6 and 2.5."""
    gain = paired(lambda of: np.log(of.loc[NOVEMBER_11, "orders"]), 1.5, 0.3)
    low, high = stats.t.interval(1 - 2 * LEVEL, len(gain) - 1, gain.mean(), stats.sem(gain))
    assert np.log(1.6) < low < high < np.log(2.5), np.exp([low, gain.mean(), high])


@pytest.mark.slow
def test_keep_3_in_the_month_after_the_promotion_consumers_wait_at_the_list_price_and_fill_carts() -> None:
    """Paired t-tests over seeds, one-sided: who got used to the price buys less and leaves more carts to a visit.

    Nothing is bought ahead here. Where prices are judged alone there are no more carts without an order.
    """

    def carts_left(of: pd.DataFrame) -> float:
        month = of.loc[MONTH]
        return float((month["carts"] - month["orders"]).sum() / month["visits"].sum())

    def orders(of: pd.DataFrame) -> float:
        return float(of.loc[MONTH, "orders"].sum() / of.loc[MONTH, "visits"].sum())

    more_carts = paired(carts_left, 1.5, 0.0, MANY_SEEDS)
    fewer_orders = paired(orders, 1.5, 0.0, MANY_SEEDS) - paired(orders, 0.0, 0.0, MANY_SEEDS)
    assert stats.ttest_1samp(more_carts, 0, alternative="greater").pvalue < LEVEL
    assert stats.ttest_1samp(fewer_orders, 0, alternative="less").pvalue < LEVEL


@pytest.mark.slow
def test_keep_3_what_was_bought_ahead_is_not_bought_in_the_month_after() -> None:
    """Paired t-test over seeds, one-sided: a fair's orders without a need are repaid in the 20 days after it.

    By how much less than where nothing is bought ahead: there the fair meets needs too that would have waited.
    """

    def after(pulled_forward: float, factor: float) -> np.ndarray:
        behaviour = {
            "stores": {"browse": 0.5, "preference": {"reference": None}},
            "needs": {"pulled_forward": pulled_forward},
            "orders": {"own": {"base": 0.1}},
            "festivals": {"fair": {"discount": 0, "sessions": factor, "orders": factor}},
        }
        found = [told(seed=seed, **behaviour).daily for seed in SEEDS]
        days = FIRST + DAYS_OFF, FIRST + DAYS_OFF + 19
        return np.array([of.loc[of["day"].between(*days), "orders"].sum() for of in found])

    effect = {pulled: after(pulled, 2.0) - after(pulled, 1.0) for pulled in (1.0, 0.0)}
    assert stats.ttest_1samp(effect[1.0] - effect[0.0], 0, alternative="less").pvalue < LEVEL


def test_keep_3_the_calendar_holds_its_promotions_every_year() -> None:
    """6.18, 11.11 and 12.12; a festival of the same name takes the place of the calendar's."""
    behaviour = Behaviour(calendar=["mid_year", "double_11", "double_12"])
    for year in (2021, 2024):
        for month, day, name in ((6, 18, "mid_year"), (11, 11, "double_11"), (12, 12, "double_12")):
            date = dt.date(year, month, day)
            assert [festival.discount for festival in behaviour.festivals_on(date)] == [CALENDAR[name].discount]
            assert (
                behaviour.festivals_on(date - dt.timedelta(days=1)) == behaviour.festivals_on(date + dt.timedelta(days=1)) == []
            )
            warm = [date - dt.timedelta(days=k) for k in range(CALENDAR[name].warm_up_days + 2)]
            assert [len(behaviour.awaited_on(of)) for of in warm] == [0, *[1] * CALENDAR[name].warm_up_days, 0]
    assert behaviour.busiest == 1.5
    own = Festival(first=dt.date(2022, 11, 1), days=11, discount=0.5)
    replaced = Behaviour(calendar=["double_11"], festivals={"double_11": own})
    assert replaced.festivals_on(dt.date(2022, 11, 11)) == [own]
    assert replaced.festivals_on(dt.date(2023, 11, 11)) == []


@pytest.mark.parametrize(
    ("behaviour", "words"),
    [
        ({"stores": {"preference": {"wait": None}}}, "must be able to wait"),
        ({"calendar": ["black_friday"]}, "must be one of mid_year, double_11, double_12"),
        ({"stores": {"choice": "by_need"}, "calendar": ["double_11"]}, "a discount is for stores that compete"),
        ({"stores": {"choice": "by_need"}}, "prices are judged where stores compete"),
    ],
)
def test_promotions_that_cannot_be_are_refused(behaviour: dict[str, Any], words: str) -> None:
    with pytest.raises(BadInput) as error:
        told(**behaviour)
    assert any(words in problem.message for problem in error.value.problems), error.value.problems
