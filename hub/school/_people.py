"""People, groups and seats."""

from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from hub.audit import forget_name, record
from hub.device import Role
from hub.errors import Conflict, NotFound
from hub.ids import new_id
from hub.rights import SYSTEM, Access, Principal
from hub.school._names import clean_name
from hub.school._part import Part, page_of
from hub.school._values import Group, Person, Seat
from hub.store import Page
from hub.store.tables import (
    AssetRow,
    GroupRow,
    MemberRow,
    PersonRow,
    SeatRow,
    SessionRow,
    SignInCodeRow,
    TokenRow,
)

_STAFF = Access(role=Role.TEACHER)


class People(Part):
    """Who is of the school."""

    async def create_person(
        self, name: str, role: Role = Role.PUPIL, *, group: str | None = None
    ) -> Person:
        """Add somebody. Raises `BadName`, `NotFound` for an unknown group."""
        row = PersonRow(
            id=new_id(),
            name=clean_name(name),
            role=role.value,
            group_id=group,
            created=self._clock(),
            erased=None,
        )

        def work(session: Session) -> Person:
            _known_group(session, group)
            session.add(row)
            return person_of(row)

        person = await self._store.write(work)
        self._tell(f"people/{person.id}", "added", _STAFF)
        return person

    async def person(self, person: str) -> Person:
        """Return a person, also an erased one. Raises `NotFound`."""
        return await self._store.read(lambda session: person_of(known_person(session, person)))

    async def people(
        self,
        *,
        role: Role | None = None,
        group: str | None = None,
        cursor: str | None = None,
        limit: int = 50,
    ) -> Page[Person]:
        """Return those who are not erased, in the order in which they came."""
        query = select(PersonRow).where(PersonRow.erased.is_(None))
        if role is not None:
            query = query.where(PersonRow.role == role.value)
        if group is not None:
            query = query.where(PersonRow.group_id == group)

        def work(session: Session) -> Page[Person]:
            rows, following = page_of(session, query, PersonRow.id, cursor, limit, newest=False)
            return Page([person_of(row[0]) for row in rows], following)

        return await self._store.read(work)

    async def edit_person(
        self,
        person: str,
        *,
        name: str | None = None,
        role: Role | None = None,
        by: Principal = SYSTEM,
    ) -> Person:
        """Change name or role; both hold at once for all that the person has open.

        A token of the person that reaches further than the new role is brought down to it.

        Raises:
            NotFound: there is no such person.
            Conflict: the person was erased.
            BadName: the name cannot be used.
        """
        cleaned = None if name is None else clean_name(name)

        def work(session: Session) -> Person:
            row = known_person(session, person)
            if row.erased is not None:
                raise Conflict(f"person {person} was erased")
            if cleaned is not None:
                row.name = cleaned
                _name_everywhere(session, person, cleaned)
            if role is not None:
                row.role = role.value
                _limit_credentials(session, person, role)
                record(session, by, "person.role", person, {"role": role.value}, at=self._clock())
            return person_of(row)

        changed = await self._store.write(work)
        self._forget_credentials()
        self._tell(f"people/{person}", "edited", _STAFF)
        return changed

    async def erase_person(self, person: str, *, by: Principal = SYSTEM) -> None:
        """Take somebody's name out of the hub and end all that they have open; idempotent.

        Their assets stay in the lessons' albums, without a name. What is written inside a file
        (a picture's own author field) and copies of the database made earlier are not changed.

        Raises:
            NotFound: there is no such person.
        """

        def work(session: Session) -> None:
            row = known_person(session, person)
            if row.erased is not None:
                return
            now = self._clock()
            row.name, row.erased, row.group_id = "", now, None
            _name_everywhere(session, person, "")
            for table in (TokenRow, SessionRow):
                of_person = update(table).where(table.person == person)
                session.execute(of_person.where(table.revoked.is_(None)).values(revoked=now))
            session.execute(delete(SignInCodeRow).where(SignInCodeRow.person == person))
            left = update(MemberRow).where(MemberRow.person == person)
            session.execute(left.where(MemberRow.removed.is_(None)).values(removed=now))
            record(session, by, "person.erase", person, at=now)
            session.flush()
            forget_name(session, person)

        await self._store.write(work)
        self._forget_credentials()
        self._tell(f"people/{person}", "erased", _STAFF)

    async def create_group(self, name: str) -> Group:
        """Add a class or circle. Raises `BadName`."""
        row = GroupRow(id=new_id(), name=clean_name(name), created=self._clock())
        await self._store.write(lambda session: session.add(row))
        return _group_of(row)

    async def group(self, group: str) -> Group:
        """Return a group. Raises `NotFound`."""

        def work(session: Session) -> Group:
            row = session.get(GroupRow, group)
            if row is None:
                raise NotFound(f"group {group}")
            return _group_of(row)

        return await self._store.read(work)

    async def groups(self, *, cursor: str | None = None, limit: int = 50) -> Page[Group]:
        """Return the groups, in the order in which they were made."""

        def work(session: Session) -> Page[Group]:
            query = select(GroupRow)
            rows, following = page_of(session, query, GroupRow.id, cursor, limit, newest=False)
            return Page([_group_of(row[0]) for row in rows], following)

        return await self._store.read(work)

    async def create_seat(self, name: str) -> Seat:
        """Add a place in the room. Raises `BadName`."""
        row = SeatRow(id=new_id(), name=clean_name(name), created=self._clock())
        await self._store.write(lambda session: session.add(row))
        return Seat(row.id, row.name)

    async def seats(self) -> list[Seat]:
        """Return the places of the room (at most 1000)."""

        def work(session: Session) -> list[Seat]:
            rows = session.scalars(select(SeatRow).order_by(SeatRow.id).limit(1000))
            return [Seat(row.id, row.name) for row in rows]

        return await self._store.read(work)


def person_of(row: PersonRow) -> Person:
    """Return a row as a value."""
    return Person(row.id, row.name, Role(row.role), row.group_id, row.created, row.erased)


def known_person(session: Session, person: str) -> PersonRow:
    """Return a person's row. Raises `NotFound`."""
    row = session.get(PersonRow, person)
    if row is None:
        raise NotFound(f"person {person}")
    return row


def _known_group(session: Session, group: str | None) -> None:
    if group is not None and session.get(GroupRow, group) is None:
        raise NotFound(f"group {group}")


def _group_of(row: GroupRow) -> Group:
    return Group(row.id, row.name, row.created)


def _name_everywhere(session: Session, person: str, name: str) -> None:
    session.execute(update(AssetRow).where(AssetRow.owner == person).values(owner_name=name))
    session.execute(update(SessionRow).where(SessionRow.person == person).values(name=name))
    tokens = update(TokenRow).where(TokenRow.person == person)
    # A token is named for its purpose; one of a scope is somebody's key, and bears their name.
    session.execute(
        tokens.values(name="")
        if not name
        else tokens.where(TokenRow.scope.is_not(None)).values(name=name)
    )


def _limit_credentials(session: Session, person: str, role: Role) -> None:
    """Bring what the person has open to the new role; pupils' lesson sessions stay pupils'."""
    open_now: tuple[Any, ...] = (SessionRow.person == person, SessionRow.lesson.is_(None))
    session.execute(update(SessionRow).where(*open_now).values(role=role.value))
    tokens = session.scalars(select(TokenRow).where(TokenRow.person == person))
    codes = session.scalars(select(SignInCodeRow).where(SignInCodeRow.person == person))
    for row in [*tokens, *codes]:
        if not role.includes(Role(row.role)):
            row.role = role.value
