"""API keys: made once, shown once, kept as a hash.

A key reads `lm-ID-SECRET`. The secret is 192 random bits, so one round of SHA-256 is enough: there
is nothing to guess that a slow hash would protect.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import re
import secrets
from dataclasses import asdict, dataclass, fields
from datetime import UTC, date, datetime
from typing import Literal

from sqlalchemy import Engine, delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from lemmata.errors import BadInput
from lemmata.server.state.tables import ApiKey, KeyUsage

Scope = Literal["infer", "tune", "admin"]
SCOPES: tuple[Scope, ...] = ("infer", "tune", "admin")
"""Each may do what those before it may."""
_FORM = re.compile(r"lm-([0-9a-f]{8})-([A-Za-z0-9_-]{32})")


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a key may use; None: as much as there is."""

    requests_per_minute: int | None = None
    sequences: int | None = None
    """At once, the `n` of a request counted one by one."""
    tokens_per_day: int | None = None
    """Read and written, by the day of UTC."""


@dataclass(frozen=True, slots=True)
class Key:
    """A known key, without its secret."""

    id: str
    name: str
    scope: Scope
    created: datetime
    allowance: Allowance

    def may(self, scope: Scope) -> bool:
        return SCOPES.index(self.scope) >= SCOPES.index(scope)


UNLIMITED = Allowance()


class Keys:
    """The keys of one database."""

    def __init__(self, database: Engine) -> None:
        self._database = database

    def add(self, name: str, scope: Scope = "infer", allowance: Allowance = UNLIMITED) -> str:
        """Make a key; the returned text is all that is ever seen of it. Raises BadInput."""
        if not re.fullmatch(r"[\w.@ -]{1,64}", name):
            raise BadInput(f"{name!r} is no name for a key", "Use up to 64 letters and digits.")
        number, secret = secrets.token_hex(4), secrets.token_urlsafe(24)
        try:
            with Session(self._database) as session, session.begin():
                row = ApiKey(id=number, name=name, sha256=_hash(secret), scope=scope)
                for limit, value in asdict(allowance).items():
                    setattr(row, limit, value)
                session.add(row)
        except IntegrityError as error:
            raise BadInput(
                f"there is a key named {name!r} already", "Remove it, or choose another name."
            ) from error
        return f"lm-{number}-{secret}"

    def find(self, text: str) -> Key | None:
        """The key that `text` is; None for anything else, in the same time for a wrong secret."""
        form = _FORM.fullmatch(text)
        if form is None:
            return None
        with Session(self._database) as session:
            row = session.get(ApiKey, form[1])
            right = hmac.compare_digest(row.sha256 if row else _hash(""), _hash(form[2]))
            return _key(row) if row and right else None

    def list(self) -> list[Key]:
        """All keys, by name."""
        with Session(self._database) as session:
            return [_key(row) for row in session.scalars(select(ApiKey).order_by(ApiKey.name))]

    def remove(self, name: str) -> None:
        """Raises BadInput where there is none of that name."""
        with Session(self._database) as session, session.begin():
            gone = session.execute(delete(ApiKey).where(ApiKey.name == name).returning(ApiKey.id))
            if not gone.all():
                raise BadInput(f"there is no key named {name!r}", "`lemmata keys list` shows them.")

    def used(self, key_id: str) -> int:
        """Tokens of today."""
        with Session(self._database) as session:
            row = session.get(KeyUsage, (key_id, _today()))
            return row.tokens if row else 0

    def use(self, key_id: str, tokens: int) -> None:
        """Add to today's tokens; of a key that was taken back meanwhile nothing is kept."""
        today = _today()
        more = (
            update(KeyUsage)
            .where(KeyUsage.key_id == key_id, KeyUsage.day == today)
            .values(tokens=KeyUsage.tokens + tokens)
            .returning(KeyUsage.key_id)
        )
        for _ in range(2):  # another gateway may write the day's first row between the two
            with contextlib.suppress(IntegrityError), Session(self._database) as session:
                with session.begin():
                    known = session.get(ApiKey, key_id) is not None
                    if not session.execute(more).all() and known:
                        session.add(KeyUsage(key_id=key_id, day=today, tokens=tokens))
                return


def _today() -> date:
    return datetime.now(UTC).date()


def _key(row: ApiKey) -> Key:
    created = row.created.replace(tzinfo=UTC)  # SQLite forgets it
    limits = Allowance(**{field.name: getattr(row, field.name) for field in fields(Allowance)})
    return Key(row.id, row.name, row.scope, created, limits)  # type: ignore[arg-type]


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
