"""From a YAML text to nodes, with all that is wrong on the way. Keys are text, each given once.

Nodes are built from the parser's events, not by yaml.compose: that one overflows the C stack on 200,000 brackets.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any

import yaml
from yaml.reader import Reader as _Characters

from sim.errors import Problem
from sim.scenario.broken_yaml import explained
from sim.scenario.node import DEEPEST, Keys, Node, Place, dotted
from sim.scenario.scalars import scalar

MOST_VALUES = 1_000_000  # after aliases are written out

LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TEXT_TAGS = {"!", "tag:yaml.org,2002:str"}
_PLAIN_TAGS = {None, "!", "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"}


class Unreadable(Exception):  # noqa: N818 - carries the problem that ends the reading of a text
    """A text of which nothing can be made."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


def compose(text: str, place: Callable[[int, int], Place], problems: list[Problem]) -> Node | None:
    """The value of a YAML text; None if it is empty, or if it is broken (then a problem has been added)."""
    try:
        _refuse_control_characters(text, place)
        return _Composer(text, place, problems).document()
    except yaml.MarkedYAMLError as error:
        line, column, words = explained(error, text)
        problems.append(place(line, column).problem(f"broken YAML: {words}"))
    except Unreadable as error:
        problems.append(error.problem)
    return None


def _refuse_control_characters(text: str, place: Callable[[int, int], Place]) -> None:
    if found := _Characters.NON_PRINTABLE.search(text):
        line, column = line_and_column(text[: found.start()])
        words = f"broken YAML: the character U+{ord(found.group()):04X} cannot stand in a scenario"
        raise Unreadable(place(line, column).problem(words))


def line_and_column(before: str) -> tuple[int, int]:
    """The place after a text, counted from 1."""
    return before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1


class _Composer:
    """Turns the events of one YAML text into nodes, noting what is wrong on the way."""

    def __init__(self, text: str, place: Callable[[int, int], Place], problems: list[Problem]) -> None:
        self._events: Iterator[Any] = yaml.parse(text, Loader=LOADER)
        self._place = place
        self._problems = problems
        self._anchors: dict[str, Node | None] = {}  # None while the anchored value is still being read
        self._copied = 0

    def document(self) -> Node | None:
        next(self._events)  # the stream's start
        if isinstance(next(self._events), yaml.StreamEndEvent):
            return None
        node = self._node(next(self._events), ())
        next(self._events)  # the document's end
        following = next(self._events)
        if not isinstance(following, yaml.StreamEndEvent):
            self._note(self._start(following), (), "a second document begins here ('---'): a file holds one")
        return node

    def _node(self, event: Any, path: Keys) -> Node:
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event, path)
        if len(path) > DEEPEST:
            raise Unreadable(self._start(event).problem(f"more than {DEEPEST} maps and lists inside one another"))
        if event.anchor:
            self._anchors[event.anchor] = None
        if isinstance(event, yaml.ScalarEvent):
            node = self._scalar(event, path)
        else:
            self._check_tag(event, path)
            node = self._map(event, path) if isinstance(event, yaml.MappingStartEvent) else self._list(event, path)
        if event.anchor:
            self._anchors[event.anchor] = node
        return node

    def _alias(self, event: Any, path: Keys) -> Node:
        at, name = self._start(event), event.anchor
        node = self._anchors.get(name)
        if node is None:
            words = f"stands inside its own anchor &{name}" if name in self._anchors else f"has no anchor &{name} before it"
            self._note(at, path, f"the alias *{name} {words}")
            return Node(None, at)
        self._copied += node.size  # aliases of aliases make a short text huge: it is measured before it is written out
        if self._copied > MOST_VALUES:
            raise Unreadable(at.problem(f"with its aliases written out this is more than {MOST_VALUES:,} values"))
        return node

    def _scalar(self, event: Any, path: Keys) -> Node:
        at = self._start(event)
        if event.tag or not event.implicit[0]:  # quoted, a block of text, or tagged
            self._check_tag(event, path, allowed=_TEXT_TAGS | {None})
            return Node(event.value, at)
        try:
            return Node(scalar(event.value), at)
        except ValueError as error:
            self._note(at, path, str(error))
            return Node(event.value, at)

    def _list(self, start: Any, path: Keys) -> Node:
        items: list[Node] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            items.append(self._node(event, (*path, len(items))))
        return self._sized(items, items, start)

    def _map(self, start: Any, path: Keys) -> Node:
        values: dict[str, Node] = {}
        merges: list[Node] | None = None
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            merge = isinstance(event, yaml.ScalarEvent) and event.value == "<<" and event.implicit[0]
            name, key = self._key(event, path)
            node = self._node(next(self._events), (*path, name or "?"))
            if name is None:
                continue
            if merge and merges is None:
                merges = self._merge_sources(node, (*path, name))
            elif merge:
                self._note(key, (*path, name), "given twice: write '<<: [*one, *two]'")
            elif name in values:
                self._note(key, (*path, name), f"given twice: the first is at {values[name].key}")
            else:
                values[name] = replace(node, key=key)
        for source in merges or []:  # the map's own keys win, then the earlier of several
            values = {**source.value, **values}
        return self._sized(values, values.values(), start)

    def _merge_sources(self, node: Node, path: Keys) -> list[Node]:
        sources = node.value if isinstance(node.value, list) else [node]
        if all(isinstance(source.value, dict) for source in sources):
            return list(sources)
        self._note(node.at, path, "'<<' takes an alias of a map, or a list of such aliases")
        return []

    def _key(self, event: Any, path: Keys) -> tuple[str | None, Place]:
        """The text of a key (None if it is a map or list) and its place."""
        at = self._start(event)
        node = self._node(event, path)
        if isinstance(node.value, str):
            return node.value, at
        if isinstance(node.value, dict | list):
            self._note(at, path, "a key is a text, not a map or a list")
            return None, at
        written = event.value if isinstance(event, yaml.ScalarEvent) else str(node.value)
        self._note(at, path, f"the key {written} is not text: put it in quotes")
        return written, at

    def _sized(self, value: Any, parts: Iterable[Node], start: Any) -> Node:
        """The node of a map or list, measured."""
        parts = list(parts)
        size = 1 + sum(part.size for part in parts)
        depth = 1 + max((part.depth for part in parts), default=0)
        if depth > DEEPEST:
            raise Unreadable(self._start(start).problem(f"more than {DEEPEST} maps and lists inside one another"))
        return Node(value, self._start(start), None, size, depth)

    def _check_tag(self, event: Any, path: Keys, allowed: set[str | None] | None = None) -> None:
        if event.tag not in (allowed or _PLAIN_TAGS):
            tag = event.tag.replace("tag:yaml.org,2002:", "!!")
            self._note(self._start(event), path, f"the tag {tag} is not supported: write the value without it")

    def _start(self, event: Any) -> Place:
        return self._place(event.start_mark.line + 1, event.start_mark.column + 1)

    def _note(self, at: Place, path: Keys, message: str) -> None:
        self._problems.append(at.problem(f"{dotted(path)}: {message}" if path else message))
