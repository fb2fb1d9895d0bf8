"""The words of merchant grading."""

from __future__ import annotations

from sim.policies.grading.names import Grade, Refusal, RegisterJoin, Setting
from sim.report.words.both import Words

GRADES: dict[Grade | None, Words] = {
    None: Words("no grade yet", "尚未考核"),
    Grade.QUALITY: Words("quality", "优质"),
    Grade.POTENTIAL: Words("potential", "潜力"),
    Grade.IMPROVING: Words("improving", "提能"),
    Grade.NONCOMPLIANT: Words("noncompliant", "不达标"),
}
STATES: dict[RegisterJoin, Words] = {
    RegisterJoin.NONE: Words("none", "无"),
    RegisterJoin.HELD: Words("held", "持有"),
    RegisterJoin.BUFFER: Words("buffer to {until}", "缓冲期至 {until}"),
    RegisterJoin.GRACE: Words("grace to {until}", "限期修改至 {until}"),
    RegisterJoin.LOCKED: Words("locked to {until}", "关闭招募至 {until}"),
}
STANDINGS: dict[RegisterJoin, Words] = {
    RegisterJoin.NONE: Words("no right to 0-yuan joins by its grade", "无注册入会权限"),
    RegisterJoin.HELD: Words("right to 0-yuan joins", "持有注册入会权限"),
    RegisterJoin.BUFFER: Words("buffer before it is withdrawn", "缓冲期"),
    RegisterJoin.GRACE: Words("withdrawn, time to change the setting", "已收回，限期修改设置"),
    RegisterJoin.LOCKED: Words("locked: no recruiting", "招募已关闭"),
}
SHORT: dict[Grade, Words] = {
    Grade.QUALITY: Words("Q", "优"),
    Grade.POTENTIAL: Words("P", "潜"),
    Grade.IMPROVING: Words("I", "提"),
    Grade.NONCOMPLIANT: Words("N", "否"),
}
SETTINGS: dict[Setting, Words] = {
    Setting.ZERO: Words("zero", "0元入会"),
    Setting.PURCHASED: Words("purchased", "已购入会"),
}
REFUSALS: dict[Refusal | None, Words] = {
    None: Words("-", "-"),
    Refusal.NONCOMPLIANT: Words("noncompliant: the back end is closed", "不达标：会员后台已关停"),
    Refusal.IMPROVING: Words("improving: no recruiting this cycle", "提能：本周期限制招募"),
    Refusal.LOCKED: Words("locked: the setting was not changed in time", "未按期修改设置，招募已关闭"),
    Refusal.NO_RIGHT: Words("no_right: no right to 0-yuan joins", "无0元入会权限"),
    Refusal.NO_RECEIPT: Words("no_receipt: receipt is not confirmed", "未确认收货"),
    Refusal.THRESHOLD: Words("threshold: not bought enough", "未达入会门槛"),
}
_OF_JOINS = {
    "noncompliant": Words("the store is non-compliant", "店铺不达标"),
    "improving": Words("the store is improving: it does not recruit", "店铺处于提能：不可招募"),
    "locked": Words("the store's recruiting is locked", "店铺招募已关闭"),
    "no_right": Words("the store has no right to 0-yuan joins", "店铺无0元入会权限"),
    "no_receipt": Words("no receipt is confirmed yet", "尚未确认收货"),
    "threshold": Words("not bought enough", "未达入会门槛"),
}
REFUSED: dict[str, dict[str, Words]] = {
    "join": _OF_JOINS,
    "setting": {reason: _OF_JOINS[reason] for reason in ("noncompliant", "no_right")},
    "benefit": {
        "noncompliant": _OF_JOINS["noncompliant"],
        "gift_limit": Words("the new-member gift has no room for it", "新会员礼包已满"),
    },
    "group": {"full": Words("all seats of the groups are taken", "群已满员")},
}
"""Of refusals.parquet: what was refused, and why."""
EVENTS = {
    "refresh": Words("refresh", "考核"),
    "setting": Words("setting", "设置"),
    "ask": Words("ask", "查询"),
}
JOINS = {
    "zero": Words("0-yuan", "0元"),
    "purchased": Words("purchased", "已购"),
    "closed": Words("closed", "关闭"),
}
HEADINGS = (
    Words("merchant", "商家"),
    Words("time", "时间"),
    Words("event", "事件"),
    Words("grade", "等级"),
    Words("register-join right", "注册入会权限"),
    Words("setting", "入会设置"),
    Words("joins", "可入会"),
    Words("refused", "拒绝原因"),
)
INDICATORS = {
    "online_days": Words("{gap:g} benefit online days", "权益在线天数 {gap:g} 天"),
    "scale": Words("{gap:,g} effective members", "有效会员 {gap:,g} 人"),
    "gmv_share": Words("{gap:.3g} points of member GMV share", "会员成交占比 {gap:.3g} 个百分点"),
    "quality_ratio": Words("{gap:.3g} points of quality ratio", "优质关系占比 {gap:.3g} 个百分点"),
    "penetration": Words("{gap:.3g} points of benefit penetration", "会员权益渗透 {gap:.3g} 个百分点"),
}
LEVERS = {
    "online_days": Words("keep a member benefit online on more days", "延长会员权益在线天数"),
    "scale": Words("turn old customers into members and recall silent ones", "老客转会员、召回沉默会员"),
    "gmv_share": Words("raise members' conversion and basket by benefits", "以权益提升会员转化与客单"),
    "quality_ratio": Words("recruit more precisely and win first orders", "精准招募、促进首单转化"),
    "penetration": Words("configure benefits that members use, which is fast", "配置会员权益，见效快"),
}
MISSING = Words(
    "{merchant}, {day}: missing to {grade}: {gaps}{cost}. First {lever}.",
    "{merchant}，{day}：距“{grade}”还差{gaps}{cost}。先{lever}。",
)
COST = Words(" (cost {cost:,.2f})", "（成本 {cost:,.2f}）")
BETWEEN = Words(", ", "、")
