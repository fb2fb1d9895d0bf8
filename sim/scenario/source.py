"""Scenario files as plain data that still knows where each key and value is written.

A file is read into nodes; the files that it extends, overlays and `--set` are laid over one another; the result is a
`Tree`. Nothing here knows what a scenario means: that is for the models (`sim.scenario.check`).

YAML is read as people mean it. `5`, `50_000`, `-.5`, `1e-3`, `1E5`, `.inf` are numbers; `true` and `false` are the only
truth values (`no`, `on` are text, `check` takes them where a truth value is expected); `2023-09-01` is a date; `12:30:00`,
`2021-11-01T00:00:00` and `007` are text; `null`, `~` and an empty value are nothing. Keys are text.
"""

from __future__ import annotations

import datetime
import difflib
import hashlib
import math
import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import yaml
from yaml.reader import Reader as _Characters

from sim.errors import BadInput, Problem

DEEPEST = 100  # maps and lists inside one another
MOST_VALUES = 1_000_000  # after aliases are written out
LONGEST_CHAIN = 50  # files that extend one another
LARGEST_INTEGER = 2**64

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


class Source(NamedTuple):
    """A file that was read."""

    file: str
    sha256: str


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


class Tree:
    """What a scenario says in all: plain data, and the place of each part of it.

    `problems` are the mistakes met on the way (empty after `read_scenario`); `complete` is False if a file could not be
    read, so that nothing follows from what is missing.
    """

    def __init__(
        self,
        root: Node,
        files: Iterable[Source] = (),
        problems: Iterable[Problem] = (),
        complete: bool = True,
        sets: Iterable[str] = (),
    ) -> None:
        self._root = root
        self.files = tuple(files)
        self.complete = complete
        self._order = {name: i for i, name in enumerate([*(source.file for source in self.files), *sets])}
        self.problems = self.sorted(problems)

    @cached_property
    def data(self) -> Any:
        """Plain maps, lists and scalars; every part is its own copy."""
        return _plain(self._root)

    def place(self, path: Keys) -> Place:
        """Where the key at `path` is written (for an item of a list: the item), or its nearest ancestor's."""
        node = self._nearest(path)
        return node.key or node.at

    def value_place(self, path: Keys) -> Place:
        """Where the value at `path` begins, or its nearest ancestor's."""
        return self._nearest(path).at

    def keys_place(self, path: Keys, key: str) -> Place:
        """Where `key` is written in the map at `path`."""
        return self.place((*path, key))

    def base(self, path: Keys) -> Path:
        """The folder that a file name at `path` is relative to: that of its file, or the current one for `--set`."""
        place = self.value_place(path)
        return Path(place.file).parent if place.line else Path()

    def sorted(self, problems: Iterable[Problem]) -> list[Problem]:
        """Each problem once, by file in reading order, line and column: first the files that could not be opened."""

        def order(problem: Problem) -> tuple[int, int, int]:
            elsewhere = len(self._order) if problem.line else -1
            return self._order.get(problem.file, elsewhere), problem.line, problem.column

        return sorted(dict.fromkeys(problems), key=order)

    def _nearest(self, path: Keys) -> Node:
        node = self._root
        for part in path:
            below = _child(node, part)
            if below is None:
                break
            node = below
        return node


def read_scenario(
    path: str | os.PathLike[str], overlays: Sequence[str | os.PathLike[str]] = (), sets: Sequence[str] = ()
) -> Tree:
    """The tree of a scenario file, what it extends, `overlays` and `sets` (`"a.b.c=V"`); BadInput with every mistake."""
    tree = survey(path, overlays, sets)
    if tree.problems:
        raise BadInput(tree.problems)
    return tree


def survey(path: str | os.PathLike[str], overlays: Sequence[str | os.PathLike[str]] = (), sets: Sequence[str] = ()) -> Tree:
    """As `read_scenario`, but mistakes are kept in `tree.problems`, so that what could be read can be checked as well."""
    layers = _Layers()
    for file in (path, *overlays):
        layers.lay(os.fspath(file), again=True)
    root = layers.merged(os.fspath(path))
    for text in sets:
        root = _with_set(root, text, layers.problems)
    return Tree(root, layers.files.values(), layers.problems, layers.complete, map(label, sets))


# ---- from nodes to data, and nodes over nodes


def _plain(node: Node) -> Any:
    if isinstance(node.value, dict):
        return {name: _plain(below) for name, below in node.value.items()}
    if isinstance(node.value, list):
        return [_plain(below) for below in node.value]
    return node.value


def _child(node: Node, part: str | int) -> Node | None:
    if isinstance(node.value, dict):
        found: Node | None = node.value.get(part)
        return found
    if isinstance(node.value, list) and isinstance(part, int) and 0 <= part < len(node.value):
        item: Node = node.value[part]
        return item
    return None


def _over(under: Node, over: Node) -> Node:
    """Maps are merged by key, all else is replaced; the places are those of the last who wrote.

    A map that uses another plug-in is another thing: it inherits no parameters.
    """
    if not (isinstance(under.value, dict) and isinstance(over.value, dict)) or _uses_another(under.value, over.value):
        return over
    values = dict(under.value)
    for name, node in over.value.items():
        values[name] = _over(values[name], node) if name in values else node
    return Node(values, over.at, over.key)


def _uses_another(under: dict[str, Node], over: dict[str, Node]) -> bool:
    return "use" in under and "use" in over and under["use"].value != over["use"].value


# ---- scalars

_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]*(_[0-9]+)*)")
_NUMBER = re.compile(r"[-+]?((0|[1-9][0-9]*(_[0-9]+)*)(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"([-+]?)\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_WORDS = {
    name: value
    for word, value in (("true", True), ("false", False), ("null", None))
    for name in (word, word.title(), word.upper())
}
_WORDS |= {"": None, "~": None}


def scalar(text: str) -> str | int | float | bool | datetime.date | None:
    """What unquoted `text` means; ValueError, in plain words, for a number too large or a day that is in no calendar."""
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return _integer(text)
    if _NUMBER.fullmatch(text):
        return _finite(text)
    if _NOT_FINITE.fullmatch(text):
        return float(text.replace(".", ""))
    if _DATE.fullmatch(text):
        return _date(text)
    return text


def _integer(text: str) -> int:
    digits = text.replace("_", "")
    # the length first: Python refuses to read thousands of digits
    if len(digits) > 25 or not -LARGEST_INTEGER < (number := int(digits)) < LARGEST_INTEGER:
        raise ValueError(f"{_short(text)} is too large: whole numbers are below 2 to the power of 64")
    return number


def _finite(text: str) -> float:
    number = float(text.replace("_", ""))
    if math.isinf(number):
        raise ValueError(f"{_short(text)} is too large: numbers go up to about 1.8e308")
    return number


def _date(text: str) -> datetime.date:
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text} is not a day of the calendar (a date is YYYY-MM-DD; a text is put in quotes)") from None


def _short(text: str, longest: int = 40) -> str:
    return text if len(text) <= longest else text[: longest - 3] + "..."


# ---- from YAML to nodes
#
# Nodes are built from the parser's events, not by yaml.compose: that one overflows the C stack on 200,000 brackets.

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TEXT_TAGS = {"!", "tag:yaml.org,2002:str"}
_PLAIN_TAGS = {None, "!", "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"}


class _Unreadable(Exception):  # noqa: N818 - carries the problem that ends the reading of a text
    def __init__(self, problem: Problem) -> None:
        super().__init__(str(problem))
        self.problem = problem


def _compose(text: str, place: Callable[[int, int], Place], problems: list[Problem]) -> Node | None:
    """The value of a YAML text; None if it is empty, or if it is broken (then a problem has been added)."""
    try:
        _refuse_control_characters(text, place)
        return _Composer(text, place, problems).document()
    except yaml.MarkedYAMLError as error:
        line, column, words = _explained(error, text)
        problems.append(place(line, column).problem(f"broken YAML: {words}"))
    except _Unreadable as error:
        problems.append(error.problem)
    return None


def _refuse_control_characters(text: str, place: Callable[[int, int], Place]) -> None:
    if found := _Characters.NON_PRINTABLE.search(text):
        line, column = _line_and_column(text[: found.start()])
        words = f"broken YAML: the character U+{ord(found.group()):04X} cannot stand in a scenario"
        raise _Unreadable(place(line, column).problem(words))


def _line_and_column(before: str) -> tuple[int, int]:
    return before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1


class _Composer:
    """Turns the events of one YAML text into nodes, noting what is wrong on the way."""

    def __init__(self, text: str, place: Callable[[int, int], Place], problems: list[Problem]) -> None:
        self._events: Iterator[Any] = yaml.parse(text, Loader=_Loader)
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
            raise _Unreadable(self._start(event).problem(f"more than {DEEPEST} maps and lists inside one another"))
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
            raise _Unreadable(at.problem(f"with its aliases written out this is more than {MOST_VALUES:,} values"))
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
            raise _Unreadable(self._start(start).problem(f"more than {DEEPEST} maps and lists inside one another"))
        return Node(value, self._start(start), None, size, depth)

    def _check_tag(self, event: Any, path: Keys, allowed: set[str | None] | None = None) -> None:
        if event.tag not in (allowed or _PLAIN_TAGS):
            tag = event.tag.replace("tag:yaml.org,2002:", "!!")
            self._note(self._start(event), path, f"the tag {tag} is not supported: write the value without it")

    def _start(self, event: Any) -> Place:
        return self._place(event.start_mark.line + 1, event.start_mark.column + 1)

    def _note(self, at: Place, path: Keys, message: str) -> None:
        self._problems.append(at.problem(f"{dotted(path)}: {message}" if path else message))


# ---- what is wrong with broken YAML, in plain words

_UNCLOSED = "the {kind} that begins at {context} needs a ',' or its closing bracket here"
_STRAY = "this does not fit into the {kind} that begins at {context}: check the indentation and the quotes"
_EXPLANATIONS = (  # what PyYAML says (either of its parsers), at which mark the mistake is, and what we say
    (
        "mapping values are not allowed",
        "problem",
        "a ':' cannot stand here: check the indentation, or put a text that contains ': ' in quotes",
    ),
    ("could not find expected ':'", "context", "a key needs a ':' after it"),
    ("unexpected end of stream", "context", "this quote is never closed"),
    ("',' or '[\\]}]'", "problem", _UNCLOSED),
    ("expected key|expected <block end>|'-' indicator", "problem", _STRAY),
    ("cannot start any token", "problem", "a value cannot begin with {character!r}: put the text in quotes"),
    ("unknown escape", "problem", "not an escape that YAML knows: use single quotes, or write \\\\ for a backslash"),
    ("node content", "problem", "a value is missing before this"),
    ("sequence entries are not allowed", "problem", "a '-' cannot stand here: a list begins on a line of its own"),
)


def _explained(error: yaml.MarkedYAMLError, text: str) -> tuple[int, int, str]:
    problem: Any = error.problem_mark
    context: Any = error.context_mark or problem
    if (tab := _tab(text, problem)) is not None:
        return problem.line + 1, tab + 1, "a tab stands here: use spaces"
    for pattern, which, words in _EXPLANATIONS:
        if re.search(pattern, error.problem or ""):
            mark = context if which == "context" else problem
            facts = {
                "kind": "map" if "mapping" in (error.context or "") else "list",
                "context": f"{context.line + 1}:{context.column + 1}",
                "character": text[problem.index : problem.index + 1],
            }
            return mark.line + 1, mark.column + 1, words.format(**facts)
    return problem.line + 1, problem.column + 1, str(error.problem)


def _tab(text: str, mark: Any) -> int | None:
    """The column (from 0) of the tab that is to blame, if one is."""
    if text[mark.index : mark.index + 1] == "\t":
        return int(mark.column)
    line = text[mark.index - mark.column :].split("\n", 1)[0]
    blank = line[: len(line) - len(line.lstrip())]
    return blank.find("\t") if "\t" in blank else None


# ---- files over files


class _Layers:
    """Reads files and what they extend, each once, and lays them in order: what a file extends lies below it.

    Where two files extend the same third one, that lies below both, so that the second does not undo the first.
    """

    def __init__(self) -> None:
        self.files: dict[str, Source] = {}  # by real path, in reading order
        self.problems: list[Problem] = []
        self.complete = True
        self._read: dict[str, Node | None] = {}
        self._laid: dict[str, None] = {}
        self._layers: list[Node] = []

    def merged(self, main: str) -> Node:
        own = self._read.get(os.path.realpath(main))
        root = Node({}, Place(main))
        for layer in self._layers:
            root = _over(root, layer)
        return replace(root, at=own.at if own else Place(main))

    def lay(self, file: str, asked: Place | None = None, ring: tuple[tuple[str, str], ...] = (), again: bool = False) -> None:
        """Lays what `file` extends, then `file`. `ring`: the files (real path, name) that have led here."""
        real = os.path.realpath(file)
        if asked and not self._may_follow(real, file, asked, ring):
            return
        if real in self._laid and not again:
            return
        node = self._load(real, file, asked)
        if node is None:
            self.complete = False
            return
        for name, place in self._extended(node):
            self.lay(_beside(file, name), place, (*ring, (real, file)))
        self._laid[real] = None
        self._layers.append(replace(node, value={key: below for key, below in node.value.items() if key != "extends"}))

    def _may_follow(self, real: str, file: str, asked: Place, ring: tuple[tuple[str, str], ...]) -> bool:
        reals = [known for known, _ in ring]
        if real in reals:
            names = [name for _, name in ring[reals.index(real) :]]
            self.problems.append(asked.problem(f"extends: a circle: {' -> '.join([*names, names[0]])}"))
        elif len(ring) >= LONGEST_CHAIN:
            self.problems.append(asked.problem(f"extends: more than {LONGEST_CHAIN} files extend one another"))
            self.complete = False
        else:
            return True
        return False

    def _extended(self, node: Node) -> list[tuple[str, Place]]:
        """The files that a file's `extends` names, with the place of each."""
        entry = node.value.get("extends")
        if entry is None:
            return []
        several = isinstance(entry.value, list)
        files = []
        for i, item in enumerate(entry.value if several else [entry]):
            if isinstance(item.value, str) and item.value.strip() and "\0" not in item.value:
                files.append((item.value, item.at))
            else:
                path = dotted(("extends", i) if several else ("extends",))
                self.problems.append(item.at.problem(f"{path}: must be the name of a file, or a list of such names"))
                self.complete = False
        return files

    def _load(self, real: str, file: str, asked: Place | None) -> Node | None:
        if real not in self._read:
            try:
                data = Path(file).read_bytes()
            except (OSError, ValueError) as error:
                self.problems.append(_cannot_open(file, error, asked))
                return None
            self.files[real] = Source(file, hashlib.sha256(data).hexdigest())
            self._read[real] = self._parse(data, file)
        return self._read[real]

    def _parse(self, data: bytes, file: str) -> Node | None:
        try:
            text = _decoded(data, file)
        except _Unreadable as error:
            self.problems.append(error.problem)
            return None
        known = len(self.problems)
        node = _compose(text, lambda line, column: Place(file, line, column), self.problems)
        if node is None and len(self.problems) > known:
            return None
        if node is None or node.value is None:
            self.problems.append(Problem("the file is empty: a scenario is a map of keys and values", file, 1, 1))
            return None
        if not isinstance(node.value, dict):
            kind = "a list" if isinstance(node.value, list) else "a single value"
            self.problems.append(
                node.at.problem(f"the file holds {kind}: a scenario is a map of keys and values ('key: value')")
            )
            return None
        return node


_BOM = b"\xef\xbb\xbf"


def _decoded(data: bytes, file: str) -> str:
    start = len(_BOM) if data.startswith(_BOM) else 0
    try:
        return data[start:].decode("utf-8")
    except UnicodeDecodeError as error:
        line, column = _line_and_column(data[start : start + error.start].decode("utf-8"))
        at = start + error.start
        words = f"not UTF-8 text: byte 0x{data[at]:02x} at offset {at}; save the file as UTF-8"
        raise _Unreadable(Problem(words, file, line, column)) from None


def _cannot_open(file: str, error: Exception, asked: Place | None) -> Problem:
    if isinstance(error, FileNotFoundError | NotADirectoryError):
        words = f"there is no such file{_similar(file)}"
    elif isinstance(error, IsADirectoryError):
        words = "is a folder: name a file in it"
    else:
        words = f"cannot be read: {getattr(error, 'strerror', None) or error}"
    return asked.problem(f"extends: {file}: {words}") if asked else Problem(words, file)


def _similar(file: str) -> str:
    folder, name = os.path.split(file)
    try:
        names = sorted(os.listdir(folder or "."))
    except OSError:
        return ""
    stems = {Path(other).stem: other for other in names}  # endings are all alike, and would make all names so
    close = difflib.get_close_matches(Path(name).stem, list(stems), 1)
    return f" - did you mean {stems[close[0]]!r}?" if close else ""


def _beside(file: str, name: str) -> str:
    """`name` as seen from `file`; `..` is taken out only where that does not lead through a link elsewhere."""
    path = os.path.join(os.path.dirname(file), name)
    tidy = os.path.normpath(path)
    return tidy if os.path.realpath(tidy) == os.path.realpath(path) else path


# ---- --set a.b.c=V

_PART = re.compile(r"""(?:"([^"]*)"|'([^']*)'|([^.=\s"']+))(\.|=|$)""")


def label(text: str) -> str:
    """The place of what `--set` gave, always on one line."""
    return f"--set {text if text.isprintable() else repr(text)}"


def _with_set(root: Node, text: str, problems: list[Problem]) -> Node:
    place = Place(label(text))
    try:
        keys, value = key_and_value(text)
        if keys[0] == "extends":
            raise ValueError("'extends' can only be given in a file")
        known = len(problems)
        node = _compose(value, lambda line, column: place, problems)
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
        return replace(_over(node, value) if node else value, key=place)
    if node is None or node.value is None:
        node = Node({}, place, place)
    first, rest = keys[0], keys[1:]
    if isinstance(node.value, list):
        index = _index(first, len(node.value), path)
        items = list(node.value)
        items[index] = _laid(items[index], rest, value, place, (*path, index))
        return replace(node, value=items)
    if not isinstance(node.value, dict):
        raise ValueError(f"{dotted(path)} is no map, it is {_short(str(node.value))} ({node.key or node.at})")
    below = _laid(node.value.get(first), rest, value, place, (*path, first))
    return replace(node, value={**node.value, first: below})


def _index(text: str, length: int, path: Keys) -> int:
    if text.isdecimal() and len(text) <= len(str(length)) and int(text) < length:
        return int(text)
    allowed = f"0 to {length - 1}" if length else "none, for it is empty"
    raise ValueError(f"{dotted(path)} is a list: {text!r} is not one of its positions ({allowed})")
