"""Task sheets: sent by the teacher to every pupil of a lesson, replaced, withdrawn, sent again.

The lesson carries its sheet (`task`), so it comes with the session, the lesson and its messages on
the stream; pupils answer it with what they hand in (`PUT /assets/{asset}/hand-in`).
"""

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Request
from pydantic import BaseModel, Field

from hub.api.context import TheHub, base_of
from hub.api.models import Body, Id, IdField, LessonModel, TaskModel, lesson_model
from hub.api.routes.albums import seen
from hub.api.routing import PREFIX, Router, problems
from hub.api.security import Requires
from hub.device import Role
from hub.errors import Unsupported
from hub.rights import Principal

if TYPE_CHECKING:
    from hub.app import Hub

router = Router(prefix=PREFIX, tags=["Lessons"])


class NewTask(Body):
    """The sheet to send; it has a title, a text, or both."""

    title: str = Field(default="", max_length=120, examples=["Onion skin"])
    text: str = Field(
        default="", max_length=2000, examples=["What do you see inside the cell?\nHow many?"]
    )
    picture: IdField | None = Field(default=None, description="An asset to show with it.")


class TasksModel(BaseModel):
    """Task sheets, the newest first."""

    items: list[TaskModel]


@router.put(
    "/lessons/{lesson}/task",
    operation_id="sendTask",
    summary="Send a task sheet to every pupil of a lesson",
    response_model=LessonModel,
    responses=problems(404, 410, 415),
)
async def send(
    request: Request,
    hub: TheHub,
    lesson: Id,
    caller: Annotated[Principal, Requires(Role.TEACHER)],
    body: NewTask,
) -> dict[str, Any]:
    """It takes the place of the one before. A picture that pupils could not see is copied in."""
    await hub.school.lesson(lesson)
    picture = await _picture(hub, body.picture, lesson, caller)
    changed = await hub.school.send_task(
        lesson, caller, title=body.title, text=body.text, picture=picture
    )
    return lesson_model(changed, caller, base_of(request, hub))


@router.delete(
    "/lessons/{lesson}/task",
    operation_id="withdrawTask",
    summary="Take a task sheet away",
    response_model=LessonModel,
)
async def withdraw(
    request: Request,
    hub: TheHub,
    lesson: Id,
    caller: Annotated[Principal, Requires(Role.TEACHER)],
) -> dict[str, Any]:
    """What was handed in stays, with what it answers."""
    changed = await hub.school.withdraw_task(lesson, caller)
    return lesson_model(changed, caller, base_of(request, hub))


@router.get(
    "/tasks",
    operation_id="listTasks",
    summary="Task sheets that the caller has sent",
    response_model=TasksModel,
)
async def earlier(
    hub: TheHub, caller: Annotated[Principal, Requires(Role.TEACHER)]
) -> dict[str, Any]:
    """To send one of them again: each wording once, the newest first, a hundred at most."""
    return {"items": [task.as_json() for task in await hub.school.earlier_tasks(caller)]}


@router.get(
    "/tasks/{task}",
    operation_id="getTask",
    summary="One task sheet",
    response_model=TaskModel,
    dependencies=[Requires(Role.TEACHER)],
)
async def one(hub: TheHub, task: Id) -> dict[str, Any]:
    """Also one that was replaced or withdrawn."""
    return (await hub.school.task(task)).as_json()


async def _picture(hub: "Hub", picture: str | None, lesson: str, caller: Principal) -> str | None:
    """Return the id of a picture that all pupils of the lesson may see."""
    if picture is None:
        return None
    asset = await seen(hub, picture, caller)
    if not asset.is_picture:
        raise Unsupported(f"asset {asset.id} is {asset.media_type}")
    if asset.lesson == lesson and asset.owner == caller.owner and asset.open:
        return asset.id
    return (await hub.assets.copy(asset, owner=caller, lesson=lesson)).id
