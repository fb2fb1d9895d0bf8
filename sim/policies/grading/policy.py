"""Grading as a policy of a scenario: its rules, where merchants stand at the start, and what privileges do to consumers."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Collection

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from sim.policies.grading.machine import Told
from sim.policies.grading.names import Grade, RegisterJoin, Setting
from sim.policies.grading.rules import Grading
from sim.policies.grading.standing import Standing
from sim.policies.member_tiers import Tiers
from sim.state.parameters import assumed
from sim.state.policy import Policy

NO_SOURCE = "no source (A)"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Visibility(_Part):
    """Privileges by which a store is more visible to who chooses among stores."""

    search_display: float = assumed(
        1.1, "factor on the visibility of a store with member benefits in search", "", 1.0, 1.3, NO_SOURCE, ge=0, le=100
    )
    my_members: float = assumed(
        1.05, "factor on the visibility of a store shown among one's memberships", "", 1.0, 1.2, NO_SOURCE, ge=0, le=100
    )


class Joining(_Part):
    """Privileges by which more visitors ask to join."""

    member_tab: float = assumed(
        1.2, "factor on asking to join at a visit, of a store with a member tab", "", 1.0, 1.6, NO_SOURCE, ge=0, le=100
    )
    member_link: float = assumed(
        1.2, "factor on asking to join at a visit, of a store with member-link", "", 1.0, 1.6, NO_SOURCE, ge=0, le=100
    )


class Start(_Part):
    """Where a merchant stands when the rules come into force: just after whatever was at that instant."""

    grade: Grade | None = Field(None, description="grade; null: none yet, it recruits [GRD-1]")
    improving: int = Field(0, ge=0, le=100, description="improving results in a row so far, number [GRD-4]")
    register_join: RegisterJoin | None = Field(
        None, description="state of the register-join right; null: held by who is of quality, else none [GRD-7]"
    )
    deadline: dt.datetime | None = Field(None, description="end of the grace; null: as long as a grace is [GRD-7]")
    custom_until: dt.datetime | None = Field(None, description="end of its custom version [GRD-6]")
    custom_ordered: dt.datetime | None = Field(None, description="when that was ordered; null: in time [GRD-6]")
    member_link: bool = Field(False, description="whether it is an incumbent of member-link [GRD-6]")
    newcomer_since: dt.datetime | None = Field(None, description="when it was new to membership; null: it is not [INT-6]")

    @field_validator("deadline", "custom_until", "custom_ordered", "newcomer_since")
    @classmethod
    def _whole_local_seconds(cls, time: dt.datetime | None) -> dt.datetime | None:
        if time is not None and (time.tzinfo is not None or time.microsecond):
            raise ValueError("must be a local time in whole seconds, YYYY-MM-DDTHH:MM:SS")
        return time

    @model_validator(mode="after")
    def _deadline_is_of_a_grace(self) -> Start:
        if self.deadline is not None and self.register_join is not RegisterJoin.GRACE:
            raise ValueError(f"deadline: is the end of a grace, but 'register_join' is {self.state.value}")
        return self

    @property
    def state(self) -> RegisterJoin:
        """Its register-join state."""
        if self.register_join is not None:
            return self.register_join
        return RegisterJoin.HELD if self.grade is Grade.QUALITY else RegisterJoin.NONE

    @property
    def told(self) -> Told:
        """Its other rights."""
        return Told(self.custom_until, self.custom_ordered, self.member_link or None, self.newcomer_since)


UNTOLD = Start()  # where merchants stand of whom the scenario does not say


class MerchantGrading(Policy, Grading):
    """Merchants are graded by what their members do, and have privileges by their grades [GRD-1 to GRD-12]."""

    tiers: Tiers = Field(Tiers(), description="which members are of quality, have potential, or are silent (A) [GRD-8]")
    visibility: Visibility = Field(Visibility(), description="what privileges add to a store's visibility (A) [GRD-5]")
    joining: Joining = Field(Joining(), description="what privileges add to asking to join (A) [GRD-5]")
    merchants: dict[str, Start] = Field(
        default_factory=dict, description="where merchants stand at the start, by name; others have no grade yet [GRD-7]"
    )

    @property
    def looks_back(self) -> float:
        """Who is a member is told by joins of any time."""
        return math.inf

    def start_of(self, merchant: str) -> Start:
        """Where a merchant stands when the rules come into force."""
        return self.merchants.get(merchant, UNTOLD)

    def standing_at_start(self, merchant: str, now: dt.datetime, setting: Setting) -> Standing:
        """The same as the state machine has it, other rights untold."""
        start = self.start_of(merchant)
        in_grace, in_buffer = (start.state is state for state in (RegisterJoin.GRACE, RegisterJoin.BUFFER))
        return Standing(
            now,
            start.grade,
            start.improving,
            setting,
            start.state,
            1 if in_buffer else 0,
            (start.deadline or now + self.grace) if in_grace else None,
            Standing.begin(now, self).rights,
        )

    def visibility_of(self, privileges: Collection[str]) -> float:
        """The factor on the visibility of who has these privileges."""
        return _product(self.visibility, privileges)

    def joining_of(self, privileges: Collection[str]) -> float:
        """The factor on asking to join of visitors of who has these privileges."""
        return _product(self.joining, privileges)


def _product(factors: BaseModel, privileges: Collection[str]) -> float:
    return math.prod(factor for name, factor in factors if name in privileges)
