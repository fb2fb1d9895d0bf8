"""From `use:` to a class: a built-in by name, an entry point, `file.py:Class` or `package.module:Class`."""

from __future__ import annotations

import hashlib
import importlib
import inspect
import os
import re
import sys
import traceback
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import cache
from importlib.metadata import EntryPoint, entry_points, packages_distributions, version
from pathlib import Path
from types import ModuleType
from typing import NamedTuple, TypeVar

from sim.agents.message_plan import MessagePlan
from sim.cache import hash_of
from sim.policies.adjust import Adjust
from sim.policies.algorithm_filter import AlgorithmFilter
from sim.policies.benefit import Benefit
from sim.policies.budget import Budget
from sim.policies.caps import Caps
from sim.policies.dedicated_service import DedicatedService
from sim.policies.effect_data import EffectData
from sim.policies.grading.policy import MerchantGrading
from sim.policies.groups import Groups
from sim.policies.invitation import Invitation
from sim.policies.live_rooms import LiveRooms
from sim.policies.min_crowd import MinCrowd
from sim.policies.old_customers import OldCustomers
from sim.policies.overlap import Overlap
from sim.policies.programme import Programme
from sim.policies.reach_frequency import ReachFrequency
from sim.policies.relation_prices import RelationPrices
from sim.policies.send_window import SendWindow
from sim.policies.service_desk import ServiceDesk
from sim.policies.stock import Stock
from sim.scenario.near_names import did_you_mean, nearest
from sim.state.names import LOG_REASONS, NOT_EFFECTIVE, SHORT_REASONS
from sim.state.policy import Policy, Strategy

POLICIES: dict[str, type[Policy]] = {
    "adjust": Adjust,
    "algorithm_filter": AlgorithmFilter,
    "benefit": Benefit,
    "budget": Budget,
    "caps": Caps,
    "dedicated_service": DedicatedService,
    "desk": ServiceDesk,
    "effect_data": EffectData,
    "grading": MerchantGrading,
    "groups": Groups,
    "invitation": Invitation,
    "live_rooms": LiveRooms,
    "min_crowd": MinCrowd,
    "old_customers": OldCustomers,
    "overlap": Overlap,
    "programme": Programme,
    "reach_frequency": ReachFrequency,
    "relation_prices": RelationPrices,
    "send_window": SendWindow,
    "stock": Stock,
}
STRATEGIES: dict[str, type[Strategy]] = {"plan": MessagePlan}

PLATFORM_WORDS = {*LOG_REASONS, NOT_EFFECTIVE, *SHORT_REASONS} - {""}  # reasons in log and tables that no other rule may give
Plugin = TypeVar("Plugin", Policy, Strategy)


class NoSuchPlugin(Exception):  # noqa: N818 - the words are for the person who named it
    """`use:` names nothing that can be used; the message says what can, on one line."""


class PluginFile(NamedTuple):
    """A plug-in's file as it was when it was read: what runs, is hashed and is sent to other processes."""

    module: str
    path: str
    source: bytes


_FILES: dict[str, PluginFile] = {}  # by the module's name


def policy_class(use: str, folder: Path) -> type[Policy]:
    """The class of a policy; a file is relative to `folder`. Raises NoSuchPlugin."""
    return _class(use, folder, Policy, POLICIES, "sim.policies")


def strategy_class(use: str, folder: Path) -> type[Strategy]:
    """The class of a strategy; a file is relative to `folder`. Raises NoSuchPlugin."""
    return _class(use, folder, Strategy, STRATEGIES, "sim.strategies")


def registered_classes(base: type[Policy] | type[Strategy]) -> dict[str, type]:
    """The classes that installed packages have registered, by name; what cannot be imported is left out."""
    found: dict[str, type] = {}
    for name, entry in _registered("sim.policies" if base is Policy else "sim.strategies").items():
        with suppress(NoSuchPlugin):
            loaded = _tried(name, name, entry.load)
            if isinstance(loaded, type) and issubclass(loaded, base):
                found[name] = loaded
    return found


def use_from_anywhere(use: str, folder: Path) -> str:
    """`use` as it can be written in a file of any folder: with the whole path of a plug-in's file."""
    where, _, name = use.rpartition(":")
    return f"{os.path.abspath(folder / where)}:{name}" if where.endswith(".py") else use


def wrong_reasons(policy: Policy, name: str) -> str:
    """What is wrong with the reasons for which a policy of that name refuses messages by a gate of its own; empty: nothing."""
    if not policy.gates_messages:
        return ""
    given: object = policy.reasons
    if not isinstance(given, tuple) or not all(isinstance(reason, str) and reason.strip() for reason in given):
        return f"the reasons of {type(policy).__name__} must be a tuple of texts; given {given!r}"
    reasons = policy.reasons or (name,)
    taken = [reason for reason in reasons if reason in PLATFORM_WORDS]
    if taken:
        cause = "its 'reasons'" if policy.reasons else "its name, which is its reason unless it declares 'reasons'"
        return f"{taken[0]!r} is a reason of the platform's own rules: give another one ({cause})"
    if len(set(reasons)) < len(reasons) or not all(reason.isprintable() for reason in reasons):
        return f"the reasons of {type(policy).__name__} must be different texts that can be printed; given {reasons!r}"
    return ""


@cache
def is_built_in(plugin: type) -> bool:
    """Whether a class comes with the program."""
    return plugin.__module__.split(".")[0] == "sim"


def source_hash(plugin: type) -> str:
    """sha256 of what defines a class: of the files of it and its bases, or of all sources of a user's package."""
    if plugin.__module__ in _FILES:
        read = {base.__module__: _FILES[base.__module__].source for base in plugin.__mro__ if base.__module__ in _FILES}
        return hashlib.sha256(b"".join(read.values())).hexdigest()
    file = Path(inspect.getfile(plugin))
    if is_built_in(plugin) or ("." not in plugin.__module__ and file.name != "__init__.py"):
        return hashlib.sha256(file.read_bytes()).hexdigest()
    package = file.parents[plugin.__module__.count(".") - (file.name != "__init__.py")]
    return hash_of(["."], package)


@cache  # to look through all that is installed takes a tenth of a second
def version_of(plugin: type) -> str | None:
    """The version of the distribution that a class was installed with; none: a file's class has no version."""
    if plugin.__module__ in _FILES:
        return None
    if is_built_in(plugin):
        return version("sim")
    names = packages_distributions().get(plugin.__module__.split(".")[0], [])
    return version(names[0]) if names else None


def module_of(plugin: type) -> str:
    """The module of a class; of a file, its name."""
    known = _FILES.get(plugin.__module__)
    return plugin.__module__ if known is None else Path(known.path).stem


def identity(plugin: type) -> str:
    """What a plug-in is, wherever its file lies: its class, and of a user's own the hash of its source."""
    return (
        f"{plugin.__module__}:{plugin.__qualname__}" if is_built_in(plugin) else f"{source_hash(plugin)}:{plugin.__qualname__}"
    )


def plugin_files(plugins: Iterable[object]) -> list[PluginFile]:
    """The files that the classes of these plug-ins were read from, for `take_in`."""
    modules = {base.__module__ for plugin in plugins for base in type(plugin).__mro__}
    return [_FILES[name] for name in sorted(modules & _FILES.keys())]


def take_in(files: Iterable[PluginFile]) -> None:
    """Make the classes of another process's plug-in files known to this one."""
    for file in files:
        _module(file)


def _class(use: str, folder: Path, base: type[Plugin], built_in: dict[str, type[Plugin]], group: str) -> type[Plugin]:
    if use in built_in:
        return built_in[use]
    registered: dict[str, EntryPoint] = _registered(group)
    found: object
    if use in registered:
        found = _tried(use, use, registered[use].load)
    elif re.fullmatch(".+:[^:]+", use):
        found = _imported(use, folder, base)
    elif use.rstrip(":").endswith(".py"):
        raise NoSuchPlugin(f"{use!r}: the name of the class is missing (file.py:Class)")
    else:
        hint = did_you_mean(nearest(use, [*built_in, *registered]))
        names = ", ".join(sorted([*built_in, *registered]))
        raise NoSuchPlugin(f"{use!r} is not known{hint} (allowed: {names}, file.py:Class, package.module:Class)")
    if isinstance(found, type) and issubclass(found, base):
        return found
    raise NoSuchPlugin(f"{use!r} is no {base.__name__}: a class derived from sim.state.policy.{base.__name__} is needed")


@cache
def _registered(group: str) -> dict[str, EntryPoint]:
    return {entry.name: entry for entry in entry_points(group=group)}


def _imported(use: str, folder: Path, base: type) -> object:
    where, _, name = use.rpartition(":")
    module = _tried(use, where, lambda: _from_file(folder / where) if where.endswith(".py") else importlib.import_module(where))
    if hasattr(module, name):
        return getattr(module, name)
    able = [
        key for key, value in vars(module).items() if isinstance(value, type) and issubclass(value, base) and value is not base
    ]
    hint = did_you_mean(nearest(name, able))
    there = f" (allowed: {', '.join(able)})" if able else f" (there is no {base.__name__} in it)"
    raise NoSuchPlugin(f"{use!r}: {where} has no {name!r}{hint}{there}")


def _tried(use: str, where: str, import_it: Callable[[], object]) -> object:
    """What `import_it` answers. A plug-in's own code may raise anything."""
    try:
        return import_it()
    except NoSuchPlugin:
        raise
    except (Exception, SystemExit) as error:
        words = " ".join(f"{type(error).__name__}: {error}".split()).partition(" For further information")[0]
        raise NoSuchPlugin(f"{use!r}: {where} cannot be imported: {words}{_line(error)}") from error


def _line(error: BaseException) -> str:
    """Where in a plug-in's file an error was raised (of a broken syntax, its own words say that)."""
    paths = {file.path for file in _FILES.values()}
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename in paths]
    return f" (line {frames[-1].lineno})" if frames and not isinstance(error, SyntaxError) else ""


def _from_file(path: Path) -> ModuleType:
    """The module of a file: the same module for the same file and contents."""
    whole = os.path.abspath(path)
    try:
        source = path.read_bytes()
    except OSError as error:
        words = "there is no such file" if isinstance(error, FileNotFoundError) else f"cannot be read: {error.strerror}"
        raise NoSuchPlugin(f"{whole}: {words}") from error
    digest = hashlib.sha256(os.fsencode(whole) + b"\0" + source).hexdigest()
    return _module(PluginFile(f"sim_plugin_{digest[:16]}", whole, source))


def _module(file: PluginFile) -> ModuleType:
    """The module that a file's source makes, compiled from that very source: no stale cache, nothing written beside it."""
    if file.module in sys.modules:
        return sys.modules[file.module]
    module = ModuleType(file.module)
    module.__file__ = file.path
    _FILES[file.module] = file
    sys.modules[file.module] = module
    try:
        exec(compile(file.source, file.path, "exec"), vars(module))
    except BaseException:
        del sys.modules[file.module]
        raise
    return module
