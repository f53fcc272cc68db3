"""Who sits where in a lesson: seats, the devices that stand there, and the persons.

A seat is a name; devices have it from the engineer. Changes are told on the stream as
`school/seats/<lesson>`.
"""

import re
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Response
from pydantic import BaseModel, Field

from hub.api.context import Language, TheHub
from hub.api.models import Body, Id, IdField, Named, OperationModel
from hub.api.routes.operations import operation_model
from hub.api.routing import PREFIX, Router, problems
from hub.api.security import Requires
from hub.device import Role
from hub.devices import NoCandidates, Touched
from hub.errors import N_, Conflict
from hub.operations import Progress
from hub.rights import Principal, check
from hub.school import LessonEnded, clean_seat

if TYPE_CHECKING:
    from hub.app import Hub

router = Router(prefix=PREFIX, tags=["Lessons"])

TOUCH = "find-seat"
_DIGITS = re.compile(r"(\d+)")


class SeatDeviceModel(BaseModel):
    """A device that stands at a seat."""

    id: str
    name: str
    kind: str = Field(description="Empty while its driver is not known.")


class SeatModel(BaseModel):
    """A seat, what stands there and who sits there."""

    seat: str
    devices: list[SeatDeviceModel]
    person: Named | None


class SeatsModel(BaseModel):
    """The seats of a lesson, by their names."""

    items: list[SeatModel]


class Sitting(Body):
    """Whose seat it shall be."""

    seat: str = Field(min_length=1, max_length=200, examples=["Desk 3"])
    person: IdField | None = Field(description="Null makes it free.")


class SomebodyElseLooks(Conflict):
    """Somebody of this lesson is being asked to touch a device already."""

    code = "somebody-else-looks"
    title = N_("Somebody else is just touching their device.")
    hint = N_("Wait a moment and try again, or choose your seat yourself.")


class NoSeats(NoCandidates):
    """No device has a seat, or a program asks, which sits nowhere."""

    code = "no-seats"
    title = N_("No device has a seat.")
    hint = N_("Write on each device's page where it stands.")


@router.get(
    "/lessons/{lesson}/seats",
    operation_id="listSeats",
    summary="Who sits where in a lesson",
    response_model=SeatsModel,
)
async def listed(
    hub: TheHub, lesson: Id, caller: Annotated[Principal, Requires(Role.PUPIL)]
) -> dict[str, Any]:
    """The seats at which devices stand, and those where somebody sits; for those in the lesson."""
    found = await hub.school.lesson(lesson)
    check(caller, hub.school.lesson_access(found))
    return await _model(hub, await hub.school.sitters(lesson))


@router.put(
    "/lessons/{lesson}/seats",
    operation_id="takeSeat",
    summary="Say who sits at a seat",
    response_model=SeatsModel,
    responses=problems(404, 409),
)
async def sit(
    hub: TheHub, lesson: Id, caller: Annotated[Principal, Requires(Role.PUPIL)], body: Sitting
) -> dict[str, Any]:
    """Teachers say it of everybody, pupils of themselves and where nobody sits.

    Everybody has one seat: whoever is given another leaves the former.
    """
    return await _model(hub, await hub.school.sit(lesson, body.seat, body.person, by=caller))


@router.post(
    "/lessons/{lesson}/seats/touch",
    operation_id="findSeat",
    summary="Sit where a device is touched now",
    status_code=201,
    response_model=OperationModel,
    responses=problems(404, 409),
)
async def touch(
    hub: TheHub,
    response: Response,
    language: Language,
    lesson: Id,
    caller: Annotated[Principal, Requires(Role.PUPIL)],
) -> dict[str, Any]:
    """Whoever asks is given the free seat whose device is touched within half a minute.

    One at a time in a hub; where several devices are touched at once nobody is given a seat.
    `result.seat` names it.
    """
    found = await hub.school.lesson(lesson)
    check(caller, hub.school.lesson_access(found))
    person = caller.person
    if not found.running:
        raise LessonEnded(f"lesson {lesson}")
    seats = _seats(hub)
    if person is None or not seats:
        raise NoSeats(f"{caller.id}, {len(seats)} seats")
    if any(one.action == TOUCH and one.ended is None for one in hub.operations.list()):
        raise SomebodyElseLooks(f"lesson {lesson}")
    others = {s for s, p in (await hub.school.sitters(lesson)).items() if p != person}
    free = {seat: devices for seat, devices in seats.items() if seat not in others}
    place = {device["id"]: seat for seat, devices in free.items() for device in devices}

    async def work(progress: Progress) -> dict[str, str]:
        progress(0.0, N_("Touch your device now: write with its pen."))
        seat = place[await Touched(hub.bus, place.__contains__).run()]
        await hub.school.sit(lesson, seat, person, by=caller)
        return {"seat": seat}

    operation = hub.operations.start(
        action=TOUCH, title=N_("Where do I sit?"), by=caller, work=work
    )
    response.headers["Location"] = f"/api/v1/operations/{operation.id}"
    return operation_model(operation, hub.say, language)


def _seats(hub: "Hub") -> dict[str, list[dict[str, str]]]:
    """Return the devices of each seat."""
    found: dict[str, list[dict[str, str]]] = {}
    for device in hub.devices.list():
        seat = clean_seat(device.seat)
        if seat is not None:
            one = {"id": device.id, "name": device.name, "kind": device.kind}
            found.setdefault(seat, []).append(one)
    return found


async def _model(hub: "Hub", sitters: dict[str, str]) -> dict[str, Any]:
    devices = _seats(hub)
    persons = {person: await hub.school.person(person) for person in sitters.values()}
    items = []
    for seat in sorted(devices.keys() | sitters.keys(), key=_natural):
        person = persons.get(sitters.get(seat, ""))
        named = None if person is None else {"id": person.id, "name": person.name}
        items.append({"seat": seat, "devices": devices.get(seat, []), "person": named})
    return {"items": items}


def _natural(seat: str) -> list[tuple[int, str]]:
    """Return what `Desk 9` is sorted by before `Desk 10`."""
    parts = _DIGITS.split(seat.casefold())
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in parts]
