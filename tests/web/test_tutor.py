"""Tutor in a real browser: grade, read comments and hints, define an exercise, grade a class."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from web.asking import photograph
from web.test_page import faults_of

LONG = 240_000
"""Milliseconds for submissions to be run on a machine busy with other work."""
CRASH = "def gcd(a, b):\n    while a % b:\n        a, b = b, a % b\n    return b\n"
RIGHT = "def gcd(a, b):\n    while b:\n        a, b = b, a % b\n    return a\n"


@pytest.fixture
def tutor(site: Any, visit: Callable[..., Any]) -> Callable[..., Any]:
    def open_tab(language: str = "en", exercise: str = "gcd", **options: Any) -> Any:
        server = site(["x"])
        page = visit(f"{server.url}/#tutor/{exercise}", language, **options)
        expect(page.locator("#exercise")).to_have_value(exercise)
        page.home = server.service.settings.home
        return page

    return open_tab


def grade(page: Any, text: str) -> Any:
    page.fill("#submission", text)
    page.click("#grade")
    found = page.locator("#graded")
    expect(found).to_be_visible(timeout=LONG)
    expect(page.locator("#grade")).to_be_enabled(timeout=LONG)
    return found


def test_comments_stand_beside_their_lines_with_the_run_behind_them(tutor: Any) -> None:
    page = tutor()
    found = grade(page, CRASH)
    expect(found.locator(".tag").first).to_have_text("Not passed")
    line = found.locator(".lines > li").nth(1)
    expect(line.locator("> code")).to_have_text("    while a % b:")
    expect(line.locator(".comment")).to_contain_text("ZeroDivisionError")
    facts = line.locator(".facts")
    expect(facts).to_contain_text("gcd(1, 0)")
    expect(facts).to_contain_text("Expected")
    line.get_by_text("Traced variables").click()
    expect(line.locator("details table")).to_contain_text("a = 1")
    expect(found.locator("table").first).to_contain_text("hidden")
    found.get_by_role("button", name="Hint 2").click()
    expect(found.locator(".hinted")).to_contain_text("gcd(1, 0)", timeout=LONG)
    photograph(page, "page-tutor-en-light", found)
    page.check("#as-teacher")
    mended = grade(
        page, "def gcd(a, b):\n    while b:\n        a, b = b, a % b\n    return a + 1\n"
    )
    expect(mended).to_contain_text("Mend", timeout=LONG)


def test_it_speaks_chinese_on_a_phone_in_the_dark(tutor: Any) -> None:
    size = {"width": 390, "height": 800}
    page = tutor("zh", viewport=size, color_scheme="dark")
    found = grade(page, CRASH)
    expect(found.locator(".comment")).to_contain_text("在这里停下")
    found.get_by_role("button", name="提示 1").click()
    expect(found.locator(".hinted")).to_contain_text("你的程序", timeout=LONG)
    assert faults_of(page) == []
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    photograph(page, "page-tutor-zh-dark", found.locator("h3").first)


def test_a_right_program_passes_with_its_growth_and_gets_no_hints(tutor: Any) -> None:
    page = tutor("zh", "sum-of-list")
    text = "def total(numbers):\n    return sum(numbers)\n"
    page.focus("#submission")
    page.fill("#submission", text)
    page.press("#submission", "Control+Enter")
    found = page.locator("#graded")
    expect(found).to_be_visible(timeout=LONG)
    expect(found.locator(".tag").first).to_have_text("通过", timeout=LONG)
    expect(found).to_contain_text("实测复杂度")
    expect(found.get_by_role("button")).to_have_count(0)


def test_a_derivation_shows_its_first_wrong_step(tutor: Any) -> None:
    page = tutor(exercise="two-equations")
    found = grade(page, "20 + 4 = 26. The answer is \\boxed{13}.")
    expect(found).to_contain_text("The first wrong step is step 1.")
    expect(found.locator("li.fails .why")).to_contain_text("24")
    expect(found.locator(".comment")).to_contain_text("Step 1 does not hold")
    expect(found).not_to_contain_text("12")
    found.get_by_role("button", name="Hint 3").click()
    expect(found.locator(".hinted")).to_contain_text("line 1", timeout=LONG)
    page.check("#as-teacher")
    expect(grade(page, "The answer is \\boxed{13}.")).to_contain_text("Right answer", timeout=LONG)


CPP = """#include <iostream>
#include <vector>

int main() {
    int n, t;
    std::cin >> n >> t;
    std::vector<int> a(n);
    for (int& x : a) std::cin >> x;
    int count = 0;
    for (int i = 0; i <= n; i++) {
        if (a[i] > t) count++;
    }
    std::cout << count << "\\n";
}
"""


def test_a_cpp_program_gets_comments_on_its_lines(tutor: Any, tmp_path: Path) -> None:
    page = tutor(exercise="read-and-count")
    expect(page.locator(".about-exercise .call")).to_have_text(["3 4 ⏎ 3 8 5"])
    (tmp_path / "mine.cpp").write_text(CPP, encoding="utf-8")
    page.set_input_files("#submission-file", tmp_path / "mine.cpp")
    expect(page.locator("#program")).to_have_value("cpp")
    expect(page.locator("#submission")).to_have_value(CPP)
    page.click("#grade")
    found = page.locator("#graded")
    expect(found).to_be_visible(timeout=LONG)
    line = found.locator(".lines > li").nth(10)
    expect(line.locator(".comment")).to_contain_text("an index or an iterator beyond the end")
    expect(line.locator(".facts")).to_contain_text("0 0")
    photograph(page, "page-tutor-cpp", found)


def test_a_program_that_reads_is_defined(tutor: Any) -> None:
    page = tutor()
    page.get_by_role("button", name="New exercise").click()
    form = page.locator("#exercise-form")
    page.fill("#exercise-name", "twice")
    page.fill("#exercise-title", "Twice")
    page.fill("#exercise-statement", "Read n and write 2n.")
    form.get_by_label("Style").select_option("stdin")
    expect(page.locator("#exercise-function")).to_be_hidden()
    page.fill("#exercise-layout", "m")
    page.fill("#exercise-reference", "print(2 * int(input()))\n")
    page.locator("#exercise-tests input").first.fill("3")
    page.click("#save-exercise")
    expect(form.locator(".fault")).to_contain_text("layout names m, no input", timeout=LONG)
    page.fill("#exercise-layout", "n")
    page.click("#save-exercise")
    expect(page.locator("#exercise")).to_have_value("twice", timeout=LONG)
    expect(page.locator(".about-exercise .call")).to_have_text(["3"])
    found = grade(page, "print(int(input()) + 2)\n")
    expect(found.locator(".comment").first).to_contain_text("is expected")


def test_a_class_is_there_again_after_a_reload_until_it_is_forgotten(
    tutor: Any, tmp_path: Path
) -> None:
    page = tutor(exercise="two-equations")
    for student, text in {"Ann": "\\boxed{12}", "Bo": "20 + 4 = 26, so \\boxed{13}"}.items():
        (tmp_path / f"{student}.txt").write_text(text, encoding="utf-8")
    page.set_input_files("#class-files", sorted(tmp_path.glob("*.txt")))
    room = page.locator("#class")
    room.get_by_role("button", name="Grade the class").click()
    expect(room.locator(".clusters").first).to_contain_text("wrong step · 1", timeout=LONG)
    page.reload()
    expect(room.locator("tbody tr")).to_have_count(2, timeout=LONG)
    expect(room.locator("tbody tr").first).to_contain_text("Passed")
    photograph(page, "page-tutor-class", room)
    page.on("dialog", lambda dialog: dialog.accept())
    room.get_by_role("button", name="Forget this class").click()
    expect(room.locator("tbody tr")).to_have_count(0)


def test_a_broken_exercise_is_named_and_the_others_stay(tutor: Any) -> None:
    page = tutor()
    folder = page.home / "exercises" / "broken"
    folder.mkdir(parents=True)
    (folder / "exercise.toml").write_text("title =", encoding="utf-8")
    page.reload()
    expect(page.locator(".fault", has_text="broken cannot be used: cannot read")).to_be_visible()
    expect(page.locator("#exercise")).to_have_value("gcd")


def test_an_exercise_is_defined_used_and_removed(tutor: Any) -> None:
    page = tutor()
    page.get_by_role("button", name="New exercise").click()
    page.fill("#exercise-name", "double")
    page.fill("#exercise-title", "Double it")
    page.fill("#exercise-statement", "Write `double(n)` that returns 2n.")
    page.fill("#exercise-function", "double")
    page.fill("#exercise-reference", "def double(n):\n    while True:\n        pass\n")
    page.locator("#exercise-tests input").first.fill("3")
    page.get_by_role("button", name="Add a test").click()
    page.locator("#exercise-tests .row").nth(1).locator("input").first.fill("3171")
    form = page.locator("#exercise-form")
    form.get_by_label("Hints up to level").select_option("1")
    page.click("#save-exercise")  # its reference never ends: refused, and nothing is lost
    expect(form.locator(".fault")).to_contain_text("TLE", timeout=LONG)
    page.fill("#exercise-reference", "def double(n):\n    return 2 * n\n")
    page.click("#save-exercise")
    expect(page.locator("#exercise")).to_have_value("double", timeout=LONG)
    expect(page.locator(".about-exercise .call")).to_have_text(["double(3)"])
    found = grade(page, "def double(n):\n    return 2 * n + 1\n")
    expect(found.get_by_role("button", name="Hint 1")).to_be_visible()
    expect(found.get_by_role("button", name="Hint 2")).to_have_count(0)
    expect(found).not_to_contain_text("3171")
    expect(found).not_to_contain_text("Traced variables")
    page.get_by_role("button", name="Change it").click()
    expect(page.locator("#exercise-tests .row")).to_have_count(2)
    page.on("dialog", lambda dialog: dialog.accept())
    form.get_by_role("button", name="Remove", exact=True).last.click()
    expect(page.locator("#exercise option[value=double]")).to_have_count(0)


def test_a_class_is_graded_compared_and_exported(tutor: Any, tmp_path: Path) -> None:
    page = tutor()
    twin = CRASH.replace("a, b", "x, y").replace("a % b", "x % y").replace("return b", "return y")
    for student, text in {"Ann": RIGHT, "Bo": CRASH, "Cy": twin, "Dee": ""}.items():
        (tmp_path / f"{student}.py").write_text(text, encoding="utf-8")
    page.set_input_files("#class-files", sorted(tmp_path.glob("*.py")))
    page.get_by_role("button", name="Grade the class").click()
    room = page.locator("#class")
    expect(room.locator(".clusters").first).to_contain_text("Bo, Cy", timeout=LONG)
    expect(room.locator("tbody tr")).to_have_count(4)
    expect(room.locator("tbody tr").nth(3)).to_contain_text("the submission is empty")
    with page.expect_download() as download:
        room.get_by_role("button", name="CSV").click()
    assert download.value.path().read_text("utf-8").startswith("student,verdict")
    with page.expect_download() as download:
        room.get_by_role("button", name="Markdown").click()
    assert "| Ann | passed |" in download.value.path().read_text("utf-8")


def test_a_class_is_stopped_and_what_is_graded_stays(tutor: Any, tmp_path: Path) -> None:
    page = tutor()
    for number in range(6):
        (tmp_path / f"s{number}.py").write_text(f"{CRASH}# {number}\n", encoding="utf-8")
    page.set_input_files("#class-files", sorted(tmp_path.glob("*.py")))
    room = page.locator("#class")
    page.get_by_role("button", name="Grade the class").click()
    expect(room.locator("tbody tr").first).to_be_visible(timeout=LONG)
    room.get_by_role("button", name="Stop").click()
    expect(room.get_by_role("button", name="Grade the class")).to_be_enabled(timeout=LONG)
    assert room.locator("tbody tr").count() >= 1


def test_what_cannot_be_graded_is_told_in_a_line(tutor: Any) -> None:
    page = tutor()
    page.click("#grade")
    expect(page.locator("[role=status]").first).to_have_text(
        "Write a submission first, or choose a file."
    )
    folder = page.home / "exercises" / "gcd"
    folder.mkdir(parents=True)
    (folder / "exercise.toml").write_text(json.dumps("no exercise"), encoding="utf-8")
    page.fill("#submission", RIGHT)
    page.click("#grade")
    expect(page.locator("[role=status]").first).to_contain_text("cannot read")
    expect(page.locator("#submission")).to_have_value(RIGHT)
