"""`/api/notes/…`: what an editor of notes needs besides `/api/solve`.

Notes come as text; the server reads and writes no folder of theirs."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Literal

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from lemmata.server.auth import allow
from lemmata.server.documents import ERRORS
from lemmata.server.openai_types import Strict
from lemmata.server.service import Serving
from lemmata.server.solve_documents import VerdictBody
from lemmata.types import Solution, Verdict

if TYPE_CHECKING:
    from lemmata.apps.notes.passage import Passage

router = APIRouter(tags=["Lemmata"], dependencies=[Depends(allow("infer"))])
_AT_ONCE = asyncio.Semaphore(2)
"""Notes checked at the same time; their programs run in the sandbox."""
LARGEST = 4 << 20
"""Characters of a note."""


class PassageBody(Strict):
    """A block of a note. `target` is what a wiki link to it says, `line` its first, from 0."""

    note: str = Field(max_length=4096)
    target: str = Field(max_length=4096)
    heading: str = Field("", max_length=4096)
    text: str = Field(max_length=100_000)
    via: Literal["selection", "note", "embed", "link", "backlink", "search"] = "note"
    distance: int = Field(0, ge=0, le=100)
    line: int = Field(0, ge=0)

    def passage(self) -> Passage:
        from lemmata.apps.notes.passage import Passage  # its parser is for those who ask

        return Passage(**self.model_dump())


class Question(Strict):
    """`passages` in the order of their worth; as many are read as `budget` tokens hold."""

    question: str = Field(min_length=1, max_length=20_000)
    selection: str = Field("", max_length=100_000)
    passages: list[PassageBody] = Field(default_factory=list, max_length=256)
    budget: int = Field(1024, ge=0, le=2**20)


class PromptBody(BaseModel):
    """`problem` is for `/api/solve`, with `plan` off and `anyway`; `used` are indices into the
    passages, in the order of the numbers that the answer cites, from 1."""

    problem: str
    task: Literal["math", "code"]
    used: list[int]
    left_out: int
    tokens: int


class Answered(Strict):
    """What the callout needs of a solution, whose steps are checked anew; `passages` are those
    used, in their order."""

    question: str = Field(min_length=1, max_length=20_000)
    derivation: str = Field(max_length=1_000_000)
    answer: str | None = Field(None, max_length=1_000_000)
    verdict: VerdictBody
    language: str = Field("en", max_length=10)
    passages: list[PassageBody] = Field(default_factory=list, max_length=256)

    def solution(self) -> Solution:
        verdict = Verdict(**self.verdict.model_dump())
        return Solution(
            self.question, self.derivation, self.answer, verdict, language=self.language
        )


class CalloutBody(BaseModel):
    """`markdown` is harmless whatever the model wrote; `cited` are indices into the passages."""

    markdown: str
    cited: list[int]


class Note(Strict):
    """A note and which of its lines to check, from 0, half open; left out: all."""

    text: str = Field(max_length=LARGEST)
    note: str = Field("", max_length=4096)
    first: Annotated[int, Field(ge=0)] = 0
    last: Annotated[int | None, Field(ge=0)] = None


class FindingBody(BaseModel):
    """A step, an example, a program or an answer; `line` is the one behind which it is told."""

    kind: Literal["step", "example", "answer", "program"]
    state: Literal["holds", "fails", "unchecked"]
    text: str
    reason: str
    line: int
    number: int


class SectionBody(BaseModel):
    """What stands under one heading. `entry` is its note for the error notebook, where it fails;
    `correction` what its entry there lacks, where it holds. Both are for the file `path`."""

    heading: str
    task: Literal["math", "code"]
    state: Literal["holds", "fails", "unchecked"]
    findings: list[FindingBody]
    path: str
    entry: str | None
    correction: str | None


class EditBody(BaseModel):
    """Lines `first` to `last` (from 0, half open) become `lines`."""

    first: int
    last: int
    lines: list[str]


class CheckedBody(BaseModel):
    """`edits` put the callouts into the note that was sent, in place of earlier ones."""

    sections: list[SectionBody]
    edits: list[EditBody]


class Notebook(Strict):
    """Notes of the error notebook, as text."""

    entries: list[str] = Field(max_length=10_000)


class LeftBody(BaseModel):
    id: str
    reason: str


class TuningBody(BaseModel):
    """`lines` are JSON lines for `lemmata data`; `left` the entries that give none."""

    lines: list[str]
    left: list[LeftBody]


@router.post("/api/notes/prompt", responses=ERRORS)
async def pack(body: Question, service: Serving) -> PromptBody:
    """The question with what of the notes fits, counted in the model's own tokens."""
    from lemmata.apps.notes.prompt import pack
    from lemmata.solve import task_of

    engine = service.ready()
    passages = [passage.passage() for passage in body.passages]
    packed = await asyncio.to_thread(
        pack, body.question, body.selection, passages,
        lambda text: len(engine.tokenize(text)), body.budget,
    )  # fmt: skip
    places = {id(passage): place for place, passage in enumerate(passages)}
    return PromptBody(
        problem=packed.problem,
        task="code" if task_of(body.question) == "code" else "math",
        used=[places[id(passage)] for passage in packed.used],
        left_out=packed.left_out,
        tokens=packed.tokens,
    )


@router.post("/api/notes/callout", responses=ERRORS)
async def callout(body: Answered) -> CalloutBody:
    """A solution as a callout for a note, with marks and links."""
    from lemmata.apps.notes.callout import answer

    passages = [passage.passage() for passage in body.passages]
    made = await asyncio.to_thread(answer, body.question, body.solution(), passages)
    return CalloutBody(markdown=made.markdown, cited=list(made.cited))


@router.post("/api/notes/check", responses=ERRORS)
async def check(body: Note) -> CheckedBody:
    """Check every step, program and answer of a note that a machine can check."""
    async with _AT_ONCE:
        return await asyncio.to_thread(_checked, body)


def _checked(body: Note) -> CheckedBody:
    from lemmata.apps.notes import notebook
    from lemmata.apps.notes.check import Checked, check
    from lemmata.apps.notes.writing import annotated, edits

    now = datetime.now(UTC)

    def section(one: Checked) -> SectionBody:
        fails = one.state == "fails"
        return SectionBody(
            heading=one.heading,
            task=one.task,
            state=one.state,
            findings=[FindingBody(**asdict(finding)) for finding in one.findings],
            path=notebook.path_of(notebook.id_of(body.note, one)),
            entry=notebook.written(notebook.entry(body.note, one, now)) if fails else None,
            correction=one.attempt if one.state == "holds" else None,
        )

    found = check(body.text, body.first, body.last)
    after = annotated(body.text, found, body.first, body.last)
    changes = [EditBody(**asdict(edit)) for edit in edits(body.text, after)]
    return CheckedBody(sections=[section(one) for one in found], edits=changes)


@router.post("/api/notes/export", responses=ERRORS)
async def export(body: Notebook) -> TuningBody:
    """The error notebook as rows to tune on; every correction is checked first."""
    async with _AT_ONCE:
        return await asyncio.to_thread(_exported, body.entries)


def _exported(texts: list[str]) -> TuningBody:
    from lemmata.apps.notes import notebook
    from lemmata.apps.notes.tuning import tuning_set
    from lemmata.errors import BadInput

    entries, left = [], []
    for number, text in enumerate(texts):
        try:
            entry = notebook.read(text)
        except BadInput as error:
            left.append(LeftBody(id=f"#{number + 1}", reason=error.cause))
            continue
        if entry is not None:
            entries.append(entry)
    made = tuning_set(entries)
    left += [LeftBody(**asdict(one)) for one in made.left]
    return TuningBody(lines=list(made.lines), left=left)
