"""Untrusted text made harmless Markdown: it can be read in a note, and nothing in it can act.

Nothing written here can be taken for HTML, a link, an image, an embed, a tag, a task, a comment, a
block id, an inline field or query (Dataview), a command (Templater) or the code block of a plugin.
Formulas stay formulas where they hold nothing but mathematics; programs stay in code blocks whose
language no plugin runs by itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

LONGEST = 40_000
"""Characters that are shown."""
LANGUAGES = {"python": "python", "py": "python", "cpp": "cpp", "c++": "cpp"}
"""Languages of code blocks that are kept; any other is shown as plain text."""
_CONTROL = re.compile(
    r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]"
)
_BREAK = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_FENCE = re.compile(
    r"^[ \t]*(`{3,}|~{3,})[ \t]*([^\s`]*)[^\n]*\n(.*?)(?:^[ \t]*\1[`~]*[ \t]*$|\Z)", re.S | re.M
)
_FORMULA = re.compile(
    r"\$\$(?P<a>[^$]{1,2000}?)\$\$|\\\[(?P<b>.{1,2000}?)\\\]|\\\((?P<c>[^\n]{1,1000}?)\\\)"
    r"|(?<![\\$])\$(?P<d>[^$\n]{1,400}?)(?<!\\)\$(?![\d$])",
    re.DOTALL,
)
_COMMAND = re.compile(
    r"\\(?:href|url|class|cssId|style|html\w*|data|require|unicode|def|gdef|edef|xdef|let|futurelet"
    r"|(?:re|provide)?new(?:command|environment)|renew\w*|DeclareMathOperator|includegraphics|bbox"
    r"|input|include|write|read|openin|openout|catcode|csname|mmlToken|texttip|tooltip|toggle"
    r"|Newextarrow|label|tag|ref|eqref|verb|begingroup|loop)(?![A-Za-z])"
)
_FORBIDDEN = re.compile(r"://|\]\s*\(|!\[|`|%|#|::|\bjavascript:|~~|==|\$", re.IGNORECASE)
_ESCAPED = re.compile(
    r"[\\\[\]$]|#(?=\S|\Z)|(?:(?<=\s)|\A)\^|(?<!\w)_|_(?!\w)|~(?=~)|(?<=~)~|=(?==)|(?<==)=|\{(?=[{%])|(?<=\{)\{"
)
_ESCAPED_CODE = ("<%", "< %"), ("%>", "% >")


def lines(text: str) -> list[str]:
    """Any text, as the lines of a harmless one; formulas and code blocks are kept."""
    out: list[str] = []
    for language, piece in pieces(text):
        if language is None:
            out += [inline(line) for line in _one_line_formulas(piece).split("\n")]
        else:
            out += fence(piece, language)
    return out


def pieces(text: str) -> Iterator[tuple[str | None, str]]:
    """Prose (None) and code blocks with their languages, in order."""
    text = _CONTROL.sub("", _BREAK.sub("\n", text))[:LONGEST]
    at = 0
    for match in _FENCE.finditer(text):
        if text[at : match.start()].strip():
            yield None, text[at : match.start()].strip("\n")
        yield match[2], match[3].rstrip("\n")
        at = match.end()
    if text[at:].strip():
        yield None, text[at:].strip("\n")


def fence(code: str, language: str) -> list[str]:
    """A code block that nothing runs, and that ends where it should."""
    for bad, good in _ESCAPED_CODE:
        code = code.replace(bad, good)
    longest = max((len(run) for run in re.findall(r"`+", code)), default=0)
    ticks = "`" * max(3, longest + 1)
    name = LANGUAGES.get(language.lower(), "text")
    return [f"{ticks}{name}", *code.split("\n"), ticks]


def inline(text: str) -> str:
    """One line of prose; breaks in it become spaces."""
    text = re.sub(r"\s+", " ", _CONTROL.sub("", _BREAK.sub(" ", text))).strip()
    text = re.sub(r"\A(?:#{1,6} )+", "", text)
    out, at = "", 0
    for match in _FORMULA.finditer(text):
        out += _escape(text[at : match.start()])
        # A dollar beside a formula's own, or a digit behind it, would end it elsewhere.
        before = " " if out.endswith("$") else ""
        after = " " if text[match.end() : match.end() + 1].isdigit() else ""
        out += before + _formula(match) + after
        at = match.end()
    return out + _escape(text[at:])


def _one_line_formulas(text: str) -> str:
    return _FORMULA.sub(lambda match: re.sub(r"\s+", " ", match[0]), text)


def _escape(text: str) -> str:
    text = text.replace("&", "&amp;")
    text = _ESCAPED.sub(r"\\\g<0>", text)
    text = (
        text.replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("`", "&grave;")
        .replace("%", "&percnt;")
    )
    text = text.replace("://", "&colon;//").replace("::", ":&colon;")
    text = re.sub(r"(?<!\*)\*(?!\*)|\*{3,}", lambda match: r"\*" * len(match[0]), text)
    return re.sub(r"\A(\s*)([-+=](?=\s)|[-=*_]+\Z)", r"\1\\\2", text)


def _formula(match: re.Match[str]) -> str:
    """The formula in Obsidian's own signs; as plain text where it is more than mathematics."""
    body = next(part for part in match.groups() if part is not None)
    body = re.sub(r"\s+", " ", body).strip()
    if not body or _COMMAND.search(body) or _FORBIDDEN.search(body):
        return _escape(match[0])
    body = body.replace("<", r"\lt ").replace(">", r"\gt ")
    body = re.sub(r"([\[{}\]])(?=\1)", r"\1 ", body)
    if body.endswith("\\"):
        return _escape(match[0])
    wide = match["a"] is not None or match["b"] is not None
    return f"$${body}$$" if wide else f"${body}$"
