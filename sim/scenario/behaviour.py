"""The behaviour of consumers, module by module: what the kernel computes with, each number with its unit and source."""

from __future__ import annotations

import datetime as dt
import math
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from sim.state.names import INDUSTRIES
from sim.state.parameters import assumed, chosen, sourced

NO_SOURCE = "no source"
MAILCHIMP = "clicks per send fall from 2 % at 6 e-mails a month to .5 % at 25 (emailmarketingtipps, grade D)"


class Module(BaseModel):
    """A module of behaviour."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Sessions(Module):
    """Own sessions on the platform: Poisson per day, rates Gamma-distributed over consumers."""

    per_day: float = assumed(
        0.4, "mean own sessions per consumer", "1/day", 0.2, 0.8, "no public log; order of daily visits", ge=0, le=50
    )
    shape: float | None = assumed(
        1.5, "shape of the Gamma distribution of rates over consumers; null: all alike", "", 0.8, 3.0, "no public log", gt=0
    )
    weekdays: list[float] = chosen(
        [1, 1, 1, 1, 1, 1, 1], "weights of Monday to Sunday, brought to mean 1", min_length=7, max_length=7
    )
    hours: list[float] | None = chosen(None, "weights of the 24 hours of the day; null: flat", min_length=24, max_length=24)

    @model_validator(mode="after")
    def _weights_weigh(self) -> Sessions:
        for name, weights in (("weekdays", self.weekdays), ("hours", self.hours or [1.0])):
            if min(weights) < 0 or sum(weights) <= 0:
                raise ValueError(f"{name}: weights are at least 0 and not all 0")
        return self


class Festival(Module):
    """Days on which consumers come more often and buy more readily, such as 11.11, and maybe the days before [KEEP-3].

    In the warm-up some of those who would order put it into the cart and wait; who sees no festival coming does not.
    """

    first: dt.date = chosen(dt.date(2023, 11, 11), "first day")
    days: int = chosen(1, "length", "days", ge=1, le=60)
    sessions: float = assumed(1.5, "factor on own sessions", "", 1.0, 2.0, NO_SOURCE, ge=0, le=3)
    orders: float = assumed(1.3, "factor on the probability of an order at a visit", "", 1.0, 1.6, NO_SOURCE, ge=0)
    discount: float = chosen(0.0, "share off the list prices of stores that take part, whose cost it is", "", ge=0, lt=1)
    industries: list[Literal[INDUSTRIES]] = chosen(  # type: ignore[valid-type]
        [], "industries whose stores give the discount; none: all"
    )
    warm_up_days: int = chosen(0, "days of warm-up before the first", "days", ge=0, le=60)
    warm_up_orders: float = assumed(
        0.7, "factor on orders in the warm-up: the others are put into the cart and wait", "", 0.5, 0.9, NO_SOURCE, ge=0, le=1
    )
    warm_up_carts: float = assumed(
        1.5, "factor on the probability of a cart without an order in the warm-up", "", 1.0, 2.0, NO_SOURCE, ge=0
    )

    def holds(self, day: dt.date) -> bool:
        """Whether a day is one of its days."""
        return 0 <= (day - self.first).days < self.days

    def is_awaited(self, day: dt.date) -> bool:
        """Whether a day is of its warm-up."""
        return 0 < (self.first - day).days <= self.warm_up_days

    def off(self, industry: str) -> float:
        """The share off the list prices of an industry's stores."""
        return self.discount if not self.industries or industry in self.industries else 0.0

    def in_year(self, year: int) -> Festival:
        """The same in another year."""
        return self.model_copy(update={"first": self.first.replace(year=year)})


# The big promotions of every year, by name: their dates, and factors that are assumed (A) as those of any festival are.
CALENDAR = {
    "mid_year": Festival(first=dt.date(2023, 6, 18), discount=0.15, warm_up_days=7),
    "double_11": Festival(first=dt.date(2023, 11, 11), discount=0.2, warm_up_days=10),
    "double_12": Festival(first=dt.date(2023, 12, 12), discount=0.1, warm_up_days=5),
}


class Reference(Module):
    """The price that a consumer is used to, by industry: against it a price seems dear or cheap [KEEP-3, evidence D7].

    It is an exponentially weighted mean of the shares of the list price that it has paid, 1 before the first order. Who would
    buy, but for what it is used to paying, puts it into the cart and waits.
    """

    weight: float = assumed(
        1.0,
        "what ln of the share of the list price, less ln of that which the consumer is used to, takes from utility",
        "",
        0.0,
        3.0,
        "direction only: lower prices paid and more carts in the month after (Zhang et al. 2020, grade A)",
        ge=0,
    )
    keep: float = assumed(
        0.7, "share of the price that one is used to which an order leaves", "", 0.5, 0.9, NO_SOURCE, ge=0, le=1
    )


class Preference(Module):
    """Utilities by which a consumer chooses among the stores that it considers, beside its own taste for each."""

    wait: float | None = assumed(
        0.0, "utility of waiting instead of buying in any store; null: a need is met in some store", "", -1.5, 1.0, NO_SOURCE
    )
    price: float = assumed(
        1.5, "what ln of the price level takes from the utility of a store", "", 0.5, 3.0, "direction only: RetailSynth's form"
    )
    exposure: float = assumed(
        0.5,
        "utility of one unit of ln of a store's exposure, to who chooses among stores",
        "",
        0.0,
        1.0,
        "1 would be a choice in proportion to exposure, as among merchants in RecSim NG",
    )
    service: float = assumed(0.1, "utility of one unit of a store's service", "", 0.0, 0.3, NO_SOURCE)
    fan: float = assumed(0.1, "utility of a store that the consumer follows", "", 0.0, 0.3, NO_SOURCE)
    member: float = assumed(
        0.1,
        "utility of a store that it is a member of",
        "",
        0.0,
        0.3,
        "loyalty programmes raise spend per visit by about 0",
    )
    satisfaction: float = assumed(0.3, "utility of one unit of satisfaction", "", 0.0, 0.8, NO_SOURCE)
    habit: float = assumed(0.2, "utility of one order of the stock of habit", "", 0.0, 0.5, NO_SOURCE, ge=0)
    habit_half_life_days: float = assumed(60.0, "half-life of the stock of habit", "days", 20.0, 180.0, NO_SOURCE, gt=0)
    reference: Reference | None = Field(
        None, description="where to wait is an alternative; null: prices are judged by themselves"
    )

    @model_validator(mode="after")
    def _waits_for_prices(self) -> Preference:
        if self.reference is not None and self.wait is None:
            raise ValueError("reference: who judges a price must be able to wait for a better one: give 'wait' a number")
        return self


class Popularity(Module):
    """Traffic begets traffic: exposure times (1 + stock) ** power, over its mean in the industry, the stock one of visits."""

    keep: float = sourced(
        0.96, "share of the stock of visits that is left after a day", "1/day", "RecSim NG, traffic among merchants", ge=0, lt=1
    )
    power: float = assumed(
        0.3,
        "power of 1 + the stock of visits per 1,000 consumers",
        "",
        0.0,
        1.0,
        "RecSim NG has 2: the rich take all",
        ge=0,
        le=2,
    )


class Stores(Module):
    """Which store a session goes to."""

    known: int | None = chosen(
        None, "distinct stores that each consumer knows from the start, drawn evenly; null: those of its past", "stores", ge=1
    )
    choice: Literal["by_need", "any_known", "compete"] = chosen(
        "by_need",
        "by_need: sessions go to the one store by need or browsing; any_known: to any known store; "
        "compete: stores of an industry compete for each need",
    )
    consider: float = assumed(
        0.3, "probability that a session shops for the waiting needs of an industry", "", 0.1, 0.6, "no source", ge=0, le=1
    )
    browse: float = assumed(
        0.02, "probability that a session which shops for nothing goes to a store", "", 0.0, 0.05, "no source", ge=0, le=1
    )
    discover: float = assumed(
        0.0,
        "probability that a browsing session goes to a store that the consumer is not aware of, by exposure",
        "",
        0.0,
        0.3,
        "no source",
        ge=0,
        le=1,
    )
    price_power: float = assumed(
        0.0,
        "what ln of the lowest price that a store's benefits make adds, negative as it is, to ln of its exposure [INT-7]",
        "",
        0.0,
        2.0,
        NO_SOURCE,
        ge=0,
    )
    preference: Preference = Field(default_factory=Preference)
    popularity: Popularity | None = Field(
        None, description="where stores compete; null: visits do not make a store more visible"
    )


class NeedRate(Module):
    """Needs for what the stores of one industry sell."""

    per_year: float = assumed(6.0, "mean needs per consumer", "1/year", 3.0, 12.0, NO_SOURCE, ge=0)
    shape: float = assumed(
        0.8,
        "shape of the Gamma distribution of rates over consumers",
        "",
        0.4,
        1.6,
        "fitted NBD models: .2 to 1",
        gt=0,
    )
    amount: float = assumed(
        10_000.0, "mean amount of an order at price level 1", "minor units", 5_000.0, 20_000.0, NO_SOURCE, gt=0
    )


class NeedRates(Module):
    """Needs by industry; those of industries without a store are met elsewhere and not simulated."""

    fast_moving: NeedRate = NeedRate(per_year=9.0, amount=6_000.0)
    apparel: NeedRate = NeedRate(per_year=5.0, amount=18_000.0)
    beauty: NeedRate = NeedRate(per_year=4.0, amount=15_000.0)
    food: NeedRate = NeedRate(per_year=9.0, amount=5_000.0)
    sports: NeedRate = NeedRate(per_year=2.5, amount=25_000.0)
    health: NeedRate = NeedRate(per_year=3.0, amount=12_000.0)
    media: NeedRate = NeedRate(per_year=3.0, amount=4_000.0)
    other: NeedRate = NeedRate()

    def of(self, industry: str) -> NeedRate:
        """Those for what the stores of an industry sell."""
        rate: NeedRate = getattr(self, industry)
        return rate


class Needs(Module):
    """Needs for what the stores sell: a renewal process of each consumer's own, the same whatever is tried."""

    buying: Literal["at_visit", "at_need"] = chosen("at_visit", "a need waits for a visit, or is met at its own time")
    regularity: int = sourced(
        1,
        "k of the Erlang distribution of gaps; 1: exponential",
        "",
        "CDNOW .94 by Wheat-Morrison (computed, grade A)",
        ge=1,
        le=50,
    )
    patience_days: float = assumed(
        21.0, "mean time that a need waits before it is met elsewhere", "days", 7.0, 60.0, "no source", gt=0
    )
    pulled_forward: float = assumed(
        0.0,
        "probability that an order without a need meets the next need ahead",
        "",
        0.0,
        0.0,
        "none unless asked for",
        ge=0,
        le=1,
    )
    rates: NeedRates = Field(default_factory=NeedRates, description="where stores compete; of one store the past tells")


class Visits(Module):
    """What may happen at any visit."""

    follow: float = assumed(0.03, "probability of following at a visit", "", 0.01, 0.1, "no source", ge=0, le=1)
    follow_at_cart: float = assumed(
        0.0, "probability of following at a cart that is left at a visit", "", 0.0, 0.0, "none unless asked for", ge=0, le=1
    )
    most_follows: int | None = chosen(
        None, "stores that a consumer follows at most: one more replaces the most silent; null: no limit [INT-1]", "stores",
        ge=1, le=32_767,
    )  # fmt: skip
    join: float = assumed(
        0.0, "probability that a fan joins at a visit", "", 0.0, 0.0, "no membership in this scenario", ge=0, le=1
    )
    abandoned_cart: float = sourced(
        0.06, "probability of a cart without an order at a visit", "", "UserBehavior: cart/pv 6.16 % (grade B)", ge=0, le=1
    )
    favourite: float = sourced(
        0.032,
        "probability that a visitor makes the store a favourite",
        "",
        "UserBehavior: favourites are 2.88 % of all events, 3.2 % of page views (grade B)",
        ge=0,
        le=1,
    )


class Purchase(Module):
    """Probability of an order at a visit without a need."""

    base: float = Field(0.0, ge=0, le=1)
    fan: float = chosen(0.0, "added for fans", "", ge=0, le=1)
    member: float = chosen(0.0, "added for members", "", ge=0, le=1)


class OwnPurchase(Purchase):
    """At a visit of the consumer's own accord: none, where a fitted rate holds all such purchases already."""

    base: float = chosen(0.0, "probability of an order at an own visit without a need", "", ge=0, le=1)


class MessagePurchase(Purchase):
    """At a visit that a message brought."""

    base: float = assumed(
        0.02,
        "probability of an order at a visit by a message, without a need",
        "",
        0.0,
        0.05,
        "buy/pv 2.25 % over all visits (UserBehavior, grade B); for these visits none",
        ge=0,
        le=1,
    )


class Units(Module):
    """Units of an order: one and a Poisson number more, of mean `more` * exp(`slope` * utility of the store) [evidence D6].

    The industry's `amount` stays the mean of an order where that utility is 0: a unit costs amount / (1 + `more`).
    """

    more: float = assumed(
        0.5,
        "mean units of an order beyond the first, where the store's utility is 0",
        "units",
        0.1,
        1.5,
        NO_SOURCE,
        gt=0,
        le=50,
    )
    slope: float = assumed(0.0, "log-slope of these in the store's utility", "", 0.0, 0.2, "direction only: RetailSynth's form")


class Spread(Module):
    """How prices of units vary, within consumers and between them: Gamma-Gamma about each store's mean amount."""

    p: float = sourced(6.25, "shape of a consumer's amounts", "", "fitted to CDNOW (evidence grade A)", ge=1)
    q: float = sourced(3.74, "shape of the distribution of consumers' levels", "", "fitted to CDNOW (evidence grade A)", gt=1)


class Experience(Module):
    """Satisfaction with received orders: an exponentially weighted mean about each store's quality and service."""

    weight: float = assumed(
        0.0, "weight of the last order; 0: no satisfaction", "", 0.0, 0.0, "one store: in the fit", ge=0, le=1
    )
    spread: float = assumed(1.0, "standard deviation of the satisfaction with an order", "", 0.5, 1.5, NO_SOURCE, ge=0)
    service: float = assumed(
        0.2, "what one unit of a store's service adds to the mean satisfaction with an order", "", 0.0, 0.5, NO_SOURCE
    )


class DropOut(Module):
    """Dropping out of a store after a repeat purchase: Beta-distributed over consumers; membership and satisfaction retain."""

    mean: float = assumed(
        0.05, "mean probability", "", 0.02, 0.25, "CDNOW's fit has a mean of .25, of a first online store", gt=0, lt=1
    )
    concentration: float = assumed(3.0, "a + b of the Beta distribution", "", 1.5, 6.0, "3.2 in CDNOW's fit", gt=0)
    member: float = assumed(
        0.25, "share of drop-outs that membership prevents", "", 0.1, 0.4, "four fifths of a programme's value (evidence C.4)",
        ge=0, le=1,
    )  # fmt: skip
    satisfaction: float = assumed(0.3, "log-slope by which satisfaction lowers it", "", 0.0, 0.8, NO_SOURCE, ge=0)


class Membership(Module):
    """Who becomes a member, and what membership does: two dials, for in the field the one is taken for the other [evidence D8].

    What it does is in `drop_out.member`, `preference.member`, `own.member`, `message.member` and `frequency`; `treatment`
    is a factor on all of them. What a store does for its members only (prices, messages) is its own policy.
    """

    selection: float = chosen(
        0.0,
        "log-slope of the probability of joining in the rate of needs, per standard deviation; 0: all join alike",
        ge=0,
        le=3,
    )
    treatment: float = chosen(1.0, "factor on all that membership does to members; 0: nothing", ge=0, le=10)
    frequency: float = assumed(
        0.05,
        "share by which membership raises the probability that a session goes to the one store",
        "",
        0.0,
        0.1,
        "less than a fifth of a programme's value (evidence C.4)",
        ge=0,
        le=10,
    )
    light: float = assumed(
        0.0,
        "log-slope by which those with few needs gain more, per standard deviation of their rate",
        "",
        0.0,
        0.4,
        "direction only: light and moderate buyers change, heavy ones do not (Liu 2007, grade A)",
        ge=0,
        le=3,
    )
    fade_from_days: int | None = sourced(
        180,
        "days after joining, or the last use of what members have, after which the effect of membership fades; null: never",
        "days",
        "small gains fade in 6 to 9 months (Meyer-Waarden, abstract, grade A)",
        ge=0,
        le=20_000,
    )
    fade_until_days: int | None = sourced(270, "days after which it is gone; null: never", "days", "as above", ge=1, le=20_000)

    @model_validator(mode="after")
    def _fades_in_time(self) -> Membership:
        begins, ends = self.fade_from_days, self.fade_until_days
        if (begins is None) != (ends is None):
            raise ValueError("fade_until_days: null together with 'fade_from_days', or not at all")
        if begins is not None and ends is not None and ends <= begins:
            raise ValueError(f"fade_until_days: must be after 'fade_from_days' ({begins}); given {ends}")
        return self


class Refund(Module):
    """Orders that are returned: what was paid is paid back, and coupons that are still good come back to their holder.

    The platform takes its share of the discount back. What the goods cost is lost to the merchant (A), and what was paid
    counts to member levels and points all the same (A).
    """

    probability: float = assumed(0.05, "probability that an order is returned", "", 0.01, 0.2, NO_SOURCE, ge=0, le=1)
    delay_hours: float = assumed(72.0, "mean time from the receipt to the refund", "h", 24.0, 168.0, NO_SOURCE, gt=0)


class Orders(Module):
    """Orders and their fulfilment."""

    with_need: float = assumed(
        1.0, "probability of an order at a visit with a waiting need", "", 0.7, 1.0, "by definition of a need", gt=0, le=1
    )
    own: OwnPurchase = Field(default_factory=OwnPurchase)
    message: MessagePurchase = Field(default_factory=MessagePurchase)
    amount: int = chosen(10_000, "amount of every order where none is fitted", "minor units", ge=1)
    units: Units | None = Field(None, description="units of an order, where stores compete; null: every order is of one unit")
    spread: Spread = Field(default_factory=Spread, description="of prices of units, where stores compete")
    experience: Experience = Field(default_factory=Experience)
    refund: Refund | None = Field(None, description="orders that are returned; null: none are")
    drop_out: DropOut | None = Field(None, description="where no declared past tells it; null: nobody drops out")
    follow: float = assumed(0.0, "probability of following at an order", "", 0.0, 0.0, "not in this scenario", ge=0, le=1)
    join: float = assumed(0.0, "probability of joining at an order", "", 0.0, 0.0, "not in this scenario", ge=0, le=1)
    ship_hours: float | None = assumed(
        24.0, "mean time from order to shipping; null: no such step", "h", 6.0, 48.0, "no good distribution found", gt=0
    )
    pickup_hours: float | None = assumed(
        12.0, "mean time from shipping to pickup; null: no such step", "h", 3.0, 24.0, "no good distribution found", gt=0
    )
    receive_hours: float | None = assumed(
        72.0,
        "mean time from pickup to receipt; null: no such step",
        "h",
        24.0,
        120.0,
        "1-2 days in a city, 3-5 between cities (OTR Global 2016, grade D)",
        gt=0,
    )


class Coupons(Module):
    """Whether coupons are claimed, and when their holders come to use them [evidence D7].

    The hazard of coming, t after the claim of a coupon that is valid for V, is `early` exp(-`early_decay` t) + `late`
    exp(-`late_rise` (V - t)): much at first, and some again before the end.
    """

    claim: float = assumed(
        0.2, "probability that a coupon which is shown is claimed, where its benefit says nothing", "", 0.05, 0.5, NO_SOURCE,
        ge=0, le=1,
    )  # fmt: skip
    early: float = assumed(
        0.0075, "hazard of coming for a coupon just after its claim", "1/day", 0.003, 0.02,
        "shape fitted to Complete Journey's deciles (evidence C.4), level assumed: 15 % in 47 days", ge=0, le=100,
    )  # fmt: skip
    early_decay: float = assumed(
        0.042, "decay of that hazard", "1/day", 0.02, 0.1, "fitted to Complete Journey's deciles (evidence C.4)", ge=0, le=100
    )
    late: float = assumed(0.0022, "hazard of coming for it just before its end", "1/day", 0.0, 0.005, "as above", ge=0, le=100)
    late_rise: float = assumed(0.14, "rise of that hazard", "1/day", 0.05, 0.5, "as above", ge=0, le=100)
    trip: Literal["next_session", "at_once"] = chosen(
        "next_session", "next_session: its holder comes at the first session after that time; at_once: at that very time"
    )


class Fatigue(Module):
    """Irritation: each delivery adds to a stock that decays; reading falls with it."""

    half_life_days: float = sourced(
        15.0,
        "half-life of the irritation stock",
        "days",
        "recovering penalty of Yancey & Settles 2020, half-life 15 days",
        gt=0,
    )
    weight: float = chosen(1.0, "what one delivery adds to the stock", "deliveries", ge=0)
    slope: float = assumed(
        0.1, "what one unit of the stock takes from the log-odds of reading", "logit", 0.03, 0.2, MAILCHIMP, ge=0
    )


class Reading(Module):
    """Whether messages are switched on, and whether and when a delivered one is read."""

    switched_on: float = assumed(
        1.0,
        "share of consumers who have the messages of all stores switched on",
        "",
        0.8,
        1.0,
        "no source: on by default [MSG-14]",
        ge=0,
        le=1,
    )
    probability: float | None = chosen(None, "fixed probability of reading; null: by fatigue", "", ge=0, le=1)
    intercept: float = assumed(
        -3.0,
        "log-odds of reading without irritation, mean over consumers",
        "logit",
        -3.5,
        -2.2,
        "reaction 4.6 % on Android, 3.4 % on iOS (Business of Apps, grade C)",
    )
    spread: float = assumed(0.8, "standard deviation of the log-odds over consumers", "logit", 0.0, 1.5, "no source", ge=0)
    delay_hours: float = assumed(8.0, "mean time from delivery to reading", "h", 2.0, 24.0, "no source", gt=0)
    fatigue: Fatigue = Field(default_factory=Fatigue)


class OptOut(Module):
    """Opting out of a store's messages at a delivery, with probability 1 - exp(-hazard * exp(slope * irritation))."""

    hazard: float = assumed(
        0.0005,
        "hazard of opting out at a delivery, at irritation 0",
        "",
        0.0001,
        0.002,
        "direction only: opt-outs rise with frequency (Wohllebe et al. 2021, grade A)",
        ge=0,
    )
    slope: float = assumed(0.1, "log-slope of the hazard in irritation", "", 0.0, 0.2, "direction only, as above", ge=0)
    all_stores: float = assumed(
        0.1, "share of opt-outs that are of the messages of all stores", "", 0.0, 0.3, "no source", ge=0, le=1
    )


class Behaviour(Module):
    """All modules. `needs: null` leaves needs out; `opt_out: null` lets nobody opt out."""

    sessions: Sessions = Field(default_factory=Sessions)
    stores: Stores = Field(default_factory=Stores)
    needs: Needs | None = Field(default_factory=Needs)
    visits: Visits = Field(default_factory=Visits)
    orders: Orders = Field(default_factory=Orders)
    coupons: Coupons = Field(default_factory=Coupons)
    membership: Membership = Field(default_factory=Membership)
    reading: Reading = Field(default_factory=Reading)
    opt_out: OptOut | None = Field(default_factory=OptOut)
    festivals: dict[str, Festival] = Field(default_factory=dict, description="festivals by name [KEEP-3]")
    calendar: list[Literal["mid_year", "double_11", "double_12"]] = chosen(
        [], "big promotions of 6.18, 11.11 and 12.12 held every year, unless `festivals` has one of that name [KEEP-3]"
    )

    @property
    def busiest(self) -> float:
        """The greatest factor of festivals on the sessions of a day, at least 1."""
        declared = list(self.festivals.values())
        years = {2023, *(festival.first.year for festival in declared)}
        festivals = [*declared, *(festival for year in years for festival in self._festivals_of(year))]
        days = {festival.first + dt.timedelta(days=k) for festival in festivals for k in range(festival.days)}
        return max([1.0, *(math.prod(festival.sessions for festival in self.festivals_on(day)) for day in days)])

    def festivals_on(self, day: dt.date) -> list[Festival]:
        """The festivals of a day, in the order of their names."""
        return [festival for festival in self._festivals_of(day.year) if festival.holds(day)]

    def awaited_on(self, day: dt.date) -> list[Festival]:
        """The festivals in whose warm-up a day is, in the order of their names."""
        return [festival for festival in self._festivals_of(day.year) if festival.is_awaited(day)]

    def _festivals_of(self, year: int) -> list[Festival]:
        """All that are declared, and those that are held in every year in that year, in the order of their names."""
        yearly = {name: CALENDAR[name].in_year(year) for name in self.calendar}
        return [festival for _, festival in sorted((yearly | self.festivals).items())]
