"""Units of measure: what a word after a number means, and how units convert.

A unit is (dimension, factor to the dimension's base). Words that are no unit of measure (apples,
students, 个) are labels: dimension "" and factor 1; they never make two answers differ in size.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Unit:
    """`dimension` "" marks a label, whose `name` is all there is; `degree` and `percent` are the
    reader's own marks, not units."""

    name: str
    dimension: str
    factor: Fraction = Fraction(1)


_MEASURE_WORDS = """
    个 只 人 名 位 条 头 本 张 件 棵 朵 块钱 支 枝 辆 座 台 次 种 组 套 双 对 箱 包 瓶 盒 袋 颗 粒
    th st nd rd 根 片 把 间 层 页 岁 步 圈 题 分数 项 株 束 篮 匹 艘 架 幅 封 排 户 所 家 道 倍
"""


def _table() -> dict[str, Unit]:
    units: dict[str, Unit] = {}

    def put(dimension: str, rows: dict[str, str]) -> None:
        for factor, names in rows.items():
            for name in names.split():
                units[name] = Unit(name, dimension, Fraction(factor))

    put("length", {
        "1": "m meter meters metre metres 米 公尺",
        "1000": "km kilometer kilometers kilometre kilometres 千米 公里",
        "1/10": "dm decimeter decimeters 分米",
        "1/100": "cm centimeter centimeters centimetre centimetres 厘米 公分",
        "1/1000": "mm millimeter millimeters millimetre millimetres 毫米",
        "0.0254": "inch inches 英寸",
        "0.3048": "ft foot feet 英尺",
        "0.9144": "yd yard yards 码",
        "1609.344": "mile miles mi 英里",
    })  # fmt: skip
    put("mass", {
        "1": "g gram grams 克", "1000": "kg kilogram kilograms kilo kilos 千克 公斤", "500": "斤",
        "1/1000": "mg milligram milligrams 毫克", "1000000": "tonne tonnes 吨",
        "453.59237": "lb lbs pound pounds 磅", "28.349523125": "oz ounce ounces 盎司",
    })  # fmt: skip
    put("time", {
        "1": "s sec secs second seconds 秒 秒钟", "60": "min mins minute minutes 分钟 分",
        "3600": "h hr hrs hour hours 小时 时", "86400": "day days 天 日",
        "604800": "week weeks 周 星期",
        "1/1000": "ms millisecond milliseconds 毫秒",
    })  # fmt: skip
    put("months", {"1": "month months 个月 月", "12": "year years yr yrs 年"})
    put("volume", {
        "1": "L l liter liters litre litres 升", "1/1000": "mL ml milliliter milliliters 毫升",
        "3.785411784": "gallon gallons gal 加仑", "0.946352946": "quart quarts",
        "0.473176473": "pint pints", "0.2365882365": "cup cups 杯",
    })  # fmt: skip
    put("money-us", {"1": "dollar dollars usd USD 美元 bucks", "1/100": "cent cents 美分"})
    put("money-cn", {"1": "yuan rmb RMB CNY 元 人民币 块", "1/10": "角", "10000": "万元"})
    put("money-eu", {"1": "euro euros EUR 欧元"})
    put("money-uk", {"1": "pound-sterling pence-100 GBP 英镑"})
    put("temperature-c", {"1": "celsius 摄氏度"})
    put("temperature-f", {"1": "fahrenheit 华氏度"})
    put("angle", {"1": "rad rads radian radians 弧度", "1/57": "degree degrees deg 度"})
    put("power", {"1": "W watt watts 瓦", "1000": "kW kilowatt kilowatts 千瓦"})
    put("energy", {"1": "J joule joules 焦耳", "1000": "kJ kilojoule kilojoules"})
    put("force", {"1": "N newton newtons 牛 牛顿"})
    put("count", {"1": _MEASURE_WORDS})
    put("length/time", {"0.44704": "mph", "5/18": "kph kmh kmph"})
    return units


TABLE = _table()
SHORT = frozenset(name for name, unit in TABLE.items() if len(name) == 1 and name.isascii())
"""Single letters: units only where they stand upright or alone behind a number."""
_POWERS = {"square": 2, "sq": 2, "cubic": 3, "cu": 3, "平方": 2, "立方": 3}


def raised(unit: Unit, power: int) -> Unit:
    """cm and 2 → cm²."""
    if power == 1 or not unit.dimension:
        return unit
    litres = Unit(f"{unit.name}^{power}", f"{unit.dimension}^{power}", unit.factor**power)
    # A litre is a cubic decimetre, so cubic lengths and volumes are one dimension.
    if litres.dimension == "length^3":
        return Unit(litres.name, "volume", litres.factor * 1000)
    return litres


def ratio(top: Unit, bottom: Unit) -> Unit:
    """km and h → km/h."""
    if not top.dimension or not bottom.dimension:
        return Unit(f"{top.name}/{bottom.name}", "")
    return Unit(
        f"{top.name}/{bottom.name}",
        f"{top.dimension}/{bottom.dimension}",
        top.factor / bottom.factor,
    )


def of_word(word: str) -> Unit:
    """The unit a word or phrase names ("cm", "square feet", "平方厘米", "km/h"), or a label."""
    word = " ".join(word.split())
    unit = TABLE.get(word) or TABLE.get(word.lower().rstrip("."))
    if unit:
        return Unit(unit.name, "") if unit.dimension == "count" else unit
    per = re.fullmatch(r"(.+?)\s*(?:/|\bper\b|每)\s*(.+)", word)
    if per:
        return ratio(of_word(per[1]), of_word(per[2]))
    for prefix, power in _POWERS.items():
        if word.lower().startswith(prefix):
            base = TABLE.get(word[len(prefix) :].strip().lower())
            if base:
                return raised(base, power)
    compact = re.fullmatch(r"([a-z]+)\s*\^?\s*\{?([23])\}?", word)
    if compact and compact[1] in TABLE:
        return raised(TABLE[compact[1]], int(compact[2]))
    return Unit(_singular(word.lower()), "")


def _singular(word: str) -> str:
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    return word[:-1] if word.endswith("s") and not word.endswith("ss") else word
