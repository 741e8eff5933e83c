"""One attack: a program in `cases/`, with what it proves in its first comment.

The files end in .txt so that nothing but the sandbox ever runs, imports or collects them. Below the
property stand `key: value` lines:

    expect     a verdict for each test; a|b allows either
    tests      how many tests (1)
    kind       stdio (default), call (of f) or asserts (about f)
    stdin      facts (a JSON object about the machine), numbered ("1", "2", …), or nothing
    expected   for calls: the expected value as Python; stdio always expects "held"
    args       for calls: the arguments as a Python list
    assertions for asserts: the test code
    limits     JSON, changes to LIMITS below
    needs      landlock N: the lowest ABI with which the property holds
    machine    the processor whose system call numbers it uses
    absent     a text that must not be in any output
    seconds    the most that one test may take on the clock
"""

from __future__ import annotations

import ast
import json
from dataclasses import dataclass, replace
from pathlib import Path

from lemmata.verify import Asserts, Call, Limits, Stdio
from lemmata.verify.cases import Test

CASES = Path(__file__).with_name("cases")
LIMITS = Limits(time_s=2, wall_s=20, memory_mib=256, output_kib=1024, processes=32)
LANGUAGES = {".py.txt": "python", ".cpp.txt": "cpp"}


@dataclass(frozen=True)
class Case:
    name: str
    program: str
    language: str
    proves: str
    head: dict[str, str]

    @classmethod
    def read(cls, path: Path) -> Case:
        text = path.read_text(encoding="utf-8")
        language = LANGUAGES["".join(path.suffixes)]
        opening, closing = ('"""', '"""') if language == "python" else ("/*", "*/")
        comment, _, program = text[len(opening) :].partition(closing)
        said, _, keys = comment.strip().partition("\n\n")
        head = dict(line.split(": ", 1) for line in keys.splitlines())
        return cls(path.name.partition(".")[0], program, language, said, head)

    @property
    def limits(self) -> Limits:
        return replace(LIMITS, **json.loads(self.head.get("limits", "{}")))

    @property
    def expect(self) -> list[set[str]]:
        return [set(each.split("|")) for each in self.head["expect"].split()]

    @property
    def landlock(self) -> int:
        return int(self.head.get("needs", "landlock 0").split()[1])

    def tests(self, facts: dict[str, object]) -> list[Test]:
        return [self._test(number, facts) for number in range(1, len(self.expect) + 1)]

    def _test(self, number: int, facts: dict[str, object]) -> Test:
        if self.head.get("kind") == "call":
            args = tuple(ast.literal_eval(self.head.get("args", "[]")))
            return Call("f", args, ast.literal_eval(self.head["expected"]))
        if self.head.get("kind") == "asserts":
            return Asserts("f", self.head["assertions"].replace("\\n", "\n"))
        stdin = {"facts": json.dumps(facts), "numbered": f"{number}\nsecret-of-test-{number}\n"}
        return Stdio(stdin.get(self.head.get("stdin", ""), ""), "held\n")


def every_case() -> list[Case]:
    return [Case.read(path) for path in sorted(CASES.glob("*.txt"))]
