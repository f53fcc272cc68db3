"""The routes of tables, out and in."""

import asyncio
from typing import Annotated, Any

from fastapi import Query, Response
from pydantic import BaseModel, Field
from starlette.requests import Request

from hub.errors import TooLarge
from hub.plugin import (
    UPLOAD,
    Language,
    PluginHub,
    Principal,
    Requires,
    Role,
    Router,
    problems,
)
from plugins.inventory.items import Inventory, ItemFields
from plugins.inventory.sheets import MOST_BYTES, Plan, plan_of, take_table, write_table
from plugins.inventory.sheets.columns import COLUMNS

_TABLE = "text/csv; charset=utf-8"
_FORM = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {"file": {"type": "string", "format": "binary"}},
                }
            }
        },
    },
    UPLOAD: MOST_BYTES,
}
_SHOWN = 200


class WrongModel(BaseModel):
    """Why a line cannot be taken."""

    line: int
    column: str = Field(description="As the file calls it; empty: the whole line.")
    said: str
    cell: str


class ChangedModel(BaseModel):
    """What a line changes, or enters."""

    line: int
    item: str | None = Field(description="Null: it is entered.")
    name: str
    changes: list[tuple[str, str, str]] = Field(description="Column, before, after.")


class ImportModel(BaseModel):
    """What an import does, or has done."""

    done: bool
    digest: str = Field(description="Send it as `apply` to do exactly this.")
    added: int
    changed: int
    same: int
    wrong: list[WrongModel] = Field(description="While there is any, nothing is taken.")
    more_wrong: int
    lines: list[ChangedModel] = Field(description="The first of them.")


def sheet_routes(hub: PluginHub, inventory: Inventory) -> Router:
    """Return the routes."""
    router = Router()

    @router.get(
        "/inventory/table.csv",
        operation_id="exportInventory",
        summary="The inventory as a table",
        response_class=Response,
        responses={
            200: {
                "description": "The table.",
                "content": {"text/csv": {"schema": {"type": "string"}}},
            }
        },
        dependencies=[Requires(Role.ENGINEER)],
    )
    async def export(language: Language) -> Response:
        """For Excel and LibreOffice. Cells that would be formulas begin with an apostrophe."""
        table = write_table(await inventory.items(), hub.say, language)
        headers = {"Content-Disposition": 'attachment; filename="inventory.csv"'}
        return Response(table, media_type=_TABLE, headers=headers)

    @router.post(
        "/inventory/table",
        operation_id="importInventory",
        summary="Take a table in",
        response_model=ImportModel,
        responses=problems(409, 413, 415, 422, 503, 507),
        openapi_extra=_FORM,
    )
    async def take(
        request: Request,
        language: Language,
        caller: Annotated[Principal, Requires(Role.ENGINEER)],
        apply: Annotated[str | None, Query(max_length=64, description="A `digest`.")] = None,
    ) -> dict[str, Any]:
        """Tells what would change; with `apply` it is done, all of it or nothing."""
        async with hub.uploads.receive(request, caller) as upload:
            size = await asyncio.to_thread(lambda: upload.path.stat().st_size)
            if size > MOST_BYTES:
                raise TooLarge(f"at most {MOST_BYTES} bytes")
            data = await asyncio.to_thread(upload.path.read_bytes)
        if apply is None:
            plan = await asyncio.to_thread(plan_of, data, await inventory.items(), hub.say)
        else:
            plan = await take_table(hub, data, apply, caller)
        return _told(plan, hub, language, done=apply is not None)

    return router


def _told(plan: Plan, hub: PluginHub, language: str, *, done: bool) -> dict[str, Any]:
    def column(name: str) -> str:
        return hub.say.say(COLUMNS.get(name, ""), language)

    def changes(before: dict[str, Any], fields: ItemFields) -> list[tuple[str, str, str]]:
        return [
            (column(name), _cell(value), _cell(getattr(fields, name)))
            for name, value in before.items()
        ]

    return {
        "done": done,
        "digest": plan.digest,
        "added": sum(one.item is None for one in plan.planned),
        "changed": sum(one.item is not None for one in plan.planned),
        "same": plan.same,
        "wrong": [
            {
                "line": one.line,
                "column": column(one.column),
                "said": hub.say.say(one.said, language),
                "cell": one.cell,
            }
            for one in plan.wrong
        ],
        "more_wrong": plan.left,
        "lines": [
            {
                "line": one.line,
                "item": one.item,
                "name": one.fields.name,
                "changes": changes(one.before, one.fields),
            }
            for one in plan.planned[:_SHOWN]
        ],
    }


def _cell(value: Any) -> str:
    return "" if value is None else str(value)[:200]
