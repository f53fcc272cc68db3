"""The hub itself: whether it is ready, what it is, which plugins it runs."""

from datetime import UTC, datetime
from typing import Any, Literal

from pydantic import BaseModel

from hub.api.context import Language, TheHub
from hub.api.models import ProblemModel
from hub.api.paging import Page
from hub.api.problems import problem_of
from hub.api.routing import Router
from hub.api.security import Requires, public
from hub.clock import rfc3339
from hub.device import Role
from hub.i18n import LANGUAGES

router = Router(tags=["Hub"])


class Health(BaseModel):
    """The hub answers."""

    status: Literal["ready"] = "ready"


class HubModel(BaseModel):
    """What this hub is."""

    id: str
    name: str
    version: str
    languages: list[str]
    language: str
    virtual: bool
    time: str


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
async def describe(hub: TheHub) -> HubModel:
    """The hub's id (it never changes), name, version, languages and clock; needs no token."""
    return HubModel(
        id=hub.id,
        name=hub.settings.name,
        version=hub.version,
        languages=list(LANGUAGES),
        language=hub.settings.language,
        virtual=hub.virtual,
        time=rfc3339(datetime.now(UTC).timestamp()),
    )


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
