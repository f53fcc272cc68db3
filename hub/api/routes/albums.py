"""Albums: which assets are meant, their outline, favourites, and what is handed in."""

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import Depends, Query
from pydantic import BaseModel, Field

from hub.api.context import TheHub
from hub.api.models import AssetModel, Body, Id, TaskModel, asset_model, when
from hub.api.routing import PREFIX, Router, problems
from hub.api.security import Requires
from hub.assets import Asset, Which
from hub.device import Role
from hub.rights import Principal, check

if TYPE_CHECKING:
    from hub.app import Hub

router = Router(prefix=PREFIX, tags=["Assets"])

_DAY = 24 * 60


async def _which(
    caller: Annotated[Principal, Requires(Role.PUPIL)],
    lesson: Annotated[str | None, Query(max_length=64, description="Of this lesson.")] = None,
    group: Annotated[
        str | None, Query(max_length=64, description="Of the lessons of this group.")
    ] = None,
    owner: Annotated[
        str | None, Query(max_length=64, description="Made by them; `me` is the caller.")
    ] = None,
    device: Annotated[str | None, Query(max_length=64, description="From this device.")] = None,
    media_type: Annotated[
        str | None,
        Query(max_length=100, description="`image/jpeg`, `image/*`, or `image/*,video/*`."),
    ] = None,
    q: Annotated[
        str | None,
        Query(
            max_length=100,
            description="Words of title, note, author, device and objective; all must be there.",
        ),
    ] = None,
    handed_in: Annotated[bool | None, Query(description="Handed in, or not.")] = None,
    favourite: Annotated[
        Literal["true"] | None, Query(description="Only the caller's favourites.")
    ] = None,
) -> Which:
    return {
        "lesson": lesson,
        "group": group,
        "owner": caller.owner if owner == "me" else owner,
        "device": device,
        "media_type": media_type,
        "text": q,
        "handed_in": handed_in,
        "favourite_of": caller.owner if favourite else None,
    }


Meant = Annotated[Which, Depends(_which)]
InOrder = Annotated[Literal["newest", "oldest"], Query(description="What comes first.")]


class SectionModel(BaseModel):
    """Assets that follow each other, of one day and one lesson."""

    day: str = Field(description="ISO 8601, by the caller's `offset`.")
    lesson: str | None
    title: str = Field(description="Of the lesson; empty where there is none.")
    count: int


class OutlineModel(BaseModel):
    """What a long list holds, in its order: enough to lay it out before it is fetched."""

    total: int
    every: int = Field(description="Assets on a page.")
    cursors: list[str | None] = Field(
        description="Pass them to `GET /assets` with `limit` = `every`; each begins a page."
    )
    sections: list[SectionModel]
    more: bool = Field(description="There are more than the outline counts.")


class HandIn(Body):
    """What is answered with a hand-in, to the lesson's task of that moment."""

    answer: str = Field(default="", max_length=2000)


class HandInModel(BaseModel):
    """A hand-in, for the pupil and the teacher."""

    handed_in: str | None
    answer: str
    task: TaskModel | None = Field(description="What it answers.")


class Favourite(Body):
    """Whether the caller wants to find it again."""

    favourite: bool


@router.get(
    "/assets/outline",
    operation_id="outlineAssets",
    summary="How many assets there are, and in which sections",
    response_model=OutlineModel,
)
async def outline(
    hub: TheHub,
    caller: Annotated[Principal, Requires(Role.PUPIL)],
    which: Meant,
    order: InOrder = "newest",
    every: Annotated[int, Query(ge=1, le=200, description="Assets on a page.")] = 100,
    offset: Annotated[
        int,
        Query(
            ge=-_DAY, le=_DAY, description="Minutes by which the caller's clock is ahead of UTC."
        ),
    ] = 0,
) -> Any:
    """The same filters as the list; pages stay where they are while assets come and go."""
    return await hub.assets.outline(
        visible_to=caller,
        order=order,
        every=every,
        offset=timedelta(minutes=offset),
        **which,
    )


@router.put(
    "/assets/{asset}/favourite",
    operation_id="favourAsset",
    summary="Make it a favourite, or not",
    status_code=204,
    responses=problems(404, 503),
)
async def favour(
    hub: TheHub, asset: Id, caller: Annotated[Principal, Requires(Role.PUPIL)], body: Favourite
) -> None:
    """Each has favourites of their own; nobody else sees them."""
    await seen(hub, asset, caller)
    await hub.assets.favour(asset, by=caller, favourite=body.favourite)


@router.get(
    "/assets/{asset}/hand-in",
    operation_id="getHandIn",
    summary="What was answered with it",
    response_model=HandInModel,
)
async def handed_in(
    hub: TheHub, asset: Id, caller: Annotated[Principal, Requires(Role.PUPIL)]
) -> dict[str, Any]:
    """For its owner and teachers; the rest of the lesson does not read answers."""
    found = await _own(hub, asset, caller)
    task = None if found.task is None else (await hub.school.task(found.task)).as_json()
    return {"handed_in": when(found.handed_in), "answer": found.answer, "task": task}


@router.put(
    "/assets/{asset}/hand-in",
    operation_id="handIn",
    summary="Hand it in to the teacher",
    response_model=AssetModel,
    responses=problems(404, 409),
)
async def hand_in(
    hub: TheHub, asset: Id, caller: Annotated[Principal, Requires(Role.PUPIL)], body: HandIn
) -> dict[str, Any]:
    """Its owner and teachers may; again replaces the answer."""
    await _own(hub, asset, caller)
    return asset_model(await hub.assets.hand_in(asset, body.answer))


@router.delete(
    "/assets/{asset}/hand-in",
    operation_id="takeBack",
    summary="Take a hand-in back",
    response_model=AssetModel,
)
async def take_back(
    hub: TheHub, asset: Id, caller: Annotated[Principal, Requires(Role.PUPIL)]
) -> dict[str, Any]:
    """Its owner and teachers may; the answer is forgotten."""
    await _own(hub, asset, caller)
    return asset_model(await hub.assets.take_back(asset))


async def seen(hub: "Hub", asset: str, caller: Principal) -> Asset:
    """Return an asset that the caller may see."""
    found = await hub.assets.get(asset)
    check(caller, hub.assets.access(found, "view"))
    return found


async def _own(hub: "Hub", asset: str, caller: Principal) -> Asset:
    found = await hub.assets.get(asset)
    check(caller, hub.assets.access(found, "edit"))
    return found
