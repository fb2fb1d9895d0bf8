"""The kinds of coupons and benefits."""

from __future__ import annotations

from sim.report.words.both import Words

KINDS: dict[str, Words] = {
    "amount_off": Words("coupon, an amount off", "满减券"),
    "percent_off": Words("coupon, a share off", "折扣券"),
    "spend_percent_off": Words("a share off from a threshold on", "满额折"),
    "buy_and_gift": Words("gift with a purchase", "买赠"),
    "member_price": Words("member price", "会员价"),
    "points_exchange": Words("exchange of points", "积分兑换"),
    "gift": Words("gift", "礼品"),
    "red_packet": Words("red packet", "红包"),
    "follow_discount": Words("follow discount", "关注优惠"),
    "priority": Words("priority purchase", "优先购"),
}
