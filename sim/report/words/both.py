"""A text in both languages of the report."""

from __future__ import annotations

from typing import NamedTuple

LANGUAGES = ("en", "zh")


class Words(NamedTuple):
    en: str
    zh: str
