"""Messages to text, through the model's own chat template and nothing else.

The template is the Jinja source that the model ships (`tokenizer.chat_template` in a GGUF,
`chat_template` of an HF tokenizer). The environment is the one such templates are written for
(https://huggingface.co/docs/transformers/chat_templating_writing): sandboxed, blocks trimmed,
loop controls, `raise_exception`, `strftime_now`, `tojson` without HTML escapes.
"""

from __future__ import annotations

import datetime
import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

import jinja2
from jinja2 import nodes
from jinja2.ext import Extension
from jinja2.parser import Parser
from jinja2.sandbox import ImmutableSandboxedEnvironment

from lemmata.errors import BadInput, ModelRefused
from lemmata.types import Message


class _Generation(Extension):
    """`{% generation %}…{% endgeneration %}` marks the assistant's part; here it prints as is."""

    tags = {"generation"}  # noqa: RUF012 - Jinja's own attribute

    def parse(self, parser: Parser) -> list[nodes.Node]:
        next(parser.stream)
        return parser.parse_statements(("name:endgeneration",), drop_needle=True)


def _refuse(reason: str) -> None:
    raise BadInput(f"the model's chat template refuses these messages: {reason}")


def _to_json(value: Any, indent: int | None = None) -> str:
    return json.dumps(value, ensure_ascii=False, indent=indent)


def _now(pattern: str) -> str:
    return datetime.datetime.now().strftime(pattern)


def _environment() -> jinja2.Environment:
    env = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols", _Generation]
    )
    env.filters["tojson"] = _to_json
    env.globals |= {"raise_exception": _refuse, "strftime_now": _now}
    return env


@dataclass(frozen=True)
class ChatTemplate:
    """A model's chat template; `bos` and `eos` are its special tokens as text ("" for none)."""

    source: str
    bos: str = ""
    eos: str = ""

    @cached_property
    def sha256(self) -> str:
        """Hash of the source: the same in tuning and in serving, or the adapter does not fit."""
        return hashlib.sha256(self.source.encode()).hexdigest()

    @cached_property
    def _compiled(self) -> jinja2.Template:
        try:
            return _environment().from_string(self.source)
        except jinja2.TemplateError as error:
            raise ModelRefused(f"the model's chat template is broken: {error}") from error

    def render(self, messages: Sequence[Message], generation: bool = True) -> str:
        """The text of a conversation; with `generation`, open for the assistant to continue.

        Raises BadInput where the template refuses the messages, ModelRefused where it fails.
        """
        try:
            return self._compiled.render(
                messages=[asdict(message) for message in messages],
                add_generation_prompt=generation,
                bos_token=self.bos,
                eos_token=self.eos,
            )
        except jinja2.TemplateError as error:
            raise ModelRefused(f"the model's chat template fails: {error}") from error
