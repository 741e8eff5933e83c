"""How quick the page stays: `python bench/page.py` prints a table, --json writes a record.

A real Chromium reads a derivation of 40,000 tokens while it streams, then opens a conversation of
1,000 turns and scrolls through it. What is told is the time between frames as the page sees it:
the browser draws at most every 16.7 ms, so that is the least; and the time that the page's own
script took in its longest task.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from playwright.sync_api import Page, sync_playwright

from scripted import ScriptedEngine
from served import running

WATCH = """() => {
  window.frames = []; window.tasks = []; window.last = performance.now();
  const frame = (now) => {
    window.frames.push(now - window.last); window.last = now; requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
  new PerformanceObserver((list) => list.getEntries().forEach((e) => window.tasks.push(e.duration)))
    .observe({ type: "longtask", buffered: true });
}"""


def figures(page: Page) -> dict[str, float]:
    frames = sorted(page.evaluate("window.frames"))
    tasks = page.evaluate("window.tasks")
    at = lambda share: round(frames[int(share * (len(frames) - 1))], 1)  # noqa: E731
    return {
        "frames": len(frames),
        "frame_p50_ms": at(0.5),
        "frame_p95_ms": at(0.95),
        "frame_p99_ms": at(0.99),
        "tasks_over_50_ms": len(tasks),
        "longest_task_ms": round(max(tasks, default=0.0), 1),
    }


def derivation(tokens: int) -> str:
    """Lines with formulas, about four characters a token."""
    lines, size, n = [], 0, 0
    while size < 4 * tokens:
        n += 1
        lines.append(
            rf"Step {n}: since \({n} + {n} = {2 * n}\), the sum grows to \({n * (n + 1)}\)."
        )
        size += len(lines[-1]) + 2
    return "\n\n".join(lines) + "\n\nThe answer is \\boxed{1}."


class Pieces(ScriptedEngine):
    """As the scripted engine, four characters a token."""

    async def generate(self, requests: Any) -> Any:
        import asyncio

        from lemmata.engines.base import Delta

        for request in requests:
            text = self._script(request)
            for at in range(0, len(text), 4):
                await asyncio.sleep(self._delay)
                yield Delta(request.id, text[at : at + 4], 1, 10)
            yield Delta(request.id, "", 0, 10, "stop")


def streaming(page: Page, url: str) -> dict[str, float]:
    page.goto(url)
    page.wait_for_selector("#model option", state="attached")
    page.fill("#problem", "Count.")
    page.evaluate(WATCH)
    began = time.monotonic()
    page.press("#problem", "Enter")
    page.wait_for_selector(".verdict:not([hidden])", timeout=220_000)
    return {"seconds": round(time.monotonic() - began, 1), **figures(page)}


def long_conversation(page: Page, url: str, turns: int) -> dict[str, float]:
    with httpx.Client(base_url=url) as http:
        number = http.post("/api/conversations", json={}).json()["id"]
        for n in range(turns // 2):
            where = f"/api/conversations/{number}/turns"
            http.post(where, json={"speaker": "user", "text": f"What is {n} + {n}?"})
            text = rf"Since \({n} + {n} = {2 * n}\), it is \(\boxed{{{2 * n}}}\)."
            verdict = {"state": "unverified", "reason": "one derivation"}
            about = {"solution": {"answer": str(2 * n), "verdict": verdict}}
            http.post(where, json={"speaker": "assistant", "text": text, "about": about})
    page.goto(f"{url}/#solve/{number}")
    page.reload()
    began = time.monotonic()
    page.locator(".turn").nth(turns // 2 - 1).wait_for(state="attached")
    opened = time.monotonic() - began
    page.evaluate(WATCH)
    page.mouse.move(700, 400)
    for _ in range(60):
        page.mouse.wheel(0, -900)
        page.wait_for_timeout(50)
    return {"turns": turns, "opened_s": round(opened, 2), **figures(page)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tokens", type=int, default=40_000)
    parser.add_argument("--turns", type=int, default=1000)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    found: dict[str, Any] = {"cores": os.cpu_count(), "load_before": round(os.getloadavg()[0], 1)}
    engine = Pieces([derivation(args.tokens)], delay=0.001, context=10**6)
    with (
        tempfile.TemporaryDirectory() as home,
        running(engine, Path(home)) as server,
        sync_playwright() as play,
    ):
        browser = play.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        found["conversation"] = long_conversation(page, server.url, args.turns)
        found["stream"] = {"tokens": args.tokens, **streaming(page, server.url)}
        browser.close()
    for part, told in found.items():
        for name, value in told.items() if isinstance(told, dict) else [("", told)]:
            print(f"{part:14} {name:20} {value}")
    if args.json:
        args.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
