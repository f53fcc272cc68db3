"""The routes: how the network is, how fast the internet was, measure it now."""

from typing import Annotated, Any, Literal

from fastapi import Query
from pydantic import BaseModel, Field

from hub.clock import rfc3339
from hub.plugin import Audit, Language, Principal, Requires, Role, Router, Translator, problems
from plugins.health.network.speeds import SpeedFound
from plugins.health.network.watch import Network

MEASURED = "health.speed"
MOST = 400
Engineer = Annotated[Principal, Requires(Role.ENGINEER)]


class AskedModel(BaseModel):
    """Somebody on the network who is asked whether they answer."""

    what: Literal["gateway", "dns", "internet"]
    title: str
    address: str
    up: bool
    seconds: float = Field(description="Until the answer came; 0 where there was none.")
    said: str = Field(description="Why there was none; for engineers, in English.")


class SpeedModel(BaseModel):
    """A measurement of the internet's speed."""

    id: int
    at: str
    download: float | None = Field(description="Mbit/s; null where it was not measured.")
    upload: float | None
    bytes: int = Field(description="What it took.")
    address: str = Field(description="Against whom.")
    by: Literal["timetable", "person"]
    said: str = Field(description="What a direction failed at; for engineers, in English.")


class SpeedFailure(BaseModel):
    """Why the newest measurement in this run of the hub came to nothing."""

    code: str
    said: str
    hint: str
    detail: str


class NetworkModel(BaseModel):
    """How the network is."""

    watched: bool = Field(description="Whether anybody is asked.")
    internet: str = Field(description="Who is asked on the internet; empty where nobody is set.")
    asked: list[AskedModel] = Field(description="From the inside out, as of the last look.")
    speed_set: bool = Field(description="Whether it is set against whom the speed is measured.")
    speed_at: str | None = Field(description="When, on each school day; null by hand alone.")
    measuring: bool
    speed: SpeedModel | None = Field(description="The newest measurement.")
    failed: SpeedFailure | None


class SpeedList(BaseModel):
    """Measurements, the newest first."""

    items: list[SpeedModel]


def add_routes(router: Router, network: Network, say: Translator, audit: Audit) -> None:
    """Add the routes of the network."""

    def state(language: str) -> dict[str, Any]:
        speeds, to = network.speeds, network.settings.asked
        at = None if speeds.settings is None else speeds.settings.at
        error = speeds.failed
        return {
            "watched": network.settings.watch,
            "internet": "" if to is None else to.server,
            "asked": [
                {
                    "what": one.what.name,
                    "title": say.say(one.what.title, language),
                    "address": one.address,
                    "up": one.answer.up,
                    "seconds": round(one.answer.seconds, 4),
                    "said": one.answer.said,
                }
                for one in network.asked
            ],
            "speed_set": speeds.settings is not None,
            "speed_at": None if at is None else at.strftime("%H:%M"),
            "measuring": speeds.running,
            "speed": None if speeds.newest is None else _speed(speeds.newest),
            "failed": None
            if error is None
            else {
                "code": error.code,
                "said": say.say(error.title, language, error.params),
                "hint": say.say(error.hint, language, error.params),
                "detail": error.detail,
            },
        }

    @router.get(
        "/health/network",
        operation_id="getHealthNetwork",
        summary="How the network is",
        response_model=NetworkModel,
    )
    async def network_now(caller: Engineer, language: Language) -> dict[str, Any]:  # noqa: ARG001
        """Whether the router, names and the internet answer, and how fast the internet was."""
        return state(language)

    @router.post(
        "/health/network/speed",
        operation_id="measureInternetSpeed",
        summary="Measure the internet's speed now",
        status_code=202,
        response_model=NetworkModel,
        responses=problems(409),
    )
    async def measure(caller: Engineer, language: Language) -> dict[str, Any]:
        """Measure both directions, within a minute; the class's internet is busy meanwhile.

        Where it is being measured already, that goes on. `x/health/network` tells when it is over.

        Raises:
            NoSpeedAddress: it is set against nobody.
        """
        if network.speeds.begin(caller.owner):
            await audit.note(caller, MEASURED)
        return state(language)

    @router.get(
        "/health/network/speeds",
        operation_id="listInternetSpeeds",
        summary="How fast the internet was",
        response_model=SpeedList,
    )
    async def earlier(
        caller: Engineer,  # noqa: ARG001
        limit: Annotated[int, Query(ge=1, le=MOST)] = 60,
    ) -> dict[str, Any]:
        """The newest first, with date and method."""
        return {"items": [_speed(one) for one in await network.speeds.made(limit)]}


def _speed(one: SpeedFound) -> dict[str, Any]:
    return {
        "id": one.id,
        "at": rfc3339(one.at),
        "download": one.download,
        "upload": one.upload,
        "bytes": one.bytes,
        "address": one.address,
        "by": "person" if one.by else "timetable",
        "said": one.said,
    }
