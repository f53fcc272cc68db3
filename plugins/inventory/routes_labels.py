"""The route of labels."""

import base64
from typing import Annotated

from fastapi import Query, Response

from hub.errors import Invalid
from hub.plugin import Address, Language, PluginHub, Requires, Role, Router, problems
from plugins.inventory.errors import UnknownItem
from plugins.inventory.items import Inventory, Item

MOST = 240
_SECONDS = 60


def label_routes(hub: PluginHub, inventory: Inventory) -> Router:
    """Return the route."""
    router = Router()

    @router.get(
        "/inventory/labels.pdf",
        operation_id="printInventoryLabels",
        summary="Labels to stick on things",
        response_class=Response,
        responses={
            200: {
                "description": "A4, 24 labels of 64 × 34 mm on each page.",
                "content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}},
            },
            **problems(404, 422, 503),
        },
        dependencies=[Requires(Role.TEACHER)],
    )
    async def labels(
        address: Address,
        language: Language,
        item: Annotated[list[str] | None, Query(max_length=MOST)] = None,
        skip: Annotated[int, Query(ge=0, le=23, description="Places that are used.")] = 0,
    ) -> Response:
        """The QR code of each opens its page. Without `item`: of all things, the first 240."""
        known = {one.id: one for one in await inventory.items()}
        chosen = list(known)[:MOST] if item is None else item
        if not chosen:
            raise Invalid("the inventory is empty", field="item")
        if unknown := set(chosen) - known.keys():
            raise UnknownItem(min(unknown)[:64])
        told = [_label(known[one], address, hub, language) for one in chosen]
        title = hub.say.say("Inventory", language)
        made = await hub.workers.run(
            "plugins.inventory.paper.labels:draw", told, skip, title, timeout=_SECONDS, urgent=True
        )
        headers = {"Content-Disposition": 'inline; filename="labels.pdf"'}
        return Response(base64.b64decode(made), media_type="application/pdf", headers=headers)

    return router


def _label(item: Item, address: str, hub: PluginHub, language: str) -> dict[str, str]:
    fields = item.fields
    maker = " ".join(part for part in (fields.maker, fields.model) if part)
    more = (maker, fields.serial and f"S/N {fields.serial}")
    # What the hub itself has named is said in the reader's language: "Virtual tablet 1".
    given, space, number = fields.name.rpartition(" ")
    if not number.isdecimal():
        given, space, number = fields.name, "", ""
    name = f"{hub.say.say(given, language)}{space}{number}" if item.device else fields.name
    return {
        "url": f"{address}/inventory/{item.id}",
        "name": name,
        "number": f"№ {fields.number}" if fields.number else "",
        "more": " · ".join(part for part in more if part),
        "owner": fields.room,
    }
