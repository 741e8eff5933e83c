"""`/api/notes/…` over real HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

from lemmata.server.app import create_app
from lemmata.server.service import Service
from lemmata.settings import Settings
from scripted import ScriptedEngine

VAULT = Path(__file__).parents[1] / "apps" / "notes" / "vault"
PASSAGE = {"note": "A.md", "target": "A#^one", "heading": "A", "text": "The sum is minus b."}


def test_asking_from_the_prompt_to_the_callout(serving: Callable[..., Any]) -> None:
    reply = "The sum is minus b [1]. 2 + 3 = 5. The answer is 5. <img src=x> ![[secret]]"
    http = serving(ScriptedEngine([reply])).http
    long = {**PASSAGE, "text": "x" * 5000}
    body = {"question": "What is the sum?", "passages": [long, PASSAGE], "budget": 100}
    packed = http.post("/api/notes/prompt", json=body).json()
    assert packed["used"] == [1]
    assert packed["left_out"] == 1
    assert packed["tokens"] == len("[1] (A) The sum is minus b.")
    assert packed["task"] == "math"
    asked = {"problem": packed["problem"], "plan": "off", "anyway": True}
    solution = http.post("/api/solve", json=asked).json()
    wanted = ("derivation", "answer", "verdict", "language")
    answered = {key: solution[key] for key in wanted}
    made = http.post(
        "/api/notes/callout",
        json={"question": "What is the sum?", "passages": [PASSAGE], **answered},
    ).json()
    assert made["cited"] == [0]
    assert "> - ✓ 2 + 3 = 5." in made["markdown"]
    assert "> - ○ The sum is minus b ([[A#^one|1]])." in made["markdown"]
    assert "<img" not in made["markdown"]
    assert "![[" not in made["markdown"]


def test_checking_a_note_and_exporting_its_mistake(serving: Callable[..., Any]) -> None:
    http = serving(ScriptedEngine(["x"])).http
    text = (VAULT / "Algebra" / "Quadratics.md").read_text(encoding="utf-8")
    told = http.post("/api/notes/check", json={"text": text, "note": "Q.md"}).json()
    holds, fails = told["sections"]
    assert (holds["state"], holds["entry"]) == ("holds", None)
    assert holds["correction"].startswith("2^2 + 3^2")
    assert (fails["state"], fails["correction"]) == ("fails", None)
    assert fails["path"].startswith("Lemmata/Errors/")
    lines = text.split("\n")
    for edit in reversed(told["edits"]):
        lines[edit["first"] : edit["last"]] = edit["lines"]
    assert "> [!failure|lemmata] Step 1 ✗ wrong" in lines
    right = "7 * 8 = 56. 2 * (7 + 8) = 30. 56 + 30 = 86."
    entries = [fails["entry"] + f"\n{right}\n", "no entry", "---\nlemmata: error\nid: [\n---\n"]
    made = http.post("/api/notes/export", json={"entries": entries}).json()
    assert len(made["lines"]) == 1
    assert right in made["lines"][0]
    assert [one["id"] for one in made["left"]] == ["#3"]


def test_mistakes_are_one_line(serving: Callable[..., Any]) -> None:
    http = serving(ScriptedEngine(["x"])).http
    for path, body, said in (
        ("check", {"text": "  "}, "nothing to check"),
        ("check", {"text": "# only a heading", "first": 0, "last": 1}, "nothing to check"),
        ("prompt", {"question": " "}, "the question is empty"),
        ("prompt", {"question": "x", "notes": []}, "notes"),
    ):
        answer = http.post(f"/api/notes/{path}", json=body)
        assert answer.status_code == 400
        assert said in answer.json()["error"]["message"]
        assert "\n" not in answer.json()["error"]["message"]


def test_obsidian_may_stream_where_it_is_let_in(tmp_path: Path) -> None:
    """What its browser asks before a question with a key."""
    settings = Settings(tmp_path, "m", "127.0.0.1", 0, 1, None, True, "")
    app = create_app(Service(settings), ("*",), ("app://obsidian.md",))
    headers = {
        "Origin": "app://obsidian.md",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type",
    }

    async def asked() -> httpx.Response:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://x") as http:
            return await http.options("/api/solve", headers=headers)

    answer = asyncio.run(asked())
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == "app://obsidian.md"
