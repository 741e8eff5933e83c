"""Formalising with a model that can only write specs: decoding is held to their grammar.

The grammar guarantees the form, not the meaning: what a model formalised is always shown back in
words before anything is searched, and says who wrote it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from lemmata.apps.conjecture.formalise.parts import NotUnderstood
from lemmata.apps.conjecture.language.functions import FUNCTIONS
from lemmata.apps.conjecture.language.spec import Spec, from_text
from lemmata.engines.base import GREEDY, Engine, Request, complete
from lemmata.errors import BadInput
from lemmata.types import Message

MAX_TOKENS = 160

_EXAMPLES = (
    ("The square of an odd number is odd.", "for integer n in 1.. where odd(n): odd(n^2)"),
    ("Every integer greater than 1 has a prime divisor.",
     "for integer n in 2..: exists p in 2..n: prime(p) and divides(p, n)"),
    ("n^2 - n + 11 is prime for all positive n.", "for integer n in 1..: prime(n^2 - n + 11)"),
    ("若 a, b 互素，则 a+b 与 ab 互素。",
     "for integer a, b in 1.. where coprime(a, b): coprime(a + b, a * b)"),
    ("For all real x, x^2 + 1 >= 2x.", "for real x in ..: x^2 + 1 >= 2 * x"),
    ("Every tree is bipartite.", "for graph G in 1.. where tree(G): bipartite(G)"),
    ("1 + 2 + ... + n = n(n+1)/2.", "for integer n in 1..: sum(k in 1..n: k) = n * (n + 1) / 2"),
)  # fmt: skip


def grammar() -> str:
    """GBNF of the text form of specs, on one line; functions are those of the language."""
    truths = _choice(name for name, f in FUNCTIONS.items() if f.gives == "bool")
    values = _choice(
        name for name, f in FUNCTIONS.items() if f.gives not in {"bool", "graph"} and f.takes
    )
    return "\n".join((
        'root ::= "for " group ("; " group)? (" where " truth)? ": " truth "\\n"',
        'group ::= sort " " name (", " name){0,4} " in " bound? ".." bound?',
        'sort ::= "integer" | "real" | "graph"',
        'name ::= [a-z] | "G"',
        'bound ::= "-"? [0-9]{1,6}',
        'truth ::= any (" -> " any)?',
        'any ::= all (" or " all){0,3}',
        'all ::= unit (" and " unit){0,4}',
        'unit ::= "not " call | call | quantified | "(" truth ")" | relation',
        'quantified ::= ("exists " | "forall ") name " in " sum ".." sum ": " truth',
        f'call ::= ({truths}) "(" sum (", " sum)? ")"',
        'relation ::= sum (" " compare " " sum){1,3}',
        'compare ::= "=" | "!=" | "<" | "<=" | ">" | ">="',
        'sum ::= product (" " [-+] " " product){0,6}',
        'product ::= power (" " ("*" | "//" | "/" | "mod") " " power){0,4}',
        'power ::= "-"? atom ("^" atom)?',
        'atom ::= [0-9]{1,6} | name | value | "(" sum ")" | gather',
        f'value ::= ({values}) "(" sum (", " sum){{0,2}} ")"',
        'gather ::= ("sum" | "product") "(" name " in " sum ".." sum ": " sum ")" '
        '| "count(" name " in " sum ".." sum ": " truth ")"',
    ))  # fmt: skip


def _choice(names: Iterable[str]) -> str:
    return " | ".join(f'"{name}"' for name in sorted(names))


def messages(statement: str) -> tuple[Message, ...]:
    """The examples as turns of a conversation, then the statement."""
    turns: list[Message] = [
        Message("system", "Translate each statement into the specification language.")
    ]
    for said, meant in _EXAMPLES:
        turns += [Message("user", said), Message("assistant", meant)]
    return (*turns, Message("user", statement))


async def formalise(statement: str, engine: Engine) -> Spec:
    """The spec that the model writes, greedily. Raises NotUnderstood if it does not type-check."""
    sampling = replace(GREEDY, max_tokens=MAX_TOKENS, grammar=grammar())
    done = await complete(engine, Request("formalise", messages(statement), sampling=sampling))
    try:
        return from_text(done.text.strip(), statement)
    except (BadInput, RecursionError) as fault:
        why = fault.cause if isinstance(fault, BadInput) else "it nests too deeply"
        raise NotUnderstood(
            f"the model wrote {done.text.strip()[:120]!r}, which is no conjecture: {why}",
            "Write the spec yourself (--edit, --spec FILE).",
        ) from None


async def background(statement: str, engine: Engine) -> str:
    """What the model says of the statement's history; unverified, and marked so in the report."""
    ask = f"In at most three sentences: what is known about this conjecture? {statement}"
    sampling = replace(GREEDY, max_tokens=160)
    request = Request("background", (Message("user", ask),), sampling=sampling, stop_loops=True)
    return (await complete(engine, request)).text.strip()
