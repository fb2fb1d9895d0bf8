"""Draws behave as independent uniform numbers, whichever way the simulator reads them.

One family: each test has its null hypothesis and statistic (told in `randomness` and here), its size and a fixed seed, and
fails if p <= `LEVEL`: the chance that any of them fails falsely is at most 1 % in all (Bonferroni). Each kind of test also
rejects a generator with the fault that it looks for: without that, passing would say nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

import bad_generators as bad
import every_function as ours
import numpy as np
import pytest
import randomness
from decisions import DECISIONS, ROOT, Decisions, below, consumers, numbers
from numpy.typing import NDArray
from randomness import IN_A_CELL, OF_ALL_BITS, OF_ONE_END, Test, kolmogorov, p_avalanche, p_chi_square, p_poisson, units
from scipy import stats

from sim.stages.choice import gumbel
from sim.state import draws
from sim.state.draws import Keys, name_key, under_each

Floats = NDArray[np.float64]
Hash = Callable[[Keys], Keys]

SIZE, LARGE = 2**18, 2**22  # keys of each kind of decision
FLIPPED, MANY_FLIPPED = 2**14, 2**20  # keys of which each bit is changed
DRAWN, MANY_DRAWN = 2**17, 2**20  # draws from each distribution
RARE = 2.0**-10  # the share that a tail holds
MEANS = (0.01, 0.5, 3.0, 30.0)  # of Poisson counts


class Law(NamedTuple):
    """A distribution as it is drawn from keys, and its cumulative probabilities by SciPy."""

    draw: Callable[[Keys], Floats]
    cdf: Callable[[Floats], Floats]


def phases(keys: Keys, count: int) -> Floats:
    """A sum of exponential phases, as the time to a need is made."""
    u = units(below(keys, numbers(count)))
    return ours.exponential(u.ravel(), 1.0).reshape(u.shape).sum(axis=-1)


each_gumbel = ours.each(gumbel)
LAWS = {
    "exponential": Law(lambda keys: ours.exponential(units(keys), 2.5), stats.expon(scale=2.5).cdf),
    "erlang": Law(lambda keys: phases(keys, 4), stats.gamma(4).cdf),
    "normal": Law(lambda keys: ours.normal_quantile(units(keys)), stats.norm.cdf),
    "gumbel": Law(each_gumbel, stats.gumbel_r.cdf),
    "gamma 1": Law(lambda keys: ours.gamma(keys, 1.0), stats.gamma(1.0).cdf),
    "gamma 1.5": Law(lambda keys: ours.gamma(keys, 1.5), stats.gamma(1.5).cdf),
    "gamma 6.25": Law(lambda keys: ours.gamma(keys, 6.25), stats.gamma(6.25).cdf),
    "gamma 40": Law(lambda keys: ours.gamma(keys, 40.0), stats.gamma(40.0).cdf),
    "ln gamma 0.05": Law(lambda keys: ours.log_gamma(keys, 0), stats.loggamma(0.05).cdf),
    "ln gamma 0.3": Law(lambda keys: ours.log_gamma(keys, 1), stats.loggamma(0.3).cdf),
    "ln gamma 2.7": Law(lambda keys: ours.log_gamma(keys, 2), stats.loggamma(2.7).cdf),
}
NEARLY = {  # the draws of a law against one that is a little different
    "exponential": LAWS["exponential"]._replace(cdf=stats.expon(scale=2.56).cdf),
    "erlang": LAWS["erlang"]._replace(cdf=stats.gamma(4.06).cdf),
    "normal": LAWS["normal"]._replace(cdf=stats.norm(0.03).cdf),
    "gumbel": LAWS["gumbel"]._replace(cdf=stats.gumbel_r(0.03).cdf),
    "gamma 6.25": LAWS["gamma 6.25"]._replace(cdf=stats.gamma(6.33).cdf),
    "ln gamma 0.3": LAWS["ln gamma 0.3"]._replace(cdf=stats.loggamma(0.306).cdf),
}

OF_NAMES: dict[str, Hash] = {  # what a number that names a level does to a key, one level below and further
    "consumer": lambda ids: under_each(under_each(ROOT, draws.CONSUMER), ids),
    "buying": lambda ids: under_each(under_each(under_each(ROOT, draws.CONSUMER), ids), draws.BUY),
    "sessions": lambda days: under_each(under_each(under_each(ROOT, draws.SESSION), days), consumers(1)[0]),
    "seed": lambda seeds: under_each(under_each(under_each(name_key("seed"), seeds), draws.CONSUMER), np.uint64(3)),
}
OF_KEYS: dict[str, Hash] = {  # what the key above does
    "stream": lambda keys: under_each(keys, draws.BUY),
    "ordinal": lambda keys: under_each(keys, np.uint64(1)),
}

ENDS = [("high", OF_ONE_END), ("low", OF_ONE_END), ("all", OF_ALL_BITS)]
LOOKS = [(end, test) for end, tests in ENDS for test in tests]
SHARES = (0.05, 0.01)  # of a good generator's samples
FAMILY = (
    2 * len(DECISIONS) * len(LOOKS)  # 2: of two sizes
    + 2 * (len(OF_NAMES) + len(OF_KEYS))
    + 2 * (3 * len(LAWS) + len(MEANS))
    + len(SHARES) * len([*OF_ONE_END, *OF_ALL_BITS])
)
LEVEL = 0.01 / FAMILY


def sizes(fast: int, slow: int) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("size", [fast, pytest.param(slow, marks=pytest.mark.slow)])


@lru_cache(maxsize=2)
def made(decisions: Decisions, size: int) -> Keys:
    return decisions(size)


def p_seen(keys: Keys, end: str, test: Test) -> float:
    """The p of a test that looks at the high bits, the low ones, or all."""
    return test(randomness.reversed_bits(keys) if end == "low" else keys)


def label(value: Any) -> str:
    return value if isinstance(value, str) else getattr(value, "__name__", str(value))


class TestDecisions:
    @sizes(SIZE, LARGE)
    @pytest.mark.parametrize(("end", "test"), LOOKS, ids=label)
    @pytest.mark.parametrize("decisions", DECISIONS, ids=label)
    def test_are_uniform_and_independent(self, decisions: Decisions, end: str, test: Test, size: int) -> None:
        """Null and statistic: those of each test of `randomness`; 262,144 keys, slow 4,194,304."""
        assert p_seen(made(decisions, size), end, test) > LEVEL

    @pytest.mark.parametrize("decisions", DECISIONS, ids=label)
    def test_are_as_many_as_they_say(self, decisions: Decisions) -> None:
        """None stands twice, and the size is the one that is asked for, but for a row."""
        keys = made(decisions, SIZE)
        assert SIZE - keys.shape[-1] < keys.size <= SIZE
        assert len(np.unique(keys)) == keys.size


FAULTS: list[tuple[Callable[[int], Keys], str, Test]] = [
    (bad.unmixed, "high", randomness.uniform_cells),
    (bad.unmixed, "high", randomness.uniform_start),
    (bad.leaning, "high", randomness.uniform_whole),
    (bad.congruent, "low", randomness.serial_pairs),
    (bad.randu, "high", randomness.serial_triples),
    (bad.mixed_apart, "high", randomness.lag_correlations),
    (bad.unmixed, "high", randomness.sums),
    (bad.added, "high", randomness.neighbours),
    (bad.mixed_apart, "high", randomness.rectangles),
    (bad.congruent, "low", randomness.runs),
    (bad.congruent, "low", randomness.gaps),
    (bad.randu, "high", randomness.birthday_spacings),
    (bad.squeezed, "high", randomness.collisions),
    (bad.leaning, "all", randomness.ones_in_each_bit),
    (bad.doubled, "all", randomness.ones_in_each_number),
    (bad.congruent, "all", randomness.bits_of_neighbours),
]


class TestPower:
    """What is wrong is seen, at the same size and level."""

    @pytest.mark.parametrize(("generator", "end", "test"), FAULTS, ids=label)
    def test_a_fault_is_seen(self, generator: Callable[[int], Keys], end: str, test: Test) -> None:
        assert p_seen(made(generator, SIZE), end, test) <= LEVEL

    def test_every_test_has_a_fault_to_see(self) -> None:
        assert [test for _, _, test in FAULTS] == [*OF_ONE_END, *OF_ALL_BITS]

    def test_a_good_reversal(self) -> None:
        keys = consumers(1_000)
        assert [f"{int(key):064b}"[::-1] for key in keys] == [f"{int(key):064b}" for key in randomness.reversed_bits(keys)]

    def test_a_product_is_no_avalanche(self) -> None:
        assert p_avalanche(lambda keys: keys * bad.GOLDEN, consumers(FLIPPED)) <= LEVEL

    def test_one_round_is_no_avalanche(self) -> None:
        """Half of the finaliser, as of older and cheaper hashes."""

        def one_round(keys: Keys) -> Keys:
            keys = (keys ^ (keys >> draws.BITS_30)) * draws.MIX_1
            return keys ^ (keys >> draws.BITS_31)

        assert p_avalanche(one_round, consumers(FLIPPED)) <= LEVEL

    @pytest.mark.parametrize("name", NEARLY)
    def test_a_law_that_is_a_little_different_is_seen(self, name: str) -> None:
        assert kolmogorov(probabilities(NEARLY[name], DRAWN)) <= LEVEL

    def test_counts_of_another_mean_are_seen(self) -> None:
        assert p_counts(3.03, counts(3.0, DRAWN)) <= LEVEL

    def test_tails_that_are_cut_are_seen(self) -> None:
        u = probabilities(LAWS["gumbel"], DRAWN)
        assert p_tails(np.clip(u, 2 * RARE, 1 - 2 * RARE)) <= LEVEL

    @pytest.mark.slow
    @pytest.mark.parametrize("test", [*OF_ONE_END, *OF_ALL_BITS], ids=label)
    def test_a_good_generator_is_seldom_rejected(self, test: Test) -> None:
        """Null: at most 5 % and 1 % of 1,000 samples of PCG64, of 16,384 numbers each, have a p below .05 and .01. Binomial."""
        bits = np.random.PCG64(11)
        shapes = [(2**14,), (2**5, 2**9), (2**5, 2**5, 2**4)]
        p = np.array([test(bits.random_raw(2**14).reshape(shapes[k % 3])) for k in range(1_000)])
        for share in SHARES:
            assert stats.binom.sf((p < share).sum() - 1, len(p), share) > LEVEL


class TestAvalanche:
    """Null: when one bit changes, each of 64 bits changes in half of the cases. 16,384 keys or names, slow 1,048,576."""

    @sizes(FLIPPED, MANY_FLIPPED)
    @pytest.mark.parametrize("of", OF_NAMES)
    def test_of_a_name(self, of: str, size: int) -> None:
        """Names are those that are used: 0, 1, 2, ..."""
        with np.errstate(over="ignore"):
            assert p_avalanche(OF_NAMES[of], numbers(size)) > LEVEL

    @sizes(FLIPPED, MANY_FLIPPED)
    @pytest.mark.parametrize("of", OF_KEYS)
    def test_of_the_key_above(self, of: str, size: int) -> None:
        assert p_avalanche(OF_KEYS[of], consumers(size)) > LEVEL


def probabilities(law: Law, size: int) -> Floats:
    """What would be uniform if the draws followed the law."""
    return law.cdf(law.draw(consumers(size)))


def p_tails(u: Floats) -> float:
    """Null: a share of 2**-10 lies in either tail. Poisson, both tails (Bonferroni)."""
    return min(1.0, 2 * min(p_poisson(int((tail < RARE).sum()), u.size * RARE) for tail in (u, 1 - u)))


def counts(mean: float, size: int) -> NDArray[np.int64]:
    return ours.poisson(ours.draw(consumers(size), draws.SESSION), mean, ours.exp(np.full(size, -mean)))


def p_counts(mean: float, seen: NDArray[np.int64]) -> float:
    """Null: Poisson. Chi-square, the tails together."""
    first = int(stats.poisson.ppf(IN_A_CELL / seen.size, mean))
    last = int(stats.poisson.isf(IN_A_CELL / seen.size, mean))
    chances = stats.poisson.cdf(np.arange(first, last), mean)
    expected = np.diff(chances, prepend=0.0, append=1.0) * seen.size
    found = np.bincount(np.clip(seen, first, last) - first, minlength=len(expected))
    return p_chi_square(float(((found - expected) ** 2 / expected).sum()), len(expected) - 1)


@sizes(DRAWN, MANY_DRAWN)
class TestDistributions:
    """The distributions that are made of draws. 131,072 draws of each, slow 1,048,576."""

    @pytest.mark.parametrize("law", LAWS)
    def test_whole(self, law: str, size: int) -> None:
        """Null: the draws follow the law. Kolmogorov-Smirnov."""
        assert kolmogorov(probabilities(LAWS[law], size)) > LEVEL

    @pytest.mark.parametrize("law", LAWS)
    def test_tails(self, law: str, size: int) -> None:
        assert p_tails(probabilities(LAWS[law], size)) > LEVEL

    @pytest.mark.parametrize("law", LAWS)
    def test_draws_of_neighbours_are_independent(self, law: str, size: int) -> None:
        """Null: pairs of neighbouring consumers' draws are uniform on the square. Chi-square."""
        u = probabilities(LAWS[law], size)
        assert randomness.serial_pairs((u * 2.0**53).astype(np.uint64) << np.uint64(11)) > LEVEL

    @pytest.mark.parametrize("mean", MEANS)
    def test_poisson(self, mean: float, size: int) -> None:
        assert p_counts(mean, counts(mean, size)) > LEVEL
