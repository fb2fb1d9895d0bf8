"""Groups as a policy: seats, doors and their boundaries, and what a scenario may say of them."""

from __future__ import annotations

import datetime as dt

import pytest
from pydantic import ValidationError

from sim.policies.groups import Groups, Operator, Place, may_operate, opens_to_crowd, place_of

MEMBER, ORDINARY = Groups(), Groups(kind="ordinary")
SMALL = Operator(is_tmall=True, members=10, group_members=0, is_level_2=False)


def operates(store: Operator, day: str) -> bool:
    return may_operate(store, dt.date.fromisoformat(day), MEMBER.opened, MEMBER.members_from, MEMBER.group_members_from)


def test_grp_1_the_seats_of_member_groups_and_of_ordinary_ones() -> None:
    assert MEMBER.size.subgroups * MEMBER.size.people == 2_000
    assert MEMBER.size.seats == 50_000
    assert (ORDINARY.size.people, ORDINARY.size.seats) == (500, 100_000)
    assert Groups(kind="ordinary", highest_level=True).size.seats == 500_000
    assert Groups(groups=3, subgroups=2, people=7).size.seats == 42


@pytest.mark.parametrize(
    ("nth", "place"),
    [
        (1, Place(1, 1, 1)),
        (100, Place(1, 1, 100)),
        (101, Place(1, 2, 1)),  # there is no 101st seat in a subgroup
        (2_000, Place(1, 20, 100)),
        (2_001, Place(2, 1, 1)),  # there is no 21st subgroup of a group
        (50_000, Place(25, 20, 100)),
        (50_001, None),  # there is no 26th group, and the 50,001st member has no seat
    ],
)
def test_grp_1_subgroups_are_filled_one_after_the_other(nth: int, place: Place | None) -> None:
    assert place_of(nth, MEMBER.size) == place


def test_grp_1_every_seat_is_one_person_s() -> None:
    size = Groups(groups=3, subgroups=4, people=5).size
    places = [place_of(nth, size) for nth in range(1, size.seats + 1)]
    assert len(set(places)) == size.seats
    assert all(place and place.group <= 3 and place.subgroup <= 4 and place.seat <= 5 for place in places)
    assert place_of(size.seats + 1, size) is place_of(0, size) is None


@pytest.mark.parametrize(("buyers", "opens"), [(200_000, False), (200_001, True)])
def test_grp_2_a_given_crowd_enters_where_purchased_members_are_more_than_200_000(buyers: int, opens: bool) -> None:
    assert opens_to_crowd(buyers, MEMBER.crowd_above) is opens


def test_grp_6_from_the_27th_of_april_on_all_of_tmall_may() -> None:
    assert MEMBER.opened == dt.date(2023, 4, 27)
    assert not operates(SMALL, "2023-04-26")
    assert operates(SMALL, "2023-04-27")
    assert not operates(SMALL._replace(is_tmall=False), "2023-04-27")


@pytest.mark.parametrize(
    ("members", "group_members", "level_2", "may"),
    [
        (500_000, 20_000, False, True),
        (499_999, 20_000, False, False),
        (500_000, 19_999, False, False),
        (0, 0, True, True),
    ],
)
@pytest.mark.parametrize(("tmall", "day"), [(True, "2023-04-26"), (False, "2024-01-01")])
def test_grp_6_others_and_before_that_day_all_need_members_or_level_2(
    members: int, group_members: int, level_2: bool, may: bool, tmall: bool, day: str
) -> None:
    assert operates(Operator(tmall, members, group_members, level_2), day) is may


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"entry": "follow"}, "entry: member groups ask for purchased or repurchased, not for follow"),
        ({"kind": "ordinary", "entry": "repurchased"}, "entry: ordinary groups ask for follow or spent or crowd or password"),
        ({"highest_level": True}, "highest_level: is of ordinary groups"),
        ({"kind": "ordinary", "entry": "spent"}, "amount: entry spent needs it"),
        ({"kind": "ordinary", "entry": "crowd"}, "crowd: entry crowd needs the name"),
        ({"amount": 100}, "amount: is of 'entry: spent'"),
        ({"kind": "ordinary", "crowd": "regulars"}, "crowd: is of 'entry: crowd' or of member groups"),
        ({"password": 0.3}, "password: is of 'entry: password'"),
    ],
)
def test_grp_2_what_means_nothing_for_a_kind_is_refused(given: dict, words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        Groups(**given)
