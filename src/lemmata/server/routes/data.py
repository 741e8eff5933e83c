"""`/api/data`: files to tune on: uploaded, checked, their loss mask shown, prepared."""

from __future__ import annotations

import asyncio
import contextlib
import re
import shutil
import uuid
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field

from lemmata.data.tasks.catalog import FAMILIES
from lemmata.errors import BadInput
from lemmata.server.auth import allow
from lemmata.server.documents import ERRORS
from lemmata.server.openai_types import Strict
from lemmata.server.routes.jobs import JobBody, body_of, jobs_of
from lemmata.server.service import Service, Serving
from lemmata.server.state.numbers import is_number

router = APIRouter(tags=["Jobs"], dependencies=[Depends(allow("tune"))])
KINDS = (".jsonl", ".json", ".csv", ".tsv", ".parquet")
_NAME = re.compile(r"[\w\-][\w.\- ]{0,95}")
LONGEST_NAME = 200
"""Bytes; a Chinese character is three of the 255 that a file system takes."""
PREPARED = "prepared"
_UPLOAD = {
    "requestBody": {
        "required": True,
        "description": f"The file as it is: {', '.join(KINDS)}.",
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}


class Upload(BaseModel):
    """`size` is in bytes; `prepared`: recipes can name it as `upload:ID`."""

    id: str
    name: str
    size: int
    created: datetime
    prepared: bool


class Uploads(BaseModel):
    uploads: list[Upload]


class Family(BaseModel):
    """Problems that are made and checked by machine; recipes name them as `task:NAME:COUNT`."""

    name: str
    task: str
    title: str


class Families(BaseModel):
    families: list[Family]


class Check(Strict):
    """`model` (a catalog name) audits tokens as well."""

    model: str | None = Field(None, pattern=r"^[\w][\w.\-]{0,99}$")
    max_tokens: int = Field(1024, ge=16, le=2**20)
    answer_only: Literal["drop", "flag"] = "drop"
    languages: list[Literal["en", "zh", "other"]] = Field(default_factory=list, max_length=3)


class Prepare(Check):
    """`split` is the share that is held out."""

    on_long: Literal["error", "drop", "split"] = "error"
    split: float = Field(0.1, ge=0, le=0.9)


class Mask(Strict):
    """Rows (lines of the file) whose loss mask to show: what is learnt stands between ⟦ and ⟧."""

    rows: Annotated[list[int], Field(min_length=1, max_length=20)]
    model: str | None = Field(None, pattern=r"^[\w][\w.\-]{0,99}$")


@router.get("/api/data/tasks", responses=ERRORS)
def tasks() -> Families:
    """The families of problems that data can be made from."""
    return Families(
        families=[Family(name=n, task=f.TASK, title=f.TITLE) for n, f in FAMILIES.items()]
    )


@router.get("/api/data", responses=ERRORS)
def uploads(service: Serving) -> Uploads:
    """The files that were uploaded, the latest first."""
    root = _root(service)
    found = [_told(folder) for folder in root.iterdir()] if root.exists() else []
    known = [upload for upload in found if upload is not None]
    return Uploads(uploads=sorted(known, key=lambda upload: upload.created, reverse=True))


@router.put("/api/data/{name}", responses=ERRORS, status_code=201, openapi_extra=_UPLOAD)
async def upload(name: str, request: Request, service: Serving) -> Upload:
    """Keep a file to tune on. It is only ever read as data."""
    if not _NAME.fullmatch(name) or not name.lower().endswith(KINDS):
        raise BadInput(f"{name!r} is no name of a data file", f"Use one of {', '.join(KINDS)}.")
    if len(name.encode()) > LONGEST_NAME:
        raise BadInput("the file's name is too long", "Give it a shorter one.")
    folder = _root(service) / uuid.uuid4().hex
    folder.mkdir(parents=True)
    try:
        with (folder / f".{name}").open("wb") as file:
            async for chunk in request.stream():
                await asyncio.to_thread(file.write, chunk)
        if not (folder / f".{name}").stat().st_size:
            raise BadInput("the file is empty", "Send one with rows in it.")
        (folder / f".{name}").rename(folder / name)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    told = _told(folder)
    assert told is not None
    return told


@router.delete("/api/data/{number}", responses=ERRORS, status_code=204)
def remove(number: str, service: Serving) -> None:
    """Forget a file and what was prepared from it."""
    shutil.rmtree(file_of(service, number).parent, ignore_errors=True)  # another may be at it too


@router.post("/api/data/{number}/check", responses=ERRORS, status_code=201)
def check(number: str, body: Check, service: Serving) -> JobBody:
    """A job whose `output` says what the file holds and what preparing would drop."""
    path = file_of(service, number)
    return _start(service, "check", path, ["check", *_words(path, body)], number, body)


@router.post("/api/data/{number}/prepare", responses=ERRORS, status_code=201)
def prepare(number: str, body: Prepare, service: Serving) -> JobBody:
    """A job that cleans and splits it; a recipe then names it as `upload:ID`."""
    path = file_of(service, number)
    words = _words(path, body)
    words += ["--out", str(path.parent / PREPARED), "--split", str(body.split)]
    words += ["--on-long", body.on_long] + ([] if body.model else ["--model", "none"])
    return _start(service, "prepare", path, ["prepare", *words], number, body)


@router.post("/api/data/{number}/mask", responses=ERRORS, status_code=201)
def mask(number: str, body: Mask, service: Serving) -> JobBody:
    """A job whose `output` is the text of some rows as the model sees them, with what is learnt
    between ⟦ and ⟧."""
    path = file_of(service, number)
    words = ["check", str(path), *(["--model", body.model] if body.model else [])]
    words += [word for row in body.rows for word in ("--show", str(row))]
    return _start(service, "mask", path, words, number, body)


def _words(path: Path, body: Check) -> list[str]:
    words = [str(path), "--json", "--max-tokens", str(body.max_tokens)]
    words += ["--answer-only", body.answer_only]
    words += [word for language in body.languages for word in ("--language", language)]
    return words + (["--model", body.model] if body.model else [])


def _start(
    service: Service,
    kind: Literal["check", "prepare", "mask"],
    path: Path,
    words: list[str],
    number: str,
    body: Strict,
) -> JobBody:
    jobs = jobs_of(service)
    about = {"upload": number, **body.model_dump()}
    return body_of(jobs.start(jobs.new(), kind, path.name, ["data", *words], about))


def _root(service: Service) -> Path:
    return service.settings.home / "uploads"


def file_of(service: Service, number: str) -> Path:
    """The file of an upload. Raises UnknownUpload."""
    folder = _root(service) / number
    told = _told(folder) if is_number(number) and folder.is_dir() else None
    if told is None:
        raise UnknownUpload(f"there is no upload {number!r}", "List them first.")
    return folder / told.name


def prepared_of(service: Service, number: str) -> Path:
    """The prepared rows of an upload. Raises UnknownUpload, BadInput."""
    rows = file_of(service, number).parent / PREPARED / "train.jsonl"
    if not rows.exists():
        raise BadInput(f"upload {number} is not prepared", "Prepare it first.")
    return rows


class UnknownUpload(BadInput):
    http_status = 404


def _told(folder: Path) -> Upload | None:
    """None for what is no upload, or is being removed at this moment."""
    with contextlib.suppress(FileNotFoundError):
        for path in folder.glob("[!.]*"):
            if path.is_file():
                stat = path.stat()
                return Upload(
                    id=folder.name,
                    name=path.name,
                    size=stat.st_size,
                    created=datetime.fromtimestamp(stat.st_mtime, UTC),
                    prepared=(folder / PREPARED / "train.jsonl").exists(),
                )
    return None
