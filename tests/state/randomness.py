"""Tests of randomness: each takes an array of 64-bit numbers and gives the p of "independent and uniform over 64 bits".

The axes of the array are the parts of an identity (consumer, day, ...); the order of a string is that of C. A p is
two-sided: what is more regular than chance is as bad as what is less. Most tests read the high bits; of
`reversed_bits` they read the low ones. Sources: Knuth, The Art of Computer Programming 2, 3.3.2 (cells, serial, gaps,
runs, collisions, correlation); Marsaglia & Tsang 2002 and L'Ecuyer & Simard 2001 (birthday spacings).
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Keys = NDArray[np.uint64]
Test = Callable[[Keys], float]

LAGS = (1, 2, 3, 4, 5, 7, 8, 16, 30, 64, 365, 1_024)
IN_A_CELL = 32  # expected at least, so that chi-square holds far out in its tail
SPACINGS = 4.0  # expected equal spacings in one sample of birthdays
COLLISIONS = 8.0  # expected collisions, nearly, in one sample of balls
AT_A_TIME = 2**16  # numbers whose bits are written out at once


def two_sided(below: float, above: float) -> float:
    """The p of a statistic, given the chances of one as small and of one as great."""
    return min(2.0 * min(below, above), 1.0)  # in this order what is no number stays so


def p_chi_square(statistic: float, freedom: int) -> float:
    return two_sided(stats.chi2.cdf(statistic, freedom), stats.chi2.sf(statistic, freedom))


def p_poisson(count: int, mean: float) -> float:
    return two_sided(stats.poisson.cdf(count, mean), stats.poisson.sf(count - 1, mean))


def p_normal(z: float) -> float:
    return float(2 * stats.norm.sf(abs(z)))


def reversed_bits(keys: Keys) -> Keys:
    """The lowest bit highest."""
    for width, mask in ((1, 0x5555555555555555), (2, 0x3333333333333333), (4, 0x0F0F0F0F0F0F0F0F)):
        shift, low = np.uint64(width), np.uint64(mask)
        keys = ((keys >> shift) & low) | ((keys & low) << shift)
    return keys.byteswap()


def highest(keys: Keys, bits: int) -> NDArray[np.int64]:
    """The highest bits as numbers."""
    return (keys >> np.uint64(64 - bits)).astype(np.int64)


def units(keys: Keys) -> NDArray[np.float64]:
    """The numbers on (0, 1)."""
    return ((keys >> np.uint64(11)).astype(np.float64) + 0.5) * 2.0**-53


def _even(cells: NDArray[np.int64], count: int) -> float:
    """Chi-square: all cells alike."""
    seen = np.bincount(cells, minlength=count)
    expected = len(cells) / count
    return p_chi_square(float(((seen - expected) ** 2).sum() / expected), count - 1)


def _bits_a_part(numbers: int, parts: int) -> int:
    """How many bits of each of so many parts make cells that are full enough."""
    return int(math.log2(numbers / IN_A_CELL)) // parts


def uniform_cells(keys: Keys) -> float:
    """Null: the highest bits are uniform. Chi-square over up to 2**16 cells."""
    bits = min(_bits_a_part(keys.size, 1), 16)
    return _even(highest(keys.ravel(), bits), 2**bits)


def uniform_start(keys: Keys) -> float:
    """Null: the first 1,000 are uniform. Kolmogorov-Smirnov."""
    return kolmogorov(units(keys.ravel()[:1_000]))


def uniform_whole(keys: Keys) -> float:
    """Null: all are uniform. Kolmogorov-Smirnov."""
    return kolmogorov(units(keys.ravel()))


def kolmogorov(u: NDArray[np.float64]) -> float:
    """Null: uniform on (0, 1)."""
    n, u = u.size, np.sort(u)
    steps = np.arange(n) / n
    distance = max(float((u - steps).max()), float((steps + 1 / n - u).max())) * math.sqrt(n)
    distance += 1 / (6 * math.sqrt(n))  # Vrbik 2018: the limit's law to within 1 / n
    return two_sided(stats.kstwobign.cdf(distance), stats.kstwobign.sf(distance))


def _serial(keys: Keys, together: int) -> float:
    bits = _bits_a_part(keys.size // together, together)
    cells = highest(keys.ravel()[: keys.size // together * together], bits).reshape(-1, together)
    return _even(cells @ (1 << bits * np.arange(together)), 2 ** (bits * together))


def serial_pairs(keys: Keys) -> float:
    """Null: disjoint pairs are uniform on the square. Chi-square."""
    return _serial(keys, 2)


def serial_triples(keys: Keys) -> float:
    """Null: disjoint triples are uniform in the cube. Chi-square."""
    return _serial(keys, 3)


def lag_correlations(keys: Keys) -> float:
    """Null: no correlation at any of `LAGS`. Sum of the squared normal deviates of each."""
    u = (units(keys.ravel()) - 0.5) * math.sqrt(12)
    z = [float(u[:-lag] @ u[lag:]) / math.sqrt(u.size - lag) for lag in LAGS]
    return p_chi_square(sum(one**2 for one in z), len(LAGS))


def sums(keys: Keys) -> float:
    """Null: sums of 64 neighbours vary as those of independent ones do. Their squared deviates' mean, normal."""
    u = (units(keys.ravel()[: keys.size // 64 * 64]) - 0.5) * math.sqrt(12)
    squares = u.reshape(-1, 64).sum(axis=1) ** 2 / 64
    return p_normal((float(squares.sum()) - squares.size) / math.sqrt(squares.size * (2 - 1.2 / 64)))


def neighbours(keys: Keys) -> float:
    """Null: neighbours along each axis, and across each two (a day later, a consumer before), are independent.

    Contingency tables of 16 x 16 of disjoint pairs, their chi-squares added.
    """
    cells = highest(keys, 4)
    pairs = []
    for axis in range(cells.ndim):
        a = np.moveaxis(cells, axis, 0)
        pairs.append((a[:-1:2], a[1::2]))
    for axes in itertools.combinations(range(cells.ndim), 2):
        a = np.moveaxis(cells, axes, (0, 1))
        pairs.append((a[:-1:2, 1:], a[1::2, :-1]))
    tables = [np.bincount((one * 16 + other).ravel(), minlength=256).reshape(16, 16) for one, other in pairs]
    return p_chi_square(sum(_dependence(table) for table in tables), len(tables) * 15 * 15)


def _dependence(table: NDArray[np.int64]) -> float:
    expected = table.sum(axis=1, keepdims=True) * table.sum(axis=0, keepdims=True) / table.sum()
    if not expected.all():
        return math.inf
    return float(((table - expected) ** 2 / expected).sum())


def rectangles(keys: Keys) -> float:
    """Null: the four corners of a rectangle of two axes have nothing in common: their XOR is uniform. Chi-square, 256 cells.

    Of an array of one axis: of four neighbours.
    """
    a = keys if keys.ndim > 1 else keys[: keys.size // 2 * 2].reshape(-1, 2)
    statistic, freedom = 0.0, 0
    for axes in itertools.combinations(range(a.ndim), 2):
        b = np.moveaxis(a, axes, (0, 1))
        corners = b[:-1:2, :-1:2] ^ b[1::2, :-1:2] ^ b[:-1:2, 1::2] ^ b[1::2, 1::2]
        seen = np.bincount(highest(corners.ravel(), 8), minlength=256)
        expected = corners.size / 256
        statistic += float(((seen - expected) ** 2).sum() / expected)
        freedom += 255
    return p_chi_square(statistic, freedom)


def runs(keys: Keys) -> float:
    """Null: the highest bit changes half of the time. Runs above and below the middle, normal."""
    high = highest(keys.ravel(), 1)
    changes = int((high[1:] != high[:-1]).sum())
    return p_normal((changes - (high.size - 1) / 2) / math.sqrt((high.size - 1) / 4))


def gaps(keys: Keys) -> float:
    """Null: gaps between numbers below 1/16 are geometric. Chi-square, long gaps together."""
    found = np.flatnonzero(highest(keys.ravel(), 4) == 0)
    between = np.diff(found) - 1
    last = int(math.log(IN_A_CELL / between.size) / math.log(15 / 16))
    chances = np.append((15 / 16) ** np.arange(last) / 16, (15 / 16) ** last)
    seen = np.bincount(np.minimum(between, last), minlength=last + 1)
    expected = chances * between.size
    return p_chi_square(float(((seen - expected) ** 2 / expected).sum()), last)


def birthday_spacings(keys: Keys) -> float:
    """Null: of 64 samples of m = n / 64 birthdays in a year of m**3 / 16 days, equal spacings number Poisson(64 x 4) in all."""
    m = 2 ** int(math.log2(keys.size / 64))
    year = round(3 * math.log2(m) - math.log2(4 * SPACINGS))
    samples = np.sort(highest(keys.ravel()[: keys.size // m * m], year).reshape(-1, m), axis=1)
    spacings = np.sort(np.diff(samples, axis=1), axis=1)
    return p_poisson(int((spacings[:, 1:] == spacings[:, :-1]).sum()), len(samples) * m**3 / 2.0 ** (year + 2))


def collisions(keys: Keys) -> float:
    """Null: of 16 samples of m = n / 16 balls in m**2 / 16 boxes, about 8 each fall where one lies. Poisson, its mean exact."""
    m = 2 ** int(math.log2(keys.size / 16))
    bits = round(2 * math.log2(m) - math.log2(2 * COLLISIONS))
    samples = np.sort(highest(keys.ravel()[: keys.size // m * m], bits).reshape(-1, m), axis=1)
    boxes = 2.0**bits
    expected = m + boxes * math.expm1(m * math.log1p(-1 / boxes))
    return p_poisson(int((samples[:, 1:] == samples[:, :-1]).sum()), len(samples) * expected)


def ones_in_each_bit(keys: Keys) -> float:
    """Null: each of the 64 bits is 1 half of the time. Sum of squared normal deviates."""
    return p_chi_square(_bias(keys.ravel()), 64)


def ones_in_each_number(keys: Keys) -> float:
    """Null: the ones among 64 bits are binomial. Chi-square, the ends together."""
    seen = np.bincount(np.bitwise_count(keys.ravel()), minlength=65)
    expected = stats.binom.pmf(np.arange(65), 64, 0.5) * keys.size
    first = int(np.argmax(np.cumsum(expected) >= IN_A_CELL))
    inner = slice(first + 1, 64 - first)
    seen = np.array([seen[: first + 1].sum(), *seen[inner], seen[64 - first :].sum()])
    expected = np.array([expected[: first + 1].sum(), *expected[inner], expected[64 - first :].sum()])
    return p_chi_square(float(((seen - expected) ** 2 / expected).sum()), len(seen) - 1)


def bits_of_neighbours(keys: Keys) -> float:
    """Null: no bit of a number goes with any bit of the next. 64 x 64 correlations, their squared deviates added."""
    pairs = (keys.size - 1) // 64 * 64
    string, differ = keys.ravel()[: pairs + 1], np.zeros((64, 64), np.int64)
    for first in range(0, pairs, AT_A_TIME):
        bits = _bits(string[first : first + AT_A_TIME + 1])
        of_one, of_next = _planes(bits[:-1]), _planes(bits[1:])
        differ += [np.bitwise_count(plane ^ of_next).sum(axis=1, dtype=np.int64) for plane in of_one]
    return p_chi_square(float(((2 * differ - pairs) ** 2).sum() / pairs), 64 * 64)


def _planes(bits: NDArray[np.uint8]) -> Keys:
    """(64, n / 64): what (n, 64) bits hold, one row for each of the 64, in words."""
    return np.packbits(np.ascontiguousarray(bits.T), axis=1).view(np.uint64)


def _bits(keys: Keys) -> NDArray[np.uint8]:
    """(n, 64): the bits, from the lowest."""
    return np.unpackbits(keys.astype("<u8").view(np.uint8).reshape(-1, 8), axis=1, bitorder="little")


def _bias(keys: Keys) -> float:
    """The sum over 64 bits of the squared normal deviates of how often each is 1."""
    ones = sum(_bits(keys[first : first + AT_A_TIME]).sum(axis=0, dtype=np.int64) for first in range(0, keys.size, AT_A_TIME))
    return float(((2 * ones - keys.size) ** 2).sum() / keys.size)


# Those that look at some bits before others, and those that look at all alike.
OF_ONE_END: tuple[Test, ...] = (
    uniform_cells,
    uniform_start,
    uniform_whole,
    serial_pairs,
    serial_triples,
    lag_correlations,
    sums,
    neighbours,
    rectangles,
    runs,
    gaps,
    birthday_spacings,
    collisions,
)
OF_ALL_BITS: tuple[Test, ...] = (ones_in_each_bit, ones_in_each_number, bits_of_neighbours)


def p_avalanche(function: Callable[[Keys], Keys], keys: Keys) -> float:
    """Null: when any one bit of the key changes, each bit of `function` changes with chance 1/2. 64 x 64 squared deviates.

    A bit is set in those `keys` where it is not, so that no pair counts twice; each bit must be clear in some.
    """
    statistic = 0.0
    for bit in np.uint64(1) << np.arange(64, dtype=np.uint64):
        clear = keys[keys & bit == 0]
        statistic += _bias(function(clear) ^ function(clear | bit))
    return p_chi_square(statistic, 64 * 64)
