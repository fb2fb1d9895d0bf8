"""An estimate in one honest sentence, in English and Chinese: how large, how sure, and whether assumptions decide it."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Literal, NamedTuple

from sim.experiments.flips import Flip
from sim.experiments.statistics import Estimate

Kind = Literal["base", "missing", "single", "equal", "constant", "higher", "lower", "unclear"]
Show = Callable[[float], str]


class Said(NamedTuple):
    """The same in both languages."""

    en: str
    zh: str


class Verdict(NamedTuple):
    """`kind` for programs, the sentences for people."""

    kind: Kind
    en: str
    zh: str


def verdict(estimate: Estimate, is_base: bool = False, show: Show | None = None, flip: Flip | None = None) -> Verdict:
    """What may be said of one metric of one arm. `show` writes a difference that has no relative size.

    The kind is a matter of simulation error; the sentence tells also what assumption draws say, where there are any.
    """
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
    span, sign = _span(flip, write), _sign(flip, write)
    if low is None or high is None:
        return Verdict(
            "single",
            f"{write(difference)} in the one replication: one replication cannot say how large the simulation error is"
            + (f"; under other assumptions {span.en}" if span else ""),
            f"仅有的一次重复中为 {write(difference)}：一次重复无法给出模拟误差" + (f"；其他假设下，{span.zh}" if span else ""),
        )
    if low == high == 0:
        acted = flip is not None and (flip["range_low"] or flip["range_high"])
        return Verdict(
            "equal",
            "exactly equal in every replication: the change never acted on it"
            + (f" at the scenario's own values; under others {span.en}" if span and acted else ""),
            "每次重复都完全相等："
            + (f"在情景自身取值下改动未起作用；其他假设下，{span.zh}" if span and acted else "改动从未对它起作用"),
        )
    if low == high:
        return Verdict(
            "constant",
            f"exactly {write(difference)} in every replication" + (f"; {sign.en}" if sign else ""),
            f"每次重复都恰为 {write(difference)}" + (f"；{sign.zh}" if sign else ""),
        )
    en, zh = f"between {write(low)} and {write(high)}", f"{write(low)} 至 {write(high)}"
    if low > 0 or high < 0:
        kind: Kind = "higher" if low > 0 else "lower"
        said = sign or Said("simulation error only", "仅含模拟误差")
        return Verdict(
            kind,
            f"{kind}: {write(difference)} ({en}){'; ' if sign else ', '}{said.en}",
            f"{'更高' if low > 0 else '更低'}：{write(difference)}（{zh}）{'；' if sign else '，'}{said.zh}",
        )
    needed, share = estimate["replications_for_1_percent"], _half_width_share(estimate)
    only = Said("", "") if span else Said(", simulation error only", "，仅含模拟误差")
    tail = Said(f"; under other assumptions {span.en}", f"；其他假设下，{span.zh}") if span else Said("", "")
    if share is not None and share <= 0.01:
        return Verdict(
            "unclear",
            f"no difference could be seen: if there is one, it lies {en}{only.en}{tail.en}",
            f"看不出差异：若有，则在 {zh} 之间{only.zh}{tail.zh}",
        )
    return Verdict(
        "unclear",
        f"no difference could be seen at this precision ({en}{only.en})"
        + (f"; about {needed:,} replications would show 1%" if needed else "")
        + tail.en,
        f"在此精度下看不出差异（{zh}{only.zh}）" + (f"；约需 {needed:,} 次重复才能看清 1%" if needed else "") + tail.zh,
    )


def which_flip(flip: Flip) -> Said:
    """Whether the draws turn the sign, and which assumption, if any, stands out as leading the difference."""
    n, opposite = flip["draws"], flip["opposite_draws"]
    if n == 0:
        return Said("no draw finished", "没有一组抽样完成")
    named = [(one["path"], f"{one['correlation']:+.2f}", f"{one['p']:.2g}") for one in flip["leading"]]
    led = Said(
        "led by " + ", ".join(f"{path} (rank correlation {r}, p {p})" for path, r, p in named),
        "主导假设：" + "、".join(f"{path}（秩相关 {r}，p {p}）" for path, r, p in named),
    )
    if not named:
        led = Said(
            f"no single assumption stands out at {n} draws (more may tell)", f"{n} 组抽样下没有单个假设突出（增加抽样或可分辨）"
        )
    turned = Said(f"{opposite} of {n} draws the other way", f"{n} 组抽样中有 {opposite} 组方向相反")
    if flip["flips"] and not opposite:  # the headline itself is zero
        turned = Said(f"the {n} draws have both signs", f"{n} 组抽样中正负皆有")
    ends = Said(
        f"smallest in draw {flip['lowest_draw']}, largest in draw {flip['highest_draw']}",
        f"最小在第 {flip['lowest_draw']} 组，最大在第 {flip['highest_draw']} 组",
    )
    return Said(f"{turned.en}; {led.en}; {ends.en}", f"{turned.zh}；{led.zh}；{ends.zh}")


def _span(flip: Flip | None, write: Show) -> Said | None:
    """The assumption range; None where there is none."""
    if flip is None or flip["range_low"] is None or flip["range_high"] is None:
        return None
    low, high, over = write(flip["range_low"]), write(flip["range_high"]), _over(flip)
    return Said(f"{low} to {high} over {over.en}", f"{over.zh}中为 {low} 至 {high}")


def _over(flip: Flip) -> Said:
    """The draws, and on whom they were run if not on all."""
    n, consumers, whole = flip["draws"], flip["consumers"], flip["of_consumers"]
    if consumers is None or whole is None:
        return Said(f"{n} draws", f"{n} 组抽样")
    return Said(
        f"{n} draws on {consumers:,} of {whole:,} consumers, scaled",
        f"{n} 组抽样（{whole:,} 位消费者中的 {consumers:,} 位，已按比例放大）",
    )


def _sign(flip: Flip | None, write: Show) -> Said | None:
    """Whether a sign that replications agree on holds under other assumptions too."""
    span = _span(flip, write)
    if flip is None or span is None:
        return None
    opposite, n, by_chance = flip["opposite_draws"], flip["draws"], flip["opposite_replications"]
    if not opposite:
        if flip["range_low"] and flip["range_high"]:
            return Said(f"robust to the assumptions tried ({span.en})", f"对所试的假设稳健（{span.zh}）")
        return Said(
            f"never the other way under the assumptions tried, but none at all under some ({span.en})",
            f"在所试的假设下从不反向，但在某些假设下毫无差异（{span.zh}）",
        )
    # A draw is one run: what single replications do at the scenario's own values cannot be laid to assumptions.
    of = flip["replications"]
    chance = Said(
        f"; chance alone turns {by_chance} of {of} single replications", f"；仅因偶然，{of} 次单次重复中也有 {by_chance} 次反向"
    )
    return Said(
        f"the sign depends on assumptions: {opposite} of {n} draws the other way ({span.en})"
        + (chance.en if by_chance else ""),
        f"方向取决于假设：{n} 组抽样中有 {opposite} 组方向相反（{span.zh}）" + (chance.zh if by_chance else ""),
    )


def _half_width_share(estimate: Estimate) -> float | None:
    mean, difference, low, high = estimate["mean"], estimate["difference"], estimate["low"], estimate["high"]
    if mean is None or difference is None or low is None or high is None or mean == difference:
        return None
    return (high - low) / 2 / abs(mean - difference)


def _writer(estimate: Estimate, show: Show | None) -> Show:
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
