"""What was stopped, cut off or begun by mistake can be taken up or left."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playwright.sync_api import expect

from web.asking import ask

UNENDING = "word word " + " ".join(map(str, range(3000)))


def begin(page: Any) -> None:
    ask(page, "Go on and on.")
    expect(page.locator(".derivation")).to_contain_text("word word")
    expect(page.locator(".history li.current")).to_have_count(1)


def test_a_stopped_question_is_gone_on_with(site: Any, visit: Callable[..., Any]) -> None:
    server = site([UNENDING], delay=0.01, context=100_000)
    page = visit(server.url)
    begin(page)
    page.keyboard.press("Escape")
    expect(page.locator(".fault")).to_have_text("Stopped.")
    server.service.engine._delay = 0.0
    server.service.engine._script = lambda _: "\\boxed{7}"
    page.get_by_role("button", name="Go on", exact=True).click()
    expect(page.locator(".verdict")).to_be_visible()
    expect(page.locator(".fault")).to_have_count(0)


def test_a_question_that_a_reload_cut_off_says_so_and_is_gone_on_with(
    site: Any, visit: Callable[..., Any]
) -> None:
    server = site([UNENDING], delay=0.01, context=100_000)
    page = visit(server.url)
    begin(page)
    expect(page.locator("#now")).to_be_visible()
    page.reload()
    expect(page.locator(".fault")).to_have_text("This was not answered.")
    expect(page.locator(".working")).to_have_count(0)
    page.click("#language")
    expect(page.locator(".fault")).to_have_text("这道题还没有答案。")
    server.service.engine._delay = 0.0
    server.service.engine._script = lambda _: "\\boxed{7}"
    page.get_by_role("button", name="继续", exact=True).click()
    expect(page.locator(".verdict")).to_be_visible()
    page.wait_for_load_state("networkidle")
    page.reload()
    expect(page.locator(".verdict")).to_be_visible()  # kept on the server
    expect(page.locator(".fault")).to_have_count(0)


def test_a_question_taken_up_can_be_left(site: Any, visit: Callable[..., Any]) -> None:
    page = visit(site(["\\boxed{1}"]).url)
    ask(page, "First?")
    expect(page.locator(".verdict")).to_be_visible()
    page.get_by_role("button", name="Edit and branch").click()
    expect(page.locator("#problem")).to_have_value("First?")
    page.keyboard.press("Escape")
    expect(page.locator("#problem")).to_have_value("")
    expect(page.locator("#notice")).to_be_hidden()
    ask(page, "Second?")
    expect(page.locator(".verdict")).to_have_count(2)
    expect(page.locator(".history li")).to_have_count(1)  # nothing was branched


def test_a_question_taken_up_is_forgotten_with_its_conversation(
    site: Any, visit: Callable[..., Any]
) -> None:
    page = visit(site(["\\boxed{1}"]).url)
    ask(page, "First?")
    expect(page.locator(".verdict")).to_be_visible()
    page.get_by_role("button", name="Edit and branch").click()
    page.get_by_role("button", name="New problem").click()
    expect(page.locator(".welcome")).to_be_visible()
    ask(page, "Another?")
    expect(page.locator(".verdict")).to_have_count(1)
    expect(page.locator(".history li a")).to_have_text(["Another?", "First?"])


def test_who_goes_elsewhere_while_a_question_is_kept_stays_there(
    site: Any, visit: Callable[..., Any]
) -> None:
    page = visit(site(["\\boxed{1}"]).url)
    held: list[Any] = []

    def hold(route: Any) -> None:
        if route.request.method == "POST":
            held.append(route)
        else:
            route.continue_()

    page.route("**/api/conversations", hold)
    ask(page, "First?")
    while not held:
        page.wait_for_timeout(20)
    page.locator("#tabs a[data-tab=tune]").click()
    with page.expect_response("**/api/conversations/*/turns"):
        held[0].continue_()
    expect(page.locator("#page")).to_have_attribute("data-tab", "tune")
    assert page.url.endswith("#tune")


def test_two_windows_ask_in_one_conversation_and_no_answer_is_mixed_up(
    site: Any, visit: Callable[..., Any]
) -> None:
    server = site(lambda request: answer_to(request.prompt[-1].content), delay=0.01)
    number = server.http.post("/api/conversations", json={}).json()["id"]
    pages = [visit(f"{server.url}/#solve/{number}") for _ in range(2)]
    for page in pages:
        page.wait_for_load_state("networkidle")
    for page, asked in zip(pages, ("What is four?", "What is nine?"), strict=True):
        begin_with(page, asked)
    for page in pages:
        expect(page.locator(".verdict")).to_be_visible()
        page.wait_for_load_state("networkidle")
    pages[0].reload()
    expect(pages[0].locator(".verdict .result")).to_have_text(["4", "9"])


def answer_to(problem: str) -> str:
    words = "In words, at some length, so that both are being written at the same time. "
    return words * 3 + ("\\boxed{4}" if "four" in problem else "\\boxed{9}")


def begin_with(page: Any, problem: str) -> None:
    ask(page, problem)
    expect(page.locator(".derivation")).to_contain_text("In words")


def test_a_running_answer_keeps_its_place_while_others_are_looked_at(
    site: Any, visit: Callable[..., Any]
) -> None:
    server = site([UNENDING], delay=0.01, context=100_000)
    other = server.http.post("/api/conversations", json={"title": "other"}).json()["id"]
    page = visit(server.url)
    begin(page)
    here = page.url
    page.locator(f".history a[href='#solve/{other}']").click()
    expect(page.locator("#notice")).to_contain_text("is being written here")
    assert page.url == here
    page.get_by_role("link", name="System").click()
    page.get_by_role("link", name="Solve").click()
    expect(page.locator(".derivation")).to_contain_text("word word")
    assert page.url == here
    page.keyboard.press("Escape")
    expect(page.locator(".fault")).to_have_text("Stopped.")


def test_a_connection_that_breaks_says_what_can_be_done(site: Any, browser: Any) -> None:
    """No `visit`: the browser itself tells of it in the console."""
    server = site([Broken(UNENDING)], context=100_000)
    page = browser.new_page(locale="zh-CN")
    page.goto(server.url)
    ask(page, "1 + 1?")
    expect(page.locator(".fault")).to_have_text("作答途中连接中断；恢复连接后可以继续。")
    server.service.engine._script = lambda _: "\\boxed{7}"
    page.get_by_role("button", name="继续", exact=True).click()
    expect(page.locator(".verdict .result")).to_have_text("7")
    page.close()


class Broken(str):
    """Text in the middle of which the server itself has a fault."""

    def __getitem__(self, at: Any) -> str:
        if at == 40:
            raise RuntimeError("a fault of ours")
        return super().__getitem__(at)
