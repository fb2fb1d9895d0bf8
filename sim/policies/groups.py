"""Member groups and ordinary groups of a store: their seats, and who may take one [GRP-1, GRP-2, GRP-6]."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any, Literal, NamedTuple

import numpy as np
from pydantic import Field, model_validator

from sim.policies.benefit import Occasion
from sim.policies.some_stores import is_among
from sim.state.compiled import entry
from sim.state.groups import GROUP_KINDS
from sim.state.names import INDUSTRIES
from sim.state.near import near
from sim.state.parameters import assumed
from sim.state.policy import Policy, Resource
from sim.state.shard import Shard

Entry = Literal["purchased", "repurchased", "follow", "spent", "crowd", "password"]
ENTRIES: dict[str, tuple[str, ...]] = {  # [GRP-2]; the first is the default
    "member": ("purchased", "repurchased"),
    "ordinary": ("follow", "spent", "crowd", "password"),
}
ORDERS_OF = {"purchased": 1, "repurchased": 2}  # orders that make such a member
GROUP_FULL = "group_full"  # why who may enter does not
MOST_SUBGROUPS = 99  # a seat's place is group * 100 + subgroup


class Size(NamedTuple):
    """Groups of a store, subgroups of each, people in each of these [GRP-1]."""

    groups: int
    subgroups: int
    people: int

    @property
    def seats(self) -> int:
        """Of the store, in all."""
        return self.groups * self.subgroups * self.people


class Place(NamedTuple):
    """Where a seat is; all from 1."""

    group: int
    subgroup: int
    seat: int


SIZES = {"member": Size(25, 20, 100), "ordinary": Size(10, 20, 500)}  # 50,000; 100,000, by 10 groups of 20 (A)
HIGHEST_GROUPS = 50  # ordinary groups at the highest group level: 500,000 seats (A)


def place_of(nth: int, size: Size) -> Place | None:
    """Where who is the nth to enter, from 1, has its seat; None: all are taken. One subgroup is filled after the other (A)."""
    if not 1 <= nth <= size.seats:
        return None
    subgroup, seat = divmod(nth - 1, size.people)
    group, subgroup = divmod(subgroup, size.subgroups)
    return Place(group + 1, subgroup + 1, seat + 1)


def opens_to_crowd(buyers: int, above: int) -> bool:
    """Whether a store with so many purchased (or repurchased) members may let a given crowd of members in too [GRP-2]."""
    return buyers > above


class Operator(NamedTuple):
    """What a store is at 00:00, for the question whether it may operate a member group."""

    is_tmall: bool
    members: int
    group_members: int
    is_level_2: bool  # of quality, as it is called now [GRD-1]


def may_operate(store: Operator, day: dt.date, opened: dt.date, members_from: int, group_members_from: int) -> bool:
    """Whether a store may have member groups on a day [GRP-6].

    From `opened` on all of Tmall may. Else, and before, who could apply: with members and group members enough, or of level 2.
    """
    if store.is_tmall and day >= opened:
        return True
    return (store.members >= members_from and store.group_members >= group_members_from) or store.is_level_2


@entry
def count_buyers(s: Shard, orders: int, counts: np.ndarray) -> None:
    """Add a shard's members with so many orders at their store or more to `counts`, (merchants,) int64 [GRP-2]."""
    s = near(s)
    for i in range(len(s.consumers)):
        c = s.consumers[i]
        for row in range(c.relation_first, c.relation_first + c.relation_count):
            r = s.relations[row]
            if r.member == 1 and r.orders >= orders:
                counts[r.merchant] += 1


@entry
def count_seats(s: Shard, counts: np.ndarray) -> None:
    """Add a shard's taken seats by kind to `counts`, (merchants, kinds) int64."""
    s = near(s)
    for i in range(len(s.consumers)):
        c = s.consumers[i]
        for row in range(c.relation_first, c.relation_first + c.relation_count):
            r = s.relations[row]
            for k in range(counts.shape[1]):
                counts[r.merchant, k] += r.groups >> k & 1


def _size(which: str) -> Any:
    ordinary = {"groups": "10, or 50 at the highest group level", "people": "500"}[which]
    of = getattr(SIZES["member"], which)
    return Field(None, ge=1, le=10_000, description=f"{which}; null: {of} of members, else {ordinary} [GRP-1]")


class Groups(Policy):
    """Groups of stores, of members or ordinary ones, with seats for so many people and no more [GRP-1].

    On an occasion who may enter does with a probability, by an invitation (link or QR code), until all seats are taken; it has
    one seat at most in a store's groups of a kind, and keeps it (A). Into a member group may members who have bought, or bought
    again; of a store with more than `crowd_above` of these also the members of a given crowd. Into an ordinary one: who
    follows, has spent an amount, is of a given crowd, or knows a password [GRP-2]. Member groups are operated by who may
    [GRP-6], under grading with the privilege `group_members` [GRD-5]; who has a seat keeps it without.
    """

    kind: Literal[GROUP_KINDS] = Field("member", description="member, or ordinary")  # type: ignore[valid-type]
    merchants: list[str] = Field(default_factory=list, description="stores that have them, by name")
    industries: list[Literal[INDUSTRIES]] = Field(  # type: ignore[valid-type]
        default_factory=list, description="industries all of whose stores have them; neither these nor `merchants`: all stores"
    )
    groups: int | None = _size("groups")
    subgroups: int = Field(20, ge=1, le=MOST_SUBGROUPS, description="subgroups of a group [GRP-1]")
    people: int | None = _size("people")
    highest_level: bool = Field(False, description="whether ordinary groups are of the highest group level [GRP-1]")
    entry: Entry | None = Field(
        None,
        description="who may enter: purchased or repurchased members; of ordinary groups follow, spent, crowd or password; "
        "null: purchased, follow [GRP-2]",
    )
    amount: int | None = Field(None, ge=1, le=10**9, description="of spent: amount paid at the store in all, minor units")
    crowd: str | None = Field(None, min_length=1, description="the given crowd, by its name in `crowds`, as of 00:00")
    crowd_above: int = Field(
        200_000, ge=0, description="of members: a store with more purchased (repurchased) members lets `crowd` in too [GRP-2]"
    )
    password: float = assumed(0.05, "of password: share of consumers who know it", "", 0.01, 0.2, "no source", ge=0, le=1)
    at: Occasion = Field("visit", description="occasion of entering: visit, follow, join, order, receipt or live (A)")
    enter: float = assumed(
        0.1, "probability that who may enter does, on one occasion", "", 0.02, 0.3, "no source; an invitation", ge=0, le=1
    )
    opened: dt.date = Field(
        dt.date(2023, 4, 27), description="day from which all stores of Tmall may have member groups [GRP-6]"
    )
    members_from: int = Field(500_000, ge=0, description="members with whom others, and before that day all, may [GRP-6]")
    group_members_from: int = Field(20_000, ge=0, description="and people in groups of theirs, both; or level 2 [GRP-6]")

    @property
    def size(self) -> Size:
        """Its seats, of each store [GRP-1]."""
        usual = SIZES[self.kind]
        groups = HIGHEST_GROUPS if self.highest_level else usual.groups
        return Size(self.groups or groups, self.subgroups, self.people or usual.people)

    @property
    def asks_for(self) -> str:
        """What entering takes."""
        return self.entry or ENTRIES[self.kind][0]

    def is_of(self, merchant: str, industry: str) -> bool:
        """Whether a store has them."""
        return is_among(self.merchants, self.industries, merchant, industry)

    def resources(self, merchants: Sequence[str]) -> Iterable[Resource]:
        """The seats of each store."""
        for name in merchants:
            yield Resource(self.size.seats, "claim", merchant=name, refill_days=None, reason=GROUP_FULL, per_person=1)

    @model_validator(mode="after")
    def _as_its_kind_demands(self) -> Groups:
        asks = self.asks_for
        if asks not in ENTRIES[self.kind]:
            raise ValueError(f"entry: {self.kind} groups ask for {' or '.join(ENTRIES[self.kind])}, not for {asks}")
        if self.highest_level and self.kind == "member":
            raise ValueError("highest_level: is of ordinary groups, and this is member")
        if asks == "spent" and self.amount is None:
            raise ValueError("amount: entry spent needs it")
        if asks == "crowd" and self.crowd is None:
            raise ValueError("crowd: entry crowd needs the name of one of the scenario's 'crowds'")
        if asks != "spent" and self.amount is not None:
            raise ValueError(f"amount: is of 'entry: spent', and this is {asks}")
        if self.crowd is not None and asks != "crowd" and self.kind == "ordinary":
            raise ValueError(f"crowd: is of 'entry: crowd' or of member groups, and this is {asks}")
        if "password" in self.model_fields_set and asks != "password":
            default = type(self).model_fields["password"].default
            if self.password != default:
                raise ValueError(f"password: is of 'entry: password', and this is {asks}")
        return self
