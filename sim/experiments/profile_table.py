"""What rule families cost, as it is printed."""

from __future__ import annotations

from sim.experiments.aligned import aligned
from sim.experiments.profile import Difference, Family, Profile

HEADINGS = ["family", "policies", "host s", "consumers' path s", "least to most", "events/s without"]
SIDES = "<>>>>>"


def render(found: Profile) -> str:
    """A row per family, then what the host does for no family alone, then how it was measured."""
    rows = [HEADINGS, *(_row(use, family) for use, family in found.families.items())]
    rows += [[f"({part})", "", f"{seconds:.2f}", "", "", ""] for part, seconds in found.other_host_seconds.items()]
    rate = "" if not found.seconds else f"{found.events / found.seconds:,.0f}"
    rows.append(["nothing: the noise", "", "", *_cells(found.noise), rate])
    errors = [f"{use}: cannot be taken away: {family.error}" for use, family in found.families.items() if family.error]
    return "\n".join([*aligned(rows, SIDES), *errors, *_how(found)])


def _row(use: str, family: Family) -> list[str]:
    host = "" if family.host_seconds is None else f"{family.host_seconds:.2f}"
    head = [use, str(len(family.policies)), host]
    if family.difference is None:
        return [*head, "-" if family.error else "not in force", "", ""]
    size, ends = _cells(family.difference)
    rate = "" if family.events_per_second_without is None else f"{family.events_per_second_without:,.0f}"
    return [*head, f"{size}{' ~' if family.within_noise else '  '}", ends, rate]


def _cells(cost: Difference) -> tuple[str, str]:
    return f"{cost.median:+.3f}", f"{cost.low:+.3f} to {cost.high:+.3f}"


def _how(found: Profile) -> list[str]:
    window = f"first {found.days} days, {found.rounds} rounds"
    return [
        "Host: seconds of the whole run, on the wall. Consumers' path, in seconds of processors: what it took longer than",
        f"without the family, {window}, median; all of it {found.seconds:.3f} s. ~: no more than two runs of the same",
        "differ. A family that keeps consumers from doing something may take less than nothing.",
    ]
