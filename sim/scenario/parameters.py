"""The declared parameters of a scenario, as rows of the table of assumptions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo


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
