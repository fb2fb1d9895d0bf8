"""What could flip the answer: the same differences under other values of the assumed figures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from sim.report import words
from sim.report.declared import declared_rows
from sim.report.page import Page, traced
from sim.report.words import Words, joined, phrase, shown
from sim.report.words.meanings import meaning

ASKED = ("gmv", "profit", "messages_read", "opt_outs")


def flips(page: Page) -> dict[str, Any] | None:
    """Nothing, where no assumption range was computed."""
    if page.assumed is None or not page.assumed.get("flips"):
        return None
    of = page.assumed["flips"]
    metrics = [metric for metric in dict.fromkeys((page.purchases, *ASKED)) if metric in of and not page.idle(metric)]
    failures = page.assumed.get("failures") or []
    notes = [phrase("flips_note", count=len(page.assumed["parameters"]), draws=page.draws)]
    if failures:
        notes.append(phrase("flips_failed", count=len(failures)))
    return {
        "text": [_said(page, metric, arm, of[metric][arm]) for metric in metrics for arm in page.others if arm in of[metric]],
        "note": shown(joined("sentences", notes)),
        "rows": [_row(page, metric, arm, of[metric][arm]) for metric in metrics for arm in page.others if arm in of[metric]],
        "count": len(page.assumed["parameters"]),
        "varied": declared_rows(_varied(page)),
    }


def _said(page: Page, metric: str, arm: str, flip: Mapping[str, Any]) -> Markup:
    """Whether the sign holds, and what it hangs on."""
    draws, opposite = flip.get("draws", page.assumed["draws"] if page.assumed else 0), flip["opposite_draws"]
    source = f"comparison.json: assumptions.flips.{metric}.{arm}"
    key = "flip_turns" if opposite else "flip_mixed" if flip.get("flips") else "flip_holds"
    count = traced(str(opposite), f"{source}.opposite_draws")
    texts = [phrase(key, metric=words.metric(metric), arm=page.name(arm), count=count, draws=draws)]
    if opposite and flip.get("opposite_replications"):
        by_chance = traced(str(flip["opposite_replications"]), f"{source}.opposite_replications")
        texts.append(phrase("flip_by_chance", count=by_chance, replications=flip["replications"]))
    if flip["leading"]:
        named = (_leader(page, one, f"{source}.leading") for one in flip["leading"])
        texts.append(phrase("flip_led", leaders=joined("and", named)))
    elif opposite or flip.get("flips"):
        texts.append(phrase("flip_no_leader", draws=draws))
    return shown(joined("sentences", texts))


def _leader(page: Page, one: Mapping[str, Any], source: str) -> Words:
    key = "leader_up" if one["correlation"] > 0 else "leader_down"
    size = traced(f"{one['correlation']:+.2f}", f"{source}.correlation")
    return phrase(key, meaning=_meaning(page, one["path"]), path=_code(one["path"]), size=size)


def _row(page: Page, metric: str, arm: str, flip: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "metric": shown(page.label(metric)),
        "arm": page.name(arm),
        "difference": page.figure(metric, page.estimate(metric, arm, "difference"), signed=True),
        "interval": shown(page.interval(metric, arm)),
        "assumed": shown(page.interval(metric, arm, "assumption_low", "assumption_high")),
        "opposite": traced(str(flip["opposite_draws"]), f"comparison.json: assumptions.flips.{metric}.{arm}.opposite_draws"),
    }


def _varied(page: Page) -> list[dict[str, Any]]:
    """The parameters that were drawn, as they are declared."""
    assert page.assumed is not None
    declared = {row.get("path"): row for row in page.material.a_run.manifest.get("assumptions") or []}
    return [{**declared.get(one["path"], {}), **one} for one in page.assumed["parameters"]]


def _meaning(page: Page, path: str) -> Words:
    rows = page.material.a_run.manifest.get("assumptions") or []
    given = next((row.get("meaning") or "" for row in rows if row.get("path") == path), "")
    return meaning(path, given)


def _code(path: str) -> Markup:
    return Markup("<code>{}</code>").format(path)
