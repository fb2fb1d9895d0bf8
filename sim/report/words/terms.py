"""The glossary: terms of the report, each with its meaning."""

from __future__ import annotations

from sim.report.words.both import Words

TERMS: list[tuple[Words, Words]] = [
    (
        Words("Lead", "汇聚（Lead）"),
        Words("The first stage of LINK+: a consumer has visited the store.", "LINK+ 的第一阶段：消费者访问过店铺。"),
    ),
    (
        Words("Interlock", "连接（Interlock）"),
        Words("The second stage: it follows the store, has joined it or has bought.", "第二阶段：已关注、已入会或已购买。"),
    ),
    (
        Words("Engage", "激活（Engage）"),
        Words("The third stage: after that it came back on a later day.", "第三阶段：此后在另一天再次来访。"),
    ),
    (Words("Keep", "复购（Keep）"), Words("The fourth stage: it has bought again.", "第四阶段：再次购买。")),
    (
        Words("Relation", "关系"),
        Words(
            "A consumer and a store that know each other. One consumer has as many relations as stores.",
            "一位消费者与一家店铺之间的往来；一位消费者可与多家店铺各有一段关系。",
        ),
    ),
    (
        Words("Relation user", "关系用户"),
        Words(
            "Of a store: a fan, a member or an old customer; one consumer can be several of these.",
            "店铺的粉丝、会员或老客；同一消费者可同时具有多种身份。",
        ),
    ),
    (
        Words("Relation price", "关系专享价"),
        Words(
            "What members, fans or old customers pay instead of the list price; discounts are the difference.",
            "会员、粉丝或老客代替标价所付的价格；差额计为优惠金额。",
        ),
    ),
    (
        Words("Exposure", "曝光"),
        Words(
            "How visible a store is where consumers shop and browse; 1 is usual.",
            "店铺在消费者购物与闲逛之处的可见程度；1 为通常水平。",
        ),
    ),
    (
        Words("Effective old customer", "有效老客"),
        Words(
            "Who bought in the store in the last 365 days and visited it in the last 90.",
            "近 365 天内在店铺购买过、且近 90 天内访问过店铺的消费者。",
        ),
    ),
    (
        Words("Crowd", "人群"),
        Words(
            "The consumers for whom a message task is, as of 00:00 of the day of sending.",
            "一个消息任务的目标消费者，以发送日 0 点为准。",
        ),
    ),
    (
        Words("Cap", "触达上限"),
        Words(
            "The most messages that may reach a consumer in a time: of one store, or of all. Only what is delivered counts.",
            "一段时间内一位消费者最多可收到的消息数：单店或全部店铺。只计入已送达的消息。",
        ),
    ),
    (
        Words("Read rate", "已读率"),
        Words("Messages read as a share of those delivered.", "已读消息占已送达消息的比例。"),
    ),
    (
        Words("Simulation error", "模拟误差"),
        Words(
            "What is open because only some replications were run; more of them make it smaller.",
            "因只做了有限次重复而留下的不确定；重复越多，误差越小。",
        ),
    ),
    (
        Words("Assumption range", "假设范围"),
        Words(
            "The smallest and largest difference when the assumed figures vary between their low and high; more"
            " replications do not make it smaller, better evidence does.",
            "当假设数值在其下限与上限之间变动时，差异的最小值与最大值；增加重复不会使其变小，更好的证据才会。",
        ),
    ),
    (
        Words("Paired difference", "配对差异"),
        Words(
            "The difference of two arms under the same random draws: the same consumers with the same needs on the same"
            " days, so that what remains is due to what was changed.",
            "两个方案在相同随机数下的差异：同样的消费者、同样的需求、同样的日子，剩下的差异来自所做的改动。",
        ),
    ),
]
