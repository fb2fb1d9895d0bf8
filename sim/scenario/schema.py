"""The JSON Schema of scenario files: for editors, and for whoever wants to see all settings at once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from sim.scenario.load import Scenario
from sim.scenario.model import SAME, ScenarioFile
from sim.scenario.plugins import POLICIES, STRATEGIES, is_built_in, registered_classes
from sim.state.policy import Policy, Strategy


def json_schema(*scenarios: Scenario) -> dict[str, Any]:
    """The schema of a file, with the parameters of the policies and strategies that are known.

    These are the built-in ones, those that installed packages have registered, and those that the scenarios name. Nothing is
    required, for a file may leave what it does not change to the files that it extends.
    """
    known_policies = POLICIES | registered_classes(Policy) | _named(p for s in scenarios for p in s.all_policies)
    merchants = [merchant for scenario in scenarios for merchant in scenario.merchants]
    strategies = [strategy for m in merchants for strategy in (m.strategy, m.past_strategy) if strategy is not None]
    known_strategies = STRATEGIES | registered_classes(Strategy) | _named(strategies)
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
    policies["additionalProperties"] = _one_of(known_policies, definitions)
    definitions["OwnPast"]["properties"]["policies"]["additionalProperties"] = policies["additionalProperties"]
    merchant = definitions["Merchant"]["properties"]
    merchant["strategy"] |= _one_of(known_strategies, definitions)
    merchant["past_strategy"]["anyOf"] = [{"const": SAME}, *merchant["strategy"]["anyOf"]]
    past = schema["properties"]["past"]
    past["anyOf"] = past.pop("oneOf")  # a file may say so little that it could be either
    for name, model in ({"": schema} | definitions).items():
        if ":" not in name:
            model.pop("required", None)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema, "title": "sim scenario"}


def _named(plugins: Iterable[Policy | Strategy]) -> dict[str, type]:
    """The classes of a user's own plug-ins by what a file may call them: a plug-in's file by its own name, wherever it lies."""
    return {Path(plugin.use).name: type(plugin) for plugin in plugins if not is_built_in(type(plugin))}


def _one_of(plugins: Mapping[str, type], definitions: dict[str, Any]) -> dict[str, Any]:
    """One of the known plug-ins (their definitions are added), any other by its place, or none."""
    choices, places = [], []
    for name, plugin in sorted(plugins.items()):
        of: dict[str, Any] = plugin.model_json_schema(by_alias=True)  # type: ignore[attr-defined]
        definitions |= of.pop("$defs", {})
        by_place = ":" in name
        of["properties"]["use"] = {"type": "string", "pattern": f"(^|/){re.escape(name)}$"} if by_place else {"const": name}
        if by_place:
            places.append(of["properties"]["use"])
            of["required"] = [*of.get("required", []), "use"]
        key = name if by_place else plugin.__name__
        definitions[key] = of
        choices.append({"$ref": f"#/$defs/{key}"})
    use: dict[str, Any] = {"type": "string", "pattern": ":"} | ({"not": {"anyOf": places}} if places else {})
    other = {"type": "object", "properties": {"use": use}, "required": ["use"]}
    return {"anyOf": [*choices, other, {"type": "null"}]}
