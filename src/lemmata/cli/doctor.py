"""`lemmata doctor`: what this machine has and lacks, and what to do about it."""

from __future__ import annotations

import json
from typing import Annotated

import typer

EXAMPLES = """
**Examples**

    lemmata doctor
    lemmata doctor --online
    lemmata doctor --json | jq '.findings[] | select(.state != "ok")'

**Environment**

- `LEMMATA_HOME`: models, adapters, caches, runs (the user data folder)
- `LEMMATA_MODEL`: catalog id or path of the model to serve (smollm2-135m)
- `LEMMATA_HOST`, `LEMMATA_PORT`: where the server listens (127.0.0.1, 8080)
- `LEMMATA_THREADS`: threads of the engine and of training (physical cores)
- `LEMMATA_ENGINE_KEY`: API key of the server that `--url` or `--engine` names (none)
- `LEMMATA_DEBUG`: 1 shows the traceback of a fault
- `HF_ENDPOINT`, `HF_HUB_OFFLINE`, `MODELSCOPE_DOMAIN`: mirrors, and none at all
"""


def register(app: typer.Typer) -> None:
    @app.command(epilog=EXAMPLES)
    def doctor(
        online: Annotated[
            bool, typer.Option("--online", help="Also try the package index and the hubs.")
        ] = False,
        as_json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
    ) -> None:
        """Look at this machine and say what to mend. Exit code 3 when something needed is missing.

        It only reads. Every finding is ok, warn (works, but worse than it could) or fail.
        """
        from dataclasses import asdict

        from lemmata import settings
        from lemmata.doctor import examine

        findings = examine(settings.load(), online)
        failed = any(finding.state == "fail" for finding in findings)
        if as_json:
            document = {"ok": not failed, "findings": [asdict(finding) for finding in findings]}
            print(json.dumps(document, ensure_ascii=False, indent=2))
        else:
            for finding in findings:
                print(f"{finding.state:<4}  {finding.name:<12}  {finding.value}")
                if finding.mend:
                    print(f"{'':20}-> {finding.mend}")
        raise typer.Exit(3 if failed else 0)
