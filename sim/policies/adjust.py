"""Factors on named quantities of behaviour: the plainest modifier, for "what if people read half as much?"."""

from __future__ import annotations

from pydantic import Field

from sim.state.policy import OPTING_OUT, ORDERING, READING, Policy


class Adjust(Policy):
    """Multiply quantities of the consumers' behaviour while in force. A probability stays at most 1."""

    reading: float = Field(1.0, ge=0, description="factor on the probability that a delivered message is read")
    ordering: float = Field(1.0, ge=0, description="factor on the probability of an order at a visit")
    opting_out: float = Field(1.0, ge=0, description="factor on the hazard of opting out at a delivery")

    def factors(self) -> dict[str, float]:
        return {READING: self.reading, ORDERING: self.ordering, OPTING_OUT: self.opting_out}
