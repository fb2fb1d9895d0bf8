"""What is wrong, in words and at its place."""

from __future__ import annotations

import datetime
import re
import types
from collections.abc import Iterable
from typing import Any, Literal

from sim.errors import Problem
from sim.scenario.allowed import described, is_described
from sim.scenario.faults import NOT_OWN_WORDS, Found
from sim.scenario.near_names import did_you_mean, nearest
from sim.scenario.node import Keys, dotted
from sim.scenario.parts import NOTHING, part_at
from sim.scenario.scalars import scalar, shortened
from sim.scenario.slots import Slot, choices_of, fields_of, is_model, members_of, name_in_files, slot_of, tags_of
from sim.scenario.tree import Tree


def in_words(found: Iterable[Found], tree: Tree) -> list[Problem]:
    """The problems of errors, in the order of their places, but for what follows from what the tree itself complained of."""
    known = {(problem.file, problem.line, problem.column) for problem in tree.problems}
    found = list(found)
    misspelt = {(*one.path[:-1], _meant(one)) for one in found if one.type == "extra_forbidden"}
    problems = []
    for one in found:
        if one.type == "missing" and (one.path in misspelt or not tree.complete):
            continue
        if one.type not in NOT_OWN_WORDS and not tree.complete and isinstance(part_at(tree.data, one.path), dict):
            continue  # a judgement on a map of which parts are not known
        problems += _said(one, tree)
    return tree.sorted(problem for problem in problems if (problem.file, problem.line, problem.column) not in known)


def _said(found: Found, tree: Tree) -> list[Problem]:
    """The problem of one error; of a validator's message, one for each of its lines."""
    path = found.path
    if found.type == "extra_forbidden":
        return [_problem(tree, path, _unknown(found), key=True)]
    if found.type == "key":
        return [_problem(tree, path, f"the name must be {described(found.slot)}", key=True)]
    if found.type == "missing":
        return [tree.place(path[:-1]).problem(f"{dotted(path)}: missing; must be {described(found.slot)}")]
    if found.type.startswith("union_tag") and found.slot.switch:
        return [_switch_problem(tree, found, found.slot.switch)]
    if found.type not in NOT_OWN_WORDS:
        return [_placed_line(tree, found, line) for line in found.message.splitlines() if line.strip()]
    return [_problem(tree, path, _refusal(found, _given(tree, found)))]


def _problem(tree: Tree, path: Keys, words: str, key: bool = False) -> Problem:
    """At the value if it is a scalar; at the key if that is what is wrong, or if the value is a map or a list."""
    value = part_at(tree.data, path)
    at_key = key or value is NOTHING or isinstance(value, dict | list)
    place = tree.place(path) if at_key else tree.value_place(path)
    return place.problem(f"{dotted(path)}: {words}" if path else words)


def _given(tree: Tree, found: Found) -> Any:
    """The value as it is written (pydantic saw it turned); of an item of a set, the item."""
    value = part_at(tree.data, found.path)
    is_item = isinstance(value, list) and not isinstance(found.given, list | tuple | set | frozenset)
    return found.given if value is NOTHING or is_item else value


def _unknown(found: Found) -> str:
    allowed = ", ".join(_known_keys(found))
    return f"not known{did_you_mean(_meant(found))}" + (f" (allowed: {allowed})" if allowed else " (no keys are allowed here)")


def _meant(found: Found) -> str | None:
    return nearest(str(found.path[-1]), _known_keys(found))


def _known_keys(found: Found) -> list[str]:
    """The keys that may stand beside the unknown one; `extends` is no model's field, but every file may have it."""
    own = list(fields_of(found.above.kind)) if found.above and is_model(found.above.kind) else []
    return ["extends", *own] if len(found.path) == 1 else own


def _switch_problem(tree: Tree, found: Found, switch: str) -> Problem:
    """A union whose members are told apart by a key that is missing or names none of them."""
    models = [slot_of(member).kind for member in members_of(found.slot)]
    names = tuple(tag for model in models if is_model(model) for tag in tags_of(model, switch))
    key = next((name_in_files(switch, model.model_fields[switch]) for model in models if is_model(model)), switch)
    path = (*found.path, key)
    slot = Slot(Literal[names])
    if part_at(tree.data, path) is NOTHING:
        return tree.place(found.path).problem(f"{dotted(path)}: missing; must be {described(slot)}")
    return _problem(tree, path, _refusal(Found("literal_error", path, slot), part_at(tree.data, path)))


def _placed_line(tree: Tree, found: Found, line: str) -> Problem:
    """A validator's words, placed at the key that they begin with if there is one."""
    name, colon, words = line.strip().partition(": ")
    below = tuple(int(part[1:-1]) if part[0] == "[" else part for part in re.findall(r"\[[0-9]+\]|[^.\[\]]+", name))
    if colon and below and dotted(below) == name and _names_a_key(found.slot, part_at(tree.data, found.path), below[0]):
        return _problem(tree, (*found.path, *below), words)
    return _problem(tree, found.path, line.strip())


def _names_a_key(slot: Slot, value: Any, name: str | int) -> bool:
    return part_at(value, (name,)) is not NOTHING or (is_model(slot.kind) and str(name) in fields_of(slot.kind))


def _refusal(found: Found, given: Any) -> str:
    if is_described(found.slot):
        wanted = f"must be {described(found.slot)}"
        if found.type == "finite_number":
            wanted = wanted.replace("a number", "a finite number")
    else:
        wanted = re.sub("^Input should be ", "must be ", found.message)
    return f"{wanted}; given {_shown(given)}{_hint(found.slot, given)}"


def _hint(slot: Slot, given: Any) -> str:
    kinds = [slot_of(member).kind for member in members_of(slot) or (slot.kind,)]
    if isinstance(given, str):
        words = [str(choice) for choice in choices_of(slot)]
        if name := nearest(given, words):
            return did_you_mean(name)
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
    return shortened(repr(value), longest)
