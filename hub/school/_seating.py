"""Who sits where: in a lesson a seat is given to a person.

A seat is a name, as the engineer wrote it beside a device (`DeviceHandle.seat`): whatever stands
there speaks for whoever sits there. Seats outlive devices: pulled out, put back, replaced, the
person stays.
"""

from sqlalchemy import and_, delete, or_, select
from sqlalchemy.orm import Session

from hub.audit import record
from hub.device import Role
from hub.errors import NotFound, TooMany
from hub.rights import SYSTEM, Access, Principal, check, may
from hub.school._errors import BadName, LessonEnded, SeatTaken
from hub.school._lessons import TEACHES, Lessons, _known
from hub.school._names import clean_name
from hub.school._people import People
from hub.school._values import Lesson
from hub.store.tables import LessonRow, MemberRow, PersonRow, SessionRow, SittingRow

SEAT_LIMIT = 200
"""Characters, as of `DeviceHandle.seat`."""
_MOST_SEATS = 200


def clean_seat(seat: str | None) -> str | None:
    """Return the name of the seat at which a device stands, None where it has none that is good."""
    try:
        return None if seat is None else clean_name(seat, field="seat", limit=SEAT_LIMIT)
    except BadName:
        return None


class Seating(Lessons, People):
    """Seats of lessons, and who sits there."""

    async def sitters(self, lesson: str) -> dict[str, str]:
        """Return who sits where: name of the seat -> id of the person. Raises `NotFound`.

        Of a lesson that has ended: who sat there when it did.
        """

        def work(session: Session) -> dict[str, str]:
            _known(session, lesson)
            return _sitters(session, lesson)

        return await self._store.read(work)

    async def sit(
        self, lesson: str, seat: str, person: str | None, *, by: Principal
    ) -> dict[str, str]:
        """Give a seat to somebody, or to nobody; return who sits where now.

        A person has one seat in a lesson: whoever is given another leaves the former. A pupil sits
        down and gets up for themselves only, and where nobody sits, or one whose sign-in is over.

        Args:
            lesson: its id; it runs.
            seat: a name, of any device or of none.
            person: who has joined the lesson, or teaches it; None makes the seat free.
            by: who says so.

        Raises:
            Forbidden: `by` is not in the lesson, or a pupil who speaks for somebody else.
            BadName: the seat has no name that can be used.
            NotFound: there is no such lesson, or the person is not in it.
            LessonEnded: it has ended.
            SeatTaken: somebody else sits there, and `by` is no teacher.
            TooMany: the lesson has 200 seats already.
        """
        name = clean_name(seat, field="seat", limit=SEAT_LIMIT)

        def work(session: Session) -> tuple[Lesson, dict[str, str], bool]:
            found = _known(session, lesson)
            check(by, self.lesson_access(found))
            if not found.running:
                raise LessonEnded(f"lesson {lesson}")
            before = _sitters(session, lesson)
            sitter = before.get(name)
            if sitter == person:
                return found, before, False
            concerned = frozenset({person or sitter or ""})
            check(by, Access(role=Role.PUPIL, persons=concerned, private=True))
            if person is not None:
                _in_lesson(session, found, person)
                taken = sitter is not None and _signed_in(session, lesson, sitter)
                if taken and not may(by, TEACHES):
                    raise SeatTaken(f"{sitter} sits at {name!r}", seat=name)
            now = self._clock()
            former = or_(SittingRow.seat == name, SittingRow.person == person)
            session.execute(delete(SittingRow).where(SittingRow.lesson == lesson, former))
            if person is not None:
                session.add(SittingRow(lesson=lesson, seat=name, person=person, since=now))
                session.flush()
            after = _sitters(session, lesson)
            if len(after) > _MOST_SEATS:
                raise TooMany(f"lesson {lesson} has {_MOST_SEATS} seats")
            detail = {"seat": name, "person": person}
            record(session, by, "lesson.seat", lesson, detail, at=now)
            return found, after, True

        found, sitters, changed = await self._store.write(work)
        if changed:
            self._tell_seats(found, sitters)
        return sitters

    async def remove_member(self, lesson: str, person: str, by: Principal) -> None:
        """Take somebody out of a lesson, and from their seat. See `Lessons.remove_member`."""
        before = await self.sitters(lesson)
        await super().remove_member(lesson, person, by)
        if person in before.values():
            self._tell_seats(await self.lesson(lesson), await self.sitters(lesson))

    async def erase_person(self, person: str, *, by: Principal = SYSTEM) -> None:
        """Take somebody's name out of the hub. See `People.erase_person`."""
        query = select(SittingRow.lesson).join(LessonRow, LessonRow.id == SittingRow.lesson)
        query = query.where(SittingRow.person == person, LessonRow.ended.is_(None))
        lessons = await self._store.read(lambda session: list(session.scalars(query)))
        await super().erase_person(person, by=by)
        for lesson in lessons:
            self._tell_seats(await self.lesson(lesson), await self.sitters(lesson))

    def _tell_seats(self, lesson: Lesson, sitters: dict[str, str]) -> None:
        topic, audience = f"school/seats/{lesson.id}", self.lesson_access(lesson)
        self._tell(topic, "seated", audience, lesson=lesson.id, sitters=sitters)


def _sitters(session: Session, lesson: str) -> dict[str, str]:
    """Return who sits where, without those who are erased or were taken out of the lesson."""
    query = (
        select(SittingRow.seat, SittingRow.person)
        .join(PersonRow, PersonRow.id == SittingRow.person)
        .outerjoin(
            MemberRow,
            and_(MemberRow.lesson == SittingRow.lesson, MemberRow.person == SittingRow.person),
        )
        .where(SittingRow.lesson == lesson)
        .where(PersonRow.erased.is_(None), MemberRow.removed.is_(None))
        .order_by(SittingRow.seat)
    )
    return {row.seat: row.person for row in session.execute(query)}


def _in_lesson(session: Session, lesson: Lesson, person: str) -> None:
    member = session.get(MemberRow, (lesson.id, person))
    joined = member is not None and member.removed is None
    if not joined and person != lesson.teacher:
        raise NotFound(f"{person} in lesson {lesson.id}")


def _signed_in(session: Session, lesson: str, person: str) -> bool:
    """Tell whether somebody is still in the lesson with a browser; who teaches it always is."""
    if session.get(MemberRow, (lesson, person)) is None:
        return True
    query = select(SessionRow.id).where(
        SessionRow.lesson == lesson, SessionRow.person == person, SessionRow.revoked.is_(None)
    )
    return session.scalar(query.limit(1)) is not None
