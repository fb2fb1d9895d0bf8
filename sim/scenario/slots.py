"""What may stand at one place of a model."""

from __future__ import annotations

import enum
import types
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin

from pydantic import AliasChoices, BaseModel, RootModel
from pydantic.fields import FieldInfo

from sim.scenario.node import Keys


class Slot(NamedTuple):
    """A field's type without its wrappings, and what they said."""

    kind: Any  # a class, list[int] and the like, a Literal, a Union, or Any
    limits: tuple[Any, ...] = ()  # ge=0, min_length=1, ...
    note: str = ""  # description and unit
    switch: str | None = None  # the key by which a union's members are told apart
    nullable: bool = False


def slot_of(kind: Any) -> Slot:
    """What a field or a type takes."""
    limits: list[Any] = []
    note, switch, nullable = "", None, False
    while True:
        extras: Sequence[Any] = ()
        if isinstance(kind, FieldInfo):
            extras, kind = [kind], kind.annotation
        elif get_origin(kind) is Annotated:
            extras, kind = kind.__metadata__, kind.__origin__
        elif isinstance(kind, type) and issubclass(kind, RootModel):
            kind = kind.model_fields["root"]
        elif hasattr(kind, "__value__"):  # a named type
            kind = kind.__value__
        elif is_union(kind) and type(None) in get_args(kind):
            kind, nullable = Union[tuple(part for part in get_args(kind) if part is not type(None))], True  # noqa: UP007
        else:
            return Slot(kind, tuple(limits), note, switch, nullable)
        for extra in extras:
            limits += extra.metadata if isinstance(extra, FieldInfo) else [extra]
            note = note or _note(extra)
            named = getattr(extra, "discriminator", None)
            switch = named if isinstance(named, str) else switch


def is_union(kind: Any) -> bool:
    return get_origin(kind) in (Union, types.UnionType)


def _note(extra: Any) -> str:
    """What a field is, and its unit, on one line."""
    if not isinstance(extra, FieldInfo):
        return ""
    more = extra.json_schema_extra
    unit = str(more.get("unit") or "") if isinstance(more, dict) else ""
    meaning = " ".join((extra.description or "").split())
    return meaning if not unit or unit in meaning else f"{meaning}, {unit}".removeprefix(", ")


def members_of(slot: Slot) -> tuple[Any, ...]:
    """The types that a union joins; none if the slot is no union."""
    return get_args(slot.kind) if is_union(slot.kind) else ()


def is_model(kind: Any) -> bool:
    """Whether it is a map with known keys."""
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def fields_of(model: type[BaseModel]) -> dict[str, FieldInfo]:
    """The fields of a model by the names that stand in files."""
    return {name_in_files(name, field): field for name, field in model.model_fields.items()}


def name_in_files(name: str, field: FieldInfo) -> str:
    """What a model's field is called where people write it."""
    alias = field.validation_alias
    if isinstance(alias, AliasChoices):
        alias = next((choice for choice in alias.choices if isinstance(choice, str)), None)
    return alias if isinstance(alias, str) else field.alias or name


LISTS = (list, tuple, set, frozenset, Sequence)
MAPS = (dict, Mapping)


def step(slot: Slot, part: str | int) -> Any:
    """The type of what stands at `part` of a model, list or map; Any where that is not known."""
    if is_model(slot.kind):
        return fields_of(slot.kind).get(str(part), Any)
    origin, args = get_origin(slot.kind), get_args(slot.kind)
    if args and origin in MAPS:
        return args[1]
    if origin is tuple and args[-1:] != (...,):
        return args[part] if isinstance(part, int) and part < len(args) else Any
    return args[0] if args and origin in LISTS else Any


def reached(kind: Any, path: Keys) -> Iterator[Slot]:
    """Every slot that `path` may lead to, whichever members of unions are meant."""
    slot = slot_of(kind)
    if members := members_of(slot):
        for member in members:
            yield from reached(member, path)
    elif path:
        yield from reached(step(slot, path[0]), path[1:])
    else:
        yield slot


def tags_of(model: type[BaseModel], switch: str | None) -> tuple[Any, ...]:
    """The values of the key `switch` that mean this member of a union."""
    field = model.model_fields.get(switch or "")
    return choices_of(slot_of(field)) if field else ()


def choices_of(slot: Slot) -> tuple[Any, ...]:
    """The values that a slot lists, those of its union's members included."""
    if get_origin(slot.kind) is Literal:
        return get_args(slot.kind)
    if isinstance(slot.kind, type) and issubclass(slot.kind, enum.Enum):
        return tuple(member.value for member in slot.kind)
    return tuple(choice for member in members_of(slot) for choice in choices_of(slot_of(member)))
