"""Two strings: the cheapest edit at given costs, or the longest common subsequence or substring."""

from __future__ import annotations

from itertools import combinations
from random import Random

from lemmata.data.tasks.family import Item, Params
from lemmata.data.tasks.programs import frame
from lemmata.prompts.language import Language

NAME = "dp-alignments"
TITLE = "Program: edit costs and common parts of two strings"
TASK = "code"

_STORIES = {
    "en": ("Two words s and t are given.", "Two strands of DNA are written as strings s and t.",
           "A spelling checker compares two words s and t.", "Two melodies are written as strings s "
           "and t of notes.", "Two versions s and t of a line of text are compared."),
    "zh": ("给出两个单词 s 和 t。", "两条 DNA 链写成字符串 s 和 t。", "拼写检查器比较两个单词 s 和 t。",
           "两段旋律写成音符串 s 和 t。", "比较一行文字的两个版本 s 和 t。"),
}  # fmt: skip
_ASK = {
    ("en", "edit"): "Inserting a letter costs {i}, deleting one {d}, replacing one {r}. What does it "
    "cost at least to turn s into t?",
    ("en", "subsequence"): "How long is their longest common subsequence (letters in order, gaps "
    "allowed)?",
    ("en", "substring"): "How long is their longest common substring (letters next to each other)?",
    ("zh", "edit"): "插入一个字母代价 {i}，删除代价 {d}，替换代价 {r}。把 s 变成 t 的最小代价是多少？",
    ("zh", "subsequence"): "它们的最长公共子序列（保持顺序，可以有间隔）有多长？",
    ("zh", "substring"): "它们的最长公共子串（字母相邻）有多长？",
}  # fmt: skip


def item(rng: Random, language: Language) -> Item:
    """Edits at costs of 1 to 5 each, or one of two common parts."""
    kind = rng.choice(("edit", "edit", "edit", "subsequence", "substring"))
    costs = [rng.randint(1, 5) for _ in range(3)] if kind == "edit" else []
    words = dict(zip("idr", costs, strict=False))
    limit = rng.choice((500, 800, 1000, 1500))
    ask = _ASK[language, kind].format(**words)
    if language == "en":
        story = f"{rng.choice(_STORIES[language])} {ask}"
        given, wanted = f"s and t on two lines (1 to {limit} small letters each).", "one integer."
    else:
        story = f"{rng.choice(_STORIES[language])}{ask}"
        given, wanted = f"两行，分别为 s 和 t（各含 1 到 {limit} 个小写字母）。", "一个整数。"
    inputs, outputs = frame.varied(lambda: _input(rng), lambda text: _search(kind, costs, text))
    return frame.item(
        frame.problem(language, story, given, wanted),
        frame.solution(
            language,
            _steps(language, kind, costs),
            _code(rng, kind, costs),
            (inputs[0], outputs[0]),
            ("O(|s| * |t|)", "O(|s| * |t|)"),
        ),
        {"kind": kind, "costs": costs},
        inputs,
        outputs,
    )


def _rule(kind: str, costs: list[int]) -> str:
    if kind == "edit":
        i, d, r = costs
        return f"f(i, j) = min(f(i-1, j) + {d}, f(i, j-1) + {i}, f(i-1, j-1) + (0 if s_i = t_j else {r}))"
    other = "max(f(i-1, j), f(i, j-1))" if kind == "subsequence" else "0"
    return f"f(i, j) = f(i-1, j-1) + 1 if s_i = t_j, else {other}"


def _steps(language: Language, kind: str, costs: list[int]) -> tuple[str, str, str]:
    rule = _rule(kind, costs)
    if language == "en":
        meaning = {
            "edit": "the least cost to turn the first i letters of s into the first j of t",
            "subsequence": "the longest length for the first i letters of s and the first j of t",
            "substring": "the longest common part that ends at s_i and at t_j",
        }[kind]
        return (
            "both strings are read from the left, and only how far we are in each matters.",
            f"let f(i, j) be {meaning}.",
            f"look at the last letters: {rule}.",
        )
    meaning = {
        "edit": "把 s 的前 i 个字母变成 t 的前 j 个字母的最小代价",
        "subsequence": "s 的前 i 个与 t 的前 j 个字母的最长长度",
        "substring": "同时以 s_i 和 t_j 结尾的最长公共部分",
    }[kind]
    return (
        "两个字符串都从左向右读，只需记住各读到哪里。",
        f"设 f(i, j) 为{meaning}。",
        f"考虑最后一个字母：{rule}。",
    )


def _code(rng: Random, kind: str, costs: list[int]) -> str:
    f = rng.choice(("f", "dp", "table", "best"))
    head = (
        "s, t = input().strip(), input().strip()\n"
        f"{f} = [[0] * (len(t) + 1) for _ in range(len(s) + 1)]\n"
    )
    loop = "for i in range(1, len(s) + 1):\n    for j in range(1, len(t) + 1):\n"
    if kind == "edit":
        insert, delete, replace = costs
        return (
            f"{head}"
            f"for i in range(1, len(s) + 1):\n    {f}[i][0] = {delete} * i\n"
            f"for j in range(1, len(t) + 1):\n    {f}[0][j] = {insert} * j\n"
            f"{loop}"
            f"        change = 0 if s[i - 1] == t[j - 1] else {replace}\n"
            f"        {f}[i][j] = min(\n"
            f"            {f}[i - 1][j] + {delete},\n"
            f"            {f}[i][j - 1] + {insert},\n"
            f"            {f}[i - 1][j - 1] + change,\n"
            f"        )\n"
            f"print({f}[-1][-1])\n"
        )
    otherwise = (
        f"        else:\n            {f}[i][j] = max({f}[i - 1][j], {f}[i][j - 1])\n"
        if kind == "subsequence"
        else ""
    )
    end = f"{f}[-1][-1]" if kind == "subsequence" else f"max(map(max, {f}))"
    return (
        f"{head}{loop}"
        f"        if s[i - 1] == t[j - 1]:\n"
        f"            {f}[i][j] = {f}[i - 1][j - 1] + 1\n"
        f"{otherwise}"
        f"print({end})\n"
    )


def _input(rng: Random) -> str:
    letters = rng.choice(("ab", "abc", "acgt"))
    words = ("".join(rng.choices(letters, k=rng.randint(1, 5))) for _ in range(2))
    return "".join(f"{word}\n" for word in words)


def _search(kind: str, costs: list[int], given: str) -> str:
    """Every way of keeping letters of s and of t, matched in order."""
    s, t = given.split()
    if kind == "edit":
        return str(_cheapest(s, t, costs))
    if kind == "substring":
        parts = {s[a:b] for a in range(len(s)) for b in range(a + 1, len(s) + 1)}
        return str(max((len(part) for part in parts if part in t), default=0))
    kept = {"".join(c) for size in range(len(s) + 1) for c in combinations(s, size)}
    other = {"".join(c) for size in range(len(t) + 1) for c in combinations(t, size)}
    return str(max(len(part) for part in kept & other))


def _cheapest(s: str, t: str, costs: list[int]) -> int:
    """Keep k places of each, match them in order, delete and insert the rest."""
    insert, delete, replace = costs
    best = delete * len(s) + insert * len(t)
    for size in range(1, min(len(s), len(t)) + 1):
        fixed = delete * (len(s) - size) + insert * (len(t) - size)
        for a in combinations(s, size):
            for b in combinations(t, size):
                changes = sum(x != y for x, y in zip(a, b, strict=True))
                best = min(best, fixed + replace * changes)
    return best


def check(params: Params) -> str:
    """Exhaustive search."""
    return frame.answer([_search(params["kind"], params["costs"], g) for g in params["inputs"]])
