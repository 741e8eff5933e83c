"""Asking about notes in the terminal: index, context, prompt, solve, callout."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lemmata import settings as reading
from lemmata.apps.notes import asked as kept
from lemmata.apps.notes import callout, placing, prompt
from lemmata.apps.notes.context import Asking, Context, gather
from lemmata.apps.notes.index import Index
from lemmata.apps.notes.vault import Vault
from lemmata.cli.solving import folder as journals
from lemmata.cli.solving import show
from lemmata.engines.base import GREEDY, Sampling
from lemmata.errors import BadInput, LemmataError
from lemmata.models.progress import shown
from lemmata.solve import Asked, Control, Journal, Options, Piece, solve_events, task_of
from lemmata.types import Problem, Solution, as_json

if TYPE_CHECKING:
    from lemmata.engines.base import Engine
    from lemmata.settings import Settings

SKIPPED_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Wish:
    """What the command line said."""

    question: str
    note: str
    selection: str
    depth: int
    budget: int
    votes: int
    max_tokens: int | None
    seed: int | None
    model: str | None

    def sampling(self) -> Sampling:
        first = GREEDY if self.votes == 1 else Sampling(seed=self.seed)
        return replace(first, max_tokens=self.max_tokens)


@dataclass(frozen=True, slots=True)
class Told:
    """An answer and where it belongs."""

    vault: Vault
    asked: kept.Asked
    solution: Solution
    answer: callout.Answer

    @property
    def markdown(self) -> str:
        return self.answer.markdown.rstrip("\n")

    def write(self) -> list[str]:
        """Put the callout into the note, and ids to what it cites. Raises BadInput."""
        if not self.asked.note:
            raise BadInput("the question was about no note", "Ask it again with --note.")
        missed = placing.name_blocks(self.vault, self.asked.used, self.answer.cited)
        text = self.vault.read(self.asked.note)
        after = placing.placed(text, self.answer.markdown, self.asked.selection)
        self.vault.write(self.asked.note, after, text)
        return missed

    def as_json(self) -> dict[str, Any]:
        return {
            "callout": self.answer.markdown,
            "cited": [self.asked.used[number].target for number in self.answer.cited],
            "read": [asdict(passage) for passage in self.asked.used],
            "solution": as_json(self.solution),
        }


def go(folder: Path, wish: Wish) -> Told:
    """Ask anew. Raises BadInput, EngineDied, UnknownModel and what solving raises."""
    settings, vault = reading.load(), Vault(folder)
    if not wish.question.strip():
        raise BadInput("the question is empty", "Say what you want to know.")
    note = vault.name(wish.note) if wish.note else vault.only or ""
    if wish.selection and note and wish.selection.strip() not in vault.read(note):
        raise BadInput(f"the selection does not stand in {note}", "Copy it from there.")
    context = _context(vault, settings, Asking(wish.question, note, wish.selection, wish.depth))

    async def asking() -> tuple[kept.Asked, Solution]:
        model = wish.model or settings.model
        engine = await _opened(model, settings)
        try:
            packed = await asyncio.to_thread(
                prompt.pack, wish.question, wish.selection, context.passages,
                _counting(engine, model), wish.budget,
            )  # fmt: skip
            read, out = len(packed.used), packed.left_out
            print(f"reading {read} blocks, {packed.tokens} tokens; {out} left out", file=sys.stderr)
            problem = Problem(packed.problem, task=task_of(wish.question))
            how = Options(plan="off", anyway=True)
            job = Asked(problem, None, None, wish.votes, wish.sampling(), how, model)
            journal = Journal.create(journals(settings), job)
            about = kept.Asked(str(vault.root), note, wish.question, wish.selection, packed.used)
            kept.keep(_folder(settings), journal.id, about)
            return about, await _solved(journal, engine)
        finally:
            await engine.close()

    return _told(vault, *asyncio.run(asking()))


def resumed(folder: Path, number: str, model: str | None) -> Told:
    """Go on with one that was stopped. Raises BadInput where there is none."""
    settings, vault = reading.load(), Vault(folder)
    about = kept.find(_folder(settings), number)
    if Path(about.vault) != vault.root:
        raise BadInput(f"it was asked about {about.vault}", "Name that folder.")
    journal = Journal.open(journals(settings), number)

    async def going() -> Solution:
        engine = await _opened(model or journal.asked.model, settings)
        try:
            return await _solved(journal, engine)
        finally:
            await engine.close()

    return _told(vault, about, asyncio.run(going()))


def _told(vault: Vault, about: kept.Asked, solution: Solution) -> Told:
    return Told(vault, about, solution, callout.answer(about.question, solution, about.used))


def _context(vault: Vault, settings: Settings, asking: Asking) -> Context:
    with shown() as progress, Index(vault, settings.cache_dir / "notes") as index:
        updated = index.update(progress)
        context = gather(index, asking)
    for one in updated.skipped[:SKIPPED_SHOWN]:
        print(f"left alone: {one.path}: {one.reason}", file=sys.stderr)
    if (more := len(updated.skipped) - SKIPPED_SHOWN) > 0:
        print(f"left alone: {more} more", file=sys.stderr)
    if context.broken:
        print(f"broken links: {', '.join(context.broken)}", file=sys.stderr)
    return context


def _folder(settings: Settings) -> Path:
    return settings.home / "notes"


async def _opened(model: str, settings: Settings) -> Engine:
    from lemmata.engines import open_engine

    return await asyncio.to_thread(open_engine, model, settings)


def _counting(engine: Engine, model: str) -> Callable[[str], int]:
    """The engine's own count; a server elsewhere is not asked once a passage."""
    if model.startswith(("http://", "https://")):
        return prompt.estimate
    return lambda text: len(engine.tokenize(text))


async def _solved(journal: Journal, engine: Engine) -> Solution:
    """The solution; meanwhile its text on stderr. Left early, it can be gone on with."""
    control, job = Control(), journal.asked
    asyncio.get_running_loop().add_signal_handler(signal.SIGQUIT, control.answer_now)
    events = solve_events(
        job.problem, engine, votes=job.votes, sampling=job.sampling, how=job.how,
        control=control, journal=journal,
    )  # fmt: skip
    try:
        async with aclosing(events):
            async for event in events:
                if isinstance(event, Solution):
                    print(file=sys.stderr)
                    return event
                if isinstance(event, Piece) and job.votes == 1:
                    print(event.text, end="", flush=True, file=sys.stderr)
                else:
                    show(event, quiet=True, votes=job.votes)
    except LemmataError:
        journal.forget_if_unbegun()
        raise
    except asyncio.CancelledError:
        journal.forget_if_unbegun()
        if journal.path.exists():
            how = f"lemmata notes ask FOLDER --resume {journal.id}"
            print(f"\nsaved; go on with: {how}", file=sys.stderr)
        raise
    raise AssertionError("solve_events ends with a Solution")
