"""`lemmata conjecture`: look for a counterexample and say exactly what is known."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from lemmata.apps.conjecture import Outcome, Spec

EXAMPLES = """
**Examples**

    lemmata conjecture "Every even number greater than 2 is the sum of two primes." --limit 10000000
    lemmata conjecture "n^2 + n + 41 is prime for every integer n >= 0." --yes --json | jq .known
    lemmata conjecture "不存在奇完全数。" --budget 8h --out odd-perfect
    lemmata conjecture --resume odd-perfect --budget 8h
    lemmata conjecture "for graph G in 1..7: triangle_free(G) -> bipartite(G)" --yes
"""


def register(app: typer.Typer) -> None:
    @app.command(epilog=EXAMPLES)
    def conjecture(
        statement: Annotated[
            str | None,
            typer.Argument(help="In English, Chinese, LaTeX or the spec language; `-`: stdin."),
        ] = None,
        budget: Annotated[str, typer.Option(help="How long to search: 60s, 10m, 8h.")] = "60s",
        limit: Annotated[
            int | None, typer.Option(min=1, help="Cover up to here (n, or vertices), then stop.")
        ] = None,
        seed: Annotated[
            int | None, typer.Option(min=0, max=2**31 - 1, help="Of the random methods.")
        ] = None,
        spec: Annotated[
            Path | None, typer.Option(help="Take the conjecture from this file, text or JSON.")
        ] = None,
        edit: Annotated[bool, typer.Option(help="Edit the spec in $EDITOR first.")] = False,
        out: Annotated[
            Path | None, typer.Option(help="Folder for the frontier, the report and its exports.")
        ] = None,
        resume: Annotated[Path | None, typer.Option(help="Go on with the search in there.")] = None,
        model: Annotated[
            str | None,
            typer.Option(help="Let this model formalise what the templates do not, and offer "
                         "background (marked as unverified)."),
        ] = None,
        yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask to confirm.")] = False,
        as_json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
    ) -> None:  # fmt: skip
        """Search for a counterexample; every claim of the report was computed.

        Exit code 0: none found, or proved on a bounded domain. 1: refuted. 2: cannot formalise.
        """
        from lemmata.apps.conjecture.language.words import spoken
        from lemmata.cli.conjecture_told import code, tell
        from lemmata.prompts.language import detect

        seconds = _seconds(budget)
        found, background, writer = _spec(statement, spec, resume, model, edit)
        tongue = detect(found.statement)
        print(spoken(found, tongue), file=sys.stderr)
        print(found.text(), file=sys.stderr)
        if writer:
            print(f"lemmata: {writer} wrote this spec: check it", file=sys.stderr)
        _confirm(yes or resume is not None)
        folder = resume or out
        outcome = _search(found, seconds, limit, seed, folder)
        tell(found, outcome, folder, (background, writer), as_json, tongue)
        raise typer.Exit(code(outcome))


def _seconds(text: str) -> float:
    from lemmata.errors import BadInput

    units = {"s": 1, "m": 60, "h": 3600}
    number, unit = (text[:-1], text[-1]) if text[-1:] in units else (text, "s")
    try:
        seconds = float(number) * units[unit]
    except ValueError:
        seconds = 0.0
    if not 0 < seconds <= 30 * 86400:
        raise BadInput(f"{text[:20]!r} is no budget", "Write 60s, 10m or 8h.")
    return seconds


def _spec(
    statement: str | None, path: Path | None, resume: Path | None, model: str | None, edit: bool
) -> tuple[Spec, str, str]:
    """The conjecture from whichever source was given, a model's background if it was asked, and
    the model's name if it wrote the spec."""
    from lemmata.cli.given import text_of
    from lemmata.errors import BadInput

    given = [source for source in (statement, path, resume) if source is not None]
    if len(given) != 1:
        raise BadInput("give a statement, --spec FILE or --resume DIR, and only one", "See --help.")
    if resume is not None:
        from lemmata.apps.conjecture.search.frontier import Folder

        return Folder(resume).spec(), "", ""
    if path is not None:
        from lemmata.apps.conjecture import read

        return _edited(read(text_of(path)[:100_000]), edit), "", ""
    assert statement is not None
    text = text_of("-") if statement == "-" else statement
    if model is not None:
        found, background, writer = _with_model(text, model)
        return _edited(found, edit), background, writer
    from lemmata.apps.conjecture import formalise

    return _edited(formalise(text), edit), "", ""


def _with_model(text: str, name: str) -> tuple[Spec, str, str]:
    """Templates first: what they understand they understand surely."""
    import asyncio

    from lemmata import settings as reading
    from lemmata.apps.conjecture import NotUnderstood, formalise
    from lemmata.apps.conjecture.formalise import model as by_model
    from lemmata.engines import open_engine

    try:
        found = formalise(text)
    except NotUnderstood as fault:
        print(f"lemmata: {fault.cause}; asking the model", file=sys.stderr)
        found = None

    async def ask() -> tuple[Spec, str, str]:
        engine = await asyncio.to_thread(open_engine, name, reading.load())
        try:
            spec = found or await by_model.formalise(text, engine)
            background = await by_model.background(text, engine)
            return spec, background, "" if found else name
        finally:
            await engine.close()

    return asyncio.run(ask())


def _edited(spec: Spec, edit: bool) -> Spec:
    from lemmata.apps.conjecture import read
    from lemmata.errors import BadInput

    if not edit:
        return spec
    head = "# Change what is wrong, save, and close. Lines that begin with # are left out.\n"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "conjecture.txt"
        path.write_text(f"{head}{spec.text()}\n", encoding="utf-8")
        # The shell knows the person's editor, as git has it.
        editor = 'exec ${VISUAL:-${EDITOR:-vi}} "$1"'
        if subprocess.run(["sh", "-c", editor, "sh", str(path)], check=False).returncode:  # noqa: S603, S607
            raise BadInput("the editor failed", "Set EDITOR, or give the spec with --spec FILE.")
        return read(path.read_text(encoding="utf-8"), spec.statement)


def _confirm(agreed: bool) -> None:
    """Ask where there is someone to ask; elsewhere what was understood stands on stderr."""
    from lemmata.errors import BadInput

    if agreed or not sys.stdin.isatty():
        return
    if not typer.confirm("Is this what you mean?", default=True, err=True):
        raise BadInput("not what was meant", "Run again with --edit to correct it.")


def _search(
    spec: Spec, seconds: float, limit: int | None, seed: int | None, folder: Path | None
) -> Outcome:
    """Run it. Ctrl-C ends it early, with everything up to the last complete shell kept."""
    from lemmata.apps.conjecture.search.frontier import Folder
    from lemmata.apps.conjecture.search.portfolio import Search

    if folder is None:
        return _watch(Search(spec, seconds, limit, seed), None)
    home = Folder(folder)
    with home.locked():
        home.begin(spec)
        return _watch(Search(spec, seconds, limit, seed, home), home)


def _watch(search: Any, home: Any) -> Outcome:
    from lemmata.apps.conjecture import Outcome, event_json
    from lemmata.cli.conjecture_told import show

    try:
        for event in search.run():
            if home is not None:
                home.append_event(event_json(event))
            if isinstance(event, Outcome):
                return event
            show(event)
    except KeyboardInterrupt:
        print("\nstopped; the frontier is kept" if home else "\nstopped", file=sys.stderr)
    outcome: Outcome = search.outcome(interrupted=True)
    return outcome
