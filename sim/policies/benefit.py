"""Coupons and benefits as one small language [KEEP-1, KEEP-2, INT-2, INT-4, INT-5, INT-7]."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, model_validator

from sim.policies.some_stores import is_among
from sim.state.benefits import MOST_PER_PERSON, WHO
from sim.state.groups import GROUP_KINDS
from sim.state.names import INDUSTRIES, MEMBER_TIERS
from sim.state.policy import Policy, Resource

Occasion = Literal["visit", "follow", "join", "order", "receipt", "live"]


class Form(NamedTuple):
    """What a kind of benefit is."""

    effect: str  # amount, share, gift, price (a relation's own) or priority
    claimed: bool  # whether it must be claimed; else it is offered to whom it is for
    stack: str = "store"  # its stacking group, unless it is told another
    relation: str = "anyone"  # whom it is for, unless it is told another
    merchant_bears: float = 1.0
    demands: tuple[str, ...] = ()  # parameters that it cannot be without


FORMS = {
    "amount_off": Form("amount", True, demands=("amount",)),
    "percent_off": Form("share", True, demands=("share",)),
    "spend_percent_off": Form("share", False, relation="member", demands=("share", "threshold")),
    "buy_and_gift": Form("gift", False, "gift", "member", demands=("gift_cost",)),
    "member_price": Form("price", False, "price", "member", demands=("share",)),
    "points_exchange": Form("amount", True, relation="member", demands=("points",)),
    "gift": Form("gift", True, "gift", demands=("gift_cost",)),
    "red_packet": Form("amount", True, "platform", merchant_bears=0.0, demands=("amount",)),
    "follow_discount": Form("amount", False, relation="anyone", demands=("amount",)),
    "priority": Form("priority", False, "priority", "member"),
}
KINDS = tuple(FORMS)
OF_CLAIMS = ("claim", "stock", "points", "valid", "per_person")  # mean nothing where nothing is claimed
OF_FOLLOWING = ("conversion", "taken", "potential_days")
NOT_OF_A_PRICE = ("who", "threshold", "goods", "stack", "merchant_bears")  # whoever is a member pays it for anything
JOIN_CLAIM_HOURS = 24.0  # [INT-4]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Who(_Part):
    """Who may claim it; of what needs no claim, who has it at the order."""

    relation: Literal[WHO] | None = Field(  # type: ignore[valid-type]
        None,
        description="relation to the store; a stranger is no fan, member or customer; null: by kind",
    )
    orders_from: int = Field(0, ge=0, le=30_000, description="fewest orders at the store so far; 1: a second order and later")
    orders_to: int | None = Field(None, ge=0, le=30_000, description="most orders at the store so far; 0: a first order only")
    tiers: list[Literal[MEMBER_TIERS]] = Field(  # type: ignore[valid-type]
        default_factory=list, description="tiers of members, of the platform, as of 00:00 [GRD-8]; none: all"
    )
    group: Literal[GROUP_KINDS] | None = Field(  # type: ignore[valid-type]
        None, description="who has a seat in the store's member or ordinary groups [GRP-2]; null: whoever else fits"
    )
    crowd: str | None = Field(
        None, min_length=1, description="a crowd of the scenario's `crowds`, by name, as of 00:00; null: whoever else fits"
    )
    level: int = Field(0, ge=0, le=9, description="least member level, of the store [GRD-13]")


class Claim(_Part):
    """On what occasion it is claimed, by whom it is for."""

    at: Occasion = Field("visit", description="occasion: visit, follow, join, order, receipt or live")
    probability: float | None = Field(
        None, ge=0, le=1, description="that it is claimed on one occasion; null: as `behaviour.coupons` says"
    )
    delay_hours: float = Field(0.0, ge=0, le=8_760, description="mean time from the occasion to the claim, h; 0: at once")
    fixed_delay: bool = Field(False, description="whether that time is always the same; else it is exponential")
    within_hours: float | None = Field(
        None,
        gt=0,
        le=8_760,
        description="a claim later than this after the occasion is refused, h; null: 24 after joining, else none is [INT-4]",
    )


class Validity(_Part):
    """When a claimed coupon can be used: for some days after the claim, or between two dates."""

    days: float | None = Field(None, gt=0, le=3_650, description="days of 24 h after the claim; null: 30, or until `until`")
    from_: int | dt.date | None = Field(None, alias="from", description="first day: a day of the run, or a date; null: at once")
    until: int | dt.date | None = Field(None, description="first day on which it cannot be used any more; null: by `days`")

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    @model_validator(mode="after")
    def _one_end(self) -> Validity:
        if self.days is not None and self.until is not None:
            raise ValueError("days: a coupon ends so many days after its claim or on a day of its own (until), not both")
        return self


class Benefit(Policy):
    """A benefit that stores give: online, to be claimed or had, on the days on which the policy is in force.

    `kind` says what it is, and what else must be given: `amount_off` (a coupon), `percent_off`, `spend_percent_off` (from a
    threshold on, for members), `buy_and_gift`, `member_price`, `points_exchange` (points for a coupon or a gift), `gift`,
    `red_packet` (the platform's), `follow_discount` [INT-2], `priority` (priority purchase). Claimed on joining, it is part of
    the new-member gift: at most 3 coupons and 1 gift of a store, claimed within 24 hours [INT-4].
    """

    kind: Literal[KINDS] = Field("amount_off", description="what it is")  # type: ignore[valid-type]
    merchants: list[str] = Field(default_factory=list, description="stores that give it, by name")
    industries: list[Literal[INDUSTRIES]] = Field(  # type: ignore[valid-type]
        default_factory=list, description="industries all of whose stores give it; neither these nor `merchants`: all stores do"
    )
    scope: Literal["store", "category"] = Field(
        "store", description="where a coupon is good: the store that gave it, or all stores of its industry"
    )
    goods: float = Field(1.0, gt=0, le=1, description="share of orders that are of goods which it is for; 1: of all goods")
    amount: int | None = Field(None, ge=1, le=10**9, description="off, minor units")
    share: float | None = Field(None, gt=0, lt=1, description="off, as a share of the price")
    gift_cost: int | None = Field(None, ge=0, le=10**9, description="what the gift costs who bears it, minor units")
    threshold: int = Field(
        0, ge=0, le=10**12, description="least price of the goods, after the price of a relation, minor units"
    )
    points: int = Field(0, ge=0, le=10**9, description="points of the store that a claim costs, points [KEEP-1]")
    who: Who = Field(Who(), description="who may have it")
    claim: Claim | None = Field(None, description="how it is claimed; null: at visits, of what is claimed at all")
    valid: Validity = Field(Validity(), description="when a claimed coupon can be used")
    stock: int | None = Field(
        None, ge=0, le=10**12, description="claims in all, of each store or of all it is good at; null: no limit"
    )
    per_person: int = Field(1, ge=1, le=MOST_PER_PERSON, description="most that one consumer may claim of a store's")
    stack: str | None = Field(
        None, min_length=1, description="stacking group: of each, one applies to an order; null: store, platform, gift by kind"
    )
    merchant_bears: float | None = Field(
        None, ge=0, le=1, description="share of discount or gift that the merchant bears, the platform the rest; null: by kind"
    )
    in_lowest_price: bool | None = Field(
        None, description="whether it counts to the store's lowest price [INT-7]; null: unless it is claimed on joining (A)"
    )
    conversion: float = Field(
        0.2,
        ge=0,
        le=10,
        description="of a follow discount: what it adds to the probability of an order, as a share (A) [INT-2]",
    )
    taken: float = Field(0.7, ge=0, le=1, description="of a follow discount: share of buyers who take it (A) [INT-2]")
    potential_days: int = Field(
        30, ge=1, le=365, description="of a follow discount: shown to who visited in so many days before, days (A) [INT-2]"
    )
    online_at_start: bool = Field(True, description="whether stores have it on at first; their strategies may switch it")

    @property
    def form(self) -> Form:
        return FORMS[self.kind]

    @property
    def is_gift(self) -> bool:
        """Whether it gives a gift; an exchange of points may."""
        return self.form.effect == "gift" or (self.kind == "points_exchange" and self.gift_cost is not None)

    @property
    def occasion(self) -> str | None:
        """On what occasion it is claimed; None: it needs no claim."""
        if not self.form.claimed:
            return None
        return "visit" if self.claim is None else self.claim.at

    @property
    def within_hours(self) -> float | None:
        """Hours from the occasion, after which a claim is refused; None: it never is [INT-4]."""
        given = None if self.claim is None else self.claim.within_hours
        return JOIN_CLAIM_HOURS if given is None and self.is_new_member_gift else given

    @property
    def is_new_member_gift(self) -> bool:
        """Whether it is part of what new members are given [INT-4]."""
        return self.occasion == "join"

    @property
    def is_member_benefit(self) -> bool:
        """Whether its use is that of a member benefit [GRD-3]: it is for members alone, or for joining."""
        of_members = self.relation == "member" or bool(self.who.tiers) or self.who.level > 0 or self.who.group == "member"
        return of_members or self.is_new_member_gift

    @property
    def relation(self) -> str:
        """Whom it is for."""
        return self.who.relation or self.form.relation

    @property
    def bears(self) -> float:
        """The merchant's share of what it costs."""
        return self.form.merchant_bears if self.merchant_bears is None else self.merchant_bears

    @property
    def group(self) -> str:
        """Its stacking group."""
        return self.stack or ("gift" if self.is_gift else self.form.stack)

    @property
    def counts_in_lowest_price(self) -> bool:
        """Whether it counts to the store's lowest price [INT-7]."""
        return not self.is_new_member_gift if self.in_lowest_price is None else self.in_lowest_price

    def is_of(self, merchant: str, industry: str) -> bool:
        """Whether a store gives it."""
        return is_among(self.merchants, self.industries, merchant, industry)

    @model_validator(mode="after")
    def _as_its_kind_demands(self) -> Benefit:
        form = self.form
        missing = [name for name in form.demands if not self._is_given(name)]
        if self.kind == "points_exchange" and (self.amount is None) == (self.gift_cost is None):
            raise ValueError("amount: an exchange of points is for a coupon (amount) or a gift (gift_cost): give one of them")
        if missing:
            raise ValueError(f"{missing[0]}: {self.kind} needs it")
        effects = {"amount": self.amount, "share": self.share, "gift_cost": self.gift_cost}
        allowed = {*form.demands} | ({"amount", "gift_cost"} if self.kind == "points_exchange" else set())
        for name, value in effects.items():
            if value is not None and name not in allowed:
                raise ValueError(
                    f"{name}: {self.kind} has none; it has {', '.join(sorted(allowed & set(effects))) or 'no worth'}"
                )
        return self._without_what_means_nothing()._possible()

    def _without_what_means_nothing(self) -> Benefit:
        """What would be read by nobody is a mistake."""
        if not self.form.claimed:
            for name in filter(self._is_given, OF_CLAIMS):
                raise ValueError(f"{name}: {self.kind} is not claimed: who it is for has it at the order")
            if self.scope == "category":
                raise ValueError(f"scope: {self.kind} is not claimed: each of its 'merchants' or 'industries' has its own")
        if self.kind != "follow_discount":
            for name in filter(self._is_given, OF_FOLLOWING):
                raise ValueError(f"{name}: is of 'kind: follow_discount', and this is {self.kind}")
        if self.form.effect == "price":
            for name in filter(self._is_given, NOT_OF_A_PRICE):
                if name != "who" or self.who != Who(relation="member"):
                    words = "all members of the store pay it for anything, and the store bears it"
                    raise ValueError(f"{name}: {self.kind} has none: {words}; 'kind: spend_percent_off' can be told")
        return self

    def _is_given(self, name: str) -> bool:
        """Whether a parameter is other than where nothing is said."""
        return bool(getattr(self, name) != type(self).model_fields[name].get_default(call_default_factory=True))

    def _possible(self) -> Benefit:
        """What could never apply is a mistake."""
        who = self.who
        if who.orders_to is not None and who.orders_to < who.orders_from:
            raise ValueError(
                f"who: orders_to {who.orders_to} is below orders_from {who.orders_from}: nobody could ever have it"
            )
        if (who.tiers or who.level) and self.relation != "member":
            raise ValueError(f"who: tiers and levels are of members, not of {self.relation!r}: set relation: member")
        if self.relation == "stranger" and (who.orders_from > 0 or self.occasion in ("follow", "join", "order", "receipt")):
            raise ValueError("who: a stranger has not followed, joined or ordered: nobody could ever have it")
        if who.orders_to == 0 and (self.occasion in ("order", "receipt") or self.relation == "old_customer"):
            raise ValueError("who: whoever orders, confirms a receipt or is an old customer has ordered: orders_to 0 is nobody")
        if self.kind == "follow_discount" and self.relation == "fan":
            raise ValueError("who: a fan follows already: nobody could ever have it")
        if self.relation == "stranger" and who.group == "member":
            raise ValueError("who: a stranger is no member, and has no seat in a member group: nobody could ever have it")
        if who.tiers and self.occasion == "join":
            raise ValueError("who: who joins is of no tier until the next 00:00: nobody could ever have it")
        if self.amount is not None and self.threshold and self.amount > self.threshold:
            raise ValueError(f"amount: {self.amount} off goods of {self.threshold} is more than they cost")
        claim, within = self.claim, self.within_hours
        if claim is not None and claim.probability == 0:
            raise ValueError("claim: a probability of 0: nobody could ever claim it")
        if claim is not None and claim.fixed_delay and within is not None and claim.delay_hours > within:
            raise ValueError("claim: delay_hours is always more than within_hours: nobody could ever claim it")
        return self

    def resources(self, merchants: Sequence[str]) -> Iterable[Resource]:
        """Each store's stock of it, or, of what is good at several stores, that of all of them."""
        if self.stock is None:
            return
        for name in merchants if self.scope == "store" else (None,):
            yield Resource(self.stock, "claim", merchant=name, refill_days=None, reason="out_of_stock")
