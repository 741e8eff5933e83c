"""From a TODO to proposals: prescribed texts, run in the real sandbox; and one real model."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from lemmata.apps.complete import near, target
from lemmata.apps.complete.complete import Completion, asked, complete, resumed
from lemmata.apps.complete.proposal import idea_of
from lemmata.apps.complete.target import Place
from lemmata.engines.base import Sampling
from lemmata.errors import BadInput
from lemmata.models.stored import StoredModel
from lemmata.solve import Control, Journal, Notice, Options, Piece, Trial
from lemmata.verify.sandbox import level
from scripted import ScriptedEngine

pytestmark = pytest.mark.skipif(level().rung == "none", reason="no sandbox on this machine")

FILE = '''def largest_gap(values: list[int]) -> int:
    """The largest difference of neighbours in sorted order.

    >>> largest_gap([3, 1, 8])
    5
    """
    # TODO: sort first; largest_gap([4]) == 0
    raise NotImplementedError
'''
SORTED = (
    "Sort, then look at neighbours: O(n log n).\n```python\n"
    "def largest_gap(values):\n    order = sorted(values)\n    best = 0\n"
    "    for i in range(1, len(order)):\n        best = max(best, order[i] - order[i - 1])\n"
    "    return best\n```"
)
PAIRS = (
    "Compare with the next one up, in O(n^2).\n```python\n"
    "best = 0\nfor a in values:\n    above = [b for b in values if b > a]\n"
    "    for b in above:\n        if b < min(above) + 1:\n            best = max(best, b - a)\n"
    "return best\n```"
)
UNSORTED = (
    "Look at neighbours.\n```python\ndef largest_gap(values):\n"
    "    return max(abs(a - b) for a, b in zip(values, values[1:]))\n```"
)
NO_CODE = "I would sort them."


def go(replies: list[str], text: str = FILE, path: str = "gap.py", **more: Any) -> list[Any]:
    found = target.find(path, text, more.pop("place", None))
    what = asked(found, more.pop("candidates", len(replies)), more.pop("how", Options()))
    engine = more.pop("engine", None) or ScriptedEngine(replies, more.pop("delay", 0.0))

    async def run() -> list[Any]:
        return [event async for event in complete(found, engine, what, **more)]

    return asyncio.run(run())


def completion(replies: list[str], *words: Any, **more: Any) -> Completion:
    last = go(replies, *words, **more)[-1]
    assert isinstance(last, Completion)
    return last


def test_candidates_are_run_and_grouped_by_what_they_do() -> None:
    made = completion([SORTED, PAIRS, UNSORTED, NO_CODE])
    best, worst = made.proposals
    assert (best.passed, best.examples, best.alike) == (2, 2, 2)
    assert (best.ran, best.inputs, best.verdict.state) == (12, 12, "checked")
    assert best.idea.startswith(("Sort, then", "Compare with"))
    assert best.complexity in {"n", "n log n", "n^2"}
    assert "2/2 examples pass; 12/12 generated inputs end well; O(" in best.line
    assert (worst.passed, worst.verdict.state, worst.alike) == (0, "refuted", 1)
    assert worst.first_failure.startswith("example 1: WA returned 7")
    assert set(made.refused) <= {"it wrote no block of code"}
    assert (made.line, made.function, made.language) == (7, "largest_gap", "python")


def test_the_edit_makes_the_file_of_the_diff() -> None:
    (best,) = completion([SORTED]).proposals
    lines = FILE.splitlines(keepends=True)
    for edit in reversed(best.edits):
        lines[edit.first : edit.last] = [edit.text]
    assert "".join(lines) == best.text
    assert best.diff.startswith("--- a/gap.py\n+++ b/gap.py\n@@ -4,5 +4,8 @@\n")
    assert "-    # TODO: sort first; largest_gap([4]) == 0\n" in best.diff
    assert best.text.endswith("    return best\n")


def test_the_idea_is_what_is_said_beside_the_code() -> None:
    assert idea_of("Here is the code:\n```python\nx\n```\nIt adds.\n\nMore.") == "It adds."
    assert idea_of("Here is the code:\n```python\nx\n```") == "Here is the code:"
    assert idea_of("```python\nx\n```") == ""
    assert idea_of("In a ```python block.\n```python\nx\n```") == "In a ```python block."
    assert idea_of("word " * 200).endswith("word …")


def test_claimed_and_measured_stand_side_by_side() -> None:
    slow = SORTED.replace("O(n log n)", "O(1)")
    (best,) = completion([slow]).proposals
    assert best.claimed == "1"
    assert best.complexity == "n log n"
    assert best.measured_by == "steps"


def test_line_ends_stay_as_they_are() -> None:
    (best,) = completion([SORTED], FILE.replace("\n", "\r\n")).proposals
    assert best.text.count("\r\n") == best.text.count("\n") > 8


def test_without_examples_agreement_is_what_there_is() -> None:
    text = "def twice(n: int) -> int:\n    # TODO: 2n\n"
    sums = "Add.\n```python\nreturn n + n\n```"
    products = "Multiply.\n```python\nreturn 2 * n\n```"
    (best,) = completion([sums, products], text).proposals
    assert (best.alike, best.verdict.state, best.examples) == (2, "agreed", 0)
    assert best.line.startswith("no example; 12/12 generated inputs end well")


def test_a_language_that_is_not_run_says_so() -> None:
    text = "function twice(n) {\n  // TODO: 2n\n}\n"
    (best,) = completion(["Add.\n```js\nreturn n + n;\n```"], text, "a.js").proposals
    assert best.line == "not run: javascript is not run here"
    assert best.verdict.state == "unverified"
    assert best.text == "function twice(n) {\n  return n + n;\n}\n"


def test_cpp_runs_on_its_input_and_output() -> None:
    text = (
        "#include <iostream>\nint main() {\n    long n; std::cin >> n;\n"
        "    /* TODO: print 2n\n    Input\n    4\n    Output\n    8\n    */\n}\n"
    )
    right = "Double it.\n```cpp\nstd::cout << 2 * n;\n```"
    (best,) = completion([right], text, "a.cpp").proposals
    assert (best.passed, best.examples, best.verdict.state) == (1, 1, "checked")
    bare = text.replace("Input\n    4\n    Output\n    8\n    ", "")
    (other,) = completion([right], bare, "a.cpp").proposals
    assert other.unrun == "the comment shows no input with its output"


def test_a_method_is_called_on_a_fresh_object() -> None:
    text = (
        "class Square:\n    side = 3\n\n    def area(self, times: int) -> int:\n"
        '        """area(2) == 18"""\n        # TODO: side squared, times over\n'
    )
    code = "Square it.\n```python\nreturn self.side ** 2 * times\n```"
    (best,) = completion([code], text).proposals
    assert (best.passed, best.examples, best.complexity) == (1, 1, "1")


def test_a_function_inside_another_is_not_run() -> None:
    text = "def f(x):\n    def g(y):\n        # TODO: y + 1\n        pass\n    return g(x)\n"
    (best,) = completion(["One more.\n```python\nreturn y + 1\n```"], text).proposals
    assert best.unrun == "g cannot be called from outside"


def test_what_never_ends_is_stopped_and_refuted() -> None:
    (best,) = completion(["Wait.\n```python\nwhile True:\n    pass\n```"]).proposals
    assert best.verdict.state == "refuted"
    assert best.first_failure.startswith("example 1: TLE")
    assert (best.passed, best.examples, best.ran, best.inputs) == (0, 2, 0, 12)


def test_a_budget_ends_the_thoughts_and_the_code_is_asked_for() -> None:
    thoughts = "<think>" + "Perhaps sorted order helps, or perhaps not. " * 20
    replies = [thoughts, SORTED.partition("```python\n")[2]]
    events = go(replies, candidates=1, how=Options(budget_tokens=100))
    assert any(isinstance(event, Notice) and event.kind == "budget" for event in events)
    assert events[-1].proposals[0].verdict.state == "checked"
    assert events[-1].reasoning.startswith("Perhaps sorted")


def test_answer_now_and_stop() -> None:
    control = Control()
    control.answer_now()
    code = SORTED.partition("```python\n")[2]
    made = completion(["<think>hm", code], candidates=1, control=control)
    assert made.proposals == () or made.proposals[0].passed == 2
    stopped = Control()
    stopped.cancel()
    assert completion([SORTED], control=stopped).stopped


def test_what_was_begun_is_gone_on_with(tmp_path: Path) -> None:
    found = target.find("gap.py", FILE)
    what = asked(found, 2, Options(), sampling=Sampling(seed=1))
    journal = Journal.create(tmp_path, what)

    async def run(again: Journal, replies: list[str], until: type) -> list[Any]:
        seen: list[Any] = []
        events = complete(found, ScriptedEngine(replies), again.asked, journal=again)
        async for event in events:
            seen.append(event)
            if isinstance(event, until):
                break
        await events.aclose()
        return seen

    asyncio.run(run(journal, [SORTED, PAIRS + "x" * 500], Trial))
    again = resumed(Journal.open(tmp_path, journal.id), found)
    seen = asyncio.run(run(again, [PAIRS], Completion))
    assert any(isinstance(event, Notice) and event.kind == "resumed" for event in seen)
    assert seen[-1].proposals[0].verdict.state == "checked"
    with pytest.raises(BadInput, match="has changed"):
        resumed(again, target.find("gap.py", FILE + "x = 1\n"))


def test_files_beside_it_are_found_and_writing_is_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    text = "import json, tools.extra\nfrom .words import speak\nfrom . import more\nimport a\n"
    for name in ("extra", "words", "more", "other"):
        (tmp_path / f"{name}.py").write_text(f"NAME = {name!r}\n")
    path.write_text(text)
    path.chmod(0o755)
    assert list(near.beside(path, text)) == ["extra.py", "words.py", "more.py"]
    near.write(path, text, "x = 1\r\n")
    assert path.read_bytes() == b"x = 1\r\n"
    assert path.stat().st_mode & 0o777 == 0o755
    with pytest.raises(BadInput, match="changed meanwhile"):
        near.write(path, text, "y = 1\n")
    assert sorted(p.name for p in tmp_path.glob(".*")) == []
    (tmp_path / "b.py").write_bytes(b"\xff")
    with pytest.raises(BadInput, match="not UTF-8"):
        near.read(tmp_path / "b.py")


@pytest.mark.model
def test_the_default_model_end_to_end(default_model: StoredModel, tmp_path: Path) -> None:
    """Whatever so small a model writes: its code is run, and what is said of it is true."""
    from lemmata.engines.llama import LlamaEngine
    from lemmata.engines.llama import Options as Loading

    text = "def double(n: int) -> int:\n    # TODO: two times n; double(3) == 6\n    pass\n"
    found = target.find("a.py", text, Place())
    what = asked(found, 2, Options(), sampling=Sampling(seed=3, max_tokens=200))

    async def run() -> list[Any]:
        loading = Loading(threads=2, cells=4096)
        engine = LlamaEngine(default_model.gguf, "m", default_model.id, tmp_path, loading)
        try:
            return [event async for event in complete(found, engine, what)]
        finally:
            await engine.close()

    events = asyncio.run(run())
    made = events[-1]
    assert isinstance(made, Completion)
    assert made.tokens > 20
    assert any(isinstance(event, Piece) for event in events)
    assert len(made.proposals) + len(made.refused) > 0
    for proposal in made.proposals:
        space: dict[str, Any] = {}
        compile(proposal.text, "a.py", "exec")
        if proposal.verdict.state == "checked":
            exec(proposal.text, space)
            assert space["double"](3) == 6
