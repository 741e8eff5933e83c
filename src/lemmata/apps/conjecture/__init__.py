"""Search for a counterexample and say exactly what is known.

    from lemmata.apps.conjecture import formalise, search, report

    spec = formalise("Every even number greater than 2 is the sum of two primes.")
    for event in search(spec, budget=20, limit=10**6):   # Started, Progress, Found, Note, Outcome
        ...
    report(spec, event)["known"]

`search` is a generator of frozen events with a plain-JSON form (`event_json`), so a server can
stream them; closing it stops the search and, where it has a folder, keeps the frontier.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from lemmata.apps.conjecture.formalise.parts import NotUnderstood
from lemmata.apps.conjecture.formalise.templates import formalise
from lemmata.apps.conjecture.language.spec import Spec, read
from lemmata.apps.conjecture.language.words import spoken
from lemmata.apps.conjecture.report.write_report import report, write_report
from lemmata.apps.conjecture.search.events import (
    Event,
    Found,
    Note,
    Outcome,
    Progress,
    Started,
)
from lemmata.apps.conjecture.search.events import to_json as event_json
from lemmata.apps.conjecture.search.frontier import Folder
from lemmata.apps.conjecture.search.portfolio import Search

__all__ = [
    "Event",
    "Found",
    "NotUnderstood",
    "Note",
    "Outcome",
    "Progress",
    "Spec",
    "Started",
    "event_json",
    "formalise",
    "read",
    "report",
    "search",
    "spoken",
    "write_report",
]  # fmt: skip


def search(
    spec: Spec,
    budget: float = 60.0,
    limit: int | None = None,
    seed: int | None = None,
    folder: Path | None = None,
) -> Iterator[Event]:
    """The events of a search; the last is its `Outcome`.

    `budget` is in seconds. `limit` is how far to cover at most: n, or vertices. With a `folder` the
    search resumes what is there, keeps its frontier every two seconds, and logs its events.
    Raises BadInput if the folder holds another conjecture or another search runs in it.
    """
    if folder is None:
        yield from Search(spec, budget, limit, seed).run()
        return
    home = Folder(folder)
    with home.locked():
        home.begin(spec)
        for event in Search(spec, budget, limit, seed, home).run():
            home.append_event(event_json(event))
            yield event
