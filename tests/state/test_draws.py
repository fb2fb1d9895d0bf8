"""Draws are hashes of what is decided: uniform, independent for neighbours of every kind, and the same for ever.

The statistical tests are one family of fixed draws: at most 1 % for any of them to fail by chance (Bonferroni).
"""

from __future__ import annotations

import itertools

import every_function as ours
import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import stats

from sim.engine.world import root_key
from sim.state import draws
from sim.state.draws import draw_each, name_key, under_each

Keys = NDArray[np.uint64]
Floats = NDArray[np.float64]

MASK = 2**64 - 1
FAMILY = 60  # statistical tests in this file, or more
LEVEL = 0.01 / FAMILY
COUNT = 200_000

# The text of each stream and what it hashes to (BLAKE2b, 8 bytes, little-endian), computed apart from the code.
STREAMS = {
    "consumer": 0xA68987D6589E7099,
    "session": 0xB5A5888DA19FF824,
    "need.gap": 0x4D13749C10E7822C,
    "need.patience": 0x3504EEAC5CE5A546,
    "need.at_start": 0x12E14C84D773E68E,
    "visit.browse": 0x2DB55A2A31DDFBD7,
    "visit.follow": 0xB57726E7FBF17002,
    "visit.join": 0x7D7F2162934CE0BA,
    "visit.cart": 0xF861EDDB42E2A304,
    "visit.buy": 0xDEBBAB884F05FF5A,
    "order": 0xDD79A144C4631E44,
    "order.amount": 0xDECDEDF1C082010E,
    "order.drop_out": 0x26583ECB4189FA8D,
    "order.ship": 0xA9EE3097B42EF4EE,
    "order.pickup": 0x5C27DCE69DC48A21,
    "order.receive": 0x548CB51AA79564E2,
    "task": 0xDE841529DE1613CD,
    "message.read": 0xC85DD461096D2E23,
    "message.read_delay": 0x0D933FC211DD38A6,
    "message.opt_out": 0x6B62B05B17596758,
    "founding.known_stores": 0x77D39ACC032446CF,
    "founding.posterior": 0x493E169DC55A30DA,
    "founding.traits": 0x65A0E0A88F2AF2BC,
    "log.sample": 0x174DC2697F9ECBAD,
}


def mixed(z: int) -> int:
    """The finaliser of splitmix64, in whole numbers."""
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return z ^ (z >> 31)


def one_level_below(key: int, name: int) -> int:
    return mixed(key ^ ((name * 0xD1B54A32D192ED03 + 0x8CB92BA72F3D8DD7) & MASK))


def streams() -> dict[str, int]:
    """The streams of the module, by the name of their constant."""
    return {name: int(value) for name, value in vars(draws).items() if name.isupper() and int(value) in STREAMS.values()}


def consumers(count: int, seed: int = 1, first: int = 0) -> Keys:
    """Keys of consumers as the engine makes them."""
    ids = np.arange(first, first + count, dtype=np.uint64)
    return under_each(under_each(root_key(seed), draws.CONSUMER), ids)


def p_uniform(u: Floats, cells: int = 1_000) -> float:
    return float(stats.chisquare(np.bincount((u * cells).astype(np.int64), minlength=cells)).pvalue)


def p_independent(u: Floats, v: Floats, cells: int = 32) -> float:
    """p of the chi-square test that (u, v) is uniform on the unit square."""
    seen = np.bincount((u * cells).astype(np.int64) * cells + (v * cells).astype(np.int64), minlength=cells**2)
    return float(stats.chisquare(seen).pvalue)


class TestNames:
    def test_streams_are_what_they_always_were(self) -> None:
        """A stream that changes its name changes every result that was ever noted."""
        assert {text: int(name_key(text)) for text in STREAMS} == STREAMS
        assert len(streams()) == len(STREAMS), set(STREAMS.values()) - set(streams().values())

    def test_names_of_people_and_stores(self) -> None:
        assert name_key("a") == 0x2F42665B399EF840
        assert name_key("store") == 0x50D79BC305B24914
        assert name_key("客户 7") == 0x83A5E5671BBC3C53

    def test_finaliser_is_splitmix64(self) -> None:
        """The first numbers of splitmix64 from seed 0, as its reference code prints them."""
        golden = 0x9E3779B97F4A7C15
        first = [0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4, 0x06C45D188009454F]
        with np.errstate(over="ignore"):
            assert [int(draws._mix(np.uint64(golden * k & MASK))) for k in (1, 2, 3)] == first

    def test_nesting(self) -> None:
        random = np.random.default_rng(3)
        keys, names = random.integers(0, 2**64, (2, 1_000), np.uint64)
        below = [one_level_below(int(key), int(name)) for key, name in zip(keys, names)]
        assert ours.under(keys, names).tolist() == below
        assert under_each(keys, names).tolist() == below

    def test_a_draw_is_fixed_for_ever(self) -> None:
        """Consumer 3 of seed 7 and whether it reads, computed apart from the code."""
        assert ours.draw(consumers(1, seed=7, first=3), draws.READ)[0] == 0.8686375779393423


class TestUniform:
    @pytest.mark.parametrize("stream", [draws.SESSION, draws.READ, draws.BUY, np.uint64(0)])
    def test_over_consumers(self, stream: np.uint64) -> None:
        u = ours.draw(consumers(COUNT), stream)
        assert u.min() >= 0
        assert u.max() < 1
        assert p_uniform(u) > LEVEL
        assert stats.kstest(u, "uniform").pvalue > LEVEL

    def test_over_seeds(self) -> None:
        """Neighbouring seeds are as good as any."""
        u = np.array([draw_each(consumers(1, seed), draws.BUY)[0] for seed in range(20_000)])
        assert p_uniform(u, 100) > LEVEL

    def test_over_days_of_one_consumer(self) -> None:
        days = under_each(under_each(root_key(1), draws.SESSION), np.arange(COUNT))
        assert p_uniform(ours.draw(days, consumers(1)[0])) > LEVEL

    def test_every_bit(self) -> None:
        """Null: each of the 53 bits is 1 half of the time. Binomial, level 1 % for all bits together."""
        bits = (ours.draw(consumers(COUNT), draws.READ) * 2**53).astype(np.uint64)
        ones = np.array([((bits >> np.uint64(k)) & np.uint64(1)).sum() for k in range(53)])
        z = (ones - COUNT / 2) / np.sqrt(COUNT / 4)
        assert 53 * 2 * stats.norm.sf(np.abs(z).max()) > LEVEL

    def test_seed_and_day_do_not_add_up(self) -> None:
        """(seed, day) pairs of one sum have nothing in common."""
        keys = [int(under_each(under_each(root_key(seed), draws.SESSION), day)) for seed in range(60) for day in range(60)]
        assert len(set(keys)) == 3_600


class TestIndependent:
    @pytest.mark.parametrize("lag", [1, 2, 64, 8_192])
    def test_neighbouring_consumers(self, lag: int) -> None:
        u = ours.draw(consumers(COUNT + lag), draws.FOLLOW)
        assert p_independent(u[:-lag], u[lag:]) > LEVEL

    @pytest.mark.parametrize("lag", [1, 7])
    def test_neighbouring_days(self, lag: int) -> None:
        days = under_each(under_each(root_key(1), draws.SESSION), np.arange(300 + lag))
        u = np.array([draw_each(days, key) for key in consumers(600)])
        assert p_independent(u[:, :-lag].ravel(), u[:, lag:].ravel()) > LEVEL

    def test_neighbouring_ordinals(self) -> None:
        needs = under_each(consumers(20_000)[:, None], np.arange(11, dtype=np.uint64)[None, :])
        u = draw_each(needs, draws.NEED_GAP)
        assert p_independent(u[:, :-1].ravel(), u[:, 1:].ravel()) > LEVEL

    def test_neighbouring_seeds(self) -> None:
        one, other = (ours.draw(consumers(COUNT, seed), draws.BUY) for seed in (1, 2))
        assert p_independent(one, other) > LEVEL

    @pytest.mark.parametrize(
        ("one", "other"),
        [*itertools.pairwise([draws.SESSION, draws.READ, draws.READ_DELAY, draws.OPT_OUT, draws.BUY, draws.CART])],
    )
    def test_streams(self, one: np.uint64, other: np.uint64) -> None:
        keys = consumers(COUNT)
        assert p_independent(ours.draw(keys, one), ours.draw(keys, other)) > LEVEL

    def test_a_draw_and_those_below_it(self) -> None:
        """A key that is drawn from and has draws below: a session's time and what happens in it."""
        keys = consumers(COUNT)
        assert p_independent((keys >> np.uint64(11)) * 2.0**-53, ours.draw(keys, draws.BROWSE)) > LEVEL

    def test_the_largest_of_some_and_what_is_below_it(self) -> None:
        """A choice among alternatives by the largest key says nothing of the draws below the one that is chosen."""
        alternatives = under_each(consumers(COUNT // 2)[:, None], np.arange(8, dtype=np.uint64)[None, :])
        best = alternatives.max(axis=1)
        assert p_uniform(draw_each(best, draws.FOLLOW)) > LEVEL
        chosen = alternatives.argmax(axis=1)
        assert stats.chisquare(np.bincount(chosen, minlength=8)).pvalue > LEVEL

    def test_sums_of_neighbours(self) -> None:
        """Null: sums of 100 neighbours are normal to the eye of a KS test: a check on clusters that pairs do not show."""
        u = ours.draw(consumers(100 * 20_000), draws.JOIN).reshape(-1, 100)
        assert stats.kstest((u.sum(axis=1) - 50) / np.sqrt(100 / 12), "norm").pvalue > LEVEL


def test_draw_each_is_draw_in_the_middle_of_its_cell() -> None:
    keys = consumers(50_000)
    one, middle = ours.draw(keys, draws.CART), draw_each(keys, draws.CART)
    assert (middle > 0).all()
    assert (np.abs(middle - one) <= 2.0**-53).all()
    small = one < 0.25
    assert (middle[small] == one[small] + 2.0**-54).all()


class TestDistributions:
    @pytest.mark.parametrize("shape", [1.0, 1.5, 6.25, 40.0])
    def test_gamma(self, shape: float) -> None:
        """Null: Gamma(shape, 1). KS, 100,000 draws."""
        x = ours.gamma(consumers(100_000), shape)
        assert stats.kstest(x, "gamma", args=(shape,)).pvalue > LEVEL

    @pytest.mark.parametrize("shape", [0.05, 0.3, 1.0, 2.7])
    def test_gamma_log(self, shape: float) -> None:
        """Null: ln of Gamma(shape, 1). KS on the cumulative probabilities; of small values, by their own law u^shape."""
        x = ours.gamma_log(consumers(100_000), shape)
        assert stats.kstest(x, stats.loggamma(shape).cdf).pvalue > LEVEL

    def test_gamma_draws_of_neighbours_are_independent(self) -> None:
        u = stats.gamma.cdf(ours.gamma(consumers(100_001), 6.25), 6.25)
        assert p_independent(u[:-1], u[1:], 16) > LEVEL

    @pytest.mark.parametrize("mean", [0.0, 0.01, 0.5, 3.0, 30.0, 300.0])
    def test_poisson_quantiles(self, mean: float) -> None:
        """Those of SciPy, but where u falls on a step to within rounding."""
        u = np.random.default_rng(9).uniform(0, 1, 50_000)
        n = ours.poisson(u, mean, ours.exp(np.full_like(u, -mean)))
        expected = stats.poisson.ppf(u, mean) if mean else np.zeros_like(u)
        apart = n != expected
        assert (np.abs(u - stats.poisson.cdf(np.minimum(n, expected), mean))[apart] < 1e-12).all()
        assert (np.abs(n - expected) <= 1).all()

    @pytest.mark.parametrize("mean", [0.5, 3.0])
    def test_poisson_counts(self, mean: float) -> None:
        """Null: Poisson. Chi-square, 200,000 draws, cells pooled to at least 5 expected."""
        u = ours.draw(consumers(COUNT), draws.SESSION)
        n = ours.poisson(u, mean, ours.exp(np.full_like(u, -mean)))
        last = int(stats.poisson.isf(10 / COUNT, mean))
        expected = stats.poisson.pmf(np.arange(last + 1), mean)
        expected[-1] = stats.poisson.sf(last - 1, mean)
        assert expected.min() * COUNT >= 5
        seen = np.bincount(np.minimum(n, last), minlength=last + 1)
        assert stats.chisquare(seen, expected / expected.sum() * COUNT).pvalue > LEVEL
