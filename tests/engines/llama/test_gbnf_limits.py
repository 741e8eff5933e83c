"""Grammars that would end the process, or keep it busy for ever, are one request's error."""

from __future__ import annotations

import random

import pytest

from lemmata.engines.base import Sampling
from lemmata.engines.llama import gbnf_limits, grammar
from lemmata.engines.llama.grammar import Grammar
from lemmata.errors import BadInput


def chain(of, length=40):
    rules = [f"r{n} ::= " + of.replace("next", f"r{n + 1}") for n in range(length)]
    return "root ::= r0\n" + "\n".join(rules) + f'\nr{length} ::= "a"'


BEYOND = {
    "deep": ("root ::= " + "(" * 30_000 + '"a"' + ")" * 30_000, "parentheses"),
    "never closed": ("root ::= " + "(" * 60_000, "parentheses"),
    "never opened": ('root ::= "a")', "never opened"),
    "ways": (chain("next | next"), "too many ways"),
    "ways to return": (chain('next "b" | next "c"'), "too many ways"),
    "large": ('root ::= "' + "a" * 5000 + '"{2000}', "too large"),
    "large by parts": ("root ::= " + '"a"{0,2000} ' * 5000, "too large"),
    "never": ('root ::= "a"{3,2}', "never"),
    "itself": ('root ::= root "a" | "b"', "left recursion"),
    "itself over others": ('root ::= a\na ::= b "c"\nb ::= a "x" | "y"', "left recursion"),
    "itself behind nothing": (
        'root ::= a root "z" | "x"\na ::= b\nb ::= "y" | ""',
        "left recursion",
    ),
    "long": (chain("next", 4000).replace("r0\n", "(r0){0,2000}\n"), None),
    "empty": ("", "no rule"),
    "a remark": ("# root ::=", "no rule"),
    "sense": ("root ::= @", "no sense"),
}


@pytest.mark.parametrize("name", BEYOND)
def test_what_is_too_much_is_refused(name):
    text, why = BEYOND[name]
    if why is None:
        gbnf_limits.check(text)
        return
    with pytest.raises(BadInput, match=why):
        gbnf_limits.check(text)


GOOD = [
    'root ::= "答案是：" [一-龥]{2,4} "。"', "root ::= [😀-😎]{3}", "root ::= .{5}",
    "root ::= [^\\]\\[]+",
    'root ::= (("a"*)*)*', 'root ::= "a" root | ""', 'root ::= "\\"" [^"\\\\]* "\\"" # "(((',
    'root ::= (\n  "a" |\n  "b"\n)+\n', 'root ::= x-1 | <think> "a"\nx-1 ::= "" | [\\x41-\\u0042]?',
    'root ::= "a" { 2 , 3 }', chain("next", 4000), 'root ::= list\nlist ::= "(" list* ")"',
    'ws ::= " " ws | ""\nroot ::= ws ws ws "x"',
]  # fmt: skip


@pytest.mark.parametrize("text", GOOD)
def test_what_libllama_takes_is_let_through(tiny, text):
    gbnf_limits.check(text)
    Grammar(text, tiny[0].vocabulary).close()


def test_what_is_let_through_ends_nothing(tiny):
    """Grammars with random mistakes: each is refused here, or by libllama."""
    draw, taken = random.Random(7), 0
    parts = ['"a"', "[a-z]", "[^x]", "(", ")", "|", "*", "?", "+", "{2}", "{0,3}", "b", "\n",
             " ", '"', "root ::= ", "b ::= ", "[", "]", "\\", "#", ".",
             "<a>", "é", "!<[3]>", "{,2}"]  # fmt: skip
    for _ in range(1500):
        text = "root ::= " + " ".join(draw.choices(parts, k=draw.randint(1, 14))) + "\nb ::= "
        text += draw.choice(['"c"', "[cd]?", '"" | "e"', '"f" b', "root"])
        try:
            Grammar(grammar.source(Sampling(grammar=text)) or "", tiny[0].vocabulary).close()
        except BadInput:
            continue
        taken += 1
    assert taken > 50


@pytest.mark.parametrize("text", ["root ::= [z-a]", 'root ::= "ab" [z-a]', "root ::= <[99999]>"])
def test_where_no_token_fits_the_request_ends_and_the_others_go_on(bench, text):
    b = bench()
    b.submit(1, "x", grammar=text)
    b.submit(2, "x", max_tokens=20)
    b.run()
    assert (b.last[1].error, b.last[2].finish_reason) == ("BadInput", "length")
    assert "no token" in b.last[1].cause
    assert b.scheduler.kv_used == 0


def test_where_ways_multiply_the_request_ends_and_the_others_go_on(bench):
    b = bench()
    b.submit(1, "x", max_tokens=60, grammar='root ::= "a" root "b" | "a" root "c" | "a" "a" root')
    b.submit(2, "x", max_tokens=20)
    b.run()
    assert (b.last[1].error, b.last[2].finish_reason) == ("BadInput", "length")
    assert "too many ways" in b.last[1].cause
