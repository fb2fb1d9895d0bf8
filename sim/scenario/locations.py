"""Where a location of pydantic's leads in the data: its names of union members are none of the data's."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, NamedTuple, get_args

from pydantic import BaseModel, Tag, TypeAdapter

from sim.scenario.node import Keys
from sim.scenario.parts import part_at
from sim.scenario.slots import Slot, is_model, members_of, slot_of, step, tags_of


class Fork(NamedTuple):
    """A union on the way to an error, and the member that the error speaks of."""

    depth: int  # of the union in the path
    member: str
    slot: Slot


class Way(NamedTuple):
    """Where a location of pydantic's leads."""

    path: Keys
    slot: Slot
    above: Slot | None
    forks: tuple[Fork, ...]


def followed(model: type[BaseModel], loc: Iterable[str | int], data: Any) -> Way:
    """Walks the model along pydantic's location, telling keys and positions from names of union members."""
    path: list[str | int] = []
    forks: list[Fork] = []
    kind: Any = model
    above: Slot | None = None
    here = data
    for part in loc:
        slot = slot_of(kind)
        if part == "[key]" and above:
            kind = (*get_args(above.kind), Any)[0]
        elif members := members_of(slot):
            forks.append(Fork(len(path), str(part), slot))
            kind = next((member for member in members if _is_called(member, str(part), slot.switch)), Any)
        elif isinstance(here, set | frozenset):  # its order is not the file's: the set stands for its items
            kind = step(slot, part)
        else:
            above, kind = slot, step(slot, part)
            path.append(part)
            here = part_at(here, (part,))
    return Way(tuple(path), slot_of(kind), above, tuple(forks))


def _is_called(member: Any, name: str, switch: str | None) -> bool:
    """Whether pydantic's locations mean this member of a union by `name`."""
    slot = slot_of(member)
    if any(isinstance(limit, Tag) and limit.tag == name for limit in slot.limits):
        return True
    if not is_model(slot.kind):
        return TypeAdapter(member).validator.title == name
    wrapped = rf"(function-.*[\[ ])?{slot.kind.__name__}\]*"  # function-after[check(), Shop]
    return name in map(str, tags_of(slot.kind, switch)) or bool(re.fullmatch(wrapped, name))
