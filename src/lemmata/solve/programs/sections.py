"""Examples that stand in sections of their own, and in tables: pairs of input and output.

"Sample Input" and 【输入样例】 say what they hold, as does "Input" below "Example 1:". A bare
"Input" may as well describe the input: it counts only where nothing else does, and only data.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

Pair = tuple[str, str]
_HEAD = r"^[ \t]{0,8}[#>*_【\[「（(-]{0,6}[ \t]{0,8}"
_NUMBER = r"(?:[ \t]{0,8}(?:#|No\.?)?[ \t]{0,8}\d{1,2})?"
_CLOSE = r"[ \t]{0,8}[】\]」）)]?[*_]{0,3}[ \t]{0,8}(?P<colon>[:：])?[*_]{0,3}[ \t]{0,8}"
_SAMPLE = rf"(?:sample|example|test|样例|示例|例){_NUMBER}[ \t]{{0,8}}"
_KIND = r"(?:样例|示例|数据(?=[ \t]*[:：】]))?"
_LABEL = re.compile(
    rf"{_HEAD}(?:"
    rf"(?P<given>(?:{_SAMPLE})?(?:inputs?|输入){_KIND})"
    rf"|(?P<wanted>(?:{_SAMPLE}|expected[ \t]+)?(?:outputs?|输出){_KIND})"
    rf"|(?P<told>explanations?|notes?|(?:{_SAMPLE})?(?:说明|解释))"
    r"|(?P<other>hints?|constraints?|limits?|scoring|(?:input|output)[ \t]+(?:format|description"
    r"|specification)|(?:输入|输出)(?:格式|说明|描述|要求)|提示|数据范围|约束|限制|备注"
    r"|题目(?:描述|背景)|description|problem|statement)"
    r"|(?P<shown>examples?|samples?|sample tests?|(?:输入输出)?样例|(?:输入输出)?示例|例子|例)"
    rf"){_NUMBER}{_CLOSE}(?P<rest>.*)$",
    re.IGNORECASE,
)
_INSIDE = re.compile(
    rf"(?<=[.;,，。；:：])[ \t]{{0,8}}"
    rf"(?=(?:{_SAMPLE})?(?:inputs?|outputs?|输入|输出|examples?){_NUMBER}[:：])",
    re.IGNORECASE,
)
"""Where a label stands in the middle of a line."""
_BARE = {"input", "inputs", "output", "outputs", "输入", "输出"}
_FENCE = re.compile(r"^[ \t]*```\w*[ \t]*$")
_PROSE = re.compile(
    r"[。；]|\b(?:integers?|lines?|contains?|consists?|prints?|outputs?|strings?|numbers?|single"
    r"|given|separated|denot\w+|the)\b|整数|一行|字符串|表示|包含|空格",
    re.IGNORECASE,
)
_DATA = re.compile(r"[\d\[\]{}\"'`]|^\s*(?:yes|no|true|false)\s*$", re.IGNORECASE)
_ROW = re.compile(r"^[ \t]*\|(?P<a>[^|\n]+)\|(?P<b>[^|\n]+)\|", re.MULTILINE)


@dataclass(slots=True)
class _Section:
    """`sure`: its label or a heading before it says that it is an example."""

    kind: Literal["in", "out", "other"]
    sure: bool
    lines: list[str]

    @property
    def content(self) -> str:
        """What its fence holds; without one, an output ends at an empty line."""
        kept: list[str] = []
        fenced = False
        for line in self.lines:
            if _FENCE.match(line):
                if fenced:
                    break
                fenced = True
            elif line.strip() or fenced:
                kept.append(line)
            elif kept and self.kind == "out":
                break
        return "\n".join(kept).strip("\n")

    @property
    def is_data(self) -> bool:
        return not _PROSE.search(self.content) and bool(_DATA.search(self.content))


def pairs(text: str) -> list[Pair]:
    """Each input with the output that stands right behind it."""
    found = [
        (first, second)
        for first, second in pairwise(_cut(text))
        if (first.kind, second.kind) == ("in", "out") and first.content.strip() and second.content
    ]
    sure = [pair for pair in found if pair[0].sure]
    plain = [pair for pair in found if pair[0].is_data and pair[1].is_data]
    return [(_bare(given.content), _bare(wanted.content)) for given, wanted in sure or plain]


def _cut(text: str) -> list[_Section]:
    sections = [_Section("other", False, [])]
    shown = fenced = False
    for line in _INSIDE.sub("\n", text).splitlines():
        match = None if fenced else _label(line)
        fenced ^= bool(_FENCE.match(line))
        while match is not None and match["shown"] and (inner := _label(match["rest"])):
            match, shown = inner, True
        if match is None:
            sections[-1].lines.append(line)
            continue
        shown = bool(match["shown"]) or (shown and not match["other"])
        label = (match["given"] or match["wanted"] or "").lower()
        kind: Literal["in", "out", "other"] = "in" if match["given"] else "other"
        sections.append(
            _Section(
                "out" if match["wanted"] else kind,
                shown or label not in _BARE,
                [match["rest"]] if match["rest"].strip() else [],
            )
        )
    return sections


def _label(line: str) -> re.Match[str] | None:
    """A line that is a label, or begins as one with a colon."""
    match = _LABEL.match(line)
    return match if match and (match["colon"] or not match["rest"].strip()) else None


def _bare(content: str) -> str:
    """Without the quotes of code around one line, and without what ends it in a sentence."""
    if "\n" in content:
        return content
    one = content.strip().rstrip(",，;；。")
    return one[1:-1] if len(one) > 1 and one[0] == one[-1] == "`" else one


def rows(text: str) -> Iterator[Pair]:
    """The rows of a table of inputs and outputs."""
    cells = [(match["a"].strip(), match["b"].strip()) for match in _ROW.finditer(text)]
    title = next((at for at, (first, second) in enumerate(cells) if _titled(first, second)), None)
    for given, wanted in cells[title + 1 :] if title is not None else ():
        if not set(given) <= set("-: "):
            yield given.strip("`"), wanted.strip("`")


def _titled(first: str, second: str) -> bool:
    return bool(
        re.fullmatch(r"(?:sample |example )?inputs?|输入(?:样例|示例)?", first, re.I)
        and re.fullmatch(
            r"(?:sample |example |expected )?outputs?|输出(?:样例|示例)?", second, re.I
        )
    )
