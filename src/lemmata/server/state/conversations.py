"""Conversations as they are kept: each belongs to a key, can be searched and branched."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime

from sqlalchemy import Engine, delete, func, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from lemmata.errors import BadInput, UnknownConversation
from lemmata.server.state.numbers import is_number
from lemmata.server.state.said import ConversationSummary, Said
from lemmata.server.state.tables import Conversation, Turn

TITLE = 80
"""Characters of the first question that become the title."""
LARGEST_ABOUT = 2**20
"""Bytes of JSON kept beside a turn."""
MOST_TURNS = 10_000


class Conversations:
    """Those of one owner (a key's id, or "")."""

    def __init__(self, database: Engine, owner: str) -> None:
        self._database = database
        self._owner = owner

    def create(self, title: str = "") -> ConversationSummary:
        with Session(self._database) as session, session.begin():
            row = Conversation(
                id=uuid.uuid4().hex, owner=self._owner, title=_storable(title), parent=None
            )
            session.add(row)
            session.flush()
            return _summary(row, 0)

    def list(self, search: str = "", limit: int = 50, offset: int = 0) -> list[ConversationSummary]:
        """The latest first; with `search`, those in which every word of it was said."""
        count = (
            select(func.count())
            .where(Turn.conversation_id == Conversation.id)
            .correlate(Conversation)
            .scalar_subquery()
        )
        asked = select(Conversation, count).where(Conversation.owner == self._owner)
        for word in _storable(search).split():
            said = select(Turn.conversation_id).where(
                Turn.folded.contains(word.casefold(), autoescape=True)
            )
            titles = [  # SQLite folds them as Python does, PostgreSQL by its locale
                func.lower(Conversation.title).contains(form, autoescape=True)
                for form in sorted({word.casefold(), word.lower()})
            ]
            asked = asked.where(or_(Conversation.id.in_(said), *titles))
        asked = asked.order_by(Conversation.updated.desc(), Conversation.id)
        with Session(self._database) as session:
            rows = session.execute(asked.limit(limit).offset(offset)).all()
            return [_summary(row, turns) for row, turns in rows]

    def get(self, number: str) -> tuple[ConversationSummary, tuple[Said, ...]]:
        """One with its turns in order. Raises UnknownConversation."""
        with Session(self._database) as session:
            row = self._row(session, number)
            turns = tuple(_said(turn) for turn in _turns(session, number))
            return _summary(row, len(turns)), turns

    def append(self, number: str, said: Said) -> int:
        """Add a turn; gives its number, from 0. Raises UnknownConversation, BadInput."""
        if len(json.dumps(said.about)) > LARGEST_ABOUT:
            raise BadInput("what is kept beside a turn is larger than 1 MiB", "Leave some out.")
        for _ in range(8):  # two pages may add to one conversation at the same moment
            try:
                with Session(self._database) as session, session.begin():
                    return self._append(session, number, said)
            except IntegrityError:
                continue
        raise BadInput("others keep adding to this conversation", "Try again.")

    def _append(self, session: Session, number: str, said: Said) -> int:
        row = self._row(session, number)
        last = session.scalar(select(func.max(Turn.number)).where(Turn.conversation_id == number))
        place = 0 if last is None else last + 1
        if place >= MOST_TURNS:
            raise BadInput(f"a conversation holds {MOST_TURNS} turns", "Begin a new one.")
        session.add(_turn(number, place, said))
        row.updated = datetime.now(UTC)
        row.title = row.title or _storable(" ".join(said.text.split()))[:TITLE]
        return place

    def rename(self, number: str, title: str) -> None:
        """Raises UnknownConversation."""
        with Session(self._database) as session, session.begin():
            self._row(session, number).title = _storable(title)

    def branch(self, number: str, turns: int) -> ConversationSummary:
        """A new conversation with the first `turns` of another. Raises UnknownConversation."""
        with Session(self._database) as session, session.begin():
            row = self._row(session, number)
            twin = Conversation(
                id=uuid.uuid4().hex, owner=self._owner, title=row.title, parent=row.id
            )
            session.add(twin)
            session.flush()
            kept = _turns(session, number)[:turns]
            for place, turn in enumerate(kept):
                session.add(_turn(twin.id, place, _said(turn)))
            return _summary(twin, len(kept))

    def remove(self, number: str) -> None:
        """Raises UnknownConversation."""
        with Session(self._database) as session, session.begin():
            self._row(session, number)
            session.execute(delete(Turn).where(Turn.conversation_id == number))
            session.execute(delete(Conversation).where(Conversation.id == number))

    def _row(self, session: Session, number: str) -> Conversation:
        row = session.get(Conversation, number) if is_number(number) else None
        if row is None or row.owner != self._owner:
            raise UnknownConversation(f"there is no conversation {number!r}", "List them first.")
        return row


def _storable(text: str) -> str:
    """PostgreSQL stores no NUL."""
    return text.replace("\x00", "\ufffd")


def _turn(number: str, place: int, said: Said) -> Turn:
    text = _storable(said.text)
    return Turn(
        conversation_id=number,
        number=place,
        speaker=said.speaker,
        text=text,
        folded=text.casefold(),
        about=said.about,
    )


def _said(turn: Turn) -> Said:
    return Said(turn.speaker, turn.text, turn.about)  # type: ignore[arg-type]


def _turns(session: Session, number: str) -> list[Turn]:
    asked = select(Turn).where(Turn.conversation_id == number).order_by(Turn.number)
    return list(session.scalars(asked))


def _summary(row: Conversation, turns: int) -> ConversationSummary:
    created, updated = (moment.replace(tzinfo=UTC) for moment in (row.created, row.updated))
    return ConversationSummary(row.id, row.title, row.parent, created, updated, turns)
