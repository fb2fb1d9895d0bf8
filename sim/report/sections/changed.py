"""What differs between the arms."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from markupsafe import Markup

from sim.report.page import Page
from sim.report.words import say, shown
from sim.report.words.meanings import meaning, of_policy


def changed(page: Page) -> list[dict[str, Any]]:
    """A row per setting that any arm changes, a column per arm; an arm that keeps the base's value has a blank."""
    if page.comparison is None:
        return []
    rows: dict[str, dict[str, Any]] = {}
    for arm, changes in page.comparison["changed"].items():
        for change in changes:
            row = rows.setdefault(change["path"], {"base": change["base"], "arms": {}})
            row["arms"][arm] = change["arm"]
    return [
        {
            "path": path,
            "meaning": _meaning(page, path),
            "base": _setting(row["base"]),
            "cells": [_setting(row["arms"][arm]) if arm in row["arms"] else "" for arm in page.others],
        }
        for path, row in sorted(rows.items())
    ]


def _meaning(page: Page, path: str) -> Markup | str:
    rows = page.material.a_run.manifest.get("assumptions") or []
    given = next((row.get("meaning") for row in rows if row.get("path") == path), None)
    return meaning_of(path, given, [run.scenario for runs in page.material.runs.values() for run in runs])


def meaning_of(path: str, given: str | None, scenarios: Iterable[Mapping[str, Any]]) -> Markup | str:
    """What a setting is: of behaviour and merchants as declared (`given`), of a policy that ships in our words.

    Empty where that is not known; `scenarios` are resolved ones, for what their policies use.
    """
    if given:
        return shown(meaning(path, given))
    section, _, rest = path.partition(".")
    name, _, parameter = rest.partition(".")
    if section != "policies" or not parameter:
        return ""
    policies = (scenario.get("policies", {}).get(name) for scenario in scenarios)
    use = next((policy.get("use", name) for policy in policies if isinstance(policy, dict)), name)
    words = of_policy(str(use), parameter)
    return shown(words) if words else ""


def _setting(value: Any) -> Markup:
    if value is None:
        return say("absent")
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return Markup("<code>{}</code>").format(text)
