"""A scheduler in this process over the tiny model, stepped by hand."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace

import pytest

from engines import tiny_model
from lemmata.adapters import gguf_lora
from lemmata.engines.base import GREEDY, Sampling
from lemmata.engines.llama import library
from lemmata.engines.llama.library import Context, Model
from lemmata.engines.llama.options import Options
from lemmata.engines.llama.protocol import (
    BASE,
    AdapterKey,
    Failure,
    Piece,
    Reply,
    Score,
    Submit,
)
from lemmata.engines.llama.residents import Residents
from lemmata.engines.llama.scheduler import Scheduler
from lemmata.errors import LemmataError

OPTIONS = Options(threads=1, cells=512, context=256, running=8, sequences=16, chunk=64, resident=3)
ADAPTERS = 5


@pytest.fixture(scope="session")
def tiny(tmp_path_factory):
    """The model, and the GGUF files of its adapters by content hash."""
    folder = tmp_path_factory.mktemp("tiny")
    path = tiny_model.write(folder / "tiny.gguf")
    refs = [tiny_model.adapter(folder / f"a{seed}", seed) for seed in range(ADAPTERS)]
    files = {ref.sha256: gguf_lora.convert(ref, path, folder) for ref in refs}
    library.start()
    model = Model(path, OPTIONS)
    yield model, files
    model.close()


@dataclass
class Bench:
    """A scheduler and what came out of it, by request number."""

    scheduler: Scheduler
    context: Context
    residents: Residents
    keys: list[AdapterKey]
    texts: dict[int, str] = field(default_factory=lambda: defaultdict(str))
    tokens: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    gaps: dict[int, list[float]] = field(default_factory=lambda: defaultdict(list))
    last: dict[int, Piece | Reply | Failure] = field(default_factory=dict)
    first_step: dict[int, int] = field(default_factory=dict)
    steps: int = 0
    served: list[AdapterKey] = field(default_factory=list)

    def submit(self, number, prompt, key=BASE, max_tokens=8, **how):
        extra = {name: how.pop(name) for name in list(how) if name in Submit.__slots__}
        sampling = replace(GREEDY, max_tokens=max_tokens, logprobs=2)
        sampling = replace(sampling, **how) if how else sampling
        ids = tuple(prompt) if not isinstance(prompt, str) else tuple(self.ids(prompt))
        self.ask(Submit(number, ids, key, sampling, **extra))

    def score(self, number, ids, key=BASE):
        self.ask(Score(number, tuple(ids), key))

    def ask(self, command):
        """As a worker does."""
        self.residents.pin(command.adapter.sha256)
        try:
            self.scheduler.submit(command)
        except LemmataError:
            self.residents.unpin(command.adapter.sha256)
            raise

    def ids(self, text):
        return self.scheduler._model.vocabulary.tokenize(text)

    def step(self):
        self.steps += 1
        self.take(self.scheduler.step())
        self.scheduler.settle()

    def take(self, items):
        for item in items:
            assert item.id not in self.last, "answered twice"
            if isinstance(item, Reply | Failure):
                self.last[item.id] = item
                continue
            self.first_step.setdefault(item.id, self.steps)
            self.texts[item.id] += item.text
            for told in item.logprobs:
                self.tokens[item.id].append(told.token)
                self.gaps[item.id].append(told.top[0][2] - told.top[1][2])
            if item.finish_reason:
                self.last[item.id] = item

    def run(self):
        for _ in range(20_000):
            if self.scheduler.idle:
                self.settle()
                return self
            self.step()
        raise AssertionError("the scheduler does not come to an end")

    def settle(self):
        """Those who finished leave the cells."""
        while self.scheduler.settle(hurry=True):
            pass
        assert not self.scheduler.leaving

    def alone(self, prompt, key=BASE, **how):
        """The tokens that the request gets with nobody else there."""
        number = 1_000_000 + len(self.last)
        self.submit(number, prompt, key, **how)
        self.run()
        return self.tokens[number], self.gaps[number]


@pytest.fixture
def bench(tiny):
    """Make benches: `bench(cells=128)`."""
    model, files = tiny
    made = []

    def make(elsewhere=0, **options):
        chosen = replace(OPTIONS, **options)
        context = Context(model, chosen)
        residents = Residents(model, chosen.resident)
        for sha256, path in files.items():
            residents.load(sha256, path)
        scheduler = Scheduler(model, context, residents, chosen, elsewhere=elsewhere)
        keys = [AdapterKey(sha256) for sha256 in files]
        made.append((scheduler, residents, context))
        return Bench(scheduler, context, residents, keys)

    yield make
    for scheduler, residents, context in made:
        scheduler.close()
        residents.close()
        context.close()


__all__ = ["Bench", "Sampling"]
