"""The routes: what is wanted of panels, and beginning a scene."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from hub.plugin import (
    Audit,
    DeviceHandle,
    Id,
    Principal,
    Requires,
    Role,
    Router,
    check,
    problems,
)
from plugins.panel.following import Following
from plugins.panel.plans import Plan, SceneName
from plugins.panel.scenes import Scenes

Teacher = Annotated[Principal, Requires(Role.TEACHER)]
Engineer = Annotated[Principal, Requires(Role.ENGINEER)]
Grade = Annotated[int, Field(ge=1, le=12)]
Minutes = Annotated[int, Field(ge=1, le=240)]
GRADES = 12


class FailedModel(BaseModel):
    """What of a panel could not be set."""

    property: str
    code: str
    title: str
    hint: str


class SceneModel(BaseModel):
    """How a scene goes, or went; told as `x/panel/<device>/scene`."""

    scene: SceneName
    state: str = Field(description="`running`, `done` or `failed`.")
    begun: str
    step: str = Field(description="The property that is being set, or `warming`.")
    failed: list[FailedModel]


class PanelModel(BaseModel):
    """A panel with what is wanted of it."""

    device: str
    name: str
    reachable: bool
    plan: Plan
    scene: SceneModel | None


class ScreenTimeModel(BaseModel):
    """How long the class has looked at the screen in the lesson that runs."""

    lesson: str
    started: str
    minutes: int
    grade: int | None = Field(description="As the name of the group says it, else the lesson's.")
    limit: int | None = Field(description="Minutes that the sanitary rules allow this grade.")
    over: bool
    by_school: bool = Field(description="The limit is the school's own, not that of the rules.")
    source: str
    address: str
    confirmed: bool = Field(description="The figures were read in the order itself.")


class LimitsModel(BaseModel):
    """How many minutes of a lesson each grade may look at a screen."""

    minutes: dict[Grade, Minutes] = Field(description="In force, by grade.")
    rules: dict[Grade, Minutes] = Field(description="As the sanitary rules have it.")
    by_school: bool
    source: str
    address: str
    confirmed: bool = Field(description="The figures were read in the order itself.")


class NewLimits(BaseModel):
    """What the school says; null goes by the rules again."""

    model_config = ConfigDict(extra="forbid")

    minutes: dict[Grade, Minutes] | None = Field(min_length=GRADES, max_length=GRADES)


class PanelsModel(BaseModel):
    """All panels."""

    items: list[PanelModel]
    screen_time: ScreenTimeModel | None = Field(
        None, description="None between lessons; told as `x/panel/screen-time`."
    )


def make_router(scenes: Scenes, following: Following, audit: Audit) -> Router:
    """Return the routes."""
    router = Router(tags=["Panels"])

    def shown(panel: DeviceHandle) -> dict[str, Any]:
        return {
            "device": panel.id,
            "name": panel.name,
            "reachable": panel.state.reachable,
            "plan": following.plan(panel.id),
            "scene": scenes.told(panel.id),
        }

    def begin(panel: DeviceHandle, name: SceneName, caller: Principal) -> dict[str, Any]:
        check(caller, panel.access("write", "power"))
        plan = following.plan(panel.id)
        scenes.begin(panel.id, name, plan.scene(name), plan.wake)
        return shown(panel)

    @router.get(
        "/panels",
        operation_id="listPanels",
        summary="The panels",
        response_model=PanelsModel,
        dependencies=[Requires(Role.TEACHER)],
    )
    async def panels() -> dict[str, Any]:
        """With what is wanted of each, and how its last scene went."""
        items = [shown(panel) for panel in scenes.panels()]
        return {"items": items, "screen_time": following.screen_time.told()}

    @router.get(
        "/screen-time-limits",
        operation_id="getScreenTimeLimits",
        summary="How long each grade may look at a screen",
        response_model=LimitsModel,
        dependencies=[Requires(Role.TEACHER)],
    )
    async def limits() -> dict[str, Any]:
        """In one lesson, and whether the school or the rules say so."""
        return following.screen_time.limits()

    @router.put(
        "/screen-time-limits",
        operation_id="setScreenTimeLimits",
        summary="Say how long each grade may look at a screen",
        response_model=LimitsModel,
    )
    async def set_limits(body: NewLimits, caller: Engineer) -> dict[str, Any]:
        """The school's own figures, for all twelve grades; null goes by the rules again."""
        await following.screen_time.set_limits(body.minutes)
        await audit.note(caller, "panel.limits")
        return following.screen_time.limits()

    @router.get(
        "/panels/{device}",
        operation_id="getPanelPlan",
        summary="One panel",
        response_model=PanelModel,
        responses=problems(404),
        dependencies=[Requires(Role.TEACHER)],
    )
    async def panel(device: Id) -> dict[str, Any]:
        """With what is wanted of it, and how its last scene went."""
        return shown(scenes.panel(device))

    @router.put(
        "/panels/{device}/plan",
        operation_id="planPanel",
        summary="Say what is wanted of a panel",
        response_model=PanelModel,
        responses=problems(404),
    )
    async def plan(device: Id, body: Plan, caller: Teacher) -> dict[str, Any]:
        """At the start and the end of a lesson, and by the clock."""
        handle = scenes.panel(device)
        await following.set_plan(device, body)
        await audit.note(caller, "panel.plan", device)
        return shown(handle)

    @router.post(
        "/panels/{device}/scenes/{scene}",
        operation_id="beginPanelScene",
        summary="Start or end a lesson on a panel",
        status_code=202,
        response_model=PanelModel,
        responses=problems(404, 503),
    )
    async def scene(device: Id, scene: SceneName, caller: Teacher) -> dict[str, Any]:
        """Begins to set it as its plan says; how it goes is told on the stream."""
        made = begin(scenes.panel(device), scene, caller)
        await audit.note(caller, f"panel.{scene}", device)
        return made

    @router.post(
        "/panel-scenes/{scene}",
        operation_id="beginPanelScenes",
        summary="Start or end a lesson on all panels",
        status_code=202,
        response_model=PanelsModel,
        responses=problems(503),
    )
    async def all_scenes(scene: SceneName, caller: Teacher) -> dict[str, Any]:
        """One button for the whole room."""
        items = [begin(panel, scene, caller) for panel in scenes.panels()]
        for item in items:
            await audit.note(caller, f"panel.{scene}", item["device"])
        return {"items": items}

    return router
