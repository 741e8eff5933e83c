"""The jobs of this installation: rows in the database, each with its folder on the host it runs."""

from __future__ import annotations

import json
import platform
import shutil
import sys
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from filelock import FileLock
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from lemmata.errors import BadInput, Overloaded, UnknownJob
from lemmata.server.jobs.folder import FINAL, Folder, State
from lemmata.server.state.numbers import is_number
from lemmata.server.state.tables import Job
from lemmata.settings import Settings, child_environment

Kind = Literal["train", "plan", "eval", "check", "prepare", "mask", "conjecture"]
_LEMMATA = (sys.executable, "-m", "lemmata")
AT_ONCE = 2
"""Jobs that may run at the same time; each may want a machine to itself."""


@dataclass(frozen=True, slots=True)
class Known:
    """A job as it is now. `about` is what was asked, `run` the run folder of a tuning, `host` the
    machine it was started on."""

    id: str
    kind: Kind
    title: str
    state: State
    about: dict[str, Any]
    run: str | None
    host: str
    created: datetime
    ended: datetime | None
    output: Any
    log: tuple[str, ...]


class Jobs:
    """Start, watch, stop, resume."""

    def __init__(self, database: Engine, settings: Settings) -> None:
        self._database = database
        self._settings = settings

    def folder(self, number: str) -> Path:
        return self._settings.home / "jobs" / number

    def new(self) -> str:
        """The number of a job to be: its folder may be filled before it is started."""
        number = uuid.uuid4().hex
        self.folder(number).mkdir(parents=True)
        return number

    def start(
        self, number: str, kind: Kind, title: str, words: Sequence[str], about: dict[str, Any]
    ) -> Known:
        """Run `lemmata WORDS`. Raises Overloaded where enough is running already."""
        row = Job(
            id=number, kind=kind, title=title[:200], host=platform.node(), state="running",
            about=about,
        )  # fmt: skip
        with self._beginning(number) as lock:
            with Session(self._database) as session, session.begin():
                session.add(row)
            self._begin(lock, number, words)
        return self.get(number)

    @contextmanager
    def _beginning(self, number: str) -> Iterator[int]:
        """One after the other, so that no more begin than may run. Raises Overloaded, BadInput."""
        turn = self.folder(".beginning")
        turn.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(turn):
            self._refuse_more()
            with Folder(self.folder(number)).beginning() as lock:
                yield lock

    def _refuse_more(self) -> None:
        asked = select(Job).where(Job.state == "running")
        with Session(self._database) as session, session.begin():
            known = [self._known(row, whole=False) for row in session.scalars(asked)]
        running = [job for job in known if job.state == "running" and self.folder(job.id).is_dir()]
        if len(running) >= AT_ONCE:
            names = ", ".join(job.title for job in running)
            raise Overloaded(
                f"{len(running)} jobs are running: {names}", "Wait for one to end, or stop one.", 30
            )

    def list(self, kind: str | None = None, limit: int = 100) -> list[Known]:
        """The latest first, without what they printed."""
        asked = select(Job).order_by(Job.created.desc()).limit(limit)
        if kind is not None:
            asked = asked.where(Job.kind == kind)
        with Session(self._database) as session, session.begin():
            return [self._known(row, whole=False) for row in session.scalars(asked)]

    def get(self, number: str) -> Known:
        """One with what it printed. Raises UnknownJob."""
        with Session(self._database) as session, session.begin():
            return self._known(self._row(session, number), whole=True)

    def _known(self, row: Job, whole: bool) -> Known:
        """Bring the row up to date with the folder, where the folder is here: the name of a machine
        changes, as that of a container does whenever it is made anew."""
        folder = Folder(self.folder(row.id))
        here = folder.path.is_dir()
        if here and row.state not in FINAL:
            state, ended = folder.state()
            if state != row.state:
                row.state = state
                row.ended = datetime.fromtimestamp(ended, UTC) if ended else None
        sought = here and row.kind == "train" and "run" not in row.about
        if sought and (run := self._run_of(row.id)):
            row.about = row.about | {"run": str(run)}
        return Known(
            id=row.id,
            kind=row.kind,  # type: ignore[arg-type]
            title=row.title,
            state=row.state,  # type: ignore[arg-type]
            about={key: value for key, value in row.about.items() if key != "run"},
            run=row.about.get("run"),
            host=row.host,
            created=row.created.replace(tzinfo=UTC),
            ended=row.ended.replace(tzinfo=UTC) if row.ended else None,
            output=folder.output() if whole and here else None,
            log=tuple(folder.log()) if whole and here else (),
        )

    def _run_of(self, number: str) -> Path | None:
        """The run folder that names this job's recipe among the words it was started with."""
        recipe = str(self.folder(number) / "recipe.yaml")
        for lock in self._settings.runs_dir.glob("*/environment.json"):
            try:
                if recipe in json.loads(lock.read_text("utf-8")).get("command", ()):
                    return lock.parent
            except ValueError:
                continue
        return None

    def stop(self, number: str) -> Known:
        """Ask it to save and end. Raises UnknownJob, BadInput."""
        self.get(number)
        reached = Folder(self.folder(number)).stop()
        known = self.get(number)
        if known.state == "running" and not reached:
            raise BadInput(f"this job runs on {known.host}", "Ask the server there.")
        return known

    def resume(self, number: str) -> Known:
        """Go on with a tuning or an evaluation that ended early, or with a search, also one whose
        budget has ended. Raises UnknownJob, BadInput, Overloaded."""
        known = self.get(number)
        if known.kind not in ("train", "eval", "conjecture") or not _may_go_on(known):
            raise BadInput(
                f"this job is {known.state}", "Only a stopped tuning or evaluation can go on."
            )
        words: Sequence[str] = self._words(number)  # what has a folder goes on where that is
        if known.kind == "train" and known.run:
            words = ["train", "resume", known.run, "--json"]
        with self._beginning(number) as lock:
            with Session(self._database) as session, session.begin():
                row = self._row(session, number)
                row.state, row.ended, row.host = "running", None, platform.node()
            self._begin(lock, number, words)
        return self.get(number)

    def remove(self, number: str) -> None:
        """End it if it runs, forget it and its folder; a run folder stays. Raises UnknownJob."""
        with Session(self._database) as session, session.begin():
            row = self._row(session, number)
            Folder(self.folder(number)).end()
            session.delete(row)
        shutil.rmtree(self.folder(number), ignore_errors=True)

    def _row(self, session: Session, number: str) -> Job:
        row = session.get(Job, number) if is_number(number) else None
        if row is None:
            raise UnknownJob(f"there is no job {number!r}", "List them first.")
        return row

    def _words(self, number: str) -> Sequence[str]:
        """Those it was last started with."""
        return Folder(self.folder(number)).command()[len(_LEMMATA) :]

    def _begin(self, lock: int, number: str, words: Sequence[str]) -> None:
        command = [*_LEMMATA, *words]
        home = {"LEMMATA_HOME": str(self._settings.home)}
        Folder(self.folder(number)).begin(lock, command, child_environment(**home))


def _may_go_on(known: Known) -> bool:
    if known.kind == "conjecture" and known.state == "done":
        return True  # nothing was found in its time: more time may find something
    return known.state not in ("running", "done")
