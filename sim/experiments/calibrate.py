"""Calibration: from a purchase log to the parameters, and the past, of a simulated store's customers."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from sim.errors import BadInput, Problem
from sim.experiments.purchase_log import PurchaseLog, parse_day, read_purchase_log
from sim.experiments.repeat_purchase import BgNbd, Fit, GammaGamma, fit_bg_nbd, fit_gamma_gamma

DAYS_PER_WEEK = 7
MINOR_UNITS = 100  # cents to a dollar, fen to a yuan
FEW_REPEATERS = 10


class Holdout(NamedTuple):
    """Repeat transactions of the known customers from the day after the fit's end to `until`."""

    until: date
    actual: int
    predicted: float


@dataclass(frozen=True, eq=False)
class Calibration:
    """What a purchase log says of its customers.

    `gamma_gamma` is in minor units (cents, fen). `customers` has the columns customer (str), x (int), t_x, T (weeks),
    value (mean of the repeat transactions above zero, minor units; 0 for none) and n_value (how many those are), sorted
    by customer. `weeks` covers the whole log: week, date (its first day), days (its length), first, repeats
    (transactions) and amount (of the repeats, minor units); the day after `until` begins a week.
    `holdout` is None where the log ends with `until`. `files` are those written, the overlay first.
    """

    log: Path
    sha256: str
    where: tuple[str, ...]
    until: date
    currency: str
    bg_nbd: Fit[BgNbd]
    gamma_gamma: Fit[GammaGamma]
    holdout: Holdout | None
    customers: pd.DataFrame
    weeks: pd.DataFrame
    warnings: tuple[str, ...]
    files: tuple[Path, ...] = field(default=())

    def to_json(self) -> dict[str, Any]:
        """The result as `--json` prints it; here `v` is in the log's own unit (dollars, yuan)."""
        timing, spend = self.bg_nbd.model, self.gamma_gamma.model
        holdout = self.holdout
        return {
            "bg_nbd": {
                "r": timing.r,
                "alpha": timing.alpha,
                "a": timing.a,
                "b": timing.b,
                "log_likelihood": self.bg_nbd.log_likelihood,
            },
            "gamma_gamma": {"p": spend.p, "q": spend.q, "v": spend.v / MINOR_UNITS},
            "customers": len(self.customers),
            "until": self.until.isoformat(),
            "holdout": holdout
            and {"until": holdout.until.isoformat(), "actual": holdout.actual, "predicted": holdout.predicted},
        }


def calibrate(
    log: str | Path,
    *,
    until: str | date | None = None,
    where: Sequence[str] = (),
    out: str | Path | None = None,
    force: bool = False,
    drop_duplicates: bool = False,
    customer: str | None = None,
    date: str | None = None,
    amount: str | None = None,
    store: str | None = None,
) -> Calibration:
    """Fit BG/NBD and Gamma-Gamma to the purchases of a CSV or CSV.gz log up to and including the day `until`.

    What the log holds after `until` (by default nothing: its last day) is the holdout that the fit is compared with.
    With `out` the overlay and its two tables are written, whole or not at all; `force` lets them replace others.
    The other arguments are those of `read_purchase_log`. Raises BadInput.
    """
    targets = None if out is None else _targets(Path(out), Path(log), force)
    asked = None if until is None else _parse_until(until)
    purchases = read_purchase_log(
        log, where, customer=customer, date=date, amount=amount, store=store, drop_duplicates=drop_duplicates
    )
    transactions = daily_transactions(purchases.purchases)
    end = _check_until(asked, transactions, purchases.path)
    calibration = _fit(purchases, transactions, end, tuple(where))
    return calibration if targets is None else _write(calibration, targets)


# What is fitted


def daily_transactions(purchases: pd.DataFrame) -> pd.DataFrame:
    """Purchases of one customer on one day as one transaction, sorted by customer and date.

    Columns: customer, date, amount (summed), first (whether it is the customer's first transaction).
    """
    transactions = purchases.groupby(["customer", "date"], as_index=False)["amount"].sum()
    return transactions.assign(first=~transactions["customer"].duplicated())


def customer_table(transactions: pd.DataFrame, until: date) -> pd.DataFrame:
    """The history of each customer known by `until`; the columns are those of `Calibration.customers`."""
    end = pd.Timestamp(until)
    seen = transactions[transactions["date"] <= end]
    days = seen.groupby("customer")["date"].agg(["size", "min", "max"])
    valued = seen[~seen["first"] & (seen["amount"] > 0)].groupby("customer")["amount"].agg(["sum", "size"])
    valued = valued.reindex(days.index, fill_value=0)
    return pd.DataFrame(
        {
            "customer": days.index.astype("str"),
            "x": days["size"].to_numpy() - 1,
            "t_x": _weeks_between(days["min"], days["max"]),
            "T": _weeks_between(days["min"], end),
            "value": valued["sum"].to_numpy() / np.maximum(valued["size"].to_numpy(), 1),
            "n_value": valued["size"].to_numpy(),
        }
    )


def week_table(transactions: pd.DataFrame, until: date) -> pd.DataFrame:
    """The weekly history of the whole log; the columns are those of `Calibration.weeks`."""
    first_day, last_day = transactions["date"].min(), transactions["date"].max()
    length = (last_day - first_day).days + 1
    # days by which week 0 would begin before the log does, so that the day after `until` begins a week
    cut = -((pd.Timestamp(until) - first_day).days + 1) % DAYS_PER_WEEK
    week = (((transactions["date"] - first_day).dt.days + cut) // DAYS_PER_WEEK).to_numpy()
    weeks = np.arange((length - 1 + cut) // DAYS_PER_WEEK + 1)
    begins = np.maximum(weeks * DAYS_PER_WEEK - cut, 0)
    ends = np.minimum((weeks + 1) * DAYS_PER_WEEK - cut, length)
    first = transactions["first"].to_numpy()
    amounts = np.zeros(len(weeks), dtype=np.int64)
    np.add.at(amounts, week[~first], transactions["amount"].to_numpy()[~first])
    return pd.DataFrame(
        {
            "week": weeks,
            "date": first_day + pd.to_timedelta(begins, unit="D"),
            "days": ends - begins,
            "first": np.bincount(week[first], minlength=len(weeks)),
            "repeats": np.bincount(week[~first], minlength=len(weeks)),
            "amount": amounts,
        }
    )


def _fit(purchases: PurchaseLog, transactions: pd.DataFrame, until: date, where: tuple[str, ...]) -> Calibration:
    customers = customer_table(transactions, until)
    valued = customers[customers["n_value"] > 0]
    repeaters = int((customers["x"] > 0).sum())
    if repeaters == 0:
        message = f"no customer buys again on a later day up to {until}, and without repeat purchases nothing can be fitted"
        raise BadInput(Problem(message, str(purchases.path)))
    if valued.empty:
        message = f"no repeat purchase up to {until} has an amount above zero, so spend cannot be fitted"
        raise BadInput(Problem(message, str(purchases.path)))

    timing = fit_bg_nbd(customers["x"], customers["t_x"], customers["T"])
    spend = fit_gamma_gamma(valued["n_value"], valued["value"])
    warnings = list(purchases.warnings)
    stores = purchases.purchases["store"].nunique() if "store" in purchases.purchases else 1
    if stores > 1:
        warnings.append(f"{stores:,} stores are fitted as one; --where STORE_COLUMN=NAME keeps one of them")
    newcomers = transactions["customer"].nunique() - len(customers)
    if newcomers:
        warnings.append(f"left out of the fit and its holdout: {newcomers:,} who first bought after {until}")
    if repeaters < FEW_REPEATERS:
        warnings.append(f"only {repeaters} of {len(customers):,} customers bought again: do not rely on the parameters")
    elif len(valued) < FEW_REPEATERS:
        warnings.append(f"only {len(valued)} of {repeaters} repeat customers paid: do not rely on p, q and v")
    warnings += [f"BG/NBD: {doubt}" for doubt in timing.doubts]
    warnings += [f"Gamma-Gamma: {doubt}" for doubt in spend.doubts]
    return Calibration(
        log=purchases.path,
        sha256=purchases.sha256,
        where=where,
        until=until,
        currency=purchases.currency,
        bg_nbd=timing,
        gamma_gamma=spend,
        holdout=_hold_out(transactions, customers, timing.model, until),
        customers=customers,
        weeks=week_table(transactions, until),
        warnings=tuple(warnings),
    )


def _hold_out(transactions: pd.DataFrame, customers: pd.DataFrame, model: BgNbd, until: date) -> Holdout | None:
    end, last = pd.Timestamp(until), transactions["date"].max()
    if last == end:
        return None
    later = transactions[transactions["date"] > end]
    ahead = model.expected_repeats_ahead(customers["x"], customers["t_x"], customers["T"], _weeks_between(end, last))
    return Holdout(last.date(), int(later["customer"].isin(customers["customer"]).sum()), float(ahead.sum()))


def _weeks_between(start: Any, end: Any) -> Any:
    """Weeks from one day to another, each a Series or a Timestamp."""
    days = end - start
    return (days.dt.days.to_numpy() if isinstance(days, pd.Series) else days.days) / DAYS_PER_WEEK


def _parse_until(until: str | date) -> date:
    if isinstance(until, date):
        return date(until.year, until.month, until.day)  # a datetime is a date too, but does not print as one
    try:
        return parse_day(until.strip())
    except ValueError as error:
        raise BadInput(f"--until: {error}") from None


def _check_until(until: date | None, transactions: pd.DataFrame, path: Path) -> date:
    first, last = transactions["date"].min().date(), transactions["date"].max().date()
    if until is None:
        return last
    if until < first:
        raise BadInput(Problem(f"--until {until} is before the log's first day, {first}", str(path)))
    if until > last:
        raise BadInput(
            Problem(f"--until {until} is after the log's last day, {last}: nothing is known of that time", str(path))
        )
    return until


# What is written


class _Targets(NamedTuple):
    overlay: Path
    customers: Path
    weeks: Path


def _targets(out: Path, log: Path, force: bool) -> _Targets:
    """The files to write, refused now rather than after the work."""
    targets = _Targets(out, out.with_name(f"{out.stem}.customers.csv"), out.with_name(f"{out.stem}.weeks.csv"))
    if not out.parent.is_dir():
        raise BadInput(Problem("there is no such folder", str(out.parent)))
    problems = []
    for target in targets:
        if target.is_dir():
            problems.append(Problem("is a folder", str(target)))
        elif log.exists() and target.exists() and target.samefile(log):
            problems.append(Problem("is the log itself", str(target)))
        elif target.exists() and not force:
            problems.append(Problem("exists (--force replaces it)", str(target)))
    if problems:
        raise BadInput(problems)
    return targets


def _write(calibration: Calibration, targets: _Targets) -> Calibration:
    """Write all files beside their places, then move them there, the overlay last: what it names is always there."""
    contents = {
        targets.customers: calibration.customers.to_csv(index=False, lineterminator="\n"),
        targets.weeks: calibration.weeks.to_csv(index=False, lineterminator="\n", date_format="%Y-%m-%d"),
        targets.overlay: overlay_text(calibration, targets.customers.name, targets.weeks.name),
    }
    drafts = {target: target.with_name(f".{target.name}.{os.getpid()}.tmp") for target in contents}
    try:
        for target, text in contents.items():
            drafts[target].write_text(text, encoding="utf-8", newline="\n")
        for target, draft in drafts.items():
            draft.replace(target)
    finally:
        for draft in drafts.values():
            draft.unlink(missing_ok=True)
    return replace(calibration, files=tuple(targets))


def overlay_text(calibration: Calibration, customers: str, weeks: str) -> str:
    """The scenario overlay in YAML; `customers` and `weeks` name the tables beside it."""
    timing, spend, holdout = calibration.bg_nbd, calibration.gamma_gamma, calibration.holdout
    lines = [*(f"# {line}".rstrip() for line in _story(calibration)), ""]
    lines.append(f"start: {calibration.until + timedelta(days=1)}")
    if holdout is not None:
        lines.append(f"days: {(holdout.until - calibration.until).days}  # to the log's last day")
    if calibration.currency:
        lines.append(f"currency: {calibration.currency}")
    lines += ["past:", f"  customers: {_yaml_text(customers)}", f"  weeks: {_yaml_text(weeks)}"]
    lines += ["  bg_nbd:  # the time unit is a week", *_yaml_numbers(timing.model)]
    lines += ["  gamma_gamma:  # v is in minor units (cents, fen)", *_yaml_numbers(spend.model)]
    return "\n".join(lines) + "\n"


def _story(calibration: Calibration) -> list[str]:
    """What made the overlay, from what, and how well the models fit."""
    timing, spend, holdout = calibration.bg_nbd, calibration.gamma_gamma, calibration.holdout
    customers = calibration.customers
    rows = f", rows with {' and '.join(calibration.where)}" if calibration.where else ""
    story = [
        "A store's customers as a purchase log shows them: an overlay, for a scenario to extend.",
        f"Made by sim calibrate from {_one_line(calibration.log.name + rows)}",
        f"sha256 of the log: {calibration.sha256}",
        f"Fitted up to {calibration.until}",
        f"BG/NBD: {len(customers):,} customers, {_quality(timing)}",
        f"Gamma-Gamma: {(customers['n_value'] > 0).sum():,} customers with paid repeats, {_quality(spend)}",
    ]
    if holdout is not None:
        predicted = f"{holdout.predicted:,.1f} predicted"
        story.append(f"Holdout to {holdout.until}: {holdout.actual:,} repeat transactions, {predicted}")
    return story + [f"Warning: {_one_line(warning)}" for warning in calibration.warnings]


def _quality(fit: Fit[BgNbd] | Fit[GammaGamma]) -> str:
    errors = ", ".join(f"{name} {error:.3g}" for name, error in fit.standard_errors.items())
    return f"log-likelihood {fit.log_likelihood:.2f}, standard errors {errors}"


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _yaml_numbers(model: BgNbd | GammaGamma) -> list[str]:
    return [f"    {name}: {yaml_number(value)}" for name, value in asdict(model).items()]


def yaml_number(value: float) -> str:
    """The shortest decimal that reads back as the same number, in a form that YAML 1.1 does not take for text."""
    text = repr(value)
    return text if "." in text else text.replace("e", ".0e")


def _yaml_text(text: str) -> str:
    plain = re.fullmatch(r"[A-Za-z][\w.-]*\.csv", text)
    return text if plain else json.dumps(text)
