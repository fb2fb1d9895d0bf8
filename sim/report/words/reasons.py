"""Why a message, or a whole task, did not go out, by the code of the reason."""

from __future__ import annotations

from sim.report.words.both import Words

REASONS: dict[str, Words] = {
    # of a task as a whole
    "not_invited": Words("the merchant is not invited, or may not reach its members", "商家未受邀，或无会员触达权限"),
    "image_late": Words("the picture came too late", "图片提交过晚"),
    "outside_window": Words("outside the hours of sending", "不在可发送时段"),
    "coupon_not_valid": Words("the coupon is not valid", "优惠券无效"),
    "text_refused": Words("the text was refused", "文案未通过审核"),
    "crowd_too_small": Words("the crowd is too small", "人群过小"),
    # of a consumer
    "not_effective": Words("no effective old customer, or a silent member who is left alone", "非有效老客，或受保护的沉默会员"),
    "algorithm_filter": Words("left out by the platform's filter", "被平台算法筛除"),
    "overlap": Words("reached by an earlier task of the same plan", "同一计划的先前任务已触达"),
    "opted_out": Words("has opted out", "已退订"),
    "no_dedicated_relation": Words("no relation with dedicated service", "无专属客服关系"),
    "benefit_used_up": Words("the benefit is used up", "权益已领完"),
    "store_window": Words("cap of the store over several days", "单店多日上限"),
    "store_per_day": Words("cap of the store on one day", "单店单日上限"),
    "stores_per_day": Words("cap of stores on one day", "单日触达店铺数上限"),
    "total_per_day": Words("cap of all messages on one day", "单日消息总数上限"),
    "reach_frequency": Words("reached too often of late", "近期触达过于频繁"),
    "platform_limit": Words("cap of the whole platform", "平台总量上限"),
    # of a claim
    "not_online": Words("the benefit is not online", "权益未上线"),
    "not_entitled": Words("it is not for this consumer", "不符合领取条件"),
    "too_late": Words("the claim came too late", "超过领取时限"),
    "per_person": Words("claimed as often as one may", "已达每人限领数"),
    "no_points": Words("too few points", "积分不足"),
    # of what has run out
    "out_of_stock": Words("no coupons are left", "券已领完"),
    "group_full": Words("all seats of the groups are taken", "群已满员"),
    "sold_out": Words("sold out", "已售罄"),
    "budget_spent": Words("the budget is spent", "预算已用完"),
}
