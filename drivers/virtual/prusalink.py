"""A printer with PrusaLink, on the wire: `python -m drivers.virtual.prusalink`.

PrusaLink itself wants a Raspberry Pi or runs in Prusa's printers; this answers as its published
OpenAPI says (https://github.com/prusa3d/Prusa-Link-Web/blob/master/spec/openapi.yaml): files on a
USB drive with short and long names, one job, digest authentication (user `maker`) or an API key.
A print takes `--seconds`; when it is over the printer stays FINISHED until the next.
"""

import argparse
import asyncio
import hashlib
import json
import re
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from drivers.virtual.peer import run, said

PASSWORD = "maker-password"  # noqa: S105 - of a printer that is none
KEY = "prusalink-key"
_PARAMETER = re.compile(r'(\w+)=(?:"([^"]*)"|([^\s,]+))')
_MOST = 256 << 20


@dataclass
class Job:
    """The print that the printer knows of."""

    id: int
    file: str
    began: float = field(default_factory=time.monotonic)
    stood: float = 0.0
    paused: float | None = None


class VirtualPrusaLink:
    """The printer.

    Args:
        seconds: how long a print takes.
    """

    def __init__(self, seconds: float = 3.0) -> None:
        self.seconds = seconds
        self.files: dict[str, bytes] = {}
        self.job: Job | None = None
        self.over = "IDLE"
        self._ids = 100
        self._nonce = secrets.token_hex(8)

    @property
    def state(self) -> str:
        """What it is doing, in PrusaLink's words."""
        job = self.job
        if job is None or self.over in ("FINISHED", "STOPPED"):
            return self.over
        if job.paused is not None:
            return "PAUSED"
        if self.printed() >= self.seconds:
            self.over = "FINISHED"
            return self.over
        return "PRINTING"

    def printed(self) -> float:
        """Return for how long it has printed, without pauses."""
        job = self.job
        if job is None:
            return 0.0
        now = time.monotonic() if job.paused is None else job.paused
        return min(now - job.began - job.stood, self.seconds)

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request and close."""
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            first, *lines = head.split("\r\n")
            method, target, _ = first.split(" ", 2)
            headers = {k.lower(): v for k, _, v in (line.partition(": ") for line in lines) if k}
            if headers.get("expect"):
                writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            length = min(int(headers.get("content-length", 0)), _MOST)
            body = await reader.readexactly(length) if length else b""
            status, answer, more = self.answer(method, target, headers, body)
            data = b"" if answer is None else json.dumps(answer).encode()
            extra = "".join(f"{k}: {v}\r\n" for k, v in more.items())
            start = f"HTTP/1.1 {status} X\r\nContent-Length: {len(data)}\r\n{extra}"
            writer.write(f"{start}Content-Type: application/json\r\n\r\n".encode() + data)
            await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError, ValueError):
            pass
        finally:
            writer.close()

    def answer(
        self, method: str, target: str, headers: dict[str, str], body: bytes
    ) -> tuple[int, Any, dict[str, str]]:
        """Return status, JSON and further headers."""
        if not self._allowed(method, target, headers):
            asks = f'Digest realm="Printer API", nonce="{self._nonce}", stale=false'
            return 401, {"title": "Unauthorized"}, {"WWW-Authenticate": asks}
        path = unquote(target.partition("?")[0])
        for pattern, handle in self._routes().items():
            found = re.fullmatch(pattern, f"{method} {path}")
            if found:
                status, answer = handle(*found.groups(), body=body, headers=headers)
                return status, answer, {}
        return 404, {"title": "Not Found"}, {}

    def _allowed(self, method: str, target: str, headers: dict[str, str]) -> bool:
        if headers.get("x-api-key") == KEY:
            return True
        given = headers.get("authorization", "")
        if not given.startswith("Digest "):
            return False
        told = {key: a or b for key, a, b in _PARAMETER.findall(given)}

        def h(words: str) -> str:
            return hashlib.md5(words.encode(), usedforsecurity=False).hexdigest()

        secret = h(f"maker:Printer API:{PASSWORD}")
        wanted = h(f"{secret}:{self._nonce}:{h(f'{method}:{target}')}")
        return told.get("nonce") == self._nonce and told.get("response") == wanted

    def _routes(self) -> dict[str, Callable[..., tuple[int, Any]]]:
        return {
            "GET /api/version": lambda **_: (200, _VERSION),
            "GET /api/v1/info": lambda **_: (200, {"hostname": "prusa", "nozzle_diameter": 0.4}),
            "GET /api/v1/storage": lambda **_: (200, {"storage_list": [_STORAGE]}),
            "GET /api/v1/status": lambda **_: (200, self._status()),
            "GET /api/v1/job": lambda **_: self._job(),
            r"PUT /api/v1/job/(\d+)/(pause|resume)": self._steer,
            r"DELETE /api/v1/job/(\d+)": self._cancel,
            r"GET /api/v1/files/usb/": lambda **_: (
                200,
                {"children": [self._info(name) for name in self.files]},
            ),
            r"PUT /api/v1/files/usb/(.+)": self._put,
            r"GET /api/v1/files/usb/(.+)": lambda name, **_: (
                (200, self._info(name)) if name in self.files else (404, None)
            ),
            r"POST /api/v1/files/usb/(.+)": self._start,
            r"DELETE /api/v1/files/usb/(.+)": self._delete,
        }

    def _status(self) -> dict[str, Any]:
        state = self.state
        warm = state in ("PRINTING", "PAUSED")
        told: dict[str, Any] = {
            "storage": {"path": "/usb/", "name": "usb", "read_only": False},
            "printer": {
                "state": state,
                "temp_nozzle": 214.9 if warm else 27.1,
                "target_nozzle": 215.0 if warm else 0.0,
                "temp_bed": 59.9 if warm else 25.3,
                "target_bed": 60.0 if warm else 0.0,
                "axis_z": round(0.2 + self.printed(), 1),
                "flow": 100,
                "speed": 100,
                "fan_hotend": 0,
                "fan_print": 0,
            },
        }
        if self.job is not None and warm:
            told["job"] = self._progress(self.job)
        return told

    def _progress(self, job: Job) -> dict[str, Any]:
        done = self.printed()
        return {
            "id": job.id,
            "progress": round(100 * done / self.seconds, 1),
            "time_printing": int(done),
            "time_remaining": int(self.seconds - done),
        }

    def _job(self) -> tuple[int, Any]:
        state = self.state
        if self.job is None or state == "IDLE":
            return 204, None
        file = {"display_name": self.job.file, "name": _short(self.job.file), "path": "/usb"}
        return 200, {**self._progress(self.job), "state": state, "file": file}

    def _info(self, name: str) -> dict[str, Any]:
        size = len(self.files[name])
        return {"name": _short(name), "display_name": name, "type": "PRINT_FILE", "size": size}

    def _put(
        self, name: str, *, body: bytes, headers: dict[str, str]
    ) -> tuple[int, dict[str, str] | None]:
        if name in self.files and headers.get("overwrite") != "?1":
            return 409, {"title": "Conflict"}
        self.files[name] = body
        if headers.get("print-after-upload") == "?1":
            self._begin(name)
        return 201, None

    def _start(self, name: str, **_: Any) -> tuple[int, Any]:
        if name not in self.files:
            return 404, None
        if self.state in ("PRINTING", "PAUSED"):
            return 409, {"title": "Conflict"}
        self._begin(name)
        return 204, None

    def _begin(self, name: str) -> None:
        self._ids += 1
        self.over = "PRINTING"
        self.job = Job(self._ids, name)

    def _delete(self, name: str, **_: Any) -> tuple[int, Any]:
        if self.job is not None and self.job.file == name and self.state in ("PRINTING", "PAUSED"):
            return 409, {"title": "Conflict"}
        return (204, None) if self.files.pop(name, None) is not None else (404, None)

    def _steer(self, number: str, what: str, **_: Any) -> tuple[int, Any]:
        job = self.job
        wanted = "PRINTING" if what == "pause" else "PAUSED"
        if job is None or job.id != int(number) or self.state != wanted:
            return 409, {"title": "Conflict"}
        if what == "pause":
            job.paused = time.monotonic()
        else:
            job.stood += time.monotonic() - (job.paused or 0.0)
            job.paused = None
        return 204, None

    def _cancel(self, number: str, **_: Any) -> tuple[int, Any]:
        if self.job is None or self.job.id != int(number):
            return 404, None
        self.over = "STOPPED"
        return 204, None


_VERSION = {
    "api": "2.0.0",
    "server": "2.1.2",
    "nozzle_diameter": 0.4,
    "text": "PrusaLink",
    "hostname": "prusa",
    "capabilities": {"upload-by-put": True},
}
_STORAGE = {
    "name": "usb",
    "type": "USB",
    "path": "/usb/",
    "available": True,
    "read_only": False,
}


def _short(name: str) -> str:
    """Return a file's name of eight letters, as a FAT drive has it."""
    letters = re.sub(r"[^A-Z0-9_-]", "", name.upper())
    return f"{letters[:6]}~1.GCO"


async def _main(seconds: float) -> None:
    printer = VirtualPrusaLink(seconds)
    server = await asyncio.start_server(printer.talk, "127.0.0.1", 0)
    async with server:
        host, port = server.sockets[0].getsockname()[:2]
        said(f"{host}:{port}")
        await server.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0, help="how long a print takes")
    run(_main(parser.parse_args().seconds))
