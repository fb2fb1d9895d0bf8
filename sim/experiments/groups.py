"""What a run came to by merchant, by industry and by segment of consumers: the sums that winners are told by."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

BY = ("merchant", "industry", "segment")
METRICS = ("gmv", "profit", "orders", "needs_met", "messages_sent", "messages_read", "opt_outs")

Sums = dict[str, dict[str, dict[str, int]]]
"""`sums[kind][group][metric]`: kinds of `BY` for which there are figures, metrics of `METRICS`, money in minor units."""


def sums_of(run: Any, folder: Path | None = None) -> Sums:
    """The sums of a run: from its tables `daily` and `segments`, in memory or in its folder; of no table no sums."""
    daily, segments = _table(run, "daily", folder), _table(run, "segments", folder)
    if segments is not None and {"needs", "needs_lapsed"} <= set(segments):
        segments = segments.assign(needs_met=segments["needs"] - segments["needs_lapsed"])
    tables = {"merchant": daily, "industry": daily, "segment": segments}
    return {kind: _sums(table, kind) for kind, table in tables.items() if table is not None and kind in table}


def _table(run: Any, name: str, folder: Path | None) -> pd.DataFrame | None:
    table = getattr(run, name, None)
    if isinstance(table, pd.DataFrame):
        return table
    path = None if folder is None else folder / f"{name}.parquet"
    return pd.read_parquet(path) if path is not None and path.exists() else None


def _sums(table: pd.DataFrame, kind: str) -> dict[str, dict[str, int]]:
    metrics = [metric for metric in METRICS if metric in table]
    sums = table.groupby(kind, sort=True)[metrics].sum()
    return {str(group): dict(zip(metrics, map(int, row))) for group, row in zip(sums.index, sums.to_numpy())}
