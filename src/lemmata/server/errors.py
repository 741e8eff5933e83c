"""Errors as OpenAI's clients expect them: `{"error": {"message", "type", "param", "code"}}`."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from lemmata.errors import (
    ContextOverflow,
    DiskFull,
    LemmataError,
    NotReady,
    Overloaded,
    UnknownAdapter,
    UnknownModel,
    is_disk_full,
)

log = logging.getLogger("lemmata.server")

_CODES: tuple[tuple[type[LemmataError], str], ...] = (
    (UnknownModel, "model_not_found"),
    (UnknownAdapter, "model_not_found"),
    (ContextOverflow, "context_length_exceeded"),
    (Overloaded, "server_overloaded"),
)


class ErrorDetail(BaseModel):
    message: str
    type: str
    param: str | None = None
    code: str | None = None


class ErrorBody(BaseModel):
    """The form of every error."""

    error: ErrorDetail


class ClientGone(Exception):
    """The client hung up while its answer was in the making; nobody is left to be told."""


def of(error: LemmataError) -> dict[str, Any]:
    """The error body of one of ours."""
    code = next((code for kind, code in _CODES if isinstance(error, kind)), None)
    return body(str(error), error.http_status, None, code)


def body(
    message: str, status: int, param: str | None = None, code: str | None = None
) -> dict[str, Any]:
    kind = "server_error" if status >= 500 else "invalid_request_error"
    kind = {401: "authentication_error", 403: "permission_error", 429: "rate_limit_error"}.get(
        status, kind
    )
    return {"error": {"message": message, "type": kind, "param": param, "code": code}}


def install(app: FastAPI) -> None:
    """Turn every error that a route raises into its body and status."""

    @app.exception_handler(LemmataError)
    async def ours(_: Request, error: LemmataError) -> Response:
        status = 400 if error.http_status == 200 else error.http_status
        headers = {"Retry-After": str(error.retry_after)} if isinstance(error, NotReady) else None
        return JSONResponse(of(error), status, headers)

    @app.exception_handler(OSError)
    async def system(request: Request, error: OSError) -> Response:
        if not is_disk_full(error):
            return _fault(request.method, request.url.path, error)
        full = DiskFull("the server's disk is full", "Free some space and send it again.")
        return JSONResponse(of(full), full.http_status)

    @app.exception_handler(RequestValidationError)
    async def invalid(_: Request, error: RequestValidationError) -> Response:
        return JSONResponse(_from_validation(error.errors(), error.body), 400)

    @app.exception_handler(HTTPException)
    async def http(request: Request, error: HTTPException) -> Response:
        told = body(_told(request, error), error.status_code)
        return JSONResponse(told, error.status_code, error.headers)

    @app.exception_handler(ClientGone)
    async def gone(_: Request, __: ClientGone) -> Response:
        return Response(status_code=499)


class Faults:
    """Answers what nobody foresaw. Starlette would answer too, and hand it on to uvicorn, which
    then closes the connection under the client's next request."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        def watched(message: Message) -> Awaitable[None]:
            nonlocal started
            started = True
            return send(message)

        try:
            await self._app(scope, receive, watched)
        except Exception as error:
            if started or scope["type"] != "http":
                raise  # an answer that breaks off is seen by its client
            await _fault(scope["method"], scope["path"], error)(scope, receive, send)


def _fault(method: str, path: str, error: Exception) -> Response:
    log.error("fault in %s %s", method, path, exc_info=error)
    return JSONResponse(body("internal fault; the server's log has the traceback", 500), 500)


def _told(request: Request, error: HTTPException) -> str:
    """Starlette's own words for a wrong address say neither what nor why."""
    if error.detail == "Not Found":
        return f"there is nothing at {request.url.path}. OpenAI's routes begin with /v1"
    if error.detail == "Method Not Allowed":
        return f"{request.method} is not answered at {request.url.path}"
    return str(error.detail)


def _from_validation(errors: Sequence[Any], sent: Any) -> dict[str, Any]:
    """The first fault, named by the path of the field it is in. Where a field may be of several
    kinds each of them complains, and the one that got furthest was meant."""
    if isinstance(sent, bytes):
        return body("the body is not sent as JSON. Set Content-Type to application/json", 400)
    if errors[0]["type"] == "json_invalid":
        return body(f"the body is no JSON: {errors[0]['ctx']['error']}", 400)
    about_the_same = [error for error in errors if error["loc"][:2] == errors[0]["loc"][:2]]
    first = max(about_the_same, key=lambda error: len(_path(error, sent)))
    param = ".".join(_path(first, sent)) or None
    if first["type"] == "extra_forbidden":
        return body(f"unknown parameter: {param}", 400, param, "unknown_parameter")
    if param is None and first["type"] == "missing":
        return body("the body is missing", 400)
    message = first["msg"].removeprefix("Value error, ")
    return body(f"{param}: {message}" if param else message, 400, param)


def _path(error: Any, sent: Any) -> list[str]:
    """Where in what was sent a fault lies; pydantic puts names of its own types in between."""
    if error["loc"][0] != "body":
        return [str(part) for part in error["loc"][1:]]
    path, last = [], len(error["loc"]) - 1
    for at, part in enumerate(error["loc"][1:], 1):
        keys = (
            sent if isinstance(sent, dict) else range(len(sent)) if isinstance(sent, list) else ()
        )
        inside = part in keys
        if inside:
            sent = sent[part]
        if inside or (at == last and error["type"] == "missing"):
            path.append(str(part))
    return path
