"""The names of industries, and of segments of consumers."""

from __future__ import annotations

from sim.report.words.both import Words

INDUSTRIES: dict[str, Words] = {
    "fast_moving": Words("fast-moving goods", "快消"),
    "apparel": Words("apparel", "服饰"),
    "beauty": Words("beauty", "美妆"),
    "food": Words("food", "食品"),
    "sports": Words("sports and outdoor", "运动户外"),
    "health": Words("health", "健康"),
    "media": Words("media", "图书音像"),
    "other": Words("other", "其他"),
}

SEGMENTS: dict[str, Words] = {
    "no orders": Words("no orders before", "此前未下单"),
    "1-3 orders": Words("1 to 3 orders before", "此前 1 至 3 单"),
    "4-11 orders": Words("4 to 11 orders before", "此前 4 至 11 单"),
    "12+ orders": Words("12 orders or more before", "此前 12 单及以上"),
}
