"""The routes of tables: how they are divided, and to whom TUIO is sent."""

from dataclasses import asdict
from typing import Annotated, Any

from hub.plugin import DeviceHandle, Id, Principal, Requires, Role, Router, problems
from plugins.touch.following import Following
from plugins.touch.models import NewZones, TableModel, TablesModel, TuioModel, ZonesModel
from plugins.touch.tuio.sender import Sender
from plugins.touch.zones.errors import BadZones
from plugins.touch.zones.zone import Layout, Zone
from plugins.touch.zones.zones import Division, Zones

Display = Annotated[Principal, Requires(Role.DISPLAY)]
Teacher = Annotated[Principal, Requires(Role.TEACHER)]


def make_router(zones: Zones, following: Following, sender: Sender) -> Router:
    """Return the routes."""
    router = Router(tags=["Touch tables"])

    def show(table: DeviceHandle) -> dict[str, Any]:
        size = following.size(table.id)
        return {
            "id": table.id,
            "name": table.name,
            "reachable": table.state.reachable,
            "size": None if size is None else size.model_dump(),
            **_shown(zones.of(table.id)),
        }

    @router.get(
        "/touch-tables",
        operation_id="listTouchTables",
        summary="The touch tables, and how they are divided",
        response_model=TablesModel,
    )
    async def tables(caller: Display) -> dict[str, Any]:  # noqa: ARG001 - who may call it
        """Contacts and gestures come by the stream: `x/touch/<table>/contacts`, `…/gestures`."""
        return {"items": [show(table) for table in zones.tables()]}

    @router.get(
        "/touch-tables/{table}",
        operation_id="getTouchTable",
        summary="A touch table, and how it is divided",
        response_model=TableModel,
        responses=problems(404),
    )
    async def one(table: Id, caller: Display) -> dict[str, Any]:  # noqa: ARG001 - who may call it
        """The same as in the list."""
        return show(zones.table(table))

    @router.put(
        "/touch-tables/{table}/zones",
        operation_id="divideTouchTable",
        summary="Divide a table",
        response_model=ZonesModel,
        responses=problems(404, 409, 503),
    )
    async def divide(table: Id, body: NewZones, caller: Teacher) -> dict[str, Any]:
        """Fingers that are down belong to no zone until they come down again."""
        if body.zones and body.layout is not Layout.OWN:
            raise BadZones("zones are given with the layout `own`")
        if body.seats and body.layout is Layout.OWN:
            raise BadZones("own zones say their seats themselves")
        own = [Zone(at, **one.model_dump()) for at, one in enumerate(body.zones, 1)]
        division = await zones.divide(
            table, body.layout, own, seats=body.seats, revision=body.revision, by=caller
        )
        return _shown(division)

    @router.get(
        "/touch/tuio",
        operation_id="getTuio",
        summary="To whom TUIO is sent",
        response_model=TuioModel,
    )
    async def tuio(caller: Teacher) -> dict[str, Any]:  # noqa: ARG001 - who may call it
        """As `[plugins.touch.tuio]` of the settings says."""
        return {"items": [asdict(state) for state in sender.states()]}

    return router


def _shown(division: Division) -> dict[str, Any]:
    return {
        "layout": division.layout,
        "revision": division.revision,
        "zones": [zone._asdict() for zone in division.zones],
    }
