"""What is open when the language changes changes with it, and what the server says is retold."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import expect

import lemmata
from web.asking import DERIVATION, ask

SOURCES = Path(lemmata.__file__).parent


def test_each_form_of_a_reason_is_one_that_the_server_says() -> None:
    for name, parts, least in (
        ("reasons.js", ("solve", "verify"), 25),
        ("refusals.js", ("apps/conjecture", "server/routes"), 90),
        ("row_faults.js", ("data",), 25),
    ):
        page = (SOURCES / "web" / name).read_text("utf-8")
        forms = re.findall(r'^  \["(.*?)", "', page, re.MULTILINE)
        assert len(forms) > least
        said = "\n".join(
            path.read_text("utf-8") for part in parts for path in (SOURCES / part).rglob("*.py")
        )
        for form in forms:
            for piece in re.split(r"\{\w\}| (?=and hold)", form):
                assert piece.strip(" :,()/") in said, form


def test_an_answer_is_told_in_the_language_that_is_chosen_later(
    site: Any, visit: Callable[..., Any]
) -> None:
    page = visit(site([DERIVATION]).url)
    ask(page, "How many?")
    expect(page.locator(".verdict .state")).to_contain_text("Refuted")
    expect(page.locator("li.fails .why")).to_contain_text("the value is 4, not 5")
    page.click("#language")
    expect(page.locator(".verdict .state")).to_contain_text("不成立：")
    expect(page.locator("li.fails .why")).to_contain_text("应为 4，不是 5")
    expect(page.locator(".verdict")).not_to_contain_text("could be checked")


def test_every_open_form_changes_its_language(site: Any, visit: Callable[..., Any]) -> None:
    page = visit(site(["\\boxed{1}"]).url + "/#tune")
    hint = page.locator("#recipe-lr-hint")
    expect(hint).to_have_text("Highest learning rate.")
    page.goto(f"{page.url.split('#')[0]}#compare")
    expect(page.locator("#model-right option")).to_have_count(2)
    page.fill("#both", "Which?")
    page.locator("form button.primary").click()
    expect(page.locator(".verdict")).to_have_count(2)
    page.goto(f"{page.url.split('#')[0]}#system")
    page.fill("#key-name", "class")
    page.get_by_role("button", name="Make a key").click()
    expect(page.locator("table")).to_contain_text("class")
    page.click("#language")
    expect(page.locator("table th").first).to_have_text("名称")
    expect(page.locator(".tag.good")).to_contain_text("仅显示这一次")
    page.goto(f"{page.url.split('#')[0]}#compare")
    expect(page.locator(".verdict .state").first).to_contain_text("只有一次推导")
    page.goto(f"{page.url.split('#')[0]}#tune")
    expect(hint).to_have_text("最高学习率。")


def test_a_bare_last_word_is_drawn(site: Any, visit: Callable[..., Any]) -> None:
    page = visit(site(["So\n\n\\boxed{\\frac{1}{2}} and `\\boxed{3}` as code"]).url)
    ask(page, "Half?")
    expect(page.locator(".derivation .katex")).to_have_count(1)
    expect(page.locator(".derivation code")).to_have_text("\\boxed{3}")


def test_what_was_written_is_read_out_in_full_once_it_is_there(
    site: Any, visit: Callable[..., Any]
) -> None:
    page = visit(site(["So \\(1 + 1 = 2\\).\n\n\\boxed{2}"]).url)
    ask(page, "1 + 1?")
    expect(page.locator(".derivation math")).to_have_count(2)
    expect(page.locator(".derivation [role=math]")).to_have_count(0)


def test_refusals_of_conjectures_are_retold_with_their_mends(
    site: Any, visit: Callable[..., Any]
) -> None:
    page = visit(f"{site(['x']).url}/#conjecture", "zh")
    fault = page.locator("p.fault[role=alert]")
    for said, told in (
        ("每个素数都很漂亮。", "无法形式化：无法理解 '很漂亮'。请换一种说法，或自己书写规范。"),
        ("x^2 >= 0", "没有说明 x 是什么数（请写明，例如：对所有实数 x，……）。请换一种说法"),
    ):
        page.fill("#statement", said)
        page.click("#understand")
        expect(fault).to_contain_text(told)
    for spec, told in (
        ("for n in 1..: flor(n) > 1", "没有函数 'flor'。是否想写 floor？"),
        ("for integer n in 4..: prime(", "无法读取表达式：此处应为 变量名，却是 结尾。见 "),
        ("for integer n in 4..2: prime(n)", "n 的范围是空的。请交换两端。"),
    ):
        page.fill("#spec", spec)
        page.click("#read-again")
        expect(fault).to_contain_text(told)
    page.click("#language")
    expect(fault).to_have_text("the range of n is empty. Swap its ends.")
