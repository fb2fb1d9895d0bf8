"""From `use:` to a class: a built-in by name, an entry point, `file.py:Class` or `package.module:Class`."""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import inspect
import sys
from importlib.metadata import entry_points
from pathlib import Path
from typing import TypeVar

from sim.agents.message_plan import MessagePlan
from sim.policies.adjust import Adjust
from sim.policies.caps import Caps
from sim.scenario.check import nearest
from sim.state.policy import Policy, Strategy

POLICIES: dict[str, type[Policy]] = {"caps": Caps, "adjust": Adjust}
STRATEGIES: dict[str, type[Strategy]] = {"plan": MessagePlan}

Plugin = TypeVar("Plugin", Policy, Strategy)


class NoSuchPlugin(Exception):  # noqa: N818 - the words are for the person who named it
    """`use:` names nothing that can be used; the message says what can."""


def policy_class(use: str, folder: Path) -> type[Policy]:
    """The class of a policy; a file is relative to `folder`. Raises NoSuchPlugin."""
    return _class(use, folder, Policy, POLICIES, "sim.policies")


def strategy_class(use: str, folder: Path) -> type[Strategy]:
    """The class of a strategy; a file is relative to `folder`. Raises NoSuchPlugin."""
    return _class(use, folder, Strategy, STRATEGIES, "sim.strategies")


def source_hash(plugin: type) -> str:
    """sha256 of the file that defines a class: what the manifest records of it."""
    return hashlib.sha256(Path(inspect.getfile(plugin)).read_bytes()).hexdigest()


def _class(use: str, folder: Path, base: type[Plugin], built_in: dict[str, type[Plugin]], group: str) -> type[Plugin]:
    if use in built_in:
        return built_in[use]
    registered = {entry.name: entry for entry in entry_points(group=group)}
    if use in registered:
        found = registered[use].load()
    elif ":" in use:
        found = _imported(use, folder)
    else:
        meant = nearest(use, [*built_in, *registered])
        hint = f" - did you mean {meant!r}?" if meant else ""
        names = ", ".join(sorted([*built_in, *registered]))
        raise NoSuchPlugin(f"{use!r} is not known{hint} (allowed: {names}, file.py:Class, package.module:Class)")
    if not (isinstance(found, type) and issubclass(found, base)):
        raise NoSuchPlugin(
            f"{use!r} is not a {base.__name__} (a class derived from sim.state.policy.{base.__name__} is needed)"
        )
    return found


def _imported(use: str, folder: Path) -> object:
    where, name = use.rsplit(":", 1)
    try:
        module = _from_file(folder / where) if where.endswith(".py") else importlib.import_module(where)
    except NoSuchPlugin:
        raise
    except Exception as error:
        raise NoSuchPlugin(f"{use!r}: {where} cannot be imported: {type(error).__name__}: {error}") from error
    if not hasattr(module, name):
        raise NoSuchPlugin(f"{use!r}: {where} has no {name!r}")
    return getattr(module, name)


def _from_file(path: Path) -> object:
    """The module of a file: the same module for the same file and contents."""
    try:
        source = path.read_bytes()
    except OSError as error:
        raise NoSuchPlugin(f"{path}: cannot be read: {error.strerror}") from error
    name = f"sim_plugin_{hashlib.sha256(str(path.resolve()).encode() + source).hexdigest()[:16]}"
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module
