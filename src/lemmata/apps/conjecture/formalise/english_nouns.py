"""English noun phrases: adjectives, a noun, names, and what follows them."""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction

from lemmata.apps.conjecture.formalise import english_words as words
from lemmata.apps.conjecture.formalise import residues
from lemmata.apps.conjecture.formalise.domains import Things
from lemmata.apps.conjecture.formalise.english_graphs import GraphNouns
from lemmata.apps.conjecture.formalise.numbers import number
from lemmata.apps.conjecture.formalise.parts import NotUnderstood, denied
from lemmata.apps.conjecture.language.syntax import (
    Call,
    Compare,
    Name,
    Node,
    Relation,
)


class Nouns(GraphNouns):
    """Reads noun phrases into domains and guards. Raises NotUnderstood."""

    def _named(self, text: str) -> list[str]:
        names = re.findall(r"[A-Za-z]", re.sub(r"\band\b", " ", text))
        self._names.taken.update(names)
        return names

    def noun(self, text: str, given: list[str] | None = None) -> Things:
        """Adjectives, a noun, names, and what follows them."""
        text = re.sub(r"^(?:an?|the) ", "", text.strip(), flags=re.I)
        for pattern, low, value, guard, wanted in words.FAMILIES:
            match = re.fullmatch(rf"{pattern}(.*)", text, re.I)
            if match:
                name = self._names.fresh(wanted)
                things = Things([name], low=Fraction(low), value=value(Name(name)))
                if guard:
                    things.guards.append(Call(guard, (Name(name),)))
                return self._followed(things, match[1])
        match = re.fullmatch(
            rf"((?:(?:{words.ADJECTIVES})\s+|(?:{words.ADJECTIVES})\s*,\s*|and\s+)*)"
            rf"({words.NOUNS})(?![A-Za-z])"
            rf"(?:\s+({words.VAR})(?![A-Za-z]))?(.*)",
            text, re.I | re.S,
        )  # fmt: skip
        if match is None:
            return self._nounless(text)
        adjectives = re.findall(words.ADJECTIVES, match[1], re.I)
        if re.search(r"complete\s+bipartite", match[1], re.I):
            raise NotUnderstood("complete bipartite graphs are neither: the language lacks them")
        names = self._named(match[3]) if match[3] else given
        things = self._kind(match[2].lower(), adjectives, names)
        return self._followed(things, match[4])

    def _nounless(self, text: str) -> Things:
        """`odd n`, `n odd`, `multiple n of 12`: what is said decides the kind."""
        truth = r"odd|even|prime|composite|square-?free|perfect|abundant|deficient"
        match = re.fullmatch(
            rf"((?:(?:{truth}|positive|distinct)\s+)+)({words.VAR})(,.*|\s.*)?", text, re.I
        )
        if match and re.search(truth, match[1], re.I):
            found = self._kind("number", match[1].split(), self._named(match[2]))
            return self._followed(found, match[3] or "")
        match = re.fullmatch(rf"({words.VAR}) ({truth})", text, re.I)
        if match:
            return self._kind("number", [match[2]], self._named(match[1]))
        match = re.fullmatch(
            rf"(?:positive )?multiples?(?: ({words.VAR}))? of (\d+)(.*)", text, re.I
        )
        if match is None:
            raise NotUnderstood(f"{text[:60]!r} is no kind of number or graph that is known")
        things = self._kind("number", [], self._named(match[1]) if match[1] else None)
        self._each_name(things, lambda x: Call("divides", (self.formula(match[2]), x)))
        return self._followed(things, match[3])

    def _kind(self, noun: str, adjectives: list[str], given: list[str] | None) -> Things:
        graph = noun.startswith(("graph", "tree")) or any(
            a.lower() in words.GRAPH_WORDS or "regular" in a or a == "cubic" for a in adjectives
        )
        default = "G" if graph else "x" if noun.startswith("real") else "n"
        things = Things(given or [self._names.fresh(default)])
        if graph:
            things.sort, things.low = "graph", Fraction(1)
        elif noun.startswith("real") or "real" in adjectives:
            things.sort = "real"
        elif "integer" not in noun:
            things.low, things.custom = Fraction(1), True  # numbers, naturals, primes, squares
        for word in (*adjectives, *words.NOUN_TRUTHS.get(words.singular(noun), ())):
            self._describe(things, word.lower())
        return things

    def _describe(self, things: Things, word: str) -> None:
        if word in {"natural", "integer", "real", "arbitrary", "given", "simple", "finite"}:
            return
        sign = words.SIGNS.get(word.replace("-", ""))
        if sign is not None:
            things.custom = False
            things.guards += [Compare(sign, Name(name), number(0)) for name in things.names]
            things.low = None if things.sort == "real" or sign == "<" else Fraction(0)
            if sign in {"<", "!="}:
                things.low = None
            return
        if word in {"distinct", "different"}:
            things.guards += _distinct(things.names)
            return
        if word == "consecutive":
            raise NotUnderstood("which numbers are consecutive is not understood")
        degree = re.match(r"(\d+)-regular|cubic", word)
        if degree:
            graph = (Name(things.names[0]),)
            things.guards.append(Call("regular", graph))
            things.guards.append(
                Compare("=", Call("maxdegree", graph), number(int(degree[1] or 3)))
            )
            return
        function = words.TRUTHS[word]
        things.guards += [Call(function, (Name(name),)) for name in things.names]

    def _followed(self, things: Things, text: str) -> Things:
        """What stands after the noun: `greater than 2`, `with n >= 3`, `on 6 vertices`."""
        rest = text.strip().lstrip(",").strip()
        while rest:
            for pattern, read in self._followers(things):
                match = re.match(rf"(?:{pattern})(?![A-Za-z0-9])", rest, re.I)
                if match:
                    read(*match.groups())
                    rest = rest[match.end() :].strip()
                    rest = re.sub(r"^(?:,|and )\s*", "", rest).strip()
                    break
            else:
                self._condition(things, rest)
                return things
        return things

    def _followers(self, things: Things) -> list[tuple[str, Callable[..., None]]]:
        atom = r"(-?\d+(?:\.\d+)?(?:/\d+)?)"
        if things.sort == "graph":
            return self._graph_followers(things)
        return [
            (rf"(?:that (?:is|are) |which (?:is|are) )?({words.RELATION}) {atom}",
             lambda op, end: self._limit(things, words.relation(op), end)),
            (rf"(<=|>=|<|>|≤|≥|!=|≠|\\leq?|\\geq?|\\neq?)\s*{atom}",
             lambda op, end: things.guards.extend(
                 self.formula(f"{name} {op} {end}") for name in things.names)),
            (rf"(?:from|between) {atom} (?:to|and) {atom}",
             lambda low, high: self._span(things, low, high)),
            (rf"not divisible by {atom}", lambda d: self._each_name(things, lambda x: denied(
                Call("divides", (self.formula(d), x))))),
            (rf"divisible by {atom}", lambda d: self._each_name(
                things, lambda x: Call("divides", (self.formula(d), x)))),
            (rf"(?:that (?:is|are) )?congruent to {atom} \(?mod(?:ulo)? {atom}\)?",
             lambda r, m: self._each_name(things, lambda x: residues.congruent(
                 x, [self.formula(r)], self.formula(m)))),
            (r"of the form (\d+) ?\*? ?[a-z] ?([-+] ?\d+)",
             lambda a, b: self._formed(things, a, b)),
            (rf"(?:other than|except(?: for)?|different from|not equal to|excluding) {atom}",
             lambda one: self._each_name(things, lambda x: Compare("!=", x, self.formula(one)))),
        ]  # fmt: skip

    def _formed(self, things: Things, factor: str, rest: str) -> None:
        """`of the form 4k + 3`: a residue, as long as it does not matter where k begins."""
        step, offset = int(factor), int(rest.replace(" ", ""))
        if abs(offset) >= step:
            raise NotUnderstood(f"it is not said where k begins in {factor}k{rest}")
        self._each_name(things, lambda x: residues.congruent(x, [number(offset)], number(step)))

    def _each_name(self, things: Things, guard: Callable[[Node], Node]) -> None:
        things.guards += [guard(Name(name)) for name in things.names]

    def _span(self, things: Things, low: str, high: str) -> None:
        self._limit(things, ">=", low)
        self._limit(things, "<=", high)

    def _limit(self, things: Things, op: Relation, end: str) -> None:
        bound = self.formula(end)
        subject = things.subject if things.value is not None else None
        if subject is not None:
            things.guards.append(Compare(op, subject, bound))
            return
        things.guards += [Compare(op, Name(name), bound) for name in things.names]

    def _condition(self, things: Things, rest: str) -> None:
        """`with a < b`, `such that n divides 2^n - 2`, `that is coprime to 6`."""
        match = re.fullmatch(r"(?:such that|with|where|for which) (.+)", rest, re.I | re.S)
        if match:
            things.guards.append(self.claim(match[1]))
            return
        match = re.fullmatch(r"(?:that|which|who) (?:is|are) (.+)", rest, re.I | re.S)
        if match:
            things.guards.append(self.predicate(things.subject, match[1]))
            return
        match = re.fullmatch(r"(?:that|which) (.+)", rest, re.I | re.S)
        if match:
            things.guards.append(self.verb(things.subject, match[1]))
            return
        ranged = re.fullmatch(r"(?:<=|>=|<|>|≤|≥|\\leq?|\\geq?|!=|≠|\\neq?|≡|\\equiv)\s*.+", rest)
        if ranged:
            things.guards += [self.formula(f"{name} {rest}") for name in things.names]
            return
        raise NotUnderstood(f"{rest[:60]!r} is not understood")


def _distinct(names: list[str]) -> list[Node]:
    return [
        Compare("!=", Name(one), Name(two)) for i, one in enumerate(names) for two in names[i + 1 :]
    ]
