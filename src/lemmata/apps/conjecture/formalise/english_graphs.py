"""What can follow an English noun for graphs: its order, its edges, its degrees."""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction

from lemmata.apps.conjecture.formalise import english_words as words
from lemmata.apps.conjecture.formalise.domains import Things
from lemmata.apps.conjecture.formalise.english_claims import Claims
from lemmata.apps.conjecture.formalise.numbers import number
from lemmata.apps.conjecture.language.syntax import Call, Compare, Name, Relation


class GraphNouns(Claims):
    """Reads what follows into bounds and guards. Raises NotUnderstood."""

    def _graph_followers(self, things: Things) -> list[tuple[str, Callable[..., None]]]:
        graph = Name(things.names[0])

        def counted(op: str | None, count: str, what: str) -> None:
            many = words.COUNTS.get(count.lower()) or (int(count) if count.isdecimal() else None)
            relation = words.relation(op) if op else "="
            if what == "vertices" and many is not None and relation != "!=":
                _bound_order(things, relation, Fraction(many))
            elif what == "vertices" and re.fullmatch(r"[a-z]", count) and op is None:
                self._names.taken.add(count)
                self._names.aliases[count] = Call("order", (graph,))
            else:
                value = number(many) if many is not None else self.value(count)
                things.guards.append(Compare(relation, self._counted(what, graph), value))

        def degree(which: str, op: str | None, text: str) -> None:
            function = "mindegree" if which.lower() == "minimum" else "maxdegree"
            value = self.value(re.sub(r"\bn\b", "order(G)", text) if "n" in text else text)
            left = Call(function, (graph,))
            things.guards.append(Compare(words.relation(op) if op else "=", left, value))

        return [
            (r"(?:with|having) no triangles?", lambda: things.guards.append(
                Call("triangle_free", (graph,)))),
            (rf"(?:(?:on|with|of|having|containing|that has|which has) )?({words.RELATION})?\s*"
             r"([\w^/]+|[\w^/]+ ?[-+] ?\w+) (vertices|edges|triangles|components)", counted),
            (rf"(?:(?:with|of|having) )?(minimum|maximum) degree ({words.RELATION})?\s*(\d+)",
             degree),
            (r"(?:with|having) at least as many edges as vertices", lambda: things.guards.append(
                Compare(">=", Call("size", (graph,)), Call("order", (graph,))))),
        ]  # fmt: skip


def _bound_order(things: Things, relation: Relation, value: Fraction) -> None:
    if relation in {"=", ">=", ">"}:
        things.low = value + (relation == ">")
    if relation in {"=", "<=", "<"}:
        things.high = value - (relation == "<")
