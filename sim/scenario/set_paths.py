"""What `--set a.b.c=V` lays over a scenario."""

from __future__ import annotations

import re
from dataclasses import replace

from sim.errors import Problem
from sim.scenario.compose import compose
from sim.scenario.node import DEEPEST, Keys, Node, Place, dotted, laid_over
from sim.scenario.scalars import shortened

_PART = re.compile(r"""(?:"([^"]*)"|'([^']*)'|([^.=\s"']+))(\.|=|$)""")


def label(text: str) -> str:
    """The place of what `--set` gave, always on one line."""
    return f"--set {text if text.isprintable() else repr(text)}"


def with_set(root: Node, text: str, problems: list[Problem]) -> Node:
    """`root` with one `a.b.c=V` laid over it; `root` itself, and a problem more, if that cannot be."""
    place = Place(label(text))
    try:
        keys, value = key_and_value(text)
        if keys[0] == "extends":
            raise ValueError("'extends' can only be given in a file")
        known = len(problems)
        node = compose(value, lambda line, column: place, problems)
        if len(problems) > known:
            return root
        return _laid(root, keys, node or Node(None, place), place, ())
    except ValueError as error:
        problems.append(place.problem(str(error)))
        return root


def key_and_value(text: str) -> tuple[list[str], str]:
    """The keys and the value of `a.b.c=V`; a key that holds a dot is put in quotes. Raises ValueError."""
    keys, start = [], 0
    while found := _PART.match(text, start):
        keys.append(next(group for group in found.groups() if group is not None))
        start = found.end()
        if found[4] != ".":
            break
    if not keys or not found or found[4] != "=" or len(keys) > DEEPEST:
        raise ValueError("must be KEY=VALUE, with dots between the keys: --set policies.caps.store_days=3")
    return keys, text[start:]


def _laid(node: Node | None, keys: list[str], value: Node, place: Place, path: Keys) -> Node:
    """`node` with `value` laid over what stands at `keys`; maps on the way are made where there are none."""
    if not keys:
        return replace(laid_over(node, value) if node else value, key=place)
    if node is None or node.value is None:
        node = Node({}, place, place)
    first, rest = keys[0], keys[1:]
    if isinstance(node.value, list):
        index = _index(first, len(node.value), path)
        items = list(node.value)
        items[index] = _laid(items[index], rest, value, place, (*path, index))
        return replace(node, value=items)
    if not isinstance(node.value, dict):
        raise ValueError(f"{dotted(path)} is no map, it is {shortened(str(node.value))} ({node.key or node.at})")
    below = _laid(node.value.get(first), rest, value, place, (*path, first))
    return replace(node, value={**node.value, first: below})


def _index(text: str, length: int, path: Keys) -> int:
    if text.isdecimal() and len(text) <= len(str(length)) and int(text) < length:
        return int(text)
    allowed = f"0 to {length - 1}" if length else "none, for it is empty"
    raise ValueError(f"{dotted(path)} is a list: {text!r} is not one of its positions ({allowed})")
