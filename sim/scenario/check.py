"""From a tree to a model: every mistake with its place, what was given and what is allowed.

Models are validated strictly (a quoted number is text, `true` is no number), after values have been turned into what a
field asks for where that is what people mean: `yes` where a truth value is expected, `1e6` where a whole number is, a
list for a tuple or set, text for a time, a path or a choice.

A validator says in plain words, by ValueError, what is wrong. A line of its message that begins with a key of the map
and a colon ("until: the run ends before it starts") is placed at that key; every line is a problem of its own.
"""

from __future__ import annotations

import datetime
import decimal
import difflib
import enum
import math
import re
import types
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, TypeVar, Union, get_args, get_origin

from pydantic import AliasChoices, BaseModel, RootModel, Tag, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core.core_schema import ErrorType

from sim.errors import Problem
from sim.scenario.source import Keys, Tree, dotted, scalar

M = TypeVar("M", bound=BaseModel)


def check(tree: Tree, model: type[M], at: Keys = ()) -> tuple[M | None, list[Problem]]:
    """The part of `tree` at `at` as a `model`, or None and all that is wrong with it, in the order of its places.

    Fields refuse unknown keys if their model does (`extra="forbid"`). What the tree itself has complained about is not
    said again; of a tree that is not complete nothing is said to be missing.
    """
    given = _at(tree.data, at)
    if given is _NOTHING:
        found = [_Found("missing", at, _slot(model))]
        return None, _problems(found, tree)
    value, data, errors = _validated(model, given)
    found = _settled([_located(model, at, error, data) for error in errors])
    refused = {one.path for one in found}
    not_finite = [_Found("finite_number", (*at, *path), slot) for path, slot in _not_finite(model, given)]
    found += [one for one in not_finite if one.path not in refused]
    problems = _problems(found, tree)
    return (None if found else value), problems


def nearest(name: str, choices: Iterable[str]) -> str | None:
    """The one of `choices` that `name` was probably meant to be; None if none is like it."""
    plain = {_plain(choice): choice for choice in choices}
    close = difflib.get_close_matches(_plain(name), list(plain), 1)
    return plain[close[0]] if close else None


def _plain(name: str) -> str:
    return re.sub(r"[\s-]", "_", name.casefold())


# ---- what may stand at one place of a model


class _Slot(NamedTuple):
    """A field's type without its wrappings, and what they said."""

    kind: Any  # a class, list[int] and the like, a Literal, a Union, or Any
    limits: tuple[Any, ...] = ()  # ge=0, min_length=1, ...
    note: str = ""  # description and unit
    switch: str | None = None  # the key by which a union's members are told apart
    nullable: bool = False


def _slot(kind: Any) -> _Slot:
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
        elif _is_union(kind) and type(None) in get_args(kind):
            kind, nullable = Union[tuple(part for part in get_args(kind) if part is not type(None))], True  # noqa: UP007
        else:
            return _Slot(kind, tuple(limits), note, switch, nullable)
        for extra in extras:
            limits += extra.metadata if isinstance(extra, FieldInfo) else [extra]
            note = note or _note(extra)
            named = getattr(extra, "discriminator", None)
            switch = named if isinstance(named, str) else switch


def _is_union(kind: Any) -> bool:
    return get_origin(kind) in (Union, types.UnionType)


def _note(extra: Any) -> str:
    """What a field is, and its unit, on one line."""
    if not isinstance(extra, FieldInfo):
        return ""
    more = extra.json_schema_extra
    unit = str(more.get("unit") or "") if isinstance(more, dict) else ""
    meaning = " ".join((extra.description or "").split())
    return meaning if not unit or unit in meaning else f"{meaning}, {unit}".removeprefix(", ")


def _members(slot: _Slot) -> tuple[Any, ...]:
    return get_args(slot.kind) if _is_union(slot.kind) else ()


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _fields(model: type[BaseModel]) -> dict[str, FieldInfo]:
    """The fields of a model by the names that stand in files."""
    return {_written(name, field): field for name, field in model.model_fields.items()}


def _written(name: str, field: FieldInfo) -> str:
    alias = field.validation_alias
    if isinstance(alias, AliasChoices):
        alias = next((choice for choice in alias.choices if isinstance(choice, str)), None)
    return alias if isinstance(alias, str) else field.alias or name


_LISTS = (list, tuple, set, frozenset, Sequence)
_MAPS = (dict, Mapping)


def _step(slot: _Slot, part: str | int) -> Any:
    """The type of what stands at `part` of a model, list or map; Any where that is not known."""
    if _is_model(slot.kind):
        return _fields(slot.kind).get(str(part), Any)
    origin, args = get_origin(slot.kind), get_args(slot.kind)
    if args and origin in _MAPS:
        return args[1]
    if origin is tuple and args[-1:] != (...,):
        return args[part] if isinstance(part, int) and part < len(args) else Any
    return args[0] if args and origin in _LISTS else Any


def _reached(kind: Any, path: Keys) -> Iterator[_Slot]:
    """Every slot that `path` may lead to, whichever members of unions are meant."""
    slot = _slot(kind)
    if members := _members(slot):
        for member in members:
            yield from _reached(member, path)
    elif path:
        yield from _reached(_step(slot, path[0]), path[1:])
    else:
        yield slot


# ---- strict validation of what people mean


def _validated(model: type[M], data: Any) -> tuple[M | None, Any, list[Any]]:
    """The model if it is valid, the data as it was turned into what the fields ask for, and pydantic's errors."""
    while True:
        try:
            return model.model_validate(data, strict=True), data, []
        except ValidationError as error:
            errors: list[Any] = error.errors(include_url=False)
        # The errors show which type was wanted where; each round may reach one level deeper. It ends, for nothing is
        # turned back into text, a list or a floating-point number.
        turned = data
        for one in errors:
            way = _followed(model, one["loc"], data)
            turned = _turned(turned, way.path, way.slot)
        if turned is data:
            return None, data, errors
        data = turned


def _turned(data: Any, path: Keys, slot: _Slot) -> Any:
    """`data` with the value at `path` as its slot wants it; `data` itself where nothing is to be done."""
    value = _at(data, path)
    wanted = get_origin(slot.kind) or slot.kind
    if value is _NOTHING or not isinstance(wanted, type):
        return data
    turn = _TURNS.get(wanted) or next((turn for kind, turn in _TURNS_BELOW if issubclass(wanted, kind)), None)
    if turn is None:
        return data
    try:
        turned = turn(wanted, value)
    except (ValueError, TypeError, ArithmeticError):
        return data
    return data if turned is value else _put(data, path, turned)


_TRUTH = {"yes": True, "on": True, "no": False, "off": False}
_EXACT = 2**53  # whole numbers up to here are exact as floating point


def _truth(_: type, value: Any) -> Any:
    return _TRUTH.get(value.lower(), value) if isinstance(value, str) else value


def _whole(_: type, value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) <= _EXACT else value


def _collection(wanted: type, value: Any) -> Any:
    return wanted(value) if isinstance(value, list) else value


def _moment(wanted: Any, value: Any) -> Any:
    if isinstance(value, str) and re.match(r"[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{2}:", value):
        return wanted.fromisoformat(value)
    if wanted is datetime.datetime and type(value) is datetime.date:
        return datetime.datetime.combine(value, datetime.time())
    return value


def _choice(wanted: Any, value: Any) -> Any:
    return value if isinstance(value, wanted | bool) else wanted(value)


def _path(_: type, value: Any) -> Any:
    return Path(value) if isinstance(value, str) else value


def _decimal(_: type, value: Any) -> Any:
    return decimal.Decimal(repr(value)) if type(value) in (int, float) else value


_TURNS: dict[type, Callable[[Any, Any], Any]] = {
    bool: _truth,
    int: _whole,
    tuple: _collection,
    set: _collection,
    frozenset: _collection,
    datetime.date: _moment,
    datetime.datetime: _moment,
    datetime.time: _moment,
    decimal.Decimal: _decimal,
}
_TURNS_BELOW: list[tuple[type, Callable[[Any, Any], Any]]] = [(enum.Enum, _choice), (Path, _path)]

_NOTHING = object()


def _at(data: Any, path: Keys) -> Any:
    """The value at `path`, or _NOTHING."""
    for part in path:
        is_item = isinstance(data, list | tuple) and isinstance(part, int) and part < len(data)
        if not is_item and not (isinstance(data, dict) and part in data):
            return _NOTHING
        data = data[part]
    return data


def _put(data: Any, path: Keys, value: Any) -> Any:
    """A copy of `data` with `value` at `path`."""
    if not path:
        return value
    part: Any = path[0]
    below = _put(data[part], path[1:], value)
    if isinstance(data, dict):
        return {**data, part: below}
    return type(data)([*data[:part], below, *data[part + 1 :]])


def _not_finite(model: type[BaseModel], data: Any, path: Keys = ()) -> Iterator[tuple[Keys, _Slot]]:
    """The places of NaN and infinities where a number is wanted and `allow_inf_nan=True` does not stand."""
    if isinstance(data, dict | list):
        parts = data.items() if isinstance(data, dict) else enumerate(data)
        for part, below in parts:
            yield from _not_finite(model, below, (*path, part))
    elif isinstance(data, float) and not math.isfinite(data):
        slots = [slot for slot in _reached(model, path) if slot.kind is float]
        if slots and not any(getattr(limit, "allow_inf_nan", False) for slot in slots for limit in slot.limits):
            yield path, slots[0]


# ---- pydantic's errors, found in the data


class _Fork(NamedTuple):
    """A union on the way to an error, and the member that the error speaks of."""

    depth: int  # of the union in the path
    member: str
    slot: _Slot


class _Found(NamedTuple):
    """One error: its path in the data (without pydantic's names of union members) and what may stand there."""

    type: str
    path: Keys
    slot: _Slot
    message: str = ""  # a validator's own words
    forks: tuple[_Fork, ...] = ()
    given: Any = _NOTHING  # what pydantic saw
    above: _Slot | None = None  # the map or list that it stands in


_OWN_WORDS = {"value_error", "assertion_error"}
_NOT_OWN_WORDS = {*get_args(ErrorType), "union", "key"} - _OWN_WORDS


def _located(model: type[BaseModel], at: Keys, error: Any, data: Any) -> _Found:
    way = _followed(model, error["loc"], data)
    kind, message = error["type"], error["msg"]
    if kind in _OWN_WORDS:
        message = str(error["ctx"]["error"]) or "not allowed"
    elif error["loc"][-1:] == ("[key]",):
        kind = "key"
    forks = tuple(fork._replace(depth=fork.depth + len(at)) for fork in way.forks)
    return _Found(kind, (*at, *way.path), way.slot, message, forks, error["input"], way.above)


class _Way(NamedTuple):
    """Where a location of pydantic's leads."""

    path: Keys
    slot: _Slot
    above: _Slot | None
    forks: tuple[_Fork, ...]


def _followed(model: type[BaseModel], loc: Iterable[str | int], data: Any) -> _Way:
    """Walks the model along pydantic's location, telling keys and positions from names of union members."""
    path: list[str | int] = []
    forks: list[_Fork] = []
    kind: Any = model
    above: _Slot | None = None
    here = data
    for part in loc:
        slot = _slot(kind)
        if part == "[key]" and above:
            kind = (*get_args(above.kind), Any)[0]
        elif members := _members(slot):
            forks.append(_Fork(len(path), str(part), slot))
            kind = next((member for member in members if _is_called(member, str(part), slot.switch)), Any)
        elif isinstance(here, set | frozenset):  # its order is not the file's: the set stands for its items
            kind = _step(slot, part)
        else:
            above, kind = slot, _step(slot, part)
            path.append(part)
            here = _at(here, (part,))
    return _Way(tuple(path), _slot(kind), above, tuple(forks))


def _is_called(member: Any, name: str, switch: str | None) -> bool:
    """Whether pydantic's locations mean this member of a union by `name`."""
    slot = _slot(member)
    if any(isinstance(limit, Tag) and limit.tag == name for limit in slot.limits):
        return True
    if not _is_model(slot.kind):
        return TypeAdapter(member).validator.title == name
    wrapped = rf"(function-.*[\[ ])?{slot.kind.__name__}\]*"  # function-after[check(), Shop]
    return name in map(str, _tags(slot.kind, switch)) or bool(re.fullmatch(wrapped, name))


def _tags(model: type[BaseModel], switch: str | None) -> tuple[Any, ...]:
    field = model.model_fields.get(switch or "")
    return _choices(_slot(field)) if field else ()


def _choices(slot: _Slot) -> tuple[Any, ...]:
    """The values that a slot lists, those of its union's members included."""
    if get_origin(slot.kind) is Literal:
        return get_args(slot.kind)
    if isinstance(slot.kind, type) and issubclass(slot.kind, enum.Enum):
        return tuple(member.value for member in slot.kind)
    return tuple(choice for member in _members(slot) for choice in _choices(_slot(member)))


def _settled(found: Sequence[_Found], level: int = 0) -> list[_Found]:
    """Of each union on the way, the errors of the one member that was probably meant; if none was, one error for all."""
    kept: list[_Found] = []
    unions: dict[Keys, dict[str, list[_Found]]] = {}
    for one in found:
        if len(one.forks) <= level:
            kept.append(one)
        else:
            fork = one.forks[level]
            unions.setdefault(one.path[: fork.depth], {}).setdefault(fork.member, []).append(one)
    for path, members in unions.items():
        meant = [errors for errors in members.values() if len(members) == 1 or any(_inside(one, path) for one in errors)]
        if meant:
            kept += _settled(min(meant, key=_distance), level + 1)
        else:
            first = next(iter(members.values()))[0]
            kept.append(_Found("union", path, first.forks[level].slot, given=first.given))
    return kept


def _inside(found: _Found, path: Keys) -> bool:
    """Whether the value at `path` was at least of the right kind for the member that complains."""
    return len(found.path) > len(path) or found.type not in _NOT_OWN_WORDS


def _distance(errors: Sequence[_Found]) -> tuple[int, int]:
    """A wrong fixed word (use: caps) says most clearly that another member was meant."""
    return sum(one.type == "literal_error" for one in errors), len(errors)


# ---- in words


def _problems(found: Iterable[_Found], tree: Tree) -> list[Problem]:
    known = {(problem.file, problem.line, problem.column) for problem in tree.problems}
    found = list(found)
    misspelt = {(*one.path[:-1], _meant(one)) for one in found if one.type == "extra_forbidden"}
    problems = []
    for one in found:
        if one.type == "missing" and (one.path in misspelt or not tree.complete):
            continue
        if one.type not in _NOT_OWN_WORDS and not tree.complete and isinstance(_at(tree.data, one.path), dict):
            continue  # a judgement on a map of which parts are not known
        problems += _said(one, tree)
    return tree.sorted(problem for problem in problems if (problem.file, problem.line, problem.column) not in known)


def _said(found: _Found, tree: Tree) -> list[Problem]:
    """The problem of one error; of a validator's message, one for each of its lines."""
    path = found.path
    if found.type == "extra_forbidden":
        return [_problem(tree, path, _unknown(found), key=True)]
    if found.type == "key":
        return [_problem(tree, path, f"the name must be {_description(found.slot)}", key=True)]
    if found.type == "missing":
        return [tree.place(path[:-1]).problem(f"{dotted(path)}: missing; must be {_description(found.slot)}")]
    if found.type.startswith("union_tag") and found.slot.switch:
        return [_switch_problem(tree, found, found.slot.switch)]
    if found.type not in _NOT_OWN_WORDS:
        return [_placed_line(tree, found, line) for line in found.message.splitlines() if line.strip()]
    return [_problem(tree, path, _refusal(found, _given(tree, found)))]


def _problem(tree: Tree, path: Keys, words: str, key: bool = False) -> Problem:
    """At the value if it is a scalar; at the key if that is what is wrong, or if the value is a map or a list."""
    value = _at(tree.data, path)
    at_key = key or value is _NOTHING or isinstance(value, dict | list)
    place = tree.place(path) if at_key else tree.value_place(path)
    return place.problem(f"{dotted(path)}: {words}" if path else words)


def _given(tree: Tree, found: _Found) -> Any:
    """The value as it is written (pydantic saw it turned); of an item of a set, the item."""
    value = _at(tree.data, found.path)
    is_item = isinstance(value, list) and not isinstance(found.given, list | tuple | set | frozenset)
    return found.given if value is _NOTHING or is_item else value


def _unknown(found: _Found) -> str:
    name = _meant(found)
    guess = f" - did you mean {name!r}?" if name else ""
    allowed = ", ".join(_known_keys(found))
    return f"not known{guess}" + (f" (allowed: {allowed})" if allowed else " (no keys are allowed here)")


def _meant(found: _Found) -> str | None:
    return nearest(str(found.path[-1]), _known_keys(found))


def _known_keys(found: _Found) -> list[str]:
    """The keys that may stand beside the unknown one; `extends` is no model's field, but every file may have it."""
    own = list(_fields(found.above.kind)) if found.above and _is_model(found.above.kind) else []
    return ["extends", *own] if len(found.path) == 1 else own


def _switch_problem(tree: Tree, found: _Found, switch: str) -> Problem:
    """A union whose members are told apart by a key that is missing or names none of them."""
    models = [_slot(member).kind for member in _members(found.slot)]
    names = tuple(tag for model in models if _is_model(model) for tag in _tags(model, switch))
    key = next((_written(switch, model.model_fields[switch]) for model in models if _is_model(model)), switch)
    path = (*found.path, key)
    slot = _Slot(Literal[names])
    if _at(tree.data, path) is _NOTHING:
        return tree.place(found.path).problem(f"{dotted(path)}: missing; must be {_description(slot)}")
    return _problem(tree, path, _refusal(_Found("literal_error", path, slot), _at(tree.data, path)))


def _placed_line(tree: Tree, found: _Found, line: str) -> Problem:
    """A validator's words, placed at the key that they begin with if there is one."""
    name, colon, words = line.strip().partition(": ")
    below = tuple(int(part[1:-1]) if part[0] == "[" else part for part in re.findall(r"\[[0-9]+\]|[^.\[\]]+", name))
    if colon and below and dotted(below) == name and _names_a_key(found.slot, _at(tree.data, found.path), below[0]):
        return _problem(tree, (*found.path, *below), words)
    return _problem(tree, found.path, line.strip())


def _names_a_key(slot: _Slot, value: Any, name: str | int) -> bool:
    return _at(value, (name,)) is not _NOTHING or (_is_model(slot.kind) and str(name) in _fields(slot.kind))


def _refusal(found: _Found, given: Any) -> str:
    if _is_described(found.slot):
        wanted = f"must be {_description(found.slot)}"
        if found.type == "finite_number":
            wanted = wanted.replace("a number", "a finite number")
    else:
        wanted = re.sub("^Input should be ", "must be ", found.message)
    return f"{wanted}; given {_shown(given)}{_hint(found.slot, given)}"


def _hint(slot: _Slot, given: Any) -> str:
    kinds = [_slot(member).kind for member in _members(slot) or (slot.kind,)]
    if isinstance(given, str):
        words = [str(choice) for choice in _choices(slot)]
        if name := nearest(given, words):
            return f" - did you mean {name!r}?"
        if (int in kinds or float in kinds) and isinstance(_unquoted(given), int | float):
            return " as text: leave out the quotes"
    elif str in kinds and not isinstance(given, dict | list | types.NoneType):
        return ": put it in quotes"
    return ""


def _unquoted(text: str) -> Any:
    try:
        return scalar(text)
    except ValueError:
        return text


def _shown(value: Any, longest: int = 60) -> str:
    if isinstance(value, dict):
        return "a map"
    if isinstance(value, list | tuple | set | frozenset):
        return f"a list of {len(value)}"
    if value is None:
        return "nothing (null)"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime.date):
        return value.isoformat()
    text = repr(value)
    return text if len(text) <= longest else text[: longest - 3] + "..."


# ---- what is allowed, in words

_KINDS: dict[Any, str] = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    decimal.Decimal: "a number",
    str: "text",
    datetime.date: "a date (YYYY-MM-DD)",
    datetime.datetime: "a date and time (YYYY-MM-DDTHH:MM:SS)",
    datetime.time: "a time of day (HH:MM)",
    Path: "the name of a file",
    type(None): "null",
}


def _is_described(slot: _Slot) -> bool:
    wanted = get_origin(slot.kind) or slot.kind
    return bool(_members(slot) or _choices(slot) or _is_model(slot.kind) or wanted in _KINDS or wanted in (*_LISTS, *_MAPS))


def _description(slot: _Slot, brief: bool = False) -> str:
    """What a slot takes: `a whole number from 1 to 20000 (length of the run, days)`. Brief: without the note and keys."""
    text = _kind_in_words(slot, brief)
    if slot.nullable:
        text += " or null"
    return f"{text} ({slot.note})" if slot.note and not brief else text


def _kind_in_words(slot: _Slot, brief: bool) -> str:
    origin, args = get_origin(slot.kind) or slot.kind, get_args(slot.kind)
    limits = _limits_in_words(slot)
    if members := _members(slot):
        return _members_in_words(members, slot.switch) + limits
    if choices := _choices(slot):
        words = [str(choice) for choice in choices]
        return repr(words[0]) if len(words) == 1 else f"one of {', '.join(words)}"
    if _is_model(slot.kind):
        return "a map" if brief else f"a map with keys among {', '.join(_fields(slot.kind)) or 'none'}"
    if origin in _MAPS:
        return f"a map{limits}{_each('value', args[1:])}"
    if origin is tuple and args and args[-1] is not ...:
        return f"a list of {len(args)}: {', '.join(_description(_slot(arg), brief=True) for arg in args)}"
    if origin in _LISTS:
        return f"a list{limits}{_each('item', args)}"
    return _KINDS.get(origin, "another value") + limits


def _members_in_words(members: Sequence[Any], switch: str | None) -> str:
    slots = [_slot(member) for member in members]
    models = [slot.kind for slot in slots if _is_model(slot.kind)]
    if switch and len(models) == len(slots):
        key = _written(switch, models[0].model_fields[switch])
        return f"a map with {key}: {' or '.join(str(tag) for model in models for tag in _tags(model, switch))}"
    words = list(dict.fromkeys(_description(slot, brief=len(models) > 1) for slot in slots))
    return (", or " if any(", " in word for word in words) else " or ").join(words)


def _each(part: str, args: Sequence[Any]) -> str:
    if not args or not _is_described(_slot(args[0])):
        return ""
    return f", each {part} {_description(_slot(args[0]), brief=True)}"


_BOUNDS = (  # what a limit is called where it is written, and in words for numbers and for lengths
    ("gt", "above {}"),
    ("ge", "of at least {}"),
    ("lt", "below {}"),
    ("le", "of at most {}"),
    ("multiple_of", "that is a multiple of {}"),
    ("min_length", "of at least {}"),
    ("max_length", "of at most {}"),
    ("pattern", "like {}"),
)


def _limits_in_words(slot: _Slot) -> str:
    bounds = {
        name: value
        for limit in slot.limits
        for name, _ in _BOUNDS
        if (value := getattr(limit, name, None)) is not None and not callable(value)
    }
    words = []
    if "ge" in bounds and "le" in bounds:
        words.append(f"from {_bound(bounds.pop('ge'))} to {_bound(bounds.pop('le'))}")
    if "min_length" in bounds and bounds["min_length"] == bounds.get("max_length"):
        words.append(f"of {_length(bounds.pop('max_length'), slot)}")
        del bounds["min_length"]
    for name, form in _BOUNDS:
        if name in bounds:
            words.append(form.format(_length(bounds[name], slot) if name.endswith("length") else _bound(bounds[name])))
    return f" {' and '.join(words)}" if words else ""


def _length(number: int, slot: _Slot) -> str:
    return f"{number} {'character' if slot.kind is str else 'item'}{'' if number == 1 else 's'}"


def _bound(value: Any) -> str:
    return str(getattr(value, "pattern", value))
