"""The terms that the report uses, each in a sentence."""

from __future__ import annotations

from typing import Any

from sim.report.words import shown
from sim.report.words.terms import TERMS


def glossary() -> list[dict[str, Any]]:
    return [{"term": shown(term), "means": shown(means)} for term, means in TERMS]
