"""`lemmata notes` as a command."""

from __future__ import annotations

import json
import os
import shutil
import signal
from collections.abc import AsyncGenerator, Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from lemmata.cli import build, notes_ask
from lemmata.engines.base import Delta, Request
from lemmata.errors import BadInput, EngineDied
from lemmata.models.stored import StoredModel
from scripted import ScriptedEngine

VAULT = Path(__file__).parents[1] / "apps" / "notes" / "vault"


@pytest.fixture
def vault(tmp_path: Path) -> Path:
    return Path(shutil.copytree(VAULT, tmp_path / "vault"))


def test_check_notebook_review_export(
    vault: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LEMMATA_HOME", str(tmp_path / "home"))
    app = build(["notes", "data"])

    def run(*words: str) -> tuple[int, str, str]:
        code = app(list(words), standalone_mode=False) or 0
        return code, *capsys.readouterr()

    code, out, _ = run("notes", "check", str(vault), "--json")
    states = {row["heading"]: row["state"] for row in json.loads(out)["notes"]}
    assert (code, states) == (1, {
        "Exercise 1": "holds", "Exercise 2": "fails", "Factorial": "fails", "Largest": "holds",
        "练习": "fails",
    })  # fmt: skip
    note = vault / "Programs.md"
    assert run("notes", "check", str(note), "--write", "--notebook")[0] == 1
    assert "> [!failure|lemmata] Example 2 ✗ wrong" in note.read_text(encoding="utf-8")
    (entry,) = (vault / "Lemmata" / "Errors").iterdir()
    assert entry.stem in run("notes", "review", str(vault))[1]
    assert run("notes", "review", str(vault), "--grade", f"{entry.stem}=good")[0] == 0
    assert "state: learning" in entry.read_text(encoding="utf-8")
    assert run("notes", "review", str(vault), "--json")[1] == '{\n  "due": []\n}\n'
    with pytest.raises(BadInput, match="nothing to export"):  # nothing is mended yet
        run("notes", "export", str(vault))
    text = note.read_text(encoding="utf-8").replace("range(1, n)", "range(1, n + 1)")
    note.write_text(text, encoding="utf-8")
    assert "mended" in run("notes", "check", str(vault), "Programs.md", "--notebook")[2]
    rows = tmp_path / "rows.jsonl"
    assert run("notes", "export", str(vault), "--out", str(rows))[0] == 0
    assert run("data", "check", str(rows))[0] == 0


def test_mistakes_are_one_line(
    vault: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LEMMATA_HOME", str(tmp_path / "home"))
    (vault / "latin.md").write_bytes(b"caf\xe9 2 + 2 = 4")
    (vault / "empty.md").write_text("")
    app = build(["notes"])
    for words, said in (
        (("ask", " "), "the question is empty"),
        (("ask",), "give a question"),
        (("ask", "x", "--write"), "does not know where to"),
        (("ask", "x", "--note", "none.md"), "there is no note"),
        (("ask", "x", "--note", "../../x.md"), "lies outside"),
        (("ask", "x", "--note", "latin.md"), "latin.md is not UTF-8 text"),
        (("ask", "x", "--note", "Programs.md", "--selection", "nowhere"), "does not stand"),
        (("ask", "--resume", "0123456789ab"), "no question about notes"),
        (("check", "latin.md"), "is not UTF-8 text"),
        (("check", "empty.md"), "the note is empty"),
        (("review", "--grade", "x=good"), "the error notebook has no 'x'"),
        (("export",), "nothing to export"),
    ):
        with pytest.raises(BadInput) as told:
            app(["notes", words[0], str(vault), *words[1:]], standalone_mode=False)
        assert said in str(told.value), words
        assert "\n" not in str(told.value)
        assert capsys.readouterr().out == ""
    with pytest.raises(BadInput, match="there is no folder"):
        app(["notes", "ask", str(vault / "none"), "x"], standalone_mode=False)
    with pytest.raises(EngineDied):  # nobody listens there
        app(["notes", "ask", str(vault), "x", "--url", "http://127.0.0.1:9"], standalone_mode=False)


@pytest.mark.model
def test_ask_writes_a_callout_with_links(
    lemmata: Callable[..., Any], vault: Path, default_model: StoredModel, lemmata_home: Path
) -> None:
    words = ("notes", "ask", str(vault), "What do the roots of a quadratic add up to?",
             "--note", "Algebra/Quadratics.md", "--selection", "at most two roots", "--budget",
             "200", "--max-tokens", "48", "--write", "--json")  # fmt: skip
    done = lemmata(*words, env={"LEMMATA_HOME": str(lemmata_home)})
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["read"][0]["note"] == "Algebra/Quadratics.md"
    assert told["solution"]["tokens"] <= 48
    text = (vault / "Algebra" / "Quadratics.md").read_text(encoding="utf-8")
    assert text.index("at most two roots") < text.index("[!lemmata]") < text.index("## Exercise 1")
    for target in told["cited"]:
        note, _, name = target.partition("#^")
        assert f"^{name}" in (vault / f"{note}.md").read_text(encoding="utf-8")


class Interrupted(ScriptedEngine):
    """Gets a Ctrl-C in the midst of its first text."""

    async def generate(self, requests: Sequence[Request]) -> AsyncGenerator[Delta, None]:
        async for delta in super().generate(requests):
            yield delta
            if self.steps == 40:
                os.kill(os.getpid(), signal.SIGINT)


def test_a_stopped_question_goes_on(
    vault: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LEMMATA_HOME", str(tmp_path / "home"))
    engine = Interrupted(["2 + 3 = 5. " * 100, "\n\nThe answer is 5."])

    async def opened(model: str, settings: Any) -> Interrupted:
        return engine

    monkeypatch.setattr(notes_ask, "_opened", opened)
    app = build(["notes"])
    start = ["notes", "ask", str(vault)]
    asked = [*start, "What is 2 + 3?", "--note", "Programs.md"]
    assert app(asked, standalone_mode=False) == 130
    out, err = capsys.readouterr()
    assert out == ""
    number = err.partition("--resume ")[2].split()[0]
    app([*start, "--resume", number, "--write", "--json"], standalone_mode=False)
    derivation = json.loads(capsys.readouterr().out)["solution"]["derivation"]
    assert derivation.startswith("2 + 3 = 5. 2 + 3 = 5.")
    assert derivation.endswith("The answer is 5.")
    assert len(derivation) < 100
    assert "> - ✓ The answer is 5." in (vault / "Programs.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("url", ["localhost:8000", "ftp://host/v1", "http://user:secret@host/v1"])
def test_an_address_that_is_none_is_refused_before_anything_is_read(vault: Path, url: str) -> None:
    with pytest.raises(BadInput, match=r"no address|holds a name") as refusal:
        build(["notes"])(["notes", "ask", str(vault), "why?", "--url", url], standalone_mode=False)
    assert "secret" not in str(refusal.value)
