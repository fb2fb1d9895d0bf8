"""The JSON Schema of scenario files: for editors, and for whoever wants to see all settings at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sim.scenario.model import SAME, ScenarioFile
from sim.scenario.plugins import POLICIES, STRATEGIES


def json_schema() -> dict[str, Any]:
    """The schema of a file, with the parameters of the built-in policies and strategies.

    Nothing is required, for a file may leave what it does not change to the files that it extends.
    """
    schema = ScenarioFile.model_json_schema(by_alias=True)
    schema["properties"] = {
        "extends": {
            "description": "one scenario file or a list that this one changes; later ones win",
            "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}],
        },
        **schema["properties"],
    }
    definitions: dict[str, Any] = schema.setdefault("$defs", {})
    policies = schema["properties"]["policies"]
    policies["additionalProperties"] = _one_of(POLICIES, definitions)
    definitions["OwnPast"]["properties"]["policies"]["additionalProperties"] = policies["additionalProperties"]
    merchant = definitions["Merchant"]["properties"]
    merchant["strategy"] |= _one_of(STRATEGIES, definitions)
    merchant["past_strategy"]["anyOf"] = [{"const": SAME}, *merchant["strategy"]["anyOf"]]
    past = schema["properties"]["past"]
    past["anyOf"] = past.pop("oneOf")  # a file may say so little that it could be either
    for model in (schema, *definitions.values()):
        model.pop("required", None)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": "sim scenario"}


def _one_of(plugins: Mapping[str, type], definitions: dict[str, Any]) -> dict[str, Any]:
    """One of the built-in plug-ins (their definitions are added), any other by its place, or none."""
    choices = []
    for name, plugin in sorted(plugins.items()):
        of: dict[str, Any] = plugin.model_json_schema(by_alias=True)  # type: ignore[attr-defined]
        definitions |= of.pop("$defs", {})
        of["properties"]["use"] = {"const": name}
        definitions[plugin.__name__] = of
        choices.append({"$ref": f"#/$defs/{plugin.__name__}"})
    other = {"type": "object", "properties": {"use": {"type": "string", "pattern": ":"}}, "required": ["use"]}
    return {"anyOf": [*choices, other, {"type": "null"}]}
