"""Lessons: starting, joining by QR code, ending, who is in them."""

import asyncio
import io
import logging
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Request, Response
from pydantic import Field

from hub.api.context import TheHub, base_of
from hub.api.models import Body, Id, IdField, LessonModel, PersonModel, lesson_model, person_model
from hub.api.paging import Page, Pages
from hub.api.routing import PREFIX, Router, problems
from hub.api.security import Requires
from hub.device import Role
from hub.errors import HubError
from hub.rights import Principal, check, may
from hub.school import LessonEnded

if TYPE_CHECKING:
    from hub.app import Hub

log = logging.getLogger("classhub.api")

router = Router(prefix=PREFIX, tags=["Lessons"])


class JoinAddress:
    """Has pages ask again for running lessons when the address that pupils join by has changed."""

    def __init__(self, hub: "Hub") -> None:
        self._hub = hub
        self._telling: asyncio.Task[None] | None = None
        hub.network.subscribe(self._changed)

    async def stop(self) -> None:
        """Leave off."""
        if self._telling is not None:
            self._telling.cancel()
            await asyncio.gather(self._telling, return_exceptions=True)

    def _changed(self) -> None:
        if self._telling is not None:
            self._telling.cancel()
        self._telling = asyncio.get_running_loop().create_task(
            self._tell(), name="lessons: the address has changed"
        )

    async def _tell(self) -> None:
        try:
            running = await self._hub.school.running()
        except HubError as error:
            log.warning("pages are not told of the new address: %s", error)
            return
        for lesson in running:
            self._hub.bus.publish(
                f"lessons/{lesson.id}",
                {"change": "edited", "lesson": lesson.as_json()},
                audience=self._hub.school.lesson_access(lesson),
            )


class NewLesson(Body):
    """The lesson to start."""

    title: str = Field(min_length=1, max_length=200, examples=["Onion skin under the microscope"])
    group: IdField | None = None


class EditLesson(Body):
    """What shall change."""

    shared: bool = Field(description="Whether its pupils may see each other's pictures.")


@router.get(
    "/lessons",
    operation_id="listLessons",
    summary="Lessons, the newest first",
    response_model=Page[LessonModel],
)
async def lessons(
    request: Request,
    hub: TheHub,
    pages: Pages,
    caller: Annotated[Principal, Requires(Role.PUPIL)],
) -> dict[str, Any]:
    """Teachers see all lessons, pupils the one that they are in."""
    base = base_of(request, hub)
    if caller.role.includes(Role.TEACHER):
        found = await hub.school.lessons(cursor=pages.cursor, limit=pages.limit)
        items, following = found.items, found.next
    else:
        own = await hub.school.default_lesson(caller)
        items, following = [] if own is None else [own], None
    shown = [
        lesson_model(lesson, caller, base)
        for lesson in items
        if may(caller, hub.school.lesson_access(lesson))
    ]
    return {"items": shown, "next": following}


@router.post(
    "/lessons",
    operation_id="startLesson",
    summary="Start a lesson",
    status_code=201,
    response_model=LessonModel,
    responses=problems(404, 409),
)
async def start(
    request: Request,
    response: Response,
    hub: TheHub,
    caller: Annotated[Principal, Requires(Role.TEACHER)],
    body: NewLesson,
) -> dict[str, Any]:
    """Start a lesson; pupils join with its six digits until it ends."""
    lesson = await hub.school.start_lesson(caller, body.title, group=body.group)
    response.headers["Location"] = f"/api/v1/lessons/{lesson.id}"
    return lesson_model(lesson, caller, base_of(request, hub))


@router.get(
    "/lessons/{lesson}",
    operation_id="getLesson",
    summary="One lesson",
    response_model=LessonModel,
)
async def get(
    request: Request,
    hub: TheHub,
    lesson: Id,
    caller: Annotated[Principal, Requires(Role.PUPIL)],
) -> dict[str, Any]:
    """A lesson; its digits are told to teachers while it runs."""
    found = await hub.school.lesson(lesson)
    check(caller, hub.school.lesson_access(found))
    return lesson_model(found, caller, base_of(request, hub))


@router.patch(
    "/lessons/{lesson}",
    operation_id="editLesson",
    summary="Let pupils see each other's pictures, or not",
    response_model=LessonModel,
)
async def edit(
    request: Request,
    hub: TheHub,
    lesson: Id,
    caller: Annotated[Principal, Requires(Role.TEACHER)],
    body: EditLesson,
) -> dict[str, Any]:
    """At once, for the pupils who are in the lesson: they see, and never change. Off at first."""
    changed = await hub.school.share(lesson, caller, shared=body.shared)
    return lesson_model(changed, caller, base_of(request, hub))


@router.post(
    "/lessons/{lesson}/end",
    operation_id="endLesson",
    summary="End a lesson",
    response_model=LessonModel,
)
async def end(
    request: Request,
    hub: TheHub,
    lesson: Id,
    caller: Annotated[Principal, Requires(Role.TEACHER)],
) -> dict[str, Any]:
    """End a lesson and its pupils' sessions; ending it twice changes nothing."""
    return lesson_model(await hub.school.end_lesson(lesson, caller), caller, base_of(request, hub))


@router.get(
    "/lessons/{lesson}/members",
    operation_id="listMembers",
    summary="Who is in a lesson",
    response_model=Page[PersonModel],
    dependencies=[Requires(Role.TEACHER)],
)
async def members(hub: TheHub, lesson: Id) -> dict[str, Any]:
    """Those who joined, in the order in which they did."""
    await hub.school.lesson(lesson)
    found = await hub.school.members(lesson)
    return {"items": [person_model(person) for person in found], "next": None}


@router.delete(
    "/lessons/{lesson}/members/{person}",
    operation_id="removeMember",
    summary="Remove somebody from a lesson",
    status_code=204,
)
async def remove(
    hub: TheHub,
    lesson: Id,
    person: Id,
    caller: Annotated[Principal, Requires(Role.TEACHER)],
) -> None:
    """Their session ends at once; what they made stays."""
    await hub.school.remove_member(lesson, person, caller)


@router.get(
    "/lessons/{lesson}/qr.svg",
    operation_id="getLessonQr",
    summary="The QR code to join by",
    response_class=Response,
    responses={
        200: {
            "description": "The picture.",
            "content": {"image/svg+xml": {"schema": {"type": "string"}}},
        },
        **problems(409),
    },
    dependencies=[Requires(Role.TEACHER)],
)
async def qr(
    request: Request,
    hub: TheHub,
    lesson: Id,
) -> Response:
    """The address that pupils join by, with the six digits in it, as a picture."""
    found = await hub.school.lesson(lesson)
    if not found.running or found.code is None:
        raise LessonEnded(f"lesson {lesson}")
    import segno  # noqa: PLC0415 - once in a lesson

    out = io.BytesIO()
    code = segno.make(f"{base_of(request, hub)}/join#{found.code}", error="m", micro=False)
    code.save(out, kind="svg", scale=8, border=4, light="#fff", xmldecl=False)
    return Response(
        out.getvalue(), media_type="image/svg+xml", headers={"Cache-Control": "no-store"}
    )
