"""The behaviour of consumers, module by module: what the kernel computes with, each number with its unit and source."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from sim.scenario.parameters import assumed, chosen, sourced

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


class Stores(Module):
    """Which store a session goes to."""

    known: int | None = chosen(
        None, "distinct stores that each consumer knows from the start, drawn evenly; null: those of its past", "stores", ge=1
    )
    choice: Literal["by_need", "any_known"] = chosen(
        "by_need", "a session goes to the store by need or browsing, or to any known store"
    )
    consider: float = assumed(
        0.3, "probability that a session with a waiting need goes to the store", "", 0.1, 0.6, "no source", ge=0, le=1
    )
    browse: float = assumed(
        0.02, "probability that a session without a need goes to the store", "", 0.0, 0.05, "no source", ge=0, le=1
    )


class Needs(Module):
    """Needs for what the store sells: a renewal process of each consumer's own, the same whatever is tried."""

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


class Visits(Module):
    """What may happen at any visit."""

    follow: float = assumed(0.03, "probability of following at a visit", "", 0.01, 0.1, "no source", ge=0, le=1)
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


class Orders(Module):
    """Orders and their fulfilment."""

    with_need: float = assumed(
        1.0, "probability of an order at a visit with a waiting need", "", 0.7, 1.0, "by definition of a need", gt=0, le=1
    )
    own: OwnPurchase = Field(default_factory=OwnPurchase)
    message: MessagePurchase = Field(default_factory=MessagePurchase)
    amount: int = chosen(10_000, "amount of every order where none is fitted", "minor units", ge=1)
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
    reading: Reading = Field(default_factory=Reading)
    opt_out: OptOut | None = Field(default_factory=OptOut)
