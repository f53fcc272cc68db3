"""The support bundle."""

import tempfile
from collections.abc import Iterator
from typing import Annotated, BinaryIO

from fastapi import Response
from starlette.responses import StreamingResponse

from hub.api.context import TheHub
from hub.api.routing import PREFIX, Router
from hub.api.security import Requires
from hub.clock import now
from hub.device import Role
from hub.rights import Principal

router = Router(prefix=PREFIX, tags=["Hub"])

MEDIA_TYPE = "application/zip"
PIECE = 64 << 10
IN_MEMORY = 1 << 20


@router.get(
    "/support-bundle",
    operation_id="getSupportBundle",
    summary="What somebody far away needs to help",
    response_class=Response,
    responses={
        200: {
            "description": "A ZIP archive; its README.txt says what is in it.",
            "content": {MEDIA_TYPE: {"schema": {"type": "string", "format": "binary"}}},
        },
    },
)
async def support_bundle(
    hub: TheHub, caller: Annotated[Principal, Requires(Role.ENGINEER)]
) -> Response:
    """Logs, settings without secrets, devices, recordings, what doctor finds; 32 MB at most.

    Passwords, tokens and people's names are left out or blotted out. It takes some seconds.
    """
    # The doctor's libraries are loaded when they are wanted, and not when the hub starts.
    from hub.support import bundle_name, make_bundle  # noqa: PLC0415

    file: BinaryIO = tempfile.SpooledTemporaryFile(IN_MEMORY)  # type: ignore[assignment]  # noqa: SIM115 - closed when it is sent
    try:
        size = await make_bundle(hub, file)
        file.seek(0)
    except BaseException:
        file.close()
        raise
    await hub.audit.note(caller, "support.bundle", hub.id, {"size": size})
    headers = {
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
        "Content-Length": str(size),
        "Content-Disposition": f'attachment; filename="{bundle_name(now())}"',
    }
    return StreamingResponse(_pieces(file), media_type=MEDIA_TYPE, headers=headers)


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    with file:
        while piece := file.read(PIECE):
            yield piece
