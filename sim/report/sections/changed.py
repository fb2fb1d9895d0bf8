"""What differs between the arms."""

from __future__ import annotations

import json
from typing import Any

from markupsafe import Markup

from sim.report.page import Page
from sim.report.words import say


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
            "base": _setting(row["base"]),
            "cells": [_setting(row["arms"][arm]) if arm in row["arms"] else "" for arm in page.others],
        }
        for path, row in sorted(rows.items())
    ]


def _setting(value: Any) -> Markup:
    if value is None:
        return say("absent")
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return Markup("<code>{}</code>").format(text)
