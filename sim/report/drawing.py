"""The canvas of every chart: one style, one font for both languages, and SVG made for a page.

A chart is drawn once. What it says in words stands in it in both languages, each marked `lang` as in the rest of the
page, which hides one. Letters are outlines, so that a chart looks the same wherever it is opened.
"""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

from sim.report.words import LANGUAGES, Words

COLOURS = ("#2f5d8a", "#c8622b", "#2b8a6e", "#8457a6", "#b0892b", "#b84a62", "#5b7083", "#6f8f2f")
"""Of the arms in their order, told apart also by colour-blind readers when there are few."""

INK, FAINT, SOFT = "#20262e", "#d9dee4", "#66717d"
SIZE = (4.1, 2.5)
"""Inches. Small, so that the figures stay legible on a phone, where a chart is as wide as the screen."""

FONT = Path(__file__).parent / "font" / "NotoSansSC-GB2312.otf"
MARK = "in-"  # of an artist that one language alone shows

STYLE: dict[Any, Any] = {
    "svg.fonttype": "path",
    "font.family": ["DejaVu Sans", "Noto Sans SC"],
    "font.size": 10.5,
    "axes.edgecolor": FAINT,
    "axes.labelcolor": SOFT,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "axes.grid": True,
    "axes.grid.axis": "y",
    "axes.axisbelow": True,
    "grid.color": FAINT,
    "grid.linewidth": 0.6,
    "xtick.color": SOFT,
    "ytick.color": SOFT,
    "xtick.major.size": 3,
    "ytick.major.size": 0,
    "axes.xmargin": 0.02,
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "savefig.facecolor": "none",
}


class Drawing:
    """Axes to draw on; `svg` has the text when the drawing is done."""

    def __init__(self, name: str) -> None:
        from matplotlib.backends.backend_svg import FigureCanvasSVG
        from matplotlib.figure import Figure  # slow to import; and no pyplot: it keeps figures and chooses a screen

        self.name = name
        self.figure = Figure(figsize=SIZE, dpi=FigureCanvasSVG.fixed_dpi)
        FigureCanvasSVG(self.figure)
        self.axes = self.figure.add_subplot()
        self.svg = ""

    def write(self, words: Words, put: Callable[[str], Any]) -> None:
        """Put words in both languages, or once where they are the same in both: `put(text)` gives the artist."""
        if words.en == words.zh:
            put(words.en)
            return
        for language, text in zip(LANGUAGES, words):
            put(text).set_gid(MARK + language)

    def unit(self, words: Words) -> None:
        """What the upright axis counts, written flat above it where it needs no turning of the head."""
        self.write(
            words,
            lambda text: self.axes.annotate(
                text, (0, 1), (0, 7), xycoords="axes fraction", textcoords="offset points", fontsize=9.5, color=SOFT
            ),
        )

    def across(self, words: Words) -> None:
        """What the flat axis counts."""
        self.axes.set_xlabel(" ", fontsize=9.5)  # room for it
        self.write(
            words,
            lambda text: self.axes.annotate(
                text,
                (1, 0),
                (0, -32),
                xycoords="axes fraction",
                textcoords="offset points",
                ha="right",
                fontsize=9.5,
                color=SOFT,
                in_layout=False,
            ),
        )


@contextmanager
def drawing(name: str) -> Iterator[Drawing]:
    """A canvas in the house's style. `name` makes the drawing's ids unique in the page."""
    from matplotlib import rc_context
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    _know_font()
    with rc_context({**STYLE, "svg.hashsalt": name}), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph")  # a name may hold a character of neither font: a box stands for it
        canvas = Drawing(name)
        yield canvas
        ConstrainedLayoutEngine().execute(canvas.figure)  # a figure that has one for itself is drawn twice
        text = io.StringIO()
        canvas.figure.savefig(text, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    canvas.svg = _for_page(text.getvalue(), name)


def get_ready() -> None:
    """Load what drawing needs, which takes longer than a chart."""
    for module in ("matplotlib.figure", "matplotlib.dates", "matplotlib.backends.backend_svg"):
        import_module(module)
    _know_font()


@cache
def _know_font() -> None:
    from matplotlib.font_manager import fontManager

    fontManager.addfont(str(FONT))


def _for_page(svg: str, name: str) -> str:
    """Only the drawing: no prologue, fixed size, name spaces (a page knows them), or ids but those referred to."""
    svg = svg[svg.index("<svg") :].strip()
    svg = re.sub(r"<!--.*?-->\s*|<defs>\s*<style.*?</style>\s*</defs>\s*", "", svg, flags=re.DOTALL)
    svg = re.sub(rf'<g id="{MARK}(\w+)"', r'<g lang="\1"', svg)
    svg = re.sub(r'<g id="[^"]*"', "<g", svg)
    for glyph in set(re.findall(r'<path id="([A-Za-z][\w.-]*)"', svg)):
        svg = svg.replace(f'id="{glyph}"', f'id="{name}-{glyph}"').replace(f'href="#{glyph}"', f'href="#{name}-{glyph}"')
    opening, rest = svg.split(">", 1)
    opening = re.sub(r'\s(?:width|height|version|xmlns(?::\w+)?)="[^"]*"', "", opening)
    rest = re.sub(r' d="[^"]*"', lambda path: _short(path[0]), rest.replace("xlink:href", "href"))
    rest = re.sub(r"\s*\n\s*", "\n", rest)
    return f'{opening} aria-hidden="true" focusable="false">{rest}'


def _short(path: str) -> str:
    """The outline to a hundredth of a point, which nobody sees."""
    return re.sub(r"(?<=\.\d\d)\d+", "", path).replace("\n", " ")
