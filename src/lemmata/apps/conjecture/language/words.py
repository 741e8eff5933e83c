"""A conjecture in plain words, for a person to confirm before anything is searched."""

from __future__ import annotations

from typing import ClassVar, Literal

from lemmata.apps.conjecture.language.functions import FUNCTIONS
from lemmata.apps.conjecture.language.spec import Spec, Variable, grouped
from lemmata.apps.conjecture.language.syntax import (
    Bind,
    Call,
    Compare,
    Connect,
    Name,
    Negate,
    Node,
    Not,
    Number,
    Operate,
    conjuncts,
)
from lemmata.apps.conjecture.language.write import write

Language = Literal["en", "zh"]
_LINKS = {"and", "or", "<->"}


def spoken(spec: Spec, language: Language = "en") -> str:
    """One sentence: the domain, the guard, the claim."""
    voice = _CHINESE if language == "zh" else _ENGLISH
    return voice.spec(spec)


class _Voice:
    """What both languages share: which nodes are read aloud and which are left as formulas."""

    functions: ClassVar[dict[str, str]]
    connectives: ClassVar[dict[str, str]]
    relations: ClassVar[dict[str, str]]

    def spec(self, spec: Spec) -> str:
        raise NotImplementedError

    def denied(self, node: Node) -> str:
        raise NotImplementedError

    def bound(self, node: Bind) -> str:
        raise NotImplementedError

    def truth(self, node: Node) -> str:
        match node:
            case Not(operand):
                return self.denied(operand)
            case Connect(op, left, right):
                return self.connectives[op].format(self._part(left, op), self._part(right, op))
            case Compare(op, left, right):
                return self.relations[op].format(self.value(left), self.value(right))
            case Call(function, arguments):
                return self.functions[function].format(*map(self.value, arguments))
            case Bind():
                return self.bound(node)
        return self.value(node)

    def _part(self, node: Node, around: str = "and") -> str:
        text = self.truth(node)
        if isinstance(node, Bind) and node.kind in {"exists", "forall"} and around in _LINKS:
            return f"({text})"  # a quantifier reaches as far as the sentence does
        if not isinstance(node, Connect):
            return text
        alike = node.op == around and around in {"and", "or"}
        bare = alike or (node.op == "and" and around in {"and", "->", "<->"})
        return text if bare else f"({text})"

    def value(self, node: Node) -> str:
        """A value: formulas as they are written, functions by their names."""
        match node:
            case Call(function, arguments) if FUNCTIONS[function].variadic:
                return self.functions[function].format(", ".join(map(self.value, arguments)))
            case Call(function, arguments):
                return self.functions[function].format(*map(self.value, arguments))
            case Bind():
                return self.bound(node)
            case Negate() | Operate() if any_calls(node):
                return self._formula(node)
            case _:
                return write(node)

    def _formula(self, node: Node) -> str:
        match node:
            case Negate(operand):
                return f"-{self._factor(operand)}"
            case Operate(op, left, right):
                return f"{self._factor(left)} {op} {self._factor(right)}"
        return self.value(node)

    def _factor(self, node: Node) -> str:
        text = self.value(node)
        return text if isinstance(node, Number | Name) else f"({text})"


def any_calls(node: Node) -> bool:
    """Whether words occur in the node, so that it is no plain formula."""
    match node:
        case Call() | Bind():
            return True
        case Operate(_, left, right):
            return any_calls(left) or any_calls(right)
        case Negate(operand):
            return any_calls(operand)
        case _:
            return False


class _English(_Voice):
    functions: ClassVar[dict[str, str]] = {
        name: function.english for name, function in FUNCTIONS.items()
    }
    connectives: ClassVar[dict[str, str]] = {
        "and": "{0} and {1}", "or": "{0} or {1}",
        "->": "if {0}, then {1}", "<->": "{0} if and only if {1}",
    }  # fmt: skip
    relations: ClassVar[dict[str, str]] = {
        "=": "{0} equals {1}", "!=": "{0} is not equal to {1}", "<": "{0} is less than {1}",
        "<=": "{0} is at most {1}", ">": "{0} is greater than {1}", ">=": "{0} is at least {1}",
    }  # fmt: skip

    def spec(self, spec: Spec) -> str:
        domain = " and ".join(map(self._domain, grouped(spec.variables)))
        guard = ""
        if spec.guard is not None:
            guard = f" such that {' and '.join(self._part(p) for p in conjuncts(spec.guard))}"
        return f"For every {domain}{guard}: {self.truth(spec.claim)}."

    def _domain(self, group: tuple[list[str], Variable]) -> str:
        names, variable = group
        name = ", ".join(names)
        if variable.sort == "graph":
            return f"graph {name}{_vertices(variable)}"
        low, high = variable.low, variable.high
        if low is None and high is None:
            return f"{variable.sort} {name}"
        if low is not None and high is not None:
            return f"{variable.sort} {name} from {low} to {high}"
        side = f"at least {low}" if low is not None else f"at most {high}"
        return f"{variable.sort} {name} {side}"

    def denied(self, node: Node) -> str:
        text = self.truth(node)
        if isinstance(node, Call) and " is " in text:
            head, tail = FUNCTIONS[node.function].english.split(" is ", 1)
            return f"{head} is not {tail}".format(*map(self.value, node.arguments))
        return f"it is not true that {self._part(node, 'not')}"

    def bound(self, node: Bind) -> str:
        span = f"{node.name} from {self.value(node.low)} to {self.value(node.high)}"
        body = self.truth(node.body)
        return {
            "exists": f"there is an integer {span} such that {body}",
            "forall": f"for every integer {span}, {body}",
            "count": f"the number of integers {span} such that {body}",
            "sum": f"the sum of {body} over {span}",
            "product": f"the product of {body} over {span}",
            "min": f"the least {body} over {span}",
            "max": f"the greatest {body} over {span}",
        }[node.kind]


class _Chinese(_Voice):
    functions: ClassVar[dict[str, str]] = {
        name: function.chinese for name, function in FUNCTIONS.items()
    }
    connectives: ClassVar[dict[str, str]] = {
        "and": "{0}且{1}", "or": "{0}或{1}", "->": "若{0}，则{1}", "<->": "{0}当且仅当{1}",
    }  # fmt: skip
    relations: ClassVar[dict[str, str]] = {
        "=": "{0}等于{1}", "!=": "{0}不等于{1}", "<": "{0}小于{1}",
        "<=": "{0}不超过{1}", ">": "{0}大于{1}", ">=": "{0}不小于{1}",
    }  # fmt: skip

    def spec(self, spec: Spec) -> str:
        domain = "、".join(map(self._domain, grouped(spec.variables)))
        guard = ""
        if spec.guard is not None:
            guard = f"，只要{'且'.join(self._part(p) for p in conjuncts(spec.guard))}"
        return f"对每个{domain}{guard}：{self.truth(spec.claim)}。"

    def _domain(self, group: tuple[list[str], Variable]) -> str:
        names, variable = group
        name = "、".join(names)
        low, high = variable.low, variable.high
        if variable.sort == "graph":
            span = _chinese_span(low if high is not None or (low or 0) > 1 else None, high)
            return f"{span + '个顶点的' if span else ''}图 {name}"
        kind = "整数" if variable.sort == "integer" else "实数"
        span = _chinese_span(low, high)
        return f"{span + '的' if span else ''}{kind} {name}"

    def denied(self, node: Node) -> str:
        text = self.truth(node)
        if isinstance(node, Call) and "是" in text:
            head, tail = FUNCTIONS[node.function].chinese.split("是", 1)
            return f"{head}不是{tail}".format(*map(self.value, node.arguments))
        return f"并非{self._part(node, 'not')}"

    def bound(self, node: Bind) -> str:
        span = f"{self.value(node.low)}到{self.value(node.high)}的整数 {node.name}"
        body = self.truth(node.body)
        return {
            "exists": f"存在{span}，使得{body}",
            "forall": f"对每个{span}，{body}",
            "count": f"使得{body}的{span}的个数",
            "sum": f"{body}对{span}的和",
            "product": f"{body}对{span}的积",
            "min": f"{body}对{span}的最小值",
            "max": f"{body}对{span}的最大值",
        }[node.kind]


def _vertices(variable: Variable) -> str:
    low, high = variable.low, variable.high
    if low is not None and high is not None:
        span = str(low) if low == high else f"{low} to {high}"
        return f" with {span} vertices"
    if low is not None and low > 1:
        return f" with at least {low} vertices"
    return f" with at most {high} vertices" if high is not None else ""


def _chinese_span(low: object, high: object) -> str:
    if low is not None and high is not None:
        return f"{low}" if low == high else f"{low}到{high}"
    if low is not None:
        return f"不小于{low}"
    return f"不超过{high}" if high is not None else ""


_ENGLISH, _CHINESE = _English(), _Chinese()
