"""Texts to the words that are searched for; Chinese is segmented by jieba's dictionary."""

from __future__ import annotations

import re

_RUN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]+|[^\W_\u3400-\u9fff\uf900-\ufaff]+")
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
_COMMON = """
a an and are as at be by can do does for from has have how if in into is it its let of on or so such
than that the then there these this to was we what when where which why will with you
的 了 是 在 和 与 或 有 为 也 都 就 这 那 个 对 中 吗 呢 吧 什么 怎么 如何 为什么
"""
STOP = frozenset(_COMMON.split())


def words(text: str) -> list[str]:
    """In order and in lower case. Of Chinese words the shorter ones inside are given too."""
    found: list[str] = []
    for run in _RUN.findall(text.lower()):
        if _HAN.match(run):
            import rjieba  # its dictionary takes a moment, and most folders need none

            found += rjieba.cut_for_search(run)
        else:
            found.append(run)
    return found


def telling(text: str) -> frozenset[str]:
    """The words that say what a text is about."""
    return frozenset(word for word in words(text) if word not in STOP)
