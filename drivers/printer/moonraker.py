"""Driver for printers behind Moonraker, the API server of Klipper.

Protocol: Moonraker 0.9 and newer, HTTP and JSON-RPC over WebSocket
(https://moonraker.readthedocs.io/en/latest/external_api/introduction/); the printer's objects:
https://www.klipper3d.org/Status_Reference.html. Its own thin client: the library there is for it
(moonraker-api) brings aiohttp and opens its connections itself.
"""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any
from urllib.parse import quote

from pydantic import Field, SecretStr

from drivers.http.socket import WebSocket
from drivers.printer.contract import Printer
from drivers.printer.served.driver import ServedPrinter
from drivers.printer.served.form import form
from drivers.printer.served.heard import Heard, Running
from drivers.printer.served.place import Place, ServerSettings, in_path
from drivers.printer.served.problems import NotWhilePrinting
from drivers.printer.served.reading import heater, length, number, table, text
from drivers.printer.values import (
    MOST_TOOLS,
    Firmware,
    JobState,
    Position,
    PrinterState,
    Temperatures,
)
from hub.device import N_, MdnsMatch, TimedOut, Unreachable, WrongDevice

SILENCE = 10.0
"""Seconds without a word after which the server is asked; it says something each second."""
_WANTED = (
    "webhooks", "print_stats", "virtual_sdcard", "gcode_move", "toolhead", "heater_bed", "fan",
    "idle_timeout", *("extruder" + (str(n) if n else "") for n in range(MOST_TOOLS)),
)  # fmt: skip
_SUBSCRIBE = 1
_ENDS = {
    "completed": JobState.FINISHED,
    "complete": JobState.FINISHED,
    "cancelled": JobState.CANCELLED,
    "error": JobState.FAILED,
    "klippy_shutdown": JobState.FAILED,
    "klippy_disconnect": JobState.INTERRUPTED,
    "interrupted": JobState.INTERRUPTED,
    "server_exit": JobState.INTERRUPTED,
}
_COMMANDS = {
    "pause": "/printer/print/pause",
    "resume": "/printer/print/resume",
    "cancel": "/printer/print/cancel",
    "stop": "/printer/emergency_stop",
}


class MoonrakerPrinter(ServedPrinter):
    """3D printer behind Moonraker, with Klipper.

    Follows it by its JSON-RPC notifications; files are uploaded with their checksum, then printed.
    """

    title = N_("3D printer behind Moonraker (Klipper)")
    discovery = (MdnsMatch(service="_moonraker._tcp.local."),)
    without = (
        Printer.filament, Printer.prompt, Printer.prompted, Printer.answer, Printer.light,
        Printer.line_counts, Printer.load, Printer.unload, Printer.send, Printer.runout,
    )  # fmt: skip

    class Settings(ServerSettings):
        """Where Moonraker is, and its API key where it does not trust this computer."""

        policy: str = Field("klipper", pattern=r"^[a-z][a-z0-9-]{0,40}$", title=N_("G-code policy"))
        api_key: SecretStr | None = Field(None, title=N_("API key, where it wants one"))

    settings: Settings

    async def _reach(self) -> None:
        key = self.settings.api_key.get_secret_value() if self.settings.api_key else ""
        self._headers = {"X-Api-Key": key} if key else {}
        self._place = Place(
            self.settings, self.found, 7125, transports=self.transports, headers=self._headers
        )
        self._objects: dict[str, dict[str, Any]] = {}
        info = await self._result("/server/info")
        self._version = text(info.get("moonraker_version"), 60)
        if not self._version:
            raise WrongDevice("it does not say that it is Moonraker")

    async def _result(self, path: str) -> Mapping[str, Any]:
        return table((await self._place.get(path)).get("result"))

    # What it says.

    async def _hear(self) -> AsyncIterator[Heard]:
        async with AsyncExitStack() as stack:
            socket = await stack.enter_async_context(
                WebSocket.open(
                    self.transports,
                    self._place.host,
                    self._place.port,
                    f"{self._place.path}/websocket",
                    tls=self._place.tls,
                    headers=self._headers,
                    most=4 << 20,
                )
            )
            await self._subscribe(socket)
            while True:
                message = await self._message(socket)
                method = text(message.get("method"))
                if message.get("id") == _SUBSCRIBE:
                    self._subscribed(message)
                elif method == "notify_status_update":
                    params = message.get("params")
                    self._merge(params[0] if isinstance(params, list) and params else {})
                elif method == "notify_klippy_ready":
                    await self._subscribe(socket)
                    continue
                elif method in ("notify_klippy_shutdown", "notify_klippy_disconnected"):
                    state = "shutdown" if method.endswith("shutdown") else "disconnected"
                    self._objects.setdefault("webhooks", {})["state"] = state
                else:
                    continue
                yield self._understand()

    async def _subscribe(self, socket: WebSocket) -> None:
        ask = {"objects": dict.fromkeys(_WANTED)}
        await socket.send(_rpc("printer.objects.subscribe", ask, _SUBSCRIBE))

    async def _message(self, socket: WebSocket) -> Mapping[str, Any]:
        try:
            return table(json.loads(await socket.receive(limit=SILENCE)))
        except TimedOut:
            await self._place.get("/server/info")  # Unreachable where it is not there
            return {}
        except ValueError as error:
            raise WrongDevice("its notifications are no JSON") from error

    def _subscribed(self, message: Mapping[str, Any]) -> None:
        if "error" in message:  # Klipper is not there, or starting
            said = text(table(message["error"]).get("message"))
            self._objects = {"webhooks": {"state": "disconnected", "state_message": said}}
            return
        self._objects = {}
        self._merge(table(message.get("result")).get("status"))

    def _merge(self, changes: Any) -> None:
        for name, fields in table(changes).items():
            if name in _WANTED:
                self._objects.setdefault(name, {}).update(table(fields))

    def _of(self, name: str) -> Mapping[str, Any]:
        return self._objects.get(name, {})

    def _understand(self) -> Heard:
        webhooks = self._of("webhooks")
        klipper = text(webhooks.get("state")) or "ready"
        running = self._running_of() if klipper == "ready" else None
        if klipper in ("shutdown", "error"):
            state = PrinterState.HALTED
        elif running is not None:
            state = PrinterState.PAUSED if running.paused else PrinterState.PRINTING
        elif klipper != "ready" or self._of("idle_timeout").get("state") == "Printing":
            state = PrinterState.BUSY
        else:
            state = PrinterState.IDLE
        said = text(self._of("print_stats").get("message"))
        return Heard(
            state,
            self._warmth(),
            running,
            position=self._where(),
            gone=klipper in ("disconnected", "startup"),
            trouble=text(webhooks.get("state_message")) if klipper != "ready" else said,
        )

    def _running_of(self) -> Running | None:
        stats, card = self._of("print_stats"), self._of("virtual_sdcard")
        file = text(stats.get("filename"))
        if not file or stats.get("state") not in ("printing", "paused"):
            return None
        return Running(
            file,
            paused=stats.get("state") == "paused",
            fraction=number(card.get("progress")),
            byte=max(0, int(number(card.get("file_position")))),
            printed=number(stats.get("print_duration")),
            filament=max(0.0, number(stats.get("filament_used"))),
            height=self._where().z,
        )

    def _warmth(self) -> Temperatures:
        tools = [
            found
            for name in _WANTED
            if name.startswith("extruder") and (found := _heater(self._of(name)))
        ]
        self._tools = max(1, len(tools))
        bed = _heater(self._of("heater_bed"))
        self._bed = bed is not None
        return Temperatures(tools=tools, bed=bed)

    def _where(self) -> Position:
        at = self._of("gcode_move").get("gcode_position") or self._of("toolhead").get("position")
        if not isinstance(at, list) or len(at) < 3:
            return Position()
        return Position(x=length(at[0]), y=length(at[1]), z=length(at[2]))

    # What it is told.

    async def _upload(self, name: str, path: Path, size: int) -> str:
        digest = await _sha256(path)
        fields = {"root": "gcodes", "print": "false", "checksum": digest}
        body = form(name, path, size, fields)
        status, answer = await self._place.ask("POST", "/server/files/upload", body, also={422})
        if status == 422:
            return name  # damaged on its way: its size, asked next, tells
        item = table(table(answer).get("item")) or table(
            table(table(answer).get("result")).get("item")
        )
        return text(item.get("path")) or name

    async def _size(self, file: str) -> int:
        return next((int(number(s)) for name, s in await self._listed() if name == file), 0)

    async def _listed(self) -> list[tuple[str, Any]]:
        found = (await self._place.get("/server/files/list?root=gcodes")).get("result")
        items = found if isinstance(found, list) else []
        return [(text(table(one).get("path")), table(one).get("size")) for one in items]

    async def _files(self) -> list[str]:
        return [name for name, _ in await self._listed()]

    async def _start(self, file: str) -> None:
        await self._do(f"/printer/print/start?filename={quote(file)}")

    async def _ended(self, file: str) -> JobState | None:
        stats = self._of("print_stats")
        if stats.get("filename") == file and stats.get("state") in _ENDS:
            return _ENDS[stats["state"]]
        found = (await self._result("/server/history/list?limit=50&order=desc")).get("jobs")
        last = next((one for one in found or () if table(one).get("filename") == file), None)
        status = text(table(last).get("status"))
        if last is not None and status == "in_progress" and not self._prints_on():
            return JobState.INTERRUPTED
        return _ENDS.get(status)

    def _prints_on(self) -> bool:
        return self._of("print_stats").get("state") in ("printing", "paused") or not self._objects

    async def _remove(self, file: str) -> None:
        path = f"/server/files/gcodes/{in_path(file)}"
        await self._place.ask("DELETE", path, also={400, 403, 404, 409})

    async def _command(self, what: str) -> None:
        await self._do(_COMMANDS[what])

    async def _gcode(self, lines: list[str]) -> None:
        await self._do("/printer/gcode/script?script=" + quote("\n".join(lines)))

    async def _do(self, path: str) -> None:
        """Tell it to do something; it answers when that is done."""
        status, answer = await self._place.ask("POST", path, also={400, 503}, slow=True)
        if status == 503:
            raise Unreachable("Klipper does not answer")
        if status == 400:
            raise NotWhilePrinting(text(table(table(answer).get("error")).get("message")))

    @Printer.firmware.read
    async def _read_firmware(self) -> Firmware:
        info = await self._result("/printer/info")
        name = f"Klipper {text(info.get('software_version'), 80)}, Moonraker {self._version}"
        return Firmware(name=name, machine=text(info.get("hostname"), 100), tools=self._tools)

    @Printer.speed.polled(2.0)
    async def _read_speed(self) -> int:
        return _percent(self._of("gcode_move").get("speed_factor"), 10, 300)

    @Printer.speed.write
    async def _set_speed(self, percent: int) -> None:
        await self._gcode([f"M220 S{percent}"])

    @Printer.flow.polled(2.0)
    async def _read_flow(self) -> int:
        return _percent(self._of("gcode_move").get("extrude_factor"), 50, 150)

    @Printer.flow.write
    async def _set_flow(self, percent: int) -> None:
        await self._gcode([f"M221 S{percent}"])

    @Printer.fan.polled(2.0)
    async def _read_fan(self) -> int:
        return _percent(self._of("fan").get("speed", 0.0), 0, 100)

    @Printer.fan.write
    async def _set_fan(self, percent: int) -> None:
        await self._gcode([f"M106 S{round(percent * 2.55)}"])


def _heater(said: Mapping[str, Any]) -> Any:
    return heater(said, "temperature", "target")


def _percent(factor: Any, low: int, high: int) -> int:
    return min(high, max(low, round(100 * number(factor, 1.0))))


def _rpc(method: str, params: Any, number: int) -> str:
    return json.dumps({"jsonrpc": "2.0", "method": method, "params": params, "id": number})


async def _sha256(path: Path) -> str:
    def work() -> str:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    return await asyncio.to_thread(work)
