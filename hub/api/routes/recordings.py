"""Recordings of devices, and faults on command."""

import asyncio
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, BinaryIO

from fastapi import Response
from pydantic import BaseModel, Field
from starlette.responses import StreamingResponse

from hub.api.context import Language, TheHub
from hub.api.models import Body, Id, OperationModel
from hub.api.paging import Page, Pages
from hub.api.routes.operations import operation_model
from hub.api.routing import PREFIX, Router, problems
from hub.api.security import Requires
from hub.device import Role
from hub.device.transports import Faults
from hub.errors import N_, Forbidden, NotFound
from hub.ids import is_id
from hub.recordings import Stored
from hub.rights import Principal

router = Router(prefix=PREFIX, tags=["Recordings"])

MEDIA_TYPE = "application/x-ndjson"
FAULTS_LIMIT = 5.0
PIECE = 64 << 10


class FaultsOff(Forbidden):
    """Faults on command are switched off."""

    code = "faults-off"
    title = N_("Faults on command are switched off on this hub.")
    hint = N_("Set fault_injection = true in the hub's settings and start it again.")


class NewRecording(Body):
    """How long to record."""

    seconds: Annotated[float, Field(ge=1, le=600)] = 60.0


class RecordingModel(BaseModel):
    """A recording that is kept."""

    id: str
    device: str
    driver: str
    kind: str
    size: int = Field(description="Bytes.")
    seconds: float | None = Field(description="Null while it runs, or where a crash cut it.")
    created: str


def recording_model(stored: Stored) -> dict[str, Any]:
    """Return a recording as JSON-ready data."""
    return {
        "id": stored.id,
        "device": stored.header.device,
        "driver": stored.header.driver,
        "kind": stored.header.kind,
        "size": stored.size,
        "seconds": stored.seconds,
        "created": stored.header.date,
    }


@router.post(
    "/devices/{device}/recordings",
    operation_id="recordDevice",
    summary="Record a device",
    status_code=201,
    response_model=OperationModel,
    responses=problems(404, 409, 429, 502, 503, 504, 507),
)
async def record(
    hub: TheHub,
    response: Response,
    device: Id,
    language: Language,
    caller: Annotated[Principal, Requires(Role.ENGINEER)],
    body: NewRecording | None = None,
) -> dict[str, Any]:
    """Record what the device and its driver say to each other, secrets left out.

    The device is connected again first. The operation's result names the recording; one that is
    cancelled is kept as far as it came.
    """
    seconds = (body or NewRecording()).seconds
    handle = hub.devices.get(device)
    operation = await hub.recordings.record(handle, seconds, by=caller)
    await hub.audit.note(caller, "recording.start", device, {"seconds": seconds})
    response.headers["Location"] = f"/api/v1/operations/{operation.id}"
    return operation_model(operation, hub.say, language)


@router.get(
    "/recordings",
    operation_id="listRecordings",
    summary="Recordings",
    response_model=Page[RecordingModel],
    dependencies=[Requires(Role.ENGINEER)],
)
async def recordings(hub: TheHub, pages: Pages) -> dict[str, Any]:
    """All recordings, in the order in which they were made."""
    stored = sorted(await hub.recordings.list(), key=lambda one: one.id)
    shown, following = pages.of(stored, lambda one: one.id)
    return {"items": [recording_model(one) for one in shown], "next": following}


@router.get(
    "/recordings/{recording}/content",
    operation_id="downloadRecording",
    summary="A recording's file",
    response_class=Response,
    responses={
        200: {
            "description": "Lines of JSON; see the project's docs/recording.md.",
            "content": {MEDIA_TYPE: {"schema": {"type": "string", "format": "binary"}}},
        },
        **problems(404),
    },
    dependencies=[Requires(Role.ENGINEER)],
)
async def content(hub: TheHub, recording: Id) -> Response:
    """The file, as an attachment; of a recording that runs, what is there by now."""
    stored, path = await hub.recordings.get(recording)
    file, size = await asyncio.to_thread(_opened, path)
    about = stored.header.device if is_id(stored.header.device) else "device"
    name = f"{about}-{_stamp(stored.header.date)}.jsonl"
    headers = {
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
        "Content-Length": str(size),
        "Content-Disposition": f'attachment; filename="{name}"',
    }
    return StreamingResponse(_pieces(file, size), media_type=MEDIA_TYPE, headers=headers)


@router.delete(
    "/recordings/{recording}",
    operation_id="deleteRecording",
    summary="Delete a recording",
    status_code=204,
    responses=problems(404, 409),
)
async def delete(
    hub: TheHub, recording: Id, caller: Annotated[Principal, Requires(Role.ENGINEER)]
) -> None:
    """It is gone for good."""
    stored = await hub.recordings.delete(recording)
    await hub.audit.note(caller, "recording.delete", stored.header.device, {"recording": recording})


@router.put(
    "/devices/{device}/faults",
    operation_id="setFaults",
    summary="Spoil a device's connections",
    response_model=Faults,
    responses=problems(404, 502, 503, 504),
)
async def set_faults(
    hub: TheHub, device: Id, caller: Annotated[Principal, Requires(Role.ADMIN)], body: Faults
) -> Faults:
    """What the driver hears and says is garbled, dropped, delayed, stalled or cut off.

    They last for `seconds`, until others are set, or until the driver's process ends. Only where
    the hub's setting `fault_injection` allows it.
    """
    await _spoil(hub, device, body.model_dump(mode="json"))
    await hub.audit.note(caller, "faults.set", device, body.model_dump(exclude_defaults=True))
    return body


@router.delete(
    "/devices/{device}/faults",
    operation_id="clearFaults",
    summary="Mend a device's connections",
    status_code=204,
    responses=problems(404, 502, 503, 504),
)
async def clear_faults(
    hub: TheHub, device: Id, caller: Annotated[Principal, Requires(Role.ADMIN)]
) -> None:
    """Everything passes again."""
    await _spoil(hub, device, None)
    await hub.audit.note(caller, "faults.clear", device)


async def _spoil(hub: TheHub, device: str, faults: dict[str, Any] | None) -> None:
    handle = hub.devices.get(device)
    if not (hub.settings.fault_injection or hub.settings.virtual):
        raise FaultsOff
    await handle.tape({"op": "faults", "faults": faults}, FAULTS_LIMIT)


def _opened(path: Path) -> tuple[BinaryIO, int]:
    """Return a recording's file and how long it is now; it may grow, or be deleted, meanwhile."""
    try:
        file = path.open("rb")
    except FileNotFoundError:
        raise NotFound(f"no recording {path.stem}") from None
    return file, os.fstat(file.fileno()).st_size


def _pieces(file: BinaryIO, size: int) -> Iterator[bytes]:
    with file:
        while size > 0 and (piece := file.read(min(PIECE, size))):
            size -= len(piece)
            yield piece


def _stamp(date: str) -> str:
    """Return a date as part of a file's name; what it says is a file's, and untrusted."""
    try:
        return datetime.fromisoformat(date).strftime("%Y%m%dT%H%M%SZ")
    except ValueError:
        return "recording"
