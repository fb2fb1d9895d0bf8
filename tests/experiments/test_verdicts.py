"""Verdicts say no more than the numbers do."""

import pytest

from sim.experiments.statistics import estimates
from sim.experiments.verdicts import verdict


def of(base, arm, **options):
    return verdict(estimates({"m": [base, arm]}, ["a", "b"])["m"]["b"], **options)


def test_higher_names_the_size_the_interval_and_the_kind_of_error():
    got = of([1000, 1000, 1000], [1030, 1032, 1034])
    assert got.kind == "higher"
    assert got.en == "higher: +3.20% (between +2.70% and +3.70%), simulation error only"
    assert got.zh == "更高：+3.20%（+2.70% 至 +3.70%），仅含模拟误差"


def test_lower():
    assert of([100, 110, 120], [80, 91, 99]).en.startswith("lower: -18")


def test_an_interval_that_holds_zero_is_not_called_no_effect():
    got = of([100, 110, 120], [130, 95, 120])
    assert got.kind == "unclear"
    assert "no difference could be seen at this precision" in got.en
    assert "replications would show 1%" in got.en
    assert "no effect" not in got.en


def test_a_narrow_interval_around_zero_says_how_small_a_difference_must_be():
    got = of([10_000, 10_000, 10_000, 10_000], [10_001, 9_999, 10_002, 9_998])
    assert got.en == (
        "no difference could be seen: if there is one, it lies between -0.029% and +0.029%, simulation error only"
    )


def test_equal_in_every_replication():
    got = of([3, 4, 5], [3, 4, 5])
    assert got.kind == "equal"
    assert got.en == "exactly equal in every replication: the change never acted on it"


def test_a_constant_difference_has_no_error_to_name():
    assert of([0, 0, 0], [7, 7, 7], show=lambda value: f"{value:+.0f} pieces").en == "exactly +7 pieces in every replication"


def test_without_a_relative_difference_the_metric_own_unit_is_used():
    assert of([0, 0, 0], [6, 7, 8], show=lambda value: f"CNY {value:+.0f}").en == (
        "higher: CNY +7 (between CNY +5 and CNY +9), simulation error only"
    )


def test_one_replication_claims_nothing():
    got = of([100], [110])
    assert got.kind == "single"
    assert got.en.startswith("+10.0% in the one replication: one replication cannot say")


def test_nothing_finished():
    assert of([float("nan")], [1.0]).kind == "missing"


@pytest.mark.parametrize("arm", [[3, 4, 5], [4, 4, 4], [9, 10, 11], [1, 1, 2], [3, 5, 4]])
def test_every_verdict_is_said_in_both_languages(arm):
    got = of([3, 4, 5], arm)
    assert got.en
    assert got.zh
    assert any("一" <= character <= "鿿" for character in got.zh)


def test_the_base_is_named_as_such():
    base = estimates({"m": [[1, 2], [1, 2]]}, ["a", "b"])["m"]["a"]
    assert verdict(base, is_base=True).kind == "base"
