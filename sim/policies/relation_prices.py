"""Relation-exclusive prices: members, fans and old customers pay less than others [KEEP-1], but at a festival [KEEP-3]."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from sim.policies.old_customers import is_old
from sim.policies.some_stores import is_among
from sim.state.arithmetic import log
from sim.state.compiled import apart, inlined, keep_apart
from sim.state.names import FAN_PRICE, FESTIVAL_PRICE, INDUSTRIES, MEMBER_PRICE, OLD_CUSTOMER_PRICE
from sim.state.policy import Policy
from sim.state.shard import Row


@inlined
def best(merchant: Row, r: Row, day: int) -> int:
    """Which price the consumer pays: the lowest of those that it is entitled to now, never two together; 0: the list price.

    Of equal ones the first of member, fan, old customer, all.
    """
    found = 0
    most = 0.0
    if r.member == 1 and merchant.member_off > most:
        found, most = MEMBER_PRICE, merchant.member_off
    if r.fan == 1 and merchant.fan_off > most:
        found, most = FAN_PRICE, merchant.fan_off
    if merchant.old_customer_off > most and is_old(r, day):
        found, most = OLD_CUSTOMER_PRICE, merchant.old_customer_off
    if merchant.festival_off > most:
        found = FESTIVAL_PRICE
    return found


@inlined
def share_off(merchant: Row, price: int) -> float:
    """The share off the list price of one of the prices."""
    if price == MEMBER_PRICE:
        return merchant.member_off
    if price == FAN_PRICE:
        return merchant.fan_off
    if price == OLD_CUSTOMER_PRICE:
        return merchant.old_customer_off
    return merchant.festival_off if price == FESTIVAL_PRICE else 0.0


@apart
def price_now(merchant: Row, r: Row, day: int) -> int:
    """`best`, for an order."""
    keep_apart()
    return best(merchant, r, day)


@apart
def log_of_price(merchant: Row, r: Row, day: int) -> float:
    """ln of what the consumer pays, as a share of the list price."""
    keep_apart()
    return log(1.0 - share_off(merchant, best(merchant, r, day)))


class RelationPrices(Policy):
    """Members, fans or old customers pay a share less in some stores: what a relation is worth to the consumer, and costs.

    It counts what holds at the order: who joins by an order is no member at it, who joined at the visit is. Prices are not
    added up: the lowest is paid. The share off one unit is rounded to the minor unit. Without `merchants` and `industries`
    all stores give them. That nobody joins for a price that it is going to pay is an assumption (A).
    """

    merchants: list[str] = Field(default_factory=list, description="stores that give them, by name")
    industries: list[Literal[INDUSTRIES]] = Field(  # type: ignore[valid-type]
        default_factory=list, description="industries all of whose stores give them"
    )
    member: float = Field(0.0, ge=0, lt=1, description="share off the list price for members [KEEP-1]")
    fan: float = Field(0.0, ge=0, lt=1, description="share off the list price for fans [KEEP-1]")
    old_customer: float = Field(
        0.0, ge=0, lt=1, description="share off the list price for who bought on one of the 365 days before [KEEP-1]"
    )

    def discounts(self, merchant: str, industry: str) -> Mapping[str, float]:
        if not is_among(self.merchants, self.industries, merchant, industry):
            return {}
        return {"member": self.member, "fan": self.fan, "old_customer": self.old_customer}
