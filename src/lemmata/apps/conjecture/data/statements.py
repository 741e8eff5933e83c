"""Reads `statements.toml`, `paraphrases.toml` and `wordings.toml`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any, Literal

from lemmata.apps.conjecture.language.spec import Spec, from_text

Truth = Literal["false", "theorem", "open", "far"]


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement in both languages, with what is known of it."""

    id: str
    field: str
    en: str
    zh: str
    spec: str
    truth: Truth
    limit: int
    """How far a test needs to cover."""
    least: list[Any] | None = None
    """The least counterexample, as `points.to_json` writes it."""
    least_order: int | None = None
    """Of a graph where several are least: its vertices."""

    def gold(self) -> Spec:
        """The spec that the words mean."""
        return from_text(self.spec, self.en)


@dataclass(frozen=True, slots=True)
class Paraphrase:
    """Another wording of the statement `of`, in both languages."""

    of: str
    en: str
    zh: str


@dataclass(frozen=True, slots=True)
class Wording:
    """A statement as a new user put it; without a spec it must be refused."""

    said: str
    spec: str = ""
    truth: Literal["true", "false", "far", ""] = ""
    least: list[Any] | None = None

    def gold(self) -> Spec | None:
        """The spec that the words mean, if the language can say it."""
        return from_text(self.spec, self.said) if self.spec else None


@lru_cache(maxsize=1)
def statements() -> tuple[Statement, ...]:
    """All statements that ship, in the order of the file."""
    return tuple(Statement(**row) for row in _rows("statements.toml")["statement"])


@lru_cache(maxsize=1)
def paraphrases() -> tuple[Paraphrase, ...]:
    """Other wordings, to measure formalising with."""
    return tuple(Paraphrase(**row) for row in _rows("paraphrases.toml")["paraphrase"])


@lru_cache(maxsize=1)
def wordings() -> tuple[Wording, ...]:
    """Statements that are no other wordings of those that ship."""
    return tuple(Wording(**row) for row in _rows("wordings.toml")["wording"])


def _rows(name: str) -> dict[str, Any]:
    return tomllib.loads(files("lemmata.apps.conjecture.data").joinpath(name).read_text("utf-8"))
