"""An exercise as a teacher fills it in, kept as the folder that the tutor reads."""

from __future__ import annotations

import os
import shutil
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import tomli_w
from pydantic import BaseModel, Field, JsonValue, model_validator

from lemmata.apps.tutor import exercise as exercises
from lemmata.apps.tutor.exercise import Exercise, Program, Style
from lemmata.apps.tutor.inputs import Kind
from lemmata.apps.tutor.sound import refuse_unsound
from lemmata.errors import BadInput
from lemmata.server.openai_types import Strict

NAME = r"^[a-z0-9][a-z0-9\-]{0,59}$"
LARGEST = 10**12
"""Integers of made inputs lie between minus and plus this."""
Text = Annotated[str, Field(min_length=1, max_length=20_000)]
Texts = Annotated[dict[Literal["en", "zh"], Text], Field(min_length=1)]


class Input(Strict):
    """How one argument is made. `low` to `high` for integers, `least` to `most` items of lists and
    letters of texts, `values` to choose from; `grows`: its size is that by which cost is
    measured."""

    name: str = Field(pattern=r"^[A-Za-z_]\w{0,39}$")
    kind: Literal["int", "text", "list", "choice"]
    low: int = Field(0, ge=-LARGEST, le=LARGEST)
    high: int = Field(10, ge=-LARGEST, le=LARGEST)
    least: int = Field(0, ge=0, le=1000)
    most: int = Field(8, ge=0, le=1000)
    letters: str = Field("ab", min_length=1, max_length=200)
    items: Input | None = None
    sorted: bool = False
    distinct: bool = False
    values: list[JsonValue] = Field(default_factory=list, max_length=100)
    grows: bool = False

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.low > self.high or self.least > self.most:
            raise ValueError(f"the range of {self.name} is empty")
        if (self.kind == "choice") != bool(self.values):
            raise ValueError("an input of kind choice has values, and no other has")
        if (self.kind == "list") != (self.items is not None):
            raise ValueError("an input of kind list has items, and no other has")
        return self


class Test(Strict):
    """The arguments of a call, or a size of which they are made. Hidden unless it says so."""

    args: list[JsonValue] | None = Field(None, max_length=20)
    size: int | None = Field(None, ge=1, le=200_000)
    visible: bool = False


class Definition(Strict):
    """An exercise with all that only its teacher may see. Expected values come from the
    `reference`, whose language is `spoken`; `layout` says how input is written where `style` is
    stdin; `gold` is the answer of one in mathematics; `help` the highest hint given."""

    subject: Literal["program", "mathematics"] = "program"
    title: Texts
    statement: Texts
    gold: str = Field("", max_length=2000)
    style: Style = "function"
    layout: list[Annotated[str, Field(max_length=200)]] = Field(default_factory=list, max_length=20)
    spoken: Program = "python"
    function: str = Field("", pattern=r"^([A-Za-z_]\w{0,59}(\.[A-Za-z_]\w{0,59})?)?$")
    reference: str = Field("", max_length=100_000)
    complexity: str = Field("", max_length=20)
    help: Annotated[int, Field(ge=0, le=4)] = 4
    keeps_input: bool = True
    time_s: float = Field(2.0, ge=0.05, le=10)
    memory_mib: int = Field(256, ge=32, le=1024)
    inputs: list[Input] = Field(default_factory=list, max_length=10)
    tests: list[Test] = Field(default_factory=list, max_length=100)


class Defined(BaseModel):
    """`own`: it is the teacher's and not a shipped one, so it can be changed and removed."""

    id: str
    own: bool
    definition: Definition


def of(exercise: Exercise) -> Definition:
    """The form of an exercise that is there."""
    tests = [
        Test(args=list(c.args) if c.args is not None else None, size=c.size or None,
             visible=c.visible)
        for c in exercise.tests
    ]  # fmt: skip
    return Definition.model_validate({
        "subject": exercise.subject, "title": exercise.title, "statement": exercise.statement,
        "gold": exercise.gold, "style": exercise.style, "layout": list(exercise.layout),
        "spoken": exercise.spoken, "function": exercise.function, "reference": exercise.reference,
        "complexity": exercise.complexity, "help": exercise.help,
        "keeps_input": exercise.keeps_input, "time_s": float(exercise.limits.time_s),
        "memory_mib": exercise.limits.memory_mib,
        "inputs": [_input(kind) for kind in exercise.inputs], "tests": tests,
    })  # fmt: skip


def _input(kind: Kind) -> Input:
    given = asdict(kind) | {"values": list(kind.values)}
    given["items"] = _input(kind.items) if kind.items else None
    return Input(**given)


def keep(root: Path, name: str, definition: Definition) -> None:
    """Check an exercise and put it in its place, whole; one of that name is replaced. Blocks for
    seconds. Raises BadInput, BadData: then nothing has changed."""
    root.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=root, prefix=".new-") as made:
        folder = Path(made) / name
        _write(folder, definition)
        refuse_unsound(exercises.read(folder))
        if (root / name).exists():
            os.replace(root / name, Path(made) / "former")
        os.replace(folder, root / name)


def remove(root: Path, name: str) -> None:
    """Forget one of the teacher's own. Raises BadInput."""
    if not (root / name / "exercise.toml").is_file():
        raise BadInput(f"{name!r} is no exercise of your own", "Shipped ones stay.")
    shutil.rmtree(root / name)


def _write(folder: Path, definition: Definition) -> None:
    folder.mkdir()
    try:
        text = tomli_w.dumps(_document(definition)).encode()
        (folder / "exercise.toml").write_bytes(text)
        ending = "cpp" if definition.spoken == "cpp" else "py"
        (folder / f"reference.{ending}").write_bytes(definition.reference.encode())
    except (TypeError, ValueError) as error:
        raise BadInput(f"this exercise cannot be written down: {error}") from None


def _document(definition: Definition) -> dict[str, Any]:
    plain = definition.model_dump(exclude_none=True)
    common = {key: plain[key] for key in ("subject", "title", "statement", "help")}
    if definition.subject == "mathematics":
        return common | {"gold": plain["gold"]}
    names = ("style", "layout", "function", "complexity", "keeps_input", "inputs", "tests")
    limits = {"time_s": plain["time_s"], "memory_mib": plain["memory_mib"]}
    return common | {key: plain[key] for key in names} | {"limits": limits}
