"""exp, log and what is built on them, from + - * / and sqrt alone, so that every machine gives the same bits.

System libraries differ in the last bit between processors; these do not. Errors are below 1 unit in the last place for
`exp` and `log` (tested against the system's). exp is by a table (P. T. P. Tang, ACM TOMS 15, 1989), the polynomial of log is
that of FDLIBM's e_log.c; the normal quantile is algorithm AS 241 (Wichura 1988, PPND16).
"""

from __future__ import annotations

from decimal import Decimal, localcontext

import numpy as np
from numpy.typing import NDArray

from sim.state.compiled import inlined

LN2_HIGH = 6.93147180369123816490e-01
LN2_LOW = 1.90821492927058770002e-10
LN2 = 6.93147180559945286227e-01
ONE_OVER_LN2 = 1.44269504088896338700e00
EXP_UNDERFLOW = -708.0  # below it exp is taken as 0: no subnormal numbers
EXP_OVERFLOW = 709.0  # above it exp is held at its largest value
MANTISSA_BITS = 52
MANTISSA = 0x000FFFFFFFFFFFFF
EXPONENT_OF_ONE = 0x3FF0000000000000
EXPONENT_BIAS = 1023
SQRT_2 = 1.4142135623730951
PARTS_BITS = 6
PARTS = 1 << PARTS_BITS
ROUNDS_TO_WHOLE = 1.5 * 2.0**52  # added to a number and taken away again, it leaves the nearest whole one
BITS_OF_ROUNDS = int(np.float64(ROUNDS_TO_WHOLE).view(np.int64))


def _powers() -> NDArray[np.float64]:
    """2**(j / PARTS), each as the sum of two numbers: exact to more digits than one has, by decimal arithmetic."""
    with localcontext(prec=60):
        exact = [Decimal(2) ** (Decimal(j) / PARTS) for j in range(PARTS)]
        return np.array([(float(power), float(power - Decimal(float(power)))) for power in exact])


POWERS = _powers()


@inlined
def power_of_two(k: int) -> float:
    """2**k for -1022 <= k <= 1023."""
    return np.int64((k + EXPONENT_BIAS) << MANTISSA_BITS).view(np.float64)


@inlined
def exp(x: float) -> float:
    """e**x; 0 below -708, held at e**709 above 709.

    x is a whole number of PARTS of ln 2, whose powers of two are tabulated, and a rest so small that five terms are enough.
    """
    if x < EXP_UNDERFLOW:
        return 0.0
    if x > EXP_OVERFLOW:
        x = EXP_OVERFLOW
    shifted = x * (PARTS * ONE_OVER_LN2) + ROUNDS_TO_WHOLE
    whole = shifted - ROUNDS_TO_WHOLE
    k = int(np.float64(shifted).view(np.int64)) - BITS_OF_ROUNDS
    r = (x - whole * (LN2_HIGH / PARTS)) - whole * (LN2_LOW / PARTS)
    rr = r * r
    rest = r + rr * ((0.5 + r * (1.0 / 6.0)) + rr * ((1.0 / 24.0) + r * (1.0 / 120.0)))
    high, low = POWERS[k & (PARTS - 1), 0], POWERS[k & (PARTS - 1), 1]
    return (high + (low + high * rest)) * power_of_two(k >> PARTS_BITS)


@inlined
def log(x: float) -> float:
    """Natural logarithm of a normal number x > 0."""
    bits = np.float64(x).view(np.int64)
    k = (bits >> MANTISSA_BITS) - EXPONENT_BIAS
    m = np.int64((bits & MANTISSA) | EXPONENT_OF_ONE).view(np.float64)
    if m > SQRT_2:
        m = m * 0.5
        k += 1
    f = m - 1.0
    s = f / (2.0 + f)
    z = s * s
    w = z * z
    t1 = w * (3.999999999940941908e-01 + w * (2.222219843214978396e-01 + w * 1.531383769920937332e-01))
    t2 = z * (
        6.666666666666735130e-01
        + w * (2.857142874366239149e-01 + w * (1.818357216161805012e-01 + w * 1.479819860511658591e-01))
    )
    half_square = 0.5 * f * f
    return k * LN2_HIGH - ((half_square - (s * (half_square + t1 + t2) + k * LN2_LOW)) - f)


@inlined
def sigmoid(x: float) -> float:
    """1 / (1 + e**-x)."""
    if x >= 0.0:
        return 1.0 / (1.0 + exp(-x))
    e = exp(x)
    return e / (1.0 + e)


@inlined
def exponential(u: float, mean: float) -> float:
    """The u-quantile of the exponential distribution, 0 <= u < 1."""
    return -mean * log(1.0 - u)


@inlined
def normal_quantile(u: float) -> float:
    """The u-quantile of the standard normal distribution, 0 < u < 1 (AS 241)."""
    q = u - 0.5
    if abs(q) <= 0.425:
        r = 0.180625 - q * q
        a = 2509.0809287301226727 * r + 33430.575583588128105
        a = ((a * r + 67265.770927008700853) * r + 45921.953931549871457) * r + 13731.693765509461125
        a = ((a * r + 1971.5909503065514427) * r + 133.14166789178437745) * r + 3.387132872796366608
        b = 5226.495278852854561 * r + 28729.085735721942674
        b = ((b * r + 39307.89580009271061) * r + 21213.794301586595867) * r + 5394.1960214247511077
        b = ((b * r + 687.1870074920579083) * r + 42.313330701600911252) * r + 1.0
        return q * a / b
    r = np.sqrt(-log(u if q < 0.0 else 1.0 - u))
    if r <= 5.0:
        r -= 1.6
        a = 7.7454501427834140764e-4 * r + 0.0227238449892691845833
        a = ((a * r + 0.24178072517745061177) * r + 1.27045825245236838258) * r + 3.64784832476320460504
        a = ((a * r + 5.7694972214606914055) * r + 4.6303378461565452959) * r + 1.42343711074968357734
        b = 1.05075007164441684324e-9 * r + 5.475938084995344946e-4
        b = ((b * r + 0.0151986665636164571966) * r + 0.14810397642748007459) * r + 0.68976733498510000455
        b = ((b * r + 1.6763848301838038494) * r + 2.05319162663775882187) * r + 1.0
    else:
        r -= 5.0
        a = 2.01033439929228813265e-7 * r + 2.71155556874348757815e-5
        a = ((a * r + 0.0012426609473880784386) * r + 0.026532189526576123093) * r + 0.29656057182850489123
        a = ((a * r + 1.7848265399172913358) * r + 5.4637849111641143699) * r + 6.6579046435011037772
        b = 2.04426310338993978564e-15 * r + 1.4215117583164458887e-7
        b = ((b * r + 1.8463183175100546818e-5) * r + 7.868691311456132591e-4) * r + 0.0148753612908506148525
        b = ((b * r + 0.13692988092273580531) * r + 0.59983220655588793769) * r + 1.0
    return -a / b if q < 0.0 else a / b
