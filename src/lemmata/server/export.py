"""A conversation as a document that other programs read."""

from __future__ import annotations

import re
from collections.abc import Sequence

from lemmata.server.state.said import Said

_PREAMBLE = """\
% Compile with xelatex or lualatex.
\\documentclass{article}
\\usepackage{amsmath,amssymb}
\\usepackage[a4paper,margin=25mm]{geometry}
\\usepackage{ctex}
"""
_MATHS = re.compile(
    r"\$\$.+?\$\$|\\\[.+?\\\]|\\\(.+?\\\)|(?<![\\\d])\$[^\s$](?:[^$\n]*[^\s$])?\$(?!\d)", re.DOTALL
)
_REACHES = re.compile(
    r"\^\^|\\(?:end|begin)\s*\{document\}|\\(?:input|include|includegraphics|verbatiminput"
    r"|lstinputlisting|openin|openout|read|readline|write|immediate|special|directlua|csname|catcode"
    r"|[egx]?def|let|futurelet|newcommand|renewcommand|providecommand|usepackage|expandafter|scantokens"
    r"|endinput)(?![A-Za-z])"
)
"""What no formula needs, and a model's could use to read files of whoever compiles it."""
_SPECIAL = {
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_",
    "{": r"\{", "}": r"\}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
}  # fmt: skip


def as_markdown(title: str, said: Sequence[Said]) -> str:
    """Questions as quotations, answers as they were written, each with its verdict."""
    parts = [f"# {_line(title)}"]
    for turn in said:
        if turn.speaker == "user":
            parts.append("\n".join(f"> {line}" for line in turn.text.splitlines()))
        else:
            parts.append(turn.text)
            parts += [f"**{line}**" for line in _verdict(turn)]
    return "\n\n".join(parts) + "\n"


def as_latex(title: str, said: Sequence[Said]) -> str:
    """A whole document: formulas stay, unless they reach beyond themselves; all else is escaped."""
    body = []
    for turn in said:
        text = _escaped(turn.text)
        body.append(f"\\begin{{quote}}\n{text}\n\\end{{quote}}" if turn.speaker == "user" else text)
        body += [f"\\textbf{{{_escaped(line)}}}" for line in _verdict(turn)]
    whole = "\n\n".join(body)
    head = f"{_PREAMBLE}\\title{{{_escaped(_line(title))}}}\n\\date{{}}\n"
    return f"{head}\\begin{{document}}\n\\maketitle\n\n{whole}\n\n\\end{{document}}\n"


def _line(text: str) -> str:
    return " ".join(text.split())


def _verdict(turn: Said) -> list[str]:
    solution = turn.about.get("solution")
    verdict = solution.get("verdict") if isinstance(solution, dict) else None
    if not isinstance(verdict, dict):
        return []
    return [_line(f"{verdict.get('state', '')}: {verdict.get('reason', '')}").rstrip(": ")]


def _escaped(text: str) -> str:
    out, at = [], 0
    for formula in _MATHS.finditer(text):
        kept = _plain(formula[0]) if _REACHES.search(formula[0]) else formula[0]
        out += [_plain(text[at : formula.start()]), kept]
        at = formula.end()
    return "".join([*out, _plain(text[at:])])


def _plain(text: str) -> str:
    return "".join(_SPECIAL.get(character, character) for character in text)
