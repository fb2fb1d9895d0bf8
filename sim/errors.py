"""What a person did wrong, and where: the one exception that ends a command with exit code 2."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple


class Problem(NamedTuple):
    """One mistake in the input. `file` may be empty (an option of the command line), `line` and `column` count from 1."""

    message: str
    file: str = ""
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        if self.line:
            return f"{self.file}:{self.line}:{self.column}: {self.message}"
        return f"{self.file}: {self.message}" if self.file else self.message


class BadInput(Exception):  # noqa: N818 - it is the input that is at fault, not the program
    """All the problems of one input that can be known at once, in the order of their places."""

    def __init__(self, problems: str | Problem | Iterable[Problem]) -> None:
        if isinstance(problems, str):
            problems = [Problem(problems)]
        elif isinstance(problems, Problem):
            problems = [problems]
        self.problems = list(problems)
        super().__init__("\n".join(map(str, self.problems)))
