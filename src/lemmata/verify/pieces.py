"""The pieces that running text is cut into, before the arithmetic is cut out of it."""

from __future__ import annotations

import re

TOKEN = re.compile(
    r"(?P<number>(?:(?:US)?\\?\$\s?)?\d+(?:,\d{3})*(?:\.\d+)?(?:\s?%|\\%)?|\$?\.\d+%?)"
    r"|(?P<unitratio>/\s?[A-Za-z\u4e00-\u9fff]+)"
    r"|(?P<arrow>\\(?:Rightarrow|rightarrow|implies|iff|to|quad|qquad|therefore|ldots|[,;!])"
    r"(?![A-Za-z])|[=-]>)"
    r"|(?P<relation><=|>=|!=|≠|≤|≥|≈|≡|=|<|>)"
    r"|(?P<command>\\(?:binom|frac|sqrt|times|cdot|div|equiv|approx|le|ge|pmod|bmod|pi|[lr]floor"
    r"|[lr]ceil)\b|\\[{}]|\\?log_(?:\{[^{}]*\}|\d+|[a-z]))"
    r"|(?P<unknown>\\[A-Za-z]+)"
    r"|(?P<name>[A-Za-z]_(?:\{[^{}]*\}|\([^()]*\)|\d+|[A-Za-z]+))"
    r"|(?P<operator>\*\*|[-+*/^!|])"
    r"|(?P<open>[({])|(?P<close>[)}])"
    r"|(?P<word>[A-Za-z\u4e00-\u9fff]+(?:-[A-Za-z]+)*)"
    r"|(?P<space>\s+)|(?P<other>.)",
    re.DOTALL,
)
LETTER = frozenset("abcdefghjklmnopqrstuvwxyzABCDEFGHJKLMNOPQRSTUVWXYZ")
_CONJUNCTION_WORDS = """
    and or so then into is are was were which that because since if but he she they it we i than who
    when where while after before not will would has have had be cost costs thus hence therefore
    gives give makes means equals yields totals
    和 与 所以 因此 那么 是 则 共 了 还
"""
CONJUNCTIONS = frozenset(_CONJUNCTION_WORDS.split())
PREPOSITIONS = frozenset(
    "of in on at to from with by as per each the a an for more less".split()  # noqa: SIM905
)
FUNCTIONS = frozenset(("sqrt", "sin", "cos", "tan", "log", "ln", "gcd", "lcm", "mod"))
BRACKETED = frozenset(("floor", "ceil", "max", "min", "abs"))
"""Functions only where a bracket follows at once; else words like any other."""
PUNCTUATION = frozenset(",;:.?!。，；：？！《》【】「」（）\"'“”‘’`…→⇒∴∵&✓•*[]、~—¡¿|$")
"""Signs between which sums may stand; any other sign may be an operation that nobody here knows."""
SIGNS = {"≠": "\\ne ", "≤": "<=", "≥": ">=", "≈": "\\approx ", "≡": "\\equiv "}
