"""`/api/verify/code` and `/api/run`: programs, judged by tests or just run, in the sandbox."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from lemmata import verify
from lemmata.server.auth import allow
from lemmata.server.documents import ERRORS
from lemmata.server.openai_types import Strict
from lemmata.types import as_json
from lemmata.verify.cases import OUTPUT_CHECKERS, VALUE_CHECKERS, Test

router = APIRouter(tags=["Lemmata"], dependencies=[Depends(allow("infer"))])
_AT_ONCE = asyncio.Semaphore(4)
"""Submissions that run at the same time; the others wait."""


class StdioTest(Strict):
    """The program reads `stdin` and must write `expected`."""

    kind: Literal["stdio"] = "stdio"
    stdin: str = Field("", max_length=2**20)
    expected: str = Field(max_length=2**20)
    checker: Literal["lines", "exact", "tokens", "floats"] = "lines"

    def test(self) -> Test:
        return verify.Stdio(self.stdin, self.expected, OUTPUT_CHECKERS[self.checker]())


class CallTest(Strict):
    """`function(*args, **kwargs)` must return `expected`."""

    kind: Literal["call"]
    function: str = Field(min_length=1, max_length=200)
    args: list[Any] = Field(default_factory=list, max_length=100)
    kwargs: dict[str, Any] = Field(default_factory=dict)
    expected: Any = None
    checker: Literal["same", "close", "json"] = "json"

    def test(self) -> Test:
        checker = VALUE_CHECKERS[self.checker]()
        return verify.Call(self.function, tuple(self.args), self.expected, self.kwargs, checker)


class AssertsTest(Strict):
    """Test code with assertions about `function`."""

    kind: Literal["asserts"]
    function: str = Field(min_length=1, max_length=200)
    code: str = Field(min_length=1, max_length=2**20)
    setup: str = Field("", max_length=2**20)

    def test(self) -> Test:
        return verify.Asserts(self.function, self.code, self.setup)


AnyTest = Annotated[StdioTest | CallTest | AssertsTest, Field(discriminator="kind")]


class CodeLimits(Strict):
    """Of each test: CPU seconds and MiB."""

    time_s: Annotated[float, Field(ge=0.01, le=10)] = 2.0
    memory_mib: Annotated[int, Field(ge=16, le=1024)] = 256

    def limits(self) -> verify.Limits:
        return verify.Limits(time_s=self.time_s, memory_mib=self.memory_mib)


class CodeCheck(Strict):
    program: str = Field(min_length=1, max_length=2**20)
    language: Literal["python", "cpp"] = "python"
    tests: list[AnyTest] = Field(min_length=1, max_length=100)
    limits: CodeLimits = CodeLimits()


class OutcomeBody(BaseModel):
    """One test: its letters, why, CPU and wall seconds, the peak in MiB, excerpts of its output."""

    verdict: Literal["AC", "WA", "TLE", "MLE", "OLE", "RE", "CE", "IE"]
    reason: str
    cpu_s: float
    wall_s: float
    peak_mib: float
    stdout: str
    stderr: str


class JudgementBody(BaseModel):
    """`verdict` is AC if every test is, else that of the first that is not; `isolation` the rung
    of the sandbox; `complaint` the compiler's."""

    verdict: Literal["AC", "WA", "TLE", "MLE", "OLE", "RE", "CE", "IE"]
    tests: list[OutcomeBody]
    first_failing: int | None
    isolation: str
    complaint: str


class Program(Strict):
    program: str = Field(min_length=1, max_length=2**20)
    language: Literal["python", "cpp"] = "python"
    stdin: str = Field("", max_length=2**20)
    limits: CodeLimits = CodeLimits()


class RunBody(BaseModel):
    """`status`: OK, RE, TLE, MLE, OLE or IE; output beyond 64 KiB is cut."""

    status: Literal["OK", "RE", "TLE", "MLE", "OLE", "IE"]
    reason: str
    stdout: str
    stderr: str
    cpu_s: float
    peak_mib: float
    isolation: str


SHOWN = 64 * 1024


@router.post("/api/verify/code", responses=ERRORS, response_model=JudgementBody)
async def code(body: CodeCheck) -> JSONResponse:
    """Judge a program by tests in the sandbox; one verdict a test."""
    tests = [test.test() for test in body.tests]
    async with _AT_ONCE:
        judgement = await asyncio.to_thread(
            verify.judge, body.program, tests, body.limits.limits(), body.language
        )
    return JSONResponse(as_json(judgement))


@router.post("/api/run", responses=ERRORS)
async def run(body: Program) -> RunBody:
    """Run a program once in the sandbox."""
    async with _AT_ONCE:
        return await asyncio.to_thread(_run, body)


def _run(body: Program) -> RunBody:
    from lemmata.verify.sandbox.room import shared

    sandbox = shared()
    ran = sandbox.run(body.program, body.stdin, body.limits.limits(), body.language)
    return RunBody(
        status=ran.status,
        reason=ran.reason,
        stdout=ran.stdout[:SHOWN].decode(errors="replace"),
        stderr=ran.stderr[-SHOWN:].decode(errors="replace"),
        cpu_s=ran.cpu_s,
        peak_mib=ran.peak_mib,
        isolation=sandbox.level.rung,
    )
