"""How figures of a metric are written: counts as they are, money in the currency's major unit."""

from __future__ import annotations

from collections.abc import Callable, Iterable

MONEY = frozenset({
    "gmv", "gmv_fan", "gmv_member", "gmv_old", "gmv_relation", "discount", "discount_platform", "commission", "profit",
    "refunds",
})  # fmt: skip
HEADLINES = ("repeat_orders", "orders", "gmv", "profit", "messages_sent", "messages_read", "opt_outs")
NO_MINOR_UNIT = frozenset({"JPY", "KRW", "VND", "CLP", "ISK"})


def is_money(metric: str) -> bool:
    return metric in MONEY or metric.endswith("_cost")


def in_order(metrics: list[str]) -> list[str]:
    """What people ask for first comes first, the rest in its given order."""
    return [name for name in HEADLINES if name in metrics] + [name for name in metrics if name not in HEADLINES]


def scale(metric: str, currency: str) -> int:
    """How many of the unit in which the metric is kept make one of the unit in which it is shown."""
    return 100 if is_money(metric) and currency not in NO_MINOR_UNIT else 1


def decimals_for(size: float) -> int:
    """About four significant digits, and never more than cents."""
    return 0 if size >= 10_000 else 1 if size >= 100 else 2


def write(value: float, metric: str, currency: str, *, signed: bool = False, decimals: int | None = None) -> str:
    """A figure of this metric, without the currency's name; no sign on what rounds to zero."""
    if value == 0:
        return "0"
    shown = value / scale(metric, currency)
    text = f"{shown:{'+' if signed else ''},.{decimals_for(abs(shown)) if decimals is None else decimals}f}"
    return text if text.strip("+-0.,") else text.lstrip("+-")


def writer(metric: str, currency: str, values: Iterable[float | None]) -> Callable[[float], str]:
    """Writes signed figures with their unit for one sentence, all with the decimals that suit these values."""
    known = [value / scale(metric, currency) for value in values if value is not None]
    whole = not is_money(metric) and all(value == round(value) for value in known)
    places = 0 if whole else decimals_for(max(map(abs, known), default=0.0))
    unit = f"{currency} " if is_money(metric) else ""
    return lambda value: unit + write(value, metric, currency, signed=True, decimals=places)


def label(metric: str, currency: str) -> str:
    """The name of a metric on a terminal."""
    plain = metric.replace("_", " ")
    return f"{plain}, {currency}" if is_money(metric) else plain
