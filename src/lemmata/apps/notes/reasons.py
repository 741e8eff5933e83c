"""The reasons of verdicts and steps in Chinese; formulas and values in them stay as they are.

A reason that is not listed is given as it came: a program's own error message has no translation.
"""

from __future__ import annotations

import re

from lemmata.prompts.language import Language

_AROUND: tuple[tuple[str, str], ...] = (
    (r"step (\d+) fails: (.+)", "第 {0} 步有误：{1}"),
    (r"part (\d+): (.+)", "第 {0} 部分：{1}"),
    (r"example (\d+): ([A-Z]+) (.+)", "示例 {0}：{1} {2}"),
    (r"a generated input: ([A-Z]+) (.+)", "生成的输入：{0} {1}"),
)
"""Reasons whose last part is a reason of its own."""
_CHINESE: tuple[tuple[str, str], ...] = (
    # of steps
    (r"(.+): the value is (.+), not (.+)", "{0}：正确的值是 {1}，不是 {2}"),
    (r"(.+): the residue is (.+), not (.+)", "{0}：余数是 {1}，不是 {2}"),
    (r"(.+): that is wrong", "{0}：不成立"),
    (r"(.+): the two sides are different expressions", "{0}：两边是不同的式子"),
    (r"(.+): the sides differ by (.+)", "{0}：两边相差 {1}"),
    (r"(.+): (.+) gives (.+), this gives (.+)", "{0}：由 {1} 得 {2}，这里却得 {3}"),
    (r"(.+): (.+) is wrong", "{0}：{1} 不成立"),
    (r"(.+) does not satisfy (.+)", "{0} 不满足 {1}"),
    (r"(.+) is no value that the derivation reached", "推导中没有得到过 {0}"),
    (r"its value follows from nothing before it", "这个值无法由前文得出"),
    # of verdicts
    (r"every step was checked and holds", "每一步都已检验且成立"),
    (r"not every step computes what it says", "并非每一步的计算都得到验证"),
    (r"one derivation and no gold answer to compare with", "只有一个推导，也没有标准答案可以对照"),
    (r"no two of (\d+) derivations agree", "{0} 个推导的答案各不相同"),
    (r"a tie: answers with (\d+) of (\d+) derivations each", "票数相同：{1} 个推导中各有 {0} 个"),
    (r"the derivation was cut at the token limit", "推导达到词元上限而中断"),
    (r"no final answer was given", "没有给出最终答案"),
    (r"stopped before it was settled", "尚未得出结论就停止了"),
    (r"not asked: this is no reasoning problem", "没有提问：这不是推理题"),
    (r"there is no answer to compare", "没有可以对照的答案"),
    (r"too long for an answer", "太长，不像答案"),
    (r"beyond the checker \((\w+)\)", "超出检验器的能力（{0}）"),
    (r"equal", "相等"),
    (r"the same text", "文字相同"),
    # of programs
    (r"no example to run it on", "没有可以运行的示例"),
    (r"no program was written", "没有写出程序"),
    (r"passes (\d+)/(\d+) examples", "{1} 个示例通过了 {0} 个"),
    (r"it ends well on (\d+)/(\d+) inputs, no example", "{1} 个输入中有 {0} 个正常结束，没有示例"),
    (r"there is no input to run it on", "没有可以运行的输入"),
    (r"nothing was run: (.+)", "没有运行：{0}"),
    (r"returned (.+), expected (.+)", "返回 {0}，应为 {1}"),
    (r"used ([\d.]+) s of CPU time", "用了 {0} 秒处理器时间"),
    (r"used more than (\d+) MiB", "内存超过 {0} MiB"),
    (r"killed by (\w+)", "被 {0} 终止"),
)


def said(reason: str, language: Language) -> str:
    """The reason in this language."""
    if language != "zh":
        return reason
    for pattern, words in _AROUND:
        if match := re.fullmatch(pattern, reason, re.DOTALL):
            *parts, inner = match.groups()
            return words.format(*parts, said(inner, language))
    for pattern, words in _CHINESE:
        if match := re.fullmatch(pattern, reason, re.DOTALL):
            return words.format(*match.groups())
    return reason
