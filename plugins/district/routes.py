"""The routes: how the uplink is."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from hub.clock import rfc3339
from hub.plugin import Language, Principal, Requires, Role, Router, Translator
from plugins.district.outbox import Outbox
from plugins.district.settings import DistrictSettings
from plugins.district.uplink import Uplink
from plugins.district.watching import Watching

Engineer = Annotated[Principal, Requires(Role.ENGINEER)]


class ProblemModel(BaseModel):
    """What is wrong with the uplink, in the caller's language."""

    code: str
    title: str
    hint: str


class DistrictModel(BaseModel):
    """What the district is told, and how it goes."""

    status: Literal["off", "connecting", "connected", "not-reachable", "refused", "unusable"]
    since: str = Field(description="Since when it is so.")
    problem: ProblemModel | None
    broker: str | None = Field(description="Host and port; null where no district is set.")
    name: str = Field(description="Of this hub at the district; empty while it is not known.")
    school: str
    send: list[str] = Field(description="What is told.")
    names: bool = Field(description="Whether names of devices and texts of alerts are told, too.")
    confirmed_by: Literal["collector", "broker"]
    waiting: int = Field(description="Records that wait.")
    waiting_bytes: int
    keep: int = Field(description="Records that may wait.")
    confirmed: int = Field(description="Up to which number the district has everything.")
    dropped_samples: int = Field(description="Dropped for want of room, ever.")
    dropped_alerts: int = Field(description="Dropped for want of room, ever.")
    not_written: int = Field(description="That could not be written down, since the start.")
    connects: int = Field(description="How often it has connected, since the start.")


def make_router(
    settings: DistrictSettings,
    outbox: Outbox,
    uplink: Uplink,
    watching: Watching,
    say: Translator,
) -> Router:
    """Return the routes."""
    router = Router(tags=["District"])

    @router.get("/district", response_model=DistrictModel)
    async def district(caller: Engineer, language: Language) -> DistrictModel:
        """How the uplink to the school district is."""
        del caller
        state, standing = uplink.state, outbox.now
        problem = None
        if (error := state.problem) is not None:
            problem = ProblemModel(
                code=error.code,
                title=say.say(error.title, language, error.params),
                hint=say.say(error.hint, language, error.params),
            )
        host, port = settings.place
        return DistrictModel(
            status=state.status,
            since=rfc3339(state.since),
            problem=problem,
            broker=None if settings.url is None else f"{host}:{port}",
            name=state.name,
            school=settings.school,
            send=list(settings.send),
            names=settings.names,
            confirmed_by=settings.confirmed_by,
            waiting=standing.waiting,
            waiting_bytes=standing.size,
            keep=settings.keep,
            confirmed=standing.confirmed,
            dropped_samples=standing.dropped_samples,
            dropped_alerts=standing.dropped_alerts,
            not_written=watching.lost,
            connects=state.connects,
        )

    return router
