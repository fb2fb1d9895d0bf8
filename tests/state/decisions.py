"""The keys of what the simulator decides, made as it makes them.

Each function gives `size` keys (uint64) or a few less, with an axis for each part of the identity; `size` is a power of
two, at least 2**14.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable

import numpy as np

from sim.engine.world import root_key
from sim.state import draws
from sim.state.draws import Keys, name_key, number_key, under_each

Decisions = Callable[[int], Keys]

CONSTANTS = {"NAME_SCALE", "NAME_SHIFT", "MIX_1", "MIX_2", "BITS_30", "BITS_27", "BITS_31", "BITS_11"}  # of the hash
STREAMS = {name: key for name, key in vars(draws).items() if isinstance(key, np.uint64) and name not in CONSTANTS}
ROOT = root_key(1)


def numbers(count: int) -> Keys:
    """0, 1, 2, ..."""
    return np.arange(count, dtype=np.uint64)


def names(kind: str, count: int) -> Keys:
    """The names of merchants, messages or customers as people number them: `store 0`, `store 1`, ..."""
    return np.array([name_key(f"{kind} {k}") for k in range(count)])


def below(keys: Keys, level: Keys) -> Keys:
    """An axis more: each key with each name of a level below it."""
    return under_each(keys[..., None], level)


def consumers(count: int, seed: int = 1) -> Keys:
    """(count,) keys of consumers of a generated population."""
    return under_each(under_each(root_key(seed), draws.CONSUMER), numbers(count))


def days(first: int, count: int) -> Keys:
    """(count,) keys of the sessions of consecutive days; those of the past are negative."""
    return under_each(under_each(ROOT, draws.SESSION), np.array([number_key(day) for day in range(first, first + count)]))


# ---- what is decided


def of_consumers(size: int) -> Keys:
    """Whether each consumer buys."""
    return under_each(consumers(size), draws.BUY)


def of_named_customers(size: int) -> Keys:
    """A trait of each customer of a table."""
    return under_each(under_each(under_each(ROOT, draws.CONSUMER), names("customer", size)), draws.TRAITS)


def of_days(size: int) -> Keys:
    """How many sessions one consumer has on each day, half of the days before the start."""
    return under_each(days(-size // 2, size), consumers(8)[7])


def of_past_days(size: int) -> Keys:
    """(days, consumers): the number of sessions on days that are all negative."""
    return below(days(-(2**7), 2**7), consumers(size // 2**7))


def of_sessions(size: int) -> Keys:
    """(days, consumers, sessions): the time of the j-th session."""
    return below(below(days(-8, 2**6), consumers(size // 2**8)), numbers(2**2))


def of_visits(size: int) -> Keys:
    """(days, consumers, sessions, stores): whether a visit leads to following."""
    visits = below(below(below(days(0, 2**4), consumers(size // 2**9)), numbers(2)), names("store", 2**4))
    return under_each(visits, draws.FOLLOW)


def of_messages(size: int) -> Keys:
    """(tasks, consumers): whether a message is read."""
    tasks = under_each(under_each(ROOT, draws.TASK), names("store/message", 2**6))
    return under_each(below(tasks, consumers(size // 2**6)), draws.READ)


def of_purchases(size: int) -> Keys:
    """(consumers, stores, purchases): the worth of the n-th order."""
    orders = under_each(consumers(size // 2**8), draws.ORDER)
    return under_each(below(below(orders, names("store", 2**4)), numbers(2**4)), draws.AMOUNT)


def of_needs(size: int) -> Keys:
    """(consumers, categories, needs, phases): a part of the time to the n-th need."""
    needs = under_each(consumers(size // 2**8), draws.NEED_GAP)
    return below(below(below(needs, names("category", 2**2)), numbers(2**4)), numbers(2**2))


def of_choices(size: int) -> Keys:
    """(consumers, occasions, stores): the draw of a store's utility."""
    occasions = under_each(below(consumers(size // 2**8), numbers(2**4)), draws.CHOICE)
    return below(occasions, names("store", 2**4))


def of_seeds(size: int) -> Keys:
    """(seeds, consumers): whether each of some consumers buys, in consecutive runs."""
    roots = under_each(name_key("seed"), numbers(size // 2**3))
    return under_each(below(under_each(roots, draws.CONSUMER), numbers(2**3)), draws.BUY)


def of_seeds_and_days(size: int) -> Keys:
    """(seeds, days): the number of sessions of one consumer."""
    each_way = 2 ** (size.bit_length() // 2)
    roots = under_each(name_key("seed"), numbers(size // each_way))
    of_day = below(under_each(roots, draws.SESSION), numbers(each_way))
    return under_each(of_day, under_each(under_each(roots, draws.CONSUMER), np.uint64(0))[:, None])


def of_streams(size: int) -> Keys:
    """(consumers, streams): all that is decided below one key."""
    return below(consumers(size // len(STREAMS)), np.array(list(STREAMS.values())))


def of_sparse_names(size: int) -> Keys:
    """(keys, names): names of three bits or fewer out of 64, so that neighbours differ in few bits."""
    bits = [sum(1 << k for k in chosen) for count in range(4) for chosen in itertools.combinations(range(64), count)]
    return below(consumers(size // 2**13), np.array(bits[: 2**13], np.uint64))


def of_sessions_and_below(size: int) -> Keys:
    """(consumers, 2): the time of a session and whether there is browsing in it, which is drawn below the same key."""
    keys = under_each(under_each(days(0, 1), consumers(size // 2)), np.uint64(0))
    return np.stack([keys, under_each(keys, draws.BROWSE)], axis=-1)


def of_the_chosen(size: int) -> Keys:
    """What is drawn below the greatest of four alternatives."""
    return under_each(below(consumers(size), names("store", 2**2)).max(axis=1), draws.FOLLOW)


DECISIONS: tuple[Decisions, ...] = (
    of_consumers,
    of_named_customers,
    of_days,
    of_past_days,
    of_sessions,
    of_visits,
    of_messages,
    of_purchases,
    of_needs,
    of_choices,
    of_seeds,
    of_seeds_and_days,
    of_streams,
    of_sparse_names,
    of_sessions_and_below,
    of_the_chosen,
)
