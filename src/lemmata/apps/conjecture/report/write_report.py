"""The report as JSON, Markdown and LaTeX, and the folder that holds all of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from lemmata import whole
from lemmata.apps.conjecture.language.spec import Spec
from lemmata.apps.conjecture.language.typeset import typeset
from lemmata.apps.conjecture.language.words import Language, spoken
from lemmata.apps.conjecture.report.cases import first_cases
from lemmata.apps.conjecture.report.checker import script
from lemmata.apps.conjecture.report.figures import cells, facts
from lemmata.apps.conjecture.report.plot import svg
from lemmata.apps.conjecture.report.sentences import known, measure_name
from lemmata.apps.conjecture.search.events import Outcome, to_json
from lemmata.apps.conjecture.search.points import from_json


def report(
    spec: Spec, outcome: Outcome, background: str = "", formalised_by: str = ""
) -> dict[str, Any]:
    """The whole report as one JSON document. `background` is what a model offered, unverified;
    `formalised_by` names the model that wrote the spec, where one did."""
    document = to_json(outcome)
    del document["kind"]
    checker = None
    if outcome.counterexample is not None:
        checker = script(spec, from_json(outcome.counterexample))
    return {
        "statement": " ".join(spec.statement.split()),
        "formalised_by": formalised_by or None,
        "known": known(spec, outcome),
        "known_zh": known(spec, outcome, "zh"),
        "words": spoken(spec),
        "words_zh": spoken(spec, "zh"),
        "text": spec.text(),
        "latex": typeset(spec),
        **document,
        "cases": first_cases(spec),
        "checker": checker,
        "background": {"text": background, "verified": False} if background else None,
    }


def markdown(document: dict[str, Any], outcome: Outcome, language: Language = "en") -> str:
    """The report for people."""
    zh = language == "zh"
    lines = [
        f"# {document['statement'] or document['words']}",
        "",
        f"**{document['known_zh' if zh else 'known']}**",
        "",
        document["words_zh" if zh else "words"],
        "",
        f"$$ {document['latex']} $$",
        "",
        "```",
        document["text"],
        "```",
        "",
        *_table(("", ""), facts(outcome, language)),
    ]
    if document["formalised_by"]:
        writer = document["formalised_by"]
        english = f"> {writer} wrote the spec: check that the words above are the statement."
        chinese = f"> 规范由模型 {writer} 写出，请核对以上文字是否就是原命题。"
        lines += ["", chinese if zh else english]
    for note in outcome.notes:
        lines += ["", f"> {note}"]
    if outcome.near:
        name = measure_name(outcome)[1 if zh else 0]
        rows = [(json.dumps(miss["point"]), f"{miss['measure']:g}") for miss in outcome.near]
        lines += ["", "## 险些成为反例的点" if zh else "## Near misses", ""]
        lines += [*_table(("点" if zh else "point", name), rows), ""]
        if outcome.curve:
            lines += ["![](plot.svg)"]
    cases = document["cases"]
    if cases and cases["rows"]:
        lines += ["", "## 最初的情形" if zh else "## First cases", ""]
        body = [cells(row, language) for row in cases["rows"]]
        lines += _table(cells(cases["columns"], language), body)
    if document["checker"]:
        lines += ["", "## 独立验证" if zh else "## Checker", "", "`python checker.py`"]
    if document["background"]:
        title = (
            "背景（模型所写，未经验证）" if zh else "Background (written by a model, unverified)"
        )
        lines += ["", f"## {title}", "", document["background"]["text"]]
    return "\n".join(lines) + "\n"


def _table(columns: Any, rows: Any) -> list[str]:
    head = ["| " + " | ".join(map(str, columns)) + " |", "|" + "---|" * len(columns)]
    return head + ["| " + " | ".join(map(str, row)) + " |" for row in rows]


def latex(document: dict[str, Any], outcome: Outcome) -> str:
    """A section to paste into a paper; XeLaTeX or LuaLaTeX for Chinese statements."""
    rows = "".join(
        rf"{_escaped(name)} & {_escaped(str(value))} \\" + "\n" for name, value in facts(outcome)
    )
    return (
        "% needs \\usepackage{amsmath,amssymb}\n"
        f"\\section*{{{_escaped(document['statement'] or 'Conjecture')}}}\n"
        f"\\[ {document['latex']} \\]\n"
        f"\\paragraph{{What is known.}} {_escaped(document['known'])}\n\n"
        "\\begin{tabular}{ll}\n" + rows + "\\end{tabular}\n"
    )


_SPECIAL = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#",
    "%": r"\%", "_": r"\_", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
    "≤": r"$\leq$", "≥": r"$\geq$", "π": r"$\pi$",
}  # fmt: skip


def _escaped(text: str) -> str:
    return "".join(_SPECIAL.get(sign, sign) for sign in text)


def write_report(
    folder: Path, spec: Spec, outcome: Outcome, background: str = "", formalised_by: str = ""
) -> dict[str, Any]:
    """Write report.json, report.md, report.zh-CN.md, report.tex, plot.svg and checker.py."""
    folder.mkdir(parents=True, exist_ok=True)
    document = report(spec, outcome, background, formalised_by)
    texts = {
        "report.json": json.dumps(document, ensure_ascii=False, indent=1) + "\n",
        "report.md": markdown(document, outcome),
        "report.zh-CN.md": markdown(document, outcome, "zh"),
        "report.tex": latex(document, outcome),
    }
    if outcome.curve:
        label = measure_name(outcome)[0]
        name = spec.variables[0].name
        texts["plot.svg"] = svg(outcome.curve, document["statement"] or spec.text(), name, label)
    if document["checker"]:
        texts["checker.py"] = document["checker"]
    for name, text in texts.items():
        whole.write(folder / name, text)
    return document
