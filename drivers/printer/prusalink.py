"""Driver for printers with PrusaLink: Prusa MINI, MK4, XL, CORE One, and MK3S by a Raspberry Pi.

Protocol: PrusaLink API v1, https://github.com/prusa3d/Prusa-Link-Web/blob/master/spec/openapi.yaml;
printers authenticate by digest (user `maker`) or an API key. There are no push updates: it is
asked. It has no commands for heating and moving, and none that stops at once: to stop is to cancel.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import Field, SecretStr

from drivers.http import Credentials, FileBody
from drivers.printer.contract import Printer
from drivers.printer.served.driver import ServedPrinter
from drivers.printer.served.heard import Heard, Running
from drivers.printer.served.place import Place, ServerSettings, in_path
from drivers.printer.served.problems import NotWhilePrinting
from drivers.printer.served.reading import heater, length, number, table, text
from drivers.printer.values import Firmware, JobState, Position, PrinterState, Temperatures
from hub.device import N_, MdnsMatch, WrongDevice

ASK = 1.0
"""Seconds between two looks; printers of this kind answer a few requests a second at most."""
PATIENCE = 120.0
_STATES = {
    "IDLE": PrinterState.IDLE,
    "READY": PrinterState.IDLE,
    "FINISHED": PrinterState.IDLE,
    "STOPPED": PrinterState.IDLE,
    "BUSY": PrinterState.BUSY,
    "PRINTING": PrinterState.PRINTING,
    "PAUSED": PrinterState.PAUSED,
    "ATTENTION": PrinterState.ATTENTION,
    "ERROR": PrinterState.HALTED,
}
_ENDS = {
    "FINISHED": JobState.FINISHED,
    "STOPPED": JobState.CANCELLED,
    "ERROR": JobState.FAILED,
}
_RUNS = frozenset({"PRINTING", "PAUSED", "ATTENTION"})


class PrusaLinkPrinter(ServedPrinter):
    """3D printer with PrusaLink.

    Asks it each second; files are sent to its USB drive or the server's own storage.
    """

    title = N_("3D printer with PrusaLink")
    discovery = (MdnsMatch(service="_prusalink._tcp.local."),)
    without = (
        Printer.filament, Printer.prompt, Printer.prompted, Printer.answer, Printer.light,
        Printer.speed, Printer.flow, Printer.fan, Printer.line_counts, Printer.home,
        Printer.move, Printer.heat, Printer.cool, Printer.load, Printer.unload, Printer.send,
        Printer.runout,
    )  # fmt: skip

    class Settings(ServerSettings):
        """Where the printer is, and how the hub signs in; both stand on the printer's screen."""

        user: str = Field("maker", max_length=100, title=N_("User name (most often maker)"))
        password: SecretStr | None = Field(None, title=N_("Password, where there is no API key"))
        policy: str = Field("prusa", pattern=r"^[a-z][a-z0-9-]{0,40}$", title=N_("G-code policy"))
        api_key: SecretStr | None = Field(None, title=N_("API key, where it wants one"))
        storage: str = Field(
            "",
            max_length=40,
            pattern=r"^[a-z0-9-]*$",
            title=N_("Storage for files (empty chooses)"),
        )

    settings: Settings

    _job_id: int | None = None
    _file = ""
    _state = ""

    async def _reach(self) -> None:
        s = self.settings
        key = s.api_key.get_secret_value() if s.api_key else ""
        password = s.password.get_secret_value() if s.password else ""
        self._place = Place(
            s,
            self.found,
            80,
            transports=self.transports,
            headers={"X-Api-Key": key} if key else {},
            credentials=Credentials(s.user, password) if password and not key else None,
        )
        version = await self._place.get("/api/version")
        self._version = text(version.get("text"))
        if not self._version.startswith(("PrusaLink", "OctoPrint")) or "api" not in version:
            raise WrongDevice(f"it says that it is {self._version!r}")
        info = await self._place.get("/api/v1/info")
        self._machine = text(info.get("hostname"), 100)
        self._storage = s.storage or await self._choose_storage()
        self._job_id, self._file = None, ""

    async def _choose_storage(self) -> str:
        places = (await self._place.get("/api/v1/storage")).get("storage_list")
        for one in map(table, places if isinstance(places, list) else []):
            read_only = one.get("read_only") or one.get("ro")
            path = text(one.get("path")).strip("/")
            if path and one.get("available", True) and not read_only:
                return path
        raise WrongDevice("it has no storage that takes files; is its USB drive in?")

    # What it says.

    async def _hear(self) -> AsyncIterator[Heard]:
        while True:
            said = await self._place.get("/api/v1/status")
            printer = table(said.get("printer"))
            job = table(said.get("job"))
            self._state = text(printer.get("state"), 40)
            await self._learn_job(job)
            yield self._understand(printer, job)
            await asyncio.sleep(ASK)

    async def _learn_job(self, job: Mapping[str, Any]) -> None:
        """Learn which file a job prints; it is asked once."""
        given = job.get("id")
        if not isinstance(given, int) or given == self._job_id:
            return
        status, found = await self._place.ask("GET", "/api/v1/job", also={404})
        file = table(table(found).get("file"))
        if status == 200 and table(found).get("id") == given:
            # On a FAT drive `name` is the short one, of eight letters.
            self._job_id = given
            self._file = text(file.get("display_name")) or text(file.get("name"))

    def _understand(self, printer: Mapping[str, Any], job: Mapping[str, Any]) -> Heard:
        running = None
        if self._state in _RUNS and self._file and job.get("id") == self._job_id:
            running = Running(
                self._file,
                paused=self._state == "PAUSED",
                fraction=number(job.get("progress")) / 100,
                printed=max(0.0, number(job.get("time_printing"))),
                height=length(printer.get("axis_z")),
            )
        nozzle = heater(printer, "temp_nozzle", "target_nozzle")
        where = Position(
            x=length(printer.get("axis_x")),
            y=length(printer.get("axis_y")),
            z=length(printer.get("axis_z")),
        )
        return Heard(
            _STATES.get(self._state, PrinterState.BUSY),
            Temperatures(
                tools=[nozzle] if nozzle else [],
                bed=heater(printer, "temp_bed", "target_bed"),
            ),
            running,
            position=where,
            trouble=text(table(printer.get("status_printer")).get("message")),
        )

    # What it is told.

    def _at(self, file: str) -> str:
        return f"/api/v1/files/{self._storage}/{in_path(file)}"

    async def _upload(self, name: str, path: Path, size: int) -> str:
        body = FileBody(path, size, "text/x.gcode", patience=PATIENCE)
        headers = {"Overwrite": "?1", "Print-After-Upload": "?0"}
        await self._place.ask("PUT", self._at(name), body, headers=headers)
        return name

    async def _size(self, file: str) -> int:
        _, found = await self._place.ask("GET", self._at(file), also={404})
        return int(number(table(found).get("size")))

    async def _start(self, file: str) -> None:
        await self._place.ask("POST", self._at(file))

    async def _ended(self, file: str) -> JobState | None:
        _, found = await self._place.ask("GET", "/api/v1/job", also={404})
        job = table(found)
        name = table(job.get("file")).get("display_name") or table(job.get("file")).get("name")
        if name == file:
            return _ENDS.get(text(job.get("state")))
        return _ENDS.get(self._state) if file == self._file else None

    async def _remove(self, file: str) -> None:
        await self._place.ask("DELETE", self._at(file), also={404, 409})

    async def _files(self) -> list[str]:
        path = f"/api/v1/files/{self._storage}/"
        _, found = await self._place.ask("GET", path, also={404})
        children = table(found).get("children")
        items = [table(one) for one in children] if isinstance(children, list) else []
        return [text(one.get("display_name")) or text(one.get("name")) for one in items]

    async def _command(self, what: str) -> None:
        if self._running is None or self._job_id is None:
            raise NotWhilePrinting("nothing is being printed")
        path = f"/api/v1/job/{self._job_id}"
        if what in ("cancel", "stop"):
            await self._place.ask("DELETE", path)
        else:
            await self._place.ask("PUT", f"{path}/{what}")

    @Printer.firmware.read
    async def _read_firmware(self) -> Firmware:
        return Firmware(name=self._version, machine=self._machine)
