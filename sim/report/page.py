"""What every section of the report asks of the material: figures in their unit, each with the place where it stands."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from markupsafe import Markup

from sim.experiments import units
from sim.report import words
from sim.report.drawing import COLOURS
from sim.report.folder import Material
from sim.report.words import Words, phrase, shown

DASH = Markup("–")


class Place(NamedTuple):
    """A value and where it stands in the folder."""

    value: float | None
    source: str


class Page:
    """The material with what all sections ask of it: figures with their places, in the right unit."""

    def __init__(self, material: Material) -> None:
        self.material = material
        self.comparison = material.comparison
        self.base = material.base
        self.others = material.arms[1:]
        a_run = material.a_run
        self.currency = str(a_run.scenario.get("currency") or "CNY")
        self.metrics = (
            list(self.comparison["metrics"])
            if self.comparison is not None
            else units.in_order([name for name, value in a_run.totals.items() if isinstance(value, int | float)])
        )
        self.purchases = "repeat_orders" if "repeat_orders" in self.metrics else "orders"
        self.replications = int(self.comparison["replications"]) if self.comparison is not None else 1
        self.assumed: Mapping[str, Any] | None = (self.comparison or {}).get("assumptions")

    @property
    def draws(self) -> Words:
        """How many draws of the assumed figures there are, and on whom they were run if not on all."""
        assert self.assumed is not None
        consumers, whole = self.assumed.get("consumers"), self.assumed.get("of_consumers")
        if consumers == whole or not consumers or not whole:
            return phrase("draws", draws=self.assumed["draws"])
        return phrase("draws_on", draws=self.assumed["draws"], consumers=f"{consumers:,}", whole=f"{whole:,}")

    def idle(self, metric: str) -> bool:
        """Zero in every run."""
        if self.comparison is None:
            return not self.material.a_run.totals.get(metric)
        return not any(value for row in self.comparison["values"][metric].values() for value in row)

    def colour(self, arm: str) -> str:
        return COLOURS[self.material.arms.index(arm) % len(COLOURS)]

    def name(self, arm: str) -> Markup:
        return Markup('<b class="arm" style="--c:{}">{}</b>').format(self.colour(arm), arm)

    def estimate(self, metric: str, arm: str, key: str) -> Place:
        """A figure of the comparison; of a single run only the mean is known, and it is the run's total."""
        if self.comparison is None:
            value = self.material.a_run.totals.get(metric) if key == "mean" else None
            return Place(value, f"summary.json: totals.{metric}")
        value = self.comparison["metrics"].get(metric, {}).get(arm, {}).get(key)
        return Place(value, f"comparison.json: metrics.{metric}.{arm}.{key}")

    def tables(self, arm: str, name: str) -> str:
        """Where a table of the arm's runs stands."""
        return name if self.comparison is None else f"{arm}/r*/{name}"

    def kind(self, metric: str, arm: str) -> str:
        assert self.comparison is not None
        return str(self.comparison["verdicts"][metric][arm]["kind"])

    def verdict(self, metric: str, arm: str) -> Words:
        assert self.comparison is not None
        verdict = self.comparison["verdicts"][metric][arm]
        return Words(typeset(verdict["en"]), typeset(verdict["zh"]))

    def label(self, metric: str) -> Words:
        """With the currency where it is money."""
        plain = words.metric(metric)
        return phrase("metric_in", metric=plain, currency=self.currency) if units.is_money(metric) else plain

    def figure(self, metric: str, place: Place, *, signed: bool = False) -> Markup:
        """Written with the same decimals for all arms."""
        if place.value is None:
            return DASH
        means = [self.estimate(metric, arm, "mean").value for arm in self.material.arms]
        size = max((abs(mean) for mean in means if mean is not None), default=abs(place.value))
        decimals = units.decimals_for(size / units.scale(metric, self.currency))
        if self.comparison is None and not units.is_money(metric):
            decimals = 0
        return traced(units.write(place.value, metric, self.currency, signed=signed, decimals=decimals), place.source)

    def written(self, metric: str, value: float, *, signed: bool = False) -> str:
        """By itself, with the decimals that suit it."""
        decimals = None if units.is_money(metric) or value != round(value) else 0
        return units.write(value, metric, self.currency, signed=signed, decimals=decimals)

    def interval(self, metric: str, arm: str, low: str = "low", high: str = "high") -> Words:
        ends = [self.estimate(metric, arm, end) for end in (low, high)]
        if any(end.value is None for end in ends):
            return Words(DASH, DASH)
        lower, upper = (self.figure(metric, end, signed=True) for end in ends)
        return phrase("to", low=lower, high=upper)

    def assumption_range(self, metric: str, arm: str) -> Markup | None:
        """Named as what it is; None where it was not computed."""
        if self.estimate(metric, arm, "assumption_low").value is None:
            return None
        ends = self.interval(metric, arm, "assumption_low", "assumption_high")
        return shown(phrase("assumption_range", range=ends))

    def relative(self, metric: str, arm: str) -> Markup:
        place = self.estimate(metric, arm, "relative")
        return DASH if place.value is None else traced(percent(place.value), place.source)


def traced(text: str, source: str) -> Markup:
    """A number that says where it is from."""
    return Markup('<span class="n" title="{}">{}</span>').format(source, text.replace("-", "−"))


def percent(share: float) -> str:
    text = f"{100 * share:+,.1f}%"
    return text if text.strip("+-0.%") else "0%"


def count(value: float, decimals: int | None = None) -> str:
    places = units.decimals_for(abs(value)) if decimals is None else decimals
    return f"{value:,.{places}f}" if value else "0"


def typeset(sentence: str) -> str:
    """Minus signs for the hyphens before figures, but not for those in names."""
    return re.sub(r"(?<![\w-])-(?=\d)", "−", sentence)
