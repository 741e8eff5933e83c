"""Every tab, in both languages and colours, at desk and phone width: it works, it is accessible,
and it is photographed for the docs when LEMMATA_SCREENSHOTS names a folder."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from axe_core_python.sync_playwright import Axe
from playwright.sync_api import expect

from web.asking import DERIVATION, ask, photograph
from web.conftest import REF

TABS = ["solve", "compare", "adapters", "tune", "evaluate", "tutor", "conjecture", "system"]
DESK, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 800}
RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}}


PHOTOGRAPHED = ["solve", "compare", "adapters", "tune", "evaluate"]
"""As they come; tutor and conjecture by their own tests, and system tells of this machine."""


def settle(page: Any, tab: str) -> None:
    page.goto(f"{page.url.split('#')[0]}#{tab}")
    page.wait_for_load_state("networkidle")
    expect(page.locator(f"#page[data-tab={tab}] > *")).to_be_visible()


def faults_of(page: Any) -> list[str]:
    found = Axe().run(page, options=RULES)["violations"]
    return [
        f"{v['id']}: {n['target']} {n.get('failureSummary')}" for v in found for n in v["nodes"]
    ]


@pytest.mark.parametrize("colours", ["light", "dark"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_tab_is_accessible_and_fits_a_phone(
    site: Any, visit: Callable[..., Any], language: str, colours: str
) -> None:
    size = DESK if colours == "light" else PHONE
    page = visit(site([DERIVATION]).url, language, color_scheme=colours, viewport=size)
    for tab in TABS:
        settle(page, tab)
        if tab == "solve":
            ask(page, "How many solutions has \\(x + y + z = 10\\)?")
            expect(page.locator(".verdict")).to_be_visible()
            page.wait_for_timeout(300)
        assert faults_of(page) == [], tab
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0, tab
        if tab in PHOTOGRAPHED:
            photograph(page, f"page-{tab}-{language}-{colours}")


def test_the_language_and_the_colours_are_chosen_and_kept(
    site: Any, visit: Callable[..., Any]
) -> None:
    page = visit(site(["x"]).url, "zh", color_scheme="light")
    expect(page.locator("nav a").first).to_have_text("求解")
    page.click("#language")
    expect(page.locator("nav a").first).to_have_text("Solve")
    assert page.evaluate("document.documentElement.lang") == "en"
    page.click("#theme")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    page.reload()
    expect(page.locator("nav a").first).to_have_text("Solve")
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"


def test_everything_can_be_reached_and_done_by_keyboard(
    site: Any, visit: Callable[..., Any]
) -> None:
    page = visit(site(["\\boxed{4}"]).url)
    expect(page.locator("#model option").first).to_be_attached()
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    seen = set()
    for _ in range(40):
        page.keyboard.press("Tab")
        seen.add(page.evaluate("document.activeElement.id || document.activeElement.textContent"))
    assert {"Compare", "language", "theme", "search", "problem", "model", "votes", "go"} <= seen
    page.focus("#problem")
    page.keyboard.type("2 + 2?")
    page.keyboard.press("Enter")
    expect(page.locator(".verdict .result")).to_have_text("4")


def test_two_answers_side_by_side(site: Any, visit: Callable[..., Any]) -> None:
    page = visit(
        site(lambda request: "\\boxed{%s}" % ("2" if request.adapter else "1")).url + "/#compare"
    )
    expect(page.locator("#model-right option")).to_have_count(2)
    page.fill("#both", "Which?")
    page.locator("form button.primary").click()
    expect(page.locator(".verdict .result")).to_have_count(2)
    expect(page.locator(".verdict .result").nth(0)).to_have_text("1")
    expect(page.locator(".verdict .result").nth(1)).to_have_text("2")


def test_an_adapter_is_dialled_and_a_key_is_made(site: Any, visit: Callable[..., Any]) -> None:
    server = site(["x"])
    page = visit(f"{server.url}/#adapters")
    expect(page.locator(".cards h2")).to_have_text("counting")
    page.focus("#strength-counting")
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#strength-counting")).to_have_value("0.95")
    page.goto(f"{server.url}/#system")
    page.fill("#key-name", "class")
    page.fill("#key-rate", "60")
    page.get_by_role("button", name="Make a key").click()
    expect(page.locator(".tag.good", has_text="lm-")).to_be_visible()
    expect(page.locator("table")).to_contain_text("class")
    assert server.service.strengths == {"counting": 0.95}
    again = visit(f"{site(['x']).url}/#adapters")  # another server of the same home
    expect(again.locator("#strength-counting")).to_have_value("0.95")


def test_a_card_tells_what_was_measured_and_where_it_comes_from(
    site: Any, visit: Callable[..., Any]
) -> None:
    server = site(["x"])
    folder = Path(__file__).parents[2] / "examples" / "adapters" / "counting"
    server.service.engine._adapters["counting"] = replace(REF, path=folder)
    page = visit(f"{server.url}/#adapters")
    card = page.locator(".cards .card")
    expect(card).to_contain_text(re.compile(r"→ [\d.]+ \([\d.]+–[\d.]+\) %"))
    expect(card).to_contain_text("round trip: passed")
    card.get_by_text("Lineage, by hash").click()
    expect(card.locator("details code")).to_have_count(4)
    assert faults_of(page) == []


def test_a_dropped_file_is_audited_and_its_faults_are_shown(
    site: Any, visit: Callable[..., Any], tmp_path: Path
) -> None:
    page = visit(f"{site(['x']).url}/#tune")
    expect(page.locator("#data-source option").first).to_be_attached()
    expect(page.locator("#recipe-lr")).to_have_value("0.0002")
    rows = '{"problem": "1 + 1?", "solution": "1 + 1 = 2. \\\\boxed{2}"}\n' * 2
    data = tmp_path / "rows.jsonl"
    data.write_text(rows + '{"problem": "x"}\n', encoding="utf-8")
    page.set_input_files("#data-file", data)
    expect(page.locator(".audit .tag.bad").first).to_be_visible(timeout=120_000)
    expect(page.locator(".audit")).to_contain_text("3 rows")


def test_an_extract_is_asked_for_only_where_there_is_one(
    site: Any, visit: Callable[..., Any]
) -> None:
    """The first benchmark has none: with the settings as they come, measuring was refused."""
    page = visit(f"{site(['x']).url}/#evaluate")
    expect(page.locator("#benchmark option[value=counting]")).to_be_attached()
    page.select_option("#benchmark", "counting")
    expect(page.locator("#eval-quick")).to_be_hidden()
    page.select_option("#benchmark", "gsm8k")
    expect(page.locator("#eval-quick")).to_be_visible()
    expect(page.locator("#eval-quick")).to_be_checked()


def test_why_an_adapter_was_refused_stays_to_be_read(
    site: Any, visit: Callable[..., Any], tmp_path: Path
) -> None:
    """The list is read again after every change: that took the reason away."""
    page = visit(f"{site(['x']).url}/#adapters")
    expect(page.locator(".cards .card")).to_have_count(1)
    with zipfile.ZipFile(tmp_path / "bad.zip", "w") as archive:
        archive.writestr("../evil.txt", "x")
    page.set_input_files("#adapter-file", tmp_path / "bad.zip")
    page.fill("#adapter-name", "evil")
    page.get_by_role("button", name="Upload").click()
    page.wait_for_load_state("networkidle")
    expect(page.locator("#notice")).to_contain_text("holds no adapter_config.json")


def test_the_audit_names_its_reasons_in_chinese(
    site: Any, visit: Callable[..., Any], tmp_path: Path
) -> None:
    page = visit(f"{site(['x']).url}/#tune", "zh")
    expect(page.locator("#data-source option").first).to_be_attached()
    rows = ['{"problem": "1 + 1?", "solution": "1 + 1 = 3. \\\\boxed{3}"}', '{"problem": "x"}']
    (tmp_path / "数据.jsonl").write_text("\n".join(rows), encoding="utf-8")
    page.set_input_files("#data-file", tmp_path / "数据.jsonl")
    expect(page.locator(".audit")).to_contain_text("算错", timeout=120_000)
    expect(page.locator(".audit")).to_contain_text("应为 2，不是 3")
    expect(page.locator("#data-source")).to_contain_text("用隔板法求和式的整数解")
