"""What careless generators would make: each has a known fault, which a test that is any good sees.

As the functions of `decisions`: about `size` numbers (uint64), with an axis for each part of the identity.
"""

from __future__ import annotations

import numpy as np
from decisions import numbers

from sim.state import draws
from sim.state.draws import Keys

GOLDEN = np.uint64(0x9E3779B97F4A7C15)


def mixed(keys: Keys) -> Keys:
    """A good hash of one number."""
    with np.errstate(over="ignore"):
        return np.asarray(draws._mix(keys * GOLDEN))


def unmixed(size: int) -> Keys:
    """Names multiplied and never mixed: evenly spread (Weyl), far more so than chance."""
    return numbers(size) * GOLDEN


def squeezed(size: int) -> Keys:
    """A good hash of names of which 17 bits are kept."""
    return mixed(mixed(numbers(size)) & np.uint64(2**17 - 1))


def added(size: int) -> Keys:
    """(seeds, days): seed and day added before they are mixed."""
    width = 2 ** (size.bit_length() // 2)
    return mixed(numbers(size // width)[:, None] + numbers(width))


def mixed_apart(size: int) -> Keys:
    """(consumers, days): both mixed, then joined by XOR, which cancels in differences."""
    width = 2 ** (size.bit_length() // 2)
    return mixed(numbers(size // width))[:, None] ^ mixed(numbers(width) + np.uint64(2**32))


def leaning(size: int) -> Keys:
    """Each bit is 1 in 17 of 32 cases."""
    one, *others = (mixed(numbers(size) + np.uint64(k << 32)) for k in range(5))
    return one | np.bitwise_and.reduce(others)


def doubled(size: int) -> Keys:
    """The second half of each number says what the first says."""
    return mixed(numbers(size)) & np.uint64(2**32 - 1) | mixed(numbers(size)) << np.uint64(32)


def randu(size: int) -> Keys:
    """RANDU: 65539 times the last, modulo 2**31; its triples lie in 15 planes."""
    state, found = 1, []
    for _ in range(size):
        state = state * 65539 % 2**31
        found.append(state << 33)
    return np.array(found, np.uint64)


def congruent(size: int) -> Keys:
    """A multiplicative congruential generator modulo 2**64 (Knuth's MMIX): its low bits go in short circles."""
    state, found = 1, []
    for _ in range(size):
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        found.append(state)
    return np.array(found, np.uint64)
