"""The HTTP application: OpenAI's routes, Lemmata's own beside them, and the page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from starlette.middleware.cors import CORSMiddleware

from lemmata import __version__
from lemmata.server import errors
from lemmata.server.counting import Counting
from lemmata.server.documents import error_schemas
from lemmata.server.hosts import KnownHosts
from lemmata.server.limits import BodyLimit
from lemmata.server.routes import (
    adapters,
    chat,
    classroom,
    code,
    complete,
    completions,
    conjecture,
    conversations,
    data,
    evaluations,
    exercises,
    health,
    jobs,
    models,
    notes,
    page,
    roles,
    solve,
    system,
    train,
    tutor,
    verify,
)
from lemmata.server.service import Service


def create_app(
    service: Service, hosts: Sequence[str] | None = None, origins: Sequence[str] = ()
) -> FastAPI:
    """The application around a service. `hosts` are the names it answers to, None: to every one. On
    loopback they keep a web page elsewhere from reaching the server through a name of its own.
    `origins` are the pages elsewhere that a browser lets ask all the same (CORS)."""
    app = FastAPI(
        title="Lemmata",
        version=__version__,
        docs_url=None,
        redoc_url=None,
        separate_input_output_schemas=False,
    )
    app.state.service = service
    app.add_middleware(errors.Faults)
    if hosts is not None:
        app.add_middleware(KnownHosts, names=hosts)
    app.add_middleware(BodyLimit)
    app.add_middleware(Counting, service=service)
    if origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=list(origins),
            allow_methods=["*"],
            allow_headers=["Authorization", "Content-Type"],
            expose_headers=["Lemmata-Solve", "Retry-After"],
        )
    errors.install(app)
    for module in (
        chat, completions, models, health, solve, verify, code, adapters, roles, conversations,
        data, train, jobs, evaluations, system, tutor, classroom, exercises,
        complete, conjecture, notes,
    ):  # fmt: skip
        app.include_router(module.router)
    app.openapi = lambda: _document(app)  # type: ignore[method-assign]
    page.add(app)
    return app


def _document(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document; a body that does not validate answers 400 here, not FastAPI's 422."""
    if app.openapi_schema is None:
        document = get_openapi(
            title=app.title,
            version=app.version,
            summary="OpenAI-compatible serving of one small reasoning model and its adapters.",
            routes=app.routes,
        )
        document["components"]["schemas"] |= error_schemas()
        for operations in document["paths"].values():
            for operation in operations.values():
                operation["responses"].pop("422", None)
        for name in ("HTTPValidationError", "ValidationError"):
            document["components"]["schemas"].pop(name, None)
        app.openapi_schema = document
    return app.openapi_schema
