"""How hard each person presses: kept for the person, told to whoever draws."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from drivers.tablet.contract import PressureCurve
from hub.clock import now
from hub.plugin import Access, HubError, Message, PluginHub, Principal, Role, check
from plugins.tablets.tables import CurveRow, NameCurveRow

log = logging.getLogger("classhub.tablets")

MOST_NAMES = 1000
"""Names whose curves are kept; those that were not used for the longest time go."""


class Curves:
    """The curves of all persons; `x/tablets/curves/<person>` (retained) tells each of them.

    A curve is kept as long as its person. Pupils who join by six digits are new persons each time:
    who joins by the same name in a lesson of the same class has the curve that was set last by
    that name there. It goes when who set it is erased.
    """

    def __init__(self, hub: PluginHub) -> None:
        self._hub = hub
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Tell all curves, and begin to listen."""
        for row in await self._hub.store.read(lambda session: session.scalars(_ALL).all()):
            self._tell(row.person, _curve(row))
        self._leave = (
            self._hub.bus.subscribe("people/+", self._on_person),
            self._hub.bus.subscribe("lessons/+", self._on_lesson),
        )

    async def stop(self) -> None:
        """Listen no more."""
        for leave in getattr(self, "_leave", ()):
            leave()
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(tuple(self._tasks), timeout=1.0)

    async def of(self, person: str, by: Principal) -> PressureCurve:
        """Return somebody's curve, the even one where they have none. Raises `Forbidden`."""
        check(by, _access(person))
        row = await self._hub.store.read(lambda session: session.get(CurveRow, person))
        return PressureCurve() if row is None else _curve(row)

    async def set(self, person: str, curve: PressureCurve, by: Principal) -> None:
        """Keep somebody's curve. Raises `Forbidden`, `NotFound` where there is no such person."""
        check(by, _access(person))
        name = (await self._hub.school.person(person)).name.casefold()
        own = by.lesson is not None and by.person == person
        group = (await self._hub.school.lesson(by.lesson)).group or "" if own and by.lesson else ""

        def work(session: Session) -> None:
            session.merge(CurveRow(person=person, **curve.model_dump()))
            if own:
                said = {"group": group, "name": name, "person": person, "used": now()}
                session.merge(NameCurveRow(**said, **curve.model_dump()))
                session.flush()
                _forget_oldest(session)

        await self._hub.store.write(work)
        self._tell(person, curve)

    def _tell(self, person: str, curve: PressureCurve | None) -> None:
        told = {"person": person, "curve": None if curve is None else curve.model_dump()}
        self._hub.publish(f"curves/{person}", told, retained=True, audience=_access(person))

    def _on_person(self, message: Message) -> None:
        if (message.payload or {}).get("change") == "erased":
            person = message.topic.rpartition("/")[2]
            self._begin(self._forget(person), "tablets: forget a curve")

    def _on_lesson(self, message: Message) -> None:
        told = message.payload or {}
        if told.get("change") == "joined" and told.get("person"):
            group = told["lesson"].get("group") or ""
            self._begin(self._know_again(told["person"], group), "tablets: a curve of a name")

    def _begin(self, work: Coroutine[Any, Any, None], name: str) -> None:
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _know_again(self, person: str, group: str) -> None:
        """Give who has just joined the curve that was last set by their name in their class."""
        try:
            name = (await self._hub.school.person(person)).name.casefold()

            def work(session: Session) -> PressureCurve | None:
                row = session.get(NameCurveRow, (group, name))
                if row is None or session.get(CurveRow, person) is not None:
                    return None
                row.used, curve = now(), _curve(row)
                session.add(CurveRow(person=person, **curve.model_dump()))
                return curve

            curve = await self._hub.store.write(work)
        except HubError as error:
            log.warning("the curve of a name is not taken over: %s", error)
            return
        if curve is not None:
            self._tell(person, curve)

    async def _forget(self, person: str) -> None:
        def work(session: Session) -> None:
            session.execute(delete(CurveRow).where(CurveRow.person == person))
            session.execute(delete(NameCurveRow).where(NameCurveRow.person == person))

        try:
            await self._hub.store.write(work)
        except HubError as error:
            log.warning("the curve of an erased person is still there: %s", error)
        self._tell(person, None)


_ALL = select(CurveRow)


def _forget_oldest(session: Session) -> None:
    most = session.scalar(select(func.count()).select_from(NameCurveRow)) or 0
    if most > MOST_NAMES:
        oldest = select(NameCurveRow).order_by(NameCurveRow.used).limit(most - MOST_NAMES)
        for row in session.scalars(oldest):
            session.delete(row)


def _curve(row: CurveRow | NameCurveRow) -> PressureCurve:
    return PressureCurve(lightest=row.lightest, hardest=row.hardest, softness=row.softness)


def _access(person: str) -> Access:
    return Access(role=Role.PUPIL, persons=frozenset({person}), private=True)
