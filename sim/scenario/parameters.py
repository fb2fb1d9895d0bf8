"""How a parameter of behaviour is declared: with its unit, its default and where that comes from.

The kind decides what the report says of it and what an assumption range varies:
`assumed` parameters have no source and are varied between low and high; `sourced` ones name theirs; `chosen` ones are
part of the question.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel, Field
from pydantic.fields import FieldInfo


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


def declared(model: BaseModel, path: str = "") -> Iterator[dict[str, Any]]:
    """Every declared parameter of a model, with its value and its path: rows of the table of assumptions."""
    for name, field in type(model).model_fields.items():
        value = getattr(model, name)
        at = f"{path}.{name}" if path else name
        extra = field.json_schema_extra
        if isinstance(value, BaseModel):
            yield from declared(value, at)
        elif isinstance(extra, dict) and "kind" in extra:
            row = {"path": at, "value": value, "meaning": field.description, "low": None, "high": None}
            row |= dict(zip(("least", "most"), _bounds(field)))
            default = field.get_default(call_default_factory=True)
            given = {} if value == default else {"source": "given in the scenario"} if extra["kind"] == "sourced" else {}
            yield row | extra | given


def _bounds(field: FieldInfo) -> tuple[float | None, float | None]:
    """Between which a field's value must lie, whether they themselves are allowed or not."""

    def bound(*kinds: str) -> float | None:
        return next(
            (value for part in field.metadata for kind in kinds if (value := getattr(part, kind, None)) is not None), None
        )

    return bound("ge", "gt"), bound("le", "lt")
