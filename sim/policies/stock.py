"""Goods in stock: an order at a store that is sold out does not happen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from pydantic import Field, model_validator

from sim.state.policy import Policy, Resource


class Stock(Policy):
    """So many units of goods in each store's stock, of which every order takes its own.

    At a store that is sold out a cart is left behind, and needs go on waiting; who chooses among stores does not consider it.
    """

    merchants: list[str] | None = Field(None, min_length=1, description="merchants whose stock is limited; null: all")
    units: int = Field(100, ge=0, le=10**12, description="units in stock when it is full")
    refill_days: int | None = Field(None, ge=1, le=32_000, description="days after which it is filled up; null: never")
    returns: bool = Field(False, description="whether goods of refunded orders are sold again, beside what is filled up")

    def resources(self, merchants: Sequence[str]) -> Iterable[Resource]:
        for name in merchants if self.merchants is None else self.merchants:
            yield Resource(
                self.units, "order", merchant=name, takes="units", refill_days=self.refill_days, reason="sold_out",
                visible=True, given_back=self.returns,
            )  # fmt: skip

    @model_validator(mode="after")
    def _filled_up_if_returned(self) -> Stock:
        if self.returns and self.refill_days is None:
            raise ValueError("returns: goods that come back are sold again from the next filling on: give refill_days")
        return self
