"""What differs between two resolved scenarios, by dotted path."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

OVERRIDDEN = frozenset({"name", "seed"})
"""Top keys that are no change of a rule or plan: a comparison gives all arms the base's seeds."""


class Change(NamedTuple):
    """One setting; `None` on a side that does not have it. A part that only one side has is one change, as a whole."""

    path: str
    base: Any
    arm: Any


def differences(base: Mapping[str, Any], arm: Mapping[str, Any]) -> list[Change]:
    """All settings in which `arm` departs from `base`, sorted by path."""
    kept = ({key: value for key, value in side.items() if key not in OVERRIDDEN} for side in (base, arm))
    return sorted(_walk("", *kept), key=lambda change: change.path)


def touches(path: str, module: str) -> bool:
    """Whether a change at `path` changes a setting of the module at that place, or brings it in or takes it out."""
    return path == module or path.startswith((f"{module}.", f"{module}[")) or module.startswith(f"{path}.")


def _walk(path: str, base: Any, arm: Any) -> Iterator[Change]:
    if isinstance(base, Mapping) and isinstance(arm, Mapping):
        for key in base.keys() | arm.keys():
            yield from _walk(f"{path}.{key}" if path else str(key), base.get(key), arm.get(key))
    elif isinstance(base, list) and isinstance(arm, list) and len(base) == len(arm):
        for index, pair in enumerate(zip(base, arm)):
            yield from _walk(f"{path}[{index}]", *pair)
    elif base != arm or isinstance(base, bool) != isinstance(arm, bool):
        yield Change(path, base, arm)
