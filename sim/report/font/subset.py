"""Builds NotoSansSC-GB2312.otf: the glyphs that charts need for Chinese, out of the whole Noto Sans SC.

    pip install fonttools pylopdf-fonts-zh-cn==0.1.1
    python -m sim.report.font.subset

The whole font (Noto Sans SC 2.004, under the licence of OFL.txt beside this file) has 8 MB, this part of it 1.5 MB.
Matplotlib writes the outlines of what a chart says into its SVG, so that a page needs no font of its reader's for them.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

SOURCE = "NotoSansSC-Regular.otf"
RESULT = Path(__file__).with_name("NotoSansSC-GB2312.otf")


def characters() -> set[str]:
    """ASCII, and of GB2312 its symbols and its 6,763 characters; other alphabets and boxes are DejaVu Sans's."""
    found = {chr(code) for code in range(0x20, 0x7F)}
    for row in (*range(0xA1, 0xA4), *range(0xB0, 0xF8)):
        for cell in range(0xA1, 0xFF):
            try:
                found.add(bytes((row, cell)).decode("gb2312"))
            except UnicodeDecodeError:  # a cell without a character
                continue
    return found


def build(source: Path, result: Path) -> None:
    """Write the subset: outlines and metrics alone, without hinting, layout features or names of glyphs."""
    from fontTools import subset  # type: ignore[import-untyped]  # a tool of the build, which nothing else needs

    options = subset.Options()
    options.hinting, options.layout_features, options.glyph_names = False, [], False
    options.notdef_outline, options.name_IDs = True, [0, 1, 2, 4, 6, 13, 14]
    options.drop_tables += ["BASE", "GPOS", "GSUB", "GDEF", "VORG", "vhea", "vmtx"]
    font = subset.load_font(str(source), options)
    subsetter = subset.Subsetter(options)
    subsetter.populate(text="".join(sorted(characters())))
    subsetter.subset(font)
    subset.save_font(font, str(result), options)


if __name__ == "__main__":
    place = find_spec("pylopdf_fonts_zh_cn")
    if place is None or place.origin is None:
        raise SystemExit("pip install fonttools pylopdf-fonts-zh-cn==0.1.1")
    build(Path(place.origin).with_name(SOURCE), RESULT)
