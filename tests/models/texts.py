"""Texts that trip tokenizers."""

import unicodedata

NASTY = {
    "english": "Hello, world! It's the students' 1st try; they've said I'LL do. DON'T. e.g. co-op",
    "chinese": "求满足 x + y + z = 10 的非负整数解的个数。答案：六十六。「引号」——全角１２３４！",
    "latex": r"\boxed{\frac12} \[ \sum_{i=0}^{n} \binom{n}{i} = 2^n \] $x_1 \leq \sqrt{\pi}$ \\",
    "code": "def f(x: int):\n\tif x >= 10:\n        return\r\n\r\n    # ok\n\n\n\nclass A: pass",
    "emoji": "👩\u200d👩\u200d👧 🏳\ufe0f\u200d🌈 👍🏽 ☕\ufe0f 1\ufe0f\u20e3 🇨🇳 plain",
    "numbers": "3.14159 1,000,000 0x1F 12345678901234567890 1e-10 ½ ² ³ Ⅷ ٣٤ १२ ५ ①",
    "spaces": "  a  b   c    \t\t d\n \n  \n\n   e \u00a0f\u3000g\u200bh   ",
    "scripts": "Привет мир γειά σου שלום مرحبا สวัสดี नमस्ते ひらがな カタカナ 한국어 Việt",
    "special": "<|im_start|>user\nhi<|im_end|>\n<|im_start|>assistant\n<|endoftext|>",
    "almost special": "<|im_start|<|im_end <| |> <im_start> <|im_start |>",
    "controls": "a\x00b\x01c\x7fd\ufeffe\u2028f\u2029g",
    "punctuation": "!!!???...---===***((([[[{{{%%%&&&@@@###~~~```'''\"\"\"",
    "contractions": "'s 't 'RE 'vE 'm'll'd ’s ’t don’t I’M",
    "long word": "a" * 300 + "ß" * 100 + "漢" * 100,
    "private": "\ue000\uf8ff\U000f0000 \ud7ff \U0010fffd",
    "combining": unicodedata.normalize("NFD", "é à ñ ọ̈ Å 가"),
}
"""All in Unicode's composed form (NFC) unless a test decomposes them."""
