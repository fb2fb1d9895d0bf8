"""The table that `sim grade` prints, and below it each merchant's cheapest lever."""

from __future__ import annotations

import datetime as dt

from sim.errors import BadInput
from sim.experiments.aligned import aligned
from sim.experiments.grade import Answer, Graded
from sim.policies.grading.calendar import MIDNIGHT
from sim.policies.grading.joins import purchased_join, zero_yuan_join
from sim.policies.grading.levers import Distance
from sim.policies.grading.names import RATIOS, RegisterJoin
from sim.policies.grading.rules import Grading
from sim.report.words import LANGUAGES, Words
from sim.report.words import grading as words


def check_language(lang: str) -> None:
    """Raises BadInput for a language that there are no words in."""
    if lang not in LANGUAGES:
        raise BadInput(f"lang: given {lang!r}; allowed are {', '.join(LANGUAGES)}")


def render(graded: Graded, lang: str = "en") -> str:
    """Plain text, aligned: a line per row of the table, then one per refresh that was short of quality."""

    def say(text: Words, **values: object) -> str:
        return str(getattr(text, lang)).format(**values)

    def cells(answer: Answer) -> list[str]:
        standing = answer.standing
        return [
            answer.merchant,
            f"{answer.time}",
            say(words.EVENTS[answer.event]),
            say(words.GRADES[standing.grade]),
            say(words.STATES[standing.register_join], until=_until(answer, graded.rules)),
            say(words.SETTINGS[standing.setting]),
            say(words.JOINS[_joins(answer, graded.rules)]),
            say(words.REFUSALS[answer.refused]),
        ]

    def missing(answer: Answer, far: Distance) -> str:
        gaps = [say(words.INDICATORS[name], gap=100 * gap if name in RATIOS else gap) for name, gap in far.gaps.items()]
        return say(
            words.MISSING,
            merchant=answer.merchant,
            day=answer.time.date() if answer.time.time() == MIDNIGHT else answer.time,
            grade=say(words.GRADES[far.grade]),
            gaps=say(words.BETWEEN).join(gaps),
            cost="" if far.cost is None else say(words.COST, cost=far.cost),
            lever=say(words.LEVERS[far.cheapest]),
        )

    rows = [[say(heading) for heading in words.HEADINGS], *map(cells, graded.answers)]
    lines = aligned(rows, "<" * len(words.HEADINGS))
    below = [missing(answer, answer.distance) for answer in graded.answers if answer.distance is not None]
    return "\n".join(line.rstrip() for line in [*lines, *([""] if below else []), *below])


def _joins(answer: Answer, rules: Grading) -> str:
    if zero_yuan_join(answer.standing, rules):
        return "zero"
    return "purchased" if purchased_join(answer.standing, rules) else "closed"


def _until(answer: Answer, rules: Grading) -> dt.datetime | None:
    """The earliest time at which the state can end by itself."""
    standing = answer.standing
    if standing.register_join is RegisterJoin.GRACE:
        return standing.deadline
    return rules.calendar.next_after(answer.time)
