"""The results as Markdown, in English and Chinese: all that a table says comes from the rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Literal

from benchmarks.rows import Row, rate
from benchmarks.words import WORDS

Language = Literal["en", "zh"]
Say = Callable[[str], str]
CAPPED = ("sends", "refused_window", "refused_stores")  # the counts that caps decide


def page(rows: Sequence[Row], language: Language) -> str:
    """The tables of all workloads that there are rows of, and the machine and versions that they were measured with."""

    def say(text: str) -> str:
        return text if language == "en" else WORDS.get(text, text)

    tables = {"W1": w1, "W2": w2, "W3": w3, "W4": w4}
    of = {workload: [row for row in rows if row["workload"] == workload] for workload in tables}
    parts = [part for workload, table in tables.items() if of[workload] for part in table(of[workload], say)]
    return "\n\n".join([*parts, *dict.fromkeys(facts(row, say) for row in rows)])


def w1(rows: Sequence[Row], say: Say) -> Iterator[str]:
    yield say("**W1, the same reduced model in every engine** (100 stores, 365 days; two caps that bind):")
    heads = ["", "consumers", "threads", "M events/s", "times SimPy", "peak MB", "counts"]
    yield table(
        [say(head) for head in heads],
        [
            [
                say(row["implementation"]),
                f"{row['consumers']:,}",
                str(row["threads"]),
                f"{rate(row) / 1e6:.2f}",
                times(row, say),
                f"{row['peak_bytes'] / 1e6:,.0f}",
                verdict(row, say),
            ]
            for row in rows
            if not is_small(row, rows)
        ],
    )


def is_small(row: Row, rows: Sequence[Row]) -> bool:
    """Whether it is of the smallest size of all, and the implementation was run on more, too."""
    smallest = min(other["consumers"] for other in rows)
    alike = [other for other in rows if all(other[key] == row[key] for key in ("implementation", "threads"))]
    return row["consumers"] == smallest < max(other["consumers"] for other in alike)


def times(row: Row, say: Say) -> str:
    """How many times as fast as the reference, and at what size where that is another."""
    ratio = row["details"].get("ratio")
    if ratio is None:
        return ""
    size = "" if ratio["at_consumers"] == row["consumers"] else f" ({say('at')} {ratio['at_consumers']:,})"
    return f"{ratio['times']:.1f}{size}"


def verdict(row: Row, say: Say) -> str:
    """Whether the row counts what it should."""
    details = row["details"]
    if "errors" in details:
        found = {name: details["errors"][name] for name in CAPPED if name in details["errors"]}
        errors = [f"{plain(name, say)} {off:+.1%} (± {deviation:.1%})" for name, (off, deviation) in found.items()]
        return f"{say('approximation')}: {', '.join(errors)}"
    if "differences" not in details:
        return say("the reference") if "ratio" in details else ""
    differences = [f"{plain(name, say)} {size:+.1f} sd" for name, size in details["differences"].items()]
    return f"{say('DIFFER')}: {', '.join(differences)}" if differences else say("agree")


def plain(name: str, say: Say) -> str:
    """A name of the rows as words."""
    return say(name).replace("_", " ")


def w2(rows: Sequence[Row], say: Say) -> Iterator[str]:
    yield say(
        "**W2, the whole thing** (100 stores, every rule of messages, no event log; the time is that of all of `sim run`):"
    )
    parts = list(dict.fromkeys(part for row in rows for part in row["details"]["seconds_by_part"]))
    heads = ["consumers", "days", "threads", "seconds", "M consumer-days/s", "M events/s", *parts, "peak GB"]
    yield table(
        [say(head) for head in heads],
        [
            [
                f"{row['consumers']:,}",
                str(row["days"]),
                str(row["threads"]),
                f"{row['seconds']:.1f}",
                f"{row['consumers'] * row['days'] / row['seconds'] / 1e6:.2f}",
                f"{rate(row) / 1e6:.2f}",
                *(f"{row['details']['seconds_by_part'].get(part, 0.0) / row['seconds']:.0%}" for part in parts),
                f"{row['peak_bytes'] / 1e9:.2f}",
            ]
            for row in rows
        ],
    )


def w3(rows: Sequence[Row], say: Say) -> Iterator[str]:
    compared = next((row for row in rows if row["consumers"]), None)
    size = ""
    if compared is not None:
        consumers, days, runs = f"{compared['consumers']:,}", compared["days"], compared["counts"]["runs"]
        size = f" ({consumers} {say('consumers')}, {days} {say('days')}, {runs} {say('runs')})"
    yield f"{say('**W3, a laptop answer**, `sim compare` with its report')}{size}:"
    yield table(
        ["", say("seconds"), say("range")],
        [
            [say(row["case"]), f"{row['seconds']:.2f}", f"{row['seconds_of_runs'][0]:.2f}-{row['seconds_of_runs'][-1]:.2f}"]
            for row in rows
        ],
    )


def w4(rows: Sequence[Row], say: Say) -> Iterator[str]:
    yield say("**W4, certainty per second**: replications for the same half-width of a difference, and a past that is shared:")
    heads = ["", "", "variance reduction (95 %)", "replications", "if independent"]
    yield table(
        [say(head) for head in heads],
        [
            [
                row["case"],
                plain(metric, say),
                f"{one['variance_reduction']:.1f} ({one['low']:.1f}-{one['high']:.1f})",
                str(one["replications"]),
                f"{one['replications_independent']:,}",
            ]
            for row in rows
            if "seconds_anew" not in row["details"]
            for metric, one in row["details"].items()
        ],
    )
    forks = [row for row in rows if "seconds_anew" in row["details"]]
    if forks:
        yield table(
            ["", say("both arms, each with its own past"), say("sharing one past"), say("saved")],
            [
                [
                    row["case"],
                    f"{row['details']['seconds_anew']:.1f} s",
                    f"{row['seconds']:.1f} s",
                    f"{row['details']['saved']:.0%}",
                ]
                for row in forks
            ],
        )


def counts_table(rows: Sequence[Row]) -> str:
    """What was counted, row by row: a fast wrong answer fails here."""
    names = list(dict.fromkeys(name for row in rows for name in row["counts"]))
    return table(
        ["", "consumers", "threads", "events", *(plain(name, str) for name in names)],
        [
            [
                " ".join(filter(None, (row["implementation"], row["case"]))),
                f"{row['consumers']:,}",
                str(row["threads"]),
                f"{row['events']:,}",
                *(f"{row['counts'].get(name, 0):,}" for name in names),
            ]
            for row in rows
        ],
    )


def facts(row: Row, say: Say) -> str:
    """The machine and the versions, in a line."""
    machine = row["machine"]
    versions = ", ".join(f"{name} {version}" for name, version in row["versions"].items() if version != "absent")
    memory = f"{machine['memory_bytes'] / 1e9:.0f} GB"
    return f"{machine['cpu']}, {machine['cores']} {say('cores')}, {memory}, {machine['system']}; {versions}."


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table; columns are set right where all their cells begin like numbers."""
    cells = [list(row) for row in rows]
    numeric = [all(row[k][:1].isdigit() or not row[k] for row in cells) for k in range(len(heads))]
    lines = [heads, ["--:" if right else "---" for right in numeric], *cells]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
