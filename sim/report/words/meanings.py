"""What each parameter means, in Chinese, by its path; `*` stands for a name that the scenario gives or for an industry.

English meanings are those of the declarations themselves, which the runs record.
"""

from __future__ import annotations

import re

from sim.report.words.both import Words

OF_NAMES = re.compile(r"^(merchants|behaviour\.festivals|behaviour\.needs\.rates)\.[^.]+\.")

MEANINGS: dict[str, str] = {
    "behaviour.sessions.per_day": "每位消费者平均每天的自发会话数",
    "behaviour.sessions.shape": "会话频率在消费者间 Gamma 分布的形状；null：人人相同",
    "behaviour.sessions.weekdays": "周一至周日的权重，平均化为 1",
    "behaviour.sessions.hours": "一天 24 小时的权重；null：均匀",
    "behaviour.stores.known": "每位消费者一开始知道的不同店铺数，均匀抽取；null：其过往中的店铺",
    "behaviour.stores.choice": "by_need：因需求或闲逛进入唯一店铺；any_known：任一已知店铺；compete：同业争夺需求",
    "behaviour.stores.consider": "一次会话去满足某行业待满足需求的概率",
    "behaviour.stores.browse": "没有购物目的的会话进入某家店铺的概率",
    "behaviour.stores.discover": "闲逛会话按曝光进入一家消费者原本不知道的店铺的概率",
    "behaviour.stores.popularity.keep": "访问存量一天之后的留存比例",
    "behaviour.stores.popularity.power": "（1 + 每千名消费者的访问存量）的幂",
    "behaviour.stores.preference.wait": "不在任何店铺购买而继续等待的效用；null：需求总在某家店铺得到满足",
    "behaviour.stores.preference.price": "价格水平的对数对店铺效用的扣减",
    "behaviour.stores.preference.exposure": "对在店铺之间选择的人，店铺曝光的对数每单位的效用",
    "behaviour.stores.preference.service": "店铺服务水平每单位的效用",
    "behaviour.stores.preference.fan": "已关注店铺的附加效用",
    "behaviour.stores.preference.member": "已入会店铺的附加效用",
    "behaviour.stores.preference.satisfaction": "一单位满意度的效用",
    "behaviour.stores.preference.habit": "习惯存量中一单的效用",
    "behaviour.stores.preference.habit_half_life_days": "习惯存量的半衰期",
    "behaviour.needs.buying": "需求等待一次访问，或在其自身时刻得到满足",
    "behaviour.needs.regularity": "需求间隔 Erlang 分布的 k；1：指数分布",
    "behaviour.needs.patience_days": "需求在别处得到满足之前平均等待的时间",
    "behaviour.needs.rates.*.per_year": "每位消费者平均每年的需求数",
    "behaviour.needs.rates.*.shape": "需求频率在消费者间 Gamma 分布的形状",
    "behaviour.needs.rates.*.amount": "价格水平为 1 时每单的平均金额",
    "behaviour.visits.follow": "一次访问中关注店铺的概率",
    "behaviour.visits.join": "粉丝在一次访问中入会的概率",
    "behaviour.visits.abandoned_cart": "一次访问中加购而未下单的概率",
    "behaviour.visits.favourite": "访客收藏店铺的概率",
    "behaviour.orders.with_need": "带着待满足需求访问时下单的概率",
    "behaviour.orders.own.base": "没有需求的自发访问中下单的概率",
    "behaviour.orders.own.fan": "对粉丝的附加概率（自发访问）",
    "behaviour.orders.own.member": "对会员的附加概率（自发访问）",
    "behaviour.orders.message.base": "由消息带来、没有需求的访问中下单的概率",
    "behaviour.orders.message.fan": "对粉丝的附加概率（消息带来的访问）",
    "behaviour.orders.message.member": "对会员的附加概率（消息带来的访问）",
    "behaviour.orders.amount": "没有拟合金额时每个订单的金额",
    "behaviour.orders.units.more": "店铺效用为 0 时，一单在首件之外的平均件数",
    "behaviour.orders.units.slope": "该件数随店铺效用变化的对数斜率",
    "behaviour.orders.spread.p": "同一消费者各单件价的分布形状",
    "behaviour.orders.spread.q": "消费者之间件价水平的分布形状",
    "behaviour.orders.experience.weight": "最近一单在满意度中的权重；0：没有满意度",
    "behaviour.orders.experience.spread": "单次订单满意度的标准差",
    "behaviour.orders.experience.service": "店铺服务水平每单位对一单平均满意度的增加",
    "behaviour.orders.drop_out.mean": "复购后流失的平均概率",
    "behaviour.orders.drop_out.concentration": "流失概率 Beta 分布的 a + b",
    "behaviour.orders.drop_out.member": "会员身份避免的流失比例",
    "behaviour.orders.drop_out.satisfaction": "满意度降低流失的对数斜率",
    "behaviour.orders.follow": "下单时关注店铺的概率",
    "behaviour.orders.join": "下单时入会的概率",
    "behaviour.orders.ship_hours": "下单到发货的平均时间；null：无此环节",
    "behaviour.orders.pickup_hours": "发货到揽收的平均时间；null：无此环节",
    "behaviour.orders.receive_hours": "揽收到签收的平均时间；null：无此环节",
    "behaviour.reading.switched_on": "接收全部店铺消息的消费者比例",
    "behaviour.reading.probability": "固定的阅读概率；null：由疲劳决定",
    "behaviour.reading.intercept": "没有厌烦时阅读的对数几率，取消费者均值",
    "behaviour.reading.spread": "阅读对数几率在消费者间的标准差",
    "behaviour.reading.delay_hours": "送达到阅读的平均时间",
    "behaviour.reading.fatigue.half_life_days": "厌烦存量的半衰期",
    "behaviour.reading.fatigue.weight": "一次送达给存量增加的量",
    "behaviour.reading.fatigue.slope": "一单位存量对阅读对数几率的扣减",
    "behaviour.opt_out.hazard": "厌烦为 0 时，一次送达引起退订的风险率",
    "behaviour.opt_out.slope": "退订风险率随厌烦变化的对数斜率",
    "behaviour.opt_out.all_stores": "退订中屏蔽全部店铺消息的比例",
    "behaviour.festivals.*.first": "大促首日",
    "behaviour.festivals.*.days": "大促天数",
    "behaviour.festivals.*.sessions": "大促期间自发会话的倍数",
    "behaviour.festivals.*.orders": "大促期间访问下单概率的倍数",
    "merchants.*.count": "同类商家的数量；多于一家时命名为 NAME-000、NAME-001……",
    "merchants.*.industry": "行业",
    "merchants.*.goods_cost": "商品成本占标价的比例",
    "merchants.*.message_cost": "商家每送达一条消息的成本",
    "merchants.*.attraction": "店铺在偏好 Dirichlet 分布中的 alpha（店铺竞争时）",
    "merchants.*.awareness": "未接触过店铺也会考虑它的消费者比例",
    "merchants.*.exposure": "店铺在消费者购物与闲逛之处的可见程度，相对通常水平",
    "merchants.*.service": "店铺的服务水平，以各店服务分的标准差计",
    "merchants.*.price_level": "相对行业通常价格的水平",
    "merchants.*.quality": "对一单的平均满意度",
    "past.bg_nbd.r": "购买频率 Gamma 分布的形状",
    "past.bg_nbd.alpha": "该分布的率参数",
    "past.bg_nbd.a": "流失概率 Beta 分布的第一个参数",
    "past.bg_nbd.b": "流失概率 Beta 分布的第二个参数",
    "past.gamma_gamma.p": "同一顾客各单金额的形状",
    "past.gamma_gamma.q": "顾客金额率分布的形状",
    "past.gamma_gamma.v": "该分布的率参数",
}

POLICIES: dict[str, Words] = {
    "adjust.reading": Words("factor on the probability of reading a delivered message", "已送达消息被阅读概率的倍数"),
    "adjust.ordering": Words("factor on the probability of an order at a visit", "访问下单概率的倍数"),
    "adjust.opting_out": Words("factor on the hazard of opting out at a delivery", "送达引起退订风险率的倍数"),
    "algorithm_filter.share": Words("share of the crowd that the platform's filter keeps", "平台算法筛选后保留的人群比例"),
    "algorithm_filter.login_days": Words("who has not logged in for so many days is left out", "这么多天内未登录者被筛除"),
    "algorithm_filter.visit_days": Words("days for which a visit counts in the filter", "访问在筛选中计入的天数"),
    "algorithm_filter.login_weight": Words("weight of how recent the last login is", "最近登录远近的权重"),
    "algorithm_filter.visit_weight": Words("weight of how recent the last visit is", "最近访问店铺远近的权重"),
    "algorithm_filter.favourite_weight": Words("weight of the store being a favourite", "收藏店铺的权重"),
    "algorithm_filter.read_weight": Words("weight of the share of messages read", "已读比例的权重"),
    "caps.store_limit": Words("old-customer messages of a store in its window of days", "单店在若干天内的老客消息上限"),
    "caps.store_days": Words("natural days of that window, the day of sending included", "该窗口的自然日数，含发送当天"),
    "caps.stores_per_day": Words("stores that may reach a consumer on one day", "一位消费者单日可被触达的店铺数"),
    "caps.per_store_per_day": Words("messages of one store to a consumer on one day", "单店对一位消费者的单日消息数"),
    "caps.total_per_day": Words("messages of all stores to a consumer on one day", "所有店铺对一位消费者的单日消息总数"),
    "caps.platform_per_day": Words("messages of all stores to all consumers on one day", "全平台单日消息总量"),
    "effect_data.promotions": Words("dates of big promotions, by day of sending", "大促日期（按发送日）"),
    "min_crowd.more_than": Words("a crowd of so many consumers or fewer is refused", "人数不超过此数的人群不予发送"),
    "old_customers.bought_days": Words("days in which an effective old customer bought", "有效老客购买所在的天数"),
    "old_customers.visited_days": Words("days in which an effective old customer visited", "有效老客访问所在的天数"),
    "reach_frequency.tasks": Words("tasks that may have reached a consumer of late", "近期可触达一位消费者的任务数"),
    "reach_frequency.days": Words("natural days before the send day that count", "发送日之前计入的自然日数"),
    "relation_prices.merchants": Words("stores that give relation prices", "给出关系专享价的店铺"),
    "relation_prices.industries": Words("industries all of whose stores give them", "全部店铺都给出专享价的行业"),
    "relation_prices.member": Words("share off the list price for members", "会员价相对标价的减价比例"),
    "relation_prices.fan": Words("share off the list price for fans", "粉丝价相对标价的减价比例"),
    "relation_prices.old_customer": Words("share off the list price for old customers", "老客价相对标价的减价比例"),
    "send_window.first": Words("first minute of sending", "可发送时段的开始"),
    "send_window.last": Words("last minute of sending", "可发送时段的结束"),
    "*.from": Words("from when on the policy is in force", "策略生效的起点"),
    "*.until": Words("until when the policy is in force", "策略生效的终点"),
}
"""By the name under which a policy is used, and its parameter."""


def meaning(path: str, given: str) -> Words:
    """`given`, in English, with its Chinese; a parameter of someone's own keeps what its declaration says."""
    return Words(given, MEANINGS.get(OF_NAMES.sub(r"\1.*.", path), given))


def of_policy(use: str, parameter: str) -> Words | None:
    """None of a policy of someone's own."""
    return POLICIES.get(f"{use}.{parameter}") or POLICIES.get(f"*.{parameter}")
