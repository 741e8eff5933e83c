"""What a class handed in, as it was graded: of one teacher and one exercise."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import CursorResult, Engine, delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from lemmata.apps.tutor.classroom import Row
from lemmata.server.state.tables import HandedIn

MOST = 1000
"""Students of one exercise that are told."""


@dataclass(frozen=True, slots=True)
class Class:
    """Those of one owner (a key's id, or "") who worked on one exercise. Blocking."""

    database: Engine
    owner: str
    exercise: str

    def get(self, student: str, fingerprint: str) -> Row | None:
        """The row of a submission that was graded before, with nothing changed since."""
        with Session(self.database) as session:
            found = session.get(HandedIn, (self.owner, self.exercise, _storable(student)))
            return _row(found) if found and found.fingerprint == fingerprint else None

    def put(self, row: Row, fingerprint: str, text: str) -> None:
        """Keep a row; a student's earlier one is replaced."""
        for last in (False, True):  # the same student may be graded twice at the same moment
            try:
                with Session(self.database) as session, session.begin():
                    session.merge(self._made(row, fingerprint, text))
                return
            except IntegrityError:
                if last:
                    raise

    def _made(self, row: Row, fingerprint: str, text: str) -> HandedIn:
        return HandedIn(
            owner=self.owner, exercise=self.exercise, student=_storable(row.student),
            fingerprint=fingerprint, text=_storable(text), row=row.plain(),
            graded=datetime.now(UTC),
        )  # fmt: skip

    def all(self) -> list[tuple[Row, str, datetime]]:
        """Every row with its submission and when it was graded, by student."""
        mine = select(HandedIn).where(
            HandedIn.owner == self.owner, HandedIn.exercise == self.exercise
        )
        with Session(self.database) as session:
            found = session.scalars(mine.order_by(HandedIn.student).limit(MOST))
            return [(_row(one), one.text, one.graded) for one in found]

    def forget(self) -> int:
        """Remove all of them; how many there were."""
        theirs = delete(HandedIn).where(
            HandedIn.owner == self.owner, HandedIn.exercise == self.exercise
        )
        with Session(self.database) as session, session.begin():
            done = session.execute(theirs)
            assert isinstance(done, CursorResult)
            return int(done.rowcount)


def _row(found: HandedIn) -> Row:
    given = found.row | {"comments": tuple(found.row["comments"])}
    return Row(**given)


def _storable(text: str) -> str:
    """Without NUL and lone surrogates."""
    return text.replace("\0", "\ufffd").encode("utf-8", "replace").decode()
