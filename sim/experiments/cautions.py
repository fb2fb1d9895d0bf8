"""What a reader must know before believing a comparison's figures, in English and Chinese."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from sim.experiments.differences import Change, touches
from sim.experiments.runs import Row


@dataclass(frozen=True)
class Caution:
    """`arm` is empty where it is about all of them."""

    kind: Literal[
        "same_scenario", "never_acted", "setting_never_acted", "failed", "few_replications", "draws_failed", "draws_scaled"
    ]
    arm: str
    en: str
    zh: str
    paths: list[str] = field(default_factory=list)


def of_replications(
    names: Sequence[str], replications: int, rows: Sequence[Row], changed: Mapping[str, Sequence[Change]]
) -> list[Caution]:
    """Runs that failed, changes without consequence, too few replications."""
    finished = {(row.arm, row.replication): row for row in rows if row.error is None}
    cautions = []
    for arm in names:
        failed = [row for row in rows if row.arm == arm and row.error is not None]
        if failed:
            listed = ", ".join(str(row.replication) for row in failed)
            cautions.append(
                Caution(
                    "failed",
                    arm,
                    f"{arm}: {len(failed)} of {replications} runs failed and are left out (replications {listed})",
                    f"{arm}：{replications} 次运行中有 {len(failed)} 次失败，未计入（第 {listed} 次重复）",
                )
            )
    for arm in names[1:]:
        pairs = [
            (finished[names[0], k], finished[arm, k])
            for k in range(replications)
            if (names[0], k) in finished and (arm, k) in finished
        ]
        cautions += _never_acted(arm, pairs, [change.path for change in changed[arm]], names[0])
    if replications == 1:
        cautions.append(
            Caution(
                "few_replications",
                "",
                "one replication only: no simulation error can be given; use 2 or more, 8 by default",
                "只有一次重复：无法给出模拟误差；请使用 2 次以上，默认 8 次",
            )
        )
    return cautions


def of_draws(rows: Sequence[Row], on: tuple[int, int] | None) -> list[Caution]:
    """Draws that failed, draws on fewer consumers."""
    cautions = []
    failed = sorted({row.replication for row in rows if row.error is not None})
    if failed:
        first = next(row for row in rows if row.error is not None)
        listed = ", ".join(map(str, failed))
        cautions.append(
            Caution(
                "draws_failed",
                "",
                f"{len(failed)} assumption draws failed in some arm and are left out there (draws {listed}): {first.error}",
                f"有 {len(failed)} 组假设抽样在某些方案中失败，未计入（第 {listed} 组）：{first.error}",
            )
        )
    if rows and on is not None:
        cautions.append(
            Caution(
                "draws_scaled",
                "",
                f"the assumption range is that of runs on {on[0]:,} of {on[1]:,} consumers, scaled; budgets and stocks that"
                " consumers share are not scaled with them, and fewer consumers mean more simulation error in the range",
                f"假设范围来自 {on[1]:,} 位消费者中 {on[0]:,} 位的运行，已按比例放大；消费者共用的预算与库存未随之缩放，"
                "且人数越少，范围中的模拟误差越大",
            )
        )
    return cautions


def _never_acted(arm: str, pairs: list[tuple[Row, Row]], paths: list[str], base: str) -> list[Caution]:
    """A what-if whose rule never binds is a mistake in the question: say which settings were without consequence."""
    if not paths:
        return [
            Caution(
                "same_scenario",
                arm,
                f"{arm}: no setting differs from {base}; the two are the same scenario",
                f"{arm}：没有任何设定与 {base} 不同；两者是同一个情景",
            )
        ]
    if not pairs:
        return []
    if all(one.totals == other.totals for one, other in pairs):
        return [
            Caution(
                "never_acted",
                arm,
                f"{arm}: the change never acted: every figure of every replication equals {base}'s;"
                f" changed: {', '.join(paths)}",
                f"{arm}：改动从未起作用：每次重复的每个数字都与 {base} 相同；改动的设定：{'，'.join(paths)}",
                paths,
            )
        ]
    modules = {module for pair in pairs for row in pair for module in row.acted}
    idle = {m for m in modules if not any(row.acted.get(m, 0) for pair in pairs for row in pair)}
    without_use = [path for path in paths if any(touches(path, module) for module in idle)]
    return [
        Caution(
            "setting_never_acted",
            arm,
            f"{arm}: {path} was changed, but what it belongs to never acted, in either arm",
            f"{arm}：{path} 已改动，但它所属的模块在两个方案中都从未起作用",
            [path],
        )
        for path in without_use
    ]
