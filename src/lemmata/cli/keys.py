"""`lemmata keys`: who may use a server that other machines can reach."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from lemmata.server.state.keys import Keys

EXAMPLES = """
**Examples**

    lemmata keys add laptop
    lemmata keys add trainer --scope tune
    lemmata keys add class --rate 60 --sequences 4 --tokens 200000
    lemmata keys list --json
    lemmata keys remove laptop
"""


def register(app: typer.Typer) -> None:
    keys = typer.Typer(no_args_is_help=True, help="API keys of the server.", epilog=EXAMPLES)
    app.add_typer(keys, name="keys")

    @keys.command(epilog=EXAMPLES)
    def add(
        name: Annotated[str, typer.Argument(help="Whom or what it is for.")],
        scope: Annotated[
            str, typer.Option(help="infer: ask. tune: also change adapters. admin: everything.")
        ] = "infer",
        rate: Annotated[int | None, typer.Option(min=1, help="Requests a minute.")] = None,
        sequences: Annotated[int | None, typer.Option(min=1, help="Sequences at once.")] = None,
        tokens: Annotated[int | None, typer.Option(min=1, help="Tokens a day.")] = None,
    ) -> None:
        """Make a key and print it. It is shown this once; only its hash is kept."""
        from lemmata.errors import BadInput
        from lemmata.server.state.keys import SCOPES, Allowance

        chosen = next((known for known in SCOPES if known == scope), None)
        if chosen is None:
            raise BadInput(f"there is no scope {scope!r}", f"Choose one of {', '.join(SCOPES)}.")
        print(_keys().add(name, chosen, Allowance(rate, sequences, tokens)))

    @keys.command("list", epilog=EXAMPLES)
    def show(
        as_json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
    ) -> None:
        """The keys there are, without their secrets."""
        rows = [
            {"name": k.name, "id": k.id, "scope": k.scope, "created": k.created.isoformat()}
            | asdict(k.allowance)
            for k in _keys().list()
        ]
        if as_json:
            print(json.dumps({"keys": rows}, indent=2))
        for row in () if as_json else rows:
            print(f"{row['scope']:<6}  {row['id']}  {row['created'][:10]}  {row['name']}")

    @keys.command(epilog=EXAMPLES)
    def remove(name: Annotated[str, typer.Argument(help="A key's name.")]) -> None:
        """Take a key back. Servers that run forget it within seconds."""
        _keys().remove(name)


def _keys() -> Keys:
    from lemmata import settings
    from lemmata.server.state.database import open_database
    from lemmata.server.state.keys import Keys

    return Keys(open_database(settings.load().database_url))
