"""When effect data can be seen, as runs of the simulator [MSG-15]."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from market import DAY, Market

HOUR = 3_600
START = "2023-05-20"


def visible(policies: dict[str, Any], *sends: str) -> Iterator[tuple[int, int]]:
    """When the effect data of each send can be seen: day since the send day, second of the day."""
    market = Market(policies, start=START)
    run, asked = market.run(*sends)
    found = run.messages[run.messages["outcome"] == "sent"]["visible"].tolist()
    assert len(found) == len(asked)
    for send, time in zip(asked, found, strict=True):
        yield time // DAY - send.day, time % DAY


def test_msg_15_sent_on_05_30_visible_at_noon_of_05_31() -> None:
    """Nothing at 08:59:59, when not even a day has gone by."""
    assert list(visible({}, "a 05-30 09:00")) == [(1, 12 * HOUR)]


def test_msg_15_in_a_promotion_one_day_later() -> None:
    promotion = {"effect_data": {"promotions": ["2023-05-30", "2023-06-01"]}}
    sends = "a 05-29 09:00", "a 05-30 09:00", "a 05-31 15:00", "a 06-01 15:00"
    expected = [(1, 12 * HOUR), (2, 12 * HOUR), (1, 15 * HOUR), (2, 15 * HOUR)]
    assert list(visible(promotion, *sends)) == expected


def test_msg_15_only_while_the_rule_is_in_force() -> None:
    late = {"effect_data": {"promotions": ["2023-05-29", "2023-05-30"], "from": "2023-05-30"}}
    assert list(visible(late, "a 05-29 09:00", "a 05-30 09:00")) == [(1, 12 * HOUR), (2, 12 * HOUR)]


@pytest.mark.parametrize(("promotions", "acted"), [([], 0), (["2023-05-30"], 1), (["2024-01-01"], 0)])
def test_whether_it_acted(promotions: list[str], acted: int) -> None:
    market = Market({"effect_data": {"promotions": promotions}}, start=START)
    assert market.run("a 05-29 09:00", "a 05-30 09:00")[0].acted["policies.effect_data"] == acted


def test_msg_15_reads_of_the_day_more_are_seen() -> None:
    """Read by everyone with a mean delay of 24 h: more has been read when the data are made a day later."""
    behaviour = {"reading": {"probability": 1.0, "delay_hours": 24.0}}
    seen = []
    for promotions in ([], ["2023-05-30"]):
        market = Market({"effect_data": {"promotions": promotions}}, behaviour, START, consumers=300)
        table = market.run("a 05-30 09:00", "a 06-05 09:00")[0].messages
        first = table[table["task"] == table["task"].min()].set_index("outcome")["count"]
        assert first["sent"] == first["read"] == 300
        seen.append(first["read_seen"])
    assert 150 < seen[0] < seen[1] - 30 < 270
