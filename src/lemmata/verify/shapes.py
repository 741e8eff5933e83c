"""Compares two shapes: what each may stand for decides which rule applies."""

from __future__ import annotations

from lemmata.types import Verdict
from lemmata.verify import (
    choices,
    dates,
    families,
    quantities,
    realset,
    relations,
    scalar,
    vectors,
    words,
)
from lemmata.verify.canonical import canonical
from lemmata.verify.expression import Node, is_value, sym, symbols
from lemmata.verify.verdicts import (
    CORRECT,
    distinct,
    in_any_order,
    in_order,
    incorrect,
    undecided,
)

_SETS = frozenset(("interval", "union", "minus", "inter", "where", "all"))
_COMPARISONS = frozenset(("<", "<=", ">", ">=", "!="))


def compare(left: Node, right: Node) -> Verdict:
    """The verdict on two shapes. Symmetric."""
    if left == right:
        return CORRECT
    left, right = canonical(left), canonical(right)
    if left == right:
        return CORRECT
    for rule in _RULES:
        found = rule(left, right)
        if found is not None:
            return found
    if is_value(left) and is_value(right):
        return scalar.equal_values(left, right)
    return incorrect("different kinds of answer")


# The rules; each returns None where it has nothing to say.


def _letters(left: Node, right: Node) -> Verdict | None:
    return choices.several(left, right)


def _choices(left: Node, right: Node) -> Verdict | None:
    return choices.single(left, right, compare)


def _dates(left: Node, right: Node) -> Verdict | None:
    return dates.dates(left, right)


def _families(left: Node, right: Node) -> Verdict | None:
    return families.families(left, right, compare)


def _components(left: Node, right: Node) -> Verdict | None:
    """i + 2j against (1, 2)."""
    return vectors.components(left, right, compare)


def _antiderivatives(left: Node, right: Node) -> Verdict | None:
    return families.antiderivatives(left, right, compare)


def _words(left: Node, right: Node) -> Verdict | None:
    texts = [node.value for node in (left, right) if node.head == "text"]
    if not texts:
        return None
    if len(texts) == 1:
        if words.fixed(texts[0]):
            return incorrect("words against mathematics")
        return undecided("one side is not readable as mathematics")
    a, b = texts
    if a == b:
        return CORRECT
    shared = set(a.split()) & set(b.split())
    if {a, b} in ({"yes", "true"}, {"no", "false"}):
        return CORRECT
    long = len(a.split()) > 3 or len(b.split()) > 3
    if shared or long or not (a.isascii() and b.isascii()):
        return undecided("different words")
    return incorrect("different words")


def _degrees(left: Node, right: Node) -> Verdict | None:
    return quantities.degrees(left, right, compare)


def _marked(left: Node, right: Node) -> Verdict | None:
    if left.head not in quantities.HEADS and right.head not in quantities.HEADS:
        return None
    for node, other in ((left, right), (right, left)):
        value = relations.value_of(node)
        if value is not None and not relations.is_equation(other):
            return compare(value, other)
    for node, other in ((left, right), (right, left)):
        if node.head in ("and", "or", "set") and other.head == "quantity":
            return compare(node, canonical(other.args[0]))
    return quantities.marked(left, right, compare)


def _assigned(left: Node, right: Node) -> Verdict | None:
    """x = 1, y = 2 against the same in another order, or against (1, 2)."""
    a, b = relations.assignments(left), relations.assignments(right)
    if a is not None and b is not None:
        return relations.same_assignments(a, b, compare)
    for table, other in ((a, right), (b, left)):
        if table is None:
            continue
        value = relations.value_of(other) or other
        if value.head in ("tuple", "and", "bracket"):
            ordered = tuple(table[name] for name in sorted(table))
            return in_order(ordered, value.args, compare)
    return None


def _relations(left: Node, right: Node) -> Verdict | None:
    a, b = relations.is_equation(left), relations.is_equation(right)
    if a and b:
        return relations.equations(left, right, compare)
    if a or b:
        equation, other = (left, right) if a else (right, left)
        if other.head in ("and", "or") and any(map(relations.is_equation, other.args)):
            return None
        value = relations.value_of(equation)
        if value is not None:
            return compare(value, other)
        return undecided("an equation against a value") if is_value(other) else None
    if left.head == right.head == "rel" and len(symbols(left) | symbols(right)) != 1:
        return relations.inequalities(left, right)
    return None


def _is_comparison(node: Node) -> bool:
    if node.head == "rel":
        return bool(set(node.value) & _COMPARISONS) or node.value in (("\\in",), ("\\notin",))
    return node.head in ("and", "or") and any(map(_is_comparison, node.args))


def _real_sets(left: Node, right: Node) -> Verdict | None:
    """Where at least one side is surely a set of reals (an interval, a comparison, a builder)."""
    left, right = _line_for(left, right), _line_for(right, left)
    if not any(node.head in _SETS or _is_comparison(node) for node in (left, right)):
        return None
    try:
        return realset.equal_sets(realset.of(_as_set(left)), realset.of(_as_set(right)))
    except realset.NoSet:
        pass
    if left.head == right.head == "rel":
        return relations.inequalities(left, right)
    if _members(left) is not None and _members(right) is not None:
        return None
    if left.head == right.head and left.head in _SETS and left.value == right.value:
        found = in_order(left.args, right.args, compare)
        return found if found.state == "correct" else undecided("sets that cannot be compared")
    return undecided("sets that cannot be compared")


def _line_for(node: Node, other: Node) -> Node:
    """A bare R against a set of reals is the line."""
    real = other.head in _SETS or other.head in ("tuple", "empty") or _is_comparison(other)
    return Node("all") if node == sym("R") and real else node


def _as_set(node: Node) -> Node:
    """A lone value or list of values is the set of them."""
    if is_value(node):
        return Node("set", (node,))
    if node.head in ("and", "or") and not _is_comparison(node):
        return Node("set", tuple(_member_values(node)))
    return node


def _matrices(left: Node, right: Node) -> Verdict | None:
    if "matrix" not in (left.head, right.head):
        return None
    if left.head == right.head:
        ours, theirs = _vector(left), _vector(right)
        if ours and len(left.args) != len(right.args) and len(ours) == len(theirs):
            found = in_order(ours, theirs, compare)
            return undecided("a row against a column") if found.state == "correct" else found
        return in_order(left.args, right.args, lambda a, b: in_order(a.args, b.args, compare))
    matrix, other = (left, right) if left.head == "matrix" else (right, left)
    if other.head in ("tuple", "bracket", "and"):
        flat = _vector(matrix)
        return in_order(flat, other.args, compare) if flat else incorrect("a matrix against a list")
    return incorrect("a matrix against something else")


def _vector(matrix: Node) -> tuple[Node, ...]:
    """The entries of a single row or column."""
    rows = matrix.args
    if len(rows) == 1:
        return rows[0].args
    return tuple(row.args[0] for row in rows) if len(rows[0].args) == 1 else ()


def _members(node: Node) -> tuple[Node, ...] | None:
    """The values of a set, a list or a set of solutions; None for anything else."""
    if node.head in ("set", "and", "or"):
        return tuple(_member_values(node))
    if node.head == "rel" and node.value == ("\\in",) and node.args[1].head == "set":
        return node.args[1].args
    return () if node.head == "empty" else None


def _member_values(node: Node) -> list[Node]:
    out: list[Node] = []
    for arg in node.args:
        table = relations.assignments(arg)
        if table is not None:
            out.append(Node("tuple", tuple(table[name] for name in sorted(table))))
            continue
        value = canonical(relations.value_of(arg) or arg)
        out.extend(_member_values(value) if value.head in ("and", "or") else [value])
    return out


def _solutions(left: Node, right: Node) -> Verdict | None:
    """Sets and lists of solutions, in any order. Braces drop repetitions; bare lists count them."""
    a, b = _members(left), _members(right)
    if a is not None and b is not None:
        if {left.head, right.head} == {"and", "or"} and all(arg.head == "sym" for arg in left.args):
            return undecided("p and q against p or q")
        if {left.head, right.head} & {"set", "empty", "rel"}:
            return in_any_order(distinct(a, compare), distinct(b, compare), compare)
        return in_any_order(a, b, compare)
    if a is not None:
        return _list_against(left, a, right)
    return _list_against(right, b, left) if b is not None else None


def _list_against(node: Node, members: tuple[Node, ...], other: Node) -> Verdict:
    """A list or set against something that is neither."""
    bare = node.head == "and"
    if len(members) == 1 and members[0].head == other.head == "tuple":  # {(1, 2)}
        return compare(members[0], other)
    if other.head == "bracket" and len(other.args) == 2:
        return undecided("a list against an interval") if bare else incorrect("a set, an interval")
    if other.head in ("tuple", "bracket"):
        return in_order(members, other.args, compare) if bare else incorrect("a set, a tuple")
    if node.head == "or":  # "1/2 or 0.5"
        members = tuple(distinct(members, compare))
    if len(members) == 1:
        return compare(members[0], other)
    if relations.is_equation(other) and not relations.is_name(other.args[0]):
        return undecided("an equation against values")
    return incorrect(f"{len(members)} values against one")


def _tuples(left: Node, right: Node) -> Verdict | None:
    heads = {left.head, right.head}
    if not heads <= {"tuple", "bracket"}:
        return None
    if len(heads) == 2 and len(left.args) == 2:
        return incorrect("an open interval or pair against a closed interval")
    return in_order(left.args, right.args, compare)


_RULES = (
    _letters,
    _choices,
    _words,
    _dates,
    _families,
    _antiderivatives,
    _components,
    _degrees,
    _marked,
    _assigned,
    _relations,
    _real_sets,
    _matrices,
    _solutions,
    _tuples,
)
