"""What the sections say; names in braces are filled in by them."""

from __future__ import annotations

from sim.report.words.both import Words
from sim.report.words.sweep import SWEEP

TEXT: dict[str, Words] = {
    **SWEEP,
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
        "The assumption range is another thing: the smallest and largest difference when the assumed figures vary ({draws}).",
        "假设范围是另一回事：假设数值变动时，差异的最小值与最大值（{draws}）。",
    ),
    "draws": Words("{draws} draws", "{draws} 组抽样"),
    "draws_on": Words(
        "{draws} draws, on {consumers} of {whole} consumers, scaled",
        "{draws} 组抽样，用 {whole} 位消费者中的 {consumers} 位，已按比例放大",
    ),
    "sign": Words("Over the assumption range, {metric}: {clauses}.", "在假设范围内，{metric}：{clauses}。"),
    "sign_holds": Words("the sign holds with {arms}", "{arms} 的方向不变"),
    "sign_turns": Words("the sign depends on the assumptions with {arms}", "{arms} 的方向取决于假设"),
    "assumption_range": Words("assumption range: {range}", "假设范围：{range}"),
    "error_interval": Words("simulation error: {interval}", "模拟误差：{interval}"),
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
    "chart_messages_sent": Words("Messages sent per week", "每周发送消息数"),
    "chart_messages_read": Words("Messages read per week", "每周已读消息数"),
    "chart_opt_outs": Words("Opt-outs, cumulative", "累计退订"),
    "read_rate": Words("Read rate", "已读率"),
    "opt_outs_per_thousand": Words("Opt-outs per 1,000 sent", "每千条消息退订数"),
    "totals_mean": Words("Totals, mean over the replications", "合计（各次重复的均值）"),
    "totals_run": Words("Totals of this run", "本次运行合计"),
    # what became of the messages
    "outcomes": Words("What became of the messages", "消息的去向"),
    "outcomes_note": Words(
        "All consumers of the crowds, in the order in which the checks are made: each is refused for one reason, or"
        " the message is delivered.",
        "人群中的全部消费者，按检查的先后顺序：每人或因一个原因被拦截，或收到消息。",
    ),
    "outcome_unread": Words("delivered, not read", "已送达未读"),
    "outcome_read": Words("delivered and read", "已送达并已读"),
    "outcomes_total": Words("All of the crowds", "人群合计"),
    "outcomes_before": Words("Out before there was a crowd", "进入人群之前"),
    "out_consumers": Words("consumers", "消费者"),
    "out_tasks": Words("whole tasks", "整个任务"),
    "reason": Words("{words} {code}", "{words} {code}"),
    "column_outcome": Words("Outcome", "结果"),
    # what the senders do to each other
    "load_title": Words("More messages, read less?", "发得越多，读得越少？"),
    "load": Words(
        "Messages per consumer and week, and the share read: {levels}.", "每位消费者每周的消息数与已读率：{levels}。"
    ),
    "load_of": Words("{arm} {messages}, {read} read", "{arm} {messages} 条，已读 {read}"),
    "load_falls": Words(
        "With {arm} a consumer gets more messages than with {base} and reads a smaller share of them, in each of the"
        " {times} replications.",
        "与 {base} 相比，{arm} 下每位消费者收到更多消息，而读的比例更低，{times} 次重复次次如此。",
    ),
    "load_shared": Words(
        "Attention is shared: what each store gains by sending more, all of them pay for with messages that are read less.",
        "注意力是共有的：各店多发所得，由所有店铺以更低的已读率共同承担。",
    ),
    "load_sometimes": Words(
        "With {arm} a consumer gets more messages than with {base}; the share read is smaller in {times} of {count}"
        " replications.",
        "与 {base} 相比，{arm} 下每位消费者收到更多消息；已读率在 {count} 次重复中有 {times} 次更低。",
    ),
    "load_lower": Words(
        "With {arm} a consumer gets more messages than with {base}, and the share read is smaller on average.",
        "与 {base} 相比，{arm} 下每位消费者收到更多消息，平均已读率更低。",
    ),
    "load_not_lower": Words(
        "With {arm} a consumer gets more messages than with {base}; the share read is not smaller.",
        "与 {base} 相比，{arm} 下每位消费者收到更多消息；已读率并未降低。",
    ),
    "load_across": Words("messages per consumer and week", "每位消费者每周消息数"),
    "load_up": Words("share read", "已读率"),
    "load_key": Words("one dot per run; arrows from the means", "每点为一次运行；箭头连接均值"),
    # 4 money
    "money": Words("GMV and profit", "成交额与利润"),
    "money_note": Words(
        "Dot: the difference to {base}. Dark bar: its 95% interval (simulation error). Upright line: no difference.",
        "圆点：相对 {base} 的差异。深色条：其 95% 区间（模拟误差）。竖线：无差异。",
    ),
    "money_note_assumed": Words(
        "Light bar below it: the assumption range ({draws}); it is no part of the interval.",
        "其下浅色条：假设范围（{draws}），不属于该区间。",
    ),
    "money_base": Words("{base}: {value}", "{base}：{value}"),
    # what could flip it
    "flips": Words("What could flip it?", "什么会改变结论？"),
    "flips_note": Words(
        "The differences again, with {count} assumed figures drawn between their low and high, the same for all arms"
        " ({draws}). A draw is one replication, so some simulation error is in the range.",
        "再次计算差异：{count} 个假设数值在各自下限与上限之间抽取，各方案取值相同（{draws}）。"
        "每组只有一次重复，因此范围内含有部分模拟误差。",
    ),
    "flips_failed": Words("{count} runs of draws failed and are left out.", "{count} 次抽样运行失败，未计入。"),
    "flips_varied": Words("The {count} assumed figures that were varied", "所变动的 {count} 个假设数值"),
    "flip_holds": Words(
        "{metric} with {arm}: none of the {draws} draws has the opposite sign.", "{metric}，{arm}：{draws} 组抽样方向都不相反。"
    ),
    "flip_turns": Words(
        "{metric} with {arm}: {count} of {draws} draws have the opposite sign.",
        "{metric}，{arm}：{draws} 组抽样中有 {count} 组方向相反。",
    ),
    "flip_mixed": Words(
        "{metric} with {arm}: the {draws} draws have both signs, where the headline shows no difference.",
        "{metric}，{arm}：{draws} 组抽样正负皆有，而结论本身没有差异。",
    ),
    "flip_by_chance": Words(
        "By chance alone, {count} of {replications} replications have it too.",
        "仅因偶然，{replications} 次重复中也有 {count} 次如此。",
    ),
    "flip_led": Words("It hangs most on: {leaders}.", "最取决于：{leaders}。"),
    "flip_no_leader": Words(
        "No single assumption stands out at {draws} draws; more may tell.",
        "{draws} 组抽样下没有单个假设突出；增加抽样或可分辨。",
    ),
    "leader_up": Words(
        "{meaning} ({path}): the higher it is, the larger the difference (rank correlation {size})",
        "{meaning}（{path}）：越高，差异越大（秩相关 {size}）",
    ),
    "leader_down": Words(
        "{meaning} ({path}): the higher it is, the smaller the difference (rank correlation {size})",
        "{meaning}（{path}）：越高，差异越小（秩相关 {size}）",
    ),
    "column_opposite": Words("Draws with the opposite sign", "方向相反的抽样数"),
    # who
    "groups": Words("Who wins, who loses?", "谁获益，谁受损？"),
    "groups_merchant": Words("Merchants", "商家"),
    "groups_industry": Words("Industries", "行业"),
    "groups_segment": Words("Segments of consumers", "消费者分群"),
    "of_merchant": Words("{count} merchants", "{count} 家商家"),
    "of_industry": Words("{count} industries", "{count} 个行业"),
    "of_segment": Words("{count} segments", "{count} 个分群"),
    "tally": Words("{metric} with {arm}, of {groups}: {clauses}.", "{metric}，{arm}，{groups}中：{clauses}。"),
    "tally_wins": Words("{count} win", "{count} 个获益"),
    "tally_loses": Words("{count} lose", "{count} 个受损"),
    "tally_unclear": Words("{count} cannot be told", "{count} 个无法判断"),
    "tally_equal": Words("{count} are exactly equal", "{count} 个完全相等"),
    "most_wins": Words("Most won: {groups}.", "获益最多：{groups}。"),
    "most_loses": Words("Most lost: {groups}.", "受损最多：{groups}。"),
    "family": Words(
        "Family-wise error: the intervals of one figure hold together with 95% for all {groups} in every arm compared"
        " with the base ({arms}; Bonferroni). Where nothing changes, the chance that any of them is called a winner or a"
        " loser is at most 5%. Bars as under GMV and profit.",
        "族错误率：同一指标的区间对全部 {groups}及每个对比方案（{arms} 个）以 95% 的把握同时成立（Bonferroni）。"
        "若什么都没变，其中任何一个被误判为获益或受损的概率至多 5%。图示同成交额与利润。",
    ),
    "family_single": Words(
        "One replication only: who wins and who loses cannot be told.", "只有一次重复：无法判断谁获益、谁受损。"
    ),
    "is_wins_short": Words("wins", "获益"),
    "is_loses_short": Words("loses", "受损"),
    "is_unclear_short": Words("unclear", "不明"),
    "is_equal_short": Words("equal", "相等"),
    "groups_table": Words("All figures", "全部数字"),
    "column_group": Words("Who", "对象"),
    "column_base": Words("Base", "基准"),
    "difference_in": Words("{metric}: difference", "{metric}：差异"),
    # stages and relations
    "funnel": Words("From Lead to Keep", "从汇聚到复购"),
    "funnel_flow": Words(
        "{arm}: for every 100 entries into Lead, {interlock} into Interlock, {engage} into Engage and {keep} into Keep.",
        "{arm}：每 100 次进入汇聚，对应 {interlock} 次进入连接、{engage} 次进入激活、{keep} 次进入复购。",
    ),
    "funnel_note": Words(
        "A relation is one consumer with one store. Entries are those of the run, not of one cohort: who was in Lead before"
        " may come to a later stage now, so that a later stage can have more of them.",
        "一段关系即一位消费者与一家店铺。进入数是期间发生的，并非同一批关系：期初前已在汇聚的关系也可能在期间进入后面的阶段，"
        "因此后面的阶段可以更多。",
    ),
    "funnel_note_base": Words(
        "Small figures: the difference to {base}, in brackets its share.", "小字为相对 {base} 的差异，括号内为其比例。"
    ),
    "funnel_entered": Words("Entered over the run", "期间进入"),
    "funnel_stock": Words("There at the end", "期末存量"),
    "funnel_over_time": Words("Relations in each stage over time", "各阶段的关系数变化"),
    "funnel_balance": Words("Where they came from and went", "来去明细"),
    "funnel_balance_note": Words(
        "From the end of the first day to that of the last: at the start + entered = moved on + left + at the end.",
        "从首日结束到末日结束：期初 + 进入 = 前进 + 流失 + 期末。",
    ),
    "stage_lead": Words("Lead", "汇聚"),
    "stage_interlock": Words("Interlock", "连接"),
    "stage_engage": Words("Engage", "激活"),
    "stage_keep": Words("Keep", "复购"),
    "column_stage": Words("Stage", "阶段"),
    "column_start": Words("At the start", "期初"),
    "column_entered": Words("Entered", "进入"),
    "column_moved": Words("Moved on", "前进"),
    "column_left": Words("Left the store", "流失"),
    "column_end": Words("At the end", "期末"),
    "unit_relations": Words("relations", "关系数"),
    "relations": Words("Relation users", "关系用户"),
    "at_the_end": Words("{stock} at the end", "期末{stock}"),
    "share_gmv_relation": Words("Share of GMV from any relation user", "关系用户成交占比"),
    "share_gmv_old": Words("Share of GMV from old customers", "老客成交占比"),
    "share_gmv_fan": Words("Share of GMV from fans", "粉丝成交占比"),
    "share_gmv_member": Words("Share of GMV from members", "会员成交占比"),
    # grades and benefits
    "grades": Words("Grades and joins", "考核等级与入会"),
    "grades_note": Words(
        "Each store at each refresh of its grade; below it, where it stands with the right to 0-yuan joins.",
        "各店铺每次考核更新后的等级；下方为其注册入会权限的状态。",
    ),
    "grades_more": Words("{count} more stores are in grades.parquet.", "另有 {count} 家店铺见 grades.parquet。"),
    "grades_counts": Words(
        "Stores' refreshes that ended at each grade, and, in rows with a sign, where they stood with the right to 0-yuan joins:"
        " means over the replications, and their share.",
        "各店铺历次考核更新后的等级；带符号的行为注册入会权限的状态。均为各次重复的平均值及占比。",
    ),
    "grades_missing": Words("What stores lacked at the last refresh", "末次考核的差距"),
    "grades_levers": Words(
        "Stores short of the next grade at the last refresh, by what to begin with", "末次考核未达下一等级的店铺数，按首选举措"
    ),
    "grades_keepers": Words("Refreshes at quality, by store", "各店铺处于优质的考核次数"),
    "grades_refused": Words("What was refused", "被拒绝的"),
    "refused_join": Words("Joins", "入会"),
    "refused_setting": Words("Settings of joins", "入会设置"),
    "refused_benefit": Words("Benefits switched on", "上线权益"),
    "refused_group": Words("Seats in groups", "群席位"),
    "column_merchant": Words("Store", "店铺"),
    "column_grade": Words("Grade", "等级"),
    "column_next": Words("Next", "下一等级"),
    "column_gaps": Words("Missing", "差距"),
    "column_lever": Words("Begin with", "首选举措"),
    "column_cost": Words("Cost", "成本"),
    "column_reason": Words("Reason", "原因"),
    "benefits": Words("Coupons and benefits", "优惠券与权益"),
    "benefits_note": Words(
        "What was claimed is used, held at the end, or expired; in bars and shares, what a refund brought back is not counted"
        " as used. What needs no claim has only uses. Discounts and gifts are borne by merchants and by the platform. A success"
        " of a new-member gift is an order within 24 h of its claim.",
        "领取的券要么已使用、要么期末持有、要么过期；图与占比中，因退款退回的不计为已使用。无需领取的权益只有使用数。"
        "优惠与礼品由商家与平台承担。新会员礼包领取后 24 小时内成交计为成功。",
    ),
    "coupon_used": Words("used", "已使用"),
    "coupon_held": Words("held at the end", "期末持有"),
    "coupon_expired": Words("expired", "已过期"),
    "benefit_of_past": Words("of the past", "过往期"),
    "benefit_claimed": Words("Claimed", "领取"),
    "benefit_redeemed": Words("Used", "使用"),
    "benefit_expired": Words("Expired", "过期"),
    "benefit_held": Words("Held", "持有"),
    "benefit_returned": Words("Returned", "退回"),
    "benefit_successes": Words("Successes", "24 小时成交"),
    "benefit_discount": Words("Discount, {currency}", "优惠（{currency}）"),
    "benefit_gift_cost": Words("Gifts, {currency}", "礼品（{currency}）"),
    "benefit_discount_merchant": Words("Borne by merchants", "商家承担"),
    "benefit_discount_platform": Words("By the platform", "平台承担"),
    "benefits_refused": Words("Claims refused", "被拒绝的领取"),
    "column_benefit": Words("Benefit", "权益"),
    "each_of": Words("{value} (each of {count})", "{value}（{count} 个相同）"),
    "from_to_of": Words("{low} to {high} ({count})", "{low} 至 {high}（{count} 个）"),
    "different_of": Words("{count} of their own", "{count} 个各不相同"),
    "glossary": Words("Terms", "术语"),
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
