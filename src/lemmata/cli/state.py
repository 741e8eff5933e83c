"""`lemmata state`: the database of keys, conversations and jobs: copy it, check it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

EXAMPLES = """
**Examples**

    lemmata state check
    lemmata state check --json
    lemmata state backup ~/backups/lemmata-monday.db
"""


def register(app: typer.Typer) -> None:
    state = typer.Typer(
        no_args_is_help=True, help="The database of keys, conversations and jobs.", epilog=EXAMPLES
    )
    app.add_typer(state, name="state")

    @state.command(epilog=EXAMPLES)
    def backup(
        to: Annotated[Path, typer.Argument(help="The copy; a file that does not exist yet.")],
    ) -> None:
        """Copy the database while it is in use. An SQLite copy is one file, ready to be put in the
        original's place; PostgreSQL is written by pg_dump for pg_restore."""
        from lemmata import settings
        from lemmata.server.state import backup as copying

        print(copying.backup(settings.load().database_url, to))

    @state.command(epilog=EXAMPLES)
    def check(
        as_json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
    ) -> None:
        """Look whether the database is whole. Exit code 1 where it is not."""
        from lemmata import settings
        from lemmata.server.state import backup as copying

        found = copying.check(settings.load().database_url)
        if as_json:
            print(json.dumps(found, ensure_ascii=False))
        else:
            rows = ", ".join(f"{count} {name}" for name, count in found["rows"].items())
            print(f"{found['database']}: form {found['form']}, {rows or 'not read'}")
            for problem in found["problems"]:
                print(f"problem  {problem}")
        raise typer.Exit(1 if found["problems"] else 0)
