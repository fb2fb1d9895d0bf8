"""Draws are hashes of what is decided, and the same for ever. How good they are: `test_draw_quality`."""

from __future__ import annotations

import decisions
import every_function as ours
import numpy as np
import pytest
from decisions import consumers
from scipy import stats

from sim.state import draws
from sim.state.draws import draw_each, name_key, under_each

MASK = 2**64 - 1

# The text of each stream and what it hashes to (BLAKE2b, 8 bytes, little-endian), computed apart from the code.
STREAMS = {
    "consumer": 0xA68987D6589E7099,
    "session": 0xB5A5888DA19FF824,
    "need.gap": 0x4D13749C10E7822C,
    "need.patience": 0x3504EEAC5CE5A546,
    "need.at_start": 0x12E14C84D773E68E,
    "session.shop": 0x71A86ADC4104AA3F,
    "choice": 0xB458CB28ED0351C3,
    "choice.wait": 0x8A25DDC28AF9A155,
    "founding.taste": 0xC47997615955D2FC,
    "founding.aware": 0x5E743B173CF54299,
    "session.discover": 0x588156ECA78BAE6A,
    "order.experience": 0xED41556BC1E62919,
    "order.follow": 0x3A2EB2E2DB539A6E,
    "order.join": 0x4B5BAD8C15FBCA32,
    "visit.browse": 0x2DB55A2A31DDFBD7,
    "visit.follow": 0xB57726E7FBF17002,
    "cart.follow": 0x5623441E04753480,
    "follow.keep": 0x2C32EC07CCA84A55,
    "visit.join": 0x7D7F2162934CE0BA,
    "invitation": 0x2951CCE0ED912CCC,
    "visit.cart": 0xF861EDDB42E2A304,
    "visit.buy": 0xDEBBAB884F05FF5A,
    "live": 0x20D2D1BD76A24187,
    "live.follow": 0x948AFFCA0254EFFF,
    "live.join": 0xC4C6BD7E9F1B84BD,
    "visit.favourite": 0x66DE29D4552765D2,
    "order": 0xDD79A144C4631E44,
    "order.amount": 0xDECDEDF1C082010E,
    "order.units": 0xC2E37A1B4D0B9CA0,
    "order.drop_out": 0x26583ECB4189FA8D,
    "order.pulled_forward": 0x125E5EB039C8CF03,
    "order.ship": 0xA9EE3097B42EF4EE,
    "order.pickup": 0x5C27DCE69DC48A21,
    "order.receive": 0x548CB51AA79564E2,
    "task": 0xDE841529DE1613CD,
    "message.read": 0xC85DD461096D2E23,
    "message.read_delay": 0x0D933FC211DD38A6,
    "message.opt_out": 0x6B62B05B17596758,
    "message.opt_out_of_all": 0x2620B4DC57A105F7,
    "founding.known_stores": 0x77D39ACC032446CF,
    "founding.posterior": 0x493E169DC55A30DA,
    "founding.traits": 0x65A0E0A88F2AF2BC,
    "log.sample": 0x174DC2697F9ECBAD,
    "gate": 0xC0D073DFC6EC3AC2,
    "tie": 0x1F000698BE2B632C,
    "visit.inquiry": 0xE9BDEC1299EFED3F,
    "visit.service": 0xCE2D051C26055466,
    "claim": 0x67BE331B3E80419F,
    "claim.delay": 0x0248A6C051F6834F,
    "claim.redeem": 0x760D1256B805A7F0,
    "order.goods": 0xDA4E70006CB58393,
    "order.refund": 0x8BD8BB0BE5E565E7,
    "order.refund_delay": 0x3C794D8F09DEB5D3,
    "order.follow_discount": 0xB7BA4BA464C7F49E,
    "group": 0x048DE98FE28D08DA,
    "group.password": 0x7FD6EFCA0E62C9BF,
}


def mixed(z: int) -> int:
    """The finaliser of splitmix64, in whole numbers."""
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return z ^ (z >> 31)


def one_level_below(key: int, name: int) -> int:
    return mixed(key ^ ((name * 0xD1B54A32D192ED03 + 0x8CB92BA72F3D8DD7) & MASK))


class TestNames:
    def test_streams_are_what_they_always_were(self) -> None:
        """A stream that changes its name changes every result that was ever noted."""
        assert {text: int(name_key(text)) for text in STREAMS} == STREAMS
        assert sorted(map(int, decisions.STREAMS.values())) == sorted(STREAMS.values())

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
        assert ours.draw(consumers(4, seed=7)[3:], draws.READ)[0] == 0.8686375779393423


def test_draw_each_is_draw_in_the_middle_of_its_cell() -> None:
    keys = consumers(50_000)
    one, middle = ours.draw(keys, draws.CART), draw_each(keys, draws.CART)
    assert (middle > 0).all()
    assert (np.abs(middle - one) <= 2.0**-53).all()
    small = one < 0.25
    assert (middle[small] == one[small] + 2.0**-54).all()


@pytest.mark.parametrize("mean", [0.0, 0.01, 0.5, 3.0, 30.0, 300.0])
def test_poisson_quantiles(mean: float) -> None:
    """Those of SciPy, but where u falls on a step to within rounding."""
    u = np.random.default_rng(9).uniform(0, 1, 50_000)
    n = ours.poisson(u, mean, ours.exp(np.full_like(u, -mean)))
    expected = stats.poisson.ppf(u, mean) if mean else np.zeros_like(u)
    apart = n != expected
    assert (np.abs(u - stats.poisson.cdf(np.minimum(n, expected), mean))[apart] < 1e-12).all()
    assert (np.abs(n - expected) <= 1).all()
