from __future__ import annotations

from lemmata.apps.notes.callout import answer
from lemmata.apps.notes.passage import Passage
from lemmata.types import Solution, Step, Verdict
from lemmata.verify import verify_steps

VIETA = Passage(
    "Algebra/Quadratics.md", "Algebra/Quadratics#^vieta", "Quadratics",
    "Vieta's formulas: the roots add up to minus b and multiply to c.", "note",
)  # fmt: skip
OTHER = Passage("Other.md", "Other#^lm-1", "", "Bananas are yellow.", "search", 3)


def solved(text: str, value: str | None = "5", language: str = "en") -> Solution:
    steps = verify_steps(text).steps
    return Solution("q", text, value, Verdict("checked", "why"), steps, language=language)


def test_marks_stand_beside_what_was_checked_only() -> None:
    made = answer("Sum?", solved("2 + 3 = 5. Nice weather today. 2 + 2 = 5."), ())
    lines = made.markdown.split("\n")
    assert lines[0] == "> [!lemmata] Sum?"
    assert lines[1] == "> - ✓ 2 + 3 = 5."
    assert lines[2] == "> - ○ Nice weather today."
    assert lines[3].startswith("> - ✗ 2 + 2 = 5. (")
    assert "4, not 5" in lines[3]
    assert "> **Answer:** 5  " in lines
    assert made.cited == ()


def test_citations_become_links_and_unknown_ones_do_not() -> None:
    made = answer("q", solved("The sum is minus b [1]. See [7]. Hence [2][1]."), (VIETA, OTHER))
    assert "The sum is minus b ([[Algebra/Quadratics#^vieta|1]])." in made.markdown
    assert r"See \[7\]." in made.markdown
    assert made.cited == (0, 1)


def test_a_step_that_says_the_same_as_a_note_is_linked_to_it() -> None:
    said = "By Vieta's formulas the roots add up to minus b and multiply to c."
    made = answer("q", solved(said), (OTHER, VIETA))
    assert made.cited == (1,)
    assert "[[Other|Other]]" in made.markdown, "what was read is told, without a block id"


def test_no_target_breaks_out_of_its_link() -> None:
    bad = Passage("x]] <img src=x>.md", "x]] <img src=x>#^a", "", "text", "search")
    made = answer("q", solved("It is so [1]."), (bad,))
    assert "<" not in made.markdown
    assert "[[" not in made.markdown
    assert made.cited == ()


def test_programs_stay_whole_and_chinese_is_answered_in_chinese() -> None:
    text = "程序：\n```python\nprint(2 + 2)\n```\n3 + 5 = 8。"
    made = answer("问", solved(text, "8", "zh"), ())
    assert "> ```python\n> print(2 + 2)\n> ```\n" in made.markdown
    assert "> - ✓ 3 + 5 = 8。" in made.markdown
    assert "**答案:** 8" in made.markdown


def test_a_number_of_the_notes_that_is_only_said_again_gets_no_mark() -> None:
    """The verdict came with the prompt's numbers known, 8 among them."""
    solution = Solution("7 by 8?", "The answer is: 8", "8", Verdict("checked", "every step"))
    made = answer("7 by 8?", solution, ())
    assert "> - ○ The answer is: 8" in made.markdown
    assert "unverified (not every step computes what it says)" in made.markdown
    made = answer("q", solved("2 + 3 = 5. The answer is 5."), ())
    assert "> - ✓ The answer is 5." in made.markdown
    assert "checked (why)" in made.markdown


def test_a_solution_is_not_believed_about_its_steps() -> None:
    steps = (Step("<b>x</b>", "holds", claims=1),)
    hostile = Solution("q", "<b>x</b>", "</b>", Verdict("unverified", "![[x]]"), steps)
    made = answer("a\n> [[b]] <i>", hostile, ())
    assert "<" not in made.markdown
    assert "[[" not in made.markdown
    assert made.markdown.count("✓") == 1, "in the legend"


def test_nothing_of_an_answer_is_lost() -> None:
    text = "First 2 + 3\n= 5.\n```python\nx = 1\n```\n$$\na = 1\n$$\nSame. Same.\n\n2 + 3\n= 5"
    markdown = answer("q", solved(text), ()).markdown
    for part in (
        "✓ First 2 + 3 = 5.",
        "x = 1",
        "$$a = 1$$",
        "○ Same.\n> - ○ Same.",
        "✓ 2 + 3 = 5\n",
    ):
        assert part in markdown, part


def test_a_program_that_was_run_has_its_mark() -> None:
    code = "def f(n):\n    return n"
    text = f"Like so:\n```python\n{code}\n```\n```python\nprint(f(1))\n```"
    for state, mark in (("checked", "✓"), ("refuted", "✗"), ("unverified", "○")):
        verdict = Verdict(state, "passes 2/3 examples")  # type: ignore[arg-type]
        made = answer("q", Solution("q", text, f"{code}\n", verdict), ())
        assert f"> ```\n> - {mark} passes 2/3 examples\n> ```python\n> print" in made.markdown
        assert made.markdown.count("passes 2/3") == 2, "beside it, and in the verdict"


def test_a_chinese_callout_gives_its_reasons_in_chinese() -> None:
    made = answer("几？", solved("2 * 3 = 7。", "7", "zh"), ())
    assert "> - ✗ 2 \\* 3 = 7。 (2 \\* 3 = 7：正确的值是 6，不是 7)" in made.markdown
    unsure = Solution("q", "x。", "5", Verdict("unverified", "no two of 3 derivations agree"),
                      (), language="zh")  # fmt: skip
    assert "未验证 (3 个推导的答案各不相同)" in answer("q", unsure, ()).markdown
    why = "step 2 fails: 1 = 3: the value is 1, not 3"
    refuted = Solution("q", "x。", "5", Verdict("refuted", why), (), language="zh")
    assert "被否定 (第 2 步有误：1 = 3：正确的值是 1，不是 3)" in answer("q", refuted, ()).markdown


def test_notes_that_were_read_are_named_once() -> None:
    more = [
        Passage(
            "Deep/Sums.md", f"Deep/Sums#^lm-{n}", f"Part {n}", "Bananas are green.", "search", 3
        )
        for n in range(3)
    ]
    made = answer("q", solved("The sum is minus b [2]. 2 + 3 = 5."), (more[0], VIETA, *more[1:]))
    (read,) = [line for line in made.markdown.split("\n") if line.startswith("> **Read:**")]
    assert read.strip() == (
        "> **Read:** 1 3 4 [[Deep/Sums|Sums]], 2 [[Algebra/Quadratics#^vieta|Quadratics]]"
    )
