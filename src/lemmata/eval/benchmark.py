"""Benchmarks: small declarative files under `benchmarks/`, or a person's own TOML or data file.

    title, licence, source   for people
    task                     the kind of problem, which chooses the role (default "math")
    grader                   math (default) | code | gym
    max_tokens               of one answer, unless a run says otherwise
    skip_bad                 some golds are known to be beyond the verifier: leave them out, told
    languages, adapters      the values of these axes that a run takes by default
    [full], [extract]        where rows come from: `rows` (below) and optionally `fields`
    [fields]                 which column is what (see `items.Fields`)

`rows` is `hf:ORG/NAME[@REVISION][:PATTERN]`, a file beside the declaration, `task:FAMILY[:COUNT]`,
`counting:COUNT`, `gym:FAMILY,FAMILY[:COUNT]`, `humaneval` or `champ`; for a paired benchmark it may
be a table of one source a language. An unknown key is an error.
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from importlib.resources import files
from pathlib import Path
from typing import Any

from lemmata.errors import BadInput

GRADERS = ("math", "code", "gym")
_DATA = {".jsonl", ".ndjson", ".json", ".csv", ".tsv", ".parquet"}
_GENERATED = ("task:", "gym:", "hf:", "counting:")


@dataclass(frozen=True, slots=True)
class Rows:
    """A place that rows come from: one source, or one a language."""

    sources: Mapping[str, str]
    """By language; "" for a source that has them all."""
    fields: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Benchmark:
    """A declaration as read; `folder` is what its relative paths start from."""

    name: str
    title: str
    folder: Path
    full: Rows
    extract: Rows | None = None
    licence: str = ""
    source: str = ""
    task: str = "math"
    grader: str = "math"
    max_tokens: int | None = None
    languages: tuple[str, ...] = ()
    adapters: tuple[str, ...] = ()
    skip_bad: bool = False

    def rows(self, quick: bool) -> Rows:
        """The full set, or the shipped extract. Raises BadInput where there is no extract."""
        if not quick:
            return self.full
        if self.extract is None:
            raise BadInput(f"{self.name} ships no extract", "Leave --quick out; use --limit.")
        return self.extract


def names() -> tuple[str, ...]:
    """The shipped benchmarks, sorted."""
    folder = files("lemmata.eval") / "benchmarks"
    return tuple(sorted(f.name[:-5] for f in folder.iterdir() if f.name.endswith(".toml")))


def load(spec: str) -> Benchmark:
    """A shipped benchmark by name, a .toml file, a data file, or a source such as `task:vieta`.

    Raises BadInput with the nearest name.
    """
    if spec in names():
        return _read(Path(str(files("lemmata.eval") / "benchmarks")) / f"{spec}.toml")
    path = Path(spec).expanduser()
    if path.suffix == ".toml":
        return _read(path)
    if spec.startswith(_GENERATED):
        grader = "gym" if spec.startswith("gym:") else "math"
        name = spec.replace("/", "-").replace(":", "-")
        return Benchmark(name, spec, Path(), Rows({"": spec}), grader=grader)
    if path.suffix.lower() in _DATA or "/" in spec:
        return Benchmark(path.stem, path.name, Path(), Rows({"": str(path)}))
    near = difflib.get_close_matches(spec, names(), 1)
    hint = f"Did you mean {near[0]!r}? " if near else ""
    raise BadInput(
        f"there is no benchmark {spec!r}", f"{hint}`lemmata eval list` shows them; or name a file."
    )


def _read(path: Path) -> Benchmark:
    try:
        declared = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError as error:
        raise BadInput(f"there is no benchmark file {path}", "Check the name.") from error
    except (OSError, ValueError) as error:
        raise BadInput(f"{path} is not a benchmark: {error}", "Mend the file.") from error
    try:
        return _benchmark(path, declared)
    except (TypeError, ValueError, AttributeError) as error:
        raise BadInput(f"{path} is not a benchmark: {error}", "Compare a shipped one.") from error


def _benchmark(path: Path, declared: dict[str, Any]) -> Benchmark:
    common = declared.pop("fields", {})
    full = _rows(declared.pop("full", {}), common)
    extract = _rows(declared.pop("extract"), common) if "extract" in declared else None
    known = {f.name for f in fields(Benchmark)} - {"name", "folder", "full", "extract"}
    for key in declared:
        if key not in known:
            near = difflib.get_close_matches(key, known, 1)
            hint = f", did you mean {near[0]!r}?" if near else ""
            raise ValueError(f"unknown key {key!r}{hint}")
    for key in ("languages", "adapters"):
        declared[key] = tuple(declared.get(key, ()))
    made = Benchmark(name=path.stem, folder=path.parent, full=full, extract=extract, **declared)
    if made.grader not in GRADERS:
        raise ValueError(f"grader {made.grader!r} is not one of {', '.join(GRADERS)}")
    return made


def _rows(section: dict[str, Any], common: Mapping[str, Any]) -> Rows:
    extra = set(section) - {"rows", "fields"}
    if extra:
        raise ValueError(f"unknown key {min(extra)!r} beside rows")
    rows = section.get("rows")
    if not isinstance(rows, (str, dict)) or not rows:
        raise ValueError("[full] needs rows, which name a source")
    sources = {"": rows} if isinstance(rows, str) else {str(k): str(v) for k, v in rows.items()}
    return Rows(sources, section.get("fields", common))
