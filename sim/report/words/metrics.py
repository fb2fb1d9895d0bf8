"""The names of figures."""

from __future__ import annotations

from sim.report.words.both import Words

METRICS: dict[str, Words] = {
    "repeat_orders": Words("Repeat purchases", "复购次数"),
    "orders": Words("Orders", "订单数"),
    "gmv": Words("GMV", "成交额 GMV"),
    "profit": Words("Profit", "利润"),
    "messages_sent": Words("Messages sent", "发送消息数"),
    "messages_read": Words("Messages read", "已读消息数"),
    "opt_outs": Words("Opt-outs", "退订数"),
    "messages_refused": Words("Messages refused", "被拦截消息数"),
    "sessions": Words("Sessions", "会话数"),
    "needs": Words("Needs", "需求数"),
    "visitors": Words("Visitors", "访客数"),
    "visits": Words("Visits", "访问次数"),
    "follows": Words("Follows", "关注数"),
    "unfollows": Words("Unfollows", "取消关注数"),
    "joins": Words("Joins", "入会数"),
    "leaves": Words("Leaves", "退会数"),
    "carts": Words("Carts", "加购数"),
    "buyers": Words("Buyers", "买家数"),
    "units": Words("Units sold", "销售件数"),
    "gmv_fan": Words("GMV from fans", "粉丝成交额"),
    "gmv_member": Words("GMV from members", "会员成交额"),
    "gmv_old": Words("GMV from old customers", "老客成交额"),
    "discount": Words("Discounts", "优惠金额"),
    "goods_cost": Words("Cost of goods", "商品成本"),
    "message_cost": Words("Cost of messages", "消息成本"),
    "service_cost": Words("Cost of service", "客服成本"),
    "ad_cost": Words("Ad spend", "广告花费"),
    "commission": Words("Commission", "佣金"),
    "refunds": Words("Refunds", "退款"),
    "fans": Words("Fans", "粉丝数"),
    "members": Words("Members", "会员数"),
    "old_customers": Words("Old customers", "老客数"),
}
