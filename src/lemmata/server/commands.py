"""A short `lemmata` command run for a request, its JSON document the answer."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Sequence
from typing import Any

from lemmata.errors import BadInput, EngineDied, EnvironmentMissing
from lemmata.settings import Settings, child_environment

_AT_ONCE = asyncio.Semaphore(4)


async def document_of(
    words: Sequence[str], settings: Settings, seconds: float, stdin: str = ""
) -> Any:
    """What `lemmata WORDS` prints. Cancelling ends it. Raises BadInput and EnvironmentMissing where
    the command does, and EngineDied where it fails otherwise or takes longer than `seconds`."""
    async with _AT_ONCE:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "lemmata", *words,
            env=child_environment(LEMMATA_HOME=str(settings.home)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        try:
            async with asyncio.timeout(seconds):
                told, complaint = await process.communicate(stdin.encode())
        except TimeoutError as error:
            raise EngineDied(f"this took longer than {seconds:.0f} s") from error
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
    try:
        return json.loads(told)
    except ValueError as error:
        lines = complaint.decode(errors="replace").strip().splitlines() or ["no reason given"]
        kinds = {2: BadInput, 3: EnvironmentMissing}
        raise kinds.get(process.returncode or 0, EngineDied)(lines[-1]) from error
