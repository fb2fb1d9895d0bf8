"""From files to a `Scenario`: read, checked as a whole, its plug-ins and tables found. All mistakes are told at once."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import pickle
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel

from sim.errors import BadInput, Problem
from sim.scenario import whole
from sim.scenario.check import check
from sim.scenario.crowds import crowds_of
from sim.scenario.customers import Customers, read_customers
from sim.scenario.model import SAME, GammaGamma, Merchant, OwnPast, Past, ScenarioFile
from sim.scenario.parameters import declared
from sim.scenario.plugins import (
    NoSuchPlugin,
    PluginFile,
    identity,
    module_of,
    plugin_files,
    policy_class,
    source_hash,
    strategy_class,
    take_in,
    use_from_anywhere,
    version_of,
    wrong_reasons,
)
from sim.scenario.source import Keys, Source, Tree, dotted, label, survey, undotted
from sim.scenario.whole import names_of
from sim.state.policy import Policy, Strategy, day_number, placed

Kind = TypeVar("Kind", bound=Policy)


@dataclass(frozen=True)
class MerchantOf:
    """One merchant of a scenario."""

    name: str
    position: int  # position among those declared together
    settings: Merchant
    strategy: Strategy | None
    past_strategy: Strategy | None  # on the days before the start, if they are simulated


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
    past_policies: dict[str, Policy]  # in force on the days before the start; in the order of names

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
        past, behaviour = self.settings.past, self.settings.behaviour
        if behaviour.stores.choice == "compete":  # about a mean of 1: each store has a scale of its own
            spread = behaviour.orders.spread
            return GammaGamma(p=spread.p, q=spread.q, v=(spread.q - 1) / spread.p)
        return past.gamma_gamma if isinstance(past, Past) else None

    @property
    def own_past(self) -> OwnPast | None:
        """The past that is simulated, if one is."""
        past = self.settings.past
        return past if isinstance(past, OwnPast) else None

    @property
    def first_day(self) -> int:
        """The day on which the simulation begins: 0, or the first of its own past, which is negative."""
        return 0 if self.own_past is None else -self.own_past.days

    @property
    def all_policies(self) -> list[Policy]:
        """The policies of the run and of its past, whenever they are in force."""
        return [*self.policies.values(), *self.past_policies.values()]

    def policies_in_force(self, day: int) -> list[Policy]:
        """The policies in force on a day, in the order of their names; on the days of a simulated past, those of the past."""
        found = self._on_days.get(day)
        if found is None:
            found = [policy for policy, first, end in self._spans if first <= day < end]
            if day < 0 and self.own_past is not None:
                found = list(self.past_policies.values())
            self._on_days[day] = found
        return found

    def in_force(self, day: int, kind: type[Kind]) -> list[Kind]:
        """The policies of a kind in force on a day, in the order of their names."""
        return [policy for policy in self.policies_in_force(day) if isinstance(policy, kind)]

    @cached_property
    def _on_days(self) -> dict[int, list[Policy]]:
        """What `policies_in_force` has answered: it is asked for every task."""
        return {}

    @cached_property
    def _spans(self) -> list[tuple[Policy, int, float]]:
        """The policies with the first day in force and the first day no longer."""
        return [(policy, *policy.span(self.settings.start)) for policy in self.policies.values()]

    @cached_property
    def resolved(self) -> dict[str, Any]:
        """All settings, defaults included, as plain data that can be loaded from anywhere."""
        data = self._settings_with(lambda plugin: plugin.use)
        if isinstance(self.settings.past, Past):
            for key, file in (("customers", self.customers_file), ("weeks", self.weeks_file)):
                if file is not None:
                    data["past"][key] = str(file)
        return data

    @cached_property
    def hash(self) -> str:
        """sha256 of everything that the run follows from, but its seed: settings, tables' contents, plug-ins' sources."""
        data = self._settings_with(lambda plugin: identity(type(plugin)))
        del data["seed"]
        if isinstance(self.settings.past, Past):
            data["past"] |= {"customers": self.table_hashes.get("customers"), "weeks": None}
        return hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()

    @cached_property
    def past_settings(self) -> dict[str, Any]:
        """All settings that a simulated past follows from, but the seed: what acts from day 0 on only is not among them."""
        data = self._settings_with(lambda plugin: identity(type(plugin)))
        for key in ("days", "seed", "currency", "policies"):
            del data[key]
        data["crowds"] = {name: data["crowds"][name] for name in sorted(set(crowds_of(self.past_policies)))}
        del data["past"]["short"]
        for merchant in data["merchants"].values():
            strategy, before = merchant.pop("strategy"), merchant.pop("past_strategy")
            merchant["strategy"] = strategy if before == SAME else before
            del merchant["message_cost"]
        return data

    def _settings_with(self, use: Callable[[Policy | Strategy], str]) -> dict[str, Any]:
        """All settings as plain data, each plug-in called by `use`."""
        data = self.settings.model_dump(mode="json", exclude={"policies"})

        def plain(plugins: Mapping[str, Policy | Strategy]) -> dict[str, Any]:
            return {name: _plain(plugin) | {"use": use(plugin)} for name, plugin in plugins.items()}

        data["policies"] = plain(self.policies)
        if self.own_past is not None:
            data["past"]["policies"] = plain(self.past_policies)
            for policy in data["past"]["policies"].values():  # these have no days of their own
                del policy["from"], policy["until"]
        strategies, of_past = plain(self._strategies("strategy")), plain(self._strategies("past_strategy"))
        for name, merchant in data["merchants"].items():
            merchant["strategy"] = strategies.get(name)
            if merchant["past_strategy"] != SAME:
                merchant["past_strategy"] = of_past.get(name)
        return data

    def _strategies(self, role: str) -> dict[str, Strategy]:
        """The strategies that are given for one role, `strategy` or `past_strategy`, by the names that merchants have there."""
        of = {id(merchant.settings): getattr(merchant, role) for merchant in self.merchants}
        given = {
            name: of[id(settings)] for name, settings in self.settings.merchants.items() if getattr(settings, role) != SAME
        }
        return {name: strategy for name, strategy in given.items() if strategy is not None}

    @cached_property
    def sources(self) -> dict[str, dict[str, str | None]]:
        """Each policy and strategy in use: what it is called, its class, module and version, and the sha256 of its source."""
        plugins: dict[str, Policy | Strategy] = {f"policies.{name}": policy for name, policy in self.policies.items()}
        plugins |= {f"past.policies.{name}": policy for name, policy in self.past_policies.items()}
        for role in ("strategy", "past_strategy"):
            plugins |= {f"merchants.{name}.{role}": strategy for name, strategy in self._strategies(role).items()}
        return {
            at: {
                "use": plugin.use,
                "class": type(plugin).__qualname__,
                "module": module_of(type(plugin)),
                "version": version_of(type(plugin)),
                "sha256": source_hash(type(plugin)),
            }
            for at, plugin in plugins.items()
        }

    def __reduce__(self) -> tuple[Callable[..., Scenario], tuple[list[PluginFile], bytes]]:
        """For another process, which must know the classes of plug-in files before it meets their objects."""
        plugins: list[Policy | Strategy | None] = [*self.policies.values(), *self.past_policies.values()]
        plugins += [strategy for merchant in self.merchants for strategy in (merchant.strategy, merchant.past_strategy)]
        return _unpickled, (plugin_files(plugins), pickle.dumps({f.name: getattr(self, f.name) for f in fields(self)}))

    @cached_property
    def assumptions(self) -> list[dict[str, Any]]:
        """Every declared parameter with value, unit, source and, where assumed, low and high."""
        rows = list(declared(self.settings.behaviour, "behaviour"))
        for name, merchant in self.settings.merchants.items():
            rows += declared(merchant, f"merchants.{name}")
        for name, policy in self.policies.items():
            rows += declared(policy, f"policies.{name}")
        past = self.settings.past
        if isinstance(past, Past):
            rows += _fitted(past)
        return json.loads(json.dumps(rows))

    def with_values(self, values: Mapping[str, Any]) -> Scenario:
        """This scenario with other values at some dotted paths, checked like any file. Raises BadInput.

        Every path must be one of `resolved`: `{"behaviour.stores.consider": 0.2, "merchants.shop.goods_cost": 0.6}`.
        """
        data = json.loads(json.dumps(self.resolved))
        for path, value in values.items():
            keys = undotted(data, path)
            if keys is None:
                raise BadInput(f"{path}: no setting of {self.name}")
            part = data
            for key in keys[:-1]:
                part = part[key]
            part[keys[-1]] = value
        return replace(from_resolved(data, self.name), files=self.files)

    def with_sets(self, sets: Sequence[str]) -> Scenario:
        """This scenario with changes as on the command line (`"policies.caps.store_days=3"`). Raises BadInput."""
        return replace(from_resolved(self.resolved, self.name, sets), files=self.files)


def _unpickled(files: list[PluginFile], state: bytes) -> Scenario:
    take_in(files)
    return Scenario(**pickle.loads(state))


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
    return resolve(survey(path, overlays, [*sets, *(f"{key}={as_yaml(value)}" for key, value in overrides.items())]), path)


def from_resolved(resolved: Mapping[str, Any], name: str, sets: Sequence[str] = ()) -> Scenario:
    """A scenario from plain data like `Scenario.resolved` and `sets` over it, checked like any file. Raises BadInput."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "scenario.yaml"
        file.write_text(json.dumps(resolved, ensure_ascii=False), encoding="utf-8")  # any JSON is YAML
        try:
            return replace(load(file, sets=sets), name=name, files=())
        except BadInput as error:  # places in a file that nobody has seen would mislead
            seen = {label(text) for text in sets}
            raise BadInput(
                problem if problem.file in seen else Problem(problem.message, name) for problem in error.problems
            ) from None


def as_yaml(value: Any) -> str:
    """A value as a scenario file may hold it; any JSON is YAML."""
    return json.dumps(value, default=lambda other: other.item() if hasattr(other, "item") else str(other))


def resolve(tree: Tree, path: str | os.PathLike[str]) -> Scenario:
    """A checked scenario from what its files say. Raises BadInput."""
    settings, problems = check(tree, ScenarioFile)
    problems = [*tree.problems, *problems]
    policies = _policies(tree, ("policies",), settings, problems)
    past_policies = _policies(tree, ("past", "policies"), settings, problems)
    strategies: dict[tuple[str, str], Strategy | None] = {}
    for name, merchant in _named(tree, ("merchants",), problems):
        for role in ("strategy", "past_strategy"):
            given = merchant.get(role) if isinstance(merchant, dict) else None
            if given is not None and (role, given) != ("past_strategy", SAME):
                strategies[name, role] = _plugin(tree, ("merchants", name, role), strategy_class, problems)
    customers, tables, hashes = _tables(tree, problems)
    if settings is not None and tree.complete:
        for fault in whole.faults(settings, policies, past_policies):
            place = tree.value_place(fault.path) if fault.of_value else tree.place(fault.path)
            problems.append(place.problem(f"{dotted(fault.path)}: {fault.words}"))
    if problems or settings is None:
        raise BadInput(tree.sorted(problems))
    return Scenario(
        name=Path(path).stem,
        settings=settings,
        merchants=tuple(_expanded(settings.merchants, strategies)),
        policies=policies,
        past_policies=past_policies,
        customers=customers,
        customers_file=tables.get("customers"),
        weeks_file=tables.get("weeks"),
        files=tree.files,
        table_hashes=hashes,
    )


def _policies(tree: Tree, at: Keys, settings: ScenarioFile | None, problems: list[Problem]) -> dict[str, Policy]:
    """The policies of the map at `at`, in the order of their names, and a problem more for each that cannot be."""
    policies: dict[str, Policy] = {}
    for name, given in _named(tree, at, problems):
        if given is None:  # `caps: null` takes away what an extended file has
            continue
        policy: Policy | None = _plugin(tree, (*at, name), policy_class, problems, default_use=name)
        if at == ("policies",):
            _check_days(tree, (*at, name), policy, settings, problems)
        elif isinstance(given, dict):
            for key in ("from", "until"):
                if given.get(key) is not None:
                    words = f"{dotted((*at, name, key))}: not allowed, for a policy of the past is in force throughout it"
                    problems.append(tree.place((*at, name, key)).problem(words))
        if policy is not None:
            policies[name] = policy
            words = wrong_reasons(policy, name)
            if words:
                problems.append(tree.place((*at, name)).problem(f"{dotted((*at, name))}: {words}"))
    return dict(sorted(policies.items()))


def _named(tree: Tree, at: Keys, problems: list[Problem]) -> Iterator[tuple[str, Any]]:
    """The entries of the map of things with names at `at`, and a problem for each name that is none."""
    entries = _at(tree, at)
    for name, entry in entries.items() if isinstance(entries, dict) else ():
        if not name.strip() or not name.isprintable():
            words = f"{dotted((*at, name))}: a name must be text that can be printed, and not empty"
            problems.append(tree.place((*at, name)).problem(words))
        yield name, entry


def _plugin(tree: Tree, at: Keys, find: Any, problems: list[Problem], default_use: str | None = None) -> Any:
    """The policy or strategy that the map at `at` describes, or None and a problem more."""
    given = _at(tree, at)

    def wrong(path: Keys, words: str) -> None:
        place = tree.value_place(path) if isinstance(_at(tree, path), str | int | float) else tree.place(path)
        problems.append(place.problem(f"{dotted(path)}: {words}"))

    if not isinstance(given, dict):
        wrong(at, f"must be a map with a key 'use' and the parameters of what that names; given {given!r}")
        return None
    use = given.get("use", default_use)
    if use is None and not tree.complete:
        return None
    if not isinstance(use, str):
        words = "missing" if "use" not in given else "must be text"
        wrong((*at, "use"), f"{words}: the name of what is to be used, or file.py:Class, or package.module:Class")
        return None
    folder = tree.base((*at, "use"))
    try:
        found = find(use, folder)
    except NoSuchPlugin as error:
        if "use" in given or tree.complete:  # else it may stand in the file that could not be read
            wrong((*at, "use"), str(error))
        return None
    plugin, more = check(tree, found, at)
    problems += more
    return plugin and placed(plugin.model_copy(update={"use": use_from_anywhere(use, folder)}), dotted(at))


def _at(tree: Tree, path: Keys) -> Any:
    """The value at `path`, None if there is none."""
    value = tree.data
    for part in path:
        value = value.get(part) if isinstance(value, dict) else None
    return value


def _check_days(tree: Tree, at: Keys, policy: Policy | None, settings: ScenarioFile | None, problems: list[Problem]) -> None:
    """A policy ends after it begins; of one that is wrong otherwise, as far as can be told."""
    if policy is None:
        begins, ends = _day(_at(tree, (*at, "from"))) or 0, _day(_at(tree, (*at, "until")))
    else:
        begins, ends = policy.from_, policy.until
    if ends is None:
        return
    start = dt.date.min if settings is None else settings.start
    alike = isinstance(begins, dt.date) == isinstance(ends, dt.date)
    if (alike or settings is not None) and day_number(ends, start) <= day_number(begins, start):
        words = f"must be after 'from' ({begins}), for it is the first day no longer in force; given {ends}"
        problems.append(tree.value_place((*at, "until")).problem(f"{dotted((*at, 'until'))}: {words}"))


def _day(given: Any) -> int | dt.date | None:
    """A day as it is written, if it is one."""
    if isinstance(given, str):
        try:
            return dt.date.fromisoformat(given)
        except ValueError:
            return None
    return given if isinstance(given, int | dt.date) and not isinstance(given, bool) else None


def _tables(tree: Tree, problems: list[Problem]) -> tuple[Customers | None, dict[str, Path], dict[str, str]]:
    """The tables that a declared past names: customers read, and where each is with the hash of its contents."""
    files: dict[str, Path] = {}
    hashes: dict[str, str] = {}
    customers = None
    for key in ("customers", "weeks"):
        at = ("past", key)
        name = _at(tree, at)
        if not isinstance(name, str):
            continue
        file = Path(os.path.abspath(tree.base(at) / name))
        try:
            hashes[key] = hashlib.sha256(file.read_bytes()).hexdigest()
            files[key] = file
            if key == "customers":
                customers = read_customers(file)
        except FileNotFoundError:
            problems.append(tree.value_place(at).problem(f"past.{key}: {file}: there is no such file"))
        except (OSError, ValueError) as error:
            words = getattr(error, "strerror", None) or error
            problems.append(tree.value_place(at).problem(f"past.{key}: {file}: cannot be read: {words}"))
        except BadInput as error:
            problems += error.problems
    return customers, files, hashes


def _expanded(merchants: Mapping[str, Merchant], strategies: Mapping[tuple[str, str], Strategy | None]) -> list[MerchantOf]:
    """One entry per merchant, in the order of their names; `strategies` by name and role."""

    def of_past(name: str, merchant: Merchant) -> Strategy | None:
        return strategies.get((name, "strategy" if merchant.past_strategy == SAME else "past_strategy"))

    expanded = [
        MerchantOf(full, index, merchant, strategies.get((name, "strategy")), of_past(name, merchant))
        for name, merchant in merchants.items()
        for index, full in enumerate(names_of(name, merchant))
    ]
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
