"""Reads what stands in brackets: tuples, intervals, sets, matrices."""

from __future__ import annotations

from itertools import pairwise

from lemmata.verify.expression import Node, call
from lemmata.verify.measured import Measures
from lemmata.verify.tokens import Unreadable


class Brackets(Measures):
    """Knows that a bracket may hold a shape; a lone value in it is only grouped."""

    in_builder = False

    def item(self) -> Node:
        raise NotImplementedError

    def begins_factor(self) -> bool:
        return not (self.in_builder and self.sees("|")) and super().begins_factor()

    def bracketed(self) -> Node:
        opener = self.token.text
        if opener == "{" and not self._is_set():
            return self.group()
        if opener in ("{", "\\{"):
            return self._set()
        start = self.at
        self.at += 1
        bars, self.bars_open = self.bars_open, 0
        builder, self.in_builder = self.in_builder, False
        items = [self.item()]
        while self.take(",", ";"):
            items.append(self.item())
        self.bars_open, self.in_builder = bars, builder
        closer = self.next().text
        if closer not in (")", "]", "\\rangle") or (opener == "\\langle") != (closer == "\\rangle"):
            raise Unreadable(f"{opener!r} at {start} is not closed")
        if (
            len(items) == 1
            and opener != "\\langle"
            and (opener, closer) in (("(", ")"), ("[", "]"))
        ):
            return items[0]
        if opener == "\\langle" or (opener, closer) == ("(", ")"):
            return Node("tuple", tuple(items))
        if (opener, closer) == ("[", "]"):
            return Node("bracket", tuple(items))
        if len(items) != 2:
            raise Unreadable("an interval has two ends")
        return Node("interval", tuple(items), opener + closer)

    def _is_set(self) -> bool:
        """A plain brace with a comma or a bar at its own level holds a set."""
        depth = 0
        opening = self.tokens[self.at]
        for before, token in pairwise((opening, *self.tokens[self.at : self.at + 400])):
            depth += (token.text in ("{", "(", "[", "\\{")) - (token.text in ("}", ")", "]", "\\}"))
            if depth == 1 and token.text in (",", ";"):
                return True
            if depth == 1 and token.text == "|" and before.kind == "name":
                return True
            if depth == 0:
                return False
        return False

    def _set(self) -> Node:
        closer = "\\}" if self.next().text == "\\{" else "}"
        if self.take(closer):
            return Node("empty")
        builder, self.in_builder = self.in_builder, True
        items = [self.item()]
        if self.take("|", ":"):
            self.in_builder = builder
            cases = [self._conditions()]
            while self.take("or"):
                cases.append(self._conditions())
            self.expect(closer)
            condition = cases[0] if len(cases) == 1 else Node("or", tuple(cases))
            return Node("where", (items[0], condition))
        while self.take(",", ";"):
            items.append(self.item())
        self.in_builder = builder
        self.expect(closer)
        return Node("set", tuple(items))

    def _conditions(self) -> Node:
        found = [self.item()]
        while self.take(",", ";", "and"):
            found.append(self.item())
        return found[0] if len(found) == 1 else Node("and", tuple(found))

    def environment(self) -> Node:
        """Matrices, determinants and cases between \\begin and \\end."""
        name = self._environment_name("\\begin")
        if name == "array" and self.take("{"):
            while not self.take("}"):
                self.next()
                if self.token.kind == "end":
                    raise Unreadable("an array without an end")
        rows = [[self.item()]]
        while not self.sees("\\end"):
            if self.take("&"):
                rows[-1].append(self.item())
            elif self.take("\\\\"):
                if not self.sees("\\end"):
                    rows.append([self.item()])
            elif not self.take(",", ";"):
                raise Unreadable("a matrix without an end")
        if self._environment_name("\\end") != name:
            raise Unreadable(f"\\begin{{{name}}} without its \\end")
        return _environment(name, rows)

    def _environment_name(self, command: str) -> str:
        self.expect(command)
        self.expect("{")
        name = self.next().text
        while not self.take("}"):
            name += self.next().text
            if self.token.kind == "end":
                raise Unreadable("an environment without a name")
        return name


def _environment(name: str, rows: list[list[Node]]) -> Node:
    if name == "cases":
        return Node("and", tuple(cell for row in rows for cell in row))
    if len({len(row) for row in rows}) != 1:
        raise Unreadable("rows of different lengths")
    matrix = Node("matrix", tuple(Node("row", tuple(row)) for row in rows))
    return call("det", matrix) if name == "vmatrix" else matrix
