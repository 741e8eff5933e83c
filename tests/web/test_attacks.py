"""What a model writes can run nothing and fetch nothing, whatever it writes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.sync_api import expect

DANGEROUS = r"""() => [...document.querySelectorAll(".answer *")].flatMap((node) => [
  ...(/^(script|iframe|object|embed|form|input|img|base|link|meta|style|video|audio)$/i
    .test(node.tagName) ? [node.outerHTML.slice(0, 99)] : []),
  ...[...node.attributes]
    .filter((a) => /^on/i.test(a.name) || /^\s*(javascript|data|vbscript):/i.test(a.value))
    .map((a) => `${a.name}=${a.value}`),
])"""
CORPUS = (Path(__file__).parent / "attacks.txt").read_text("utf-8").splitlines()


def test_the_corpus_runs_nothing_and_fetches_nothing(site: Any, browser: Any) -> None:
    attacks = [line for line in CORPUS if line and not line.startswith("# ")]
    assert len(attacks) >= 40
    reply = "\n\n".join(attacks) + "\n\n\\boxed{<img src=x onerror=window.hacked=1>}"
    server = site([reply], context=200_000)
    context = browser.new_context(locale="en-GB")
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("dialog", lambda dialog: asked.append(f"dialog {dialog.message}") or dialog.dismiss())
    page.goto(server.url)
    expect(page.locator("#model option").first).to_be_attached()
    page.fill("#problem", attacks[0])
    page.press("#problem", "Enter")
    expect(page.locator(".verdict")).to_be_visible(timeout=60_000)
    expect(page.locator(".katex").first).to_be_attached(timeout=60_000)
    expect(page.locator(".derivation > ol > li .said > *").nth(30)).to_be_attached()
    assert page.evaluate("window.hacked") is None
    inside = page.evaluate(DANGEROUS)
    assert inside == []
    assert all(url.startswith((server.url, "data:,", "blob:")) for url in asked), asked
    context.close()


def test_the_policy_stops_what_slips_through(site: Any, browser: Any) -> None:
    page = browser.new_page()
    page.goto(site(["x"]).url)
    outcomes = page.evaluate(
        """async () => {
          // Outside of the test's own call, which the browser lets do everything.
          await new Promise((resolve) => setTimeout(resolve));
          return new Promise((resolve) => setTimeout(async () => {
          const tried = {};
          const attempt = (name, run) => {
            try { run(); tried[name] = "ran"; } catch { tried[name] = "stopped"; }
          };
          attempt("markup", () => { document.createElement("div").innerHTML = "<b>x</b>"; });
          attempt("eval", () => { (0, eval)("window.hacked = 1"); });
          const script = document.createElement("script");
          script.append("window.hacked = 1");
          attempt("script", () => document.body.append(script));
          tried.hacked = window.hacked ?? null;
          tried.fetched = await fetch("https://example.com/").then(() => "ran", () => "stopped");
          resolve(tried);
          }));
        }"""
    )
    assert outcomes["hacked"] is None
    assert outcomes["markup"] == outcomes["eval"] == outcomes["fetched"] == "stopped"
    page.close()
