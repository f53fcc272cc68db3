"""What slicers are told about the printer: enough for them to send, nothing about other people.

Whose part a printer is making is nobody's business here: jobs and files of others are not named.
"""

from collections.abc import Mapping
from typing import Any

from hub.plugin import DeviceHandle

VERSION = "1.11.0"
"""The version of OctoPrint's API that is spoken."""

Readings = Mapping[str, Any]


def readings(printer: DeviceHandle | None) -> Readings:
    """Return what a printer said last, nothing where it is not there or none is meant."""
    if printer is None or not printer.state.reachable:
        return {}
    return {name: reading.value for name, reading in printer.readings.items()}


def version() -> dict[str, Any]:
    """Return what slicers look at first: OctoPrint's word, and that files may come by PUT."""
    return {
        "api": "0.1",
        "server": VERSION,
        "text": f"OctoPrint {VERSION} (classroom hub)",
        "hostname": "classroom-hub",
        "capabilities": {"upload-by-put": True},
    }


def printer(said: Readings) -> dict[str, Any]:
    """Return OctoPrint's `printer`: state and temperatures."""
    doing = said.get("state", "idle")
    busy = doing in ("printing", "paused", "attention")
    flags = {
        "operational": True,
        "ready": not busy,
        "printing": busy and doing != "paused",
        "paused": doing == "paused",
        "pausing": False,
        "resuming": False,
        "cancelling": False,
        "finishing": False,
        "sdReady": False,
        "error": doing == "halted",
        "closedOrError": doing == "halted",
    }
    words = {"printing": "Printing", "attention": "Printing", "paused": "Paused", "halted": "Error"}
    return {
        "state": {"text": words.get(doing, "Operational"), "flags": flags, "error": ""},
        "temperature": _temperatures(said.get("temperatures") or {}),
        "sd": {"ready": False},
    }


def _temperatures(warm: Mapping[str, Any]) -> dict[str, Any]:
    heaters = {f"tool{n}": heater for n, heater in enumerate(warm.get("tools") or ())}
    heaters |= {part: warm[part] for part in ("bed", "chamber") if warm.get(part)}
    return {name: {**heater, "offset": 0} for name, heater in heaters.items()}


def job(said: Readings) -> dict[str, Any]:
    """Return OctoPrint's `job`: how far the printer is, and of no named file."""
    progress = said.get("progress") or {}
    runs = progress.get("state") in ("printing", "paused")
    none = {"name": None, "path": None, "origin": None, "size": None, "date": None}
    return {
        "job": {
            "file": none,
            "estimatedPrintTime": None,
            "lastPrintTime": None,
            "filament": {"length": None, "volume": None},
            "user": None,
        },
        "progress": {
            "completion": round(100 * progress.get("fraction", 0.0), 2) if runs else None,
            "filepos": None,
            "printTime": int(progress.get("printed", 0)) if runs else None,
            "printTimeLeft": None,
            "printTimeLeftOrigin": None,
        },
        "state": printer(said)["state"]["text"],
    }


def settings(name: str) -> dict[str, Any]:
    """Return OctoPrint's `settings`, as far as slicers look: no SD card, no camera of its own."""
    return {
        "api": {"allowCrossOrigin": False},
        "appearance": {"name": name, "color": "default"},
        "feature": {"sdSupport": False, "temperatureGraph": True},
        "folder": {},
        "plugins": {},
        "serial": {},
        "temperature": {"profiles": []},
        "webcam": {"webcamEnabled": False, "streamUrl": "", "snapshotUrl": ""},
    }


def profiles(name: str, said: Readings) -> dict[str, Any]:
    """Return OctoPrint's `printerprofiles`: the one printer."""
    volume = said.get("volume") or {"x": 220.0, "y": 220.0, "z": 250.0}
    axis = {"speed": 6000, "inverted": False}
    profile = {
        "id": "_default",
        "name": name,
        "model": name,
        "color": "default",
        "current": True,
        "default": True,
        "heatedBed": True,
        "heatedChamber": False,
        "axes": {"x": axis, "y": axis, "z": {**axis, "speed": 200}, "e": {**axis, "speed": 300}},
        "extruder": {
            "count": max(1, len(said.get("materials") or ())),
            "nozzleDiameter": said.get("nozzle") or 0.4,
            "offsets": [[0.0, 0.0]],
            "sharedNozzle": False,
        },
        "volume": {
            "formFactor": "rectangular",
            "origin": "lowerleft",
            "width": volume["x"],
            "depth": volume["y"],
            "height": volume["z"],
            "custom_box": False,
        },
    }
    return {"profiles": {"_default": profile}}


def info(name: str, said: Readings) -> dict[str, Any]:
    """Return PrusaLink's `info`."""
    return {
        "name": name,
        "location": "",
        "hostname": "classroom-hub",
        "nozzle_diameter": said.get("nozzle") or 0.4,
        "mmu": False,
        "min_extrusion_temp": 170,
    }


def status(said: Readings) -> dict[str, Any]:
    """Return PrusaLink's `status`: state and temperatures, and of no named job."""
    states = {"printing": "PRINTING", "paused": "PAUSED", "attention": "ATTENTION"}
    states |= {"busy": "BUSY", "halted": "ERROR"}
    warm = said.get("temperatures") or {}
    tool: Mapping[str, Any] = next(iter(warm.get("tools") or ()), {})
    bed: Mapping[str, Any] = warm.get("bed") or {}
    return {
        "storage": {"path": STORAGE, "name": "classroom hub", "read_only": False},
        "printer": {
            "state": states.get(said.get("state", ""), "IDLE"),
            "temp_nozzle": tool.get("actual", 0.0),
            "target_nozzle": tool.get("target", 0.0),
            "temp_bed": bed.get("actual", 0.0),
            "target_bed": bed.get("target", 0.0),
        },
    }


STORAGE = "/local"


def storages() -> dict[str, Any]:
    """Return PrusaLink's `storage`: one place for files, which is the hub."""
    place = {
        "name": "classroom hub",
        "type": "LOCAL",
        "path": STORAGE,
        "read_only": False,
        "available": True,
    }
    return {"storage_list": [place]}
