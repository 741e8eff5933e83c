"""The token audit: every way in which tuning data silently breaks a reasoner, found beforehand.

Each sample is rendered exactly as training and serving will see it. Found are rows over the length
limit (never cut), a missing stop token, empty think blocks, control tokens inside texts, templates
that rewrite what they are given, and ids that the serving engine would not produce.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from lemmata.data.render import Rendered, Renderer, RenderFault, parts
from lemmata.data.row import RowRefused, Sample
from lemmata.errors import BadData
from lemmata.types import Example, Message

OnLong = Literal["error", "drop", "split"]

TOO_LONG = "over the length limit"
EMPTY_THINK = "empty think block"
RENDERING = "rendering"
SERVING = "other ids in serving"

_MENDS = {
    TOO_LONG: "Raise max_tokens, or prepare with --on-long split or drop: rows are never cut.",
    EMPTY_THINK: "Take the empty <think></think> out; it teaches the model not to think.",
    RENDERING: "Mend these rows, or use a model whose chat template fits them.",
    SERVING: "The adapter would be served other ids than it learnt; report this with the row.",
}
_EMPTY_THINK = re.compile(r"<think>\s*</think>", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Serving:
    """How the serving engine tokenises: messages to prompt ids, and raw text to ids."""

    prompt_ids: Callable[[Sequence[Message]], list[int]]
    tokenize: Callable[[str], list[int]]


@dataclass(slots=True)
class Findings:
    """Counts of what the audit found, with the first places of each kind, and token totals."""

    counts: dict[str, int] = field(default_factory=dict)
    places: dict[str, list[str]] = field(default_factory=dict)
    rows: int = 0
    tokens: int = 0
    learnt: int = 0
    longest: int = 0

    def add(self, kind: str, sample: Sample, detail: str) -> None:
        self.counts[kind] = self.counts.get(kind, 0) + 1
        places = self.places.setdefault(kind, [])
        if len(places) < 5:
            places.append(f"{sample.place}: {detail}")

    def measure(self, rendered: Rendered) -> None:
        self.rows += 1
        self.tokens += len(rendered.ids)
        self.learnt += len(rendered.ids) - rendered.start
        self.longest = max(self.longest, len(rendered.ids))

    def refuse(self) -> None:
        """Raises BadData, naming the first places, where anything was found."""
        if not self.counts:
            return
        kind = max(self.counts, key=lambda kind: self.counts[kind])
        others = len(self.counts) - 1
        raise BadData(
            f"{self.counts[kind]} rows fail the token audit: {kind} ({self.places[kind][0]})"
            + (f", and {others} more kinds of fault" if others else ""),
            _MENDS[kind],
        )


class Auditor:
    """Audits samples for one model and one length limit in tokens."""

    def __init__(
        self,
        render: Renderer,
        max_tokens: int,
        on_long: OnLong = "error",
        serving: Serving | None = None,
        model: str = "",
    ) -> None:
        self._model = model
        self.render, self.max_tokens = render, max_tokens
        self._on_long, self._serving = on_long, serving
        self.findings = Findings()
        self._split_rows = 0

    def pass_on(self, sample: Sample) -> list[Sample]:
        """What is left of a sample: itself, its parts, or nothing; faults go to `findings`.

        Raises RowRefused for one over the limit where such are to be dropped.
        """
        rendered = self._rendered(sample)
        if rendered is None:
            return []
        if len(rendered.ids) <= self.max_tokens:
            self.findings.measure(rendered)
            return [sample]
        if self._on_long == "split":
            return self._split(sample)
        detail = f"{len(rendered.ids)} tokens, limit {self.max_tokens}"
        if self._on_long == "drop":
            raise RowRefused(TOO_LONG, detail)
        self.findings.add(TOO_LONG, sample, detail)
        return []

    def about(self) -> dict[str, Any]:
        """For the report and the manifest; token counts are of the rows that passed."""
        found = self.findings
        return {
            "model": self._model,
            "max_tokens": self.max_tokens,
            "on_long": self._on_long,
            "template_sha256": self.render.template.sha256,
            "serving_compared": self._serving is not None,
            "examples": found.rows,
            "tokens": found.tokens,
            "learnt_tokens": found.learnt,
            "longest": found.longest,
            "rows_split": self._split_rows,
            "faults": found.counts,
            "places": found.places,
        }

    def _rendered(self, sample: Sample) -> Rendered | None:
        example = sample.example
        if _EMPTY_THINK.search(example.completion):
            self.findings.add(EMPTY_THINK, sample, "in the completion")
            return None
        try:
            rendered = self.render(example)
        except RenderFault as fault:
            self.findings.add(RENDERING, sample, str(fault))
            return None
        if _EMPTY_THINK.search(rendered.text):
            self.findings.add(EMPTY_THINK, sample, "put there by the template")
        elif self._serving and (detail := _differs(self._serving, example, rendered)):
            self.findings.add(SERVING, sample, detail)
        else:
            return rendered
        return None

    def _split(self, sample: Sample) -> list[Sample]:
        try:
            made = parts(self.render, sample.example, self.max_tokens)
        except BadData as error:
            self.findings.add(TOO_LONG, sample, error.cause)
            return []
        self._split_rows += 1
        for example in made:
            self.findings.measure(self.render(example))
        return [Sample(sample.source, sample.line, example) for example in made]


def _differs(serving: Serving, example: Example, rendered: Rendered) -> str:
    """Where the serving engine's ids part from the rendered ones, or ""."""
    prompt = serving.prompt_ids(example.messages)
    written = str(example.meta.get("prefix", "")) + example.completion + rendered.stop
    served = [*prompt, *serving.tokenize(written)]
    if served == rendered.ids:
        return ""
    pairs: Iterable[tuple[int, int]] = zip(served, rendered.ids, strict=False)
    at = next((i for i, (a, b) in enumerate(pairs) if a != b), min(len(served), len(rendered.ids)))
    near = rendered.text[slice(*rendered.spans[min(at, len(rendered.spans) - 1)])]
    return f"from token {at} on, near {near!r}"
