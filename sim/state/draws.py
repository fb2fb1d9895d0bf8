"""Every random decision is a hash of what the decision *is*: (seed, stream, identity).

Draws are stateless and counter-based. A key is nested, one `under` a level: `under(under(root, STREAM), consumer)`, never
added up, so that no two levels cancel. The finaliser is that of splitmix64 (Steele, Lea & Flood 2014).
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import blake2b
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.state.arithmetic import log, normal_quantile
from sim.state.compiled import inlined

NAME_SCALE = np.uint64(0xD1B54A32D192ED03)
NAME_SHIFT = np.uint64(0x8CB92BA72F3D8DD7)
MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
MIX_2 = np.uint64(0x94D049BB133111EB)
BITS_30, BITS_27, BITS_31, BITS_11 = np.uint64(30), np.uint64(27), np.uint64(31), np.uint64(11)
TO_UNIT = 1.0 / 9007199254740992.0  # 2**-53

Keys = NDArray[np.uint64]


def name_key(name: str) -> np.uint64:
    """The 64-bit name of a stream, a store, a task or a customer: a hash of its text, the same everywhere."""
    return np.uint64(name_keys([name])[0])


def name_keys(names: Iterable[str]) -> Keys:
    """`name_key` of each of the names."""
    digests = b"".join([blake2b(name.encode(), digest_size=8).digest() for name in names])
    return np.frombuffer(digests, "<u8").astype(np.uint64)


def number_key(number: int) -> np.uint64:
    """A whole number as the name of a level. The days of a past are negative: they wrap, as they would in the kernel."""
    return np.uint64(number % 2**64)


# The streams: one name for each kind of decision.
CONSUMER = name_key("consumer")
SESSION = name_key("session")
NEED_GAP = name_key("need.gap")
NEED_PATIENCE = name_key("need.patience")
NEED_AT_START = name_key("need.at_start")
SHOP = name_key("session.shop")
CHOICE = name_key("choice")
WAIT = name_key("choice.wait")
TASTE = name_key("founding.taste")
AWARE = name_key("founding.aware")
DISCOVER = name_key("session.discover")
EXPERIENCE = name_key("order.experience")
FOLLOW_AT_ORDER = name_key("order.follow")
JOIN_AT_ORDER = name_key("order.join")
BROWSE = name_key("visit.browse")
FOLLOW = name_key("visit.follow")
FOLLOW_AT_CART = name_key("cart.follow")
KEEP_FANS = name_key("follow.keep")
JOIN = name_key("visit.join")
INVITATION = name_key("invitation")
CART = name_key("visit.cart")
BUY = name_key("visit.buy")
LIVE = name_key("live")
FOLLOW_AT_LIVE = name_key("live.follow")
JOIN_AT_LIVE = name_key("live.join")
FAVOURITE = name_key("visit.favourite")
ORDER = name_key("order")
AMOUNT = name_key("order.amount")
UNITS = name_key("order.units")
DROP_OUT = name_key("order.drop_out")
PULLED_FORWARD = name_key("order.pulled_forward")
SHIP = name_key("order.ship")
PICKUP = name_key("order.pickup")
RECEIVE = name_key("order.receive")
TASK = name_key("task")
READ = name_key("message.read")
READ_DELAY = name_key("message.read_delay")
OPT_OUT = name_key("message.opt_out")
OPT_OUT_OF_ALL = name_key("message.opt_out_of_all")
KNOWN_STORES = name_key("founding.known_stores")
POSTERIOR = name_key("founding.posterior")
TRAITS = name_key("founding.traits")
LOG_SAMPLE = name_key("log.sample")
GATE = name_key("gate")
TIE = name_key("tie")
INQUIRY = name_key("visit.inquiry")
SERVICE = name_key("visit.service")
CLAIM = name_key("claim")
CLAIM_DELAY = name_key("claim.delay")
REDEEM = name_key("claim.redeem")
GOODS = name_key("order.goods")
REFUND = name_key("order.refund")
REFUND_DELAY = name_key("order.refund_delay")
FOLLOW_DISCOUNT = name_key("order.follow_discount")
GROUP = name_key("group")
PASSWORD = name_key("group.password")


def _mix(z: Any) -> Any:
    z = (z ^ (z >> BITS_30)) * MIX_1
    z = (z ^ (z >> BITS_27)) * MIX_2
    return z ^ (z >> BITS_31)


mix = inlined(_mix)


@inlined
def under(key: np.uint64, name: np.uint64) -> np.uint64:
    """The key one level below `key`; `name` says what the level is: a stream, an id (uint64)."""
    return mix(key ^ (np.uint64(name) * NAME_SCALE + NAME_SHIFT))


@inlined
def unit(key: np.uint64) -> float:
    """The draw of a key: uniform on [0, 1), 53 bits."""
    return np.float64(key >> BITS_11) * TO_UNIT


@inlined
def draw(key: np.uint64, stream: np.uint64) -> float:
    """A uniform draw on [0, 1) for one decision (`stream`) of what `key` identifies."""
    return unit(under(key, stream))


def under_each(key: Any, names: Any) -> Keys:
    """`under` for arrays on the host: keys one level below `key` (scalar or array) for each of `names` (uint64)."""
    with np.errstate(over="ignore"):
        return _mix(key ^ (np.asarray(names, np.uint64) * NAME_SCALE + NAME_SHIFT))


def draw_each(keys: Keys, stream: np.uint64) -> NDArray[np.float64]:
    """`draw` for an array of keys, moved to the middle of its cell: on (0, 1), so that every quantile is finite."""
    middle = (under_each(keys, stream) >> BITS_11).astype(np.float64) * TO_UNIT + TO_UNIT / 2
    return np.minimum(middle, 1.0 - TO_UNIT)


@inlined
def gamma(key: np.uint64, shape: float) -> float:
    """A Gamma(shape, 1) draw, shape >= 1 (Marsaglia & Tsang 2000), its trials keyed one by one."""
    d = shape - 1.0 / 3.0
    c = 1.0 / np.sqrt(9.0 * d)
    trial = np.uint64(0)
    while True:
        k = under(key, trial)
        x = normal_quantile(unit(under(k, np.uint64(0))) + TO_UNIT / 2)
        v = 1.0 + c * x
        if v > 0.0:
            v = v * v * v
            u = unit(under(k, np.uint64(1))) + TO_UNIT / 2
            if log(u) < 0.5 * x * x + d - d * v + d * log(v):
                return d * v
        trial += np.uint64(1)


@inlined
def poisson(u: float, mean: float, none: float) -> int:
    """The u-quantile of the Poisson distribution, given P(0) = exp(-mean): for means up to some hundreds."""
    if u < none:
        return 0
    n = 1
    p = none * mean
    total = none + p
    while u >= total and p > 0.0:
        n += 1
        p *= mean / n
        total += p
    return n
