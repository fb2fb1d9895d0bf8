"""What is allowed at a place of a model, in words."""

from __future__ import annotations

import datetime
import decimal
from collections.abc import Sequence
from pathlib import Path
from typing import Any, get_args, get_origin

from sim.scenario.slots import LISTS, MAPS, Slot, choices_of, fields_of, is_model, members_of, name_in_files, slot_of, tags_of

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


def is_described(slot: Slot) -> bool:
    """Whether there are words for it."""
    wanted = get_origin(slot.kind) or slot.kind
    return bool(members_of(slot) or choices_of(slot) or is_model(slot.kind) or wanted in _KINDS or wanted in (*LISTS, *MAPS))


def described(slot: Slot, brief: bool = False) -> str:
    """What a slot takes: `a whole number from 1 to 20000 (length of the run, days)`. Brief: without the note and keys."""
    text = _kind_in_words(slot, brief)
    if slot.nullable:
        text += " or null"
    return f"{text} ({slot.note})" if slot.note and not brief else text


def _kind_in_words(slot: Slot, brief: bool) -> str:
    origin, args = get_origin(slot.kind) or slot.kind, get_args(slot.kind)
    limits = _limits_in_words(slot)
    if members := members_of(slot):
        return _members_in_words(members, slot.switch) + limits
    if choices := choices_of(slot):
        words = [str(choice) for choice in choices]
        return repr(words[0]) if len(words) == 1 else f"one of {', '.join(words)}"
    if is_model(slot.kind):
        return "a map" if brief else f"a map with keys among {', '.join(fields_of(slot.kind)) or 'none'}"
    if origin in MAPS:
        return f"a map{limits}{_each('value', args[1:])}"
    if origin is tuple and args and args[-1] is not ...:
        return f"a list of {len(args)}: {', '.join(described(slot_of(arg), brief=True) for arg in args)}"
    if origin in LISTS:
        return f"a list{limits}{_each('item', args)}"
    return _KINDS.get(origin, "another value") + limits


def _members_in_words(members: Sequence[Any], switch: str | None) -> str:
    slots = [slot_of(member) for member in members]
    models = [slot.kind for slot in slots if is_model(slot.kind)]
    if switch and len(models) == len(slots):
        key = name_in_files(switch, models[0].model_fields[switch])
        return f"a map with {key}: {' or '.join(str(tag) for model in models for tag in tags_of(model, switch))}"
    words = list(dict.fromkeys(described(slot, brief=len(models) > 1) for slot in slots))
    return (", or " if any(", " in word for word in words) else " or ").join(words)


def _each(part: str, args: Sequence[Any]) -> str:
    if not args or not is_described(slot_of(args[0])):
        return ""
    return f", each {part} {described(slot_of(args[0]), brief=True)}"


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


def _limits_in_words(slot: Slot) -> str:
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


def _length(number: int, slot: Slot) -> str:
    return f"{number} {'character' if slot.kind is str else 'item'}{'' if number == 1 else 's'}"


def _bound(value: Any) -> str:
    return str(getattr(value, "pattern", value))
