"""What comes of tasks with 3D models: found parts, models put together; kept with the lesson."""

from typing import Any, Literal

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from hub.clock import now
from hub.ids import new_id
from hub.plugin import Asset, Lesson, PluginHub, Principal, Role, Rule, check, when
from hub.store.tables import LessonRow, PersonRow
from plugins.panel.show.errors import NoLessonToKeepWith, NotTheTask
from plugins.panel.tables import TaskRow

MOST = 500
"""Results of a lesson; the oldest go."""
TaskName = Literal["find", "assemble"]

Told = dict[str, Any]


class Tasks:
    """The results of all lessons; a new one is told as `x/panel/results`, without whose it is."""

    def __init__(self, hub: PluginHub) -> None:
        self._hub = hub

    async def keep(self, asset: Asset, given: Told, by: Principal) -> Told:
        """Keep a result; the same one again changes nothing.

        The class's screen may tell only of the task that it shows; it goes to the newest lesson.

        Args:
            asset: the model.
            given: `task`, `token`, `at_once`, `of`, `seconds`.
            by: whose it is; of the class's screen it is nobody's.

        Raises:
            NoLessonToKeepWith: no lesson runs.
            NotTheTask: the screen shows another task, or none.
            Forbidden: the lesson is not theirs.
        """
        screen = by.role is Role.DISPLAY
        if screen and not self._shown(asset.id, given["token"]):
            raise NotTheTask
        lesson = await self._lesson(by)

        def work(session: Session) -> tuple[Told, bool]:
            known = session.scalar(
                select(TaskRow).where(TaskRow.token == given["token"], TaskRow.owner == by.owner)
            )
            if known is not None:
                return _told(known, None), False
            if session.get(LessonRow, lesson.id) is None:
                raise NoLessonToKeepWith
            row = TaskRow(
                id=new_id(),
                asset=asset.id,
                lesson=lesson.id,
                person=None if screen else by.person,
                owner=by.owner,
                token=given["token"],
                task=given["task"],
                at_once=given["at_once"],
                all=given["of"],
                seconds=given["seconds"],
                ended=now(),
            )
            session.add(row)
            session.flush()
            newest = select(TaskRow.id).where(TaskRow.lesson == lesson.id)
            newest = newest.order_by(TaskRow.id.desc()).offset(MOST)
            session.execute(delete(TaskRow).where(TaskRow.id.in_(newest)))
            return _told(row, None), True

        result, new = await self._hub.store.write(work)
        if new:
            access = self._hub.school.lesson_access(lesson)
            self._hub.publish("results", {"asset": asset.id}, audience=access)
        return result

    async def results(self, asset: Asset, by: Principal) -> list[Told]:
        """Return the results of a model in the lesson that is meant, the newest first.

        Teachers get all of them, a pupil their own and the class's.
        """
        lesson = await self._lesson(by)
        query = select(TaskRow, PersonRow.name).outerjoin(PersonRow, PersonRow.id == TaskRow.person)
        query = query.where(TaskRow.asset == asset.id, TaskRow.lesson == lesson.id)
        if by.role is Role.PUPIL:
            query = query.where((TaskRow.owner == by.owner) | TaskRow.person.is_(None))
        query = query.order_by(TaskRow.id.desc()).limit(MOST)

        def work(session: Session) -> list[Told]:
            return [_told(row, name) for row, name in session.execute(query)]

        return await self._hub.store.read(work)

    def rule(self, days: int) -> Rule:
        """Return how long results are kept: `days`, 0 for ever."""

        async def count(before: float) -> int:
            old = select(func.count()).select_from(TaskRow).where(TaskRow.ended < before)
            return await self._hub.store.read(lambda session: session.scalar(old) or 0)

        async def delete_old(before: float) -> int:
            old = await count(before)
            gone = delete(TaskRow).where(TaskRow.ended < before)
            await self._hub.store.write(lambda session: [session.execute(gone)])
            return old

        return Rule("panel-results", days, count, delete_old)

    def _shown(self, asset: str, token: str) -> bool:
        return any(
            thing.attributes.get("asset") == asset and thing.attributes.get("task") == token
            for thing in self._hub.showing.now().values()
        )

    async def _lesson(self, by: Principal) -> Lesson:
        if by.role is Role.DISPLAY:  # an earlier lesson that nobody has ended is in no class's way
            running = await self._hub.school.running()
            if not running:
                raise NoLessonToKeepWith
            return running[0]
        found = await self._hub.school.default_lesson(by)
        if found is None:
            raise NoLessonToKeepWith
        check(by, self._hub.school.lesson_access(found))
        return found


def _told(row: TaskRow, name: str | None) -> Told:
    return {
        "id": row.id,
        "task": row.task,
        "token": row.token,
        "at_once": row.at_once,
        "of": row.all,
        "seconds": row.seconds,
        "person": None if row.person is None else {"id": row.person, "name": name or ""},
        "ended": when(row.ended),
    }
