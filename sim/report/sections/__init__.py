"""The contents of the report, section by section, as plain values for the templates of the same names."""

from __future__ import annotations

from typing import Any

from sim.report.folder import Material
from sim.report.page import Page
from sim.report.sections.again import again
from sim.report.sections.against_log import against_log
from sim.report.sections.answer import answer
from sim.report.sections.assumptions import assumptions
from sim.report.sections.benefits import benefits
from sim.report.sections.cautions import cautions
from sim.report.sections.changed import changed
from sim.report.sections.externality import externality
from sim.report.sections.figures import figures
from sim.report.sections.flips import flips
from sim.report.sections.funnel import funnel
from sim.report.sections.glossary import glossary
from sim.report.sections.grades import grades
from sim.report.sections.groups import groups
from sim.report.sections.head import head
from sim.report.sections.messages import messages
from sim.report.sections.money import money
from sim.report.sections.outcomes import outcomes
from sim.report.sections.relations import relations


def build(material: Material) -> dict[str, Any]:
    """What the templates need, by name."""
    page = Page(material)
    return {
        "arms": [{"name": arm, "colour": page.colour(arm)} for arm in material.arms],
        "head": head(page),
        "answer": answer(page),
        "cautions": cautions(page),
        "log": against_log(page),
        "money": money(page),
        "flips": flips(page),
        "groups": groups(page),
        "funnel": funnel(page),
        "relations": relations(page),
        "grades": grades(page),
        "benefits": benefits(page),
        "messages": messages(page),
        "outcomes": outcomes(page),
        "externality": externality(page),
        "changed": changed(page),
        "assumptions": assumptions(page),
        "figures": figures(page),
        "again": again(page),
        "glossary": glossary(),
    }
