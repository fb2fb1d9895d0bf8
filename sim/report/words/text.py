"""What the sections say; names in braces are filled in by them."""

from __future__ import annotations

from sim.report.words.both import Words

TEXT: dict[str, Words] = {
    # head
    "title": Words("What would happen", "如果这样做，会怎样"),
    "kicker": Words("Simulated comparison", "仿真比较"),
    "kicker_run": Words("Simulated run", "仿真运行"),
    "question": Words(
        "What changes if {base} is replaced by {arms}?",
        "如果把 {base} 换成 {arms}，会发生什么变化？",
    ),
    "question_run": Words("What happens under {base}?", "在 {base} 之下会发生什么？"),
    "or": Words(" or ", " 或 "),
    "period": Words(
        "{first} to {last} · {days} days · {replications} paired replications of each arm",
        "{first} 至 {last} · {days} 天 · 每个方案 {replications} 次配对重复",
    ),
    "period_run": Words("{first} to {last} · {days} days · one run", "{first} 至 {last} · {days} 天 · 一次运行"),
    # 1 answer
    "answer": Words("The answer", "结论"),
    "is_higher": Words("higher with {arms}", "{arms}更高"),
    "is_lower": Words("lower with {arms}", "{arms}更低"),
    "is_unclear": Words("no difference could be seen with {arms}", "{arms} 看不出差异"),
    "is_equal": Words("exactly equal with {arms}", "{arms} 完全相等"),
    "is_single": Words("one replication only, so nothing is certain, with {arms}", "{arms}只有一次重复，无从确定"),
    "is_missing": Words("no result for {arms}", "{arms} 没有结果"),
    "clause": Words("{metric}: {clauses}.", "{metric}：{clauses}。"),
    "and": Words("; ", "；"),
    "list": Words(", ", "、"),
    "arm_with": Words("{arm} ({value})", "{arm}（{value}）"),
    "how_sure": Words("How sure?", "有多确定？"),
    "certainty": Words(
        "{how} Every difference is to {base} and comes with its 95% interval: the simulation error, that is, what is"
        " left open because only {replications} replications were run. All arms of a replication share their random"
        " draws.",
        "{how}每个差异都是相对 {base} 的，并附 95% 区间：即模拟误差，来自只做了 {replications} 次重复。"
        "同一次重复中各方案共用随机数。",
    ),
    "certainty_together": Words("The intervals of all arms hold together with 95%.", "所有方案的区间以 95% 的把握同时成立。"),
    "certainty_single": Words(
        "{how} Not at all: every difference to {base} is that of one replication, so that its simulation error is unknown.",
        "{how}完全不确定：相对 {base} 的每个差异都只来自一次重复，模拟误差未知。",
    ),
    "sentences": Words(" ", ""),
    "assumptions_open": Words(
        "The assumption range has not been computed: how far the differences depend on assumed figures is not in these"
        " intervals.",
        "尚未计算假设范围：这些区间不包含结论对假设数值的依赖程度。",
    ),
    "assumptions_done": Words(
        "The assumption range is the smallest and largest difference over {draws} draws of the assumed figures.",
        "假设范围是对假设数值抽取 {draws} 组时差异的最小值与最大值。",
    ),
    "certainty_run": Words(
        "One run is one possible course of events. It says nothing about how much another would differ; a comparison"
        " with several replications does.",
        "一次运行只是一种可能的经过，无法说明另一次会有多大不同；多次重复的比较才可以。",
    ),
    "warnings": Words("Before you believe this", "看结论前请注意"),
    "incomplete": Words(
        "{run}: this run is not complete ({status}); its figures end early.",
        "{run}：该运行不完整（{status}），数字提前中止。",
    ),
    # 2 log
    "log": Words("Purchases against the log", "与真实订单对照"),
    "log_none": Words("The scenario has no log of its own to be held against.", "该情景没有可供对照的真实日志。"),
    "log_no_overlap": Words(
        "No week of the log lies wholly in the simulated time, so there is nothing to compare.",
        "日志中没有任何一周完全落在模拟期内，无从比较。",
    ),
    "log_result": Words(
        "In the {weeks} weeks from {first} to {last} the log has {actual} repeat purchases. {base} gives {predicted}"
        " on average: {gap} against the log.",
        "从 {first} 到 {last} 的 {weeks} 周内，日志有 {actual} 次复购。{base} 平均给出 {predicted} 次：与日志相差 {gap}。",
    ),
    "log_result_run": Words(
        "In the {weeks} weeks from {first} to {last} the log has {actual} repeat purchases; this run has {predicted}:"
        " {gap} against the log.",
        "从 {first} 到 {last} 的 {weeks} 周内，日志有 {actual} 次复购，本次运行有 {predicted} 次：与日志相差 {gap}。",
    ),
    "log_range": Words(
        "A single simulated outcome of {base} falls between {low} and {high} with 95% probability.",
        "{base} 的单次模拟结果有 95% 的概率落在 {low} 与 {high} 之间。",
    ),
    "log_closed_form": Words(
        "The purchase model in closed form (BG/NBD, each customer's own history, no messages) predicts {closed}:"
        " {gap} against the log. That is the model's own known error on this log. It is named here, not tuned away, and"
        " it is in none of the intervals.",
        "购买模型的解析解（BG/NBD，按每位顾客自己的历史，无消息）预测 {closed} 次：与日志相差 {gap}。"
        "这是该模型在此日志上已知的自身误差；这里如实写出，没有调参掩盖，也不包含在任何区间内。",
    ),
    "log_no_closed_form": Words(
        "What separates {base} from the log is the model's own error together with whatever the store really did in"
        " those weeks. It is named here, not tuned away, and it is in none of the intervals.",
        "{base} 与日志之差，是模型自身的误差加上店铺当时实际所做的一切。这里如实写出，没有调参掩盖，也不包含在任何区间内。",
    ),
    "log_newcomers": Words(
        "The log also has {first} first purchases in these weeks. Those customers came after the fit and are not"
        " simulated, while their later purchases are in the log's figure.",
        "日志在这些周内还有 {first} 次首次购买。这些顾客在拟合之后才出现，未被模拟，而他们之后的购买计入了日志数字。",
    ),
    "log_chart": Words("Repeat purchases per week", "每周复购次数"),
    "key_mean": Words("mean of the replications", "各次重复的均值"),
    "key_run": Words("this run", "本次运行"),
    "key_band": Words("95% range of a single outcome", "单次结果的 95% 范围"),
    "key_log": Words("the log", "真实日志"),
    "key_closed": Words("closed form", "解析解"),
    "key_start": Words("first simulated day", "模拟首日"),
    "total_over_weeks": Words("Total over these weeks", "这些周的合计"),
    "column_predicted": Words("Simulated mean", "模拟均值"),
    "column_range": Words("95% range of one outcome", "单次结果 95% 范围"),
    "column_actual": Words("Log", "真实日志"),
    "column_gap": Words("Against the log", "与日志相比"),
    "row_closed": Words("BG/NBD in closed form", "BG/NBD 解析解"),
    # 3 messages
    "messages": Words("Messages", "消息"),
    "messages_none": Words("No arm sends any message.", "没有任何方案发送消息。"),
    "chart_messages_sent": Words("Sent per week", "每周发送"),
    "chart_messages_read": Words("Read per week", "每周已读"),
    "chart_opt_outs": Words("Opt-outs, cumulative", "累计退订"),
    "read_rate": Words("Read rate", "已读率"),
    "opt_outs_per_thousand": Words("Opt-outs per 1,000 sent", "每千条消息退订数"),
    "totals_mean": Words("Totals, mean over the replications", "合计（各次重复的均值）"),
    "totals_run": Words("Totals of this run", "本次运行合计"),
    "refused_because": Words("Refused: {reason}", "被拦截：{reason}"),
    # 4 money
    "money": Words("GMV and profit", "成交额与利润"),
    "money_note": Words(
        "Line: the 95% interval of the difference to {base} (simulation error); dot: the difference; upright: no difference.",
        "横线：相对 {base} 之差的 95% 区间（模拟误差）；圆点：差异；竖线：无差异。",
    ),
    "money_base": Words("{base}: {value}", "{base}：{value}"),
    # 5 what changed
    "changed": Words("What differs between the arms", "方案之间的差别"),
    "changed_none": Words("No setting differs.", "没有设定不同。"),
    "column_path": Words("Setting", "设定"),
    "absent": Words("none", "无"),
    "no_warnings": Words("No warnings.", "没有警告。"),
    # 6 assumptions
    "assumptions": Words("What is assumed", "假设"),
    "assumptions_note": Words(
        "{count} figures of {base}: {by_kind}. An assumed figure has no source; its low and high say how far it may be wrong.",
        "{base} 的 {count} 个数值：{by_kind}。假设值没有来源；其下限与上限说明可能偏差的范围。",
    ),
    "assumptions_chosen": Words("{count} chosen: part of the question", "选定的 {count} 个：属于问题本身"),
    "assumptions_none": Words("The runs record no assumptions.", "运行中没有记录假设。"),
    "kind_count": Words("{count} {kind}", "{kind} {count} 个"),
    "metric_in": Words("{metric}, {currency}", "{metric}（{currency}）"),
    "kind_assumed": Words("assumed", "假设"),
    "kind_sourced": Words("sourced", "有来源"),
    "kind_fitted": Words("fitted", "拟合"),
    "kind_chosen": Words("chosen", "选定"),
    "column_value": Words("Value", "取值"),
    "column_unit": Words("Unit", "单位"),
    "column_low_high": Words("Low to high", "下限至上限"),
    "column_kind": Words("Kind", "类别"),
    "column_source": Words("Source", "来源"),
    # all figures
    "figures": Words("All figures", "全部数字"),
    "figures_note": Words(
        "Per replication, over the whole time. Gain: the variance of independent runs over that of paired ones. For 1%:"
        " replications needed in all for an interval of ±1% of the mean of {base}.",
        "每次重复、整个时段的合计。增益：独立运行与配对运行的方差之比。1% 所需：区间达到 {base} 均值的 ±1% 共需的重复次数。",
    ),
    "figures_idle": Words("Zero in every run: {metrics}.", "每次运行都为零：{metrics}。"),
    "column_metric": Words("Metric", "指标"),
    "column_arm": Words("Arm", "方案"),
    "column_mean": Words("Mean", "均值"),
    "column_total": Words("Total", "合计"),
    "column_difference": Words("Difference", "差异"),
    "column_relative": Words("Relative", "相对"),
    "column_interval": Words("95% interval (simulation error)", "95% 区间（模拟误差）"),
    "column_assumption": Words("Assumption range", "假设范围"),
    "column_gain": Words("Gain", "增益"),
    "column_needed": Words("For 1%", "1% 所需"),
    "to": Words("{low} to {high}", "{low} 至 {high}"),
    # 7 again
    "again": Words("How to get this again", "如何重现"),
    "again_command": Words("The command", "命令"),
    "again_seeds": Words("Seeds", "随机种子"),
    "again_seeds_note": Words("replication k of every arm has the k-th seed", "每个方案的第 k 次重复使用第 k 个种子"),
    "again_versions": Words("Versions", "版本"),
    "again_runs": Words("Run folders", "运行文件夹"),
    "again_failed": Words("failed", "失败"),
    "again_trace": Words(
        "Every number carries, when you point at it, the place where it stands in these folders.",
        "将鼠标停在任何数字上，可看到它在这些文件夹中的出处。",
    ),
    "again_hash": Words("Scenario hash", "情景哈希"),
    "not_recorded": Words("not recorded", "未记录"),
}
