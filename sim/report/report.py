"""The report: one HTML file that answers the question first and then shows what the answer rests on."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from sim.errors import BadInput
from sim.report import sections, words
from sim.report.folder import Material, read
from sim.results.files import write_text

FILE = "report.html"


def write_report(folder: str | Path, lang: str = "en") -> Path:
    """Write `report.html` into a run folder or a comparison folder; `lang` is the language that it opens in.

    Raises `BadInput` where the folder is neither, or a file that the report needs is missing or cannot be read.
    """
    if lang not in words.LANGUAGES:
        raise BadInput(f"lang: given {lang!r}; allowed are {', '.join(words.LANGUAGES)}")
    path = Path(folder) / FILE
    write_text(path, render(read(folder), lang))
    return path


def render(material: Material, lang: str = "en") -> str:
    """The whole page as text."""
    environment = Environment(
        loader=PackageLoader("sim.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(say=words.say, shown=words.shown)
    template = environment.get_template("page.html.j2")
    return template.render(lang=lang, **sections.build(material))
