"""The `lemmata` command: one file a command, heavy imports inside the command's function.

Every command module has `register(app)`. Errors become one line on stderr and an exit code here
and nowhere else (`lemmata.errors` is the model).
"""

from __future__ import annotations

import importlib
import os
import signal
import sys
from collections.abc import Sequence
from typing import NoReturn

import typer

from lemmata import __version__
from lemmata.cli import faults
from lemmata.errors import LemmataError

COMMANDS: tuple[str, ...] = (
    "doctor",
    "pull",
    "models",
    "serve",
    "solve",
    "verify",
    "data",
    "train",
    "adapters",
    "eval",
    "keys",
    "state",
    "conjecture",
    "complete",
    "tutor",
    "notes",
    "quickstart",
)

EXAMPLES = """
**Examples**

    lemmata doctor
    lemmata solve "What is 6 times 7?"
    lemmata serve
"""


def _version(asked: bool) -> None:
    if asked:
        print(f"lemmata {__version__}")
        raise typer.Exit


def build(names: Sequence[str] = COMMANDS) -> typer.Typer:
    """The command tree with these commands."""
    app = typer.Typer(
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        add_completion=False,
        rich_markup_mode="markdown",
        context_settings={"help_option_names": ["-h", "--help"]},
        help="One small reasoning model, many proven specialities, on your own machine.",
        epilog=EXAMPLES,
    )

    @app.callback()
    def root(
        version: bool = typer.Option(
            False, "--version", callback=_version, is_eager=True, help="Print the version."
        ),
        debug: bool = typer.Option(
            False, "--debug", envvar="LEMMATA_DEBUG", help="Show the traceback of a fault."
        ),
    ) -> None:
        del version
        faults.show_tracebacks(debug)

    for name in names:
        importlib.import_module(f"lemmata.cli.{name}").register(app)
    return app


def _wanted(arguments: Sequence[str]) -> Sequence[str]:
    """Only the command that is called need be imported; help and mistakes need them all."""
    first = next((word for word in arguments if not word.startswith("-")), None)
    return (first,) if first in COMMANDS else COMMANDS


def main() -> NoReturn:
    """Run the command line. 0 done, 1 no, 2 bad input, 3 environment, 4 internal, 130 Ctrl-C."""
    try:
        code = build(_wanted(sys.argv[1:]))(standalone_mode=False)
        sys.stdout.flush()
    except (typer.Abort, KeyboardInterrupt):
        code = 130
    except BrokenPipeError:
        # The reader (head, less) has gone: nobody is left to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        code = 0
    except (LemmataError, typer.TyperException) as error:
        code = faults.say(error)
    except Exception as error:  # noqa: BLE001 - the last place that can turn it into one line
        code = 130 if faults.was_interrupted(error) else faults.report(error)
    if code == 130:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        print("stopped", file=sys.stderr)
    sys.exit(code if isinstance(code, int) else 0)
