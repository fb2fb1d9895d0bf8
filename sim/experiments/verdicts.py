"""An estimate in one honest sentence, in English and Chinese."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Literal, NamedTuple

from sim.experiments.statistics import Estimate

Kind = Literal["base", "missing", "single", "equal", "constant", "higher", "lower", "unclear"]


class Verdict(NamedTuple):
    """`kind` for programs, the sentences for people."""

    kind: Kind
    en: str
    zh: str


def verdict(estimate: Estimate, is_base: bool = False, show: Callable[[float], str] | None = None) -> Verdict:
    """What may be said of one metric of one arm. `show` writes a difference that has no relative size."""
    if is_base:
        return Verdict("base", "the base of the comparison", "比较的基准")
    difference, low, high = estimate["difference"], estimate["low"], estimate["high"]
    if difference is None:
        return Verdict(
            "missing",
            "nothing can be said: no replication finished in both this arm and the base",
            "无法判断：没有一次重复在本方案与基准中都完成",
        )
    write = _writer(estimate, show)
    if low is None or high is None:
        return Verdict(
            "single",
            f"{write(difference)} in the one replication: one replication cannot say how large the simulation error is",
            f"仅有的一次重复中为 {write(difference)}：一次重复无法给出模拟误差",
        )
    if low == high == 0:
        return Verdict(
            "equal",
            "exactly equal in every replication: the change never acted on it",
            "每次重复都完全相等：改动从未对它起作用",
        )
    if low == high:
        return Verdict(
            "constant",
            f"exactly {write(difference)} in every replication",
            f"每次重复都恰为 {write(difference)}",
        )
    en, zh = f"between {write(low)} and {write(high)}", f"{write(low)} 至 {write(high)}"
    if low > 0:
        return Verdict(
            "higher",
            f"higher: {write(difference)} ({en}), simulation error only",
            f"更高：{write(difference)}（{zh}），仅含模拟误差",
        )
    if high < 0:
        return Verdict(
            "lower",
            f"lower: {write(difference)} ({en}), simulation error only",
            f"更低：{write(difference)}（{zh}），仅含模拟误差",
        )
    needed, share = estimate["replications_for_1_percent"], _half_width_share(estimate)
    if share is not None and share <= 0.01:
        return Verdict(
            "unclear",
            f"no difference could be seen: if there is one, it lies {en}, simulation error only",
            f"看不出差异：若有，则在 {zh} 之间，仅含模拟误差",
        )
    return Verdict(
        "unclear",
        f"no difference could be seen at this precision ({en}, simulation error only)"
        + (f"; about {needed:,} replications would show 1%" if needed else ""),
        f"在此精度下看不出差异（{zh}，仅含模拟误差）" + (f"；约需 {needed:,} 次重复才能看清 1%" if needed else ""),
    )


def _half_width_share(estimate: Estimate) -> float | None:
    mean, difference, low, high = estimate["mean"], estimate["difference"], estimate["low"], estimate["high"]
    if mean is None or difference is None or low is None or high is None or mean == difference:
        return None
    return (high - low) / 2 / abs(mean - difference)


def _writer(estimate: Estimate, show: Callable[[float], str] | None) -> Callable[[float], str]:
    """Differences as a share of the base where it has one, with as many decimals as the interval deserves."""
    relative, difference, mean = estimate["relative"], estimate["difference"], estimate["mean"]
    if relative is None or difference is None or mean is None or mean == difference:
        return show or (lambda value: f"{value:+,.6g}")
    size, share = abs(mean - difference), _half_width_share(estimate)
    decimals = 1 if not share else min(max(1 - math.floor(math.log10(100 * share)), 0), 6)
    return lambda value: f"{_signed(100 * value / size, decimals)}%"


def _signed(value: float, decimals: int) -> str:
    """With its sign, except that what rounds to zero has none."""
    text = f"{value:+,.{decimals}f}"
    return text[1:] if float(text.replace(",", "")) == 0 else text
