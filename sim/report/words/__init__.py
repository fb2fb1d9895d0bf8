"""Everything the report says, in English and Chinese, and how it is put into the page."""

from __future__ import annotations

from collections.abc import Iterable

from markupsafe import Markup

from sim.report.words.both import LANGUAGES, Words
from sim.report.words.metrics import METRICS, UNITS
from sim.report.words.text import TEXT

__all__ = ["LANGUAGES", "METRICS", "TEXT", "Words", "joined", "metric", "phrase", "say", "shown", "unit"]


def metric(name: str) -> Words:
    """The name of a metric; of one that this table does not know, as the results call it."""
    plain = name.replace("_", " ")
    return METRICS.get(name, Words(plain, plain))


def unit(name: str) -> Words:
    """The unit of a parameter; one of someone's own as it is declared."""
    return UNITS.get(name, Words(name, name))


def phrase(key: str, **values: object) -> Words:
    """A text with its values filled in; values that are `Words` themselves go into their own language. Escapes HTML."""
    en, zh = (
        Markup(getattr(TEXT[key], language)).format(
            **{name: getattr(value, language) if isinstance(value, Words) else value for name, value in values.items()}
        )
        for language in LANGUAGES
    )
    return Words(en, zh)


def joined(separator: str, parts: Iterable[Words | str]) -> Words:
    """Parts behind each other, each language with its own separator."""
    both = [part if isinstance(part, Words) else Words(part, part) for part in parts]
    en, zh = (Markup(getattr(TEXT[separator], side)).join(getattr(part, side) for part in both) for side in LANGUAGES)
    return Words(en, zh)


def shown(words: Words) -> Markup:
    """Both languages for the page, which hides one."""
    return Markup('<span lang="en">{}</span><span lang="zh">{}</span>').format(*words)


def say(key: str, **values: object) -> Markup:
    return shown(phrase(key, **values))
