"""The HTTP face of the virtual microscope.

GET /stream      multipart/x-mixed-replace of JPEG pictures
GET /still.jpg   the next picture
GET PUT /state   what can be set (`optics.State`), with ranges and, where it tells it, the scale
GET /truth       what is true of the picture (`truth.truth`)
POST /faults     misbehave (`faults.Faults`); GET tells what is in force
"""

import asyncio
import base64
import contextlib
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import httptools
from pydantic import ValidationError

from drivers.virtual.microscope.camera import Camera
from drivers.virtual.microscope.faults import BOUNDARY, Misbehaviour
from drivers.virtual.microscope.optics import FOCUS_RANGE, OBJECTIVES, STAGE_RANGE, State

_MAX_HEAD = 16 * 1024
_MAX_BODY = 64 * 1024
_PATIENCE = 10.0
_MUTE = 3600.0
_REASONS = {
    200: "OK",
    400: "Bad Request",
    401: "Unauthorized",
    404: "Not Found",
    405: "Not Allowed",
}
_ALWAYS = ("/faults", "/truth")


@dataclass(slots=True)
class Request:
    """What a client asks."""

    method: str = ""
    path: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    def on_url(self, url: bytes) -> None:
        """Take the address (httptools)."""
        self.path += url.partition(b"?")[0].decode("latin-1")

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header (httptools)."""
        self.headers[name.decode("latin-1").lower()] = value.decode("latin-1")


class Refused(Exception):
    """The request cannot be answered."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


class Server:
    """Serves one camera.

    Args:
        credentials: `user:password` that clients must show (Basic), empty for none.
    """

    def __init__(
        self, camera: Camera, misbehaviour: Misbehaviour, *, credentials: str = ""
    ) -> None:
        self._camera = camera
        self._wrong = misbehaviour
        self._credentials = credentials
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def start(self, host: str, port: int) -> str:
        """Listen; return the address."""
        self._server = await asyncio.start_server(self._serve, host, port, limit=_MAX_HEAD)
        name = self._server.sockets[0].getsockname()
        shown = f"[{name[0]}]" if ":" in name[0] else name[0]
        return f"http://{shown}:{name[1]}"

    async def stop(self) -> None:
        """Close everything."""
        if self._server is not None:
            self._server.close()
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=_PATIENCE)
        if self._server is not None:
            await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        try:
            request = await asyncio.wait_for(self._read(reader), _PATIENCE)
            await self._answer(request, writer)
        except Refused as refused:
            await self._json(writer, {"error": str(refused)}, refused.status)
        except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            writer.transport.abort()
        except asyncio.CancelledError:
            # Only `stop` cancels; asyncio 3.11's streams log a cancelled handler as an error.
            writer.transport.abort()
        finally:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    async def _read(self, reader: asyncio.StreamReader) -> Request:
        head = await reader.readuntil(b"\r\n\r\n")
        request = Request()
        parser = httptools.HttpRequestParser(request)
        try:
            parser.feed_data(head)
            length = int(request.headers.get("content-length", "0"))
        except (httptools.HttpParserError, httptools.HttpParserUpgrade, ValueError) as error:
            raise Refused(400, "this is no HTTP request") from error
        request.method = parser.get_method().decode("latin-1")
        if not 0 <= length <= _MAX_BODY:
            raise Refused(400, "the body is too long")
        request.body = await reader.readexactly(length)
        return request

    async def _answer(self, request: Request, writer: asyncio.StreamWriter) -> None:
        if request.path not in _ALWAYS:
            if self._wrong.holds("unplug"):
                writer.transport.abort()
                return
            if self._wrong.holds("mute"):
                await asyncio.sleep(_MUTE)
            self._authorise(request)
        routes: dict[
            tuple[str, str], Callable[[Request, asyncio.StreamWriter], Awaitable[None]]
        ] = {
            ("GET", "/stream"): self._stream,
            ("GET", "/still.jpg"): self._still,
            ("GET", "/state"): self._get_state,
            ("PUT", "/state"): self._put_state,
            ("GET", "/truth"): self._truth,
            ("GET", "/faults"): self._faults,
            ("POST", "/faults"): self._faults,
        }
        route = routes.get((request.method, request.path))
        if route is None:
            known = any(path == request.path for _, path in routes)
            raise Refused(405 if known else 404, "there is nothing of the kind here")
        await route(request, writer)

    def _authorise(self, request: Request) -> None:
        expected = "Basic " + base64.b64encode(self._credentials.encode()).decode()
        if self._credentials and request.headers.get("authorization") != expected:
            raise Refused(401, "user name and password please")

    async def _stream(self, _: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(_head(200, f'multipart/x-mixed-replace; boundary="{BOUNDARY}"'))
        closing, after = self._wrong.closing, self._camera.stamp()
        with self._camera.watched():
            while True:
                after, picture = await self._camera.next(after)
                if self._wrong.holds("unplug"):
                    writer.transport.abort()
                    return
                if self._wrong.holds("stall"):
                    await asyncio.sleep(0.05)
                    continue
                part = self._wrong.part(picture)
                if self._wrong.closing != closing:
                    part = part[: len(part) // 2]
                await self._send(writer, part)
                if self._wrong.closing != closing:
                    return

    async def _send(self, writer: asyncio.StreamWriter, part: bytes) -> None:
        slow = self._wrong.faults.slow
        pieces = 8 if slow > 1 else 1
        step = -(-len(part) // pieces)
        for at in range(0, len(part), step):
            writer.write(part[at : at + step])
            await writer.drain()
            if slow > 1:
                await asyncio.sleep((slow - 1) / self._camera.fps / pieces)

    async def _still(self, _request: Request, writer: asyncio.StreamWriter) -> None:
        with self._camera.watched():
            _, picture = await self._camera.next(self._camera.stamp())
        if self._wrong.faults.truncate:
            self._wrong.faults.truncate -= 1
            picture = picture[: len(picture) * 2 // 3]
        writer.write(_head(200, "image/jpeg", len(picture)) + picture)
        await writer.drain()

    async def _get_state(self, _: Request, writer: asyncio.StreamWriter) -> None:
        state = self._camera.state
        document: dict[str, Any] = {
            **state.model_dump(),
            "objectives": list(OBJECTIVES),
            "scale": OBJECTIVES[state.objective].scale(self._camera.width),
            "focus_range": FOCUS_RANGE,
            "light_range": (0, 100),
            "stage_range": {"x": STAGE_RANGE, "y": STAGE_RANGE},
        }
        if not state.tells_objective:
            del document["objective"], document["objectives"]
        if not state.tells_scale:
            del document["scale"]
        await self._json(writer, document)

    async def _put_state(self, request: Request, writer: asyncio.StreamWriter) -> None:
        try:
            wanted = _object(request.body)
            self._camera.set(State.model_validate({**self._camera.state.model_dump(), **wanted}))
        except ValidationError as error:
            raise Refused(400, _first(error)) from error
        await self._get_state(request, writer)

    async def _truth(self, _: Request, writer: asyncio.StreamWriter) -> None:
        await self._json(writer, self._camera.truth())

    async def _faults(self, request: Request, writer: asyncio.StreamWriter) -> None:
        if request.method == "POST":
            try:
                self._wrong.post(_object(request.body))
            except ValidationError as error:
                raise Refused(400, _first(error)) from error
        await self._json(writer, self._wrong.faults.model_dump())

    async def _json(self, writer: asyncio.StreamWriter, document: Any, status: int = 200) -> None:
        body = json.dumps(document).encode()
        writer.write(_head(status, "application/json", len(body)) + body)
        await writer.drain()


def _head(status: int, media_type: str, length: int | None = None) -> bytes:
    lines = [
        f"HTTP/1.1 {status} {_REASONS[status]}",
        f"Content-Type: {media_type}",
        "Cache-Control: no-store",
        "Connection: close",
    ]
    if length is not None:
        lines.append(f"Content-Length: {length}")
    if status == 401:
        lines.append('WWW-Authenticate: Basic realm="virtual microscope"')
    return "\r\n".join([*lines, "", ""]).encode()


def _object(body: bytes) -> dict[str, Any]:
    try:
        document = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Refused(400, "this is not JSON") from error
    if not isinstance(document, dict):
        raise Refused(400, "a JSON object is expected")
    return document


def _first(error: ValidationError) -> str:
    first = error.errors(include_input=False, include_url=False)[0]
    return f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}"
