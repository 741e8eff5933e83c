"""An example as the token ids that training sees: the very ids that serving will produce.

The prompt is the model's own chat template, open for the assistant; the completion is tokenised on
its own, as the model will write it after that prompt; the stop token is what the template itself
puts after an answer. Loss falls on the completion and its stop token and on nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from tokenizers import Tokenizer

from lemmata.errors import BadData
from lemmata.prompts.render import ChatTemplate
from lemmata.types import Example, Message

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Rendered:
    """`ids` of a whole sample; those from index `start` on are learnt. `spans` are the tokens'
    half-open character ranges in `text`; `stop` is the stop token's text, "" for an open part."""

    ids: list[int]
    start: int
    text: str
    spans: list[Span]
    stop: str


class RenderFault(Exception):
    """The template or the tokenizer would not keep this row's promise; the message says which."""


class Renderer:
    """Renders examples for one model."""

    def __init__(self, template: ChatTemplate, tokenizer: Tokenizer) -> None:
        tokenizer.no_truncation()
        tokenizer.no_padding()
        self.template, self.tokenizer = template, tokenizer
        special = tokenizer.get_added_tokens_decoder().values()
        self._control = tuple(sorted(token.content for token in special if token.special))

    def prompt(self, messages: Sequence[Message]) -> str:
        """The text up to the place where the assistant begins."""
        return self.template.render(messages)

    def __call__(self, example: Example) -> Rendered:
        """Raises RenderFault: no stop token, a rewritten completion, control tokens in the text."""
        prefix = str(example.meta.get("prefix", ""))
        written = prefix + example.completion
        self._refuse_control((*example.messages, Message("assistant", written)))
        prompt = self.prompt(example.messages)
        stop = "" if _is_open(example) else self.stop(example.messages, prompt, written)
        return self._encode(prompt, prefix, written, stop)

    def stop(self, messages: Sequence[Message], prompt: str, written: str) -> str:
        """The control token that the template puts right after an answer."""
        answered = (*messages, Message("assistant", written))
        whole = self.template.render(answered, generation=False)
        if not whole.startswith(prompt):
            raise RenderFault("the template changes the prompt once it is answered")
        answer = whole[len(prompt) :]
        if not answer.startswith(written):
            raise RenderFault("the template rewrites the completion")
        after = answer[len(written) :].lstrip()
        ends = [token for token in self._control if after.startswith(token)]
        if not ends:
            raise RenderFault("the template puts no stop token after the completion")
        return max(ends, key=len)

    def _refuse_control(self, messages: Sequence[Message]) -> None:
        for message in messages:
            for token in self._control:
                if token in message.content:
                    raise RenderFault(f"the control token {token} stands in a text")

    def _encode(self, prompt: str, prefix: str, written: str, stop: str) -> Rendered:
        before = self.tokenizer.encode(prompt, add_special_tokens=False)
        after = self.tokenizer.encode(written + stop, add_special_tokens=False)
        given = sum(1 for _, end in after.offsets if end <= len(prefix)) if prefix else 0
        shift = len(prompt)
        spans = [*before.offsets, *((a + shift, b + shift) for a, b in after.offsets)]
        ids = [*before.ids, *after.ids]
        return Rendered(ids, len(before.ids) + given, prompt + written + stop, spans, stop)


def _is_open(example: Example) -> bool:
    """A part of a split derivation that is not its last: it does not end, so it has no stop."""
    part = example.meta.get("part")
    return isinstance(part, list) and len(part) == 2 and part[0] != part[1]


def parts(render: Renderer, example: Example, max_tokens: int) -> list[Example]:
    """A derivation too long for `max_tokens`, cut between lines into parts that fit, none lost.

    Every token is learnt in exactly one part. Part 1 opens the derivation; each later one shows the
    lines before it (`meta.prefix`, at most half of the room) without loss; only the last has the
    stop token. Raises BadData where one line alone does not fit.
    """
    room = max_tokens - len(render.tokenizer.encode(render.prompt(example.messages)).ids) - 2
    lines = example.completion.splitlines(keepends=True)
    sizes = [len(render.tokenizer.encode(line, add_special_tokens=False).ids) + 1 for line in lines]
    if max(sizes) > room // 2:
        raise BadData(
            f"a line of {max(sizes)} tokens does not fit into {max_tokens} with its prompt"
        )
    cuts = _cuts(sizes, room)
    made = []
    for number, (first, last) in enumerate(pairwise(cuts), 1):
        seen = _seen(sizes, first, room // 2)
        meta = example.meta | {"part": [number, len(cuts) - 1]}
        if seen < first:
            meta["prefix"] = "".join(lines[seen:first])
        made.append(Example(example.messages, "".join(lines[first:last]), meta))
    return made


def _cuts(sizes: list[int], room: int) -> list[int]:
    """Line numbers at which the parts begin and end: the first fills the room, the others half."""
    cuts, used, limit = [0], 0, room
    for line, size in enumerate(sizes):
        if used + size > limit:
            cuts.append(line)
            used, limit = 0, room // 2
        used += size
    return [*cuts, len(sizes)]


def _seen(sizes: list[int], first: int, room: int) -> int:
    """The earliest line from which the lines before `first` fit into `room` tokens."""
    while first > 0 and sizes[first - 1] <= room:
        room -= sizes[first - 1]
        first -= 1
    return first
