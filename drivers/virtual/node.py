"""Input devices of the virtual classroom: programs that speak as the kernel's nodes do.

    axes = {ABS_X: Axis(0, 0, 100, 0, 0, 10), ABS_Y: Axis(0, 0, 100, 0, 0, 10)}
    async with VirtualInput(folder / "pen", name="Pen", axes=axes) as pen:
        said(str(pen.path))
        pen.say((EV_ABS, ABS_X, 50))

The driver opens the path as it would open `/dev/input/event5`; see `hub.device.transports`,
`_played.py`.
"""

import asyncio
import base64
import contextlib
import json
import os
import socket
import struct
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Self

from hub.device.transports import Axis

_EVENT = struct.Struct("=qqHHi")
_AXIS = struct.Struct("=6i")
_SEND_BUFFER = 1 << 20
_EV_SYN, _EV_KEY, _EV_ABS = 0, 1, 3
_MT_SLOT, _MT_FIRST, _MT_LAST, _MT_TRACKING_ID = 0x2F, 0x30, 0x3D, 0x39


class VirtualNode:
    """A node that whoever opens its path hears.

    Attributes:
        lost: packets that a listener did not take in time, as the kernel's buffer would overrun.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.lost = 0
        self.said: list[bytes] = []
        self._calls: dict[tuple[str, bytes | None], bytes] = {}
        self._listeners: set[socket.socket] = set()
        self._server: socket.socket | None = None
        self._accepting: asyncio.Task[None] | None = None
        self._come = asyncio.Event()

    async def __aenter__(self) -> Self:
        """Plug it in."""
        server = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET | socket.SOCK_NONBLOCK)
        server.bind(str(self.path))
        server.listen(8)
        self._server = server
        self._accepting = asyncio.create_task(self._accept(server), name=f"{self.path.name}")
        return self

    async def __aexit__(self, *_: object) -> None:
        """Pull it out."""
        if self._accepting is not None:
            self._accepting.cancel()
            await asyncio.gather(self._accepting, return_exceptions=True)
        for one in list(self._listeners):
            self._leave(one)
        if self._server is not None:
            self._server.close()
        self.path.unlink(missing_ok=True)

    async def opened(self, limit: float = 10.0) -> None:
        """Wait until a driver has it open (TimeoutError)."""
        async with asyncio.timeout(limit):
            while not self._listeners:
                self._come.clear()
                await self._come.wait()

    @property
    def open(self) -> bool:
        """Whether a driver has it open."""
        return bool(self._listeners)

    def answer(self, name: str, answer: bytes, request: bytes | None = None) -> None:
        """Answer a call from now on; `request` None: whatever it asks."""
        self._calls[name, request] = answer
        self._send(b"c" + self._packet([(name, request)]))

    def send(self, data: bytes) -> None:
        """Say a packet: events, or a report."""
        self._send(b"d" + data)

    def _packet(self, keys: Iterable[tuple[str, bytes | None]]) -> bytes:
        def text(data: bytes | None) -> str | None:
            return None if data is None else base64.b64encode(data).decode()

        calls = [{"name": n, "data": text(r), "answer": text(self._calls[n, r])} for n, r in keys]
        return json.dumps(calls, separators=(",", ":")).encode()

    def _send(self, packet: bytes) -> None:
        for one in list(self._listeners):
            try:
                one.send(packet)
            except BlockingIOError:
                self.lost += 1
            except OSError:
                self._leave(one)

    def _leave(self, one: socket.socket) -> None:
        if one in self._listeners:
            self._listeners.discard(one)
            asyncio.get_running_loop().remove_reader(one)
            one.close()

    async def _accept(self, server: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        while True:
            one, _ = await loop.sock_accept(server)
            one.settimeout(0)
            one.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER)
            with contextlib.suppress(OSError):
                one.send(b"c" + self._packet(self._calls))
            self._listeners.add(one)
            loop.add_reader(one, self._hear, one)
            self._come.set()

    def _hear(self, one: socket.socket) -> None:
        try:
            data = one.recv(65536)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if data:
            self.said.append(data)
            del self.said[:-1000]
        else:
            self._leave(one)


class VirtualInput(VirtualNode):
    """An input device: `/dev/input/event…`.

    Args:
        path: of its socket.
        name: what it calls itself.
        axes: by code; its values follow what it says.
        keys: the codes that it has.
        properties: such as INPUT_PROP_DIRECT.
        others: codes of other types that it has, by type.
    """

    def __init__(
        self,
        path: Path,
        *,
        name: str,
        axes: Mapping[int, Axis],
        keys: Iterable[int] = (),
        properties: Iterable[int] = (),
        others: Mapping[int, Iterable[int]] | None = None,
    ) -> None:
        super().__init__(path)
        self._axes = {code: list(axis) for code, axis in axes.items()}
        self._held: set[int] = set()
        self._slot = 0
        self._slots: dict[int, list[int]] = {}
        if _MT_SLOT in axes:
            count = min(axes[_MT_SLOT].maximum + 1, 1024)
            for code in axes:
                if _MT_FIRST <= code <= _MT_LAST:
                    self._slots[code] = [-1 if code == _MT_TRACKING_ID else 0] * max(count, 1)
        table = {_EV_KEY: set(keys), _EV_ABS: set(axes), **(others or {})}
        for kind in range(8):
            self._calls[f"EVIOCGBIT {kind}", None] = _bits(table.get(kind, ()), 96)
        self._calls["EVIOCGNAME", None] = name.encode()[:255] + b"\0"
        self._calls["EVIOCGPROP", None] = _bits(properties, 8)
        for call in ("EVIOCGRAB", "EVIOCGRAB 0", "EVIOCSCLOCKID"):
            self._calls[call, None] = b""
        self.sync()

    def say(self, *events: tuple[int, int, int], at: float | None = None) -> None:
        """Say a frame of events (type, code, value); its SYN_REPORT is added.

        Args:
            events: as the kernel would give them.
            at: seconds by the monotonic clock, now where None.
        """
        seconds = time.monotonic() if at is None else at
        whole, micros = int(seconds), int(seconds % 1 * 1e6)
        for type_, code, value in events:
            self._note(type_, code, value)
        frame = (*events, (_EV_SYN, 0, 0))
        self.send(b"".join(_EVENT.pack(whole, micros, *event) for event in frame))

    def change_silently(self, *events: tuple[int, int, int]) -> None:
        """Change the state as events would that the kernel's buffer had no room for."""
        for event in events:
            self._note(*event)

    def sync(self) -> None:
        """Have the calls answer with the present state, as they always do at a real node."""
        for code, axis in self._axes.items():
            self.answer(f"EVIOCGABS {code}", _AXIS.pack(*axis))
        self.answer("EVIOCGKEY", _bits(self._held, 96))
        for code, values in self._slots.items():
            packed = struct.pack(f"=I{len(values)}i", code, *values)
            self.answer(f"EVIOCGMTSLOTS {code}", packed)

    def _note(self, type_: int, code: int, value: int) -> None:
        if type_ == _EV_KEY:
            (self._held.add if value else self._held.discard)(code)
        elif type_ == _EV_ABS and code in self._axes:
            if code == _MT_SLOT:
                self._slot = value
            elif code in self._slots and 0 <= self._slot < len(self._slots[code]):
                self._slots[code][self._slot] = value
            self._axes[code][0] = value


def _bits(codes: Iterable[int], size: int) -> bytes:
    field = bytearray(size)
    for code in codes:
        if code < 8 * size:
            field[code // 8] |= 1 << code % 8
    return bytes(field)


def folder_of_sockets() -> Any:
    """Return a temporary folder for sockets, as a context; their paths must stay short."""
    import tempfile  # noqa: PLC0415 - for programs only

    return tempfile.TemporaryDirectory(prefix="classhub-", dir=os.environ.get("XDG_RUNTIME_DIR"))
