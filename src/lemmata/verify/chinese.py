"""Chinese numerals, fractions and words of mathematics, turned into the reader's ASCII.

三十六 → 36, 三分之二 → \\frac{2}{3}, 百分之五十 → 50%, 3.5亿 → 350000000, 负二 → -2,
根号二 → \\sqrt{2}.
"""

from __future__ import annotations

import re
from fractions import Fraction

_DIGITS = {d: i for i, d in enumerate("零一二三四五六七八九")} | {
    "〇": 0, "两": 2, "壹": 1, "贰": 2, "叁": 3, "肆": 4, "伍": 5, "陆": 6, "柒": 7,
    "捌": 8, "玖": 9, "兩": 2, "貳": 2, "參": 3, "陸": 6,
}  # fmt: skip
_TENS = {"十": 10, "百": 100, "千": 1000, "拾": 10, "佰": 100, "仟": 1000}
_MYRIADS = {"万": 10**4, "亿": 10**8, "萬": 10**4, "億": 10**8, "兆": 10**12}
_NUMERAL = "[" + "".join(_DIGITS) + "".join(_TENS) + "".join(_MYRIADS) + "]"
_NUMBER = rf"(?:[-+]?\d+(?:\.\d+)?[万亿萬億千百]*|{_NUMERAL}+(?:点[{''.join(_DIGITS)}]+)?)"

_PERCENT = re.compile(rf"百分之\s*({_NUMBER})")
_FRACTION = re.compile(
    rf"(?:({_NUMBER})\s*又\s*)?({_NUMBER})\s*分之\s*({_NUMBER}|\\sqrt\{{[^{{}}]*\}})"
)
_MIXED = re.compile(r"(\d{1,9})\s*又\s*(\d{1,9})\s*/\s*(\d{1,9})")
_SCALED = re.compile(r"(\d+(?:\.\d+)?)\s*([千百]?[万亿萬億]+)")
_WORDS = re.compile(rf"{_NUMERAL}+(?:点[{''.join(_DIGITS)}]+)?")
_RADICAL = re.compile(rf"根号\s*(?:({_NUMBER})|([a-z]|\([^()]*\)))")
_HOUR = rf"({_NUMERAL}{{1,3}}|\d{{1,2}})"
_CLOCK = re.compile(rf"{_HOUR}[点时]{_HOUR}分(?!之)")
_HALF_DAY = re.compile(
    rf"(凌晨|早上|早晨|清晨|上午|中午|下午|傍晚|晚上)\s*{_HOUR}\s*(?:[点时:]\s*(?:(半|整)|{_HOUR}?分?))\s*\Z"
)
_MULTI = re.compile(
    r"\d+(?:\.\d+)?[千百]?[万亿萬億](?:\d{1,4}(?:\.\d+)?[千百十]?[万亿萬億]?){1,3}(?:(?<=[千百十万亿萬億])|(?<=\d{4}))"
    r"(?![克米瓦卡焦\d.千百十])"
)
_DISCOUNT = re.compile(rf"({_NUMERAL}{{1,2}}|\d(?:\.\d)?)[折成]\s*\Z")
_WEEKDAY = re.compile(r"(?:星期|周|礼拜)([一二三四五六日天])\s*\Z")
_WEEKDAYS = dict(
    zip(
        "一二三四五六日天",
        ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "sunday"],
        strict=True,
    )
)
_PHRASES = [
    (re.compile(pattern), ascii_)
    for pattern, ascii_ in (
        (
            r"^\s*(?:所以|因此|故|则|于是|综上)?[,:]?\s*(?:最终|最后|正确)?(?:的?答案|结果)(?:应?[是为]|:|=)?:?",
            " ",
        ),
        (r"(?:无|没有)(?:实数)?解|不存在实数解", "«no solution»"),
        (r"不存在", "«does not exist»"),
        (r"无数(?:个|组)?(?:解)?|无穷多(?:个|组)?(?:解)?", "«infinitely many»"),
        (r"空集", r"\\emptyset "),
        (r"正无穷(?:大)?", r"+\\infty "),
        (r"负无穷(?:大)?", r"-\\infty "),
        (r"无穷(?:大)?", r"\\infty "),
        (r"(?:全体|所有|任意|一切)实数", r"\\reals "),
        (r"大于(?:或|且)?等于|不小于", r"\\ge "),
        (r"小于(?:或|且)?等于|不大于|不超过", r"\\le "),
        (r"不等于", r"\\ne "),
        (r"大于", ">"),
        (r"小于", "<"),
        (r"等于", "="),
        (r"或者?|或是", " or "),
        (r"并且|[且和与及]|以及", " and "),
        (r"属于", r"\\in "),
        (r"^(?:一共|总共|共)有?(?=\s*\d)", ""),
        (r"(?:故|所以|因此|应|答案)?[:,]?选(?:择|项)?(?=\s*[A-H])", "option "),
        (r"正负(?=[\d\\(])", r"\\pm "),
        (r"负(?=[\d\\(])", "-"),
        (r"倍(?=\\)", ""),
        (r"(?<=\d)\s*(?:的)?平方(?!厘?米|千米|分米|公里)", "^2"),
        (r"(?<=\d)比(?=\d)", ":"),
        (r"派", r"\\pi "),
        (r"是的|^是$", "«yes»"),
        (r"^(?:不是|否|不能|不可以)$", "«no»"),
        (r"^(?:能|可以|会)$", "«yes»"),
        (r"^(?:正确|对|真)$", "«true»"),
        (r"^(?:错误|错|不正确|不对|假)$", "«false»"),
        (r"^偶函?数$", "«even»"),
        (r"^奇函?数$", "«odd»"),
        (r"(?:大约|约等于|约为|约|近似)", r"\\approx "),
    )
]
_UNIT_ASIDE = re.compile(r"(?<=[\d}])\s*\(([\u4e00-\u9fff]{1,5}(?:/[\u4e00-\u9fff]{1,3})?)\)\Z")
"""60(千米/时)"""
_CJK = re.compile("[\u4e00-\u9fff]")
_CJK_RUN = re.compile("[\u4e00-\u9fff]+")


def to_ascii(text: str) -> str:
    """Every Chinese word it knows in the reader's spelling; any other becomes «word»."""
    if not _CJK.search(text):
        return text
    text = _WEEKDAY.sub(lambda m: f"«{_WEEKDAYS[m[1]]}»", text)
    text = _DISCOUNT.sub(_discount, _HALF_DAY.sub(_half_day, text))
    text = _MULTI.sub(lambda m: _decimal(m[0]), text)
    text = _CLOCK.sub(lambda m: f"{_decimal(m[1])}:{_decimal(m[2]):0>2}", text)
    text = _RADICAL.sub(lambda m: rf"\sqrt{{{_decimal(m[1]) if m[1] else m[2]}}}", text)
    text = _PERCENT.sub(lambda m: _decimal(m[1]) + "%", text)
    text = _FRACTION.sub(_fraction, text)
    text = _MIXED.sub(r"\1\\frac{\2}{\3}", text)
    text = _SCALED.sub(lambda m: _decimal(m[1] + m[2]), text)
    text = _WORDS.sub(_numeral, text)
    for pattern, ascii_ in _PHRASES:
        text = pattern.sub(ascii_, text)
    text = _UNIT_ASIDE.sub(r"\1", text)
    return _CJK_RUN.sub(lambda m: f"«{m[0]}»", text)


def _half_day(match: re.Match[str]) -> str:
    """下午3点半 → 3:30 pm"""
    minutes = "30" if match[3] == "半" else _decimal(match[4]) if match[4] else "0"
    half = "am" if match[1] in ("凌晨", "早上", "早晨", "清晨", "上午") else "pm"
    return f"{_decimal(match[2])}:{minutes:0>2} {half}"


def _discount(match: re.Match[str]) -> str:
    """八折 and 八成 are 80 %, 八五折 85 %."""
    value = number(match[1])
    return f"{_places(value * 10 if value < 10 else value)}%"


def _fraction(match: re.Match[str]) -> str:
    whole = _decimal(match[1]) if match[1] else ""
    top = match[3] if match[3].startswith("\\") else _decimal(match[3])
    return rf"{whole}\frac{{{top}}}{{{_decimal(match[2])}}}"


def _numeral(match: re.Match[str]) -> str:
    """A lone 千 or 万 inside a word (千克, 万元) is left for the units."""
    word = match[0]
    return (
        word if all(c in _TENS or c in _MYRIADS for c in word) and word != "十" else _decimal(word)
    )


def _decimal(word: str) -> str:
    """Plain digits for a numeral in any mixture of digits and characters."""
    return _places(number(word))


def _places(value: Fraction) -> str:
    places = 0
    while value.denominator != 1:  # a power of ten: every step takes one digit off
        value, places = value * 10, places + 1
    digits = str(value.numerator).rjust(places + 1, "0")
    return f"{digits[:-places]}.{digits[-places:]}" if places else digits


def number(word: str) -> Fraction:
    """The value of 三十六, 一亿二千万, 3.5万, 三点一四, 二〇二五. Linear in its length."""
    head, _, tail = word.replace("點", "点").partition("点")
    if tail:
        places = "".join(str(_DIGITS[d]) for d in tail)
        return number(head) + Fraction(int(places), 10 ** len(places))
    if len(head) > 1 and all(d in _DIGITS for d in head):
        return Fraction(int("".join(str(_DIGITS[d]) for d in head)))
    total = section = Fraction(0)
    digit: Fraction | None = None
    for token in re.findall(r"[-+]?\d+(?:\.\d+)?|.", head):
        if token in _TENS:
            section += (1 if digit is None else digit) * _TENS[token]
            digit = None
        elif token in _MYRIADS:
            section += digit or 0
            scale = _MYRIADS[token]
            if total < scale:  # 一万亿: all before it
                total = (total + section or Fraction(1)) * scale
            else:  # 一亿二千万: its own section
                total += section * scale
            section, digit = Fraction(0), None
        else:
            digit = Fraction(_DIGITS[token]) if token in _DIGITS else Fraction(token)
    return total + section + (digit or 0)
