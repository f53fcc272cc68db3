"""Where a print server is: its settings, and its JSON over HTTP."""

import json
from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import quote

from pydantic import Field

from drivers.http import Credentials, FileBody, HttpClient
from drivers.printer.served.problems import NotWhilePrinting
from drivers.printer.values import PrinterSettings
from hub.device import N_, BadSettings, Found, WrongDevice
from hub.device.transports import Transports

_MOST = 4 << 20
_SLOW = 110.0


class ServerSettings(PrinterSettings):
    """Where the print server is. Empty for one that is found by itself."""

    host: str | None = Field(
        None,
        max_length=253,
        pattern=r"^[A-Za-z0-9._:%-]+$",
        title=N_("Name or address of the print server"),
    )
    port: int | None = Field(None, ge=1, le=65535, title=N_("Port"))
    https: bool = Field(default=False, title=N_("Encrypted (HTTPS)"))
    path: str = Field(
        "", max_length=200, pattern=r"^(/[A-Za-z0-9._~-]+)*/?$", title=N_("Path, where it has one")
    )
    policy: str = Field("default", pattern=r"^[a-z][a-z0-9-]{0,40}$", title=N_("G-code policy"))


class Place:
    """A print server's address, and its JSON API.

    Args:
        settings: of the device.
        found: how the network announces it, None where it does not.
        port: where such servers listen, if nothing says.
        transports: the driver's own.
        headers: sent with every request.
        credentials: for servers that want them.

    Raises:
        BadSettings: nothing says where it is.
    """

    def __init__(
        self,
        settings: ServerSettings,
        found: Found | None,
        port: int,
        *,
        transports: Transports,
        headers: Mapping[str, str] | None = None,
        credentials: Credentials | None = None,
    ) -> None:
        host = settings.host or (found.host if found else "")
        if not host:
            raise BadSettings("host: name the print server, or choose it where it is found")
        self.host = host
        there = found.tcp_port if found and not settings.host else 0
        self.port = settings.port or there or (443 if settings.https else port)
        self.tls = settings.https
        self.path = settings.path.rstrip("/")
        where = f"[{host}]" if ":" in host else host
        scheme = "https" if self.tls else "http"
        self.url = f"{scheme}://{where}:{self.port}{self.path}"
        self.http = HttpClient(credentials, transports=transports, headers=headers)
        self._patient = HttpClient(
            credentials, transports=transports, headers=headers, timeout=_SLOW
        )

    async def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        headers: Mapping[str, str] | None = None,
        also: Collection[int] = (),
        slow: bool = False,
    ) -> tuple[int, Any]:
        """Ask; return status and JSON (None where the answer is empty or no JSON).

        Args:
            method: GET, POST, …
            path: below the server's own.
            body: JSON, or a file.
            headers: more of them.
            also: statuses beside 2xx that the caller understands.
            slow: the answer comes once the printer has done it.

        Raises:
            NotWhilePrinting: the server says that it cannot do so now (409).
            WrongDevice, AccessRefused, Unreachable: see `HttpClient.open`.
        """
        sent: bytes | FileBody = b""
        if isinstance(body, FileBody):
            sent = body
        elif body is not None:
            sent = json.dumps(body).encode()
        reply = await (self._patient if slow else self.http).fetch(
            self.url + path,
            method=method,
            body=sent,
            media_type="application/json",
            headers=headers,
            also={409, *also},
            limit=_MOST,
        )
        if reply.head.status == 409 and 409 not in also:
            raise NotWhilePrinting(reply.body[:200].decode("utf-8", "replace"))
        try:
            return reply.head.status, json.loads(reply.body) if reply.body.strip() else None
        except (ValueError, RecursionError):
            return reply.head.status, None

    async def get(self, path: str) -> dict[str, Any]:
        """Return a JSON object. Raises `WrongDevice` where it is none; else as `ask`."""
        _, found = await self.ask("GET", path)
        if not isinstance(found, dict):
            raise WrongDevice(f"{path}: no JSON object")
        return found


def in_path(name: str) -> str:
    """Return a file's name as a part of an address; folders keep their slashes."""
    return quote(name, safe="/")
