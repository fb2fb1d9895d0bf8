"""The report: one HTML file that answers the question first and then shows what the answer rests on."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from sim.errors import BadInput
from sim.report import drawing, sections, swept, words
from sim.report.folder import Material, read
from sim.results.files import write_text

FILE = "report.html"


def write_report(folder: str | Path, lang: str = "en") -> Path:
    """Write `report.html` into the folder of a run, a comparison or a sweep; `lang` is the language that it opens in.

    Raises `BadInput` where the folder is none of these, or a file that the report needs is missing or cannot be read.
    """
    if lang not in words.LANGUAGES:
        raise BadInput(f"lang: given {lang!r}; allowed are {', '.join(words.LANGUAGES)}")
    path = Path(folder) / FILE
    is_sweep = (path.parent / swept.FILE).exists()
    write_text(path, render_sweep(swept.read(path.parent), lang) if is_sweep else render(read(folder), lang))
    return path


def render(material: Material, lang: str = "en") -> str:
    """The whole page of a run or comparison as text."""
    return _page("page.html.j2", lang, sections.build(material))


def render_sweep(material: swept.Material, lang: str = "en") -> str:
    """The whole page of a sweep as text."""
    return _page("sweep.html.j2", lang, swept.build(material))


def get_ready() -> None:
    """Load what a report needs, which takes longer than to write it: for who has to wait anyway."""
    drawing.get_ready()
    environment = _environment()
    for template in environment.list_templates(extensions=["j2"]):
        environment.get_template(template)


def _page(template: str, lang: str, content: Mapping[str, Any]) -> str:
    return _environment().get_template(template).render(lang=lang, **content)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("sim.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(say=words.say, shown=words.shown)
    return environment
