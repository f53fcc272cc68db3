"""The routes of keys for slicers."""

from typing import Annotated, Any, Literal

from fastapi import Query
from pydantic import BaseModel, Field

from hub.plugin import Id, Page, Pages, Router, problems, when
from plugins.printing.models import Named
from plugins.printing.routes import Pupil
from plugins.printing.uploads import Key, Keys


class KeyModel(BaseModel):
    """A key for slicers; its secret is told once, when it is made."""

    id: str
    owner: Named
    group: Named | None = Field(description="The owner's class.")
    lesson: Named | None = Field(description="It ends with this lesson.")
    created: str
    expires: str | None


class NewKeyModel(KeyModel):
    """A key just made, with its secret."""

    key: str = Field(description="The secret: put it into the slicer now, it is not told again.")


def make_key_routes(keys: Keys) -> Router:
    """Return the routes, served by `keys`."""
    router = Router(tags=["Printing"])

    @router.get(
        "/print-keys",
        operation_id="listPrintKeys",
        summary="Keys for slicers",
        response_model=Page[KeyModel],
    )
    async def listed(
        caller: Pupil,
        pages: Pages,
        owner: Annotated[
            Literal["me", "all"], Query(description="`all`: everybody's, for teachers.")
        ] = "me",
        lesson: Annotated[
            str | None, Query(max_length=64, description="Of all, those that end with it.")
        ] = None,
    ) -> dict[str, Any]:
        """Those that are good, the newest first; one's own unless all are asked for."""
        if owner == "me":
            return {"items": [_shown(key) for key in await keys.own(caller)], "next": None}
        found = await keys.all(caller, lesson=lesson, cursor=pages.cursor, limit=pages.limit)
        return {"items": [_shown(key) for key in found.items], "next": found.next}

    @router.post(
        "/print-keys",
        operation_id="createPrintKey",
        summary="Make a key for one's slicer",
        status_code=201,
        response_model=NewKeyModel,
        responses=problems(409),
    )
    async def make(caller: Pupil) -> dict[str, Any]:
        """Make a key that sends files in the caller's name, and can do nothing else.

        Its secret is in this answer and nowhere else. In a lesson it ends with the lesson.
        """
        secret, key = await keys.make(caller)
        return {**_shown(key), "key": secret}

    @router.delete(
        "/print-keys/{key}",
        operation_id="endPrintKey",
        summary="End a key",
        status_code=204,
    )
    async def end(key: Id, caller: Pupil) -> None:
        """One's own, or for teachers anybody's: within a second no slicer sends with it."""
        await keys.end(key, caller)

    return router


def _shown(key: Key) -> dict[str, Any]:
    return {
        "id": key.id,
        "owner": {"id": key.owner, "name": key.name},
        "group": _named(key.group),
        "lesson": _named(key.lesson),
        "created": when(key.created),
        "expires": when(key.expires),
    }


def _named(pair: tuple[str, str] | None) -> dict[str, str] | None:
    return None if pair is None else {"id": pair[0], "name": pair[1]}
