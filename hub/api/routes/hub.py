"""The hub itself: whether it is ready, what it is, which plugins it runs."""

import asyncio
import contextlib
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal

from fastapi import Request
from pydantic import BaseModel, Field

from hub.api.context import Language, TheHub
from hub.api.models import ProblemModel
from hub.api.paging import Page
from hub.api.problems import problem_of
from hub.api.routing import PREFIX, Router
from hub.api.security import Requires, public
from hub.clock import rfc3339
from hub.device import Role
from hub.errors import HubError
from hub.i18n import LANGUAGES
from hub.rights import Access, Principal, may

if TYPE_CHECKING:
    from hub.app import Hub

router = Router(prefix=PREFIX, tags=["Hub"])


class Health(BaseModel):
    """The hub answers."""

    status: Literal["ready"] = "ready"


class StorageModel(BaseModel):
    """How much room there is on the hub's disk."""

    free: int = Field(description="Bytes.")
    total: int = Field(description="Bytes.")
    low: bool = Field(description="Somebody should make room.")


class HubModel(BaseModel):
    """What this hub is."""

    id: str
    name: str
    version: str
    languages: list[str]
    language: str
    virtual: bool
    time: str
    storage: StorageModel | None = Field(default=None, description="For engineers.")
    problems: list[ProblemModel] | None = Field(
        default=None, description="What is wrong with the hub itself; for teachers."
    )


class PluginModel(BaseModel):
    """A plugin, and how it is."""

    id: str
    title: str
    distribution: str
    version: str
    state: Literal["running", "failed", "off"]
    problem: ProblemModel | None


@router.get("/health", operation_id="getHealth", summary="Whether the hub is ready")
@public
async def health() -> Health:
    """Answers 200 as soon as the hub is ready; needs no token."""
    return Health()


@router.get("/hub", operation_id="getHub", summary="What this hub is")
@public
async def describe(request: Request, hub: TheHub, language: Language) -> HubModel:
    """The hub's id (it never changes), name, version, languages and clock; needs no token.

    Teachers are also told what is wrong with the hub, engineers how much room its disk has.
    """
    caller: Principal | None = None
    with contextlib.suppress(HubError):
        caller = await hub.gate.identify(request.scope)
    teaches = caller is not None and may(caller, Access(role=Role.TEACHER))
    mends = caller is not None and may(caller, Access(role=Role.ENGINEER))
    return HubModel(
        id=hub.id,
        name=hub.settings.name,
        version=hub.version,
        languages=list(LANGUAGES),
        language=hub.settings.language,
        virtual=hub.virtual,
        time=rfc3339(datetime.now(UTC).timestamp()),
        storage=await _storage(hub) if mends else None,
        problems=[
            ProblemModel.model_validate(problem_of(problem, hub.say, language))
            for problem in hub.keeper.health.problems
        ]
        if teaches
        else None,
    )


async def _storage(hub: "Hub") -> StorageModel | None:
    try:
        room = await asyncio.to_thread(hub.keeper.room)
    except HubError:
        return None
    return StorageModel(free=room.free, total=room.total, low=room.low)


@router.get(
    "/plugins",
    operation_id="listPlugins",
    summary="Plugins and how they are",
    response_model=Page[PluginModel],
    dependencies=[Requires(Role.ENGINEER)],
)
async def plugins(hub: TheHub, language: Language) -> dict[str, Any]:
    """Every plugin that is installed, and why one does not work."""
    items = [
        {
            "id": loaded.name,
            "title": hub.say.say(getattr(loaded.plugin, "title", loaded.name), language),
            "distribution": loaded.distribution,
            "version": loaded.version,
            "state": loaded.state,
            "problem": problem_of(loaded.problem, hub.say, language),
        }
        for loaded in hub.plugins.all
    ]
    return {"items": items, "next": None}
