"""Misbehaviour on command: a socket that takes a line of JSON and answers with one.

`{}` asks how the printer is; `{"faults": {"reset": true, "at": 40}}` has something go wrong,
`{"mend": true}` takes that back, `{"press": true}` presses the printer's button, `{"speed": 60}`
has its time go faster, `{"executed": true}` also asks for all that it has executed.
"""

import asyncio
import json
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from drivers.virtual.printer.faults import Faults
from drivers.virtual.printer.firmware import Firmware

MOST = 64 * 1024 * 1024


class Wish(BaseModel):
    """What is asked of the printer."""

    model_config = ConfigDict(extra="forbid")

    faults: Faults | None = None
    mend: bool = False
    press: bool = False
    restart: bool = False
    filament: bool | None = None
    speed: float | None = Field(None, gt=0, le=10_000, allow_inf_nan=False)
    executed: bool = False


def grant(wish: Wish, firmware: Firmware, executed: list[tuple[int | None, str]]) -> dict[str, Any]:
    """Do what is asked; return how the printer is then."""
    if wish.mend:
        firmware.mend()
    if wish.speed is not None:
        firmware.speed = wish.speed
    if wish.filament is not None:
        firmware.machine.filament = wish.filament
    if wish.press:
        firmware.press()
    if wish.restart:
        firmware.restart()
    if wish.faults is not None:
        firmware.misbehave(wish.faults)
    machine = firmware.machine
    told: dict[str, Any] = {
        "count": firmware.count,
        "killed": firmware.killed,
        "waiting": firmware.waiting,
        "at": [round(value, 3) for value in machine.planner.at],
        "nozzle": [round(machine.nozzle.actual, 1), machine.nozzle.target],
        "bed": [round(machine.bed.actual, 1), machine.bed.target],
        "fan": machine.fan,
        "filament": machine.filament,
        "speed": firmware.speed,
    }
    if wish.executed:
        told["executed"] = executed
    return told


async def ask(path: str | Path, **wish: Any) -> dict[str, Any]:
    """Ask the printer whose control socket is at `path` (for tests)."""
    reader, writer = await asyncio.open_unix_connection(path, limit=MOST)
    try:
        writer.write(json.dumps(wish).encode() + b"\n")
        async with asyncio.timeout(10):
            answer: dict[str, Any] = json.loads(await reader.readline())
    finally:
        writer.close()
    if "problem" in answer:
        raise ValueError(answer["problem"])
    return answer
