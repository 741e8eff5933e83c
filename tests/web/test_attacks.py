"""What a model writes can run nothing and fetch nothing, whatever it writes."""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from playwright.sync_api import expect

from lemmata.engines.base import Sampling
from lemmata.eval import folder as folders
from lemmata.eval.graders.base import Grade
from lemmata.eval.identity import ModelIdentity
from lemmata.eval.item import Item
from lemmata.eval.plan import Plan
from lemmata.eval.predictions import Prediction
from web.conftest import REF

DANGEROUS = r"""() => [...document.querySelectorAll(".answer *")].flatMap((node) => [
  ...(/^(script|iframe|object|embed|form|input|img|base|link|meta|style|video|audio)$/i
    .test(node.tagName) ? [node.outerHTML.slice(0, 99)] : []),
  ...[...node.attributes]
    .filter((a) => /^on|^srcdoc$/i.test(a.name) || (!/^(title|value|aria-label)$/.test(a.name)
      && /^\s*(javascript|data|vbscript):/i.test(a.value)))
    .map((a) => `${a.name}=${a.value}`),
])"""
CORPUS = (Path(__file__).parent / "attacks.txt").read_text("utf-8").splitlines()


def test_the_corpus_runs_nothing_and_fetches_nothing(site: Any, browser: Any) -> None:
    attacks = [line for line in CORPUS if line and not line.startswith("# ")]
    assert len(attacks) >= 80
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
    expect(page.locator(".derivation .part > li .said > *").nth(30)).to_be_attached()
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


WORDS = [
    "<img src=x onerror=window.hacked=1>", "<svg/onload=window.hacked=1>",
    "\"><script>window.hacked=1</script>",
    "'-window.hacked=1-'", "{{constructor.constructor('hacked=1')()}}", "${window.hacked=1}",
    "javascript:window.hacked=1", "<iframe srcdoc='<script>parent.hacked=1</script>'>",
    "\u2028window.hacked=1//", "\u202egnp.exe<b onclick=hacked=1>", "__proto__", "constructor",
    "</textarea><img src=x onerror=window.hacked=1>", "</title><script>window.hacked=1</script>",
    "&lt;img src=x onerror=window.hacked=1&gt;", "\\href{javascript:hacked=1}{x}",
    "<math><a xlink:href=javascript:hacked=1>x", "⟦<img src=x onerror=window.hacked=1>⟧",
    "\ue0000\ue001", "[x](javascript:hacked=1)", "<base href=https://evil.example/>",
    "<link rel=stylesheet href=https://evil.example/x.css>",
]  # fmt: skip
EVERYWHERE = DANGEROUS.replace(".answer *", "#page *").replace("input|", "").replace("form|", "")


def test_names_titles_rows_and_reports_run_nothing(site: Any, browser: Any, tmp_path: Path) -> None:
    """Whatever a stranger can bring in beside the model's words: an adapter and what it tells of
    itself, a question, a title, the rows and the answers of a measurement."""
    server = site(["x"])
    engine = server.service.engine
    engine._adapters.clear()
    for i, word in enumerate(WORDS):
        engine._adapters[word] = replace(REF, name=word, path=told_by(tmp_path / f"a{i}", word))
        number = server.http.post("/api/conversations", json={"title": word}).json()["id"]
        about = {"model": word, "role": word, "votes": word, "solution": {"answer": word}}
        for speaker in ("user", "assistant"):
            said = {"speaker": speaker, "text": word, "about": about}
            server.http.post(f"/api/conversations/{number}/turns", json=said)
    measured(tmp_path / "evals" / "run")
    context = browser.new_context(locale="en-GB")
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: asked.append(f"fault {error}"))
    for place, shown, count in (
        (f"#solve/{number}", ".history li", len(WORDS)),
        ("#adapters", ".cards .card", len(WORDS)),
        ("#compare", "#model-left option", len(WORDS) + 1),
        ("#evaluate/run", "details.item", 20),  # a page of them
    ):
        page.goto(f"{server.url}/{place}")
        expect(page.locator(shown)).to_have_count(count)
        for each in page.locator("details").all():
            each.evaluate("node => { node.open = true; }")
        page.wait_for_load_state("networkidle")
        assert page.evaluate(EVERYWHERE) == [], place
        assert page.evaluate("window.hacked") is None
        assert page.evaluate("({}).polluted") is None
    assert all(url.startswith((server.url, "data:,", "blob:")) for url in asked), asked
    context.close()


def told_by(folder: Path, word: str) -> Path:
    """An adapter's folder that says it wherever it can say something."""
    shutil.copytree(Path(__file__).parents[2] / "examples" / "adapters" / "counting", folder)
    told = json.loads((folder / "lemmata.json").read_text("utf-8"))
    told |= {"description": word, "licence": word, "accuracy": {word: word}}
    told["gates"] = [{"stage": word, "passed": True, "checks": [{"name": word}]}]
    told["recipe"] = {**told["recipe"], "data": [word]}
    (folder / "lemmata.json").write_text(json.dumps(told), encoding="utf-8")
    return folder


def measured(folder: Path) -> None:
    """An evaluation whose problems and answers say it."""
    folder.mkdir(parents=True)
    cell, rows = "adapter=base role=math", [word.replace("\u2028", " ") for word in WORDS[-20:]]
    items = tuple(Item(f"i{n}", f"i{n}", "g", "en", word, word) for n, word in enumerate(rows))
    plan = Plan(WORDS[0], WORDS[1], WORDS[2], "math", (), 1, Sampling(), True, None, WORDS[3])
    folders.begin(folder, folders.Run(plan, ModelIdentity("gguf", WORDS[4]), {WORDS[5]: ""}, items))
    made = [
        Prediction(str(n), cell, item.id, 0, item.gold, "stop", "", 1, 1, 1.0, 1.0)
        for n, item in enumerate(items)
    ]
    lines = "".join(json.dumps(asdict(one)) + "\n" for one in made)
    (folder / folders.PREDICTIONS).write_text(lines, encoding="utf-8")
    told = {one.slot: Grade("incorrect", one.text, one.text) for one in made}
    folders.write_grades(folder, told)
