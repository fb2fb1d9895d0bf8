"""From files to a `Scenario`: read, checked as a whole, its plug-ins and tables found. All mistakes are told at once."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import BaseModel

from sim.errors import BadInput, Problem
from sim.scenario.check import check
from sim.scenario.customers import Customers, read_customers
from sim.scenario.model import GammaGamma, Merchant, Past, ScenarioFile
from sim.scenario.parameters import declared
from sim.scenario.plugins import NoSuchPlugin, policy_class, source_hash, strategy_class
from sim.scenario.source import Source, Tree, survey
from sim.state.policy import Policy, Strategy, day_number


class MerchantOf(NamedTuple):
    """One merchant of a scenario."""

    name: str
    index: int  # position among those declared together
    settings: Merchant
    strategy: Strategy | None


@dataclass(frozen=True)
class Scenario:
    """A scenario that can be run: complete, checked, and never changed."""

    name: str
    settings: ScenarioFile
    merchants: tuple[MerchantOf, ...]
    policies: dict[str, Policy]  # in the order of names
    customers: Customers | None
    customers_file: Path | None
    weeks_file: Path | None
    files: tuple[Source, ...]
    table_hashes: dict[str, str]

    @property
    def seed(self) -> int:
        """The seed of the file."""
        return self.settings.seed

    @property
    def consumers(self) -> int:
        """How many consumers there are."""
        return self.settings.consumers if self.customers is None else len(self.customers)

    @property
    def gamma_gamma(self) -> GammaGamma | None:
        """How amounts of orders are drawn, if they are."""
        past = self.settings.past
        return past.gamma_gamma if isinstance(past, Past) else None

    def policies_in_force(self, day: int) -> list[Policy]:
        """The policies in force on a day, in the order of their names."""
        return [policy for policy in self.policies.values() if policy.in_force(day, self.settings.start)]

    @cached_property
    def resolved(self) -> dict[str, Any]:
        """All settings, defaults included, as plain data."""
        data = self.settings.model_dump(mode="json")
        data["policies"] = {name: _plain(policy) for name, policy in self.policies.items()}
        for name, merchant in self.settings.merchants.items():
            strategy = next(m.strategy for m in self.merchants if m.settings is merchant)
            data["merchants"][name]["strategy"] = None if strategy is None else _plain(strategy)
        if isinstance(data["past"], dict):
            for key, file in (("customers", self.customers_file), ("weeks", self.weeks_file)):
                if file is not None:
                    data["past"][key] = str(file)
        return data

    @cached_property
    def hash(self) -> str:
        """sha256 of everything that the run follows from, but its seed: settings, tables' contents, plug-ins' sources."""
        data = {key: value for key, value in self.resolved.items() if key != "seed"}
        if isinstance(data["past"], dict):
            data["past"] = {key: value for key, value in data["past"].items() if key not in ("customers", "weeks")}
        plugins = {use: digest for use, digest in self.plugin_hashes.items() if not use.startswith("built in ")}
        whole = [data, self.table_hashes.get("customers"), plugins]
        return hashlib.sha256(json.dumps(whole, sort_keys=True).encode()).hexdigest()

    @cached_property
    def plugin_hashes(self) -> dict[str, str]:
        """sha256 of the source of each policy and strategy in use."""
        strategies = [m.strategy for m in self.merchants if m.strategy is not None]
        plugins = {type(plugin) for plugin in (*self.policies.values(), *strategies)}
        return {
            f"{'built in ' * p.__module__.startswith('sim.')}{p.__module__}:{p.__qualname__}": source_hash(p) for p in plugins
        }

    @cached_property
    def assumptions(self) -> list[dict[str, Any]]:
        """Every declared parameter with value, unit, source and, where assumed, low and high."""
        rows = list(declared(self.settings.behaviour, "behaviour"))
        for name, merchant in self.settings.merchants.items():
            rows += declared(merchant, f"merchants.{name}")
        past = self.settings.past
        if isinstance(past, Past):
            rows += _fitted(past)
        return json.loads(json.dumps(rows))


def load(
    path: str | os.PathLike[str],
    *,
    sets: Sequence[str] = (),
    overlays: Sequence[str | os.PathLike[str]] = (),
    **overrides: Any,
) -> Scenario:
    """Read and check a scenario file.

    `overlays` are files laid over it in order, `sets` are changes as on the command line (`"policies.caps.store_days=3"`),
    `overrides` are top keys by name (`seed=3, days=90`). Raises BadInput with all that is wrong and can be known at once.
    """
    return resolve(survey(path, overlays, [*sets, *(f"{key}={_as_yaml(value)}" for key, value in overrides.items())]), path)


def _as_yaml(value: Any) -> str:
    return json.dumps(value) if isinstance(value, (dict, list, str, int, float, bool)) or value is None else str(value)


def resolve(tree: Tree, path: str | os.PathLike[str]) -> Scenario:
    """A checked scenario from what its files say. Raises BadInput."""
    settings, problems = check(tree, ScenarioFile)
    problems = [*tree.problems, *problems]
    data = tree.data if isinstance(tree.data, dict) else {}
    policies = {}
    given = data.get("policies")
    for name in sorted(given) if isinstance(given, dict) else ():
        at = ("policies", name)
        policy = _plugin(tree, at, policy_class, problems, default_use=name)
        if policy is not None:
            policies[name] = policy
            _check_days(tree, at, policy, settings, problems)
    strategies: dict[str, Strategy | None] = {}
    given = data.get("merchants")
    for name, merchant in given.items() if isinstance(given, dict) else ():
        if isinstance(merchant, dict) and merchant.get("strategy") is not None:
            strategies[name] = _plugin(tree, ("merchants", name, "strategy"), strategy_class, problems)
    customers, files, hashes = _tables(tree, settings, problems)
    if settings is not None:
        _check_whole(tree, settings, problems)
    if problems or settings is None:
        raise BadInput(tree.sorted(problems))
    return Scenario(
        name=Path(path).stem,
        settings=settings,
        merchants=tuple(_expanded(settings.merchants, strategies)),
        policies=policies,
        customers=customers,
        customers_file=files.get("customers"),
        weeks_file=files.get("weeks"),
        files=tree.files,
        table_hashes=hashes,
    )


def _plugin(tree: Tree, at: tuple[str, ...], find: Any, problems: list[Problem], default_use: str | None = None) -> Any:
    """The policy or strategy that the map at `at` describes, or None and a problem more."""
    given = _at(tree, at)
    if not isinstance(given, dict):
        problems.append(tree.place(at).problem(f"{'.'.join(at)}: a map with a key 'use' is needed, not {given!r}"))
        return None
    use = given.get("use", default_use)
    if not isinstance(use, str):
        problems.append(tree.place(at).problem(f"{'.'.join(at)}.use: the name of what is to be used is needed"))
        return None
    try:
        found = find(use, tree.base((*at, "use")))
    except NoSuchPlugin as error:
        problems.append(tree.place((*at, "use")).problem(f"{'.'.join(at)}.use: {error}"))
        return None
    plugin, more = check(tree, found, at)
    problems += more
    return plugin


def _at(tree: Tree, path: tuple[str, ...]) -> Any:
    value = tree.data
    for part in path:
        value = value[part]
    return value


def _check_days(
    tree: Tree, at: tuple[str, ...], policy: Policy, settings: ScenarioFile | None, problems: list[Problem]
) -> None:
    """A policy ends after it begins."""
    start = dt.date(2000, 1, 1) if settings is None else settings.start
    if policy.until is not None and day_number(policy.until, start) <= day_number(policy.from_, start):
        words = f"{'.'.join(at)}.until: {policy.until} is not after 'from', {policy.from_} (the first day no longer in force)"
        problems.append(tree.place((*at, "until")).problem(words))


def _check_whole(tree: Tree, settings: ScenarioFile, problems: list[Problem]) -> None:
    """What only the whole can tell."""

    def wrong(path: tuple[str, ...], words: str) -> None:
        problems.append(tree.place(path).problem(f"{'.'.join(path)}: {words}"))

    past, behaviour = settings.past, settings.behaviour
    merchants = sum(merchant.count for merchant in settings.merchants.values())
    if isinstance(past, Past) and merchants != 1:
        wrong(("past",), f"a declared past is that of one store, but there are {merchants} merchants")
    if past == "cold" and behaviour.stores.known is None and merchants > 1:
        wrong(("behaviour", "stores"), f"'known' is needed, with {merchants} merchants: how many stores each consumer knows")
    if behaviour.needs is not None and merchants > 1:
        wrong(("behaviour", "needs"), "needs are met by one store so far; with several merchants, 'needs: null'")
    if (
        behaviour.needs is not None
        and behaviour.needs.buying == "at_visit"
        and isinstance(past, Past)
        and past.bg_nbd is not None
    ):
        for module, name in (("sessions", "per_day"), ("stores", "consider")):
            if getattr(getattr(behaviour, module), name) <= 0:
                wrong(("behaviour", module, name), "above 0 is needed where needs wait for visits: else none is ever met")


def _tables(
    tree: Tree, settings: ScenarioFile | None, problems: list[Problem]
) -> tuple[Customers | None, dict[str, Path], dict[str, str]]:
    """The tables that a declared past names: customers read, and where each is with the hash of its contents."""
    files: dict[str, Path] = {}
    hashes: dict[str, str] = {}
    customers = None
    if settings is None or not isinstance(settings.past, Past):
        return None, files, hashes
    for key in ("customers", "weeks"):
        name = getattr(settings.past, key)
        if name is None:
            continue
        at = ("past", key)
        file = (tree.base(at) / name).absolute()
        try:
            hashes[key] = hashlib.sha256(file.read_bytes()).hexdigest()
            files[key] = file
            if key == "customers":
                customers = read_customers(file)
        except OSError as error:
            problems.append(tree.value_place(at).problem(f"past.{key}: {name} cannot be read: {error.strerror}"))
        except BadInput as error:
            problems += error.problems
    return customers, files, hashes


def _expanded(merchants: Mapping[str, Merchant], strategies: Mapping[str, Strategy | None]) -> list[MerchantOf]:
    """One entry per merchant, in the order of their names."""
    expanded = []
    for name, merchant in merchants.items():
        for index in range(merchant.count):
            full = name if merchant.count == 1 else f"{name}-{index:03d}"
            expanded.append(MerchantOf(full, index, merchant, strategies.get(name)))
    return sorted(expanded, key=lambda m: m.name)


def _plain(model: BaseModel) -> dict[str, Any]:
    return model.model_dump(mode="json", by_alias=True)


def _fitted(past: Past) -> list[dict[str, Any]]:
    """The fitted parameters, as rows of the table of assumptions."""
    rows = []
    for name, of in (("bg_nbd", past.bg_nbd), ("gamma_gamma", past.gamma_gamma)):
        for field, info in type(of).model_fields.items() if of is not None else ():
            row = {"path": f"past.{name}.{field}", "value": getattr(of, field), "meaning": info.description, "unit": ""}
            rows.append(row | {"low": None, "high": None, "kind": "fitted", "source": "maximum likelihood on the purchase log"})
    return rows
