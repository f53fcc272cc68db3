"""Task sheets: what the teacher sends to every pupil of a lesson."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from hub.audit import record
from hub.errors import NotFound
from hub.ids import new_id
from hub.rights import Principal, check
from hub.school._errors import BadName
from hub.school._lessons import TEACHES, Lessons, _known, _row, task_of
from hub.school._names import TITLE_LIMIT, clean_name, clean_text
from hub.school._values import Lesson, Task
from hub.store.tables import AssetRow, TaskRow

MOST_EARLIER = 100


class Tasks(Lessons):
    """The sheet of each lesson, one at a time; hand-ins answer it."""

    async def send_task(
        self, lesson: str, by: Principal, *, title: str = "", text: str = "", picture: str | None
    ) -> Lesson:
        """Give the pupils of a lesson a sheet; it takes the place of the one they had.

        Args:
            lesson: its id; a lesson that has ended may be given one, for its report sheets.
            by: the teacher.
            title: one line, may be empty where there is a text.
            text: several lines.
            picture: an asset that the lesson's pupils may see; the caller has seen to that.

        Raises:
            Forbidden: `by` is no teacher.
            NotFound: there is no such lesson or picture.
            BadName: it says nothing, or too much.
        """
        check(by, TEACHES)
        said = clean_text(text, field="text")
        heading = clean_name(title, field="title", limit=TITLE_LIMIT) if title.strip() else ""
        if not said and not heading:
            raise BadName("the sheet is empty", field="text", limit=TITLE_LIMIT)

        def work(session: Session) -> Lesson:
            found = _row(session, lesson)
            if picture is not None and not session.scalar(
                select(AssetRow.id).where(AssetRow.id == picture)
            ):
                raise NotFound(f"asset {picture}")
            row = TaskRow(
                id=new_id(),
                owner=by.owner,
                title=heading,
                text=said,
                picture=picture,
                sent=self._clock(),
            )
            session.add(row)
            found.task = row.id
            session.flush()
            record(session, by, "lesson.task", lesson, {"title": heading}, at=row.sent)
            return _known(session, lesson)

        changed = await self._store.write(work)
        self._tell_lesson("edited", changed)
        return changed

    async def withdraw_task(self, lesson: str, by: Principal) -> Lesson:
        """Take the sheet away again; what was handed in stays. Nothing to take away is no error.

        Raises:
            Forbidden: `by` is no teacher.
            NotFound: there is no such lesson.
        """
        check(by, TEACHES)

        def work(session: Session) -> Lesson:
            found = _row(session, lesson)
            if found.task is not None:
                found.task = None
                session.flush()
                record(session, by, "lesson.task-withdrawn", lesson, at=self._clock())
            return _known(session, lesson)

        changed = await self._store.write(work)
        self._tell_lesson("edited", changed)
        return changed

    async def task(self, task: str) -> Task:
        """Return a sheet, also one that was replaced or withdrawn. Raises `NotFound`."""

        def work(session: Session) -> Task:
            row = session.get(TaskRow, task)
            if row is None:
                raise NotFound(f"task {task}")
            return task_of(row)

        return await self._store.read(work)

    async def earlier_tasks(self, by: Principal) -> list[Task]:
        """Return the sheets that `by` has sent, the newest first, each wording once."""
        newest = (
            select(func.max(TaskRow.id))
            .where(TaskRow.owner == by.owner)
            .group_by(TaskRow.title, TaskRow.text)
        )
        query = select(TaskRow).where(TaskRow.id.in_(newest)).order_by(TaskRow.id.desc())

        def work(session: Session) -> list[Task]:
            return [task_of(row) for row in session.scalars(query.limit(MOST_EARLIER))]

        return await self._store.read(work)
