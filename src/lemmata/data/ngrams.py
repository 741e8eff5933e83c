"""Texts as sets of hashed n-grams: the ground on which duplicates and leaks are found.

A text is folded (NFKC, lower case, LaTeX and punctuation dropped) and cut into tokens: words and
numbers as they are, Han, kana and the like by the character, since Chinese has no spaces. A token
is hashed once (BLAKE2b, 64 bits), an n-gram by a polynomial over the hashes of its tokens modulo
2^64 and a final mix (splitmix64), so all n-grams of a text are one numpy expression.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Hashes = NDArray[np.uint64]

VERSION = 1
"""Of tokens and hashes; fingerprint files made by another version are refused."""

_TOKEN = re.compile(
    r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]"  # by the character
    r"|\d+(?:\.\d+)?"
    r"|[^\W\d_\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\uf900-\ufaff]+"
)
_LATEX = re.compile(r"\\(?:left|right|displaystyle|text|mathrm|mathbf|[,;:! ])")
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
_MIX = (np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB))


def tokens(text: str) -> list[str]:
    """Words, numbers and single Han characters of the folded text."""
    folded = unicodedata.normalize("NFKC", text).lower()
    folded = re.sub(r"(?<=\d),(?=\d{3})", "", _LATEX.sub(" ", folded))
    return _TOKEN.findall(folded)


def numbers(words: Sequence[str]) -> tuple[str, ...]:
    """The numbers among the tokens, in order: what tells two variants of one problem apart."""
    return tuple(word for word in words if word[0].isdigit())


@lru_cache(maxsize=1 << 17)
def _token_hash(word: str) -> int:
    return int.from_bytes(hashlib.blake2b(word.encode(), digest_size=8).digest(), "little")


def hashes(words: Sequence[str], n: int) -> Hashes:
    """Hash of every n-gram, in order: shape [max(0, len(words) - n + 1)]."""
    count = len(words) - n + 1
    if count <= 0:
        return np.empty(0, np.uint64)
    each = np.fromiter(map(_token_hash, words), np.uint64, len(words))
    total = np.zeros(count, np.uint64)
    for offset in range(n):
        total = total * _MULTIPLIER + each[offset : offset + count]
    return _mixed(total)


def digest(words: Sequence[str]) -> int:
    """One hash of the whole sequence, for exact duplicates up to case, spaces and punctuation."""
    joined = "\x1f".join(words).encode()
    return int.from_bytes(hashlib.blake2b(joined, digest_size=8).digest(), "little")


def _mixed(values: Hashes) -> Hashes:
    values = (values ^ (values >> np.uint64(30))) * _MIX[0]
    values = (values ^ (values >> np.uint64(27))) * _MIX[1]
    return values ^ (values >> np.uint64(31))
