"""Lessons: started by a teacher, joined with six digits, ended by the teacher or by themselves."""

import secrets
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from hub.audit import record
from hub.device import Role
from hub.errors import NotFound, TooMany
from hub.ids import new_id
from hub.rights import SYSTEM, Access, Principal, check
from hub.school._errors import LessonEnded
from hub.school._names import TITLE_LIMIT, clean_name
from hub.school._part import Part, page_of
from hub.school._people import _known_group, person_of
from hub.school._values import Lesson, Person, Task
from hub.store import Page
from hub.store.tables import LessonRow, MemberRow, PersonRow, SessionRow, TaskRow, TokenRow

TEACHES = Access(role=Role.TEACHER)
_RUNNING_LIMIT = 500


class Lessons(Part):
    """What is being taught, and who is in it."""

    async def start_lesson(self, by: Principal, title: str, *, group: str | None = None) -> Lesson:
        """Start a lesson; pupils can join with its six digits at once.

        Raises:
            Forbidden: `by` is no teacher.
            BadName: the title cannot be used.
            NotFound: there is no such group.
        """
        check(by, TEACHES)
        row = LessonRow(
            id=new_id(),
            title=clean_name(title, field="title", limit=TITLE_LIMIT),
            group_id=group,
            teacher=by.person,
            owner=by.owner,
            started=self._clock(),
            ended=None,
            code=None,
        )

        def work(session: Session) -> Lesson:
            _known_group(session, group)
            row.code = _free_code(session)
            session.add(row)
            session.flush()
            record(session, by, "lesson.start", row.id, {"title": row.title}, at=row.started)
            return _known(session, row.id)

        lesson = await self._store.write(work)
        self._tell_lesson("started", lesson)
        return lesson

    async def end_lesson(self, lesson: str, by: Principal) -> Lesson:
        """End a lesson; its pupils are signed out with it. A lesson that has ended stays as it is.

        Raises:
            Forbidden: `by` is no teacher.
            NotFound: there is no such lesson.
        """
        check(by, TEACHES)
        ended = await self._end([lesson], by)
        return ended[0] if ended else await self.lesson(lesson)

    async def share(self, lesson: str, by: Principal, *, shared: bool) -> Lesson:
        """Let the pupils of a lesson see each other's pictures, or no longer; at once.

        Raises:
            Forbidden: `by` is no teacher.
            NotFound: there is no such lesson.
        """
        check(by, TEACHES)

        def work(session: Session) -> tuple[Lesson, bool]:
            row = _row(session, lesson)
            changed, row.shared = row.shared != shared, shared
            session.flush()
            if changed:
                record(session, by, "lesson.share", lesson, {"shared": shared}, at=self._clock())
            return _known(session, lesson), changed

        found, changed = await self._store.write(work)
        if changed:
            self._tell_lesson("edited", found)
        return found

    async def end_overdue(self) -> list[Lesson]:
        """End the lessons that nobody ended within `lesson_hours`."""
        limit = self._clock() - self._lesson_seconds
        query = select(LessonRow.id).where(LessonRow.ended.is_(None), LessonRow.started <= limit)
        overdue = await self._store.read(lambda session: list(session.scalars(query)))
        return await self._end(overdue, SYSTEM) if overdue else []

    async def lesson(self, lesson: str) -> Lesson:
        """Return a lesson. Raises `NotFound`."""
        return await self._store.read(lambda session: _known(session, lesson))

    async def running(self) -> list[Lesson]:
        """Return the lessons that have not ended, the newest first."""
        query = _lessons().where(LessonRow.ended.is_(None)).order_by(LessonRow.id.desc())

        def work(session: Session) -> list[Lesson]:
            return [_lesson_of(r) for r in session.execute(query.limit(_RUNNING_LIMIT))]

        return await self._store.read(work)

    async def lessons(self, *, cursor: str | None = None, limit: int = 50) -> Page[Lesson]:
        """Return all lessons, the newest first."""

        def work(session: Session) -> Page[Lesson]:
            rows, following = page_of(session, _lessons(), LessonRow.id, cursor, limit, newest=True)
            return Page([_lesson_of(row) for row in rows], following)

        return await self._store.read(work)

    async def members(self, lesson: str) -> list[Person]:
        """Return who has joined and was not removed, in the order of joining. Raises `NotFound`."""

        def work(session: Session) -> list[Person]:
            _known(session, lesson)
            query = select(PersonRow).join(MemberRow, MemberRow.person == PersonRow.id)
            query = query.where(MemberRow.lesson == lesson, MemberRow.removed.is_(None))
            rows = session.scalars(query.order_by(MemberRow.joined, PersonRow.id))
            return [person_of(row) for row in rows]

        return await self._store.read(work)

    async def remove_member(self, lesson: str, person: str, by: Principal) -> None:
        """Take somebody out of a lesson and sign them out; idempotent.

        The digits still let them in again: `new_code` changes those.

        Raises:
            Forbidden: `by` is no teacher.
            NotFound: the person was never in the lesson.
        """
        check(by, TEACHES)

        def work(session: Session) -> None:
            member = session.get(MemberRow, (lesson, person))
            if member is None:
                raise NotFound(f"{person} in lesson {lesson}")
            now = self._clock()
            member.removed = member.removed or now
            for table in (SessionRow, TokenRow):
                theirs = update(table).where(table.lesson == lesson, table.person == person)
                session.execute(theirs.where(table.revoked.is_(None)).values(revoked=now))
            record(session, by, "lesson.remove", lesson, {"person": person}, at=now)

        await self._store.write(work)
        self._forget_credentials()
        self._tell_lesson("left", await self.lesson(lesson), person=person)

    async def new_code(self, lesson: str, by: Principal) -> Lesson:
        """Give a running lesson other digits; who is in it stays in it.

        Raises:
            Forbidden: `by` is no teacher.
            LessonEnded: it has ended.
            NotFound: there is no such lesson.
        """
        check(by, TEACHES)

        def work(session: Session) -> Lesson:
            if _known(session, lesson).ended is not None:
                raise LessonEnded(f"lesson {lesson}")
            session.get_one(LessonRow, lesson).code = _free_code(session)
            session.flush()
            return _known(session, lesson)

        changed = await self._store.write(work)
        self._tell_lesson("edited", changed)
        return changed

    async def default_lesson(self, principal: Principal) -> Lesson | None:
        """Return the lesson that is meant when none is named.

        The one that a pupil has joined; a teacher's own newest one; else the only one running.
        """
        if principal.lesson is not None:
            own = await self.lesson(principal.lesson)
            return own if own.running else None
        running = await self.running()
        mine = [lesson for lesson in running if lesson.owner == principal.owner]
        if mine:
            return mine[0]
        return running[0] if len(running) == 1 else None

    def lesson_access(self, lesson: Lesson) -> Access:
        """Who may see a lesson: those who are in it, whoever started it, and teachers."""
        return Access(
            role=Role.PUPIL,
            lesson=lesson.id,
            persons=frozenset({lesson.owner}),
            private=True,
        )

    def _tell_lesson(self, change: str, lesson: Lesson, **more: Any) -> None:
        audience = self.lesson_access(lesson)
        self._tell(f"lessons/{lesson.id}", change, audience, lesson=lesson.as_json(), **more)

    async def _end(self, lessons: list[str], by: Principal) -> list[Lesson]:
        """End those of `lessons` that run, with their pupils' sessions and keys, all at once."""

        def work(session: Session) -> list[Lesson]:
            now = self._clock()
            ended = []
            for lesson in lessons:
                if _known(session, lesson).ended is not None:
                    continue
                row = session.get_one(LessonRow, lesson)
                row.ended, row.code = now, None
                for table in (SessionRow, TokenRow):
                    of_lesson = update(table).where(table.lesson == lesson)
                    session.execute(of_lesson.where(table.revoked.is_(None)).values(revoked=now))
                record(session, by, "lesson.end", lesson, at=now)
                session.flush()
                ended.append(_known(session, lesson))
            return ended

        ended = await self._store.write(work)
        self._forget_credentials()
        for lesson in ended:
            self._tell_lesson("ended", lesson)
        return ended


def _lessons() -> Any:
    return (
        select(LessonRow, PersonRow.name, TaskRow)
        .outerjoin(PersonRow, PersonRow.id == LessonRow.teacher)
        .outerjoin(TaskRow, TaskRow.id == LessonRow.task)
    )


def _row(session: Session, lesson: str) -> LessonRow:
    found = session.get(LessonRow, lesson)
    if found is None:
        raise NotFound(f"lesson {lesson}")
    return found


def _known(session: Session, lesson: str) -> Lesson:
    found = session.execute(_lessons().where(LessonRow.id == lesson)).first()
    if found is None:
        raise NotFound(f"lesson {lesson}")
    return _lesson_of(found)


def _lesson_of(found: Any) -> Lesson:
    row, teacher_name, task = found
    return Lesson(
        id=row.id,
        title=row.title,
        group=row.group_id,
        teacher=row.teacher,
        teacher_name=teacher_name or "",
        owner=row.owner,
        started=row.started,
        ended=row.ended,
        code=row.code,
        shared=row.shared,
        task=None if task is None else task_of(task),
    )


def task_of(row: TaskRow) -> Task:
    """Return a row as a value."""
    return Task(row.id, row.owner, row.title, row.text, row.picture, row.sent)


def _free_code(session: Session) -> str:
    """Return six digits that no running lesson has."""
    if (session.scalar(select(func.count(LessonRow.code))) or 0) >= _RUNNING_LIMIT:
        raise TooMany(f"{_RUNNING_LIMIT} lessons are running")
    while True:
        code = f"{secrets.randbelow(1_000_000):06}"
        if session.scalar(select(LessonRow.id).where(LessonRow.code == code)) is None:
            return code
