"""How to get the same results again."""

from __future__ import annotations

from typing import Any

from sim.report.page import Page
from sim.report.words import phrase, shown


def again(page: Page) -> dict[str, Any]:
    manifest = page.material.a_run.manifest
    versions = manifest.get("versions")
    if page.comparison is None:
        seeds = [manifest.get("seed")]
        command = manifest.get("command") or f"sim run scenario.yaml --seed {seeds[0]}"
        folders = [
            {"name": page.name(page.base), "links": [{"href": "manifest.json", "text": "manifest.json", "failed": False}]}
        ]
    else:
        seeds, command = page.comparison["seeds"], page.comparison["command"]
        failed = {failure["folder"]: failure["error"] for failure in page.comparison["failures"]}
        folders = [
            {
                "name": page.name(arm),
                "links": [
                    {"href": f"{link}/manifest.json", "text": link.rsplit("/", 1)[-1], "failed": failed.get(link)}
                    for link in links
                ],
            }
            for arm, links in page.comparison["runs"].items()
        ]
    return {
        "command": command,
        "seeds": shown(phrase("to", low=seeds[0], high=seeds[-1])) if len(seeds) > 1 else seeds[0],
        "versions": ", ".join(f"{k} {v}" for k, v in versions.items()) if isinstance(versions, dict) else None,
        "hashes": [
            {"name": page.name(arm), "hash": runs[0].manifest["scenario_hash"]}
            for arm, runs in page.material.runs.items()
            if runs and runs[0].manifest.get("scenario_hash")
        ],
        "folders": folders,
    }
