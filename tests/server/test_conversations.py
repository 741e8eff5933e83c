"""Conversations over HTTP: kept, found, branched, exported; each key its own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lemmata.server.auth import Gate
from lemmata.server.state.database import open_database
from lemmata.server.state.keys import Keys
from scripted import ScriptedEngine
from served import running

ASKED = {"speaker": "user", "text": "What is 50% of \\(x^2\\) & $5?", "about": {"votes": 4}}
ANSWERED = {
    "speaker": "assistant",
    "text": "Half: $$\\frac{x^2}{2}$$",
    "about": {"solution": {"verdict": {"state": "agreed", "reason": "3/4"}}},
}


def begun(http: Any) -> str:
    number = http.post("/api/conversations", json={}).json()["id"]
    for said in (ASKED, ANSWERED):
        assert http.post(f"/api/conversations/{number}/turns", json=said).status_code == 201
    return str(number)


def test_a_conversation_from_beginning_to_end(serving: Callable[..., Any]) -> None:
    http = serving(ScriptedEngine(["x"])).http
    number = begun(http)
    whole = http.get(f"/api/conversations/{number}").json()
    assert whole["said"] == [ASKED, ANSWERED]
    assert whole["title"] == "What is 50% of \\(x^2\\) & $5?"
    listed = http.get("/api/conversations", params={"search": "half"}).json()["conversations"]
    assert [(one["id"], one["turns"]) for one in listed] == [(number, 2)]
    twin = http.post(f"/api/conversations/{number}/branch", json={"turns": 1}).json()
    assert (twin["parent"], twin["turns"]) == (number, 1)
    assert http.patch(f"/api/conversations/{number}", json={"title": "半"}).status_code == 204
    assert http.get(f"/api/conversations/{number}").json()["title"] == "半"
    assert http.delete(f"/api/conversations/{number}").status_code == 204
    assert http.get(f"/api/conversations/{number}").status_code == 404
    assert http.get(f"/api/conversations/{twin['id']}").json()["said"] == [ASKED]


def test_it_leaves_as_markdown_latex_and_json(serving: Callable[..., Any]) -> None:
    http = serving(ScriptedEngine(["x"])).http
    where = f"/api/conversations/{begun(http)}/export"
    markdown = http.get(where)
    assert "> What is 50% of" in markdown.text
    assert "**agreed: 3/4**" in markdown.text
    assert "attachment" in markdown.headers["content-disposition"]
    latex = http.get(where, params={"form": "latex"}).text
    assert r"50\% of \(x^2\) \& \$5?" in latex
    assert r"$$\frac{x^2}{2}$$" in latex
    assert latex.count(r"\begin{document}") == 1
    assert http.get(where, params={"form": "json"}).json()["said"] == [ASKED, ANSWERED]


def test_a_key_sees_its_own_only(tmp_path: Path) -> None:
    keys = Keys(open_database(f"sqlite:///{tmp_path}/lemmata.db"))
    with running(ScriptedEngine(["x"]), tmp_path, Gate(keys)) as server:
        server.http.headers["Authorization"] = f"Bearer {keys.add('me')}"
        number = begun(server.http)
        server.http.headers["Authorization"] = f"Bearer {keys.add('them')}"
        assert server.http.get("/api/conversations").json()["conversations"] == []
        assert server.http.get(f"/api/conversations/{number}").status_code == 404


def test_they_outlive_the_server(serving: Callable[..., Any]) -> None:
    number = begun(serving(ScriptedEngine(["x"])).http)
    again = serving(ScriptedEngine(["x"])).http
    assert again.get(f"/api/conversations/{number}").json()["turns"] == 2


@pytest.mark.parametrize(
    "formula",
    [r"$\input{/etc/passwd}$", r"\(\write18{id}\)", r"$$^^5cinput{x}$$", r"$\def\x{1}$",
     r"\[\end{document}\]"],
)  # fmt: skip
def test_a_formula_reads_no_file_of_who_compiles_it(
    serving: Callable[..., Any], formula: str
) -> None:
    http = serving(ScriptedEngine(["x"])).http
    number = http.post("/api/conversations", json={}).json()["id"]
    said = {"speaker": "assistant", "text": f"So {formula}, and \\(\\le 2\\).", "about": {}}
    http.post(f"/api/conversations/{number}/turns", json=said)
    told = http.get(f"/api/conversations/{number}/export", params={"form": "latex"}).text
    assert formula not in told
    assert "\\(\\le 2\\)" in told
    assert told.count("\\end{document}") == 1
