"""Driver for printers behind OctoPrint.

Protocol: OctoPrint 1.11, REST API and push updates (https://docs.octoprint.org/en/1.11.x/api/).
Its own thin client: the libraries there are for it are not kept up, and none lets the hub's
transports carry its connections.
"""

import json
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from pydantic import Field, SecretStr

from drivers.http import FileBody
from drivers.http.socket import WebSocket
from drivers.printer.contract import Printer
from drivers.printer.served.driver import ServedPrinter
from drivers.printer.served.form import form
from drivers.printer.served.heard import Heard, Running
from drivers.printer.served.place import Place, ServerSettings, in_path
from drivers.printer.served.reading import heater, length, number, perhaps, table, text
from drivers.printer.values import Firmware, JobState, PrinterState, Temperatures
from hub.device import N_, AccessRefused, MdnsMatch, TimedOut, Unreachable, WrongDevice

SILENCE = 10.0
"""Seconds without a word after which the server is asked whether it is there."""
HELD = 3.0
"""Seconds in which the word about how a print ended follows that it has."""
AGAIN = 30.0
"""Seconds between two attempts to have it connect to its printer."""
_ACTIVE = ("printing", "paused", "pausing", "resuming", "cancelling", "finishing")
_COMMANDS: dict[str, dict[str, str]] = {
    "pause": {"command": "pause", "action": "pause"},
    "resume": {"command": "pause", "action": "resume"},
    "cancel": {"command": "cancel"},
}


class OctoPrintPrinter(ServedPrinter):
    """3D printer behind OctoPrint.

    Follows it by its push updates; files are uploaded, checked, then printed.
    """

    title = N_("3D printer behind OctoPrint")
    discovery = (MdnsMatch(service="_octoprint._tcp.local."),)
    without = (
        Printer.position, Printer.filament, Printer.prompt, Printer.prompted, Printer.answer,
        Printer.speed, Printer.flow, Printer.fan, Printer.light, Printer.line_counts,
        Printer.load, Printer.unload, Printer.send, Printer.runout,
    )  # fmt: skip

    class Settings(ServerSettings):
        """Where OctoPrint is, and the key with which the hub asks."""

        api_key: SecretStr | None = Field(None, title=N_("API key"))

    settings: Settings

    _asked = float("-inf")
    _halted = False

    async def _reach(self) -> None:
        key = self.settings.api_key.get_secret_value() if self.settings.api_key else ""
        self._place = Place(
            self.settings,
            self.found,
            5000,
            transports=self.transports,
            headers={"X-Api-Key": key} if key else {},
        )
        self._warm = Temperatures()
        self._ends: dict[str, JobState] = {}
        version = await self._place.get("/api/version")
        self._version = text(version.get("text"))
        if not self._version.startswith("OctoPrint"):
            raise WrongDevice(f"it says that it is {self._version!r}")
        _, who = await self._place.ask("POST", "/api/login", {"passive": True})
        self._user, self._session = text(table(who).get("name")), text(table(who).get("session"))
        if not self._user or not self._session:
            raise AccessRefused("the API key is of nobody")
        await self._learn()

    async def _learn(self) -> None:
        profiles = table((await self._place.get("/api/printerprofiles")).get("profiles"))
        current = next((table(p) for p in profiles.values() if table(p).get("current")), {})
        self._tools = max(1, min(8, int(number(table(current.get("extruder")).get("count"), 1))))
        self._bed = bool(current.get("heatedBed", True))
        self._machine = text(current.get("model"), 100)
        status, now = await self._place.ask("GET", "/api/printer", also={409})
        if status != 409:  # it has a printer
            warm = _temperatures(table(table(now).get("temperature")), self._tools)
            self._warm = warm or self._warm

    # What it says.

    async def _hear(self) -> AsyncIterator[Heard]:
        async with AsyncExitStack() as stack:
            socket = await stack.enter_async_context(
                WebSocket.open(
                    self.transports,
                    self._place.host,
                    self._place.port,
                    f"{self._place.path}/sockjs/websocket",
                    tls=self._place.tls,
                    most=4 << 20,
                )
            )
            await socket.send(json.dumps({"auth": f"{self._user}:{self._session}"}))
            running: Running | None = None
            vanished = 0.0
            heard: Heard | None = None
            while True:
                waits = heard is not None and running is not None and heard.running is None
                message = await self._message(socket, 1.0 if waits else SILENCE)
                if "current" in message or "history" in message:
                    heard = self._understand(table(message.get("current", message.get("history"))))
                self._note(table(message.get("event")))
                if heard is None:
                    continue
                if running is not None and heard.running is None:
                    # How it ended is told a moment after that it has.
                    vanished = vanished or time.monotonic()
                    if running.file not in self._ends and time.monotonic() - vanished < HELD:
                        continue
                vanished, running = 0.0, heard.running
                await self._mend(heard)
                yield heard

    async def _message(self, socket: WebSocket, limit: float) -> dict[str, Any]:
        try:
            said = json.loads(await socket.receive(limit=limit))
        except TimedOut:
            if limit >= SILENCE:
                await self._place.get("/api/version")  # Unreachable where it is not there
            return {}
        except ValueError as error:
            raise WrongDevice("its push updates are no JSON") from error
        if isinstance(said, dict) and "reauthRequired" in said:
            raise Unreachable("it wants a new login")
        return said if isinstance(said, dict) else {}

    def _understand(self, said: Any) -> Heard:
        state = table(table(said).get("state"))
        flags = table(state.get("flags"))
        for warm in table(said).get("temps") or ():
            self._warm = _temperatures(table(warm), self._tools) or self._warm
        running = self._running_of(said, flags)
        trouble = text(state.get("error")) or text(state.get("text"))
        # Closed with a reason: an emergency stop, or the printer has stopped itself.
        closed = bool(flags.get("closedOrError"))
        halted = bool(flags.get("error")) or (closed and bool(text(state.get("error"))))
        if halted:
            now = PrinterState.HALTED
        elif running is not None:
            now = PrinterState.PAUSED if running.paused else PrinterState.PRINTING
        else:
            now = PrinterState.IDLE if flags.get("ready") else PrinterState.BUSY
        return Heard(now, self._warm, running, gone=closed and not halted, trouble=trouble)

    def _running_of(self, said: Any, flags: Any) -> Running | None:
        file = text(table(table(said["job"]).get("file")).get("path")) if "job" in said else ""
        if not file or not any(flags.get(flag) for flag in _ACTIVE):
            return None
        progress = table(said.get("progress"))
        at = perhaps(progress.get("filepos"))
        return Running(
            file,
            paused=bool(flags.get("paused")),
            fraction=number(progress.get("completion")) / 100,
            byte=None if at is None else int(at),
            printed=number(progress.get("printTime")),
            height=length(said.get("currentZ")),
        )

    def _note(self, event: Any) -> None:
        """Keep how a print ended."""
        kind, told = text(event.get("type")), table(event.get("payload"))
        file = text(told.get("path"))
        if not file:
            return
        if kind == "PrintStarted":
            self._ends.pop(file, None)
        elif kind == "PrintDone":
            self._ends[file] = JobState.FINISHED
        elif kind == "PrintCancelled":
            self._ends[file] = JobState.CANCELLED
        elif kind == "PrintFailed":
            cancelled = told.get("reason") == "cancelled"
            self._ends[file] = JobState.CANCELLED if cancelled else JobState.FAILED
        while len(self._ends) > 20:
            del self._ends[next(iter(self._ends))]

    async def _mend(self, heard: Heard) -> None:
        """Ask it to connect to its printer, now and then: only it knows when that is back.

        Not at once after a halt: to connect starts many printers anew, and people are to see first
        why it stopped.
        """
        halted = heard.state is PrinterState.HALTED
        if halted and not self._halted:
            self._asked = time.monotonic()
        self._halted = halted
        if (heard.gone or halted) and time.monotonic() - self._asked > AGAIN:
            self._asked = time.monotonic()
            await self._place.ask("POST", "/api/connection", {"command": "connect"}, also={400})

    # What it is told.

    async def _upload(self, name: str, path: Path, size: int) -> str:
        body: FileBody = form(name, path, size, {"select": "false", "print": "false"})
        _, answer = await self._place.ask("POST", "/api/files/local", body)
        file = text(table(table(table(answer).get("files")).get("local")).get("path"))
        if not file:
            raise WrongDevice("it does not say where it put the file")
        return file

    async def _size(self, file: str) -> int:
        return int(number((await self._facts(file)).get("size")))

    async def _facts(self, file: str) -> Any:
        status, facts = await self._place.ask(
            "GET", f"/api/files/local/{in_path(file)}", also={404}
        )
        return {} if status == 404 else table(facts)

    async def _start(self, file: str) -> None:
        self._ends.pop(file, None)
        order = {"command": "select", "print": True}
        await self._place.ask("POST", f"/api/files/local/{in_path(file)}", order)

    async def _ended(self, file: str) -> JobState | None:
        if file in self._ends:
            return self._ends[file]
        last = table(table((await self._facts(file)).get("prints")).get("last"))
        if "success" not in last:
            return None
        return JobState.FINISHED if last["success"] else JobState.FAILED

    async def _remove(self, file: str) -> None:
        await self._place.ask("DELETE", f"/api/files/local/{in_path(file)}", also={400, 404, 409})

    async def _files(self) -> list[str]:
        found = (await self._place.get("/api/files/local")).get("files")
        return [text(table(one).get("path")) for one in found or ()]

    async def _command(self, what: str) -> None:
        if what == "stop":
            await self._gcode(["M112"])
            return
        await self._place.ask("POST", "/api/job", _COMMANDS[what])

    async def _gcode(self, lines: list[str]) -> None:
        await self._place.ask("POST", "/api/printer/command", {"commands": lines})

    @Printer.firmware.read
    async def _read_firmware(self) -> Firmware:
        return Firmware(name=self._version, machine=self._machine, tools=self._tools)


def _temperatures(said: Any, tools: int) -> Temperatures | None:
    heaters = [heater(said.get(f"tool{number}")) for number in range(tools)]
    there = [one for one in heaters if one is not None]
    if not there:
        return None
    return Temperatures(
        tools=there, bed=heater(said.get("bed")), chamber=heater(said.get("chamber"))
    )
