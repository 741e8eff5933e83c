"""How quick the page stays: `python bench/page.py` prints a table, --json writes a record.

A real Chromium opens a conversation of 1,000 turns and scrolls through it; then, in that same
conversation, it reads a derivation of 40,000 tokens with a formula in every line while it streams.
Told is, for each part:

    frame_*_ms   the time between two frames as the page sees it; the browser draws at most every
                 16.7 ms, so that is the least
    cpu_*_ms     the processor time of the page's main thread from one frame to the next: script,
                 style, layout, paint and what came over the network (Chromium's own trace). This is
                 held against the goal of 16 ms, as it does not count what other programs took
    over_goal    the share of frames that took more processor time than that
    tasks_*      tasks of over 50 ms on the clock (the Long Tasks API), and the longest
"""

from __future__ import annotations

import argparse
import bisect
import contextlib
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from playwright.sync_api import Page, Request, sync_playwright

from scripted import ScriptedEngine
from served import running

GOAL_MS = 16.0
"""Of the issue: a frame's work while an answer streams."""
CATEGORIES = ["disabled-by-default-devtools.timeline", "blink.user_timing"]
WATCH = """() => {
  const first = !window.shown;
  window.shown = []; window.late = []; window.last = performance.now();
  if (!first) return;
  const frame = (now) => {
    performance.mark("a frame"); performance.clearMarks();
    window.shown.push(now - window.last); window.last = now; requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
  new PerformanceObserver((list) => list.getEntries().forEach((e) => window.late.push(e.duration)))
    .observe({ type: "longtask" });
}"""


def spread(name: str, values: list[float]) -> dict[str, float]:
    """Quantiles and the largest, in milliseconds."""
    ordered = sorted(values)
    at = lambda share: round(ordered[int(share * (len(ordered) - 1))], 1)  # noqa: E731
    quantiles = {"p50": at(0.5), "p95": at(0.95), "p99": at(0.99), "max": at(1.0)}
    return {f"{name}_{which}_ms": value for which, value in quantiles.items()}


@contextlib.contextmanager
def watched(page: Page) -> Iterator[dict[str, Any]]:
    """Fills the dictionary with the figures of what is done to the page inside."""
    told: dict[str, Any] = {}
    browser = page.context.browser
    assert browser is not None
    page.evaluate(WATCH)
    browser.start_tracing(page=page, categories=CATEGORIES)
    yield told
    frames, tasks = page.evaluate("window.shown"), page.evaluate("window.late")
    cpu = processor_time(json.loads(browser.stop_tracing())["traceEvents"])
    told |= {
        "frames": len(frames),
        **spread("frame", frames),
        **spread("cpu", cpu),
        "over_goal": round(sum(value > GOAL_MS for value in cpu) / len(cpu), 4),
        "tasks_over_50_ms": len(tasks),
        "tasks_longest_ms": round(max(tasks, default=0.0), 1),
    }


def processor_time(events: list[dict[str, Any]]) -> list[float]:
    """Milliseconds of the page's main thread from the begin of each frame to the next one's."""
    marks = [event for event in events if event["name"] == "a frame"]
    begins = sorted(mark["ts"] for mark in marks)
    thread = marks[0]["pid"], marks[0]["tid"]
    spent = [0.0] * len(begins)
    for event in events:
        if event["name"] == "RunTask" and (event["pid"], event["tid"]) == thread:
            place = bisect.bisect_right(begins, event["ts"] + event.get("dur", 0)) - 1
            spent[max(place, 0)] += event.get("tdur", 0) / 1000
    return spent[:-1]


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


def is_solve(request: Request) -> bool:
    return request.url.endswith("/api/solve")


def streaming(page: Page) -> dict[str, Any]:
    """Ask in the conversation that is open; its new turn stands under all the others."""
    page.wait_for_selector("#model option", state="attached")
    page.fill("#problem", "Count.")
    before = page.locator(".turn").count()
    began = time.monotonic()
    with watched(page) as told:
        # Waiting for an element would look for it again and again, in the page that is measured.
        with page.expect_event("requestfinished", is_solve, timeout=280_000):
            page.press("#problem", "Enter")
        page.wait_for_timeout(2000)  # the end of it is drawn
    page.locator(".turn").nth(before).locator(".verdict").wait_for()
    return {"seconds": round(time.monotonic() - began, 1), **told}


def long_conversation(page: Page, url: str, turns: int) -> dict[str, Any]:
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
    page.mouse.move(700, 400)
    with watched(page) as told:
        for _ in range(60):
            page.mouse.wheel(0, -900)
            page.wait_for_timeout(50)
    return {"turns": turns, "opened_s": round(opened, 2), **told}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tokens", type=int, default=40_000)
    parser.add_argument("--turns", type=int, default=1000)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    found: dict[str, Any] = {
        "cores": os.cpu_count(), "load_before": round(os.getloadavg()[0], 1), "goal_ms": GOAL_MS,
    }  # fmt: skip
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
        found["stream"] = {"tokens": args.tokens, **streaming(page)}
        browser.close()
    for part, told in found.items():
        for name, value in told.items() if isinstance(told, dict) else [("", told)]:
            print(f"{part:14} {name:20} {value}")
    if args.json:
        args.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
