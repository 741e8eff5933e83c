"""`/api/complete`: a TODO in a file to code that was run; what editors ask."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from lemmata.apps.complete.complete import Completion, resumed
from lemmata.apps.complete.complete import complete as completing
from lemmata.server import solves
from lemmata.server.auth import Infer
from lemmata.server.complete_documents import COMPLETION, CompleteRequest
from lemmata.server.service import Serving
from lemmata.solve import Control, Journal
from lemmata.solve.role import of_adapter

router = APIRouter(tags=["Lemmata"])


@router.post("/api/complete", responses=COMPLETION, response_class=JSONResponse)
async def complete(
    body: CompleteRequest, request: Request, service: Serving, key: Infer
) -> Response:
    """Write the code that a TODO asks for, run it, and group what was written by what it does."""
    target = await asyncio.to_thread(body.target)
    service.ready()
    if body.resume is None:
        folder = solves.folder_of(service, key)
        what = await asyncio.to_thread(body.asked, target, service)
        journal = await asyncio.to_thread(Journal.create, folder, what)
    else:
        begun = await solves.to_go_on_with(request, service, key, body.resume)
        journal = await asyncio.to_thread(resumed, begun, target)
    asked = journal.asked

    def start(control: Control) -> AsyncGenerator[Any, None]:
        role = of_adapter(asked.adapter, service.ready().adapters())
        return completing(
            target, service.writer(key), asked, role=role, inside=service.thinks_in_prompt,
            control=control, journal=journal,
        )  # fmt: skip

    asking = solves.Asking(journal, key, Completion, start)
    return await solves.answer(asking, request, service, body.stream)
