"""What `lemmata data` needs of a model: its tokens, and how hard it finds a problem."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lemmata.errors import BadData, BadInput

if TYPE_CHECKING:
    from lemmata.data.audit import Auditor, OnLong
    from lemmata.data.prepare import Difficulty
    from lemmata.data.render import Renderer
    from lemmata.engines.base import Engine
    from lemmata.models.progress import Progress
    from lemmata.settings import Settings
    from lemmata.types import Example

ATTEMPT_TOKENS = 1024
"""An attempt at a problem that is longer than this counts as failed."""


@dataclass(frozen=True, slots=True)
class OpenModel:
    """A model opened for rendering and for asking; `run` drives the engine's loop."""

    name: str
    render: Renderer
    engine: Engine
    run: asyncio.Runner


@contextmanager
def opened(name: str, settings: Settings, progress: Progress) -> Iterator[OpenModel]:
    """Raises UnknownModel, ModelRefused."""
    from tokenizers import Tokenizer

    from lemmata.data.render import Renderer
    from lemmata.engines import open_engine
    from lemmata.models import gguf_read
    from lemmata.models.store import Store
    from lemmata.prompts.render import ChatTemplate

    store = Store(settings)
    stored = store.get(name, progress)
    folder = store.hf_dir(stored, progress)
    template = ChatTemplate(*gguf_read.chat_template(stored.gguf))
    render = Renderer(template, Tokenizer.from_file(str(folder / "tokenizer.json")))
    with asyncio.Runner() as run:
        engine = open_engine(name, settings)
        try:
            yield OpenModel(stored.name, render, engine, run)
        finally:
            run.run(engine.close())


def auditor(model: OpenModel, max_tokens: int, on_long: OnLong) -> Auditor:
    """The token audit against this model, serving included."""
    from lemmata.data.audit import Auditor, Serving

    serving = Serving(model.engine.prompt_ids, model.engine.tokenize)
    return Auditor(model.render, max_tokens, on_long, serving, model.name)


def difficulty(measure: str, model: OpenModel, seed: int) -> Difficulty:
    """`nll` or `pass@K`. Raises BadInput for anything else."""
    from lemmata.data import order
    from lemmata.data.prepare import Difficulty

    if measure == "nll":

        def nll(example: Example) -> float:
            rendered = model.render(example)
            return order.nll(rendered, lambda ids: model.run.run(model.engine.score(ids)))

        return Difficulty(measure, nll)
    attempts = measure.removeprefix("pass@")
    if not measure.startswith("pass@") or not attempts.isdigit() or int(attempts) < 1:
        raise BadInput(f"there is no order {measure!r}", "Say nll, or pass@4 for four attempts.")

    def failed(example: Example) -> float:
        return order.failure_rate(model.run.run(_attempts(model, example, int(attempts), seed)))

    return Difficulty(measure, failed)


async def _attempts(model: OpenModel, example: Example, count: int, seed: int) -> list[bool]:
    """Which of `count` sampled solutions reach the gold answer."""
    from lemmata.engines.base import Request, Sampling
    from lemmata.verify import verify_math

    gold = example.meta.get("gold")
    if gold is None:
        raise BadData("pass@k needs a gold answer in every row", "Say --order nll.")
    requests = [
        Request(
            str(attempt),
            example.messages,
            sampling=Sampling(seed=seed + attempt, max_tokens=ATTEMPT_TOKENS),
        )
        for attempt in range(count)
    ]
    texts = {request.id: "" for request in requests}
    async for delta in model.engine.generate(requests):
        texts[delta.request_id] += delta.text
    return [verify_math(text, str(gold)).state == "correct" for text in texts.values()]
