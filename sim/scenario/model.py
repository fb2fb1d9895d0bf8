"""The form of a scenario file."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, model_validator

from sim.policies.named_crowds import NamedCrowd
from sim.scenario.behaviour import Behaviour
from sim.state.names import INDUSTRIES, JOIN_SETTINGS, MOST_PAID, OLD_CUSTOMER_DAYS
from sim.state.parameters import assumed, chosen


class BgNbd(BaseModel):
    """Timing of repeat purchases (Fader, Hardie & Lee 2005); the unit of time is the week."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    r: float = Field(gt=0, description="shape of the Gamma distribution of purchase rates")
    alpha: float = Field(gt=0, description="rate of that distribution, weeks")
    a: float = Field(gt=0, description="first parameter of the Beta distribution of drop-out")
    b: float = Field(gt=0, description="second parameter of the Beta distribution of drop-out")


class GammaGamma(BaseModel):
    """Amounts of orders (Fader & Hardie): Gamma(p, rate nu), nu ~ Gamma(q, rate v)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    p: float = Field(ge=1, description="shape of a customer's amounts")
    q: float = Field(gt=1, description="shape of the distribution of their rates")
    v: float = Field(gt=0, description="rate of that distribution, minor units")


class Past(BaseModel):
    """A declared state at the start. Without a table of customers, `consumers` customers make their first purchase then."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    customers: str | None = Field(
        None,
        description="CSV beside the scenario: customer, x, t_x, T (weeks), value, n_value, "
        "and optionally enter (day of a first purchase inside the run)",
    )
    weeks: str | None = Field(None, description="CSV beside the scenario: the log's own weeks, for the report")
    bg_nbd: BgNbd | None = Field(None, description="timing of repeat purchases; null: nobody has needs")
    gamma_gamma: GammaGamma | None = Field(None, description="amounts of orders; null: all alike")

    @model_validator(mode="before")
    @classmethod
    def _one_form(cls, given: Any) -> Any:
        return _without(given, OwnPast)


LONGEST_PAST = 3_650
SAME = "same"


class OwnPast(BaseModel):
    """A warm-up: the same simulation, begun cold `days` days before the start. Scenarios with the same past share it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    days: int = Field(ge=1, le=LONGEST_PAST, description=f"days before the start, at least {OLD_CUSTOMER_DAYS} unless `short`")
    policies: dict[str, Any] = Field(
        default_factory=dict, description="policies in force throughout the past, by name: {use: built_in_name, parameters...}"
    )
    short: bool = Field(
        False,
        description=f"fewer than {OLD_CUSTOMER_DAYS} days are meant: windows that look back so far are not full at the start",
    )

    @model_validator(mode="before")
    @classmethod
    def _one_form(cls, given: Any) -> Any:
        if isinstance(given, Mapping):
            declared = [key for key in given if key in Past.model_fields and given[key] is not None]
            if declared:
                raise ValueError(
                    "\n".join(
                        f"{key}: belongs to a declared past, but {', '.join(k for k in given if k in cls.model_fields)} to a "
                        "simulated one; a past is the one or the other (null takes away what an extended file has)"
                        for key in declared
                    )
                )
        return _without(given, Past)

    @model_validator(mode="after")
    def _windows_are_full(self) -> OwnPast:
        if self.days < OLD_CUSTOMER_DAYS and not self.short:
            raise ValueError(
                f"days: must be at least {OLD_CUSTOMER_DAYS}, for windows look back so far (who bought within a year is an "
                f"old customer); given {self.days}; 'short: true' says that fewer are meant"
            )
        return self


def _without(given: Any, other: type[BaseModel]) -> Any:
    """What is given, without the keys of the other form that an overlay has taken away."""
    if not isinstance(given, Mapping):
        return given
    return {key: value for key, value in given.items() if value is not None or key not in other.model_fields}


def _form_of_past(given: Any) -> str | None:
    """Which of its forms a past has."""
    if isinstance(given, Mapping):
        return "simulated" if any(given.get(key) is not None for key in OwnPast.model_fields) else "declared"
    if isinstance(given, Past | OwnPast):
        return "declared" if isinstance(given, Past) else "simulated"
    return "cold" if given == "cold" else None


AnyPast = Annotated[
    Annotated[Past, Tag("declared")] | Annotated[OwnPast, Tag("simulated")] | Annotated[Literal["cold"], Tag("cold")],
    Discriminator(_form_of_past),
]


class Join(BaseModel):
    """A merchant's own threshold of joining [INT-3]."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    setting: Literal[JOIN_SETTINGS] | None = chosen(  # type: ignore[valid-type]
        None,
        "who can join: zero, whoever wants to; purchased, who has bought and confirmed a receipt; null: zero, or under "
        "grading purchased where 0-yuan joins are no right [INT-3, GRD-7]",
    )
    orders: int = chosen(1, "orders that a purchased join needs [INT-3]", "orders", ge=0, le=32_000)
    amount: int = chosen(0, "amount paid that it needs too [INT-3]", "minor units", ge=0, le=MOST_PAID)


class Merchant(BaseModel):
    """A merchant, or `count` alike."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    count: int = chosen(
        1, "merchants of this kind; more than one are named NAME-000, NAME-001, ...", "merchants", ge=1, le=100_000
    )
    industry: Literal[INDUSTRIES] = chosen("other", "industry")  # type: ignore[valid-type]
    type: Literal["tmall", "taobao"] = chosen("tmall", "what kind of merchant it is: of Tmall, or of Taobao [GRP-6]")
    goods_cost: float = assumed(
        0.7, "cost of goods as a share of their list price", "", 0.5, 0.85, "to be set from the merchant's books", ge=0, le=1
    )
    message_cost: float = assumed(
        0.0,
        "what one delivered message costs the merchant",
        "minor units",
        0.0,
        1.0,
        "to be set from the merchant's books",
        ge=0,
    )
    attraction: float = assumed(
        0.5,
        "alpha of the store in the Dirichlet distribution of tastes, where stores compete",
        "",
        0.2,
        1.2,
        "fitted Dirichlet models of brands: .1 to 1.2",
        gt=0,
        le=100,
    )
    awareness: float = assumed(
        0.5, "share of consumers who consider the store without having met it", "", 0.2, 0.9, "no source", ge=0, le=1
    )
    exposure: float = chosen(
        1.0,
        "how visible the store is where consumers shop and browse, relative to the usual [LEAD-1, LEAD-2]",
        "",
        gt=0,
        le=1_000,
    )
    service: float = assumed(
        0.0, "service of the store, in standard deviations of its service score over stores (A)", "", -1.0, 1.0, "no source"
    )
    price_level: float = chosen(1.0, "prices relative to the industry's usual ones", "", gt=0)
    quality: float = assumed(0.0, "mean satisfaction with an order", "", -0.5, 0.5, "no source")
    join: Join = Field(default_factory=Join, description="its threshold of joining [INT-3]")
    strategy: Any = Field(None, description="how the merchant sends messages: {use: plan, ...}; null: never")
    past_strategy: Any = Field(
        SAME, description=f"how it sent messages in a simulated past: {{use: plan, ...}}; {SAME}: as `strategy`; null: never"
    )


class ScenarioFile(BaseModel):
    """A scenario file. Everything has a default; a file says what differs."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    rules: Literal["none"] = Field("none", description="dated rule set of the rulebook; none: only the policies named here")
    start: dt.date = Field(dt.date(2023, 9, 1), description="first day of the run")
    days: int = Field(180, ge=1, le=20_000, description="length of the run, days")
    seed: int = Field(1, ge=0, lt=2**63, description="seed of all draws")
    currency: str = Field("CNY", description="currency; amounts are in its minor unit", pattern=r"^[A-Z]{3}$")
    consumers: int = Field(
        2_000, ge=0, le=2_000_000_000, description="consumers; with a table of customers, theirs is the number"
    )
    behaviour: Behaviour = Field(default_factory=Behaviour)
    merchants: dict[str, Merchant] = Field(default_factory=dict, description="merchants by name")
    crowds: dict[str, NamedCrowd] = Field(
        default_factory=dict, description="crowds of a store's relations by name, each as of 00:00, for policies to name"
    )
    policies: dict[str, Any] = Field(
        default_factory=dict, description="policies by name: {use: built_in_name, from: DAY, until: DAY, parameters...}"
    )
    past: AnyPast = Field("cold", description="the state at the start: declared, the end of a simulated past, or cold")

    @model_validator(mode="after")
    def _known_stores_exist(self) -> ScenarioFile:
        known = self.behaviour.stores.known
        merchants = sum(merchant.count for merchant in self.merchants.values())
        if known is not None and known > merchants:
            raise ValueError(
                f"behaviour.stores.known: {known} distinct stores were asked for, but there are {merchants} merchants"
            )
        return self

    @model_validator(mode="after")
    def _past_strategies_have_a_past(self) -> ScenarioFile:
        if not isinstance(self.past, OwnPast):
            idle = [name for name, merchant in self.merchants.items() if merchant.past_strategy != SAME]
            if idle:
                words = "has no effect: this scenario's past is not simulated (past: {days: ...})"
                raise ValueError("\n".join(f"merchants.{name}.past_strategy: {words}" for name in idle))
        return self
