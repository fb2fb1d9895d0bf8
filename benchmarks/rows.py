"""What every workload reports: one flat row per measurement, with the facts without which a timing means nothing."""

from __future__ import annotations

from typing import Any, TypedDict

from benchmarks import machine


class Row(TypedDict):
    """One measurement of a workload by one implementation.

    `case` tells the measurements of a workload apart where sizes do not. `seconds` are those of the run of median time,
    `seconds_of_runs` those of all. `details` are the workload's own.
    """

    workload: str
    case: str
    implementation: str
    consumers: int
    threads: int
    days: int
    events: int
    counts: dict[str, int]
    seconds: float
    seconds_of_runs: list[float]
    peak_bytes: int
    details: dict[str, Any]
    machine: machine.Machine
    versions: dict[str, str]


def row(
    workload: str,
    implementation: str,
    *,
    consumers: int,
    threads: int,
    days: int,
    counts: dict[str, int],
    seconds: float,
    events: int,
    case: str = "",
    peak_bytes: int | None = None,
    details: dict[str, Any] | None = None,
) -> Row:
    """A row of this process, on this machine; `peak_bytes` is the process's own unless it is given."""
    facts = machine.describe()
    return {
        "workload": workload,
        "case": case,
        "implementation": implementation,
        "consumers": consumers,
        "threads": threads,
        "days": days,
        "events": events,
        "counts": counts,
        "seconds": seconds,
        "seconds_of_runs": [seconds],
        "peak_bytes": machine.peak_bytes() if peak_bytes is None else peak_bytes,
        "details": details or {},
        "machine": facts["machine"],
        "versions": facts["versions"],
    }


def rate(one: Row) -> float:
    """Events a second."""
    return one["events"] / one["seconds"]
