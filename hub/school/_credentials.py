"""Sessions of browsers, and the codes that become sessions.

Only hashes of secrets are kept.
"""

import re
import secrets
from typing import Any

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.orm import Session

from hub.audit import record
from hub.bus import Bus
from hub.device import Role
from hub.errors import TooMany
from hub.ids import new_id
from hub.rights import Principal
from hub.school._errors import WrongCode
from hub.school._lessons import _known
from hub.school._names import clean_name
from hub.school._people import known_person
from hub.school._recognition import (
    SESSION_PREFIX,
    Recognition,
    hash_of,
    session_principal,
)
from hub.school._throttle import Throttle
from hub.school._tokens import Tokens
from hub.school._values import SignIn
from hub.store import Store
from hub.store.tables import LessonRow, MemberRow, PersonRow, SessionRow, SignInCodeRow, TokenRow

SESSION_HOURS = 12.0
CODE_SECONDS = 600.0
MEMBERS_LIMIT = 200
_DIGITS = re.compile(r"[0-9]{6}\Z")
_KEEP_ENDED = 7 * 86400.0
_BRIEF = 86400.0
_KEEP_BRIEF = 3600.0


class Credentials(Recognition, Tokens):
    """Who is signed in, and how one gets in."""

    def __init__(self, store: Store, bus: Bus, **options: Any) -> None:
        super().__init__(store, bus, **options)
        self._digits = Throttle(monotonic=self._monotonic)
        self._codes = Throttle(monotonic=self._monotonic)

    # Ways in

    async def create_sign_in_code(self, role: Role, name: str, *, person: str | None = None) -> str:
        """Make a code for a sign-in link: good once, for ten minutes.

        Args:
            role: what whoever uses it may do.
            name: who it is for; a person of this name and role is taken up again, else made.
            person: who it is for, where that is known.
        """
        code = secrets.token_urlsafe(24)
        now = self._clock()
        row = SignInCodeRow(
            hash=hash_of(code),
            role=role.value,
            name=clean_name(name),
            person=person,
            created=now,
            expires=now + CODE_SECONDS,
        )

        def work(session: Session) -> None:
            if person is not None:
                known_person(session, person)
            session.add(row)

        await self._store.write(work)
        return code

    async def redeem(self, code: str, address: str) -> SignIn:
        """Turn a sign-in code into a session.

        Nobody guesses these, so a right one always works: pupils who try digits, or links of
        yesterday, do not keep the teacher out.

        Raises:
            WrongCode: it is not known, used up, or older than ten minutes.
            TooMany: the same, and too many such came from `address`.
        """

        def work(session: Session) -> SignIn:
            row = session.get(SignInCodeRow, hash_of(code))
            now = self._clock()
            if row is None or row.expires <= now:
                self._codes.wrong(address)
                raise WrongCode("no such sign-in code")
            session.delete(row)
            # Whoever comes over the class network will be confirmed at the hub before this.
            person = _same_person(session, row) or _add_person(session, row.name, row.role, now)
            return self._open_session(session, person, Role(row.role), now + SESSION_HOURS * 3600)

        return await self._store.write(work)

    async def join(self, digits: str, name: str, address: str) -> SignIn:
        """Let a pupil into the lesson with these six digits, as a new person.

        Two of one name in a lesson are told apart: the second becomes "Aizhan 2".

        Raises:
            WrongCode: no running lesson has these digits.
            TooMany: too many wrong digits came of late, or the lesson is full.
            BadName: the name cannot be used.
        """
        wanted = clean_name(name)
        code = digits if _DIGITS.match(digits) else ""
        self._digits.check(address)

        def work(session: Session) -> SignIn:
            self._digits.check(address)
            now = self._clock()
            query = select(LessonRow).where(LessonRow.code == code, LessonRow.ended.is_(None))
            lesson = session.scalar(query)
            end = 0.0 if lesson is None else lesson.started + self._lesson_seconds
            if lesson is None or end <= now:
                self._digits.wrong(address)
                raise WrongCode("no running lesson has these digits")
            person = _add_person(session, _free_name(session, lesson.id, wanted), Role.PUPIL, now)
            member = MemberRow(lesson=lesson.id, person=person.id, joined=now, removed=None)
            session.add(member)
            return self._open_session(session, person, Role.PUPIL, end, lesson.id)

        signed_in = await self._store.write(work)
        if signed_in.lesson is not None:
            self._tell_lesson("joined", signed_in.lesson, person=signed_in.principal.person)
        return signed_in

    async def sign_out(self, principal: Principal) -> None:
        """End the session of this principal; a token stays as it is."""
        if principal.via != "session":
            return
        open_now = update(SessionRow).where(SessionRow.id == principal.id)
        ended = open_now.where(SessionRow.revoked.is_(None)).values(revoked=self._clock())
        await self._store.write(lambda session: session.execute(ended) and None)
        self._forget_credentials()

    async def forget_ended(self) -> None:
        """Delete sessions and codes that ended a week ago, so that they do not pile up.

        Tokens that were made for a day or less (each command makes one for itself) go an hour
        after their end; the audit log keeps what was done with them. Others stay.
        """

        def work(session: Session) -> None:
            long_ago = self._clock() - _KEEP_ENDED
            a_while_ago = self._clock() - _KEEP_BRIEF
            brief = TokenRow.expires - TokenRow.created <= _BRIEF
            over = or_(TokenRow.expires < a_while_ago, TokenRow.revoked < a_while_ago)
            session.execute(delete(TokenRow).where(brief, over))
            ended = or_(SessionRow.expires < long_ago, SessionRow.revoked < long_ago)
            session.execute(delete(SessionRow).where(ended))
            session.execute(delete(SignInCodeRow).where(SignInCodeRow.expires < long_ago))

        await self._store.write(work)

    def _open_session(
        self,
        session: Session,
        person: PersonRow,
        role: Role,
        expires: float,
        lesson: str | None = None,
    ) -> SignIn:
        secret = SESSION_PREFIX + secrets.token_urlsafe(32)
        row = SessionRow(
            id=new_id(),
            hash=hash_of(secret),
            name=person.name,
            role=role.value,
            person=person.id,
            lesson=lesson,
            created=self._clock(),
            expires=expires,
            revoked=None,
        )
        session.add(row)
        session.flush()
        principal = session_principal(row)
        detail = {"session": row.id}
        record(session, principal, "session.open", lesson or "", detail, at=row.created)
        joined = None if lesson is None else _known(session, lesson)
        return SignIn(secret, principal, joined, expires)


def _same_person(session: Session, code: SignInCodeRow) -> PersonRow | None:
    if code.person is not None:
        return known_person(session, code.person)
    query = select(PersonRow).where(PersonRow.name == code.name, PersonRow.role == code.role)
    rows = session.scalars(query.where(PersonRow.erased.is_(None)).limit(2)).all()
    return rows[0] if len(rows) == 1 else None


def _add_person(session: Session, name: str, role: str, now: float) -> PersonRow:
    row = PersonRow(
        id=new_id(), name=name, role=Role(role).value, group_id=None, created=now, erased=None
    )
    session.add(row)
    session.flush()
    return row


def _free_name(session: Session, lesson: str, wanted: str) -> str:
    """Return `wanted`, with a number where the lesson has somebody of that name already."""
    query = select(PersonRow.name).join(MemberRow, MemberRow.person == PersonRow.id)
    taken = {name.casefold() for name in session.scalars(query.where(MemberRow.lesson == lesson))}
    count = session.scalar(select(func.count()).where(MemberRow.lesson == lesson)) or 0
    if count >= MEMBERS_LIMIT:
        raise TooMany(f"{count} have joined lesson {lesson}")
    name, number = wanted, 1
    while name.casefold() in taken:
        number += 1
        name = f"{wanted[:74]} {number}"
    return name
