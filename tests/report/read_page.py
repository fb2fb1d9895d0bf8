"""A report as its reader gets it: what is seen in one language, what a browser would fetch, where each number is from."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

VOID = {"meta", "input", "br", "link", "img", "hr", "base"}
FETCHING = {"src", "srcset", "href", "action", "formaction", "data", "poster", "background", "ping", "xlink:href"}
CHINESE = re.compile("[一-鿿]")
BLOCKS = {"td", "th", "dt", "dd", "p", "li", "h1", "h2", "h3", "figure", "tr", "div"}


class Page(HTMLParser):
    """`numbers` are the figures with their sources, `classes` counts the classes of elements."""

    def __init__(self, path: Path, side: str = "en") -> None:
        super().__init__()
        self.side, self.path = side, path
        self.open: list[tuple[str, dict]] = []
        self.words: list[str] = []
        self.fetches: list[str] = []
        self.ids: list[str] = []
        self.classes: list[str] = []
        self.styles: list[tuple[str, str]] = []
        self.numbers: list[tuple[str, str]] = []
        self.titles: list[str] = []
        self.sides = {"en": 0, "zh": 0}
        self.spans: dict[str, list[str]] = {"en": [], "zh": []}
        self.root: dict = {}
        self.chosen = ""
        self.feed(path.read_text(encoding="utf-8"))
        assert not self.open
        self.text = re.sub(r"\s+", " ", "".join(self.words))

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        if tag == "html":
            self.root = given
        if tag == "input" and "checked" in given:
            self.chosen += given["id"]
        self.fetches += [value for name, value in attributes if name in FETCHING and value]
        self.ids += [given["id"]] if "id" in given else []
        self.classes.append(given.get("class") or "")
        self.styles.append((given.get("class") or "", given.get("style") or ""))
        if given.get("class") == "n" and "title" in given:
            self.titles.append(given["title"])
            self.numbers.append((given["title"], ""))
        if tag == "span" and given.get("lang") in self.sides:
            self.sides[given["lang"]] += 1
            self.spans[given["lang"]].append("")
        if tag not in VOID:
            self.open.append((tag, given))
        if tag in BLOCKS:
            self.words.append(" | ")

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag):
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop()[0] == tag

    def handle_data(self, data):
        inside = [given.get("lang") for tag, given in self.open if tag != "html"]
        for lang in self.sides:
            if lang in inside and self.spans[lang]:
                self.spans[lang][-1] += data
        if self.open and self.open[-1][1].get("class") == "n" and self.numbers:
            self.numbers[-1] = (self.numbers[-1][0], self.numbers[-1][1] + data)
        hidden = any(lang in self.sides and lang != self.side for lang in inside)
        if not hidden and not any(tag in {"style", "script", "svg"} for tag, _ in self.open):
            self.words.append(data)


def says_the_same_in_both_languages(page: Page, names: str = "") -> None:
    """Each piece has words in both or in neither, and what is English has no Chinese but the letters of `names`."""
    spans = page.spans
    assert page.sides["en"] == page.sides["zh"] == len(spans["en"]) == len(spans["zh"]) > 50
    for en, zh in zip(spans["en"], spans["zh"], strict=True):
        assert bool(en.strip()) == bool(zh.strip()), (en, zh)
        assert not CHINESE.search(en.translate(dict.fromkeys(map(ord, names)))), en
