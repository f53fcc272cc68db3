"""Klipper's side of Moonraker: a printer that answers on Klipper's UNIX socket.

Protocol: https://www.klipper3d.org/API_Server.html (JSON, each message ended by 0x03); objects:
https://www.klipper3d.org/Status_Reference.html. It prints a file line by line at the speed it is
given, and knows pause, resume, cancel and emergency stop.
"""

import asyncio
import contextlib
import json
import os
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

END = b"\x03"


class Klippy:
    """One printer.

    Args:
        files: where Moonraker keeps its files.
        lines_a_second: how fast it prints.
    """

    def __init__(self, files: Path, lines_a_second: float = 100.0) -> None:
        self.files = files
        self.speed = lines_a_second
        self.state = "ready"
        self.said: list[str] = []
        self.objects: dict[str, dict[str, Any]] = {
            "webhooks": {"state": "ready", "state_message": "Printer is ready"},
            "print_stats": {
                "state": "standby", "filename": "", "print_duration": 0.0, "total_duration": 0.0,
                "filament_used": 0.0, "message": "", "info": {"total_layer": None, "current_layer": None},
            },
            "virtual_sdcard": {"progress": 0.0, "file_position": 0, "is_active": False, "file_path": None},
            "pause_resume": {"is_paused": False},
            "display_status": {"progress": 0.0, "message": None},
            "idle_timeout": {"state": "Idle", "printing_time": 0.0},
            "gcode_move": {"speed_factor": 1.0, "extrude_factor": 1.0, "gcode_position": [0.0] * 4},
            "toolhead": {"position": [0.0] * 4, "homed_axes": ""},
            "extruder": {"temperature": 24.5, "target": 0.0},
            "heater_bed": {"temperature": 23.5, "target": 0.0},
            "fan": {"speed": 0.0},
            "configfile": {"config": {"virtual_sdcard": {"path": str(files)}}, "settings": {}},
        }  # fmt: skip
        self._writers: dict[asyncio.StreamWriter, set[str]] = {}
        self._print: asyncio.Task[None] | None = None
        self._going = asyncio.Event()

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one client."""
        self._writers[writer] = set()
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                asked = json.loads((await reader.readuntil(END))[:-1])
                answer: dict[str, Any] = {"id": asked.get("id")}
                try:
                    answer["result"] = await self._answer(
                        asked["method"], asked.get("params") or {}, writer
                    )
                except ValueError as error:
                    answer["error"] = {"error": "CommandError", "message": str(error)}
                writer.write(json.dumps(answer).encode() + END)
        self._writers.pop(writer, None)
        writer.close()

    async def _answer(
        self, method: str, params: dict[str, Any], writer: asyncio.StreamWriter
    ) -> Any:
        if method == "info":
            return {
                "state": self.state, "state_message": self.objects["webhooks"]["state_message"],
                "hostname": "klippy", "software_version": "v0.13.0-test", "klipper_path": "/none",
                "python_path": "/none", "log_file": "", "config_file": "", "cpu_info": "",
                "process_id": os.getpid(), "user_id": 0, "group_id": 0,
            }  # fmt: skip
        if method == "list_endpoints":
            return {"endpoints": ["info", "emergency_stop", "gcode/script", "gcode/restart",
                                  "objects/list", "objects/query", "objects/subscribe",
                                  "pause_resume/pause", "pause_resume/resume", "pause_resume/cancel"]}  # fmt: skip
        if method == "objects/list":
            return {"objects": list(self.objects)}
        if method in ("objects/query", "objects/subscribe"):
            wanted = [name for name in params["objects"] if name in self.objects]
            if method == "objects/subscribe":
                self._writers[writer] = set(wanted)
            return {
                "eventtime": self._now(),
                "status": {name: self.objects[name] for name in wanted},
            }
        if method == "gcode/script":
            await self._script(params["script"])
        elif method == "emergency_stop":
            self._shut_down("Shutdown due to webhooks request")
        elif method.startswith("pause_resume/"):
            self._steer(method.partition("/")[2])
        return {}

    async def _script(self, script: str) -> None:
        if self.state != "ready":
            raise ValueError("Printer is not ready")
        for line in script.splitlines():
            self.said.append(line)
            if found := re.match(r'SDCARD_PRINT_FILE FILENAME="(.*)"', line):
                self._begin(found[1])
            elif found := re.match(r"M(104|140)\b.*?S([\d.]+)", line):
                self._set("extruder" if found[1] == "104" else "heater_bed", target=float(found[2]))
            elif found := re.match(r"M(220|221) S(\d+)", line):
                key = "speed_factor" if found[1] == "220" else "extrude_factor"
                self._set("gcode_move", **{key: int(found[2]) / 100})
            elif line == "M112":
                self._shut_down("Shutdown due to M112 command")

    def _begin(self, name: str) -> None:
        if self.objects["virtual_sdcard"]["is_active"]:
            raise ValueError("SD busy")
        path = self.files / name
        if not path.is_file():
            raise ValueError("Unable to open file")
        self._going.set()
        self._set(
            "print_stats",
            state="printing",
            filename=name,
            print_duration=0.0,
            filament_used=0.0,
            message="",
        )
        self._set(
            "virtual_sdcard", is_active=True, progress=0.0, file_position=0, file_path=str(path)
        )
        self._print = asyncio.create_task(self._run(path), name="klippy print")

    async def _run(self, path: Path) -> None:
        data = path.read_bytes()
        at = 0
        for count, line in enumerate(data.splitlines(keepends=True)):
            await self._going.wait()
            at += len(line)
            if found := re.match(rb"G1 X([\d.]+) Y([\d.]+) E([\d.]+)", line):
                z = self.objects["gcode_move"]["gcode_position"][2]
                self._set("gcode_move", gcode_position=[float(found[1]), float(found[2]), z, 0.0])
                used = self.objects["print_stats"]["filament_used"] + float(found[3])
                self._set("print_stats", filament_used=used, print_duration=count / self.speed)
            if line.startswith(b"; KLIPPY: ERROR"):
                self._end("error", message="Unknown command")
                return
            self._set("virtual_sdcard", progress=at / len(data), file_position=at)
            await asyncio.sleep(1 / self.speed)
        self._end("complete")

    def _end(self, state: str, **more: Any) -> None:
        self._set("virtual_sdcard", is_active=False)
        self._set("pause_resume", is_paused=False)
        self._set("print_stats", state=state, **more)

    def _steer(self, what: str) -> None:
        if what == "pause":
            self._going.clear()
            self._set("pause_resume", is_paused=True)
            self._set("print_stats", state="paused")
        elif what == "resume":
            self._going.set()
            self._set("pause_resume", is_paused=False)
            self._set("print_stats", state="printing")
        elif self._print is not None:
            self._print.cancel()
            self._end("cancelled")

    def _shut_down(self, why: str) -> None:
        if self._print is not None:
            self._print.cancel()
        self.state = "shutdown"
        self._set("webhooks", state="shutdown", state_message=why)

    def _set(self, name: str, **fields: Any) -> None:
        changed = {k: v for k, v in fields.items() if self.objects[name].get(k) != v}
        self.objects[name].update(changed)
        if not changed:
            return
        told = {
            "method": "process_status_update",
            "params": {"eventtime": self._now(), "status": {name: changed}},
        }
        for writer, wanted in self._writers.items():
            if name in wanted:
                writer.write(json.dumps(told).encode() + END)

    def _now(self) -> float:
        return asyncio.get_running_loop().time()

    async def stop(self) -> None:
        """Be gone, as when Klipper is stopped."""
        if self._print is not None:
            self._print.cancel()
            await asyncio.wait({self._print})
        for writer in list(self._writers):
            writer.close()


@contextlib.asynccontextmanager
async def klippy(socket: Path, files: Path, **options: Any) -> AsyncIterator[Klippy]:
    """Serve a printer on a UNIX socket."""
    printer = Klippy(files, **options)
    server = await asyncio.start_unix_server(printer.talk, str(socket), limit=1 << 20)
    try:
        yield printer
    finally:
        server.close()
        await printer.stop()
        await server.wait_closed()
