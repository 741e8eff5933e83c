"""The `lemmata` command: one file a command, heavy imports inside the command's function.

Every command module has `register(app)`. Errors become one line on stderr and an exit code here
and nowhere else (`lemmata.errors` is the model).
"""

from __future__ import annotations

import importlib
import sys
from typing import NoReturn

import click
import typer

from lemmata import __version__
from lemmata.errors import DiskFull, LemmataError

COMMANDS: tuple[str, ...] = (
    "doctor",
    "pull",
    "models",
    "serve",
    "solve",
    "verify",
    "train",
    "adapters",
    "quickstart",
)


def _version(asked: bool) -> None:
    if asked:
        print(f"lemmata {__version__}")
        raise typer.Exit


def build() -> typer.Typer:
    """The whole command tree."""
    app = typer.Typer(
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        add_completion=False,
        rich_markup_mode="markdown",
        context_settings={"help_option_names": ["-h", "--help"]},
        help="One small reasoning model, many proven specialities, on your own machine.",
    )

    @app.callback()
    def root(
        version: bool = typer.Option(
            False, "--version", callback=_version, is_eager=True, help="Print the version."
        ),
    ) -> None:
        del version

    for name in COMMANDS:
        importlib.import_module(f"lemmata.cli.{name}").register(app)
    return app


def main() -> NoReturn:
    """Entry point. Exit codes: 0 done, 1 no, 2 bad input, 3 environment, 4 internal, 130 Ctrl-C."""
    try:
        code = build()(standalone_mode=False)
    except LemmataError as error:
        sys.exit(_say(error))
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except (click.Abort, KeyboardInterrupt):
        print("stopped", file=sys.stderr)
        sys.exit(130)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)
    except OSError as error:
        sys.exit(_say(_from_os(error)))
    sys.exit(code if isinstance(code, int) else 0)


def _say(error: LemmataError) -> int:
    print(f"lemmata: {error}", file=sys.stderr)
    return error.exit_code


def _from_os(error: OSError) -> LemmataError:
    """A full disk may surface in any write; every other OSError is a bug to be seen whole."""
    if error.errno in {28, 122}:  # ENOSPC, EDQUOT
        return DiskFull(f"no space left on the disk ({error.filename})", "Free some and run again.")
    raise error
