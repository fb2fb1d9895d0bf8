"""Verdicts say no more than the numbers do."""

import pytest

from sim.experiments.flips import flip
from sim.experiments.statistics import estimates
from sim.experiments.verdicts import verdict, which_flip


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


# ---- with assumption draws


def with_draws(draws, *, arm=(1030, 1032, 1034), on=None):
    """1000 in the base; `draws` are its differences."""
    base = [1000, 1000, 1000]
    own = [one - 1000 for one in arm]
    found = flip(draws, [[float(k)] for k in range(len(draws))], ["p"], sum(own) / 3, (None, None), own, on)
    return of(base, list(arm), flip=found)


def test_a_sign_that_all_draws_share_is_robust():
    got = with_draws([12.0, 50.0])
    assert got.kind == "higher"
    assert got.en == (
        "higher: +3.20% (between +2.70% and +3.70%); robust to the assumptions tried (+1.20% to +5.00% over 2 draws)"
    )
    assert got.zh == "更高：+3.20%（+2.70% 至 +3.70%）；对所试的假设稳健（2 组抽样中为 +1.20% 至 +5.00%）"


def test_a_sign_that_a_draw_turns_depends_on_assumptions():
    got = with_draws([-12.0, 50.0])
    assert got.kind == "higher"
    assert got.en.endswith("; the sign depends on assumptions: 1 of 2 draws the other way (-1.20% to +5.00% over 2 draws)")
    assert "方向取决于假设：2 组抽样中有 1 组方向相反" in got.zh


def test_what_chance_alone_turns_is_not_laid_to_assumptions():
    """The interval is above zero though one replication is below."""
    base = [1000.0] * 12
    arm = [1000.0 + one for one in (5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, -1)]
    own = [one - 1000 for one in arm]
    got = of(base, arm, flip=flip([-3.0, 9.0], [[0.0], [1.0]], ["p"], sum(own) / 12, (None, None), own))
    assert got.kind == "higher"
    assert "the sign depends on assumptions: 1 of 2 draws" in got.en
    assert got.en.endswith("; chance alone turns 1 of 12 single replications")
    assert got.zh.endswith("12 次单次重复中也有 1 次反向")


def test_an_effect_that_vanishes_under_some_assumptions_is_not_called_robust():
    got = with_draws([0.0, 50.0])
    assert "robust" not in got.en
    assert "never the other way under the assumptions tried, but none at all under some" in got.en
    assert "稳健" not in got.zh


def test_a_range_on_fewer_consumers_says_so():
    got = with_draws([12.0, 50.0], on=(2000, 20_000))
    assert "over 2 draws on 2,000 of 20,000 consumers, scaled)" in got.en
    assert "20,000 位消费者中的 2,000 位，已按比例放大" in got.zh


@pytest.mark.parametrize("arm", [[1030, 1032, 1034], [980, 960, 970], [1000, 1001, 999], [1007, 1007, 1007]])
@pytest.mark.parametrize("draws", [[1.0, 9.0], [-1.0, 9.0], [-3.0, -2.0], [0.0, 0.0]])
def test_with_draws_no_sentence_speaks_of_simulation_error_only(arm, draws):
    got = with_draws(draws, arm=tuple(arm))
    assert "only" not in got.en
    assert "仅含" not in got.zh
    assert "over 2 draws" in got.en
    assert "2 组抽样" in got.zh


def test_a_change_that_acts_under_other_assumptions_alone():
    got = with_draws([0.0, 4.0], arm=(1000, 1000, 1000))
    assert got.kind == "equal"
    assert "at the scenario's own values; under others" in got.en
    same = with_draws([0.0, 0.0], arm=(1000, 1000, 1000))
    assert same.en == "exactly equal in every replication: the change never acted on it"


def test_draws_of_which_none_finished_change_no_sentence():
    nan = float("nan")
    assert with_draws([nan, nan]).en == "higher: +3.20% (between +2.70% and +3.70%), simulation error only"


def test_the_leader_is_named_or_none():
    values = [[float(k)] for k in range(10)]
    led = which_flip(flip([k - 2.5 for k in range(10)], values, ["stores.consider"], 4.0))
    assert led.en.startswith("3 of 10 draws the other way; led by stores.consider (rank correlation +1.00, p ")
    assert led.zh.startswith("10 组抽样中有 3 组方向相反；主导假设：stores.consider（")
    nobody = which_flip(flip([1.0, -1.0], values[:2], ["p"], 1.0))
    assert "no single assumption stands out at 2 draws" in nobody.en
    assert "没有单个假设突出" in nobody.zh
