"""What the report of a sweep says."""

from __future__ import annotations

from sim.report.words.both import Words

SWEEP: dict[str, Words] = {
    "sweep_kicker": Words("Simulated sweep", "仿真网格扫描"),
    "sweep_question": Words("What do {settings} do to {scenario}?", "{settings} 对 {scenario} 有何影响？"),
    "sweep_question_one": Words("What does {settings} do to {scenario}?", "{settings} 对 {scenario} 有何影响？"),
    "sweep_and": Words(" and ", " 与 "),
    "sweep_period": Words(
        "{start}, {days} days · {points} points × {replications} replications · the same seeds at every point",
        "自 {start} 起 {days} 天 · {points} 个点 × {replications} 次重复 · 各点使用相同的随机种子",
    ),
    "sweep_size": Words(
        "{points} points × {replications} replications · the same seeds at every point",
        "{points} 个点 × {replications} 次重复 · 各点使用相同的随机种子",
    ),
    "sweep_how": Words("How to read this", "如何阅读"),
    "sweep_how_means": Words(
        "Each figure is a mean over all points with that value of the setting. The other settings are met equally often with"
        " every value, so that values differ by nothing else.",
        "每个数字都是该设定取此值的所有点的均值。其他设定在每个取值下出现的次数相同，因此取值之间没有其他差别。",
    ),
    "sweep_how_error": Words(
        "Light bar: the 95% interval of the mean by itself. Dark bar: the 95% interval of the difference to the first value"
        " (the dashed line), paired by seed; those of one chart hold together. Where the dark bar does not reach the dashed"
        " line, the difference is more than chance. Both are simulation error.",
        "浅色条：均值自身的 95% 区间。深色条：与第一个取值（虚线）之差的 95% 区间，按随机种子配对；同一图中各区间同时成立。"
        "深色条未触及虚线，即差异不只是偶然。两者都是模拟误差。",
    ),
    "sweep_single": Words(
        "One replication only: the simulation error is unknown, and so is whether a difference is more than chance.",
        "只有一次重复：模拟误差未知，无法判断差异是否只是偶然。",
    ),
    "sweep_failed_count": Words(
        "{failed} of {runs} runs failed. They are left out, and so is whatever could not be compared fairly without them.",
        "{runs} 次运行中有 {failed} 次失败。它们以及缺少它们便无法公平比较的部分未计入。",
    ),
    "sweep_failed_run": Words(
        "{point}, replication {replication} ({settings}): {error}", "{point}，重复 {replication}（{settings}）：{error}"
    ),
    "sweep_more_failed": Words("{count} more: see runs.csv", "另有 {count} 次：见 runs.csv"),
    "sweep_used_less": Words(
        "Without what failed, {path} rests on {points} of {of_points} points per value and {replications} of"
        " {of_replications} replications.",
        "除去失败的运行，{path} 的数字基于每个取值的 {points}/{of_points} 个点、{replications}/{of_replications} 次重复。",
    ),
    "sweep_nothing": Words("No run finished, so there is nothing to show.", "没有一次运行完成，无可展示。"),
    "sweep_used": Words(
        "Means over {points} points with each value and {replications} replications.",
        "每个取值 {points} 个点、{replications} 次重复的均值。",
    ),
    "sweep_level": Words("Value", "取值"),
    "sweep_mean_interval": Words("95% interval of the mean", "均值的 95% 区间"),
    "sweep_difference": Words("Difference to the first", "与第一个取值之差"),
    "sweep_all_metrics": Words("All figures against {path}", "全部指标随 {path} 的变化"),
    "sweep_gain_note": Words(
        "Gain: the variance of independent runs over that of paired ones; above 1, pairing by seed is the more precise.",
        "增益：独立运行与配对运行的方差之比；大于 1 时，按种子配对更精确。",
    ),
    "sweep_points": Words("Every point", "每一个点"),
    "sweep_points_note": Words(
        "Means over the replications that finished. Every run is in runs.parquet and runs.csv.",
        "已完成重复的均值。每次运行见 runs.parquet 与 runs.csv。",
    ),
    "sweep_points_cut": Words("The first {count} of {points} points.", "共 {points} 个点，列出前 {count} 个。"),
    "sweep_point": Words("Point", "点"),
    "sweep_finished": Words("Finished", "已完成"),
    "sweep_tables": Words("Tables", "数据表"),
    "sweep_seeds_note": Words("replication k of every point has the k-th seed", "每个点的第 k 次重复使用第 k 个种子"),
}
