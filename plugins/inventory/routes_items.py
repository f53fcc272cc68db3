"""The routes of things and of their logs."""

from datetime import date
from typing import Annotated, Any

from pydantic import BaseModel, Field

from hub.clock import rfc3339
from hub.errors import Invalid
from hub.plugin import (
    Access,
    Body,
    Id,
    Language,
    Page,
    Pages,
    PluginHub,
    Principal,
    Requires,
    Role,
    Router,
    check,
    problems,
)
from plugins.inventory.items import Entry, EntryFields, Inventory, Item, ItemFields
from plugins.inventory.items.values import Day, EntryKind

Teacher = Annotated[Principal, Requires(Role.TEACHER)]
Engineer = Annotated[Principal, Requires(Role.ENGINEER)]
ENGINEERS = Access(role=Role.ENGINEER)


class ItemModel(ItemFields):
    """A thing that somebody answers for."""

    id: str
    device: str | None = Field(description="The hub's device that it is.")
    in_use: bool = Field(description="The hub has this device now.")
    icon: str
    firmware: str = Field(description="As the device last said; empty where it says nothing.")
    faults: int = Field(description="Faults that are not mended.")
    safety: date | None = Field(description="When the safety instruction was last read.")
    revision: int
    changed: str


class ItemChange(ItemFields):
    """What is known of a thing from now on."""

    revision: int = Field(description="The one that was read.")


class EntryModel(BaseModel):
    """A line of a service log."""

    id: str
    kind: EntryKind
    day: date
    text: str
    who: str
    cost: float | None
    times: int = Field(description="How often the device told of it.")
    ended: date | None = Field(description="Of a fault: when it was over.")
    by_hub: bool = Field(description="The hub wrote it itself.")


class EndModel(Body):
    """When a fault was over."""

    ended: Day | None


ICONS = {
    "microscope": "microscope", "panel": "monitor", "printer": "printer", "tablet": "pen-tool",
    "touch_table": "hand", "globe": "globe", "computer": "computer", "headset": "headphones",
    "furniture": "armchair", "network": "router",
}  # fmt: skip


def item_model(item: Item, in_use: set[str]) -> dict[str, Any]:
    """Return a thing as JSON-ready data."""
    return {
        **item.fields.model_dump(mode="json"),
        "id": item.id,
        "device": item.device,
        "in_use": item.device in in_use,
        "icon": ICONS.get(item.fields.kind, "package"),
        "firmware": item.firmware,
        "faults": item.faults,
        "safety": None if item.safety is None else item.safety.isoformat(),
        "revision": item.revision,
        "changed": rfc3339(item.changed),
    }


def item_routes(hub: PluginHub, inventory: Inventory) -> Router:
    """Return the routes of things."""
    router = Router()

    def in_use() -> set[str]:
        return {device.id for device in hub.devices.list()}

    def shown(item: Item) -> dict[str, Any]:
        return item_model(item, in_use())

    @router.get(
        "/inventory/items",
        operation_id="listInventory",
        summary="The inventory",
        response_model=Page[ItemModel],
        dependencies=[Requires(Role.TEACHER)],
    )
    async def items(pages: Pages) -> dict[str, Any]:
        """All things, those that the hub drives and those that it does not know."""
        found, following = pages.of(await inventory.items(), lambda item: item.id)
        used = in_use()
        return {"items": [item_model(item, used) for item in found], "next": following}

    @router.post(
        "/inventory/items",
        operation_id="addToInventory",
        summary="Enter a thing",
        status_code=201,
        response_model=ItemModel,
        responses=problems(409),
    )
    async def add(body: ItemFields, caller: Engineer) -> dict[str, Any]:
        """Something that is no device of the hub; the hub enters its devices itself."""
        return shown(await inventory.add(body, caller))

    @router.get(
        "/inventory/items/{item}",
        operation_id="getInventoryItem",
        summary="One thing",
        response_model=ItemModel,
        responses=problems(404),
        dependencies=[Requires(Role.TEACHER)],
    )
    async def item(item: Id) -> dict[str, Any]:
        """With how many of its faults are not mended."""
        return shown(await inventory.item(item))

    @router.get(
        "/inventory/devices/{device}",
        operation_id="getInventoryItemOfDevice",
        summary="The thing that a device is",
        response_model=ItemModel,
        responses=problems(404),
        dependencies=[Requires(Role.TEACHER)],
    )
    async def of_device(device: Id) -> dict[str, Any]:
        """By the id that the hub's device has."""
        return shown(await inventory.of_device(device))

    @router.put(
        "/inventory/items/{item}",
        operation_id="changeInventoryItem",
        summary="Change a thing",
        response_model=ItemModel,
        responses=problems(404, 409),
    )
    async def change(item: Id, body: ItemChange, caller: Engineer) -> dict[str, Any]:
        """All of it; refused where somebody else has changed it meanwhile."""
        fields = ItemFields.model_validate(body.model_dump(exclude={"revision"}))
        return shown(await inventory.change(item, body.revision, fields, caller))

    @router.delete(
        "/inventory/items/{item}",
        operation_id="strikeInventoryItem",
        summary="Strike a thing off",
        status_code=204,
        responses=problems(404, 409),
    )
    async def strike(item: Id, caller: Engineer) -> None:
        """With its log. A device that is in use cannot be."""
        await inventory.strike(item, sorted(in_use()), caller)

    return router


def log_routes(hub: PluginHub, inventory: Inventory) -> Router:
    """Return the routes of service logs."""
    router = Router()

    def line(entry: Entry, language: str) -> dict[str, Any]:
        by_hub = entry.by == "hub"
        text = hub.say.say(entry.text, language, entry.params) if by_hub else entry.text
        names = ("id", "kind", "day", "who", "cost", "times", "ended")
        return {**{name: getattr(entry, name) for name in names}, "text": text, "by_hub": by_hub}

    @router.get(
        "/inventory/items/{item}/entries",
        operation_id="listServiceLog",
        summary="The service log of a thing",
        response_model=Page[EntryModel],
        responses=problems(404),
        dependencies=[Requires(Role.TEACHER)],
    )
    async def entries(item: Id, language: Language, pages: Pages) -> dict[str, Any]:
        """The newest line first."""
        # Lines have days of the past, too: they have no key that grows.
        found, following = pages.in_place(await inventory.entries(item))
        return {"items": [line(one, language) for one in found], "next": following}

    @router.post(
        "/inventory/items/{item}/entries",
        operation_id="writeServiceLog",
        summary="Write a line into a service log",
        status_code=201,
        response_model=EntryModel,
        responses=problems(404, 409, 422),
    )
    async def write(
        item: Id, body: EntryFields, language: Language, caller: Teacher
    ) -> dict[str, Any]:
        """A teacher may report a fault; all else is for engineers.

        Raises:
            Invalid: a fault of which nothing is said.
        """
        if body.kind != "fault":
            check(caller, ENGINEERS)
        elif not body.text:
            raise Invalid("a fault is said in words", field="text")
        return line(await inventory.write(item, body, caller), language)

    @router.patch(
        "/inventory/items/{item}/entries/{entry}",
        operation_id="endFault",
        summary="Say when a fault was over",
        response_model=EntryModel,
        responses=problems(404),
    )
    async def end(
        item: Id, entry: Id, body: EndModel, language: Language, caller: Engineer
    ) -> dict[str, Any]:
        """Null says that it is not."""
        return line(await inventory.end(item, entry, body.ended, caller), language)

    return router
