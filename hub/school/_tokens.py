"""Tokens: standing leave to speak to the hub, for programs and for people's own programs.

Only hashes of secrets are kept.
"""

import secrets
from datetime import timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from hub.audit import record
from hub.device import Role
from hub.errors import Invalid, NotFound
from hub.ids import new_id
from hub.rights import SYSTEM, Principal
from hub.school._accounts import broker_hash
from hub.school._errors import LessonEnded
from hub.school._lessons import Lessons
from hub.school._names import clean_name
from hub.school._part import page_of
from hub.school._people import known_person
from hub.school._recognition import TOKEN_PREFIX, hash_of
from hub.school._values import Token
from hub.store import Page
from hub.store.tables import LessonRow, MemberRow, TokenRow

_LONGEST = 100 * 366 * 86400.0


class Tokens(Lessons):
    """Makes, lists and ends tokens."""

    async def create_token(
        self,
        role: Role,
        name: str,
        *,
        expires: timedelta | None = None,
        person: str | None = None,
        scope: str | None = None,
        lesson: str | None = None,
        by: Principal = SYSTEM,
    ) -> tuple[str, Token]:
        """Make a token; its secret is given here once and never again.

        Args:
            role: what the token may do.
            name: what it is for.
            expires: how long it is good; None until it is revoked.
            person: whose it is; None for a program.
            scope: what alone it is good for (`Principal.scope`); None for all that its role may.
                Such a token has no account at the MQTT broker.
            lesson: that `person` is in: it ends with the lesson, or when they are taken out of it.
            by: who makes it.

        Raises:
            BadName, Invalid: the name or the time cannot be used.
            NotFound: there is no such person, or they are not in this lesson.
            LessonEnded: the lesson is over.
        """
        now = self._clock()
        if expires is not None and not 0 < expires.total_seconds() <= _LONGEST:
            raise Invalid(f"a token cannot expire after {expires}", field="expires")
        secret = TOKEN_PREFIX + secrets.token_urlsafe(32)
        row = TokenRow(
            id=new_id(),
            name=clean_name(name),
            role=role.value,
            person=person,
            hash=hash_of(secret),
            broker=None if scope is not None else broker_hash(secret),
            created=now,
            expires=None if expires is None else now + expires.total_seconds(),
            revoked=None,
            scope=scope,
            lesson=lesson,
        )

        def work(session: Session) -> Token:
            if person is not None:
                known_person(session, person)
            if lesson is not None:
                end = _begin_of(session, lesson, person) + self._lesson_seconds
                row.expires = end if row.expires is None else min(row.expires, end)
            session.add(row)
            detail = {"role": role.value, "person": person, "expires": row.expires}
            detail |= {} if scope is None else {"scope": scope}
            record(session, by, "token.create", row.id, detail, at=now)
            return _token_of(row)

        return secret, await self._store.write(work)

    async def tokens(
        self,
        *,
        scope: str | None = None,
        person: str | None = None,
        lesson: str | None = None,
        good: bool = False,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[Token]:
        """Return tokens, the newest first.

        Args:
            scope: only those of this scope.
            person: only those of this person.
            lesson: only those that end with this lesson.
            good: none that are revoked or have expired.
            cursor: `next` of the page before.
            limit: the most on the page.
        """
        query = select(TokenRow)
        wanted = {TokenRow.scope: scope, TokenRow.person: person, TokenRow.lesson: lesson}
        query = query.where(*(column == one for column, one in wanted.items() if one is not None))
        if good:
            lasts = or_(TokenRow.expires.is_(None), TokenRow.expires > self._clock())
            query = query.where(TokenRow.revoked.is_(None), lasts)

        def work(session: Session) -> Page[Token]:
            rows, following = page_of(session, query, TokenRow.id, cursor, limit, newest=True)
            return Page([_token_of(row[0]) for row in rows], following)

        return await self._store.read(work)

    async def token(self, token: str) -> Token:
        """Return a token, also one that is over. Raises `NotFound`."""
        return await self._store.read(lambda session: _token_of(_row(session, token)))

    async def revoke_token(self, token: str, *, by: Principal = SYSTEM) -> None:
        """End a token; idempotent. Raises `NotFound`."""

        def work(session: Session) -> None:
            row = _row(session, token)
            if row.revoked is None:
                row.revoked = self._clock()
                record(session, by, "token.revoke", token, at=row.revoked)

        await self._store.write(work)
        self._forget_credentials()


def _row(session: Session, token: str) -> TokenRow:
    row = session.get(TokenRow, token)
    if row is None:
        raise NotFound(f"token {token}")
    return row


def _begin_of(session: Session, lesson: str, person: str | None) -> float:
    """Return when a lesson began that somebody is in. Raises `NotFound`, `LessonEnded`."""
    found = session.get(LessonRow, lesson)
    member = None if person is None else session.get(MemberRow, (lesson, person))
    if found is None or member is None or member.removed is not None:
        raise NotFound(f"{person} in lesson {lesson}")
    if found.ended is not None:
        raise LessonEnded(f"lesson {lesson}")
    return found.started


def _token_of(row: TokenRow) -> Token:
    return Token(
        row.id,
        row.name,
        Role(row.role),
        row.person,
        row.created,
        row.expires,
        row.revoked,
        row.scope,
        row.lesson,
    )
