"""What differs between two scenarios, named so that a person finds it in the file."""

import pytest

from sim.experiments.differences import Change, differences, touches


def test_a_changed_value_is_named_by_its_dotted_path():
    base = {"policies": {"caps": {"store_days": 7, "store_limit": 1}}, "days": 10}
    arm = {"policies": {"caps": {"store_days": 3, "store_limit": 1}}, "days": 10}
    assert differences(base, arm) == [Change("policies.caps.store_days", 7, 3)]


def test_a_policy_that_only_one_side_has_is_one_change():
    plan = {"use": "plan", "every": 7}
    assert differences({"policies": {}}, {"policies": {"weekly": plan}}) == [Change("policies.weekly", None, plan)]
    assert differences({"policies": {"weekly": plan}}, {"policies": {}}) == [Change("policies.weekly", plan, None)]


def test_lists_of_the_same_length_are_compared_item_by_item_others_as_a_whole():
    base = {"merchants": [{"price": 1}, {"price": 2}], "profile": [1, 2]}
    arm = {"merchants": [{"price": 1}, {"price": 3}], "profile": [1, 2, 3]}
    assert differences(base, arm) == [Change("merchants[1].price", 2, 3), Change("profile", [1, 2], [1, 2, 3])]


def test_the_name_and_the_seed_are_no_changes():
    assert differences({"name": "a", "seed": 1, "days": 3}, {"name": "b", "seed": 2, "days": 3}) == []


def test_numbers_are_compared_as_numbers_and_truth_values_are_no_numbers():
    assert differences({"a": 1}, {"a": 1.0}) == []
    assert differences({"a": 1}, {"a": True}) == [Change("a", 1, True)]


@pytest.mark.parametrize(
    ("path", "module", "expected"),
    [
        ("policies.caps.store_days", "policies.caps", True),
        ("policies.caps", "policies.caps", True),
        ("policies", "policies.caps", True),
        ("merchants[0].plan", "merchants", True),
        ("policies.capsule.size", "policies.caps", False),
        ("days", "policies.caps", False),
    ],
)
def test_whose_setting_it_is(path, module, expected):
    assert touches(path, module) is expected
