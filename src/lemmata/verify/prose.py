"""Arithmetic told in words, in English and Chinese, rewritten with signs.

"3 times 4 is 12" → "3*4 = 12", "half of 48 is 24", "20% of 50 equals 10", "48除以2等于24",
"91 is divisible by 7", "17 除以 5 余 2". Only what is unmistakable is rewritten.
"""

from __future__ import annotations

import re

from lemmata.verify import chinese, words

_N = r"(?:\$?\d+(?:,\d{3})*(?:\.\d+)?%?)"
_FREE = r"(?<![=\d.$])(?<!= )(?<!=\$)"
"""Not right behind an equals sign: "= 360 divided by 5 is 72" is two claims run together."""
_VALUE = rf"(?:{_N}|\([^()]*\))"
_SMALL = {w: str(i) for i, w in enumerate(
    "two three four five six seven eight nine ten eleven twelve".split(), 2)}  # fmt: skip  # noqa: SIM905
_PARTS = {
    "half": "1/2", "one-half": "1/2", "a third": "1/3", "one-third": "1/3", "one third": "1/3",
    "two-thirds": "2/3", "two thirds": "2/3", "a quarter": "1/4", "one-quarter": "1/4",
    "one-fourth": "1/4", "a fourth": "1/4", "three-quarters": "3/4", "three-fourths": "3/4",
    "one-fifth": "1/5", "a fifth": "1/5", "a tenth": "1/10",
}  # fmt: skip
_PART = "|".join(sorted((re.escape(word) for word in _PARTS), key=len, reverse=True))
_SAYS = (
    r"(?:is equal to|is equivalent to|equals?|is|are|gives|makes|comes to|comes out to|yields"
    r"|leaves|totals?)"
)

_RULES: list[tuple[re.Pattern[str], str]] = [
    (re.compile(pattern, re.IGNORECASE), replacement)
    for pattern, replacement in (
        (rf"{_FREE}({_N})\s*(?:multiplied by|times)\s*(?={_VALUE})", r"\1 * "),
        (rf"{_FREE}({_N})\s*divided by\s*(?={_VALUE})", r"\1 / "),
        (rf"{_FREE}({_N})\s*(?:plus|added to)\s*(?={_VALUE})", r"\1 + "),
        (rf"{_FREE}({_N})\s*minus\s*(?={_VALUE})", r"\1 - "),
        (rf"\bsubtract(?:ing)?\s+({_N})\s+from\s+({_N})", r"\2 - \1"),
        (rf"\b({_N})\s*squared\b", r"(\1)^2"),
        (rf"\b({_N})\s*cubed\b", r"(\1)^3"),
        (rf"\bthe sum of\s+({_N})\s+and\s+({_N})", r"(\1 + \2)"),
        (rf"\bthe product of\s+({_N})\s+and\s+({_N})", r"(\1 * \2)"),
        (rf"\bthe difference (?:of|between)\s+({_N})\s+and\s+({_N})", r"|\1 - \2|"),
        (rf"\bthe quotient of\s+({_N})\s+and\s+({_N})", r"(\1 / \2)"),
        (rf"\b(?:twice|double)\s+({_N})", r"(2 * \1)"),
        (rf"\btriple\s+({_N})", r"(3 * \1)"),
        (rf"\b(\d+(?:\.\d+)?)\s*(?:%|percent)\s+of\s+({_N})", r"(\1/100 * \2)"),
        (rf"{_FREE}\b(\d+/\d+)\s+of\s+({_N})", r"(\1 * \2)"),
        (rf"({_N})\s*的\s*(\d+(?:\.\d+)?)%", r"(\1 * \2/100)"),
        (rf"({_N})\s*的\s*(\d+/\d+)", r"(\1 * \2)"),
        (rf"({_N})\s*(?:乘以?|乘上)\s*(?={_VALUE})", r"\1 * "),
        (rf"({_N})\s*除以\s*({_N})\s*(?:,|，)?\s*余(?:数)?(?:是|为)?\s*(\d+)", r"\1 mod \2 = \3"),
        (rf"({_N})\s*除以\s*({_N})\s*的?余数\s*(?:是|为|等于)\s*(\d+)", r"\1 mod \2 = \3"),
        (rf"{_FREE}({_N})\s*/\s*({_N})\s*=\s*({_N})\s*(?:\.{{3,6}}|…+|余|,?\s*(?:with )?"
         r"(?:a )?remainder(?: of)?|rem\.?|[rR])\s*(\d+)\b(?![.,]\d)",
         r"\2 * \3 + \4 = \1"),
        (rf"({_N})\s*的一半", r"(\1 / 2)"),
        (rf"({_N})\s*的(?:算术)?平方根(?=\s*(?:是|为|等于)\s*\d)", r"sqrt (\1)"),
        (rf"{_FREE}({_N})\s*是\s*({_N})\s*的\s*({_N})\s*倍", r"\1 = \2 * \3"),
        (rf"({_N})\s*除以\s*(?={_VALUE})", r"\1 / "),
        (rf"({_N})\s*(?:加上?)\s*(?={_VALUE})", r"\1 + "),
        (rf"({_N})\s*(?:减去?)\s*(?={_VALUE})", r"\1 - "),
        (rf"({_N})\s*的平方", r"(\1)^2"),
        (r"(?<=[\d)])\s*(?:等于|得到?|就?是)\s*(?=[-$]?\d)", " = "),
        (r"\bremainder (?:of|when|on dividing)\s+(\d+)\s+(?:is\s+)?(?:divided\s+)?by\s+(\d+)"
         r"\s+(?:is|equals)\s+(\d+)",
         r"\1 mod \2 = \3"),
        (r"\b(\d+)\s*/\s*(\d+)\s+(?:leaves|has|gives|with)\s+(?:a\s+)?remainder\s+(?:of\s+)?(\d+)",
         r"\1 mod \2 = \3"),
        (r"\b(\d+)\s+mod(?:ulo)?\s+(\d+)\s+(?:is|equals)\s+(\d+)", r"\1 mod \2 = \3"),
        (r"\b(\d+)\s+choose\s+(\d+)", r"\\binom{\1}{\2}"),
        (r"\b(?:C|nCr|comb)\s*\(\s*(\d+)\s*,\s*(\d+)\s*\)", r"\\binom{\1}{\2}"),
    )
]  # fmt: skip
_CN = "[零一二两三四五六七八九十百千万]{1,12}"
_CHINESE_SUM = re.compile(rf"{_CN}(?:加上?|减去?|乘以?|除以)(?:{_CN})(?:等于|得|是)(?:{_CN})")
_CHINESE_PART = re.compile(rf"({_N})\s*的\s*({_CN})分之({_CN})")
_CHINESE_NUMERAL = re.compile(_CN)
_NAMES_OF_NUMBERS = (
    "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen"
    " sixteen seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety"
)
_W = rf"(?:(?:{'|'.join(_NAMES_OF_NUMBERS.split())})(?:-[a-z]+)?|\d+)"
_SPELLED_SUM = re.compile(
    rf"\b{_W}\s+(?:times|plus|minus|divided by|multiplied by)\s+{_W}\s+{_SAYS}\s+{_W}\b"
    r"(?!\s+(?:times|plus|minus|divided|multiplied|hundred|thousand|million))",
    re.IGNORECASE,
)
_SPELLED = re.compile(rf"\b{_W}\b", re.IGNORECASE)
_MIXED = re.compile(r"\b(\d+) and (\()?\$?(\d+/\d+)(?(2)\))(?! ?[*\d/])")
_IS = re.compile(
    rf"(?:(?<=[\d)|%}}])|(?<=[-+*/^\d][a-z]))\s+{_SAYS}\s+(?=[-(]?\$?\d)", re.IGNORECASE
)
_OPERATION = re.compile(r"[\d)%}|]\s*[-+*^×÷]\s*[\d($\\]|[\d)%]\s+/\s+[\d($]|\\binom|\^|\||mod")

_PART_OF = re.compile(r"(\w+) of [-+*/^()\d\s.]*$")
_WHOLES = frozenset(("value", "sum", "product", "total", "result", "difference", "cost", "means"))
"""What "of 7^4" may stand behind and still mean 7^4 itself: its value, but not its last digit."""

DIVISIBILITY = [
    (re.compile(pattern, re.IGNORECASE), positive, swapped)
    for pattern, positive, swapped in (
        (r"\b(\d+)\s+is\s+(?:exactly |evenly )?divisible by\s+(\d+)", True, False),
        (r"\b(\d+)\s+is\s+(?:not|n't)\s+(?:evenly )?divisible by\s+(\d+)", False, False),
        (r"\b(\d+)\s+is a multiple of\s+(\d+)", True, False),
        (r"\b(\d+)\s+is not a multiple of\s+(\d+)", False, False),
        (r"\b(\d+)\s+(?:evenly )?divides\s+(\d+)", True, True),
        (r"\b(\d+)\s+does not divide\s+(\d+)", False, True),
        (r"\b(\d+)\s+is a (?:factor|divisor) of\s+(\d+)", True, True),
        (r"\b(\d+)\s+is not a (?:factor|divisor) of\s+(\d+)", False, True),
        (r"(\d+)\s*\\mid\s*(\d+)", True, True),
        (r"(\d+)\s*\\nmid\s*(\d+)", False, True),
        (r"(\d+)\s*能被\s*(\d+)\s*整除", True, False),
        (r"(\d+)\s*不能被\s*(\d+)\s*整除", False, False),
        (r"(\d+)\s*能?整除\s*(\d+)", True, True),
        (r"(\d+)\s*是\s*(\d+)\s*的倍数", True, False),
        (r"(\d+)\s*不是\s*(\d+)\s*的倍数", False, False),
    )
]
PROPERTY = re.compile(
    r"\b(\d{1,18})\s+is\s+(not\s+)?(?:an?\s+)?"
    r"(prime|composite|odd|even|perfect square|perfect cube)\b",
    re.IGNORECASE,
)
CHINESE_PROPERTY = re.compile(r"(\d{1,18})\s*(不)?是一?个?\s*(质数|素数|合数|奇数|偶数|完全平方数)")
PROPERTY_NAMES = {
    "质数": "prime", "素数": "prime", "合数": "composite", "奇数": "odd", "偶数": "even",
    "完全平方数": "perfect square",
}  # fmt: skip


def with_signs(text: str) -> str:
    """The sentence with its spoken arithmetic in signs; the rest of it unchanged."""
    text = re.sub(
        rf"\b({'|'.join(_SMALL)})\b(?=\s+(?:times|plus|minus|divided|multiplied))",
        lambda m: _SMALL[m[1].lower()],
        text,
        flags=re.IGNORECASE,
    )
    text = re.sub(
        rf"\b({_PART})\s+of\s+({_N})",
        lambda m: f"({_PARTS[m[1].lower()]} * {m[2]})",
        text,
        flags=re.IGNORECASE,
    )
    if not text.isascii():
        text = _CHINESE_PART.sub(_chinese_part, _CHINESE_SUM.sub(_in_digits, text))
    text = _SPELLED_SUM.sub(_in_figures, text)
    text = _MIXED.sub(r"\1 \3", text)
    for pattern, replacement in _RULES:
        text = pattern.sub(replacement, text)
    return _IS.sub(lambda m: " = " if _operation_before(text, m.start()) else m[0], text)


def _in_digits(match: re.Match[str]) -> str:
    """二十加三十等于五十"""
    return _CHINESE_NUMERAL.sub(lambda m: str(chinese.number(m[0])), match[0])


def _chinese_part(match: re.Match[str]) -> str:
    """60的三分之一"""
    bottom, top = chinese.number(match[2]), chinese.number(match[3])
    return f"({match[1]} * {top}/{bottom})" if bottom else match[0]


def _in_figures(match: re.Match[str]) -> str:
    """five plus six equals eleven"""
    return _SPELLED.sub(_figure, match[0])


def _figure(match: re.Match[str]) -> str:
    found = words.number(re.findall(r"[a-z]+|-", match[0].lower()))
    return str(found[0]) if found else match[0]


def _operation_before(text: str, at: int) -> bool:
    """Whether the value that ends here was computed: "3 * 4 is 12", not "the first 3 is 12"."""
    before = text[max(0, at - 80) : at]
    part = _PART_OF.search(before)
    if part and part[1].lower() not in _WHOLES:
        return False
    tail = re.search(r"[-+*/^|()\d\s.,$%\\{}a-z×÷]*$", before)
    return bool(tail and _OPERATION.search(tail[0]))
