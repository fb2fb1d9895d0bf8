"""How a parameter is declared: with its unit, its default and where that comes from.

The kind decides what the report says of it and what an assumption range varies:
`assumed` parameters have no source and are varied between low and high; `sourced` ones name theirs; `chosen` ones are
part of the question.
"""

from __future__ import annotations

from typing import Any

from pydantic import Field


def assumed(default: Any, meaning: str, unit: str, low: float, high: float, why: str, **bounds: Any) -> Any:
    """A parameter that no source gives: varied between `low` and `high`."""
    extra: dict[str, Any] = {"kind": "assumed", "unit": unit, "low": low, "high": high, "source": why}
    return Field(default, description=meaning, json_schema_extra=extra, **bounds)


def sourced(default: Any, meaning: str, unit: str, source: str, **bounds: Any) -> Any:
    """A parameter whose default has a source."""
    return Field(default, description=meaning, json_schema_extra={"kind": "sourced", "unit": unit, "source": source}, **bounds)


def chosen(default: Any, meaning: str, unit: str = "", **bounds: Any) -> Any:
    """A parameter that is part of the question or of the form of the model."""
    return Field(default, description=meaning, json_schema_extra={"kind": "chosen", "unit": unit, "source": ""}, **bounds)
