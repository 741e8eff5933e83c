"""`/api/conversations`: what was asked and answered, kept on the server, each key its own."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, Field
from pydantic_core import to_json

from lemmata.server.auth import Infer
from lemmata.server.documents import ERRORS
from lemmata.server.export import as_latex, as_markdown
from lemmata.server.openai_types import Strict
from lemmata.server.service import Service, Serving
from lemmata.server.state.said import ConversationSummary, Said

if TYPE_CHECKING:
    from lemmata.server.state.conversations import Conversations

router = APIRouter(tags=["Lemmata"])
LONGEST = 2**20
"""Characters of one turn."""


class ConversationList(BaseModel):
    conversations: list[ConversationSummary]


class TurnBody(Strict):
    """`about` is kept as it is: the solution, the choices made."""

    speaker: Literal["user", "assistant"]
    text: str = Field(max_length=LONGEST)
    about: dict[str, Any] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class WholeConversation(ConversationSummary):
    """With all its turns."""

    said: list[TurnBody]


class Place(BaseModel):
    """The turn's number, from 0."""

    number: int


class Title(Strict):
    title: str = Field("", max_length=200)


class Cut(Strict):
    """How many turns the branch begins with."""

    turns: int = Field(ge=0, le=10_000)


def _of(service: Service, key: str) -> Conversations:
    """Those of one key. The database's library is imported at its first use, as in `jobs_of`."""
    from lemmata.server.state.conversations import Conversations

    return Conversations(service.database(), key)


@router.get("/api/conversations", responses=ERRORS)
def conversations(
    service: Serving,
    key: Infer,
    search: Annotated[str, Query(max_length=200)] = "",
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    offset: Annotated[int, Query(ge=0, le=2**31)] = 0,
) -> ConversationList:
    """The latest first; with `search`, those in which all its words were said."""
    return ConversationList(conversations=_of(service, key).list(search, limit, offset))


@router.post("/api/conversations", responses=ERRORS, status_code=201)
def create(body: Title, service: Serving, key: Infer) -> ConversationSummary:
    """Begin one; without a title it takes its first question's."""
    return _of(service, key).create(body.title)


@router.get("/api/conversations/{number}", responses=ERRORS)
def read(number: str, service: Serving, key: Infer) -> WholeConversation:
    """One with all its turns."""
    summary, said = _of(service, key).get(number)
    turns = [TurnBody.model_validate(turn, from_attributes=True) for turn in said]
    return WholeConversation(**asdict(summary), said=turns)


@router.patch("/api/conversations/{number}", responses=ERRORS, status_code=204)
def rename(number: str, body: Title, service: Serving, key: Infer) -> None:
    """Give it another title."""
    _of(service, key).rename(number, body.title)


@router.delete("/api/conversations/{number}", responses=ERRORS, status_code=204)
def remove(number: str, service: Serving, key: Infer) -> None:
    """Forget it, turns and all."""
    _of(service, key).remove(number)


@router.post("/api/conversations/{number}/turns", responses=ERRORS, status_code=201)
def append(number: str, body: TurnBody, service: Serving, key: Infer) -> Place:
    """Add a turn to its end."""
    said = Said(body.speaker, body.text, body.about)
    return Place(number=_of(service, key).append(number, said))


@router.post("/api/conversations/{number}/branch", responses=ERRORS, status_code=201)
def branch(number: str, body: Cut, service: Serving, key: Infer) -> ConversationSummary:
    """A new one that begins with the first turns of this one."""
    return _of(service, key).branch(number, body.turns)


_EXPORT = {
    200: {"content": {"text/plain": {}, "application/json": {}}, "description": "A file."},
    **ERRORS,
}


@router.get("/api/conversations/{number}/export", responses=_EXPORT, response_class=JSONResponse)
def export(
    number: str,
    service: Serving,
    key: Infer,
    form: Annotated[Literal["markdown", "latex", "json"], Query()] = "markdown",
) -> Response:
    """The whole of it as a file: Markdown, a LaTeX document, or JSON."""
    summary, said = _of(service, key).get(number)
    if form == "json":
        whole = to_json(read(number, service, key), indent=2).decode()
        text, kind, ending = whole, "application/json", "json"
    elif form == "latex":
        text, kind, ending = as_latex(summary.title, said), "text/plain; charset=utf-8", "tex"
    else:
        text, kind, ending = as_markdown(summary.title, said), "text/plain; charset=utf-8", "md"
    named = f'attachment; filename="lemmata-{summary.id[:8]}.{ending}"'
    return Response(text, media_type=kind, headers={"Content-Disposition": named})
