"""Formalising without a model: LaTeX to words, then the templates of the statement's language."""

from __future__ import annotations

import re

from lemmata.apps.conjecture.formalise import chinese, english
from lemmata.apps.conjecture.formalise.parts import NotUnderstood
from lemmata.apps.conjecture.language.spec import Spec, from_text
from lemmata.errors import BadInput
from lemmata.prompts.language import detect

MAX_STATEMENT = 2000

_MEND = "Write the spec yourself (--edit, --spec FILE), or let a model try (--model NAME)."
_HOMES = (
    (r"\\mathbb\s*\{?Z\}?\s*(?:\^\s*\{?\+\}?|_\s*\{\s*>\s*0\s*\})", " N "),
    (r"\\mathbb\s*\{?R\}?\s*(?:\^\s*\{?\+\}?|_\s*\{\s*>\s*0\s*\}|_\s*\+)", " P "),
    (r"\\mathbb\s*\{?([NZR])\}?(?!\s*[\^_])", r" \1 "), (r"ℕ", " N "), (r"ℤ", " Z "), (r"ℝ", " R "),
)  # fmt: skip
_SETS = {
    "N": "positive integers",
    "Z": "integers",
    "R": "real numbers",
    "P": "positive real numbers",
}
_HOMES_END = (
    r"(for all (?:positive integers|integers|(?:positive )?real numbers) [A-Za-z]) "
    r"(?=[A-Za-z](?![A-Za-z])|[\d(|]|\\(?:frac|sqrt|sum|gcd|binom|varphi|phi|sigma|left))"
)
_VARIABLES = r"[A-Za-z](?:\s*,\s*[A-Za-z])*"


def formalise(statement: str) -> Spec:
    """The spec of a statement in words, in LaTeX, or in the spec language itself.

    Raises NotUnderstood: what cannot be formalised whole is not formalised at all.
    """
    if len(statement) > MAX_STATEMENT:
        raise NotUnderstood(
            f"the statement has {len(statement)} characters, over {MAX_STATEMENT}", _MEND
        )
    if not statement.strip():
        raise BadInput("the statement is empty", "Say what is to be tested.")
    if re.match(r"\s*for (?:integer |real |graph )?[A-Za-z](?:\s*,\s*[A-Za-z])* in ", statement):
        return from_text(statement, statement)
    words = _words(statement)
    understand = chinese.understand if detect(statement) == "zh" else english.understand
    try:
        return understand(words, statement)
    except NotUnderstood as fault:
        detail = f" ({fault.mend})" if fault.mend else ""
        raise NotUnderstood(f"cannot formalise: {fault.cause}{detail}", _MEND) from None
    except (BadInput, RecursionError) as fault:
        why = fault.cause if isinstance(fault, BadInput) else "it nests too deeply"
        raise NotUnderstood(f"cannot formalise: {why}", _MEND) from None


def _words(text: str) -> str:
    r"""LaTeX's own words as words: `\forall n \in \mathbb{N}`, `\text{ is prime}`, `$…$`."""
    for pattern, sign in _HOMES:
        text = re.sub(pattern, sign, text)
    text = re.sub(r"\\(?:text|mathrm|textrm|mbox)\s*\{([^{}]*)\}", r" \1 ", text)
    text = re.sub(r"\$|\\[()\[\]]|\\,|\\;|\\:|\\!|\\ |~|\\q?quad", " ", text)
    text = re.sub(r"\\forall|∀", " for all ", text)
    text = re.sub(r"\\exists|∃", " there is ", text)
    text = re.sub(r"\\(?:Rightarrow|implies|to)(?![A-Za-z])|⇒", " implies ", text)
    text = re.sub(r"\\(?:Leftrightarrow|iff)(?![A-Za-z])|⇔", " if and only if ", text)
    text = re.sub(
        rf"({_VARIABLES})\s*(?:\\in|∈)\s*([NZRP])(?![A-Za-z])",
        lambda m: f"{_SETS[m[2]]} {m[1]}",
        text,
    )
    text = re.sub(r"\s+", " ", text).strip()
    # `\forall n \in \mathbb{N} \; n^2 \ge n`: only blanks between the domain and the claim.
    return re.sub(_HOMES_END, r"\1, ", text)
