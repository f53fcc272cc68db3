"""The routes: which virtual cameras there are, and switching one on and off."""

from typing import Annotated, Any

from pydantic import BaseModel, Field

from hub.plugin import (
    Body,
    DeviceHandle,
    Devices,
    HubError,
    Id,
    IdField,
    Language,
    Principal,
    Requires,
    Role,
    Router,
    Translator,
    problems,
)
from plugins.virtualcamera.errors import CameraUnknown
from plugins.virtualcamera.service import VirtualCameras

Pupil = Annotated[Principal, Requires(Role.PUPIL)]
Teacher = Annotated[Principal, Requires(Role.TEACHER)]


class CameraModel(BaseModel):
    """A virtual camera of the hub's computer."""

    id: str = Field(description="Of its node, such as `video60`.")
    name: str = Field(description="What browsers and other programs call it.")
    on: bool = Field(description="Programs see it.")
    live: bool = Field(description="They get the microscope's picture, and not a card instead.")
    device: str | None = Field(description="The microscope that it shows while it is on.")
    device_name: str = Field(description="What people call that; empty where it is off.")
    lesson: str | None = Field(description="It goes off with the end of this lesson.")
    code: str | None = Field(description="Why programs cannot see it although it is on.")
    title: str = Field(description="The same in words; empty where all is well.")
    hint: str = Field(description="What to do now.")


class CamerasModel(BaseModel):
    """The virtual cameras of the hub's computer."""

    installed: bool = Field(description="The kernel's module v4l2loopback is loaded.")
    width: int = Field(description="Pixels of the picture that programs get.")
    height: int
    rate: int = Field(description="Pictures a second.")
    items: list[CameraModel]


class Wanted(Body):
    """Which microscope to show."""

    device: IdField


def make_router(cameras: VirtualCameras, devices: Devices, say: Translator) -> Router:
    """Return the routes."""
    router = Router(tags=["Virtual camera"])

    def shown(state: dict[str, Any], language: str) -> dict[str, Any]:
        problem = cameras.problem(state["id"])
        device = _device(devices, state["device"])
        return {
            **{key: state[key] for key in ("id", "on", "live", "device", "lesson", "code")},
            "name": state["title"],
            "device_name": "" if device is None else device.name,
            "title": "" if problem is None else say.say(problem.title, language),
            "hint": "" if problem is None else say.say(problem.hint, language),
        }

    def one(id_: str, language: str) -> dict[str, Any]:
        for state in cameras.state():
            if state["id"] == id_:
                return shown(state, language)
        raise CameraUnknown(id_)  # its node has gone this very moment

    @router.get(
        "/virtual-cameras",
        operation_id="listVirtualCameras",
        summary="The virtual cameras of the hub's computer",
        response_model=CamerasModel,
    )
    async def list_(language: Language, caller: Pupil) -> dict[str, Any]:  # noqa: ARG001
        """How each is. Told as `x/virtualcamera/state` as well, by MQTT too."""
        settings = cameras.settings
        return {
            "installed": cameras.installed,
            "width": settings.width,
            "height": settings.height,
            "rate": settings.rate,
            "items": [shown(state, language) for state in cameras.state()],
        }

    @router.put(
        "/virtual-cameras/{camera}",
        operation_id="switchVirtualCameraOn",
        summary="Show a microscope to this computer's programs",
        response_model=CameraModel,
        responses=problems(403, 404, 409, 503),
    )
    async def switch_on(
        camera: Id, body: Wanted, language: Language, caller: Teacher
    ) -> dict[str, Any]:
        """Until the lesson ends. `no-virtual-camera`: it must be installed first."""
        await cameras.switch_on(camera, body.device, caller, language)
        return one(camera, language)

    @router.delete(
        "/virtual-cameras/{camera}",
        operation_id="switchVirtualCameraOff",
        summary="Show the microscope no more",
        status_code=204,
    )
    async def switch_off(camera: Id, caller: Teacher) -> None:
        """Programs see no camera any more; nothing happens where it is off."""
        await cameras.switch_off(camera, caller)

    return router


def _device(devices: Devices, id_: str | None) -> DeviceHandle | None:
    if id_ is None:
        return None
    try:
        return devices.get(id_)
    except HubError:
        return None
