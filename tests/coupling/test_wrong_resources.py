"""What a policy answers wrongly about what runs out is told to who wrote it."""

from __future__ import annotations

from typing import Any

import pytest
from sharing import shares, shops
from worlds import load

from sim.engine.simulation import Simulation
from sim.errors import BadInput

GOOD = {"amount": 5, "claimed_by": "order"}


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"amount": -1}, "amount of a Resource (units): must be a whole number from 0"),
        ({"amount": 2.5}, "amount of a Resource (units): must be a whole number from 0"),
        ({"claimed_by": "visit"}, "claimed_by of a Resource must be one of delivery, order"),
        ({"takes": 0}, "takes of a Resource: must be a whole number from 1"),
        ({"takes": "all"}, "takes of a Resource must be one of units, amount"),
        ({"takes": "amount", "claimed_by": "delivery"}, "takes of a Resource must be one of a whole number"),
        ({"short": "wait"}, "short of a Resource must be one of close, skip"),
        ({"refill_days": 0}, "refill_days of a Resource: must be a whole number from 1"),
        ({"merchant": "nobody"}, "merchant of a Resource must be one of store-000, store-001"),
        ({"given_back": True, "claimed_by": "delivery"}, "given_back of a Resource: only orders are refunded"),
        ({"given_back": True, "claimed_by": "order", "refill_days": None}, "given_back of a Resource: only orders"),
        ({"reason": "platform_limit"}, "'platform_limit' is a reason of the platform's own rules"),
        ({"reason": "a\nb"}, "reason of a Resource must be text that can be printed"),
    ],
)
def test_a_wrong_field(fields: dict[str, Any], said: str) -> None:
    with pytest.raises(BadInput) as error:
        Simulation(load(shops(3, 2, 1, 1.0, {"mine": shares(**(GOOD | fields))})))
    assert "policies.mine: Shares.resources()" in str(error.value)
    assert said in str(error.value)
    assert "resources_plugin.py:" in str(error.value)


def test_two_of_one_name() -> None:
    policy = shares(**GOOD)
    policy["of"] = [GOOD | {"name": "x"}, GOOD | {"name": "x"}]
    with pytest.raises(BadInput, match="two things must not be known by the same name"):
        Simulation(load(shops(3, 2, 1, 1.0, {"mine": policy})))


@pytest.mark.parametrize("use", ["stock", "budget", "desk"])
def test_a_built_in_policy_of_an_unknown_merchant(use: str) -> None:
    with pytest.raises(BadInput, match=r"policies.mine: merchant of a \w+ must be one of store-000, store-001; given 'nobody'"):
        Simulation(load(shops(3, 2, 1, 1.0, {"mine": {"use": use, "merchants": ["nobody"]}})))
