"""Crowds by name: a store's relations selected by how lately they came and bought, as of 00:00 (T+1) [MSG-7, GRP-2]."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from sim.state.benefits import ANY_RELATION, CROWD_RELATIONS, FANS, MEMBERS, NO_WINDOW, OLD_CUSTOMERS
from sim.state.compiled import inlined
from sim.state.names import OLD_CUSTOMER_DAYS
from sim.state.shard import Row
from sim.state.yesterday import bought_before, came_before, fan_before, member_before, orders_before

MOST_DAYS = 3_650


@inlined
def is_in(of: Row, r: Row, mine: Row, day: int) -> bool:
    """Whether a relation was in a crowd, a row of NAMED_CROWD, at 00:00 of `day`; `mine` is its row of `loyalty`."""
    came, bought, orders = came_before(r, mine, day), bought_before(r, mine, day), orders_before(r, mine, day)
    if orders < of.orders_from or orders > of.orders_to or not is_related(of.relation, r, mine, bought, orders, day):
        return False
    if (of.visited != NO_WINDOW and came < day - of.visited) or (of.bought != NO_WINDOW and bought < day - of.bought):
        return False
    return (of.not_visited == NO_WINDOW or came < day - of.not_visited) and (
        of.not_bought == NO_WINDOW or bought < day - of.not_bought
    )


@inlined
def is_related(relation: int, r: Row, mine: Row, bought: int, orders: int, day: int) -> bool:
    """Whether a relation was of a kind at 00:00: one of CROWD_RELATIONS."""
    if relation == FANS:
        return fan_before(r, mine, day)
    if relation == MEMBERS:
        return member_before(r, mine, day)
    if relation == OLD_CUSTOMERS:
        return bought >= day - OLD_CUSTOMER_DAYS
    return orders > 0 or fan_before(r, mine, day) or member_before(r, mine, day)


class NamedCrowd(BaseModel):
    """A selection of a store's relations as of 00:00: all that is said of them must hold; who bought has visited."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    relation: Literal[CROWD_RELATIONS] = Field(  # type: ignore[valid-type]
        CROWD_RELATIONS[ANY_RELATION], description="relation to the store; any: a fan, a member or who has ever bought"
    )
    visited_days: int | None = Field(
        None, ge=1, le=MOST_DAYS, description="visited on one of so many days before; null: whenever"
    )
    not_visited_days: int | None = Field(
        None, ge=1, le=MOST_DAYS, description="and on none of so many days before; null: whatever"
    )
    bought_days: int | None = Field(
        None, ge=1, le=MOST_DAYS, description="bought on one of so many days before; null: whenever"
    )
    not_bought_days: int | None = Field(
        None, ge=1, le=MOST_DAYS, description="and on none of so many days before; null: whatever"
    )
    orders_from: int = Field(0, ge=0, le=30_000, description="fewest orders at the store")
    orders_to: int | None = Field(None, ge=0, le=30_000, description="most orders at the store; null: no limit")

    @property
    def has_ordered(self) -> bool:
        """Whether all who are in it have ordered before."""
        return self.orders_from > 0 or self.bought_days is not None or self.relation == "old_customer"

    @model_validator(mode="after")
    def _can_be_met(self) -> NamedCrowd:
        words = next(self._contradictions(), None)
        if words is not None:
            raise ValueError(f"{words}: nobody could ever be in this crowd")
        return self

    def _contradictions(self) -> Iterator[str]:
        """What is said of it that cannot all hold."""
        bought = [("bought_days", self.bought_days)]
        if self.relation == "old_customer":
            bought.append(("an old customer's days", OLD_CUSTOMER_DAYS))
        for name, days in [("visited_days", self.visited_days), *bought]:
            for other, none in (("not_visited_days", self.not_visited_days), ("not_bought_days", self.not_bought_days)):
                excludes = other == "not_visited_days" or name != "visited_days"  # who has not bought may have visited
                if days is not None and none is not None and excludes and days <= none:
                    yield f"{other}: {none} days without leave none of {name}, {days}"
        if self.orders_to is not None and self.orders_to < self.orders_from:
            yield f"orders_to: {self.orders_to} is below orders_from, {self.orders_from}"
        if self.orders_to == 0 and self.has_ordered:
            yield "orders_to: 0 is who has not ordered, and the rest is of who has"
