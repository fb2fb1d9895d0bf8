"""The JSON Schema of scenario files: for editors, and for whoever wants to see all settings at once."""

from __future__ import annotations

from typing import Any

from sim.scenario.model import ScenarioFile
from sim.scenario.plugins import POLICIES, STRATEGIES


def json_schema() -> dict[str, Any]:
    """The schema of a whole file, with the parameters of the built-in policies and strategies."""
    schema = ScenarioFile.model_json_schema(by_alias=True)
    definitions = schema.setdefault("$defs", {})
    schema["properties"]["extends"] = {
        "description": "one scenario file or a list that this one changes; later ones win",
        "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}],
    }
    policies = schema["properties"]["policies"]["additionalProperties"] = {}
    for plugins, place in (
        (POLICIES, policies),
        (STRATEGIES, definitions["Merchant"]["properties"]["strategy"]),
    ):
        choices = []
        for name, plugin in sorted(plugins.items()):  # type: ignore[attr-defined]
            of = plugin.model_json_schema(by_alias=True)
            definitions |= of.pop("$defs", {})
            of["properties"]["use"] = {"const": name}
            definitions[plugin.__name__] = of
            choices.append({"$ref": f"#/$defs/{plugin.__name__}"})
        other = {"type": "object", "properties": {"use": {"type": "string", "pattern": ":"}}, "required": ["use"]}
        place["anyOf"] = [*choices, other, {"type": "null"}]
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = "sim scenario"
    return schema
