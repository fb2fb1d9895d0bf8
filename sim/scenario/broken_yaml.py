"""What is wrong with broken YAML, in plain words."""

from __future__ import annotations

import re
from typing import Any

import yaml

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


def explained(error: yaml.MarkedYAMLError, text: str) -> tuple[int, int, str]:
    """Line and column (from 1) of what is wrong with `text`, and what it is."""
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
