"""How hard each person presses: kept for the person, told to whoever draws."""

import asyncio
import logging

from sqlalchemy import delete, select

from drivers.tablet.contract import PressureCurve
from hub.plugin import Access, HubError, Message, PluginHub, Principal, Role, check
from plugins.tablets.tables import CurveRow

log = logging.getLogger("classhub.tablets")


class Curves:
    """The curves of all persons; `x/tablets/curves/<person>` (retained) tells each of them.

    A curve is kept as long as its person: whoever is known to the school beyond a lesson has it in
    the next one, too.
    """

    def __init__(self, hub: PluginHub) -> None:
        self._hub = hub
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Tell all curves, and begin to listen."""
        for row in await self._hub.store.read(lambda session: session.scalars(_ALL).all()):
            self._tell(row.person, _curve(row))
        self._leave = self._hub.bus.subscribe("people/+", self._on_person)

    async def stop(self) -> None:
        """Listen no more."""
        if hasattr(self, "_leave"):
            self._leave()
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
        await self._hub.school.person(person)
        row = CurveRow(person=person, **curve.model_dump())
        await self._hub.store.write(lambda session: session.merge(row) and None)
        self._tell(person, curve)

    def _tell(self, person: str, curve: PressureCurve | None) -> None:
        told = {"person": person, "curve": None if curve is None else curve.model_dump()}
        self._hub.publish(f"curves/{person}", told, retained=True, audience=_access(person))

    def _on_person(self, message: Message) -> None:
        if (message.payload or {}).get("change") == "erased":
            person = message.topic.rpartition("/")[2]
            task = asyncio.create_task(self._forget(person), name="tablets: forget a curve")
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _forget(self, person: str) -> None:
        try:
            gone = delete(CurveRow).where(CurveRow.person == person)
            await self._hub.store.write(lambda session: session.execute(gone) and None)
        except HubError as error:
            log.warning("the curve of an erased person is still there: %s", error)
        self._tell(person, None)


_ALL = select(CurveRow)


def _curve(row: CurveRow) -> PressureCurve:
    return PressureCurve(lightest=row.lightest, hardest=row.hardest, softness=row.softness)


def _access(person: str) -> Access:
    return Access(role=Role.PUPIL, persons=frozenset({person}), private=True)
