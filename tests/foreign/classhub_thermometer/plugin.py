"""Writing temperatures down: a plugin with a table, routes and a page."""

import time
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.orm import Session

from classhub_thermometer.contract import Thermometer
from classhub_thermometer.tables import MIGRATIONS, NoteRow
from hub.ids import new_id
from hub.plugin import (
    N_,
    Body,
    IdField,
    Plugin,
    PluginHub,
    Principal,
    Requires,
    Role,
    Router,
    check,
    problems,
    when,
)


class NewNote(Body):
    """Whose temperature to write down."""

    device: IdField


class Note(BaseModel):
    """A temperature that was written down."""

    id: str
    device: str
    celsius: float
    taken: str
    by: str


class Notes(BaseModel):
    """The newest notes."""

    items: list[Note]


class ThermometerPlugin(Plugin):
    """Notes of temperatures."""

    id = "thermometer"
    title = N_("Thermometer")
    migrations = MIGRATIONS
    web = Path(__file__).parent / "web"

    def __init__(self, hub: PluginHub) -> None:
        super().__init__(hub)
        self.router = Router(tags=["Thermometer"])
        self.router.get("/notes", response_model=Notes)(self.notes)
        self.router.post(
            "/notes", status_code=201, response_model=Note, responses=problems(404, 503, 504)
        )(self.note)

    async def notes(self, caller: Annotated[Principal, Requires(Role.PUPIL)]) -> dict[str, Any]:
        """The newest fifty notes."""

        def work(session: Session) -> list[dict[str, Any]]:
            newest = select(NoteRow).order_by(NoteRow.id.desc()).limit(50)
            return [shown(row) for row in session.scalars(newest)]

        return {"items": await self.hub.store.read(work)}

    async def note(
        self, body: NewNote, caller: Annotated[Principal, Requires(Role.PUPIL)]
    ) -> dict[str, Any]:
        """Write down how warm it is now."""
        device = self.hub.devices.get(body.device)
        name = Thermometer.temperature.name
        check(caller, device.access("read", name))
        reading = await device.read(name)

        def work(session: Session) -> dict[str, Any]:
            row = NoteRow(
                id=new_id(),
                device=device.id,
                celsius=reading.value,
                taken=time.time(),
                by=caller.owner,
            )
            session.add(row)
            return shown(row)

        written = await self.hub.store.write(work)
        self.hub.publish(f"{device.id}/noted", written)
        return written


def shown(row: NoteRow) -> dict[str, Any]:
    """Return a note as JSON-ready data."""
    return {
        "id": row.id,
        "device": row.device,
        "celsius": row.celsius,
        "taken": when(row.taken),
        "by": row.by,
    }
