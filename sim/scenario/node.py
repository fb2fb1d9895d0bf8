"""A value of a scenario file, where it is written, and values laid over one another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

from sim.errors import Problem

DEEPEST = 100  # maps and lists inside one another

Keys: TypeAlias = tuple[str | int, ...]


class Place(NamedTuple):
    """Where something is written; `line` and `column` count from 1, and are 0 for what came by `--set`."""

    file: str
    line: int = 0
    column: int = 0

    def problem(self, message: str) -> Problem:
        return Problem(message, *self)

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file


@dataclass(frozen=True, slots=True)
class Node:
    """A value, where it is written, and where its key is (if it stands in a map)."""

    value: Any  # a scalar, dict[str, Node] or list[Node]
    at: Place
    key: Place | None = None
    size: int = 1  # values in it, itself included
    depth: int = 0  # levels of maps and lists below it


def dotted(path: Keys) -> str:
    """`merchants.shop.tags[2]`, always on one line."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            name = part if part and part.isprintable() else repr(part)
            text += f".{name}" if text else name
    return text


def undotted(data: Any, path: str) -> tuple[str, ...] | None:
    """The keys that a dotted path names in maps inside one another, whose own keys may hold dots; None if there is none."""
    if not isinstance(data, dict):
        return None
    if path in data:
        return (path,)
    for name in data:
        if path.startswith(f"{name}.") and (below := undotted(data[name], path[len(name) + 1 :])) is not None:
            return (name, *below)
    return None


def plain(node: Node) -> Any:
    """What a node holds, without places; every part is its own copy."""
    if isinstance(node.value, dict):
        return {name: plain(below) for name, below in node.value.items()}
    if isinstance(node.value, list):
        return [plain(below) for below in node.value]
    return node.value


def child(node: Node, part: str | int) -> Node | None:
    """What stands at a key of a map or at a position of a list; None if there is nothing."""
    if isinstance(node.value, dict):
        found: Node | None = node.value.get(part)
        return found
    if isinstance(node.value, list) and isinstance(part, int) and 0 <= part < len(node.value):
        item: Node = node.value[part]
        return item
    return None


def laid_over(under: Node, over: Node) -> Node:
    """Maps are merged by key, all else is replaced; the places are those of the last who wrote.

    A map that uses another plug-in is another thing: it inherits no parameters.
    """
    if not (isinstance(under.value, dict) and isinstance(over.value, dict)) or _uses_another(under.value, over.value):
        return over
    values = dict(under.value)
    for name, node in over.value.items():
        values[name] = laid_over(values[name], node) if name in values else node
    return Node(values, over.at, over.key)


def _uses_another(under: dict[str, Node], over: dict[str, Node]) -> bool:
    return "use" in under and "use" in over and under["use"].value != over["use"].value
