"""Reads what is made of other values: fractions, roots, bars, brackets, environments."""

from __future__ import annotations

from lemmata.verify.expression import Node, call, num, sym
from lemmata.verify.primary import CLOSERS, Primaries
from lemmata.verify.tokens import Token, Unreadable


class Composites(Primaries):
    """Each method stands at the sign or command that opens its construct."""

    def group(self) -> Node:
        """{…}, with TeX's infix \\over and \\choose."""
        self.expect("{")
        bars, self.bars_open = self.bars_open, 0
        found = self.sum()
        if self.take("over"):
            found = Node("div", (found, self.sum()))
        elif self.take("\\choose"):
            found = call("binom", found, self.sum())
        self.expect("}")
        self.bars_open = bars
        return found

    def tex_argument(self) -> Node:
        """A braced group, or the one digit or sign that TeX would take."""
        if self.sees("{"):
            return self.group()
        token = self.token
        if token.kind == "number" and token.text.isdigit() and len(token.text) > 1:
            self.tokens[self.at] = Token("number", token.text[1:], start=token.start + 1)
            return num(int(token.text[0]))
        return self.primary()

    def fraction(self) -> Node:
        self.at += 1
        top = self.tex_argument()
        bottom = self.tex_argument()
        if top == sym("d") and bottom.head == "mul" and bottom.args[0] == top:
            raise Unreadable("a derivative")
        return Node("div", (top, bottom))

    def binomial(self) -> Node:
        self.at += 1
        top = self.tex_argument()
        return call("binom", top, self.tex_argument())

    def radical(self) -> Node:
        index = num(2)
        if self.tokens[self.at].text == "\\sqrt":
            self.at += 1
        if self.take("["):
            index = self.sum()
            self.expect("]")
        inside = (
            self.group()
            if self.sees("{")
            else self.arguments()[0]
            if self.sees("(")
            else self.primary()
        )
        return Node("root", (inside, index))

    def cube_root(self) -> Node:
        self.at += 1
        inside = self.group() if self.sees("{") else self.primary()
        return Node("root", (inside, num(3)))

    def bars(self) -> Node:
        self.expect("|")
        self.bars_open += 1
        inside = self.sum()
        self.bars_open -= 1
        self.expect("|")
        return call("abs", inside)

    def fenced(self) -> Node:
        opener = self.next().text
        inside = self.sum()
        self.expect(CLOSERS[opener])
        return call("floor" if opener == "\\lfloor" else "ceil", inside)

    def bracketed(self) -> Node:
        """Overridden where brackets may hold shapes; here they only group."""
        closer = CLOSERS[self.next().text]
        bars, self.bars_open = self.bars_open, 0
        found = self.sum()
        self.expect(closer)
        self.bars_open = bars
        return found

    def geometric(self) -> Node:
        """\\angle ABC, \\triangle ABC, \\overline{AB}: a name."""
        command = self.next().text
        braced, letters = self.take("{"), ""
        while self.token.kind in ("name", "word"):
            letters += self.next().text
        if braced:
            self.expect("}")
        if not letters:
            raise Unreadable(f"{command} of nothing")
        return sym(f"{command} {letters}")

    def environment(self) -> Node:
        raise Unreadable("a matrix inside a value")
