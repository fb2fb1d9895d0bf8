"""Pydantic's errors, found in the data; of a union, those of the member that was probably meant."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, get_args

from pydantic import BaseModel
from pydantic_core.core_schema import ErrorType

from sim.scenario.locations import Fork, followed
from sim.scenario.node import Keys
from sim.scenario.parts import NOTHING
from sim.scenario.slots import Slot


class Found(NamedTuple):
    """One error: its path in the data (without pydantic's names of union members) and what may stand there."""

    type: str
    path: Keys
    slot: Slot
    message: str = ""  # a validator's own words
    forks: tuple[Fork, ...] = ()
    given: Any = NOTHING  # what pydantic saw
    above: Slot | None = None  # the map or list that it stands in


_OWN_WORDS = {"value_error", "assertion_error"}
NOT_OWN_WORDS = {*get_args(ErrorType), "union", "key"} - _OWN_WORDS


def located(model: type[BaseModel], at: Keys, error: Any, data: Any) -> Found:
    """What one of pydantic's errors on `data`, which stands at `at`, is about."""
    way = followed(model, error["loc"], data)
    kind, message = error["type"], error["msg"]
    if kind in _OWN_WORDS:
        message = str(error["ctx"]["error"]) or "not allowed"
    elif error["loc"][-1:] == ("[key]",):
        kind = "key"
    forks = tuple(fork._replace(depth=fork.depth + len(at)) for fork in way.forks)
    return Found(kind, (*at, *way.path), way.slot, message, forks, error["input"], way.above)


def settled(found: Sequence[Found], level: int = 0) -> list[Found]:
    """Of each union on the way, the errors of the one member that was probably meant; if none was, one error for all."""
    kept: list[Found] = []
    unions: dict[Keys, dict[str, list[Found]]] = {}
    for one in found:
        if len(one.forks) <= level:
            kept.append(one)
        else:
            fork = one.forks[level]
            unions.setdefault(one.path[: fork.depth], {}).setdefault(fork.member, []).append(one)
    for path, members in unions.items():
        meant = [errors for errors in members.values() if len(members) == 1 or any(_inside(one, path) for one in errors)]
        if meant:
            kept += settled(min(meant, key=_distance), level + 1)
        else:
            first = next(iter(members.values()))[0]
            kept.append(Found("union", path, first.forks[level].slot, given=first.given))
    return kept


def _inside(found: Found, path: Keys) -> bool:
    """Whether the value at `path` was at least of the right kind for the member that complains."""
    return len(found.path) > len(path) or found.type not in NOT_OWN_WORDS


def _distance(errors: Sequence[Found]) -> tuple[int, int]:
    """A wrong fixed word (use: caps) says most clearly that another member was meant."""
    return sum(one.type == "literal_error" for one in errors), len(errors)
