"""`lemmata serve`: OpenAI-compatible serving of a base model and its adapters, and the page."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from lemmata.engines.base import Engine
    from lemmata.server.auth import Gate
    from lemmata.settings import Settings

EXAMPLES = """
**Examples**

    lemmata serve
    lemmata serve --model vibethinker-1.5b --port 9000
    lemmata serve --adapters ./my-adapters
    lemmata serve --engine vllm --model vibethinker-1.5b
    lemmata serve --engine http://gpu-box:8000/v1
    lemmata serve --allow-origin https://notes.example --log json
"""


def register(app: typer.Typer) -> None:
    @app.command(epilog=EXAMPLES)
    def serve(
        model: Annotated[
            str | None, typer.Option(help="Catalog name or path; else LEMMATA_MODEL.")
        ] = None,
        host: Annotated[str | None, typer.Option(help="Address; else LEMMATA_HOST.")] = None,
        port: Annotated[
            int | None, typer.Option(min=0, max=65535, help="0: any free one; else LEMMATA_PORT.")
        ] = None,
        adapters: Annotated[
            Path | None, typer.Option(help="A folder of adapter folders to load as well.")
        ] = None,
        engine: Annotated[
            str, typer.Option(help="`llama`, `vllm`, `torch`, `echo`, or an OpenAI server's URL.")
        ] = "llama",
        allow_host: Annotated[
            list[str] | None, typer.Option(help="A Host name that a local proxy sends; repeatable.")
        ] = None,
        allow_origin: Annotated[
            list[str] | None,
            typer.Option(help="A web page elsewhere that may ask (CORS), as in https://a.example."),
        ] = None,
        sequences: Annotated[
            int,
            typer.Option(min=1, max=65536, help="Handed to the engine at once; others wait."),
        ] = 64,
        time_limit: Annotated[
            float, typer.Option(min=1, help="Seconds that one answer may take; then it ends there.")
        ] = 3600.0,
        log: Annotated[
            Literal["text", "json"], typer.Option(help="Form of the log on stderr.")
        ] = "text",
        insecure: Annotated[
            bool, typer.Option("--insecure", help="Let other machines in without a key.")
        ] = False,
    ) -> None:
        """Serve the model and its adapters over HTTP, with a page at `/`.

        Prints one line with the URL once requests are answered; logs go to stderr. Ctrl-C and
        SIGTERM let answers under way finish. An address that other machines can reach asks for
        an API key (`lemmata keys add NAME`); on 127.0.0.1 none is needed.
        """
        from lemmata import settings as reading
        from lemmata.server import listen

        settings = reading.load()
        address = host or settings.host
        gate = None if insecure or listen.is_loopback(address) else _gate(settings)
        sock = listen.bind(address, settings.port if port is None else port)

        opening = _opening(engine, model or settings.model, settings, adapters)

        from lemmata.server import log as logs
        from lemmata.server.run import serve as run

        logs.begin(log)
        raise typer.Exit(
            run(
                sock,
                settings,
                opening,
                _announce,
                allow_host or (),
                gate,
                allow_origin or (),
                sequences,
                time_limit,
            )
        )


def _gate(settings: Settings) -> Gate:
    """Other machines can reach this address: nobody comes in without a key."""
    from lemmata.errors import BadInput
    from lemmata.server.auth import Gate
    from lemmata.server.state.database import open_database
    from lemmata.server.state.keys import Keys

    keys = Keys(open_database(settings.database_url))
    if not keys.list():
        raise BadInput(
            "other machines can reach that address and there is no API key yet",
            "Make one: lemmata keys add NAME. Or pass --insecure to let everybody in.",
        )
    return Gate(keys)


def _announce(model: str, url: str) -> None:
    print(f"Lemmata serves {model} at {url}", flush=True)


def _opening(
    kind: str, model: str, settings: Settings, adapters: Path | None
) -> Callable[[], Awaitable[Engine]]:
    """What makes the engine. The embedded one's process begins now, and loads the model while this
    one imports the web framework, which takes as long."""
    import asyncio
    from concurrent.futures import ThreadPoolExecutor

    from lemmata.engines import open_engine

    wanted = (kind, settings) if "://" in kind else (model, settings, kind)
    ahead = None
    if kind == "llama":
        # Imported here, not in the thread: of packages that two threads import at once, one may see
        # a half-made module.
        import lemmata.engines.llama
        import lemmata.models.store  # noqa: F401

        ahead = ThreadPoolExecutor(1, "opening").submit(open_engine, *wanted)

    async def opening() -> Engine:
        from lemmata.server import specialities

        waiting = asyncio.wrap_future(ahead) if ahead else asyncio.to_thread(open_engine, *wanted)
        engine = await waiting
        await specialities.load(engine, settings, adapters)
        return engine

    return opening
