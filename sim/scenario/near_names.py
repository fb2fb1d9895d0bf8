"""The name that was probably meant."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable


def nearest(name: str, choices: Iterable[str]) -> str | None:
    """The one of `choices` that `name` was probably meant to be; None if none is like it."""
    plain = {_plain(choice): choice for choice in choices}
    close = difflib.get_close_matches(_plain(name), list(plain), 1)
    return plain[close[0]] if close else None


def did_you_mean(name: str | None) -> str:
    """The end of a message that says what was probably meant; empty if that is not known."""
    return f" - did you mean {name!r}?" if name else ""


def no_such(what: str, name: str, choices: Iterable[str]) -> str:
    """That there is no such thing, and what was probably meant."""
    return f"there is no {what} {name!r}{did_you_mean(nearest(name, choices))}"


def _plain(name: str) -> str:
    return re.sub(r"[\s-]", "_", name.casefold())
